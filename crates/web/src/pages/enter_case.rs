//! `/officer/cases/new`: a case with the people whom it names. Everything is checked before anything is
//! written, and all that was typed comes back with a refusal.

mod reading;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::DocumentKind;
use domain::evidence::Relation;
use fluent_bundle::FluentArgs;
use service::{Entered, EntryRefused, OfficeCase, ServiceError, Staff};

use self::reading::{ANOTHER, Errors, FieldError, LINES, Reader, Typed};
use super::choice::Choice;
use super::dates::Calendar;
use super::register::kind_text;
use super::step_up::must_show_passkey;
use super::{Frame, go_to, page_with, request_key};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;

/// What stands for an identifier in the choice of documents.
const IDENTIFIER: &str = "id";
/// How somebody may have met a case, as the form offers it.
const RELATIONS: [Relation; 6] = [
    Relation::Close,
    Relation::Household,
    Relation::Building,
    Relation::Vehicle,
    Relation::Venue,
    Relation::Other,
];

/// A field, as the page draws it.
struct Field {
    id: String,
    value: String,
    error: Option<String>,
}

/// A line of the form.
struct Line {
    number: usize,
    kind: String,
    kinds: Vec<Choice>,
    document: Field,
    again: Field,
    relation: String,
    relations: Vec<Choice>,
    first: Field,
    last: Field,
    minutes: Field,
}

#[derive(Template)]
#[template(path = "enter_case.html")]
struct EnterPage {
    frame: Frame,
    /// Whether the passkey must be shown before a case is confirmed.
    is_stale: bool,
    /// People to choose from, in the demonstration.
    patients: Vec<PatientChoice>,
    chosen: String,
    errors: Errors,
    kinds: Vec<Choice>,
    document: Field,
    again: Field,
    onset: Field,
    found: Field,
    found_time: Field,
    is_asymptomatic: bool,
    /// Where the case is that the office has already; empty if only that it may be another illness is kept.
    known: Option<String>,
    is_another: bool,
    lines: Vec<Line>,
    today: String,
    request: String,
}

/// Somebody of the demonstration who can be confirmed as a case, or ordered.
#[derive(Clone)]
pub(super) struct PatientChoice {
    pub(super) person: String,
    pub(super) name: String,
    pub(super) about: String,
}

/// People of the demonstration to choose from; none when it does not run.
pub(super) fn patients(app: &App, frame: &Frame) -> Vec<PatientChoice> {
    let patients = app.settings.demo.iter().flat_map(|demo| &demo.patients);
    let patients = patients.map(|patient| PatientChoice {
        person: patient.person.to_string(),
        name: patient.name.in_language(frame.language).to_owned(),
        about: patient.about.in_language(frame.language).to_owned(),
    });
    patients.collect()
}

/// Shows the form.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ConfirmCase>,
) -> Result<Response, Problem> {
    let patient = app.settings.demo.as_ref();
    let patient = patient.and_then(|demo| demo.patients.first());
    let onset = patient.and_then(|patient| patient.onset);
    let mut typed = Typed::default();
    if let Some(onset) = onset {
        typed.0.insert("onset".to_owned(), onset.to_string());
    }
    enter_page(&app, frame, &staff, &typed, (Errors::default(), None))
}

/// Puts the case and the people whom it names on record, and shows the search for others.
pub(super) async fn enter(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ConfirmCase>,
    SameOriginForm(form): SameOriginForm<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut typed = Typed(form.into_iter().collect());
    let calendar = Calendar::of(&frame, &app)?;
    let mut errors = Errors::default();
    let reader = Reader {
        frame: &frame,
        typed: &typed,
        calendar: &calendar,
        now: app.service.now(),
    };
    let entry = reader.entry(&mut errors);
    let (Some((entry, places)), true) = (entry, errors.0.is_empty()) else {
        return enter_page(&app, frame, &staff, &typed, (errors, None));
    };
    let mut known = None;
    match app.service.tracing.enter_case(&staff, entry).await {
        Ok(Entered::Done(case, contacts)) => {
            let (person, diagnosis) = (case.person, case.diagnosis);
            let address = format!("/officer/cases/{person}/{diagnosis}?entered={contacts}");
            return Ok(go_to(&address, None));
        }
        Ok(Entered::Held(_)) => return Ok(go_to("/officer/batches", None)),
        Ok(Entered::Known(case)) => {
            let found = calendar.date_time(case.found_at);
            errors.add("document", frame.with("enter-known", "when", &found));
            known = Some(case);
        }
        Ok(Entered::Refused(refused)) => {
            for one in refused {
                errors.0.push(refusal(&frame, &one, &places));
            }
        }
        Err(ServiceError::RequestKeyReused(_)) => {
            typed.0.remove("request");
            errors.add("document", frame.t("form-sent-before"));
        }
        Err(ServiceError::StepUpNeeded) => errors.add("document", frame.t("step-up-first")),
        Err(ServiceError::UnknownPerson) => errors.add("document", frame.t("officer-bad-person")),
        Err(ServiceError::BadField { field: "onset", .. }) => {
            errors.add("onset", frame.t("officer-bad-onset"));
        }
        Err(error) => return Err(error.into()),
    }
    enter_page(&app, frame, &staff, &typed, (errors, known))
}

