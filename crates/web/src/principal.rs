//! The gate: a handler that takes one of these cannot forget to ask who is there.
//!
//! | extractor | read from | without it the answer is |
//! |---|---|---|
//! | [`Resident`] | `Authorization: Bearer …` | 401 |
//! | [`Submitter`] | `Authorization: Bearer …` of a feed, or of a staff member's program | 401, or 403 without the role |
//! | [`May`] | `Authorization: Bearer …` of a staff member's program | 401, or 403 without the role |
//! | [`CommunityOfficial`] | `Authorization: Bearer …` of a community worker's program | 401, or 403 without the role |
//! | [`ResidentSession`] | cookie `__Host-session`; `session` on loopback without TLS | the way to the first page |
//! | [`GateScanner`] | cookie of a scanner at a gate | 401 |
//! | [`StaffSession`], [`StaffMay`] | cookie of a staff member's session | the way to the sign-in page, or 403 |
//!
//! What a browser holds in a cookie is no token of the API, and the other way round.
//!
//! Which role may do what stands in one table: `access/can.rs` of the service. The use case behind a
//! handler asks the table again, about the thing itself.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use service::{Action, ContentDigest, ServiceError, SignedRequest, Staff, Token};

use crate::App;
use crate::WebSettings;
use crate::cookie;
use crate::problem::{Problem, ProblemType};

/// The cookie of a resident's session. Browsers take a name that begins so from this very host only,
/// and only over TLS.
pub(crate) const RESIDENT_COOKIE: &str = "__Host-session";
/// The same on loopback without TLS.
const PLAIN_RESIDENT_COOKIE: &str = "session";
/// The cookie that holds a staff member's session, on loopback without TLS.
pub(crate) const STAFF_COOKIE: &str = "staff";
/// The same everywhere else: a browser takes it only over TLS, for this host alone.
pub(crate) const SECURE_STAFF_COOKIE: &str = "__Host-staff";

/// A resident who presented their token with an API request.
pub(crate) struct Resident(pub(crate) service::Resident);

/// A feed, or a staff member with a role that may do `A`, which is to submit something.
pub(crate) struct Submitter<A>(pub(crate) service::Submitter, pub(crate) PhantomData<A>);

/// What the body of a signed request must hash to.
#[derive(Clone)]
pub(crate) struct ExpectedBody(pub(crate) ContentDigest);

/// A staff member with a role that may do `A`, who presented their token with an API request.
pub(crate) struct May<A>(pub(crate) Staff, pub(crate) PhantomData<A>);

/// An official of a community office.
pub(crate) struct CommunityOfficial(pub(crate) service::CommunityOfficial);

/// A resident whose browser holds their session.
pub(crate) struct ResidentSession(pub(crate) service::Resident);

/// A staff member whose browser holds their session.
pub(crate) struct StaffSession(pub(crate) Staff);

/// The same, with a role that may do `A`.
pub(crate) struct StaffMay<A>(pub(crate) Staff, pub(crate) PhantomData<A>);

/// A phone or tablet that a lead made a scanner.
pub(crate) struct GateScanner(pub(crate) service::Scanner);

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
        TakeInVisits ReadStatistics ProposeOrders ReadOrders ApproveOrders RejectOrders SubmitEvidence WithdrawEvidence
        SubmitMemberships ReadStaff ProposeStaff ApproveStaff EndStaff KeepFeeds KeepOwnAccount
        KeepAccounts ReadAlarms AcknowledgeAlarms ReadLog ProposeDisclosure ApproveDisclosure
        ReadDisclosures MakeExtract ProposeSunset ApproveSunset ReadSunset OpenRecord AnswerAppeals
        SettleContradictions AnswerGlitches KeepScanners
    }
}

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

impl<A: Act> FromRequestParts<App> for Submitter<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let (submitter, digest) = {
            let header = |name: &str| joined(&parts.headers, name);
            let request = signed_request(parts, app, &header);
            app.service.access.submitter_of(&token, &request).await?
        };
        if let Some(digest) = digest {
            // The body comes later; who reads it holds it against this.
            parts.extensions.insert(ExpectedBody(digest));
        }
        match submitter.feed_and_rate() {
            Some((feed, rate)) => app.feed_rates.check(feed, rate)?,
            None => {
                let authority = submitter.authority().id.as_u128();
                app.rates.check_signed_in(parts, authority)?;
            }
        }
        submitter.may(A::ACTION)?;
        Ok(Self(submitter, PhantomData))
    }
}

