//! The gate: a handler that takes one of these cannot forget to ask who is there.
//!
//! | extractor | read from | without it the answer is |
//! |---|---|---|
//! | [`Resident`] | `Authorization: Bearer …` | 401 |
//! | [`Official`], [`HealthOfficial`], [`GroupOfficial`] | `Authorization: Bearer …` | 401 |
//! | [`ResidentSession`] | cookie `session` | the way to the first page |
//! | [`OfficerSession`] | cookie `officer`; the demonstration has one officer, always signed in | the way to the sign-in page |

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use service::{ServiceError, Token};

use crate::App;
use crate::cookie;
use crate::problem::{Problem, ProblemType};

/// The cookie that holds a resident's token.
pub(crate) const RESIDENT_COOKIE: &str = "session";
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
            .check_signed_in(parts, resident.person().as_u128())?;
        Ok(Self(resident))
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

impl FromRequestParts<App> for ResidentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = from_cookie(&parts.headers, RESIDENT_COOKIE)?;
        let resident = app.service.access.resident(&token).await?;
        app.rates
            .check_signed_in(parts, resident.person().as_u128())?;
        Ok(Self(resident))
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