/// What the service refused, beside the field that it is about.
fn refusal(frame: &Frame, refused: &EntryRefused, places: &[usize]) -> FieldError {
    let line = |place: usize| places.get(place).copied().unwrap_or(place + 1);
    let name = |case: &str, letter: &str| match refused.line {
        None => case.to_owned(),
        Some(place) => format!("{letter}{}", line(place)),
    };
    let (field, text) = match refused.field {
        "person" => (name("document", "n"), frame.t("officer-bad-person")),
        "same" => {
            let text = match refused.same_as {
                None => frame.t("enter-same-as-case"),
                Some(place) => {
                    let mut args = FluentArgs::new();
                    args.set("line", line(place));
                    frame.language.fill("enter-same-as-line", &args)
                }
            };
            (name("document", "n"), text)
        }
        "onset" => (name("onset", "f"), frame.t("officer-bad-onset")),
        "at" => (name("found", "f"), frame.t("officer-bad-onset")),
        "minutes" => (name("document", "m"), frame.t("enter-bad-minutes")),
        "last" => (name("found", "l"), frame.t("enter-bad-day")),
        "item" => (name("found_time", "m"), frame.t("enter-taken-back")),
        _ => (name("found", "f"), frame.t("enter-bad-day")),
    };
    FieldError { field, text }
}

fn enter_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    typed: &Typed,
    (errors, known): (Errors, Option<OfficeCase>),
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, app)?;
    let is_refused = !errors.0.is_empty();
    let around = Around {
        is_stale: must_show_passkey(app, staff),
        today: calendar.date(app.service.now()).to_string(),
        request: request_key(app, typed.get("request")),
        patients: patients(app, &frame),
        known: known.map(|case| format!("/officer/cases/{}/{}", case.person, case.diagnosis)),
    };
    page_with(&drawn(frame, typed, errors, around), is_refused)
}

/// What the page shows that was not typed.
struct Around {
    is_stale: bool,
    today: String,
    request: String,
    patients: Vec<PatientChoice>,
    known: Option<String>,
}

fn drawn(frame: Frame, typed: &Typed, errors: Errors, around: Around) -> EnterPage {
    let field = |id: String| Field {
        value: typed.get(&id).to_owned(),
        error: errors.at(&id),
        id,
    };
    let line = |number: usize| {
        let named = |name: &str| format!("{name}{number}");
        let chosen = typed.get(&named("r")).to_owned();
        let relations = RELATIONS.into_iter().enumerate().map(|(place, relation)| {
            let is_chosen = relation.as_str() == chosen || chosen.is_empty() && place == 0;
            let label = frame.t(&format!("enter-met-{relation}"));
            Choice::new(relation.as_str(), label, is_chosen)
        });
        Line {
            number,
            kind: named("k"),
            kinds: kinds(&frame, typed.get(&named("k"))),
            document: field(named("n")),
            again: field(named("a")),
            relation: named("r"),
            relations: relations.collect(),
            first: field(named("f")),
            last: field(named("l")),
            minutes: field(named("m")),
        }
    };
    EnterPage {
        is_stale: around.is_stale,
        patients: around.patients,
        chosen: typed.get("person").to_owned(),
        kinds: kinds(&frame, typed.get("kind")),
        document: field("document".to_owned()),
        again: field("again".to_owned()),
        onset: field("onset".to_owned()),
        found: field("found".to_owned()),
        found_time: field("found_time".to_owned()),
        is_asymptomatic: typed.get("asymptomatic") == "yes",
        known: around.known,
        is_another: typed.get(ANOTHER) == "yes",
        lines: (1..=LINES).map(line).collect(),
        today: around.today,
        request: around.request,
        errors,
        frame,
    }
}

/// Kinds of document to choose from, and the identifier that a laboratory's report has.
fn kinds(frame: &Frame, chosen: &str) -> Vec<Choice> {
    let documents = DocumentKind::ALL.into_iter().map(|kind| {
        let label = frame.t(kind_text(&kind));
        Choice::new(kind.code(), label, kind.code() == chosen)
    });
    let identifier = frame.t("officer-person-id");
    let identifier = Choice::new(IDENTIFIER, identifier, chosen == IDENTIFIER);
    documents.chain([identifier]).collect()
}

#[cfg(test)]
mod tests;
