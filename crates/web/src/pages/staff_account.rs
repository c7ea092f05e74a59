//! `/officer/account`: a staff member's own account: further ways to sign in, a token for a program, and
//! its end.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use fluent_bundle::FluentArgs;
use jiff::SignedDuration;
use serde::Deserialize;
use service::providers::Audience;
use service::{BoundIdentity, ServiceError};

use super::choice::ShownOnce;
use super::dates::Calendar;
use super::providers::{ProviderLink, links};
use super::step_up::must_show_passkey;
use super::{Frame, go_to, page};
use crate::App;
use crate::cookie;
use crate::principal::{StaffMay, act, staff_cookie};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::InPath;

#[derive(Template)]
#[template(path = "staff_account.html")]
struct AccountPage {
    frame: Frame,
    error: Option<&'static str>,
    /// A token, right after it was made.
    shown_once: Option<ShownOnce>,
    name: String,
    /// Whether the passkey must be shown before anything can be changed.
    is_stale: bool,
    providers: Vec<ProviderLink>,
    /// Accounts of providers that open this one.
    bound: Vec<Bound>,
}

/// An account of a provider that opens the reader's.
struct Bound {
    key: String,
    /// Where and since when, as a sentence.
    text: String,
    /// The provider.
    name: String,
}

/// That somebody is sure.
#[derive(Deserialize)]
pub(super) struct EndForm {
    #[expect(dead_code, reason = "that it is there says all")]
    confirmed: String,
}

/// Shows the account.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepOwnAccount>,
) -> Result<Response, Problem> {
    account_page(&app, frame, &staff, None, None).await
}

/// Makes a token for a program of theirs, and shows it once.
pub(super) async fn make_token(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepOwnAccount>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    let token = app.service.staff.make_token(&staff).await?;
    let shown = ShownOnce {
        about: "account-token-shown",
        name: staff.member().name.clone(),
        secret: token.expose(),
    };
    account_page(&app, frame, &staff, None, Some(shown)).await
}

