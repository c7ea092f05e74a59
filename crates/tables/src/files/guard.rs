//! Cells that a spreadsheet would compute, made harmless in files of refused rows.
//!
//! Such a file holds what a stranger sent and is opened in a spreadsheet to be corrected. A cell that
//! begins like a formula gets an apostrophe before it, and so does one that begins with an apostrophe
//! and would be taken for that. Whoever reads the file takes it away again, as long as the last column
//! of the header says that cells are guarded; in any other file an apostrophe is what it is.

use std::borrow::Cow;

use super::header::GUARD;

/// Whether the header says that cells are guarded. Its last column does.
pub(crate) fn is_guarded<'v>(mut header: impl Iterator<Item = &'v [u8]>) -> bool {
    let mut last = None;
    for name in header.by_ref() {
        last = Some(name);
    }
    last.is_some_and(|name| name.trim_ascii() == GUARD.as_bytes())
}

/// The cell with an apostrophe before it, if a spreadsheet would compute it.
pub(crate) fn guarded(cell: &str) -> Cow<'_, str> {
    if begins_badly(cell.as_bytes()) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell as it was before [`guarded`].
pub(crate) fn unguarded(cell: &[u8]) -> &[u8] {
    cell.strip_prefix(b"'")
        .filter(|rest| begins_badly(rest))
        .unwrap_or(cell)
}

fn begins_badly(cell: &[u8]) -> bool {
    // What spreadsheets begin a formula with, or skip before it.
    let is_bad = |first: &u8| b"=+-@\t\r\n'".contains(first);
    // Blanks before it are skipped by some.
    let blanks = cell.iter().take_while(|&&byte| byte == b' ').count();
    let cell = &cell[blanks..];
    // The wide forms, which some of them take for the same.
    let wide = ["＝", "＋", "－", "＠"];
    cell.first().is_some_and(is_bad) || wide.iter().any(|sign| cell.starts_with(sign.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(domain::testing::property_cases(256))]

        #[test]
        fn a_guarded_cell_reads_back_as_it_was_and_computes_nothing(
            cell in "(\\PC|[ =+@'\t\r\n-]){0,8}",
        ) {
            let written = guarded(&cell);
            prop_assert_eq!(unguarded(written.as_bytes()), cell.as_bytes());
            let first = written.trim_start_matches(' ').chars().next();
            prop_assert!(first.is_none_or(|first| !"=+-@\t\r\n＝＋－＠".contains(first)));
        }
    }

    #[test]
    fn a_cell_corrected_by_hand_is_what_was_typed() {
        for cell in ["'t Hooft", "2020-02-20", "", "'"] {
            assert_eq!(unguarded(cell.as_bytes()), cell.as_bytes());
        }
    }
}
