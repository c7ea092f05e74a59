//! `/officer/imports`: a line list is looked at before anything of it is taken in. The list stays in the
//! page between the two steps, so that the server keeps nothing of what nobody has accepted.

mod columns;
mod rows;
mod saved;
pub(super) mod saved_lists;

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::RequestKey;
use domain::evidence::FactKind;
use service::{Action, Item, Staff, Submission};
use sha2::{Digest as _, Sha256};

use self::columns::{KINDS, Target, guess};
use self::rows::{Listed, RowError, RowReader};
use self::saved::{Saved, saved};
use super::choice::Choice;
use super::dates::Calendar;
use super::step_up::must_show_passkey_for;
use super::{Frame, page, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginUpload;
use crate::wire::{FormData, hex};

/// Rows of a list.
const MOST_ROWS: usize = 1_000;
/// Bytes of a list: it travels in the page.
const MOST_BYTES: usize = 150_000;
/// Bytes of a list that is too large and yet given back, so that it can be divided in the page.
const MOST_KEPT: usize = 500_000;
/// Rows that cannot be taken in, shown.
const SHOWN: usize = 100;
/// Columns of a list.
const MOST_COLUMNS: usize = 40;

/// The first page: what to give.
#[derive(Template)]
#[template(path = "import.html")]
struct FirstPage {
    frame: Frame,
    kinds: Vec<Choice>,
    text: String,
    /// The name of the text that says what is wrong.
    error: Option<&'static str>,
}

/// A column of the list.
struct Column {
    id: String,
    name: String,
    /// What stands in its first rows.
    values: String,
    choices: Vec<Choice>,
}

/// The second page: what would be taken in.
#[derive(Template)]
#[template(path = "import_preview.html")]
struct PreviewPage {
    frame: Frame,
    kind: String,
    kind_name: String,
    request: String,
    /// The hash of what is shown.
    seen: String,
    rows: usize,
    columns: Vec<Column>,
    /// Fields without a column that the list cannot do without.
    missing: Vec<&'static str>,
    good: usize,
    bad: usize,
    errors: Vec<RowError>,
    /// How many more cannot.
    more: Option<String>,
    text: String,
    /// Whether a passkey has to be shown before cases are taken in.
    is_stale: bool,
    /// How the office saved the columns.
    saved: Saved,
}

/// The last page: what became of it.
#[derive(Template)]
#[template(path = "import_done.html")]
struct DonePage {
    frame: Frame,
    accepted: usize,
    changed: usize,
    /// Whether it waits for a second person.
    is_held: bool,
    errors: Vec<RowError>,
    /// How many more cannot.
    more: Option<String>,
}

/// A list, and how it is read.
struct Import {
    kind: FactKind,
    listed: Listed,
    goes: Vec<Option<Target>>,
    text: String,
}

/// Shows what to give.
pub(super) async fn show(
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::SubmitEvidence>,
) -> Result<Response, Problem> {
    first_page(frame, &staff, "", (String::new(), None))
}

/// Looks at a list, or takes in what can be.
pub(super) async fn press(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::SubmitEvidence>,
    SameOriginUpload(form): SameOriginUpload,
) -> Result<Response, Problem> {
    let calendar = Calendar::of(&frame, &app)?;
    let mut import = match Import::read(&staff, &form) {
        Ok(import) => import,
        Err((text, why)) => {
            let kind = form.text("kind");
            return first_page(frame, &staff, &kind, (text, Some(why)));
        }
    };
    let saved = saved(&app, (&frame, &calendar), &staff, &form, &mut import).await?;
    let reader = RowReader {
        kind: import.kind,
        goes: &import.goes,
        listed: &import.listed,
        calendar: &calendar,
        now: app.service.now(),
    };
    let missing = import.missing();
    let (items, mut errors) = if missing.is_empty() {
        reader.read()
    } else {
        (Vec::new(), Vec::new())
    };
    let (rows, items): (Vec<usize>, Vec<Item>) = items.into_iter().unzip();
    let seen = import.hash();
    let is_seen = form.text("seen") == hex::encode(&seen);
    // A key is drawn for one list, read in one way.
    let request: Option<RequestKey> = form.text("request").parse().ok().filter(|_| is_seen);
    let opens_searches = import.kind == FactKind::Diagnosis;
    let is_stale = opens_searches && must_show_passkey_for(&app, &staff, Action::ConfirmCase);
    // What nobody looked at is not taken in.
    let may_take = !items.is_empty() && request.is_some() && !is_stale;
    if form.text("act") != "take" || !may_take {
        let refused = app
            .service
            .evidence
            .check(staff.submitter(), &items)
            .await?;
        let refused: Vec<RowError> = refused
            .iter()
            .map(|one| service_error(&reader, rows[one.index], one.field))
            .collect();
        let good = items.len() - refused.len();
        errors.extend(refused);
        errors.sort_by_key(|error| error.row);
        let request = request.unwrap_or_else(|| RequestKey::generate(&*app.settings.ids));
        let found = (good, errors, missing);
        let preview = PreviewPage {
            saved,
            ..preview(frame, &import, request, found, is_stale)
        };
        return page_with(&preview, preview.saved.error.is_some());
    }
    let submission = Submission {
        request,
        // Not what the rows say: of today's, a time is another in each repeat.
        content: Some(seen),
        items,
    };
    let receipt = app
        .service
        .evidence
        .submit(staff.submitter(), submission)
        .await?;
    let refused = receipt.refused.iter();
    errors.extend(refused.map(|one| service_error(&reader, rows[one.index], one.field)));
    errors.sort_by_key(|error| error.row);
    let (errors, more) = first_errors(&frame, errors);
    page(&DonePage {
        frame,
        accepted: receipt.accepted.len(),
        changed: receipt.changed,
        is_held: receipt.held.is_some(),
        errors,
        more,
    })
}

/// The rows that are shown, and how many more there are.
fn first_errors(frame: &Frame, mut errors: Vec<RowError>) -> (Vec<RowError>, Option<String>) {
    let more = errors.len().saturating_sub(SHOWN);
    errors.truncate(SHOWN);
    let more = (more > 0).then(|| frame.with("list-more", "count", &more.to_string()));
    (errors, more)
}

/// What the service refuses, beside the column that it is about.
fn service_error(reader: &RowReader<'_>, row: usize, field: &str) -> RowError {
    let (target, why) = match field {
        "person" => (Target::Number, "officer-bad-person"),
        "onset" => (Target::Onset, "officer-bad-onset"),
        "at" => (Target::Found, "enter-bad-day"),
        "sampled" => (Target::Sampled, "enter-bad-day"),
        "reported" => (Target::Reported, "enter-bad-day"),
        "first" => (Target::First, "enter-bad-day"),
        "last" => (Target::Last, "enter-bad-day"),
        "minutes" => (Target::Minutes, "enter-bad-minutes"),
        _ => (Target::Number, "import-refused"),
    };
    reader.error(row, target, why)
}

impl Import {
    /// Reads the form; otherwise the list as it was given, and what is wrong.
    fn read(staff: &Staff, form: &FormData) -> Result<Self, (String, &'static str)> {
        let file = form.file("file").map(String::from_utf8);
        let is_file = file.is_some();
        let text = match file {
            Some(Ok(text)) => text,
            Some(Err(_)) => return Err((form.text("rows"), "import-no-text")),
            None => form.text("rows"),
        };
        // A browser gives back other line ends than it was given.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if text.len() > MOST_BYTES {
            let is_kept = !is_file && text.len() <= MOST_KEPT;
            return Err(match is_kept {
                true => (text, "import-too-large"),
                false => (String::new(), "import-not-kept"),
            });
        }
        let kind: Option<FactKind> = form.text("kind").parse().ok();
        let kind = kind.filter(|kind| kinds_of(staff).any(|one| one == *kind));
        let kind = kind.ok_or_else(|| (text.clone(), "import-no-kind"))?;
        let listed = match Listed::read(&text) {
            Ok(listed) => listed,
            Err(why) => return Err((text, why)),
        };
        if listed.rows.is_empty() {
            return Err((text, "import-no-rows"));
        }
        if listed.rows.len() > MOST_ROWS || listed.header.len() > MOST_COLUMNS {
            return Err((text, "import-too-large"));
        }
        let chosen: Vec<Option<Target>> = (0..listed.header.len())
            .map(|place| target(kind, &form.text(&format!("c{place}"))))
            .collect();
        // The first look has no choices yet.
        let goes = match form.text("chosen").is_empty() {
            true => guess(kind, &listed.header),
            false => once_each(chosen),
        };
        Ok(Self {
            kind,
            listed,
            goes,
            text,
        })
    }

    /// SHA-256 of the list and of how it is read.
    fn hash(&self) -> [u8; 32] {
        let words = self.goes.iter().map(|goes| goes.map_or("", Target::word));
        let words = words.fold(self.kind.to_string(), |words, word| words + "\n" + word);
        let hash = Sha256::new_with_prefix(words).chain_update([0]);
        hash.chain_update(self.text.trim()).finalize().into()
    }

    fn missing(&self) -> Vec<&'static str> {
        let (required, _) = Target::of(self.kind);
        let missing = required
            .iter()
            .filter(|one| !self.goes.contains(&Some(**one)));
        missing.map(|one| one.word()).collect()
    }
}