/// Takes a provider away, and has the browser forget the session, which has ended.
pub(super) async fn unbind(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepOwnAccount>,
    InPath(key): InPath<String>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    match app.service.staff.unbind_identities(&staff, &key).await {
        Ok(()) => Ok(signed_out(&app, "/staff/sign-in")),
        Err(ServiceError::LastWayIn) => {
            account_page(&app, frame, &staff, Some("account-last-way-in"), None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends it, and has the browser forget the session.
pub(super) async fn end(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::KeepOwnAccount>,
    SameOriginForm(_): SameOriginForm<EndForm>,
) -> Result<Response, Problem> {
    match app.service.staff.end_own_account(&staff).await {
        Ok(()) => Ok(signed_out(&app, "/")),
        Err(ServiceError::LastAdministrator) => {
            let error = Some("account-last-administrator");
            account_page(&app, frame, &staff, error, None).await
        }
        Err(error) => Err(error.into()),
    }
}

fn signed_out(app: &App, next: &str) -> Response {
    let name = staff_cookie(&app.settings);
    go_to(next, cookie::clear(name, app.settings.secure_cookies))
}

async fn account_page(
    app: &App,
    frame: Frame,
    staff: &service::Staff,
    error: Option<&'static str>,
    shown_once: Option<ShownOnce>,
) -> Result<Response, Problem> {
    let identities = app.service.staff.identities(staff).await?;
    let calendar = Calendar::or_utc(&frame, app);
    let bound = identities
        .into_iter()
        .map(|one| bound(app, &frame, &calendar, one));
    page(&AccountPage {
        error,
        shown_once,
        bound: bound.collect(),
        name: staff.member().name.clone(),
        is_stale: must_show_passkey(app, staff),
        providers: links(app, &frame, Audience::Staff),
        frame,
    })
}

/// For so long the desk says that another account opens one's own.
const NEW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Accounts of providers that open this one since lately: a holder who did not do that reads it
/// where they look every day.
pub(super) async fn new_ways_in(
    app: &App,
    frame: &Frame,
    calendar: &Calendar,
    staff: &service::Staff,
) -> Result<Vec<String>, Problem> {
    let identities = app.service.staff.identities(staff).await?;
    let now = app.service.now();
    let new = identities.into_iter();
    let new = new.filter(|one| now.duration_since(one.bound_at) < NEW);
    let notices = new.map(|one| bound(app, frame, calendar, one).text);
    Ok(notices.collect())
}

fn bound(app: &App, frame: &Frame, calendar: &Calendar, identity: BoundIdentity) -> Bound {
    let sign_in = app.settings.sign_in.as_ref();
    let provider = sign_in.and_then(|one| one.providers.settings(&identity.provider).ok());
    let name = match provider {
        Some(provider) => provider.name(frame.language.tag()).to_owned(),
        // It is not in the configuration any more.
        None => identity.provider.clone(),
    };
    let mut values = FluentArgs::new();
    values.set("name", name.clone());
    values.set("when", calendar.date_time(identity.bound_at));
    Bound {
        text: frame.language.fill("account-bound", &values),
        key: identity.provider,
        name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            for is_stale in [false, true] {
                let account = AccountPage {
                    frame: frame.clone(),
                    error: is_stale.then_some("account-last-administrator"),
                    shown_once: Some(ShownOnce {
                        about: "account-token-shown",
                        name: "<b>Ou".to_owned(),
                        secret: "0".repeat(64),
                    }),
                    name: "<b>Ou".to_owned(),
                    is_stale,
                    providers: vec![ProviderLink {
                        key: "office".to_owned(),
                        name: "The office".to_owned(),
                    }],
                    bound: vec![Bound {
                        key: "office".to_owned(),
                        text: "<b>The office".to_owned(),
                        name: "<b>The office".to_owned(),
                    }],
                };
                let html = assert_sound(&frame, &account);
                assert!(!html.contains("<b>"));
                assert_eq!(html.contains("/officer/account/end"), !is_stale);
                let remove = "action=\"/officer/account/providers/office/remove\"";
                assert_eq!(html.contains(remove), !is_stale);
                assert_eq!(html.contains("/sign-in/office/bind"), !is_stale);
            }
        }
    }

    #[tokio::test]
    async fn what_a_browser_holds_is_no_token_of_the_api_and_a_token_opens_no_page() {
        let city = City::start().await;
        let session = city.browser_of(city.officer).await;
        let in_browser = |address: &str, session: &str| {
            let cookie = format!("{SECURE_STAFF_COOKIE}={session}");
            city.get(address).header("cookie", &cookie)
        };
        let page = in_browser("/officer?lang=en", &session).await;
        assert_eq!(page.status, 200, "{page:?}");
        for address in ["/api/v1/orders", "/api/v1/proposals"] {
            let refused = city.get(address).token(&session).await;
            assert_eq!(refused.status, 401, "{address}: {refused:?}");
        }
        let evidence = city.submit(&session, &serde_json::json!({})).await;
        assert_eq!(evidence.status, 401, "{evidence:?}");
        let made = city.post("/officer/account/token?lang=en").form("");
        let cookie = format!("{SECURE_STAFF_COOKIE}={session}");
        let made = made.header("cookie", &cookie).await;
        let token = made.text.split("class=\"mono once\">").nth(1);
        let token = token.unwrap_or_else(|| panic!("{made:?}"))[..64].to_owned();
        for address in ["/api/v1/orders", "/api/v1/proposals"] {
            let answer = city.get(address).token(&token).await;
            assert_eq!(answer.status, 200, "{address}: {answer:?}");
        }
        for address in ["/officer", "/officer/account"] {
            let refused = in_browser(address, &token).await;
            assert_eq!(refused.status, 303, "{address}: {refused:?}");
        }
        city.later(6);
        let late = city.post("/officer/account/token?lang=en").form("");
        let late = late.header("cookie", &cookie).await;
        assert_eq!(late.status, 403, "the passkey first: {late:?}");
    }

    #[tokio::test]
    async fn an_officer_ends_their_own_account_and_the_last_administrator_does_not() {
        let city = City::start().await;
        let end = async |session: &str, form: &str| {
            let ask = city.post("/officer/account/end?lang=en");
            ask.cookie(SECURE_STAFF_COOKIE, session).form(form).await
        };
        let unsure = end(&city.health, "").await;
        assert_eq!(unsure.status, 400, "{unsure:?}");
        let ended = end(&city.health, "confirmed=yes").await;
        assert_eq!(
            (ended.status, &ended.headers["location"]),
            (303, &"/".parse().unwrap())
        );
        let desk = city
            .get("/officer")
            .cookie(SECURE_STAFF_COOKIE, &city.health);
        assert_eq!(desk.await.status, 303, "signed out");
        let admin = city.administrator().await;
        let last = end(&admin, "confirmed=yes").await;
        assert!(last.text.contains("last administrator"), "{last:?}");
    }
}