impl<A: Act> FromRequestParts<App> for May<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let staff = app.service.access.staff_program(&token).await?;
        app.rates.check_signed_in(parts, staff.id().as_u128())?;
        allow(app, &staff, A::ACTION).await?;
        Ok(Self(staff, PhantomData))
    }
}

impl FromRequestParts<App> for CommunityOfficial {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let staff = app.service.access.staff_program(&token).await?;
        app.rates.check_signed_in(parts, staff.id().as_u128())?;
        Ok(Self(staff.at_the_office()?))
    }
}

impl FromRequestParts<App> for ResidentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // Never the plain name over TLS: a page of another host under the same domain could have set it,
        // and who fills in a form would fill it in for somebody else's account.
        let token = from_cookie(&parts.headers, resident_cookie(&app.settings))?;
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

impl FromRequestParts<App> for GateScanner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let name = scanner_cookie(&app.settings);
        let pass = cookie::value(&parts.headers, name).and_then(|text| text.parse().ok());
        let pass = pass.ok_or(ServiceError::NotAuthenticated)?;
        let scanner = app.service.scanners.present(&pass).await?;
        app.rates.check_signed_in(parts, scanner.id().as_u128())?;
        Ok(Self(scanner))
    }
}

impl OptionalFromRequestParts<App> for GateScanner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let asked = <Self as FromRequestParts<App>>::from_request_parts(parts, app).await;
        match asked {
            Err(problem) if problem.is(ProblemType::Unauthorized) => Ok(None),
            other => other.map(Some),
        }
    }
}

impl FromRequestParts<App> for StaffSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(signed_in_staff(parts, app).await?))
    }
}

/// Who a browser's session is; asked once for each request, however many extractors want to know.
pub(crate) async fn signed_in_staff(parts: &mut Parts, app: &App) -> Result<Staff, Problem> {
    if let Some(staff) = parts.extensions.get::<Staff>() {
        return Ok(staff.clone());
    }
    let token = staff_token(&parts.headers, app)?;
    let staff = app.service.access.staff(&token).await?;
    app.rates.check_signed_in(parts, staff.id().as_u128())?;
    parts.extensions.insert(staff.clone());
    Ok(staff)
}

impl<A: Act> FromRequestParts<App> for StaffMay<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let StaffSession(staff) = StaffSession::from_request_parts(parts, app).await?;
        allow(app, &staff, A::ACTION).await?;
        Ok(Self(staff, PhantomData))
    }
}

/// Lets in who has a role that may; that somebody else asked is in the log.
async fn allow(app: &App, staff: &Staff, action: Action) -> Result<(), Problem> {
    match staff.may(action) {
        Ok(()) => Ok(()),
        Err(refused) => {
            app.service.audit.note_refused(staff, action).await?;
            Err(refused.into())
        }
    }
}

/// The name of the cookie that holds a staff member's session here.
pub(crate) const fn staff_cookie(settings: &WebSettings) -> &'static str {
    if settings.secure_cookies {
        SECURE_STAFF_COOKIE
    } else {
        STAFF_COOKIE
    }
}

/// The name of the cookie that holds what a scanner at a gate presents.
pub(crate) const fn scanner_cookie(settings: &WebSettings) -> &'static str {
    if settings.secure_cookies {
        "__Host-scanner"
    } else {
        "scanner"
    }
}

/// The session that a staff member's browser presents.
pub(crate) fn staff_token(headers: &HeaderMap, app: &App) -> Result<Token, Problem> {
    from_cookie(headers, staff_cookie(&app.settings))
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

/// A request, as far as a signature is about it.
fn signed_request<'r>(
    parts: &'r Parts,
    app: &App,
    header: &'r (dyn Fn(&str) -> Option<String> + Sync),
) -> SignedRequest<'r> {
    let host = parts.headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let named = || parts.uri.authority().map(|authority| authority.as_str());
    SignedRequest {
        method: parts.method.as_str(),
        scheme: if app.settings.secure_cookies {
            "https"
        } else {
            "http"
        },
        authority: host.or_else(named).unwrap_or_default(),
        path: parts.uri.path(),
        query: parts.uri.query(),
        header,
    }
}

/// The values of a header, with commas between them; `None` if there is none that reads.
fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Vec<&str> = values
        .map(|value| value.to_str().ok().map(str::trim))
        .collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.join(", "))
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
