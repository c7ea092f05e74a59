//! The gate: a handler that takes one of these cannot forget to ask who is there.
//!
//! | extractor | read from | without it the answer is |
//! |---|---|---|
//! | [`Resident`] | `Authorization: Bearer …` | 401 |
//! | [`CommunityOfficial`] | `Authorization: Bearer …` | 401 |
//! | [`Official`], [`HealthOfficial`], [`GroupOfficial`] | `Authorization: Bearer …` | 401 |
//! | [`ResidentSession`] | cookie `__Host-session`; `session` on loopback without TLS | the way to the first page |
//! | [`OfficerSession`] | cookie `officer`; the demonstration has one officer, always signed in | the way to the sign-in page |

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use service::{ServiceError, Token};

use crate::App;
use crate::WebSettings;
use crate::cookie;
use crate::problem::{Problem, ProblemType};

/// The cookie of a resident's session. Browsers take a name that begins so from this very host only,
/// and only over TLS.
pub(crate) const RESIDENT_COOKIE: &str = "__Host-session";
/// The same on loopback without TLS.
const PLAIN_RESIDENT_COOKIE: &str = "session";
/// The cookie that holds an official's token.
pub(crate) const OFFICER_COOKIE: &str = "officer";

/// A resident who presented their token with an API request.
pub(crate) struct Resident(pub(crate) service::Resident);

/// An official of any authority who presented its token with an API request.
pub(crate) struct Official(pub(crate) service::Official);

/// An official of a health authority who presented its token with an API request.
pub(crate) struct HealthOfficial(pub(crate) service::HealthOfficial);

/// An official of an authority that keeps lists of households, buildings or passengers.
pub(crate) struct GroupOfficial(pub(crate) service::GroupOfficial);

/// An official of a community office.
pub(crate) struct CommunityOfficial(pub(crate) service::CommunityOfficial);

/// A resident whose browser holds their session.
pub(crate) struct ResidentSession(pub(crate) service::Resident);

/// An official of a health authority whose browser holds its session.
pub(crate) struct OfficerSession(pub(crate) service::HealthOfficial);

impl FromRequestParts<App> for Resident {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let resident = app.service.access.resident(&token).await?;
        app.rates
            .check_signed_in(parts, resident.account().as_u128())?;
        Ok(Self(acting_for(resident, parts.uri.query())?))
    }
}

impl FromRequestParts<App> for Official {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let official = app.service.access.official(&token).await?;
        app.rates
            .check_signed_in(parts, official.authority().id.as_u128())?;
        Ok(Self(official))
    }
}

impl FromRequestParts<App> for HealthOfficial {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Official(official) = Official::from_request_parts(parts, app).await?;
        Ok(Self(official.into_health()?))
    }
}

impl FromRequestParts<App> for GroupOfficial {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Official(official) = Official::from_request_parts(parts, app).await?;
        Ok(Self(official.into_group_official()?))
    }
}

impl FromRequestParts<App> for CommunityOfficial {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Official(official) = Official::from_request_parts(parts, app).await?;
        Ok(Self(official.into_community()?))
    }
}

impl FromRequestParts<App> for ResidentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // A browser that registered with version 0.1 has the plain name over TLS too.
        let token = from_cookie(&parts.headers, resident_cookie(&app.settings))
            .or_else(|_| from_cookie(&parts.headers, PLAIN_RESIDENT_COOKIE))?;
        let resident = app.service.access.resident_page(&token).await?;
        app.rates
            .check_signed_in(parts, resident.account().as_u128())?;
        Ok(Self(acting_for(resident, parts.uri.query())?))
    }
}

impl OptionalFromRequestParts<App> for ResidentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let asked = <Self as FromRequestParts<App>>::from_request_parts(parts, app).await;
        match asked {
            Err(problem) if problem.is(ProblemType::Unauthorized) => Ok(None),
            other => other.map(Some),
        }
    }
}

impl FromRequestParts<App> for OfficerSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = match &app.settings.demo {
            Some(demo) => demo.officer.clone(),
            None => from_cookie(&parts.headers, OFFICER_COOKIE)?,
        };
        let official = app.service.access.official(&token).await?;
        app.rates
            .check_signed_in(parts, official.authority().id.as_u128())?;
        Ok(Self(official.into_health()?))
    }
}

/// The name of the cookie of a resident's session.
pub(crate) const fn resident_cookie(settings: &WebSettings) -> &'static str {
    if settings.secure_cookies {
        RESIDENT_COOKIE
    } else {
        PLAIN_RESIDENT_COOKIE
    }
}

/// What a person knows their browser by: its family and system, and nothing that tells two apart.
pub(crate) fn browser(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let first = |known: &[(&str, &'static str)]| {
        let found = known.iter().find(|(word, _)| agent.contains(word));
        found.map(|(_, name)| *name)
    };
    let family = first(&[
        ("MicroMessenger", "WeChat"),
        ("Alipay", "Alipay"),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ])?;
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    Some(system.map_or_else(|| family.to_owned(), |system| format!("{family}, {system}")))
}

/// The resident, acting for the person on their account that `?person=` names, if it names one.
fn acting_for(
    resident: service::Resident,
    query: Option<&str>,
) -> Result<service::Resident, Problem> {
    let pairs = query.unwrap_or_default().split('&');
    let named = pairs.filter_map(|pair| pair.strip_prefix("person=")).next();
    match named {
        None => Ok(resident),
        Some(person) => {
            let person = person
                .parse()
                .map_err(|_| Problem::invalid("person", "expected 32 hexadecimal digits"))?;
            Ok(resident.acting_for(person)?)
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<Token, Problem> {
    let header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let (scheme, token) = header
        .and_then(|value| value.split_once(' '))
        .ok_or_else(no_token)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(no_token());
    }
    token
        .trim()
        .parse()
        .map_err(|_| Problem::from(ServiceError::NotAuthenticated))
}

fn from_cookie(headers: &HeaderMap, name: &str) -> Result<Token, Problem> {
    let token = cookie::value(headers, name).ok_or_else(no_token)?;
    token
        .parse()
        .map_err(|_| Problem::from(ServiceError::NotAuthenticated))
}

fn no_token() -> Problem {
    Problem::new(
        ProblemType::Unauthorized,
        "Send the token as `Authorization: Bearer …`.",
    )
}
