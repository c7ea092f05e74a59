//! Cells that a spreadsheet would compute, made harmless in files of refused rows and in answers.
//!
//! Such a file holds what a stranger sent and is opened in a spreadsheet. A cell that begins like a
//! formula gets an apostrophe before it, and so does one that begins with an apostrophe and would
//! be taken for that. Many spreadsheets cut cells at `;` and tabs too, and all end a row at the end
//! of a line that they do not see to be quoted, so what comes after these is a cell as well. The
//! reader of a file of refused rows takes the apostrophes away again, as long as the last column of
//! the header says that cells are guarded; in any other file an apostrophe is what it is.

use std::borrow::Cow;
use std::iter;

use super::header::GUARD;

/// Whether the header says that cells are guarded. Its last column does.
pub(crate) fn is_guarded(header: impl Iterator<Item = impl AsRef<[u8]>>) -> bool {
    let last = header.last();
    last.is_some_and(|name| name.as_ref().trim_ascii() == GUARD.as_bytes())
}

/// The cell with an apostrophe before whatever a spreadsheet would compute. Text stays text.
pub(crate) fn guarded(cell: &[u8]) -> Cow<'_, [u8]> {
    let mut places = starts(cell)
        .filter(|at| begins_badly(&cell[*at..]))
        .peekable();
    if places.peek().is_none() {
        return Cow::Borrowed(cell);
    }
    let (mut written, mut done) = (Vec::with_capacity(cell.len() + 2), 0);
    for at in places {
        written.extend_from_slice(&cell[done..at]);
        written.push(b'\'');
        done = at;
    }
    written.extend_from_slice(&cell[done..]);
    Cow::Owned(written)
}

/// The cell as it was before [`guarded`].
pub(crate) fn unguarded(cell: &[u8]) -> Cow<'_, [u8]> {
    let is_ours = |at: &usize| cell.get(*at) == Some(&b'\'') && begins_badly(&cell[at + 1..]);
    let mut places = starts(cell).filter(is_ours).peekable();
    if places.peek().is_none() {
        return Cow::Borrowed(cell);
    }
    let (mut written, mut done) = (Vec::with_capacity(cell.len()), 0);
    for at in places {
        written.extend_from_slice(&cell[done..at]);
        done = at + 1;
    }
    written.extend_from_slice(&cell[done..]);
    Cow::Owned(written)
}

/// Where a spreadsheet may see a cell begin.
fn starts(cell: &[u8]) -> impl Iterator<Item = usize> {
    let ends = cell.iter().enumerate();
    let ends = ends.filter(|(_, byte)| b";\t\r\n".contains(byte));
    iter::once(0).chain(ends.map(|(at, _)| at + 1))
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
            cell in "(\\PC|[ =+@'\t\r\n;-]){0,8}",
        ) {
            let written = guarded(cell.as_bytes());
            prop_assert_eq!(&*unguarded(&written), cell.as_bytes());
            let written = std::str::from_utf8(&written).unwrap();
            let computes = |text: &str| {
                let first = text.trim_start_matches(' ').chars().next();
                first.is_some_and(|first| "=+-@\t\r\n＝＋－＠".contains(first))
            };
            prop_assert!(!computes(written));
            for (end, _) in written.match_indices([';', '\t', '\r', '\n']) {
                prop_assert!(!computes(&written[end + 1..]), "{written:?}");
            }
        }

        #[test]
        fn so_does_one_that_is_no_text(cell in prop::collection::vec(any::<u8>(), 0..12)) {
            let written = guarded(&cell);
            prop_assert_eq!(&*unguarded(&written), &cell[..]);
        }
    }

    #[test]
    fn a_cell_corrected_by_hand_is_what_was_typed() {
        for cell in ["'t Hooft", "2020-02-20", "", "'"] {
            assert_eq!(&*unguarded(cell.as_bytes()), cell.as_bytes());
        }
    }
}
