//! `/register`: who one is, once.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{BadDocument, Document, DocumentKind, Identity, Pii, RequestKey, text};
use serde::Deserialize;
use service::{RegistrationRequest, ServiceError, SessionKind};

use super::form_errors::{FormError, FormErrors};
use super::{Frame, go_to, page, request_key};
use crate::App;
use crate::cookie;
use crate::principal::{ResidentSession, browser};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What the person typed.
#[derive(Default, Deserialize)]
pub(super) struct RegisterForm {
    request: String,
    name: String,
    document_kind: String,
    document_number: String,
    #[serde(default)]
    phone: String,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage<'f> {
    frame: Frame,
    kinds: [DocumentKind; 6],
    form: &'f RegisterForm,
    errors: FormErrors,
    /// Drawn once for each form: pressing the button twice registers once.
    request: String,
}

/// Somebody is signed in here already: nobody is replaced without being asked.
#[derive(Template)]
#[template(path = "registered.html")]
struct RegisteredPage {
    frame: Frame,
}

/// Shows the form, or asks what to do if somebody is signed in.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    session: Option<ResidentSession>,
) -> Result<Response, Problem> {
    if session.is_some() {
        return page(&RegisteredPage { frame });
    }
    form_page(&app, frame, &RegisterForm::default(), FormErrors::default())
}

/// Opens an account; its phone is proven next, or a first declaration asked for.
pub(super) async fn register(
    State(app): State<App>,
    frame: Frame,
    session: Option<ResidentSession>,
    headers: HeaderMap,
    SameOriginForm(form): SameOriginForm<RegisterForm>,
) -> Result<Response, Problem> {
    if session.is_some() {
        return page(&RegisteredPage { frame });
    }
    let request = match read(&form) {
        Ok(request) => RegistrationRequest {
            label: browser(&headers),
            ..request
        },
        Err(error) => return form_page(&app, frame, &form, error.into()),
    };
    let error = match app.service.people.register(request).await {
        Ok(registered) => {
            let next = if form.phone.trim().is_empty() {
                "/declare"
            } else {
                "/me/prove-phone"
            };
            return Ok(go_to(
                next,
                cookie::set_session(&app.settings, &registered.token),
            ));
        }
        Err(ServiceError::BadField { field: "name", .. }) => BAD_NAME,
        Err(ServiceError::BadField {
            field: "phones", ..
        }) => BAD_PHONE,
        Err(error) => return Err(error.into()),
    };
    form_page(&app, frame, &form, error.into())
}

const BAD_NAME: FormError = FormError::at("name", "register-bad-name");
const BAD_PHONE: FormError = FormError::at("phone", "register-bad-phone");

fn read(form: &RegisterForm) -> Result<RegistrationRequest, FormError> {
    let number = |text| FormError::at("document_number", text);
    let kind = DocumentKind::from_code(&form.document_kind);
    let kind = kind.ok_or(number("register-bad-document-shape"))?;
    let document = Document::new(kind, &form.document_number).map_err(|why| match why {
        BadDocument::CheckDigit => number("register-bad-document"),
        BadDocument::Shape => number("register-bad-document-shape"),
    })?;
    let name = text::line(&form.name, 100).map_err(|_| BAD_NAME)?;
    let phone = form.phone.trim();
    let phones = (!phone.is_empty()).then(|| Pii::new(phone.to_owned()));
    let request: RequestKey = form.request.parse().map_err(|_| BAD_NAME)?;
    let identity = Identity {
        name: Pii::new(name.to_owned()),
        document,
        phones: phones.into_iter().collect(),
    };
    Ok(RegistrationRequest {
        request,
        identity,
        declaration: None,
        stays: Vec::new(),
        // What the browser keeps is no token of the API.
        session: SessionKind::Page,
        label: None,
    })
}

fn form_page(
    app: &App,
    frame: Frame,
    form: &RegisterForm,
    errors: FormErrors,
) -> Result<Response, Problem> {
    let request = request_key(app, &form.request);
    let kinds = DocumentKind::ALL;
    page(&RegisterPage {
        frame,
        kinds,
        form,
        errors,
        request,
    })
}

