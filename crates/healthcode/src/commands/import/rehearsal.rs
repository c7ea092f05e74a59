//! Whom a file would restrict, before any row of it goes in.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::path::Path;

use anyhow::Result;
use domain::PersonId;
use domain::evidence::FactKind;
use serde_json::json;
use service::{Service, Submitter};
use tables::files::{FactRow, ReadOptions};

use super::{file_error, open, options, submission_of};
use crate::report::Report;

/// About so many rows are rehearsed in one transaction; all rows about one person are in the same.
const TOGETHER: u64 = 1_000;
/// About so many times that are in memory at once.
const SETS: u64 = 100;

/// Whether the file may go in row by row: whether it restricts no more people than one submission may.
/// Nobody at the command line is one of two persons who answer for more; what to do then is said.
pub async fn is_within_cap(
    service: &Service,
    official: &Submitter,
    kind: FactKind,
    path: &Path,
    report: Report,
) -> Result<bool> {
    let most = service.evidence.most_restricted();
    if kind == FactKind::Visit {
        return Ok(true);
    }
    let (rows, people) = count(kind, path)?;
    if people <= most as usize {
        return Ok(true);
    }
    let restricted = restricted_by(service, official, kind, path, rows, report).await?;
    if restricted <= most as usize {
        return Ok(true);
    }
    let as_data = json!({
        "file": path,
        "would_restrict": restricted,
        "restricted_by_batch": most,
        "imported": 0,
        "remedy": "submit it with POST /api/v1/evidence; two staff members approve it",
    });
    let as_text = format_args!(
        "refused: {}: would restrict {restricted} people more than they are, and at most {most} may be \
         restricted by what one person submits (restricted_by_batch); nothing of it is imported. Submit it \
         as one batch with POST /api/v1/evidence: it waits on the page of submissions until two staff \
         members have approved it",
        path.display(),
    );
    report.tell(&as_data, as_text);
    Ok(false)
}

/// How many good rows there are, and about how many people.
fn count(kind: FactKind, path: &Path) -> Result<(u64, usize)> {
    let mut people = HashSet::new();
    let mut rows = 0;
    for row in open(kind, path, quietly())? {
        people.insert(hash(&row.map_err(file_error)?.person));
        rows += 1;
    }
    Ok((rows, people.len()))
}

/// How many people all rows would restrict more than they are.
async fn restricted_by(
    service: &Service,
    official: &Submitter,
    kind: FactKind,
    path: &Path,
    rows: u64,
    report: Report,
) -> Result<usize> {
    let mut progress = report.progress("counting whom it restricts", Some(rows));
    let mut restricted = BTreeSet::<PersonId>::new();
    let sets = rows.div_ceil(TOGETHER).max(1);
    let mut first = 0;
    while first < sets {
        let mut by_set = BTreeMap::<u64, Vec<FactRow>>::new();
        for row in open(kind, path, quietly())? {
            let row = row.map_err(file_error)?;
            let set = hash(&row.person) % sets;
            if (first..first + SETS).contains(&set) {
                by_set.entry(set).or_default().push(row);
            }
        }
        for set in by_set.into_values() {
            progress.advance(set.len() as u64);
            // Rows that name nobody are refused when the file goes in.
            let submissions = set.iter().filter_map(|row| submission_of(row).ok());
            let submissions = submissions.collect();
            restricted.extend(service.evidence.rehearse(official, submissions).await?);
        }
        first += SETS;
    }
    Ok(restricted.len())
}

fn quietly() -> ReadOptions {
    ReadOptions {
        keep_refused: false,
        ..options()
    }
}

fn hash(person: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(person)
}
