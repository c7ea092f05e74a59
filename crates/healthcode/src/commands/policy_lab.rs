//! What `policy diff` and `policy score` share: the people, and where the report goes.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use lab::{Belonging, Page, People};
use serde_json::Value;
use tables::files::{AtomicFile, CaseRow, FileError, Reader, Reading, TABLES, cases, find_table};
use tables::population::{BadPeople, Extent, Grouped};

use super::inputs::check_not_replaced;
use super::memory::MemoryLimit;
use super::table_files::{self, file_error};
use crate::outcome::wrong_use;
use crate::report::Report;

/// Where a report goes beside the terminal.
#[derive(Debug, clap::Args)]
pub struct ReportFile {
    /// Also write the report to this file (.html): one page to read or print, without scripts
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl ReportFile {
    /// Refuses a name that is not one of a page, or that of an input, before any work is done.
    ///
    /// # Errors
    /// Wrong use.
    pub fn check(&self, inputs: &[&Path]) -> Result<()> {
        match &self.output {
            Some(path) if path.extension().is_none_or(|extension| extension != "html") => {
                Err(wrong_use(format!(
                    "{}: a report is an HTML page; give -o a name that ends in .html, or use --json",
                    path.display()
                )))
            }
            Some(path) => check_not_replaced(path, inputs),
            None => Ok(()),
        }
    }
}

/// Prints the report, as a table or with `--json` as JSON, and writes the page if asked for.
///
/// # Errors
/// If the page cannot be written.
pub fn conclude(page: &Page, json: &Value, file: &ReportFile, report: Report) -> Result<()> {
    if let Some(path) = &file.output {
        write_whole(path, &lab::html(page)).map_err(file_error)?;
        report.remark(format_args!("{} is written", path.display()));
    }
    report.result(json, page.to_string().trim_end())
}

/// Writes a file that appears whole or not at all.
fn write_whole(path: &Path, text: &str) -> Result<(), FileError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes())
        .map_err(|source| FileError::Write {
            path: path.to_owned(),
            source,
        })?;
    file.commit().map(drop)
}

/// The table of cases in a folder, if there is one, and whether all of its rows are good.
///
/// # Errors
/// If it cannot be read as a whole.
pub fn cases_of(dir: &Path, report: Report) -> Result<(Vec<CaseRow>, bool)> {
    let Some(table) = TABLES.iter().find(|table| table.name == "cases") else {
        return Ok((Vec::new(), true));
    };
    let Some(path) = find_table(dir, table).map_err(file_error)? else {
        return Ok((Vec::new(), true));
    };
    let (rows, file) = cases(&path, table_files::options())
        .and_then(Reader::read_all)
        .map_err(file_error)?;
    let all_good = table_files::tell_refused(std::slice::from_ref(&file), report);
    Ok((rows, all_good))
}

/// Reads a folder of tables or a mirror with what reports group it by, and whether all rows are good.
///
/// # Errors
/// If a file cannot be read as a whole, if the folder would not fit into memory, or if it holds what
/// columns cannot.
pub fn load_people(
    dir: &Path,
    cases: &[CaseRow],
    extent: Extent<'_>,
    memory: MemoryLimit,
    report: Report,
) -> Result<(Grouped, bool)> {
    let mut progress = report.progress_of_reading();
    let reading = Reading {
        options: table_files::options(),
        memory: memory.limit(),
        watch: &mut |done, total| progress.set_of(done, total),
    };
    let people = Grouped::load(dir, cases, extent, reading).map_err(|why| match why {
        BadPeople::File(error) => file_error(error),
        other => other.into(),
    })?;
    drop(progress);
    let all_good = table_files::tell_refused(people.reports(), report);
    Ok((people, all_good))
}

/// What the lab takes of a population.
pub fn for_the_lab(people: Grouped) -> People {
    let groups = people.groups.into_iter().map(|groups| Belonging {
        region: groups.region,
        birth_year: groups.birth_year,
        sex: groups.sex,
    });
    People::new(
        people.columns,
        people.levels,
        people.contact_with.as_deref(),
    )
    .with_groups(groups.collect(), people.sexes)
    .or_meetings(people.traced)
}
