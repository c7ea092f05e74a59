//! Whose contacts are looked for, and when.

use super::Case;
use super::span::{Span, merge, unix_seconds};
use crate::columns::Seconds;
use crate::parallel::pieces;

/// Index cases looked after together by one thread.
const TOGETHER: usize = 32;

/// A case with its windows, merged and in order.
pub(super) struct Windows<P> {
    pub(super) person: P,
    pub(super) windows: Vec<Span>,
}

/// Somebody whose contacts are looked for, and the time that counts: a case, or a contact of the ring
/// before.
#[derive(Clone, Copy)]
pub(super) struct IndexCase {
    /// Position in the list of cases.
    pub(super) case: usize,
    pub(super) person: u32,
    /// In ring 1 the case's own windows count instead.
    pub(super) during: Span,
}

/// Some index cases of one case.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) case: usize,
    pub(super) index_cases: std::ops::Range<usize>,
}

pub(super) fn tasks(index_cases: &[IndexCase]) -> Vec<Task> {
    let mut tasks = Vec::new();
    let mut start = 0;
    for of_case in index_cases.chunk_by(|a, b| a.case == b.case) {
        for part in pieces(of_case.len(), TOGETHER) {
            let index_cases = start + part.start..start + part.end;
            tasks.push(Task {
                case: of_case[0].case,
                index_cases,
            });
        }
        start += of_case.len();
    }
    tasks
}

pub(super) fn first((case, windows): (usize, &Windows<u32>)) -> Option<IndexCase> {
    let whole = windows.windows.iter().copied().reduce(Span::cover)?;
    Some(IndexCase {
        case,
        person: windows.person,
        during: whole,
    })
}

/// Each case once, in order of person.
pub(super) fn windows_of<P: Copy + Ord>(cases: &[Case<P>]) -> Vec<Windows<P>> {
    let mut all: Vec<(P, Span)> = cases
        .iter()
        .map(|case| {
            let (from, until): (Seconds, Seconds) =
                (unix_seconds(case.from), unix_seconds(case.until));
            (case.person, Span { from, until })
        })
        .collect();
    all.sort_unstable();
    all.chunk_by(|a, b| a.0 == b.0)
        .map(|own| Windows {
            person: own[0].0,
            windows: merge(own.iter().map(|(_, span)| *span).collect()),
        })
        .collect()
}
