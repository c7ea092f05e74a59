//! `/declare`: how one is.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::evidence::{BadTemperature, ContactAnswer, Fact, Symptom, Symptoms, Temperature};
use domain::{PersonId, RequestKey, Timestamp};
use jiff::SignedDuration;
use serde::Deserialize;
use service::{Declaration, DeclaredStay, Resident, SELF_AUTHORITY};

use super::dates::Calendar;
use super::facts::{said_in_words, withdrawn};
use super::form_errors::{FormError, FormErrors};
use super::journeys::{Journeys, earliest};
use super::ways_out::{WayView, ways_out};
use super::whose::Whose;
use super::{Frame, go_to, page};
use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What the person ticked and typed.
#[derive(Default)]
struct DeclareForm {
    request: Option<RequestKey>,
    /// Whose report the form was drawn for.
    about: Option<PersonId>,
    /// When it was drawn: a journey that lasts until today is the same however often it is sent.
    drawn: Option<Timestamp>,
    symptoms: Symptoms,
    contact: Option<ContactAnswer>,
    temperature: String,
    journeys: Journeys,
}

#[derive(Template)]
#[template(path = "declare.html")]
struct DeclarePage<'f> {
    frame: Frame,
    symptoms: &'static [Symptom],
    answers: &'static [ContactAnswer],
    form: &'f DeclareForm,
    errors: FormErrors,
    /// Names of regions, to choose from.
    regions: Vec<String>,
    /// The first and the last day that can be chosen.
    earliest: String,
    today: String,
    /// When it is drawn, in Unix seconds.
    drawn: i64,
    /// Drawn once for each form: pressing the button twice declares once.
    request: String,
    /// Whose report it is, so that it is not taken for that of an account that signed in since.
    about: String,
    earlier: Earlier,
}

/// What the person reported before.
#[derive(Default)]
struct Earlier {
    /// When that was, and whether it was today.
    said: Option<String>,
    /// The last answers in words, offered again.
    again: Option<String>,
    /// How far reports lead out of a restriction.
    counts: Vec<WayView>,
    /// Whose report it is.
    whose: Whose,
}

/// The order in which the form asks.
const ANSWERS: &[ContactAnswer] = &[
    ContactAnswer::None,
    ContactAnswer::Unsure,
    ContactAnswer::Suspected,
    ContactAnswer::Confirmed,
];

const NO_CONTACT: FormError = FormError::at("contact", "declare-no-contact");
const OF_ANOTHER: FormError = FormError::of_all("declare-of-another");
const BAD_TEMPERATURE: FormError = FormError::at("temperature", "declare-bad-temperature");

/// A form that is older is one of another day.
const DRAWN_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// What the address asks for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Fills the form with the last answers.
    again: Option<String>,
}

/// Shows the form.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let (earlier, last) = earlier(&app, &frame, &resident).await?;
    let again = asked.is_ok_and(|Query(asked)| asked.again.is_some());
    let form = last.filter(|_| again).unwrap_or_default();
    form_page(
        &app,
        frame,
        &resident,
        &form,
        FormErrors::default(),
        earlier,
    )
}

/// What the person reported before, and the last answers as a form.
async fn earlier(
    app: &App,
    frame: &Frame,
    resident: &Resident,
) -> Result<(Earlier, Option<DeclareForm>), Problem> {
    let calendar = Calendar::of(frame, app)?;
    let evidence = app.service.evidence.own_evidence_of(resident).await?;
    let taken_back = withdrawn(&evidence);
    let reports = evidence.iter().filter_map(|one| match one.fact {
        Fact::Declaration {
            at,
            symptoms,
            contact,
            ..
        } if one.authority == SELF_AUTHORITY && !taken_back.contains_key(&one.id) => {
            let form = DeclareForm {
                symptoms,
                contact: Some(contact),
                ..DeclareForm::default()
            };
            Some((at, form))
        }
        _ => None,
    });
    let whose = Whose::of(app, frame, resident, "/declare").await;
    let Some((at, form)) = reports.max_by_key(|(at, _)| *at) else {
        let earlier = Earlier {
            whose,
            ..Earlier::default()
        };
        return Ok((earlier, None));
    };
    let is_today = calendar.date(at) == calendar.date(app.service.now());
    let text = match is_today {
        true => "declare-today",
        false => "declare-last",
    };
    let report = app.service.people.status(resident, frame.language.tag());
    let report = report.await?;
    let mut counts = Vec::new();
    for reason in &report.explanation.restrictions {
        let ways = ways_out(reason, frame, &calendar).into_iter();
        counts.extend(ways.filter(|way| way.is_report && way.need > 1));
    }
    let earlier = Earlier {
        said: Some(frame.with(text, "when", &calendar.date_time(at))),
        again: form
            .contact
            .map(|contact| said_in_words(frame, form.symptoms, contact)),
        counts,
        whose,
    };
    Ok((earlier, Some(form)))
}

