//! `/staff/invitation`, `/staff/invitation/{provider}`, `/staff/passkey`: how somebody becomes a staff
//! member who holds an invitation, whole or in halves: with a passkey or an account of a provider.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use serde::Deserialize;
use service::providers::Audience;
use service::{Invitation, NewPasskey, ServiceError};

use super::providers::{ATTEMPT_COOKIE, ProviderLink, links, refused, sign_in};
use super::staff::{bytes, welcome};
use super::step_up::Place;
use super::{Frame, page};
use crate::App;
use crate::cookie;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::InPath;

/// An invitation, as somebody pasted it: one piece, or two halves in either order.
#[derive(Clone, Default, Deserialize)]
pub(super) struct InvitationForm {
    invitation: String,
    #[serde(default)]
    second: String,
}

/// A new passkey, each value in hexadecimal digits.
#[derive(Deserialize)]
pub(super) struct NewPasskeyForm {
    #[serde(flatten)]
    invitation: InvitationForm,
    credential: String,
    client_data: String,
    authenticator_data: String,
    public_key: String,
}

#[derive(Template)]
#[template(path = "staff_invitation.html")]
struct InvitationPage {
    frame: Frame,
    /// The name of the text that says why not.
    refusal: Option<&'static str>,
    asked: Option<Asked>,
}

/// What somebody with an invitation is asked.
struct Asked {
    invitation: InvitationForm,
    name: String,
    /// What a new passkey is asked; `None` where there are none.
    question: Option<Question>,
    providers: Vec<ProviderLink>,
}

/// What a new passkey is asked, and for which account.
struct Question {
    challenge: String,
    site: String,
    account: String,
}

#[derive(Template)]
#[template(path = "provider_leave.html")]
struct LeavePage {
    frame: Frame,
    name: String,
    /// Where the provider is.
    address: String,
}

/// Asks for the invitation.
pub(super) async fn show(frame: Frame) -> Result<Response, Problem> {
    page(&InvitationPage {
        frame,
        refusal: None,
        asked: None,
    })
}

/// Asks the holder of an invitation how they are to sign in from now on.
pub(super) async fn ask(
    State(app): State<App>,
    frame: Frame,
    SameOriginForm(form): SameOriginForm<InvitationForm>,
) -> Result<Response, Problem> {
    let staff = &app.service.staff;
    let asked = async {
        let invitation = form.read()?;
        let name = staff.invited_name(&invitation).await?;
        let question = match staff.ask_new_passkey(&invitation).await {
            Ok(question) => question.account.map(|(account, _)| Question {
                challenge: question.challenge,
                site: question.site,
                account: account.to_string(),
            }),
            Err(ServiceError::NoPasskeys) => None,
            Err(error) => return Err(error),
        };
        let providers = links(&app, &frame, Audience::Staff);
        if question.is_none() && providers.is_empty() {
            return Err(ServiceError::NoPasskeys);
        }
        Ok::<_, ServiceError>(Asked {
            invitation: form.clone(),
            name,
            question,
            providers,
        })
    };
    match asked.await {
        Ok(asked) => page(&InvitationPage {
            refusal: None,
            asked: Some(asked),
            frame,
        }),
        Err(error) => not_taken(frame, error),
    }
}

/// Takes up an invitation with a new passkey.
pub(super) async fn register(
    State(app): State<App>,
    frame: Frame,
    SameOriginForm(form): SameOriginForm<NewPasskeyForm>,
) -> Result<Response, Problem> {
    let registered = async {
        let invitation = form.invitation.read()?;
        let new = form.read().ok_or(ServiceError::NotAuthenticated)?;
        app.service.staff.register_passkey(&invitation, new).await
    };
    match registered.await {
        Ok(session) => Ok(welcome(&app, &session, Place::Desk)),
        Err(error) => not_taken(frame, error),
    }
}

