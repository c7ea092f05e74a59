//! `import`: a file of evidence, or of who belongs together, into the database.

mod companions;
mod refused;
mod rehearsal;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use domain::evidence::FactKind;
use domain::{Document, DocumentKind};
use futures::StreamExt;
use serde_json::json;
use service::{Item, Publisher, Refused, Service, Subject, Submission, Submitter, Together};
use tables::files::{
    FactRow, FileError, FileReport, ReadOptions, Reader, Refusal, Table, facts, read_levels,
};

use self::refused::RefusedRows;
use super::table_files::{file_error, options, tell_refused};
use crate::config::ConfigArgs;
use crate::outcome::{Outcome, wrong_use};
use crate::progress::Progress;
use crate::report::Report;
use crate::wiring;

/// Rows on their way to the database at once; it commits waiting ones together.
const AT_ONCE: usize = 256;

/// Take a file of evidence into the database.
///
/// KIND is a table: declarations, diagnoses, contacts, stays, tests, vaccinations, visits, orders,
/// companions, or regions. A foreign verdict is a code that its issuer signed, and comes in by the API
/// while it holds; a contradiction is confirmed by an officer who heard the person. `person` is an id of 32 hexadecimal digits, an
/// identity card number, or CODE:NUMBER for another document (20 passport, 14 and 15 permits, 34
/// residence card, 99 other). Good rows go in one by one; refused ones go to FILE.refused.csv, each
/// with its reason. Correct those and import that file: a row that went in before counts once. A file
/// that would restrict more people than one submission may is refused whole before any row goes in:
/// nobody at the command line is one of the two persons who answer for that. The contacts that are found
/// for the cases of one file count together.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode import tests results.csv --authority \"City Laboratory\" \
                        --database-url sqlite:city.db"
)]
pub struct Args {
    /// What the file holds
    #[arg(value_name = "KIND")]
    kind: String,
    /// The file (.csv, .ndjson or .parquet)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The authority that says so, by its name; not needed for regions
    #[arg(long, value_name = "NAME")]
    authority: Option<String>,
    /// No longer taken: two staff members publish levels together, on the pages
    #[arg(long, value_name = "NAME", hide = true)]
    approved_by: Vec<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Imports.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    let content = content_of(&args.kind)?;
    if !args.file.exists() {
        let file = args.file.display();
        return Err(wrong_use(format!(
            "{file}: there is no such file; name the file to import"
        )));
    }
    let authority = match (&content, &args.authority) {
        (Content::Levels, _) => String::new(),
        (Content::Facts(_) | Content::Companions, Some(name)) => name.clone(),
        (Content::Facts(_) | Content::Companions, None) => {
            return Err(wrong_use(
                "--authority is missing: name the authority that says so",
            ));
        }
    };
    let publisher = wiring::publisher(&args.approved_by)?;
    wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        let file = match content {
            Content::Levels => import_levels(&service, &publisher, &args.file).await?,
            Content::Companions => {
                let official = act_for(&service, &authority).await?;
                let taken = companions::take_in(&service, &official, &args.file, report).await?;
                service.tracing.run_traces().await?;
                taken
            }
            Content::Facts(kind) => {
                let official = act_for(&service, &authority).await?;
                let is_within =
                    rehearsal::is_within_cap(&service, &official, kind, &args.file, report);
                if !is_within.await? {
                    return Ok(Outcome::Negative);
                }
                let taken = take_in(&service, &official, kind, &args.file, report).await?;
                if matches!(kind, FactKind::Diagnosis | FactKind::Visit) {
                    service.tracing.run_traces().await?;
                }
                taken
            }
        };
        let all_good = tell_refused(std::slice::from_ref(&file), report);
        report.result(
            &json!({
                "file": args.file.display().to_string(),
                "imported": file.read,
                "refused": file.refused,
                "refused_file": file.refused_file.as_ref().map(|path| path.display().to_string()),
            }),
            format_args!(
                "{}: {} rows imported, {} refused",
                args.file.display(),
                file.read,
                file.refused
            ),
        )?;
        Ok(Outcome::done_if(all_good))
    })
}

enum Content {
    Facts(FactKind),
    Companions,
    Levels,
}

fn content_of(word: &str) -> Result<Content> {
    if word == "regions" {
        return Ok(Content::Levels);
    }
    if word == "companions" {
        return Ok(Content::Companions);
    }
    let named = |kind: &&FactKind| {
        Table::of_kind(**kind).is_some_and(|table| table.name == word || kind.as_str() == word)
    };
    match FactKind::ALL.iter().find(named) {
        Some(FactKind::ForeignVerdict) => Err(wrong_use(format!(
            "KIND {word}: another issuer's verdict is taken as the code that it signed, while the code \
             holds; send it with POST /api/v1/evidence"
        ))),
        Some(FactKind::Contradiction) => Err(wrong_use(format!(
            "KIND {word}: an officer confirms a contradiction after the person was heard; import the \
             stays and tests that were recorded, and see /api/v1/contradictions"
        ))),
        Some(kind) => Ok(Content::Facts(*kind)),
        None => {
            let tables = FactKind::ALL
                .iter()
                .filter(|kind| !matches!(kind, FactKind::ForeignVerdict | FactKind::Contradiction))
                .filter_map(|kind| Table::of_kind(*kind));
            let names: Vec<&str> = tables.map(|table| table.name).collect();
            Err(wrong_use(format!(
                "KIND {word}: expected one of {}, companions, regions",
                names.join(", ")
            )))
        }
    }
}

