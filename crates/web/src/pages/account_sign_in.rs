//! `/sign-in`, `/sign-out`: another phone or browser of a resident.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{Document, DocumentKind, Pii};
use serde::Deserialize;
use service::{ServiceError, SessionKind};

use super::form_errors::{FormError, FormErrors};
use super::phone::{CodeForm, WRONG_CODE};
use super::{Frame, go_to, page};
use crate::App;
use crate::cookie;
use crate::principal::{ResidentSession, browser, resident_cookie};
use crate::problem::Problem;
use crate::rates::ClientKey;
use crate::same_origin::SameOriginForm;

/// Which account.
#[derive(Default, Deserialize)]
pub(super) struct SignInForm {
    document_kind: String,
    document_number: String,
    phone: String,
}

/// Where to go after signing out.
#[derive(Deserialize)]
pub(super) struct SignOutForm {
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "account_sign_in.html")]
struct SignInPage<'f> {
    frame: Frame,
    kinds: [DocumentKind; 6],
    form: &'f SignInForm,
    challenge: Option<String>,
    errors: FormErrors,
}

/// Asks which account.
pub(super) async fn show(frame: Frame) -> Result<Response, Problem> {
    sign_in_page(frame, &SignInForm::default(), None, FormErrors::default())
}

/// Asks for the code. The answer is the same whether or not there is such an account.
pub(super) async fn ask(
    State(app): State<App>,
    frame: Frame,
    client: ClientKey,
    SameOriginForm(form): SameOriginForm<SignInForm>,
) -> Result<Response, Problem> {
    let kind = DocumentKind::from_code(&form.document_kind);
    let document = kind.and_then(|kind| Document::new(kind, &form.document_number).ok());
    let Some(document) = document else {
        return sign_in_page(frame, &form, None, BAD_DOCUMENT.into());
    };
    let phone = Pii::new(form.phone);
    let accounts = &app.service.accounts;
    let from = client.asked_from();
    let asked = accounts.ask_to_sign_in(phone, &document, from, frame.language.tag());
    let challenge = asked.await?.to_string();
    code_page(frame, challenge, FormErrors::default())
}

/// Takes the code and opens the code page.
pub(super) async fn confirm(
    State(app): State<App>,
    frame: Frame,
    headers: HeaderMap,
    SameOriginForm(form): SameOriginForm<CodeForm>,
) -> Result<Response, Problem> {
    let accounts = &app.service.accounts;
    let signed_in = match form.challenge.parse() {
        Ok(challenge) => {
            let (kind, label) = (SessionKind::Page, browser(&headers));
            accounts.sign_in(challenge, &form.code, kind, label).await
        }
        Err(_) => Err(ServiceError::WrongCode),
    };
    match signed_in {
        Ok(token) => {
            let cookie = cookie::set_session(&app.settings, &token);
            Ok(go_to("/me", cookie))
        }
        Err(ServiceError::WrongCode) => code_page(frame, form.challenge, WRONG_CODE.into()),
        Err(error) => Err(error.into()),
    }
}

/// Ends the session and forgets the cookie.
pub(super) async fn sign_out(
    State(app): State<App>,
    session: Option<ResidentSession>,
    SameOriginForm(form): SameOriginForm<SignOutForm>,
) -> Result<Response, Problem> {
    if let Some(ResidentSession(resident)) = session {
        app.service.accounts.sign_out(&resident).await?;
    }
    let name = resident_cookie(&app.settings);
    let forgotten = cookie::clear(name, app.settings.secure_cookies);
    let next = if form.next == "register" {
        "/register"
    } else {
        "/"
    };
    Ok(go_to(next, forgotten))
}

const BAD_DOCUMENT: FormError = FormError::at("document_number", "register-bad-document-shape");

/// Asks for the code that is on its way.
fn code_page(frame: Frame, challenge: String, errors: FormErrors) -> Result<Response, Problem> {
    sign_in_page(frame, &SignInForm::default(), Some(challenge), errors)
}

fn sign_in_page(
    frame: Frame,
    form: &SignInForm,
    challenge: Option<String>,
    errors: FormErrors,
) -> Result<Response, Problem> {
    page(&SignInPage {
        frame,
        kinds: DocumentKind::ALL,
        form,
        challenge,
        errors,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_page_renders_in_every_language() {
        for frame in frames() {
            for (challenge, errors) in [
                (None, FormErrors::default()),
                (None, BAD_DOCUMENT.into()),
                (Some("1".repeat(32)), WRONG_CODE.into()),
            ] {
                let frame = frame.clone();
                let page = SignInPage {
                    frame: frame.clone(),
                    kinds: DocumentKind::ALL,
                    form: &SignInForm::default(),
                    challenge,
                    errors,
                };
                assert_sound(&frame, &page);
            }
        }
    }

    #[tokio::test]
    async fn a_document_that_cannot_be_is_said_and_what_was_typed_stays() {
        let city = City::start().await;
        let form = "document_kind=14&document_number=H1&phone=13800000000";
        let answer = city.post("/sign-in?lang=en").form(form).await;
        for words in [
            "<a href=\"#document_number\">",
            "value=\"14\" selected",
            "value=\"H1\" aria-invalid=\"true\"",
            "value=\"13800000000\"",
        ] {
            assert!(answer.text.contains(words), "{words}: {}", answer.text);
        }
    }

    fn challenge_of(page: &str) -> &str {
        &page.split("name=\"challenge\" value=\"").nth(1).unwrap()[..32]
    }

    #[tokio::test]
    async fn another_browser_signs_in_and_out_and_strangers_see_the_same_page() {
        let city = City::start().await;
        let ming = city.proven_resident("Ming").await;
        let ask = |number: &str| {
            let form = format!("document_kind=99&document_number={number}&phone=13800000000");
            city.post("/sign-in?lang=en").form(&form).into_future()
        };
        city.later(60);
        let stranger = ask("NOBODY01").await;
        city.service.accounts.sign_ins_looked_up().await;
        city.later(60);
        let asked = ask(&ming.document).await;
        city.service.accounts.sign_ins_looked_up().await;
        let page = |text: &str| text.replace(challenge_of(text), "");
        assert_eq!(page(&stranger.text), page(&asked.text));
        let form = format!(
            "challenge={}&code={}",
            challenge_of(&asked.text),
            city.last_code()
        );
        let signed_in = city.post("/sign-in/code").form(&form).await;
        let session = signed_in.cookie(RESIDENT_COOKIE).unwrap();
        assert_ne!(session, ming.token, "never the token of the API");
        let api = city.get("/api/v1/me/status").token(&session).await;
        assert_eq!(api.status, 401);
        let me = city
            .get("/me?lang=en")
            .cookie(RESIDENT_COOKIE, &session)
            .await;
        assert!(me.text.contains("Sign out"), "{}", me.text);
        let out = city
            .post("/sign-out")
            .cookie(RESIDENT_COOKIE, &session)
            .form("")
            .await;
        assert_eq!(out.cookie(RESIDENT_COOKIE).as_deref(), Some(""));
        let after = city.get("/me").cookie(RESIDENT_COOKIE, &session).await;
        assert_eq!(after.status, 303, "the session ended, not the cookie alone");
    }
}
