//! A table of companions into the database.

use std::path::Path;

use anyhow::Result;
use service::{NewMembership, Service, Submitter};
use tables::files::{FileReport, MembershipRow, ReadOptions, companions};

use super::refused::RefusedRows;
use super::{file_error, no_person, not_taken, options, set_aside, subject};
use crate::progress::Progress;
use crate::report::Report;

/// Rows in one transaction.
const TOGETHER: usize = 1_000;

/// Sends every good row in, then writes down the refused ones beside the file.
pub async fn take_in(
    service: &Service,
    official: &Submitter,
    path: &Path,
    report: Report,
) -> Result<FileReport> {
    let first_pass = ReadOptions {
        keep_refused: false,
        ..options()
    };
    let mut progress = report.progress("importing", None);
    let mut refused = RefusedRows::default();
    let mut rows = companions(path, first_pass).map_err(file_error)?;
    loop {
        let batch: Vec<MembershipRow> = rows
            .by_ref()
            .take(TOGETHER)
            .collect::<Result<_, _>>()
            .map_err(file_error)?;
        if batch.is_empty() {
            break;
        }
        send(service, official, batch, &mut refused, &mut progress).await?;
    }
    drop(progress);
    let again = companions(path, options()).map_err(file_error)?;
    set_aside(again, |row| row.row, &refused)
}

async fn send(
    service: &Service,
    official: &Submitter,
    batch: Vec<MembershipRow>,
    refused: &mut RefusedRows,
    progress: &mut Progress,
) -> Result<()> {
    progress.advance(batch.len() as u64);
    let (mut items, mut places) = (Vec::new(), Vec::new());
    for row in batch {
        match subject(&row.person) {
            Ok(subject) => {
                items.push(NewMembership {
                    subject,
                    group: row.group,
                    kind: row.kind,
                    from: row.from,
                    until: row.until,
                });
                places.push(row.row);
            }
            Err(reason) => refused.add(no_person(row.row, reason))?,
        }
    }
    let receipt = service.tracing.put_memberships(official, items).await?;
    for one in receipt.refused {
        let row = places[one.index];
        refused.add(not_taken(row, one))?;
    }
    Ok(())
}
