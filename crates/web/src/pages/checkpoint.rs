//! `/checkpoint`: scan, and know within a second. Keeps nothing about the people it checks.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::{Assurance, Colour};
use fluent_bundle::FluentArgs;
use serde::{Deserialize, Serialize};
use service::ServiceError;
use service::credential::{Accepted, Form, Refusal, Settings};

use super::answers::{Answer, REFUSAL_WORDS};
use super::at_gate::DoorView;
use super::dates::Calendar;
use super::demo::{Choice, PersonaForm, personas};
use super::{Frame, page, request_key};
use crate::App;
use crate::principal::GateScanner;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What a scanner typed or somebody pasted.
#[derive(Deserialize)]
pub(super) struct CheckForm {
    code: String,
}

#[derive(Template)]
#[template(path = "checkpoint.html")]
struct CheckpointPage {
    frame: Frame,
    result: Option<CheckResult>,
    personas: Vec<Choice>,
    /// The scanner that this device is, if a lead made it one.
    door: Option<DoorView>,
    /// What records a visit without a script, after an answer that lets somebody in.
    visit: Option<VisitToRecord>,
    /// The name of the text that says what became of it.
    recorded: Option<&'static str>,
}

/// A visit that waits for the guard's press.
struct VisitToRecord {
    request: String,
    code: String,
    venue: String,
    at: i64,
}

/// Every answer, to be read by guards, and taken by the scanner in the browser.
#[derive(Template)]
#[template(path = "answers.html")]
struct AnswersPage {
    frame: Frame,
    answers: Vec<(String, CheckResult)>,
}

/// Shows what a checkpoint may answer, and what to do then.
pub(super) async fn answers(frame: Frame) -> Result<Response, Problem> {
    page(&AnswersPage {
        frame,
        answers: every_answer(),
    })
}

/// What the guard sees.
#[derive(Clone)]
struct CheckResult {
    answer: Answer,
    help: String,
    /// In which form it was shown: the name of the text that says so.
    form: Option<&'static str>,
    /// The masked name on a card, to be compared with a document.
    name: Option<String>,
    /// Whether nobody has checked that the code is shown by its person.
    is_name_unchecked: bool,
    /// How old the knowledge is.
    age: String,
}

/// What a scanner in the browser must know to work without a network.
#[derive(Serialize)]
pub(super) struct Knowledge {
    /// The clock of this server, in Unix seconds.
    now: i64,
    /// The keys that sign trust lists, as text.
    roots: Vec<String>,
    /// How many status lists there are.
    lists: u32,
}

/// Says what a scanner fetches: the trust list and the status lists are at the addresses of the API.
pub(super) async fn knowledge(State(app): State<App>) -> Json<Knowledge> {
    let roots = app.service.checks.roots();
    Json(Knowledge {
        now: app.service.now().as_second(),
        roots: roots.iter().map(ToString::to_string).collect(),
        lists: app.service.codes.status_lists(),
    })
}

/// Every answer that the scanner in the browser may give, by its name there.
fn every_answer() -> Vec<(String, CheckResult)> {
    let blank = |answer, help| CheckResult {
        answer,
        help,
        form: None,
        name: None,
        is_name_unchecked: false,
        age: String::new(),
    };
    let colours = Answer::ALL.into_iter();
    let colours = colours.filter(|answer| !answer.style().is_refused());
    let colours = colours.map(|answer| (answer.key().to_owned(), blank(answer, answer.help())));
    let refusals = REFUSAL_WORDS.into_iter().map(|word| {
        let answer = Answer::of_refusal(word);
        (word.to_owned(), blank(answer, format!("refusal-{word}")))
    });
    colours.chain(refusals).collect()
}

/// Waits for a code.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    scanner: Option<GateScanner>,
) -> Result<Response, Problem> {
    checkpoint_page(&app, frame, scanner.as_ref(), Shown::default())
}

/// Checks a code.
pub(super) async fn check(
    State(app): State<App>,
    frame: Frame,
    scanner: Result<Option<GateScanner>, Problem>,
    SameOriginForm(form): SameOriginForm<CheckForm>,
) -> Result<Response, Problem> {
    // A code is checked, whatever is known about the scanner.
    let scanner = scanner.unwrap_or_default();
    result_page(&app, frame, scanner.as_ref(), &form.code)
}