/// The kinds of list that a staff member's office may submit.
fn kinds_of(staff: &Staff) -> impl Iterator<Item = FactKind> {
    let office = staff.authority().kind;
    KINDS
        .into_iter()
        .filter(move |kind| office.may_submit(*kind))
}

fn target(kind: FactKind, word: &str) -> Option<Target> {
    Target::all(kind).find(|target| target.word() == word)
}

/// A field takes one column, the first that was chosen for it.
fn once_each(chosen: Vec<Option<Target>>) -> Vec<Option<Target>> {
    let mut taken = BTreeSet::new();
    let first = |target: Option<Target>| target.filter(|target| taken.insert(*target));
    chosen.into_iter().map(first).collect()
}

fn first_page(
    frame: Frame,
    staff: &Staff,
    chosen: &str,
    (text, error): (String, Option<&'static str>),
) -> Result<Response, Problem> {
    let kinds = kinds_of(staff).map(|kind| {
        let label = frame.t(&format!("kind-{kind}"));
        Choice::new(kind, label, kind.as_str() == chosen)
    });
    let drawn = FirstPage {
        kinds: kinds.collect(),
        text,
        error,
        frame,
    };
    page_with(&drawn, error.is_some())
}

fn preview(
    frame: Frame,
    import: &Import,
    request: RequestKey,
    (good, errors, missing): (usize, Vec<RowError>, Vec<&'static str>),
    is_stale: bool,
) -> PreviewPage {
    let columns = import
        .listed
        .header
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let values = import.listed.rows.iter().take(3);
            let values = values.filter_map(|row| row.get(place)).map(String::as_str);
            let goes = import.goes.get(place).copied().flatten();
            let unused = Choice::new("", frame.t("import-unused"), goes.is_none());
            let targets = Target::all(import.kind).map(|target| {
                let label = frame.t(&format!("import-to-{}", target.word()));
                Choice::new(target.word(), label, goes == Some(target))
            });
            Column {
                id: format!("c{place}"),
                name: name.clone(),
                values: values.collect::<Vec<_>>().join(" · "),
                choices: [unused].into_iter().chain(targets).collect(),
            }
        });
    let bad = errors.len();
    let (errors, more) = first_errors(&frame, errors);
    PreviewPage {
        kind: import.kind.to_string(),
        kind_name: frame.t(&format!("kind-{}", import.kind)),
        request: request.to_string(),
        seen: hex::encode(&import.hash()),
        rows: import.listed.rows.len(),
        columns: columns.collect(),
        missing,
        good,
        bad,
        errors,
        more,
        text: import.text.clone(),
        is_stale,
        saved: Saved::default(),
        frame,
    }
}

#[cfg(test)]
mod tests;
