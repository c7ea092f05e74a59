//! `/sign-in/{provider}`: what is asked of an identity provider, the way there and the way back.
//!
//! No address holds where to go afterwards, so none can be made to lead elsewhere: a resident comes
//! to their code, a staff member to the desk.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use service::providers::{
    Arrival, Audience, Callback, Entrance, Proven, Purpose, SignInError, TokenFault, Unreachable,
};

use super::{Frame, go_to, page};
use crate::App;
use crate::cookie;
use crate::principal::{browser, resident_cookie, staff_cookie};
use crate::problem::{Problem, ProblemType};
use crate::same_origin::is_followed_from_here;
use crate::settings::SignIn;
use crate::wire::InPath;

#[derive(Template)]
#[template(path = "provider.html")]
struct ProviderPage {
    frame: Frame,
    key: String,
    name: String,
    is_for_residents: bool,
}

#[derive(Template)]
#[template(path = "provider_done.html")]
struct DonePage {
    frame: Frame,
    /// Where the person goes on.
    next: &'static str,
}

#[derive(Template)]
#[template(path = "provider_refused.html")]
struct RefusedPage {
    frame: Frame,
    key: String,
    /// The name of the text that says why.
    text: &'static str,
}

/// Why nobody is signed in.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    /// The provider's answer does not do, or there is none.
    SignIn(SignInError),
    /// The provider's answer does, and no account here is bound to it.
    NobodyBound,
    /// Another account here is bound to the document.
    BoundElsewhere,
    /// The account of the provider opens another staff account.
    OpensAnother,
}

impl From<SignInError> for Refusal {
    fn from(error: SignInError) -> Self {
        Self::SignIn(error)
    }
}

/// The way to a provider, for a page that offers it.
pub(super) struct ProviderLink {
    pub(super) key: String,
    pub(super) name: String,
}

/// The providers with which `audience` may sign in.
pub(super) fn links(app: &App, frame: &Frame, audience: Audience) -> Vec<ProviderLink> {
    let Some(sign_in) = &app.settings.sign_in else {
        return Vec::new();
    };
    let providers = sign_in.providers.of(audience);
    let links = providers.map(|provider| ProviderLink {
        key: provider.key().to_owned(),
        name: provider.name(frame.language.tag()).to_owned(),
    });
    links.collect()
}

/// Says what will be asked, and asks whether to go on.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    InPath(key): InPath<String>,
) -> Result<Response, Problem> {
    let provider = sign_in(&app)?.providers.settings(&key);
    let provider = provider.map_err(|_| Problem::not_found())?;
    page(&ProviderPage {
        name: provider.name(frame.language.tag()).to_owned(),
        is_for_residents: provider.audience() == Audience::Residents,
        frame,
        key,
    })
}

/// Sends the browser to the provider to sign somebody in. Only from our own page, so that no other
/// site can have it done.
pub(super) async fn start(
    State(app): State<App>,
    frame: Frame,
    InPath(key): InPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    send(&app, frame, key, Purpose::SignIn, &headers).await
}

/// Sends the browser of a staff member to the provider, to have the account there bound to theirs.
pub(super) async fn bind(
    State(app): State<App>,
    frame: Frame,
    InPath(key): InPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    send(&app, frame, key, Purpose::Bind, &headers).await
}

async fn send(
    app: &App,
    frame: Frame,
    key: String,
    purpose: Purpose,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let providers = &sign_in(app)?.providers;
    let provider = providers.settings(&key).map_err(|_| Problem::not_found())?;
    if purpose == Purpose::Bind && provider.audience() != Audience::Staff {
        return Err(Problem::not_found());
    }
    if !is_followed_from_here(headers) {
        return Ok(go_to(&format!("/sign-in/{}", provider.key()), None));
    }
    let secure = app.settings.secure_cookies;
    let held = match provider.audience() {
        Audience::Residents => cookie::value(headers, resident_cookie(&app.settings)),
        Audience::Staff => cookie::value(headers, staff_cookie(&app.settings)),
    };
    let here = held.and_then(|text| text.parse().ok());
    match providers.begin(&key, purpose, here).await {
        Ok(departure) => {
            let cookie = cookie::set_for_a_return(ATTEMPT_COOKIE, &departure.attempt, secure);
            let mut response = go_to(&departure.address, cookie);
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, NO_STORE);
            Ok(response)
        }
        Err(error) => refused(frame, key, Refusal::SignIn(error)),
    }
}