/// Scans the phone of a resident of the demonstration: shows their code live, as their phone would, and
/// checks it.
pub(super) async fn scan_persona(
    State(app): State<App>,
    frame: Frame,
    scanner: Option<GateScanner>,
    SameOriginForm(form): SameOriginForm<PersonaForm>,
) -> Result<Response, Problem> {
    let (demo, persona) = form.chosen(&app)?;
    let resident = app.service.access.resident(&persona.token).await?;
    match demo.phones.show(&app, &resident, &persona.key).await {
        Ok(text) => {
            demo.scanned.keep(&persona.key, &text);
            result_page(&app, frame, scanner.as_ref(), &text)
        }
        Err(ServiceError::Undeclared) => {
            let result = CheckResult {
                answer: Answer::NoReport,
                help: Answer::NoReport.help(),
                form: None,
                name: None,
                is_name_unchecked: false,
                age: String::new(),
            };
            let shown = Shown {
                result: Some(result),
                ..Shown::default()
            };
            checkpoint_page(&app, frame, scanner.as_ref(), shown)
        }
        Err(error) => Err(error.into()),
    }
}

/// The page after a visit was recorded without a script, or could not be.
pub(super) fn after_a_visit(
    app: &App,
    frame: Frame,
    scanner: GateScanner,
    is_taken: bool,
) -> Result<Response, Problem> {
    let recorded = if is_taken {
        "door-recorded"
    } else {
        "door-not-recorded"
    };
    let shown = Shown {
        recorded: Some(recorded),
        ..Shown::default()
    };
    checkpoint_page(app, frame, Some(&scanner), shown)
}

/// What the page shows besides its field.
#[derive(Default)]
struct Shown {
    result: Option<CheckResult>,
    visit: Option<VisitToRecord>,
    recorded: Option<&'static str>,
}

fn result_page(
    app: &App,
    frame: Frame,
    scanner: Option<&GateScanner>,
    code: &str,
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, app)?;
    let result = match app.service.checks.verify(code.trim(), &Settings::default()) {
        Ok(accepted) => accepted_result(&accepted, &frame, &calendar),
        Err(refusal) => {
            let checked = frame.with(
                "checkpoint-checked",
                "when",
                &calendar.date_time(app.service.now()),
            );
            refused_result(&refusal, checked)
        }
    };
    let venue = scanner.and_then(|GateScanner(scanner)| scanner.venue());
    let lets_in = matches!(
        result.answer,
        Answer::Pass | Answer::Document | Answer::Unproven
    );
    let visit = venue.filter(|_| lets_in).map(|venue| VisitToRecord {
        request: request_key(app, ""),
        code: code.trim().to_owned(),
        venue: venue.id.to_string(),
        at: app.service.now().as_second(),
    });
    let shown = Shown {
        result: Some(result),
        visit,
        recorded: None,
    };
    checkpoint_page(app, frame, scanner, shown)
}

fn checkpoint_page(
    app: &App,
    frame: Frame,
    scanner: Option<&GateScanner>,
    shown: Shown,
) -> Result<Response, Problem> {
    let personas = personas(app, &frame);
    let door = scanner.map(|GateScanner(scanner)| DoorView::of(app, &frame, scanner));
    page(&CheckpointPage {
        frame,
        result: shown.result,
        personas,
        door,
        visit: shown.visit,
        recorded: shown.recorded,
    })
}

/// How many visits were recorded: `%1`, with a measurement: `%2`, and waiting: `%3`.
fn door_count(frame: &Frame) -> String {
    let mut args = FluentArgs::new();
    args.set("visits", "%1");
    args.set("measured", "%2");
    args.set("waiting", "%3");
    frame.language.fill("door-count", &args)
}

fn accepted_result(accepted: &Accepted, frame: &Frame, calendar: &Calendar) -> CheckResult {
    let answer = match accepted.colour {
        // Green is the colour of the person whom the document names.
        Colour::Green if accepted.form.can_be_copied() => Answer::Document,
        Colour::Green if accepted.wants_document() => Answer::Unproven,
        Colour::Green => Answer::Pass,
        Colour::Yellow => Answer::Yellow,
        Colour::Red => Answer::Red,
    };
    CheckResult {
        answer,
        help: answer.help(),
        form: Some(form_text(accepted.form)),
        is_name_unchecked: accepted.assurance < Assurance::Seen,
        name: accepted.name.as_ref().map(|name| name.as_str().to_owned()),
        age: frame.with(
            "checkpoint-fresh",
            "when",
            &calendar.date_time(accepted.known_at),
        ),
    }
}

