//! `/me/prove-phone`: proving one's phone with a one-time code.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use service::ServiceError;

use super::form_errors::{FormError, FormErrors};
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::rates::ClientKey;
use crate::same_origin::SameOriginForm;

/// A code as typed, with what it answers.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    pub(super) challenge: String,
    pub(super) code: String,
}

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage {
    frame: Frame,
    /// The code that is on its way.
    challenge: Option<String>,
    errors: FormErrors,
}

pub(super) const WRONG_CODE: FormError = FormError::at("code", "phone-wrong-code");
pub(super) const TOO_MANY_CODES: FormError = FormError::of_all("phone-too-many");
pub(super) const NOT_SENT: FormError = FormError::of_all("phone-not-sent");
pub(super) const NO_PHONE: FormError = FormError::of_all("phone-none");

/// Offers to send a code.
pub(super) async fn show(frame: Frame, _: ResidentSession) -> Result<Response, Problem> {
    page(&PhonePage {
        frame,
        challenge: None,
        errors: FormErrors::default(),
    })
}

/// Sends a code and asks for it.
pub(super) async fn send(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    client: ClientKey,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    let accounts = &app.service.accounts;
    let sent = accounts.send_phone_code(&resident, client.asked_from(), frame.language.tag());
    let (challenge, errors) = match sent.await {
        Ok(challenge) => (Some(challenge.to_string()), FormErrors::default()),
        Err(ServiceError::TooManyCodes { .. }) => (None, TOO_MANY_CODES.into()),
        Err(ServiceError::CodeNotSent(_)) => (None, NOT_SENT.into()),
        Err(ServiceError::NoPhone) => (None, NO_PHONE.into()),
        Err(error) => return Err(error.into()),
    };
    page(&PhonePage {
        frame,
        challenge,
        errors,
    })
}

/// Takes the code; then the person says how they are.
pub(super) async fn prove(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(form): SameOriginForm<CodeForm>,
) -> Result<Response, Problem> {
    let accounts = &app.service.accounts;
    let proven = match form.challenge.parse() {
        Ok(challenge) => accounts.prove_phone(&resident, challenge, &form.code).await,
        Err(_) => Err(ServiceError::WrongCode),
    };
    match proven {
        Ok(_) => Ok(go_to("/declare", None)),
        Err(ServiceError::WrongCode) => page(&PhonePage {
            frame,
            challenge: Some(form.challenge),
            errors: WRONG_CODE.into(),
        }),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language_with_every_error() {
        for frame in frames() {
            let render = |challenge: Option<String>, errors: FormErrors| {
                let frame = frame.clone();
                let page = PhonePage {
                    frame: frame.clone(),
                    challenge,
                    errors,
                };
                assert!(!assert_sound(&frame, &page).contains("\"><b>"));
            };
            let asked = Some("\"><b>".to_owned());
            for errors in [
                FormErrors::default(),
                TOO_MANY_CODES.into(),
                NOT_SENT.into(),
                NO_PHONE.into(),
            ] {
                render(None, errors.clone());
                render(asked.clone(), errors);
            }
            render(asked, WRONG_CODE.into());
        }
    }

    #[tokio::test]
    async fn a_resident_asks_for_a_code_and_proves_the_phone() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let post = |address: &str, form: &str| {
            let ask = city.post(address).cookie(RESIDENT_COOKIE, &ming.session);
            ask.form(form).into_future()
        };
        let sent = post("/me/prove-phone/send?lang=en", "").await;
        let challenge = sent
            .text
            .split("name=\"challenge\" value=\"")
            .nth(1)
            .unwrap();
        let challenge = &challenge[..32];
        let wrong = post(
            "/me/prove-phone?lang=en",
            &format!("challenge={challenge}&code=x"),
        )
        .await;
        assert!(
            wrong.text.contains("wrong or has run out"),
            "{}",
            wrong.text
        );
        let form = format!("challenge={challenge}&code={}", city.last_code());
        let proven = post("/me/prove-phone", &form).await;
        assert_eq!(proven.status, 303, "{proven:?}");
        let again = post("/me/prove-phone/send?lang=en", "").await;
        assert!(again.text.contains("several codes lately"));
        let security = city
            .get("/me/security?lang=en")
            .cookie(RESIDENT_COOKIE, &ming.session)
            .await;
        assert!(
            security.text.contains("Your phone is proven"),
            "{}",
            security.text
        );
    }
}
