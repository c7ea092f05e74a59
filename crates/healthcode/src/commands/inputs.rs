//! What a file command reads: none of it is replaced by the result, and none of it is passed over
//! because of its name.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use domain::{FactKind, Policy};
use serde_json::json;
use tables::files::{Format, TABLES, Table, strays};

use super::policy;
use super::table_files::file_error;
use crate::outcome::wrong_use;
use crate::report::Report;

/// Refuses a result that would take the place of one of `inputs`: files, or folders with tables.
///
/// # Errors
/// Wrong use.
pub fn check_not_replaced(output: &Path, inputs: &[&Path]) -> Result<()> {
    let Ok(output_place) = place(output) else {
        // Its folder is not there, so nothing is either.
        return Ok(());
    };
    for input in inputs {
        let Ok(input_place) = input.canonicalize() else {
            continue;
        };
        let is_replaced = match input_place.is_dir() {
            true => is_table_of(&output_place, output, &input_place),
            false => output_place == input_place,
        };
        if is_replaced {
            return Err(wrong_use(format!(
                "{}: is, or would be, one of the files that {} gives; give -o another name, so that the \
                 result takes the place of none of them",
                output.display(),
                input.display(),
            )));
        }
    }
    Ok(())
}

/// Refuses a result inside a folder of which every file is read.
///
/// # Errors
/// Wrong use.
pub fn check_not_inside(output: &Path, folder: &Path) -> Result<()> {
    let (Ok(output_place), Ok(folder_place)) = (place(output), folder.canonicalize()) else {
        return Ok(());
    };
    if folder_place.is_dir() && output_place.parent() == Some(&folder_place) {
        return Err(wrong_use(format!(
            "{}: lies in {}, of which every file is read; give -o a name in another folder",
            output.display(),
            folder.display(),
        )));
    }
    Ok(())
}

/// Where a file is or will be, links followed.
fn place(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize().or_else(|_| {
        let parent = path.parent().filter(|parent| *parent != Path::new(""));
        let parent = parent.unwrap_or(Path::new(".")).canonicalize()?;
        Ok(parent.join(path.file_name().unwrap_or_default()))
    })
}

/// Whether a file is one of the tables of a folder, or would be.
fn is_table_of(output_place: &Path, output: &Path, folder: &Path) -> bool {
    let is_in = |path: &Path| path.parent() == Some(folder) && is_called_table(path);
    // The name itself may be a link into another folder, or tables here links to the file.
    let named = output.parent().map(|parent| match parent == Path::new("") {
        true => Path::new(".").canonicalize(),
        false => parent.canonicalize(),
    });
    let named = named.and_then(io::Result::ok);
    let named = named.map(|parent| parent.join(output.file_name().unwrap_or_default()));
    if is_in(output_place) || named.is_some_and(|named| is_in(&named)) {
        return true;
    }
    let Ok(entries) = folder.read_dir() else {
        return false;
    };
    let tables = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    tables
        .filter(|path| is_called_table(path))
        .any(|path| path.canonicalize().is_ok_and(|path| path == output_place))
}

/// Whether a table is called so, or a file of a mirror.
fn is_called_table(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let stem = stem.unwrap_or_default().to_lowercase();
    let is_table = TABLES.iter().any(|table| table.name == stem);
    let is_mirrored = stem == "persons" || stem.starts_with("visits_by_");
    Format::of(path).is_ok() && (is_table || is_mirrored)
}

/// The tables that a decision under any of `policies` reads from a folder, but for that of people.
pub fn tables_of(policies: &[&Policy]) -> Vec<&'static Table> {
    let kinds = FactKind::ALL
        .iter()
        .filter(|kind| policies.iter().any(|policy| policy.reads(**kind)));
    let mut tables: Vec<_> = kinds.filter_map(|kind| Table::of_kind(*kind)).collect();
    if policies.iter().any(|policy| policy::reads_levels(policy)) {
        tables.extend(tables_called(&["regions"]));
    }
    tables
}

/// The tables of these names.
pub fn tables_called(names: &[&str]) -> Vec<&'static Table> {
    let tables = TABLES.iter().copied();
    tables.filter(|table| names.contains(&table.name)).collect()
}

/// Names files that look like one of `tables` and are not read. A person named there only would be
/// green without a reason, so an answer is refused where one is missed.
///
/// # Errors
/// If one is missed.
pub fn check_strays(dir: &Path, tables: &[&'static Table], report: Report) -> Result<()> {
    let strays = strays(dir, tables).map_err(file_error)?;
    let mut missed = 0;
    for stray in &strays {
        let (path, table, remedy) = (stray.path.display(), stray.table, &stray.remedy);
        if stray.is_missed {
            missed += 1;
            let as_data = json!({
                "refused": { "file": stray.path, "table": table, "remedy": remedy },
            });
            let as_text = format_args!(
                "refused: {path}: looks like the table {table} and is not read as it is; {remedy}"
            );
            report.tell(&as_data, as_text);
        } else {
            report.remark(format_args!(
                "note: {path}: is not read, since the table {table} is there; if it says more, {remedy}"
            ));
        }
    }
    if missed > 0 {
        bail!(
            "{}: {missed} of its files would be passed over; nothing is answered without them",
            dir.display()
        );
    }
    Ok(())
}
