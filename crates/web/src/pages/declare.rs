//! `/declare`: how one is.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::RequestKey;
use domain::evidence::{BadTemperature, ContactAnswer, Symptom, Symptoms, Temperature};
use service::Declaration;

use super::{Frame, go_to, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::{Problem, ProblemType};
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
    has_bad_temperature: bool,
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

/// Shows the form.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(_): ResidentSession,
) -> Result<Response, Problem> {
    form_page(&app, frame, &DeclareForm::default(), false)
}

/// Takes the declaration and shows the code page.
pub(super) async fn declare(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(pairs): SameOriginForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = DeclareForm::read(&pairs);
    let contact = form.contact.ok_or_else(|| {
        let detail = "The form has no answer about contacts.";
        Problem::new(ProblemType::Invalid, detail)
    })?;
    let Ok(temperature) = form.temperature() else {
        return form_page(&app, frame, &form, true);
    };
    let declaration = Declaration {
        symptoms: form.symptoms,
        temperature,
        contact,
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
    has_bad_temperature: bool,
) -> Result<Response, Problem> {
    let request = form
        .request
        .unwrap_or_else(|| RequestKey::generate(&*app.settings.ids));
    page(&DeclarePage {
        frame,
        symptoms: Symptom::ALL,
        answers: ANSWERS,
        form,
        has_bad_temperature,
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
        for frame in frames() {
            let html = assert_sound(
                &frame,
                &DeclarePage {
                    frame: frame.clone(),
                    symptoms: Symptom::ALL,
                    answers: ANSWERS,
                    form: &form,
                    has_bad_temperature: true,
                    request: "0".repeat(32),
                },
            );
            assert_eq!(html.matches(" checked").count(), 2);
            assert!(html.contains(&frame.t("declare-bad-temperature")));
        }
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
