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
mod tests;