/// Takes the browser back: signs the person in, or says why not. Either way the attempt is over.
pub(super) async fn callback(
    State(app): State<App>,
    frame: Frame,
    InPath(key): InPath<String>,
    headers: HeaderMap,
    callback: Result<Query<Callback>, QueryRejection>,
) -> Result<Response, Problem> {
    let SignIn { providers, doors } = sign_in(&app)?;
    providers.settings(&key).map_err(|_| Problem::not_found())?;
    let Query(callback) = callback.map_err(|_| unreadable())?;
    let secure = app.settings.secure_cookies;
    let attempt = cookie::value_for_a_return(&headers, ATTEMPT_COOKIE, secure);
    let Arrival { proven, here } = match providers.finish(&key, attempt, callback).await {
        Ok(arrival) => arrival,
        Err(error) => return refused(frame, key, Refusal::SignIn(error)),
    };
    let (entrance, audience) = match proven {
        Proven::Resident(identity) => {
            let (label, language) = (browser(&headers), frame.language.tag());
            let entrance = doors.resident_proven(identity, here, label, language);
            let entrance = entrance.await?;
            (entrance, Audience::Residents)
        }
        Proven::Staff(subject) => {
            let entrance = doors.staff_proven(subject, here).await?;
            (entrance, Audience::Staff)
        }
        Proven::ToJoin(subject, invitation) => {
            let entrance = doors.staff_joins(subject, invitation).await?;
            (entrance, Audience::Staff)
        }
        Proven::ToBind(subject) => {
            let entrance = doors.staff_bound(subject, here).await?;
            (entrance, Audience::Staff)
        }
    };
    let session = match entrance {
        Entrance::Open(session) => session,
        Entrance::NobodyBound => return refused(frame, key, Refusal::NobodyBound),
        Entrance::BoundElsewhere => {
            let refusal = match audience {
                Audience::Residents => Refusal::BoundElsewhere,
                Audience::Staff => Refusal::OpensAnother,
            };
            return refused(frame, key, refusal);
        }
    };
    let (next, session) = match audience {
        Audience::Residents => ("/me", cookie::set_session(&app.settings, &session)),
        Audience::Staff => {
            let name = staff_cookie(&app.settings);
            let cookie = cookie::set_for_a_shift(name, &session.expose(), secure);
            ("/officer", cookie)
        }
    };
    // The browser came from another site: it would not send the session along if it were sent on by
    // a redirect, but it does from a page of ours.
    let mut response = page(&DonePage { frame, next })?;
    let over = cookie::forget_return(ATTEMPT_COOKIE, secure);
    for cookie in [session, over].into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The cookie that binds a browser to the sign-in that it began.
pub(crate) const ATTEMPT_COOKIE: &str = "sign-in";
const NO_STORE: header::HeaderValue = header::HeaderValue::from_static("no-store");

pub(super) fn sign_in(app: &App) -> Result<&SignIn, Problem> {
    app.settings.sign_in.as_ref().ok_or_else(Problem::not_found)
}

fn unreadable() -> Problem {
    Problem::new(
        ProblemType::Unreadable,
        "The answer of the provider cannot be read.",
    )
}

pub(super) fn refused(frame: Frame, key: String, refusal: Refusal) -> Result<Response, Problem> {
    let (text, status) = (refusal.text(), refusal.status());
    let mut response = page(&RefusedPage { frame, key, text })?;
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = header::HeaderValue::from_static("30");
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    Ok(response)
}

impl Refusal {
    const fn text(self) -> &'static str {
        use SignInError as E;
        match self {
            Self::NobodyBound => "provider-nobody-bound",
            Self::BoundElsewhere => "provider-bound-elsewhere",
            Self::OpensAnother => "provider-opens-another",
            Self::SignIn(error) => match error {
                E::UnknownProvider | E::NotBegunHere | E::UsedBefore | E::CodeRefused => {
                    "provider-begin-again"
                }
                E::MixedUp | E::Token(TokenFault::Nonce) => "provider-mixed-up",
                E::TooLate => "provider-too-late",
                E::Declined => "provider-declined",
                E::NotProven => "provider-not-proven",
                E::Claims(_) => "provider-says-too-little",
                E::Token(_) | E::Misconfigured(_) => "provider-fault",
                E::Unreachable(Unreachable::Busy) => "provider-busy",
                E::Unreachable(_) => "provider-unreachable",
            },
        }
    }

    const fn status(self) -> StatusCode {
        use SignInError as E;
        match self {
            Self::BoundElsewhere | Self::OpensAnother => StatusCode::CONFLICT,
            Self::NobodyBound | Self::SignIn(E::Declined | E::NotProven) => StatusCode::FORBIDDEN,
            Self::SignIn(E::UnknownProvider) => StatusCode::NOT_FOUND,
            Self::SignIn(E::Claims(_) | E::Token(_) | E::Misconfigured(_)) => {
                StatusCode::BAD_GATEWAY
            }
            Self::SignIn(E::Unreachable(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignIn(
                E::NotBegunHere | E::TooLate | E::UsedBefore | E::MixedUp | E::CodeRefused,
            ) => StatusCode::BAD_REQUEST,
        }
    }
}

#[cfg(test)]
mod tests;
