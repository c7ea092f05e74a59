//! `/me/data/delete`: deleting one's account. The page says what goes now and what stays until its day;
//! a one-time code to the phone of the account confirms it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use domain::FactKind;
use fluent_bundle::FluentArgs;
use serde::Deserialize;
use service::{Resident, ServiceError, Staying};

use super::dates::Calendar;
use super::form_errors::FormErrors;
use super::phone::{NO_PHONE, NOT_SENT, TOO_MANY_CODES, WRONG_CODE};
use super::{Frame, page};
use crate::App;
use crate::cookie;
use crate::principal::{ResidentSession, resident_cookie};
use crate::problem::Problem;
use crate::rates::ClientKey;
use crate::same_origin::SameOriginForm;

/// What was pressed: without a challenge, that a code is wanted.
#[derive(Default, Deserialize)]
pub(super) struct DeleteForm {
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    code: String,
}

#[derive(Template)]
#[template(path = "delete.html")]
struct DeletePage {
    frame: Frame,
    /// What stays: a line for each kind.
    stays: Vec<String>,
    /// The code that is on its way.
    challenge: Option<String>,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "deleted.html")]
struct DeletedPage {
    frame: Frame,
}

/// Says what goes and what stays.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
) -> Result<Response, Problem> {
    delete_page(&app, frame, &resident, None, FormErrors::default()).await
}

/// Sends the code; with it, deletes the account.
pub(super) async fn press(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    client: ClientKey,
    SameOriginForm(form): SameOriginForm<DeleteForm>,
) -> Result<Response, Problem> {
    let accounts = &app.service.accounts;
    if form.challenge.is_empty() {
        let from = client.asked_from();
        let sent = accounts.send_deletion_code(&resident, from, frame.language.tag());
        let (challenge, errors) = match sent.await {
            Ok(challenge) => (Some(challenge.to_string()), FormErrors::default()),
            Err(ServiceError::TooManyCodes { .. }) => (None, TOO_MANY_CODES.into()),
            Err(ServiceError::CodeNotSent(_)) => (None, NOT_SENT.into()),
            Err(ServiceError::NoPhone) => (None, NO_PHONE.into()),
            Err(error) => return Err(error.into()),
        };
        return delete_page(&app, frame, &resident, challenge, errors).await;
    }
    let deleted = match form.challenge.parse() {
        Ok(challenge) => accounts.delete(&resident, challenge, &form.code).await,
        Err(_) => Err(ServiceError::WrongCode),
    };
    match deleted {
        Ok(()) => deleted_page(&app, frame),
        Err(ServiceError::WrongCode) => {
            let challenge = Some(form.challenge);
            delete_page(&app, frame, &resident, challenge, WRONG_CODE.into()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn delete_page(
    app: &App,
    frame: Frame,
    resident: &Resident,
    challenge: Option<String>,
    errors: FormErrors,
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, app)?;
    let stays = app.service.accounts.staying(resident).await?;
    // What was taken back goes with what took it back.
    let stays = stays
        .iter()
        .filter(|one| one.kind != FactKind::Withdrawal)
        .map(|one| line(one, &frame, &calendar))
        .collect();
    page(&DeletePage {
        frame,
        stays,
        challenge,
        errors,
    })
}

/// "Visits: 3, until 19 March 2020."
fn line(staying: &Staying, frame: &Frame, calendar: &Calendar) -> String {
    let mut args = FluentArgs::new();
    args.set("kind", frame.t(&format!("kind-{}", staying.kind)));
    args.set("count", staying.count as i64);
    match staying.until {
        Some(until) => {
            args.set("until", calendar.day(calendar.date(until)));
            frame.language.fill("delete-until", &args)
        }
        None => frame.language.fill("delete-until-the-end", &args),
    }
}

/// Tells the worker of the phone that visits that wait there belong to nobody any more. No other answer
/// to the form says so: the page that asks for the code has the same address.
const ACCOUNT_DELETED: HeaderName = HeaderName::from_static("account-deleted");

/// The last page: nobody is signed in any more.
fn deleted_page(app: &App, frame: Frame) -> Result<Response, Problem> {
    let frame = Frame {
        has_session: false,
        ..frame
    };
    let mut response = page(&DeletedPage { frame })?;
    let headers = response.headers_mut();
    headers.insert(ACCOUNT_DELETED, HeaderValue::from_static("yes"));
    let name = resident_cookie(&app.settings);
    if let Some(forgotten) = cookie::clear(name, app.settings.secure_cookies) {
        headers.append(header::SET_COOKIE, forgotten);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn every_step_renders_in_every_language_with_every_kind_and_error() {
        for frame in frames() {
            let kinds = FactKind::ALL
                .iter()
                .filter(|one| **one != FactKind::Withdrawal);
            let stays: Vec<String> = kinds.map(|one| frame.t(&format!("kind-{one}"))).collect();
            for (challenge, errors) in [
                (None, FormErrors::default()),
                (None, TOO_MANY_CODES.into()),
                (None, NOT_SENT.into()),
                (None, NO_PHONE.into()),
                (Some("\"><b>".to_owned()), FormErrors::default()),
                (Some("\"><b>".to_owned()), WRONG_CODE.into()),
            ] {
                let page = DeletePage {
                    frame: frame.clone(),
                    stays: stays.clone(),
                    challenge,
                    errors,
                };
                assert!(!assert_sound(&frame, &page).contains("<b>"));
            }
            let stays = Vec::new();
            let nothing = DeletePage {
                frame: frame.clone(),
                stays,
                challenge: None,
                errors: FormErrors::default(),
            };
            assert_sound(&frame, &nothing);
            assert_sound(&frame.clone(), &DeletedPage { frame });
        }
    }

    #[tokio::test]
    async fn who_deletes_the_account_reads_what_goes_and_what_stays_and_is_gone() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let address = "/me/data/delete?lang=en";
        let post = async |form: String| {
            let ask = city.post(address).cookie(RESIDENT_COOKIE, &ming.session);
            ask.form(&form).await
        };
        let page = city.get(address).cookie(RESIDENT_COOKIE, &ming.session);
        let page = page.await.text;
        assert!(page.contains("Declarations: 1, until 2"), "{page}");
        let sent = post(String::new()).await;
        let challenge = sent.text.split("name=\"challenge\" value=\"").nth(1);
        let challenge = challenge.unwrap()[..32].to_owned();
        let code = city.last_code();
        let wrong = post(format!("challenge={challenge}&code=x")).await;
        assert!(wrong.text.contains("wrong or has run out"), "{wrong:?}");
        for page in [&sent, &wrong] {
            assert!(!page.headers.contains_key(ACCOUNT_DELETED), "{page:?}");
        }
        let gone = post(format!("challenge={challenge}&code={code}")).await;
        assert!(gone.text.contains("Your account is deleted"), "{gone:?}");
        assert!(!gone.text.contains("action=\"/sign-out\""), "{gone:?}");
        let cookie = gone.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("Max-Age=0"), "{cookie}");
        assert_eq!(gone.headers[ACCOUNT_DELETED], "yes");
        // A second press, and everything that was open elsewhere.
        let again = post(format!("challenge={challenge}&code={code}")).await;
        assert_eq!(again.status, 303, "{again:?}");
        let phone = city.get("/api/v1/me/status").token(&ming.token).await;
        assert_eq!(phone.status, 401, "{phone:?}");
    }
}