/// Sends the holder of an invitation to a provider, to take it up with an account there. By a link:
/// a browser does not follow a form to another site.
pub(super) async fn leave(
    State(app): State<App>,
    frame: Frame,
    InPath(key): InPath<String>,
    SameOriginForm(form): SameOriginForm<InvitationForm>,
) -> Result<Response, Problem> {
    let providers = &sign_in(&app)?.providers;
    let provider = providers.settings(&key).map_err(|_| Problem::not_found())?;
    if provider.audience() != Audience::Staff {
        return Err(Problem::not_found());
    }
    let known = async {
        let invitation = form.read()?;
        app.service.staff.invited_name(&invitation).await?;
        Ok::<_, ServiceError>(invitation)
    };
    let invitation = match known.await {
        Ok(invitation) => invitation,
        Err(error) => return not_taken(frame, error),
    };
    let departure = match providers.begin_joining(&key, invitation).await {
        Ok(departure) => departure,
        Err(error) => return refused(frame, key, error.into()),
    };
    let mut response = page(&LeavePage {
        name: provider.name(frame.language.tag()).to_owned(),
        address: departure.address,
        frame,
    })?;
    let secure = app.settings.secure_cookies;
    let kept = cookie::set_for_a_return(ATTEMPT_COOKIE, &departure.attempt, secure);
    if let Some(kept) = kept {
        response.headers_mut().append(header::SET_COOKIE, kept);
    }
    Ok(response)
}

fn not_taken(frame: Frame, error: ServiceError) -> Result<Response, Problem> {
    let refusal = match error {
        ServiceError::NotAuthenticated => "staff-bad-invitation",
        ServiceError::NameTaken => "staff-same-name",
        error => return Err(error.into()),
    };
    page(&InvitationPage {
        frame,
        refusal: Some(refusal),
        asked: None,
    })
}

impl InvitationForm {
    fn read(&self) -> Result<Invitation, ServiceError> {
        let token = |text: &str| {
            let parsed = text.trim().parse();
            parsed.map_err(|_| ServiceError::NotAuthenticated)
        };
        let first = token(&self.invitation)?;
        if self.second.trim().is_empty() {
            return Ok(Invitation::Whole(first));
        }
        Ok(Invitation::Halves(first, token(&self.second)?))
    }
}

impl NewPasskeyForm {
    fn read(&self) -> Option<NewPasskey> {
        Some(NewPasskey {
            credential: bytes(&self.credential)?,
            client_data: bytes(&self.client_data)?,
            authenticator_data: bytes(&self.authenticator_data)?,
            public_key: bytes(&self.public_key)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::City;

    #[test]
    fn the_pages_render_in_every_language() {
        for frame in frames() {
            for has_passkeys in [true, false] {
                let question = Question {
                    challenge: "0".repeat(64),
                    site: "code.example".to_owned(),
                    account: "0".repeat(32),
                };
                let asked = Asked {
                    invitation: InvitationForm {
                        invitation: "1".repeat(64),
                        second: "2".repeat(64),
                    },
                    name: "Dr Ou".to_owned(),
                    question: has_passkeys.then_some(question),
                    providers: vec![ProviderLink {
                        key: "office".to_owned(),
                        name: "<b>".to_owned(),
                    }],
                };
                let html = assert_sound(
                    &frame,
                    &InvitationPage {
                        frame: frame.clone(),
                        refusal: None,
                        asked: Some(asked),
                    },
                );
                assert_eq!(html.contains("data-challenge"), has_passkeys);
                assert!(html.contains("/staff/invitation/office") && !html.contains("<b>"));
            }
            for refusal in [None, Some("staff-bad-invitation"), Some("staff-same-name")] {
                let frame = frame.clone();
                assert_sound(
                    &frame.clone(),
                    &InvitationPage {
                        frame,
                        refusal,
                        asked: None,
                    },
                );
            }
            let leaving = LeavePage {
                frame: frame.clone(),
                name: "<b>".to_owned(),
                address: "//login.example/?a=b&c=\"d".to_owned(),
            };
            assert!(!assert_sound(&frame, &leaving).contains("<b>"));
        }
    }

    #[tokio::test]
    async fn an_invitation_that_does_not_read_or_work_is_refused() {
        let city = City::start().await;
        let zeros = "0".repeat(64);
        for form in [
            "invitation=nonsense".to_owned(),
            format!("invitation={zeros}"),
            format!("invitation={zeros}&second={zeros}"),
            format!("invitation={zeros}&second=nonsense"),
        ] {
            let answer = city.post("/staff/invitation?lang=en").form(&form).await;
            assert!(answer.text.contains("does not work"), "{answer:?}");
        }
    }
}
