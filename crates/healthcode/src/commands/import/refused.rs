//! The rows of a file that the service refused.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use tables::files::Refusal;

/// So many refused rows are kept until they can be written down. A file with more of them is wrong as a
/// whole, and its rows would fill the memory.
const MOST: usize = 200_000;

/// Why rows were refused, by the row in the file.
#[derive(Debug, Default)]
pub struct RefusedRows {
    by_row: BTreeMap<u64, Refusal>,
}

impl RefusedRows {
    /// Adds one.
    ///
    /// # Errors
    /// If there are too many, with the reason of the first.
    pub fn add(&mut self, refusal: Refusal) -> Result<()> {
        self.add_within(refusal, MOST)
    }

    fn add_within(&mut self, refusal: Refusal, most: usize) -> Result<()> {
        self.by_row.insert(refusal.row, refusal);
        if self.by_row.len() <= most {
            return Ok(());
        }
        let first = self.by_row.values().next();
        let first = first.map_or_else(String::new, ToString::to_string);
        bail!(
            "more than {most} rows are refused, so the import ends here. The first: {first}. Correct the \
             file and import it again: a row that went in before counts once"
        )
    }

    /// Why a row was refused, if it was.
    pub fn get(&self, row: u64) -> Option<&Refusal> {
        self.by_row.get(&row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_ends_with_the_first_reason_when_too_many_rows_are_refused() {
        let refusal = |row| Refusal {
            row,
            field: Some("person"),
            value: None,
            reason: "is not known".into(),
            remedy: "write an id".into(),
        };
        let mut refused = RefusedRows::default();
        for row in [7, 5, 6] {
            refused.add_within(refusal(row), 3).unwrap();
        }
        assert!(refused.get(6).is_some() && refused.get(4).is_none());
        let ended = refused.add_within(refusal(8), 3).unwrap_err().to_string();
        for part in [
            "more than 3 rows",
            "row 5, person: is not known",
            "counts once",
        ] {
            assert!(ended.contains(part), "{ended}");
        }
    }
}
