//! What the file commands share: reading a folder of tables, writing a result.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use domain::{Clock, Policy, SystemClock, Timestamp};
use jiff::tz::{Offset, TimeZone};
use serde_json::json;
use tables::files::{
    FileError, FileReport, Format, ReadOptions, Refusal, ResultColumn, ResultWriter,
};

use super::inputs::check_not_replaced;
use crate::outcome::wrong_use;
use crate::report::Report;

/// Of many refused rows in one file so many are printed; all of them are in the file beside it.
const PRINTED: usize = 10;

/// Where a result goes.
#[derive(Debug, clap::Args)]
pub struct Output {
    /// Write to this file (.csv, .ndjson or .parquet) instead of CSV to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Output {
    /// Refuses a name that tells no format, or that of an input, before any work is done.
    ///
    /// # Errors
    /// Wrong use.
    pub fn check(&self, inputs: &[&Path]) -> Result<()> {
        let Some(path) = &self.output else {
            return Ok(());
        };
        Format::of(path).map_err(file_error)?;
        check_not_replaced(path, inputs)
    }

    /// The file, if one is named.
    pub fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Begins the result: the file, or standard output as CSV, or with `--json` as NDJSON. Times carry
    /// the offset of `zone`. A file with an answer about people may be read by its owner only.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn begin(
        &self,
        columns: &'static [ResultColumn],
        zone: &TimeZone,
        about: About,
        report: Report,
    ) -> Result<ResultWriter> {
        let stdout = || Box::new(io::BufWriter::new(io::stdout()));
        let writer = match &self.output {
            Some(path) if about == About::People => {
                ResultWriter::create_private(path, columns).map_err(file_error)?
            }
            Some(path) => ResultWriter::create(path, columns).map_err(file_error)?,
            None if report.json => ResultWriter::ndjson_to_stream(stdout(), columns),
            None => ResultWriter::to_stream(stdout(), columns).map_err(file_error)?,
        };
        Ok(writer.in_zone(zone.clone()).guarding())
    }
}

/// Whom or what an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// People: who is ill, or met somebody who is.
    People,
    /// Places.
    Places,
}

/// Ends a result, and says if texts in it have apostrophes that their tables had not.
///
/// # Errors
/// If it cannot be written.
pub fn finish(writer: ResultWriter, report: Report) -> Result<()> {
    let guarded = writer.guarded();
    writer.finish().map_err(file_error)?;
    if guarded > 0 {
        report.remark(format_args!(
            "note: {guarded} texts in this CSV have an apostrophe before what a spreadsheet would compute; \
             .parquet and .ndjson have them as they are"
        ));
    }
    Ok(())
}

/// In which zone an answer under a policy tells times.
#[derive(Debug, clap::Args)]
pub struct TimesOf {
    /// Tell times in UTC instead of the policy's zone
    #[arg(long)]
    utc: bool,
}

impl TimesOf {
    /// The zone whose offset times carry.
    pub fn zone(&self, policy: &Policy) -> TimeZone {
        match self.utc {
            true => TimeZone::UTC,
            false => policy.time_zone().clone(),
        }
    }
}

/// A time with the offset of a zone.
pub fn in_zone(at: Timestamp, zone: &TimeZone) -> String {
    match zone.to_offset(at) {
        Offset::UTC => at.to_string(),
        offset => at.display_with_offset(offset).to_string(),
    }
}

/// How tables are read: bad rows are kept beside the file, and nothing lies in the future.
pub fn options() -> ReadOptions {
    ReadOptions {
        now: Some(SystemClock.now()),
        keep_refused: true,
    }
}

/// Refuses a folder that is not there.
///
/// # Errors
/// Wrong use.
pub fn check_folder(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    Err(wrong_use(format!(
        "{}: there is no such folder; give --data the folder that holds the tables (visits.csv, \
         tests.csv, …)",
        dir.display()
    )))
}

/// Says which rows were refused and why; whether there were none. With `--json` each is an object, and
/// each file with refused rows another.
pub fn tell_refused(files: &[FileReport], report: Report) -> bool {
    for file in files.iter().filter(|file| file.refused > 0) {
        let one_reason = file.reasons.iter().count() == 1;
        if one_reason {
            for refusal in file.examples.iter().take(PRINTED) {
                tell_refusal(file, refusal, 0, report);
            }
        } else {
            for (refusal, count) in file.reasons.iter() {
                tell_refusal(file, refusal, count - 1, report);
            }
        }
        let kept = file.refused_file.as_ref();
        let beside = kept.map_or_else(String::new, |path| {
            format!(
                "; every one of them, with the reason, is in {}",
                path.display()
            )
        });
        let as_data = json!({
            "file": file.path,
            "refused_rows": file.refused,
            "read_rows": file.read,
            "kept_in": kept,
        });
        let as_text = format_args!(
            "{}: {} of {} rows refused, the others were read{beside}",
            file.path.display(),
            file.refused,
            file.refused + file.read,
        );
        report.tell(&as_data, as_text);
    }
    files.iter().all(|file| file.refused == 0)
}

/// Says why a row was refused, and how many more for the same reason.
fn tell_refusal(file: &FileReport, refusal: &Refusal, more: u64, report: Report) {
    let as_data = json!({
        "refused": {
            "file": file.path,
            "row": refusal.row,
            "field": refusal.field,
            "value": refusal.value,
            "reason": refusal.reason,
            "remedy": refusal.remedy,
            "more": more,
        }
    });
    let others = match more {
        0 => String::new(),
        more => format!(" ({more} more for this reason)"),
    };
    let path = file.path.display();
    report.tell(&as_data, format_args!("refused: {path}: {refusal}{others}"));
}

/// An error of a file: wrong use if the command line names a file that is not there or of no known
/// format.
pub fn file_error(error: FileError) -> anyhow::Error {
    let is_use = match &error {
        FileError::Extension { .. } => true,
        FileError::Read { source, .. } => source.kind() == io::ErrorKind::NotFound,
        _ => false,
    };
    if is_use {
        wrong_use(error.to_string())
    } else {
        error.into()
    }
}
