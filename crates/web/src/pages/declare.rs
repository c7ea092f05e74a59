//! `/declare`: how one is.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::RequestKey;
use domain::evidence::{BadTemperature, ContactAnswer, Symptom, Symptoms, Temperature};
use service::Declaration;

use super::form_errors::{FormError, FormErrors};
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What the person ticked and typed.
#[derive(Default)]
struct DeclareForm {
    request: Option<RequestKey>,
    symptoms: Symptoms,
    contact: Option<ContactAnswer>,
    temperature: String,
}

#[derive(Template)]
#[template(path = "declare.html")]
struct DeclarePage<'f> {
    frame: Frame,
    symptoms: &'static [Symptom],
    answers: &'static [ContactAnswer],
    form: &'f DeclareForm,
    errors: FormErrors,
    /// Drawn once for each form: pressing the button twice declares once.
    request: String,
}

/// The order in which the form asks.
const ANSWERS: &[ContactAnswer] = &[
    ContactAnswer::None,
    ContactAnswer::Unsure,
    ContactAnswer::Suspected,
    ContactAnswer::Confirmed,
];

const NO_CONTACT: FormError = FormError::at("contact", "declare-no-contact");
const BAD_TEMPERATURE: FormError = FormError::at("temperature", "declare-bad-temperature");

/// Shows the form.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(_): ResidentSession,
) -> Result<Response, Problem> {
    form_page(&app, frame, &DeclareForm::default(), FormErrors::default())
}

/// Takes the declaration and shows the code page.
pub(super) async fn declare(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(pairs): SameOriginForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = DeclareForm::read(&pairs);
    let declaration = match form.declaration() {
        Ok(declaration) => declaration,
        Err(errors) => return form_page(&app, frame, &form, errors),
    };
    app.service
        .people
        .declare(&resident, form.request, declaration, &[])
        .await?;
    Ok(go_to("/me", None))
}

impl DeclareForm {
    fn read(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = pairs.iter().find(|(found, _)| found == name);
            found.map(|(_, value)| value.trim()).unwrap_or_default()
        };
        let ticked = pairs.iter().filter(|(name, _)| name == "symptom");
        Self {
            request: value("request").parse().ok(),
            symptoms: ticked
                .filter_map(|(_, symptom)| symptom.parse::<Symptom>().ok())
                .collect(),
            contact: value("contact").parse().ok(),
            temperature: value("temperature").to_owned(),
        }
    }

    /// What the form declares, or every value to look at again.
    fn declaration(&self) -> Result<Declaration, FormErrors> {
        match (self.contact, self.temperature()) {
            (Some(contact), Ok(temperature)) => Ok(Declaration {
                symptoms: self.symptoms,
                temperature,
                contact,
            }),
            (contact, temperature) => {
                let no_contact = contact.is_none().then_some(NO_CONTACT);
                let bad_temperature = temperature.is_err().then_some(BAD_TEMPERATURE);
                Err(no_contact.into_iter().chain(bad_temperature).collect())
            }
        }
    }

    /// The temperature, with a point or a comma.
    fn temperature(&self) -> Result<Option<Temperature>, BadTemperature> {
        if self.temperature.is_empty() {
            return Ok(None);
        }
        self.temperature.replace(',', ".").parse().map(Some)
    }
}

fn form_page(
    app: &App,
    frame: Frame,
    form: &DeclareForm,
    errors: FormErrors,
) -> Result<Response, Problem> {
    let request = form
        .request
        .unwrap_or_else(|| RequestKey::generate(&*app.settings.ids));
    page(&DeclarePage {
        frame,
        symptoms: Symptom::ALL,
        answers: ANSWERS,
        form,
        errors,
        request: request.to_string(),
    })
}

fn symptom_text(symptom: &Symptom) -> String {
    format!("symptom-{symptom}")
}

fn answer_text(answer: &ContactAnswer) -> String {
    format!("contact-{answer}")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_form_renders_in_every_language_and_keeps_what_was_ticked() {
        let form = DeclareForm {
            symptoms: [Symptom::Cough].into_iter().collect(),
            contact: Some(ContactAnswer::Unsure),
            temperature: "99".into(),
            request: None,
        };
        let errors = FormErrors::from_iter([NO_CONTACT, BAD_TEMPERATURE]);
        for frame in frames() {
            let html = assert_sound(
                &frame,
                &DeclarePage {
                    frame: frame.clone(),
                    symptoms: Symptom::ALL,
                    answers: ANSWERS,
                    form: &form,
                    errors: errors.clone(),
                    request: "0".repeat(32),
                },
            );
            assert_eq!(html.matches(" checked").count(), 2);
            for error in errors.iter() {
                let says = html.matches(&frame.t(error.text)).count();
                assert_eq!(says, 2, "above and beside the field: {html}");
            }
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_missing_is_asked_for_and_what_was_ticked_stays() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        let form = "request=&symptom=cough&temperature=366";
        let refused = city
            .post("/declare?lang=en")
            .cookie(RESIDENT_COOKIE, &ming.session)
            .form(form)
            .await;
        assert_eq!(refused.status, 200, "{refused:?}");
        for words in [
            "<a href=\"#contact\">Please say whether you met",
            "<a href=\"#temperature\">A temperature lies between",
            "value=\"cough\" checked",
            "value=\"366\"",
        ] {
            assert!(refused.text.contains(words), "{words}: {}", refused.text);
        }
        assert_eq!(city.status(&ming).await, "undeclared");
    }

    #[tokio::test]
    async fn a_temperature_may_have_a_comma_and_must_be_one_of_a_living_person() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        let send = |temperature: &str| {
            let form = format!("request=&contact=none&temperature={temperature}");
            city.post("/declare?lang=en")
                .cookie(RESIDENT_COOKIE, &ming.session)
                .form(&form)
        };
        let refused = send("366").await;
        assert!(
            refused.text.contains("between 30.0 and 45.0"),
            "{refused:?}"
        );
        assert_eq!(city.status(&ming).await, "undeclared");
        assert_eq!(send("36%2C6").await.status, 303);
        assert_eq!(city.status(&ming).await, "green");
    }
}
