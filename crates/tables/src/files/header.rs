//! Which column of a file is which column of its table.

use super::table::{Requirement, Table};

/// The columns that a file of refused rows has after its own. They are skipped, so that such a file,
/// once corrected, can be read again.
pub(crate) const REFUSED: [&str; 3] = ["row", "field", "reason"];

/// The column after them, without values: while it is there, cells are guarded (see [`super::guard`]).
pub(crate) const GUARD: &str = "guard";

/// For each column of the file its position in the table; `None` for a column to skip.
pub(crate) type Positions = Vec<Option<usize>>;

/// Finds the table that a file's header fits.
///
/// # Errors
/// The table that it fits best, and all that is wrong.
pub(crate) fn fit(
    names: &[String],
    tables: &[&'static Table],
) -> Result<(&'static Table, Positions), (&'static Table, Vec<String>)> {
    let mut best: Option<(&'static Table, Vec<String>)> = None;
    for table in tables {
        match positions(names, table) {
            Ok(positions) => return Ok((table, positions)),
            Err(problems) => {
                if best
                    .as_ref()
                    .is_none_or(|(_, fewest)| problems.len() < fewest.len())
                {
                    best = Some((table, problems));
                }
            }
        }
    }
    Err(best.unwrap_or((&super::table::VISITS, Vec::new())))
}

fn positions(names: &[String], table: &'static Table) -> Result<Positions, Vec<String>> {
    if let [only] = names
        && let Some(separator) = [';', '\t', '|'].into_iter().find(|c| only.contains(*c))
    {
        return Err(vec![format!(
            "columns are separated by {separator:?}; separate them by commas"
        )]);
    }
    let unguarded = names.strip_suffix(&[GUARD.to_owned()]).unwrap_or(names);
    let own = unguarded
        .strip_suffix(&REFUSED.map(String::from))
        .unwrap_or(names);
    let mut positions = Positions::new();
    let mut problems = Vec::new();
    for name in own {
        let position = table.position(name);
        match position {
            None => problems.push(unknown(name, own, table)),
            Some(_) if positions.contains(&position) => {
                problems.push(format!("column {name} is there twice; keep one"));
            }
            Some(_) => {}
        }
        positions.push(position);
    }
    for (position, column) in table.columns.iter().enumerate() {
        if column.requirement != Requirement::Optional && !positions.contains(&Some(position)) {
            problems.push(format!("column {} is missing", column.name));
        }
    }
    positions.resize(names.len(), None);
    if problems.is_empty() {
        Ok(positions)
    } else {
        Err(problems)
    }
}

/// Says that a column is unknown, and which one may be meant. A name may itself be somebody's data
/// when a file has no header, so only a likely misspelling is repeated.
fn unknown(name: &str, all: &[String], table: &Table) -> String {
    let absent = table
        .columns
        .iter()
        .filter(|column| !all.iter().any(|n| n == column.name));
    let near = absent
        .map(|column| (distance(&plain(name), &plain(column.name)), column.name))
        .filter(|(distance, meant)| *distance <= 2 && *distance < meant.len())
        .min();
    match near {
        Some((_, meant)) => format!("column {name} is unknown; did you mean {meant}?"),
        None if name.is_empty() => "a column has no name".into(),
        None if name.len() <= 24 && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_') => {
            format!("column {name} is unknown; leave it out")
        }
        None => "a column is unknown; is the header row missing?".into(),
    }
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// How many letters must be changed, added or dropped to make one word the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::super::table::{CASE_COUNTS, CASE_COUNTS_BY_CITY, VISITS};
    use super::*;

    fn names(header: &str) -> Vec<String> {
        header.split(',').map(String::from).collect()
    }

    #[test]
    fn columns_may_come_in_any_order_and_optional_ones_may_be_absent() {
        let (_, found) = fit(&names("entered,venue,person"), &[&VISITS]).unwrap();
        assert_eq!(found, [Some(2), Some(1), Some(0)]);
    }

    #[test]
    fn each_problem_of_a_header_is_named_with_a_likely_correction() {
        for (header, expected) in [
            ("person,venue", vec!["column entered is missing"]),
            (
                "person,venue,entred",
                vec![
                    "column entred is unknown; did you mean entered?",
                    "column entered is missing",
                ],
            ),
            (
                "Person,venue,entered",
                vec![
                    "column Person is unknown; did you mean person?",
                    "column person is missing",
                ],
            ),
            (
                "person,venue,entered,note",
                vec!["column note is unknown; leave it out"],
            ),
            (
                "person,venue,entered,venue",
                vec!["column venue is there twice; keep one"],
            ),
            (
                "person;venue;entered",
                vec!["columns are separated by ';'; separate them by commas"],
            ),
            (
                "person,venue,entered,990101199003077719",
                vec!["a column is unknown; is the header row missing?"],
            ),
        ] {
            let (_, problems) = fit(&names(header), &[&VISITS]).unwrap_err();
            assert_eq!(problems, expected, "{header}");
        }
    }

    #[test]
    fn a_file_of_refused_rows_can_be_read_again() {
        let (_, found) = fit(&names("person,venue,entered,row,field,reason"), &[&VISITS]).unwrap();
        assert_eq!(found, [Some(0), Some(1), Some(2), None, None, None]);
    }

    #[test]
    fn the_table_is_recognised_by_its_header() {
        let daily = "date,country,countryCode,province,provinceCode,city,cityCode,confirmed";
        for (header, table) in [
            ("date,region,confirmed", &CASE_COUNTS),
            (daily, &CASE_COUNTS_BY_CITY),
        ] {
            let found = fit(&names(header), &[&CASE_COUNTS, &CASE_COUNTS_BY_CITY])
                .unwrap()
                .0;
            assert_eq!(found.columns.len(), table.columns.len());
        }
    }
}