/// What stands above the camera without a network: `%1` for since when, `%2` for until when it works.
fn alone_words(frame: &Frame) -> String {
    let mut args = FluentArgs::new();
    args.set("since", "%1");
    args.set("until", "%2");
    frame.language.fill("scanner-alone", &args)
}

const fn form_text(form: Form) -> &'static str {
    match form {
        Form::Live => "checkpoint-form-live",
        Form::Plain => "checkpoint-form-plain",
        Form::Card => "checkpoint-form-card",
    }
}

fn refused_result(refusal: &Refusal, age: String) -> CheckResult {
    CheckResult {
        answer: Answer::of_refusal(refusal.word()),
        help: format!("refusal-{}", refusal.word()),
        form: None,
        name: None,
        is_name_unchecked: false,
        age,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::{City, percent_encoded};

    fn sample((_, result): (String, CheckResult)) -> CheckResult {
        let name = (result.answer == Answer::Document).then(|| "<b>ing".to_owned());
        CheckResult {
            form: Some(match result.answer {
                Answer::Document => form_text(Form::Card),
                Answer::Yellow => form_text(Form::Plain),
                _ => form_text(Form::Live),
            }),
            is_name_unchecked: name.is_none(),
            name,
            age: "now".to_owned(),
            ..result
        }
    }

    #[test]
    fn every_result_renders_in_every_language_with_word_shape_and_colour() {
        for frame in frames() {
            let results = every_answer().into_iter().map(sample).map(Some);
            for result in results.chain([None]) {
                let answer = result.as_ref().map(|result| result.answer);
                let page = CheckpointPage {
                    frame: frame.clone(),
                    result,
                    personas: Vec::new(),
                    door: None,
                    visit: None,
                    recorded: None,
                };
                let html = assert_sound(&frame, &page);
                assert!(!html.contains("<b>"), "a name is escaped");
                let Some(answer) = answer else { continue };
                assert!(html.contains(answer.shape()));
                let shown = format!("result {}\" role=\"alert\"", answer.style().class());
                assert!(html.contains(&shown), "{html}");
            }
        }
    }

    #[test]
    fn guards_read_every_answer_in_every_language() {
        for frame in frames() {
            let answers = every_answer();
            let html = AnswersPage {
                frame: frame.clone(),
                answers: answers.clone(),
            };
            let html = html.render().unwrap();
            assert!(!html.contains('⟦'), "a text is missing: {html}");
            for (name, result) in answers {
                assert!(html.contains(&format!("data-for=\"{name}\"")), "{name}");
                let help = frame.t(&result.help).replace('\'', "&#39;");
                assert_eq!(html.matches(&help).count(), 2, "{name}");
            }
        }
    }

    #[tokio::test]
    async fn a_scanner_fetches_everything_it_needs_to_work_alone() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let card = city.post("/api/v1/me/codes/card").token(&ming.token).await;
        let known = city.get("/checkpoint/knowledge").await;
        let roots: Vec<&str> = known.json["roots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|root| root.as_str().unwrap())
            .collect();
        let mut scanner =
            scanner::Scanner::new(roots.iter().map(|root| root.parse().unwrap()).collect());
        let trust = city.get("/api/v1/trust-list").await.bytes;
        scanner.take_trust_list(&trust, city.now()).unwrap();
        for list in 0..known.json["lists"].as_u64().unwrap() {
            let list = city
                .get(&format!("/api/v1/status-lists/{list}"))
                .await
                .bytes;
            scanner.take_status_list(&list).unwrap();
        }
        city.later(20 * 60);
        let text = card.json["text"].as_str().unwrap();
        let checked = scanner.check(text, city.now());
        let answer = scanner::to_json(checked.as_ref());
        assert_eq!(answer["answer"], "document", "{answer}");
        city.later(5 * 60);
        let checked = scanner.check(text, city.now());
        assert_eq!(
            scanner::to_json(checked.as_ref())["refusal"],
            "trust-list-ran-out"
        );
        let page = city.get("/checkpoint/answers?lang=en").await.text;
        for answer in ["document", "trust-list-ran-out"] {
            assert!(page.contains(&format!("data-for=\"{answer}\"")), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_guard_scans_green_then_red_and_learns_no_name() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        city.is_seen(&ming).await;
        let phone = city.phone(&ming, 7).await;
        let scan = async || {
            let text = city.live_code(&ming, &phone).await;
            let form = format!("code={}", percent_encoded(&text));
            city.post("/checkpoint?lang=en").form(&form).await.text
        };
        let green = scan().await;
        assert!(
            green.contains("result green") && green.contains("May pass"),
            "{green}"
        );
        assert!(green.contains("Shown live") && !green.contains("Name not checked"));
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let red = scan().await;
        assert!(
            red.contains("result red") && red.contains("Must be at home"),
            "{red}"
        );
        assert!(!red.contains("Ming") && !red.contains("Close contact"));
    }

    #[tokio::test]
    async fn a_code_that_can_be_copied_is_never_plain_green() {
        let city = City::start().await;
        let ming = city.well_resident("Ming Li").await;
        for (form, shown) in [
            ("plain", "Shown without the signature of a phone"),
            ("card", "A printed card"),
        ] {
            let address = format!("/api/v1/me/codes/{form}");
            let code = city.post(&address).token(&ming.token).await;
            let text = code.json["text"].as_str().unwrap().to_owned();
            let body = format!("code={}", percent_encoded(&text));
            let page = city.post("/checkpoint?lang=en").form(&body).await.text;
            assert!(page.contains("result document"), "{page}");
            assert!(page.contains("Look at the document") && page.contains(shown));
            assert!(!page.contains("result green") && !page.contains("May pass"));
            assert_eq!(page.contains("M. L."), form == "card");
        }
    }

    #[tokio::test]
    async fn a_code_of_an_account_that_is_not_seen_is_never_plain_green() {
        let city = City::start().await;
        for (seed, who, assurance) in [
            (7, city.well_resident("Ming").await, "claimed"),
            (8, city.proven_resident("Wu").await, "phone"),
        ] {
            let phone = city.phone(&who, seed).await;
            let text = city.live_code(&who, &phone).await;
            let form = format!("code={}", percent_encoded(&text));
            let page = city.post("/checkpoint?lang=en").form(&form).await.text;
            assert!(page.contains("result document"), "{page}");
            assert!(page.contains("Look at the document") && page.contains("Name not checked"));
            assert!(page.contains("nobody has seen the document"), "{page}");
            assert!(!page.contains("result green") && !page.contains("May pass"));
            city.later(1);
            let text = city.live_code(&who, &phone).await;
            let body = serde_json::json!({ "code": text });
            let checked = city.post("/api/v1/verifications").json(&body).await;
            assert_eq!(checked.json["assurance"], assurance, "{checked:?}");
            assert_eq!(checked.json["colour"], "green");
            assert_eq!(checked.json["look_at_document"], true);
        }
    }

    #[tokio::test]
    async fn a_forged_code_is_no_colour() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let card = city.post("/api/v1/me/codes/card").token(&ming.token).await;
        let mut text = card.json["text"].as_str().unwrap().to_owned();
        let last = text.pop().unwrap();
        text.push(if last == '0' { '1' } else { '0' });
        let answer = city
            .post("/checkpoint?lang=en")
            .form(&format!("code={}", percent_encoded(&text)))
            .await;
        assert!(answer.text.contains("result refused"), "{}", answer.text);
        assert!(!answer.text.contains("result green"));
    }

    #[tokio::test]
    async fn in_the_demonstration_a_copy_of_the_first_code_is_refused_once_the_colour_turned() {
        let (city, ming, _) = City::start_demo().await;
        let scan = "Scan a copy of Ming&#39;s first code";
        let page = city.get("/checkpoint?lang=en").await;
        assert!(!page.text.contains(scan), "nothing was scanned yet");
        city.post("/demo/scan").form("persona=ming").await;
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let page = city.get("/checkpoint?lang=en").await.text;
        assert!(page.contains(scan), "{page}");
        let (_, copy) = page.split_once("name=\"code\" value=\"").unwrap();
        let (copy, _) = copy.split_once('"').unwrap();
        let answer = city
            .post("/checkpoint?lang=en")
            .form(&format!("code={}", percent_encoded(copy)))
            .await;
        assert!(answer.text.contains("result refused"), "{}", answer.text);
    }

    #[tokio::test]
    async fn in_the_demonstration_a_button_scans_a_residents_page() {
        let (city, ..) = City::start_demo().await;
        let page = city.get("/checkpoint?lang=en").await;
        assert!(page.text.contains("Scan Ming&#39;s code"), "{}", page.text);
        let answer = city.post("/demo/scan?lang=en").form("persona=ming").await;
        assert!(answer.text.contains("result document"));
        assert_eq!(
            city.post("/demo/scan").form("persona=nobody").await.status,
            404
        );
    }
}
