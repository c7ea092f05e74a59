//! The gate: a handler that takes one of these cannot forget to ask who is there.
//!
//! | extractor | read from | without it the answer is |
//! |---|---|---|
//! | [`Resident`] | `Authorization: Bearer …` | 401 |
//! | [`Submitter`] | `Authorization: Bearer …` of a feed, or of a staff member's session | 401, or 403 without the role |
//! | [`May`] | `Authorization: Bearer …` of a staff member's session | 401, or 403 without the role |
//! | [`ResidentSession`] | cookie `session` | the way to the first page |
//! | [`StaffSession`], [`StaffMay`] | cookie of a staff member's session | the way to the sign-in page, or 403 |
//!
//! Which role may do what stands in one table: `access/can.rs` of the service. The use case behind a
//! handler asks the table again, about the thing itself.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use service::{Action, ServiceError, Staff, Token};

use crate::App;
use crate::cookie;
use crate::problem::{Problem, ProblemType};

/// The cookie that holds a resident's token.
pub(crate) const RESIDENT_COOKIE: &str = "session";
/// The cookie that holds a staff member's session, on loopback without TLS.
pub(crate) const STAFF_COOKIE: &str = "staff";
/// The same everywhere else: a browser takes it only over TLS, for this host alone.
pub(crate) const SECURE_STAFF_COOKIE: &str = "__Host-staff";

/// A resident who presented their token with an API request.
pub(crate) struct Resident(pub(crate) service::Resident);

/// A feed, or a staff member with a role that may do `A`, which is to submit something.
pub(crate) struct Submitter<A>(pub(crate) service::Submitter, pub(crate) PhantomData<A>);

/// A staff member with a role that may do `A`, who presented their session with an API request.
pub(crate) struct May<A>(pub(crate) Staff, pub(crate) PhantomData<A>);

/// A resident whose browser holds their session.
pub(crate) struct ResidentSession(pub(crate) service::Resident);

/// A staff member whose browser holds their session.
pub(crate) struct StaffSession(pub(crate) Staff);

/// The same, with a role that may do `A`.
pub(crate) struct StaffMay<A>(pub(crate) Staff, pub(crate) PhantomData<A>);

/// An action of the table, as a type.
pub(crate) trait Act {
    /// Which.
    const ACTION: Action;
}

macro_rules! acts {
    ($($name:ident)*) => {$(
        pub(crate) struct $name;

        impl Act for $name {
            const ACTION: Action = Action::$name;
        }
    )*};
}

/// The actions that handlers name.
pub(crate) mod act {
    use super::{Act, Action};

    acts! {
        ConfirmCase ReadTrace KeepVenues ProposePolicy ReadProposals ApprovePolicy RejectPolicy
        ReadStatistics ProposeOrders ReadOrders ApproveOrders RejectOrders SubmitEvidence WithdrawEvidence
        SubmitMemberships
    }
}

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

impl<A: Act> FromRequestParts<App> for Submitter<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let submitter = app.service.access.submitter(&token).await?;
        let authority = submitter.authority().id.as_u128();
        let sender = submitter
            .feed_id()
            .map_or(authority, domain::FeedId::as_u128);
        app.rates.check_signed_in(parts, sender)?;
        submitter.may(A::ACTION)?;
        Ok(Self(submitter, PhantomData))
    }
}

impl<A: Act> FromRequestParts<App> for May<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let staff = app.service.access.staff(&token).await?;
        app.rates.check_signed_in(parts, staff.id().as_u128())?;
        staff.may(A::ACTION)?;
        Ok(Self(staff, PhantomData))
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

impl FromRequestParts<App> for StaffSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = staff_token(&parts.headers, app)?;
        let staff = app.service.access.staff(&token).await?;
        app.rates.check_signed_in(parts, staff.id().as_u128())?;
        Ok(Self(staff))
    }
}

impl<A: Act> FromRequestParts<App> for StaffMay<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let StaffSession(staff) = StaffSession::from_request_parts(parts, app).await?;
        staff.may(A::ACTION)?;
        Ok(Self(staff, PhantomData))
    }
}

/// The name of the cookie that holds a staff member's session here.
pub(crate) fn staff_cookie(app: &App) -> &'static str {
    if app.settings.secure_cookies {
        SECURE_STAFF_COOKIE
    } else {
        STAFF_COOKIE
    }
}

/// The session that a staff member's browser presents.
pub(crate) fn staff_token(headers: &HeaderMap, app: &App) -> Result<Token, Problem> {
    from_cookie(headers, staff_cookie(app))
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
