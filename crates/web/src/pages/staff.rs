//! `/staff/sign-in`, `/staff/sign-out`, `/demo/officer`: how staff members come and go. What a passkey
//! answers comes in a form, filled by a small script. An invitation: see `invitation`.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use service::providers::Audience;
use service::{AlarmKind, PasskeyAnswer, PasskeyQuestion, ServiceError, Token};

use super::providers::{ProviderLink, links};
use super::step_up::Place;
use super::{Frame, go_to, page};
use crate::App;
use crate::cookie;
use crate::principal::{staff_cookie, staff_token};
use crate::problem::Problem;
use crate::rates::ClientKey;
use crate::same_origin::SameOriginForm;

/// An answer of a passkey, each value in hexadecimal digits.
#[derive(Deserialize)]
pub(super) struct AnswerForm {
    account: String,
    credential: String,
    client_data: String,
    authenticator_data: String,
    signature: String,
    /// Where to go then: see [`Place`].
    #[serde(default)]
    then: String,
}

/// Which officer of the demonstration.
#[derive(Deserialize)]
pub(super) struct OfficerForm {
    officer: String,
    #[serde(default)]
    then: String,
}

#[derive(Template)]
#[template(path = "staff_sign_in.html")]
struct SignInPage {
    frame: Frame,
    /// What the passkey is asked; `None` where there are none.
    question: Option<PasskeyQuestion>,
    /// Identity providers with which they sign in.
    providers: Vec<ProviderLink>,
    /// Officers of the demonstration, to choose: key, name, what they are there for.
    officers: Vec<(String, String, String)>,
    is_refused: bool,
    /// The word for where to go then.
    then: &'static str,
}

/// Shows how to sign in.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let then = Place::asked_for(query.as_deref());
    sign_in_page(&app, frame, then, false).await
}

/// A client that fails so often within an hour does not only mistype.
const MANY_FAILURES: u32 = 10;