/// Takes the declaration and shows the code page.
pub(super) async fn declare(
    State(app): State<App>,
    frame: Frame,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(pairs): SameOriginForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = DeclareForm::read(&pairs);
    let read = match form.is_of(resident.person()) {
        true => form.report(&app, &Calendar::of(&frame, &app)?),
        false => Err(OF_ANOTHER.into()),
    };
    let (declaration, stays) = match read {
        Ok(report) => report,
        Err(errors) => {
            let (earlier, _) = earlier(&app, &frame, &resident).await?;
            return form_page(&app, frame, &resident, &form, errors, earlier);
        }
    };
    app.service
        .people
        .declare(&resident, form.request, declaration, &stays)
        .await?;
    Ok(go_to(&frame.to("/me"), None))
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
            about: value("about").parse().ok(),
            drawn: value("drawn")
                .parse()
                .ok()
                .and_then(|seconds| Timestamp::from_second(seconds).ok()),
            symptoms: ticked
                .filter_map(|(_, symptom)| symptom.parse::<Symptom>().ok())
                .collect(),
            contact: value("contact").parse().ok(),
            temperature: value("temperature").to_owned(),
            journeys: Journeys::read(value),
        }
    }

    /// Whether it was drawn for this person, as far as it says.
    fn is_of(&self, person: PersonId) -> bool {
        self.about.is_none_or(|about| about == person)
    }

    /// What the form reports of health and journeys, or every value to look at again.
    fn report(
        &self,
        app: &App,
        calendar: &Calendar,
    ) -> Result<(Declaration, Vec<DeclaredStay>), FormErrors> {
        let stays = self.journeys.stays(
            &app.settings.places,
            calendar,
            self.drawn_at(app.service.now()),
        );
        match (self.contact, self.temperature(), stays) {
            (Some(contact), Ok(temperature), Ok(stays)) => {
                let declaration = Declaration {
                    symptoms: self.symptoms,
                    temperature,
                    contact,
                };
                Ok((declaration, stays))
            }
            (contact, temperature, stays) => {
                let no_contact = contact.is_none().then_some(NO_CONTACT);
                let bad_temperature = temperature.is_err().then_some(BAD_TEMPERATURE);
                let journeys = stays.err().into_iter().flatten();
                let own = no_contact.into_iter().chain(bad_temperature);
                Err(own.chain(journeys).collect())
            }
        }
    }

    /// When it was drawn, if that was within the last day.
    fn drawn_at(&self, now: Timestamp) -> Timestamp {
        let is_of_today = |drawn: &Timestamp| {
            let ago = now.duration_since(*drawn);
            !ago.is_negative() && ago <= DRAWN_LASTS
        };
        self.drawn.filter(is_of_today).unwrap_or(now)
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
    resident: &Resident,
    form: &DeclareForm,
    errors: FormErrors,
    earlier: Earlier,
) -> Result<Response, Problem> {
    let about = resident.person();
    // Of another person's form the key is used up with theirs.
    let request = form.request.filter(|_| form.is_of(about));
    let request = request.unwrap_or_else(|| RequestKey::generate(&*app.settings.ids));
    let drawn = form.drawn_at(app.service.now());
    let today = Calendar::of(&frame, app)?.date(drawn);
    page(&DeclarePage {
        drawn: drawn.as_second(),
        earliest: earliest(today).to_string(),
        regions: app.settings.places.offered().to_vec(),
        today: today.to_string(),
        frame,
        symptoms: Symptom::ALL,
        answers: ANSWERS,
        form,
        errors,
        request: request.to_string(),
        about: about.to_string(),
        earlier,
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
            about: None,
            drawn: None,
            journeys: Journeys::read(|name| match name {
                "region1" => "\"><b>Wuhan",
                "from1" => "2020-02-30",
                "transit1" => "yes",
                _ => "",
            }),
        };
        let journeys = [
            ("region1", "journey-bad-region"),
            ("from1", "journey-bad-day"),
            ("until2", "journey-last-first"),
            ("from3", "journey-no-day"),
        ];
        let journeys = journeys.map(|(field, text)| FormError::at(field, text));
        let errors = [NO_CONTACT, BAD_TEMPERATURE].into_iter().chain(journeys);
        let errors: FormErrors = errors.collect();
        for frame in frames() {
            let html = assert_sound(
                &frame,
                &DeclarePage {
                    frame: frame.clone(),
                    symptoms: Symptom::ALL,
                    answers: ANSWERS,
                    form: &form,
                    errors: errors.clone(),
                    regions: vec!["<b>Wuhan".into()],
                    earliest: "2019-11-12".into(),
                    today: "2020-02-20".into(),
                    drawn: 1_582_156_800,
                    request: "0".repeat(32),
                    about: "1".repeat(32),
                    earlier: Earlier {
                        said: Some("yesterday".into()),
                        again: Some("well".into()),
                        counts: Vec::new(),
                        whose: Whose::sample(),
                    },
                },
            );
            assert_eq!(html.matches(" checked").count(), 3);
            assert!(!html.contains("<b>Wuhan"));
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
    async fn a_form_that_was_drawn_for_somebody_else_is_shown_again() {
        let city = City::start().await;
        let (ming, li) = (city.resident("Ming").await, city.resident("Li").await);
        let drawn = city.get("/declare?lang=en");
        let drawn = drawn.cookie(RESIDENT_COOKIE, &ming.session).await.text;
        let (_, about) = drawn.split_once("name=\"about\" value=\"").unwrap();
        let about = &about[..about.find('"').unwrap()];
        let form = format!("about={about}&contact=none&symptom=fever");
        let send = |session: &str| {
            let ask = city
                .post("/declare?lang=en")
                .cookie(RESIDENT_COOKIE, session);
            ask.form(&form).into_future()
        };
        let shown = send(&li.session).await;
        assert!(shown.text.contains("Somebody else signed in"), "{shown:?}");
        assert!(!shown.text.contains(about), "{shown:?}");
        assert_eq!(city.status(&li).await, "undeclared");
        assert_eq!(send(&ming.session).await.status, 303);
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

    #[tokio::test]
    async fn the_last_answers_are_offered_again_and_are_not_sent_by_themselves() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        let get = |address: &str| city.get(address).cookie(RESIDENT_COOKIE, &ming.session);
        let first = get("/declare?lang=en").await.text;
        assert!(!first.contains("again=yes"), "{first}");
        let sent = city.post("/declare").cookie(RESIDENT_COOKIE, &ming.session);
        let sent = sent.form("contact=unsure&symptom=cough").await;
        assert_eq!(sent.status, 303, "{sent:?}");
        let page = get("/declare?lang=en").await.text;
        assert!(page.contains("You reported today"), "{page}");
        assert!(page.contains("Cough · Met a case: I do not know"), "{page}");
        assert!(!page.contains(" checked"), "{page}");
        let filled = get("/declare?again=yes&lang=en").await.text;
        assert!(filled.contains("value=\"cough\" checked"), "{filled}");
        assert!(
            filled.contains("value=\"unsure\" required checked"),
            "{filled}"
        );
        city.later(24 * 60);
        let page = get("/declare?lang=en").await.text;
        assert!(
            page.contains("Your last report was on 20 February"),
            "{page}"
        );
    }
}