async fn act_for(service: &Service, name: &str) -> Result<Submitter> {
    match service.access.act_for(&wiring::operator(), name).await {
        Ok(official) => Ok(official),
        Err(service::ServiceError::UnknownAuthority) => {
            let known: Vec<String> = service
                .access
                .authorities()
                .await?
                .into_iter()
                .map(|known| known.name)
                .collect();
            Err(anyhow!(
                "there is no authority called {name}; known: {}. Add one with `healthcode keys \
                 token --kind KIND --name NAME`",
                known.join(", ")
            ))
        }
        Err(error) => Err(error.into()),
    }
}

async fn import_levels(
    service: &Service,
    publisher: &Publisher,
    path: &Path,
) -> Result<FileReport> {
    let (levels, file) = read_levels(path, options()).map_err(file_error)?;
    service
        .publishing
        .publish_levels(publisher, &levels)
        .await?;
    Ok(file)
}

/// Sends every good row in, then writes down the refused ones beside the file.
async fn take_in(
    service: &Service,
    official: &Submitter,
    kind: FactKind,
    path: &Path,
    report: Report,
) -> Result<FileReport> {
    let first_pass = ReadOptions {
        keep_refused: false,
        ..options()
    };
    let reader = open(kind, path, first_pass)?;
    let mut progress = report.progress("importing", None);
    let refused = send(service, official, reader, &mut progress).await?;
    drop(progress);
    set_aside(open(kind, path, options())?, |row| row.row, &refused)
}

/// What the service refused is known by row only once it was sent. This reads the file again and copies
/// those rows, with those that cannot be read at all, to the file of refused rows.
fn set_aside<T>(
    mut reader: Reader<T>,
    number: impl Fn(&T) -> u64,
    refused: &RefusedRows,
) -> Result<FileReport> {
    while let Some(row) = reader.next() {
        let row = row.map_err(file_error)?;
        if let Some(refusal) = refused.get(number(&row)) {
            reader.refuse_last(refusal.clone()).map_err(file_error)?;
        }
    }
    reader.finish().map_err(file_error)
}

fn open(kind: FactKind, path: &Path, options: ReadOptions) -> Result<Reader<FactRow>> {
    let reader = facts(kind, path, options);
    reader
        .with_context(|| format!("{kind} is not read from files"))?
        .map_err(file_error)
}

/// Sends the rows in; those refused, by row.
async fn send(
    service: &Service,
    official: &Submitter,
    reader: Reader<FactRow>,
    progress: &mut Progress,
) -> Result<RefusedRows> {
    let mut refused = RefusedRows::default();
    let together = service.evidence.together();
    let sent = futures::stream::iter(reader)
        .map(|row: Result<FactRow, FileError>| async move {
            submit(service, official, together, row.map_err(file_error)?).await
        })
        .buffer_unordered(AT_ONCE);
    let mut sent = std::pin::pin!(sent);
    while let Some(outcome) = sent.next().await {
        progress.advance(1);
        if let Some(refusal) = outcome? {
            refused.add(refusal)?;
        }
    }
    Ok(refused)
}

/// Submits one row; why it was refused, if it was.
async fn submit(
    service: &Service,
    official: &Submitter,
    together: Together,
    row: FactRow,
) -> Result<Option<Refusal>> {
    let submission = match submission_of(&row) {
        Ok(submission) => submission,
        Err(reason) => return Ok(Some(no_person(row.row, reason))),
    };
    let evidence = &service.evidence;
    let receipt = evidence.submit_together(official, submission, together);
    let receipt = receipt.await?;
    let refused = receipt.refused.into_iter().next();
    Ok(refused.map(|refused| not_taken(row.row, refused)))
}

/// A row as a submission of its own; why it names nobody, if so.
fn submission_of(row: &FactRow) -> Result<Submission, String> {
    let item = Item {
        subject: subject(&row.person)?,
        said: row.fact.clone().into(),
    };
    Ok(Submission {
        // The same row counts once, in whatever file it comes: it says the same.
        request: None,
        content: None,
        items: vec![item],
    })
}

/// A row that names nobody in a way that can be understood.
fn no_person(row: u64, reason: String) -> Refusal {
    Refusal {
        row,
        field: Some("person"),
        value: None,
        reason,
        remedy: "write an id, an identity card number, or CODE:NUMBER".to_owned(),
    }
}

/// A row that the service refused.
fn not_taken(row: u64, refused: Refused) -> Refusal {
    Refusal {
        row,
        field: Some(refused.field),
        value: None,
        reason: refused.reason,
        remedy: "correct the row and import it again".to_owned(),
    }
}

/// Whom a file means. An error never repeats the number.
fn subject(text: &str) -> Result<Subject, String> {
    if let Ok(person) = text.parse() {
        return Ok(Subject::Person(person));
    }
    let (kind, number) = match text.split_once(':') {
        Some((code, number)) => (
            DocumentKind::from_code(code).ok_or("the document's code is unknown")?,
            number,
        ),
        None => (DocumentKind::IdentityCard, text),
    };
    Document::new(kind, number)
        .map(Subject::Document)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_named_by_id_or_document() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(subject(id), Ok(Subject::Person(id.parse().unwrap())));
        assert!(matches!(
            subject("990101199003077719"),
            Ok(Subject::Document(_))
        ));
        assert!(matches!(subject("20:E1234567"), Ok(Subject::Document(_))));
        for wrong in ["77:E1234567", "990101199003077716", "Li Hua"] {
            let refused = subject(wrong).unwrap_err();
            assert!(!refused.contains(wrong), "{refused}");
        }
    }
}