/// Signs in the staff member whose passkey answered.
pub(super) async fn sign_in(
    State(app): State<App>,
    frame: Frame,
    headers: HeaderMap,
    ClientKey(client): ClientKey,
    SameOriginForm(form): SameOriginForm<AnswerForm>,
) -> Result<Response, Problem> {
    app.sign_in_locks.check(&client)?;
    let then = Place::named(&form.then);
    let Some(answer) = form.read() else {
        return sign_in_page(&app, frame, then, true).await;
    };
    match app.service.staff.sign_in_with_passkey(answer).await {
        Ok(session) => {
            app.sign_in_locks.succeeded(&client);
            end_earlier(&app, &headers).await?;
            Ok(welcome(&app, &session, then))
        }
        Err(ServiceError::NotAuthenticated) => {
            let failures = app.sign_in_locks.failed(client);
            if failures >= MANY_FAILURES {
                let (alarms, count) = (&app.service.alarms, u64::from(failures));
                alarms.raise(AlarmKind::SignInsFail, "", count).await;
            }
            sign_in_page(&app, frame, then, true).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session and every other one of the same person, also those of programs, and has the browser
/// forget it.
pub(super) async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    if let Ok(session) = staff_token(&headers, &app) {
        app.service.staff.sign_out_everywhere(&session).await?;
    }
    let cookie = cookie::clear(staff_cookie(&app.settings), app.settings.secure_cookies);
    Ok(go_to("/", cookie))
}

/// Signs in an officer of the demonstration, at one press.
pub(super) async fn open_officer(
    State(app): State<App>,
    headers: HeaderMap,
    SameOriginForm(form): SameOriginForm<OfficerForm>,
) -> Result<Response, Problem> {
    let session = at_one_press(&app, &headers, &form.officer).await?;
    Ok(welcome(&app, &session, Place::named(&form.then)))
}

/// Signs in the officer of the demonstration that a word names; the session that the browser had ends.
///
/// # Errors
/// A `not-found` problem if there is no such officer.
pub(super) async fn at_one_press(
    app: &App,
    headers: &HeaderMap,
    officer: &str,
) -> Result<Token, Problem> {
    let demo = app.settings.demo.as_ref().ok_or_else(Problem::not_found)?;
    let chosen = demo.officers.iter().find(|one| one.key == officer);
    let id = chosen.ok_or_else(Problem::not_found)?.staff;
    let staff = &app.service.staff;
    let session = staff.sign_in_at_one_press(&demo.operator, id).await?;
    end_earlier(app, headers).await?;
    Ok(session)
}

impl AnswerForm {
    fn read(&self) -> Option<PasskeyAnswer> {
        Some(PasskeyAnswer {
            account: self.account.parse().ok()?,
            credential: bytes(&self.credential)?,
            client_data: bytes(&self.client_data)?,
            authenticator_data: bytes(&self.authenticator_data)?,
            signature: bytes(&self.signature)?,
        })
    }
}

async fn sign_in_page(
    app: &App,
    frame: Frame,
    then: Place,
    is_refused: bool,
) -> Result<Response, Problem> {
    let question = match app.service.staff.ask_passkey().await {
        Ok(question) => Some(question),
        Err(ServiceError::NoPasskeys) => None,
        Err(error) => return Err(error.into()),
    };
    let officers = app.settings.demo.iter().flat_map(|demo| &demo.officers);
    let officers = officers.map(|officer| {
        let words = |words: &crate::Words| words.in_language(frame.language).to_owned();
        let about = words(&officer.about);
        (officer.key.clone(), words(&officer.name), about)
    });
    page(&SignInPage {
        officers: officers.collect(),
        providers: links(app, &frame, Audience::Staff),
        question,
        is_refused,
        then: then.word(),
        frame,
    })
}

/// Ends the session that the browser presents, because it gets another one.
pub(super) async fn end_earlier(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    if let Ok(earlier) = staff_token(headers, app) {
        app.service.staff.sign_out(&earlier).await?;
    }
    Ok(())
}

pub(super) fn welcome(app: &App, session: &Token, then: Place) -> Response {
    arrive(app, session, then.address())
}

/// Sends the browser to a page of the desk, with the session that opens it.
pub(super) fn arrive(app: &App, session: &Token, address: &str) -> Response {
    let (name, secure) = (staff_cookie(&app.settings), app.settings.secure_cookies);
    let cookie = cookie::set_for_a_shift(name, &session.expose(), secure);
    go_to(address, cookie)
}

/// Reads hexadecimal digits; at most 4096 bytes.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || digits.len() > 8192 {
        return None;
    }
    let pairs = digits.chunks_exact(2).map(|pair| {
        let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
        u8::try_from(high? * 16 + low?).ok()
    });
    pairs.collect()
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
            for is_refused in [true, false] {
                let question = PasskeyQuestion {
                    challenge: "0".repeat(64),
                    site: "code.example".to_owned(),
                    account: None,
                };
                let officer = ("lin".into(), "Dr Lin".into(), "Confirms cases.".into());
                assert_sound(
                    &frame,
                    &SignInPage {
                        frame: frame.clone(),
                        question: is_refused.then_some(question),
                        providers: vec![ProviderLink {
                            key: "office".to_owned(),
                            name: "The office".to_owned(),
                        }],
                        officers: if frame.is_demo {
                            vec![officer]
                        } else {
                            Vec::new()
                        },
                        is_refused,
                        then: "staff",
                    },
                );
            }
        }
    }

    #[test]
    fn only_whole_hexadecimal_digits_are_bytes() {
        assert_eq!(bytes("00ff"), Some(vec![0, 255]));
        assert_eq!(bytes(""), Some(Vec::new()));
        assert_eq!((bytes("0"), bytes("0g")), (None, None));
    }

    #[tokio::test]
    async fn who_is_not_signed_in_is_asked_to() {
        let city = City::start().await;
        let answer = city.get("/officer").await;
        let sign_in = "/staff/sign-in".parse().unwrap();
        assert_eq!(
            (answer.status, &answer.headers["location"]),
            (303, &sign_in)
        );
    }

    #[tokio::test]
    async fn an_officers_cookie_opens_nothing_after_the_sign_out() {
        let city = City::start().await;
        let read = || {
            city.get("/officer")
                .cookie(SECURE_STAFF_COOKIE, &city.health)
        };
        assert_eq!(read().await.status, 200);
        let out = city.post("/staff/sign-out");
        let out = out.cookie(SECURE_STAFF_COOKIE, &city.health).form("").await;
        assert_eq!(out.cookie(SECURE_STAFF_COOKIE).as_deref(), Some(""));
        assert_eq!(read().await.status, 303);
    }

    #[tokio::test]
    async fn an_answer_that_does_not_read_is_refused() {
        let city = City::start().await;
        let form = "account=1&credential=00&client_data=zz&authenticator_data=&signature=";
        let answer = city.post("/staff/sign-in?lang=en").form(form).await;
        assert!(answer.text.contains("was not recognised"), "{answer:?}");
        assert_eq!(answer.cookie(SECURE_STAFF_COOKIE), None);
    }

    #[tokio::test]
    async fn whoever_shows_their_passkey_again_comes_back_with_another_session() {
        let (city, ..) = City::start_demo().await;
        let page = city.get("/staff/sign-in?lang=en&then=orders").await;
        let hidden = "name=\"then\" value=\"orders\"";
        assert!(page.text.contains(hidden), "{page:?}");
        let elsewhere = city.get("/staff/sign-in?then=//evil.example").await;
        assert!(!elsewhere.text.contains("evil"), "{elsewhere:?}");
        let press = |then: &str, session: &str| {
            let ask = city.post("/demo/officer");
            ask.cookie(SECURE_STAFF_COOKIE, session)
                .form(&format!("officer=lin&then={then}"))
                .into_future()
        };
        let first = press("orders", "").await;
        assert_eq!(first.headers["location"], "/officer/orders");
        let first = first.cookie(SECURE_STAFF_COOKIE).unwrap();
        let second = press("https://evil.example", &first).await;
        assert_eq!(second.headers["location"], "/officer");
        let second = second.cookie(SECURE_STAFF_COOKIE).unwrap();
        for (session, status) in [(&first, 303), (&second, 200)] {
            let desk = city.get("/officer").cookie(SECURE_STAFF_COOKIE, session);
            assert_eq!(desk.await.status, status);
        }
    }

    #[tokio::test]
    async fn a_demonstration_signs_its_officers_in_with_one_press_and_others_do_not() {
        let (city, ..) = City::start_demo().await;
        let page = city.get("/staff/sign-in?lang=en").await;
        assert!(page.text.contains("Dr Lin"), "{page:?}");
        let pressed = city.post("/demo/officer").form("officer=lin").await;
        let session = pressed.cookie(SECURE_STAFF_COOKIE).unwrap();
        let desk = city.get("/officer?lang=en");
        let desk = desk.cookie(SECURE_STAFF_COOKIE, &session).await;
        assert!(desk.text.contains("Dr Lin"), "{desk:?}");
        let city = City::start().await;
        let pressed = city.post("/demo/officer").form("officer=lin").await;
        assert_eq!(pressed.status, 404);
    }
}