pub(super) fn kind_text(kind: &DocumentKind) -> &'static str {
    match kind {
        DocumentKind::IdentityCard => "document-10",
        DocumentKind::HongKongMacaoPermit => "document-14",
        DocumentKind::TaiwanPermit => "document-15",
        DocumentKind::Passport => "document-20",
        DocumentKind::ForeignResidenceCard => "document-34",
        DocumentKind::Other => "document-99",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::{Answer, City};

    #[test]
    fn the_form_renders_in_every_language_with_every_error() {
        let form = RegisterForm {
            name: "\"><b>".into(),
            ..RegisterForm::default()
        };
        for frame in frames() {
            for text in [
                "register-bad-document",
                "register-bad-document-shape",
                "register-bad-name",
                "register-bad-phone",
            ] {
                for field in ["name", "document_number", "phone"] {
                    let html = assert_sound(
                        &frame,
                        &RegisterPage {
                            frame: frame.clone(),
                            kinds: DocumentKind::ALL,
                            form: &form,
                            errors: FormError::at(field, text).into(),
                            request: "0".repeat(32),
                        },
                    );
                    assert!(html.contains("aria-invalid") && !html.contains("\"><b>"));
                }
            }
        }
    }

    /// The form's one-time key, as a browser would send it back.
    fn request_of(page: &Answer) -> String {
        let after = page.text.split("name=\"request\" value=\"").nth(1).unwrap();
        after[..32].to_owned()
    }

    #[tokio::test]
    async fn a_person_registers_on_the_page_declares_and_has_a_code() {
        let city = City::start().await;
        let request = request_of(&city.get("/register").await);
        let form = format!(
            "request={request}&name=Mei+Lan&document_kind=10&document_number=990101199003077719&phone="
        );
        let registered = city.post("/register").form(&form).await;
        assert_eq!(
            (registered.status, &registered.headers["location"]),
            (303, &"/declare".parse().unwrap())
        );
        let session = registered.cookie(RESIDENT_COOKIE).unwrap();
        let cookie = registered.headers["set-cookie"].to_str().unwrap();
        assert!(
            cookie.contains("HttpOnly; SameSite=Strict; Secure"),
            "{cookie}"
        );

        let request = request_of(&city.get("/declare").cookie(RESIDENT_COOKIE, &session).await);
        let form =
            format!("request={request}&symptom=fever&symptom=cough&contact=none&temperature=38.2");
        let declared = city
            .post("/declare")
            .cookie(RESIDENT_COOKIE, &session)
            .form(&form)
            .await;
        assert_eq!(declared.status, 303, "{declared:?}");
        let page = city
            .get("/me?lang=en")
            .cookie(RESIDENT_COOKIE, &session)
            .await;
        assert!(page.text.contains("verdict yellow") && page.text.contains("You feel ill"));
    }

    #[tokio::test]
    async fn pressing_the_button_twice_registers_once() {
        let city = City::start().await;
        let form = format!(
            "request={}&name=Mei+Lan&document_kind=10&document_number=990101199003077719",
            request_of(&city.get("/register").await)
        );
        let first = city.post("/register").form(&form).await;
        let again = city.post("/register").form(&form).await;
        assert_eq!((first.status, again.status), (303, 303));
        let mut pages = Vec::new();
        for answer in [first, again] {
            let session = answer.cookie(RESIDENT_COOKIE).unwrap();
            let session = session.parse().unwrap();
            let resident = city.service.access.resident_page(&session).await;
            pages.push(resident.unwrap().person());
        }
        assert_eq!(pages[0], pages[1]);
    }

    #[tokio::test]
    async fn a_wrong_digit_is_said_and_what_was_typed_stays() {
        let city = City::start().await;
        let form = format!(
            "request={}&name=Mei+Lan&document_kind=10&document_number=990101199003077716",
            "0".repeat(32)
        );
        let answer = city.post("/register?lang=en").form(&form).await;
        assert!(answer.text.contains("look at the document number again"));
        assert!(answer.text.contains("value=\"Mei Lan\""));
        assert!(answer.text.contains("<a href=\"#document_number\">"));
    }

    #[tokio::test]
    async fn whoever_is_signed_in_is_not_replaced() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let form = format!(
            "request={}&name=Mei+Lan&document_kind=10&document_number=990101199003077719",
            "1".repeat(32)
        );
        for ask in [
            city.get("/register?lang=en"),
            city.post("/register?lang=en").form(&form),
        ] {
            let answer = ask.cookie(RESIDENT_COOKIE, &ming.session).await;
            assert!(answer.text.contains("You are signed in"), "{}", answer.text);
            assert_eq!(answer.cookie(RESIDENT_COOKIE), None);
        }
        for frame in frames() {
            let page = RegisteredPage {
                frame: frame.clone(),
            };
            assert_sound(&frame, &page);
        }
    }

    #[tokio::test]
    async fn a_form_from_another_site_is_not_taken() {
        let city = City::start().await;
        let answer = city
            .post("/register")
            .text("request=&name=&document_kind=&document_number=")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("host", "code.example")
            .header("origin", "https://evil.example")
            .await;
        assert_eq!(answer.status, 403);
    }
}
