//! `/`: the first page, and the doors of the demonstration.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use fluent_bundle::FluentArgs;
use serde::Deserialize;
use service::SessionKind;
use service::providers::Audience;

use super::dates::Calendar;
use super::enter_case::{PatientChoice, patients};
use super::providers::{self, ProviderLink};
use super::status_style::StatusStyle;
use super::{Frame, demo_desk, go_to, page, request_key};
use crate::App;
use crate::cookie;
use crate::principal::browser;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::settings::{Demo, Persona, Words};

/// A resident of the demonstration, to choose.
pub(super) struct Choice {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) about: String,
    /// The code that the checkpoint scanned first.
    pub(super) first_code: Option<String>,
}

/// Which resident of the demonstration.
#[derive(Deserialize)]
pub(super) struct PersonaForm {
    persona: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    providers: Vec<ProviderLink>,
}

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage {
    frame: Frame,
    personas: Vec<Choice>,
    /// What they are now.
    now: Vec<Now>,
    /// The time in the city.
    time: String,
    /// Whom the first officer confirms at a press.
    /// Who can fall ill, each with what confirms one case of theirs.
    patients: Vec<(PatientChoice, String)>,
    /// Whom the order is about that the first officer proposes and the second one approves.
    ordered: Option<Ordered>,
    /// By which a press counts once, however often it is sent.
    request: String,
}

/// An order of the demonstration: who is named in it, and on its two buttons.
struct Ordered {
    person: String,
    proposes: String,
    approves: String,
}

/// A resident of the demonstration as they are now.
struct Now {
    name: String,
    style: StatusStyle,
    until: Option<String>,
}

/// Shows the first page.
pub(super) async fn home(State(app): State<App>, frame: Frame) -> Result<Response, Problem> {
    if app.settings.demo.is_none() {
        let providers = providers::links(&app, &frame, Audience::Residents);
        return page(&HomePage { frame, providers });
    }
    let calendar = Calendar::of(&frame, &app)?;
    let time = calendar.date_time(app.service.now());
    let now = as_they_are(&app, &frame, &calendar).await?;
    page(&DemoPage {
        personas: personas(&app, &frame),
        patients: patients(&app, &frame)
            .into_iter()
            .map(|patient| (patient, request_key(&app, "")))
            .collect(),
        ordered: ordered(&app, &frame),
        request: request_key(&app, ""),
        frame,
        now,
        time,
    })
}

fn ordered(app: &App, frame: &Frame) -> Option<Ordered> {
    let demo = app.settings.demo.as_ref()?;
    let [proposes, approves, ..] = &demo.officers[..] else {
        return None;
    };
    let in_words = |words: &Words| words.in_language(frame.language).to_owned();
    Some(Ordered {
        person: in_words(&demo_desk::ordered(demo)?.name),
        proposes: in_words(&proposes.name),
        approves: in_words(&approves.name),
    })
}

/// What is written on the button of the officer who proposes.
fn proposing(frame: &Frame, ordered: &Ordered) -> String {
    let mut args = FluentArgs::new();
    args.set("officer", ordered.proposes.as_str());
    args.set("name", ordered.person.as_str());
    frame.language.fill("demo-two-propose", &args)
}

/// Lets a day pass in the city.
pub(super) async fn let_a_day_pass(
    State(app): State<App>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Response, Problem> {
    let demo = app.settings.demo.as_ref().ok_or_else(Problem::not_found)?;
    demo.day_passes.pass();
    Ok(go_to("/#days", None))
}

async fn as_they_are(app: &App, frame: &Frame, calendar: &Calendar) -> Result<Vec<Now>, Problem> {
    let mut now = Vec::new();
    for persona in app.settings.demo.iter().flat_map(|demo| &demo.personas) {
        let resident = app.service.access.resident(&persona.token).await?;
        let report = app
            .service
            .people
            .status(&resident, frame.language.tag())
            .await?;
        let verdict = &report.explanation.verdict;
        let ends = verdict.restrictions.iter().map(|one| one.finding.until);
        now.push(Now {
            name: persona.name.in_language(frame.language).to_owned(),
            style: verdict.status.into(),
            until: ends
                .max()
                .map(|until| frame.with("code-until", "when", &calendar.end(until))),
        });
    }
    Ok(now)
}

/// Opens the page of a resident of the demonstration, as if this browser were their phone.
pub(super) async fn open_resident(
    State(app): State<App>,
    headers: HeaderMap,
    SameOriginForm(form): SameOriginForm<PersonaForm>,
) -> Result<Response, Problem> {
    let (_, persona) = form.chosen(&app)?;
    let resident = app.service.access.resident(&persona.token).await?;
    let accounts = &app.service.accounts;
    let session = accounts.begin_session(&resident, SessionKind::Page, browser(&headers));
    let cookie = cookie::set_session(&app.settings, &session.await?);
    Ok(go_to("/me", cookie))
}

impl PersonaForm {
    /// The demonstration and the resident of it that was chosen.
    ///
    /// # Errors
    /// A `not-found` problem if there is no such resident.
    pub(super) fn chosen<'a>(&self, app: &'a App) -> Result<(&'a Demo, &'a Persona), Problem> {
        let demo = app.settings.demo.as_ref();
        let found = demo.and_then(|demo| Some((demo, demo.persona(&self.persona)?)));
        found.ok_or_else(Problem::not_found)
    }
}

/// The residents of the demonstration; none when it does not run.
pub(super) fn personas(app: &App, frame: &Frame) -> Vec<Choice> {
    let Some(demo) = &app.settings.demo else {
        return Vec::new();
    };
    let choice = demo.personas.iter().map(|persona| Choice {
        key: persona.key.clone(),
        name: persona.name.in_language(frame.language).to_owned(),
        about: persona.about.in_language(frame.language).to_owned(),
        first_code: demo.scanned.first(&persona.key),
    });
    choice.collect()
}

#[cfg(test)]
mod tests {
    use domain::{Colour, Status};

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_first_page_renders_in_every_language() {
        for frame in frames() {
            assert_sound(
                &frame,
                &HomePage {
                    frame: frame.clone(),
                    providers: vec![ProviderLink {
                        key: "national-id".into(),
                        name: "<b>".into(),
                    }],
                },
            );
            let ming = Choice {
                key: "ming".into(),
                name: "Ming".into(),
                about: "Had lunch.".into(),
                first_code: None,
            };
            assert_sound(
                &frame,
                &DemoPage {
                    frame: frame.clone(),
                    personas: vec![ming],
                    now: vec![Now {
                        name: "<b>Ming".into(),
                        style: Status::Decided(Colour::Yellow).into(),
                        until: Some("tomorrow".into()),
                    }],
                    time: "now".into(),
                    patients: vec![(
                        PatientChoice {
                            person: "0".repeat(32),
                            name: "<b>Wu".into(),
                            about: "Was tested.".into(),
                        },
                        "2".repeat(32),
                    )],
                    ordered: Some(Ordered {
                        person: "<b>Ming".into(),
                        proposes: "Dr Lin".into(),
                        approves: "Dr Zhao".into(),
                    }),
                    request: "1".repeat(32),
                },
            );
        }
    }

    #[tokio::test]
    async fn the_demonstration_opens_a_residents_page_with_one_press() {
        let (city, ..) = City::start_demo().await;
        let home = city.get("/").header("accept-language", "zh-CN").await;
        assert!(home.text.contains("小明") && home.text.contains("lang=\"zh-Hans\""));
        let opened = city.post("/demo/resident").form("persona=ming").await;
        let session = opened.cookie(RESIDENT_COOKIE).unwrap();
        let page = city
            .get("/me?lang=en")
            .cookie(RESIDENT_COOKIE, &session)
            .await;
        assert!(page.text.contains("Ming&#39;s code"), "{}", page.text);
    }

    #[tokio::test]
    async fn a_contact_turns_and_turns_back_as_days_pass_at_a_press() {
        let (city, ming, _) = City::start_demo().await;
        let now = async || {
            let page = city.get("/?lang=en").await.text;
            let line = page.split("<li data-persona>").nth(1).unwrap().to_owned();
            line[..line.find("</li>").unwrap()].to_owned()
        };
        assert!(now().await.contains("Green"), "{}", now().await);
        let day = || city.post("/demo/day").form("").into_future();
        city.submit(&city.health, &city.close_contact(&ming)).await;
        assert!(now().await.contains("Red"), "{}", now().await);
        let before = city.now();
        for _ in 0..14 {
            assert_eq!(day().await.status, 303);
        }
        assert_eq!(city.now().duration_since(before).as_hours(), 14 * 24);
        let later = now().await;
        assert!(!later.contains("Red"), "{later}");
    }

    #[tokio::test]
    async fn an_installation_has_no_doors_of_the_demonstration() {
        let city = City::start().await;
        assert!(!city.get("/").await.text.contains("/demo/"));
        assert_eq!(
            city.post("/demo/resident")
                .form("persona=ming")
                .await
                .status,
            404
        );
        assert_eq!(
            city.post("/demo/scan").form("persona=ming").await.status,
            404
        );
        for press in ["day", "case", "order", "approval"] {
            let pressed = city.post(&format!("/demo/{press}")).form("").await;
            assert_eq!(pressed.status, 404, "{press}");
        }
    }
}
