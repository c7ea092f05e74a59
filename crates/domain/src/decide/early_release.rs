//! How evidence ends a restriction early.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Evaluation, Reading};
use crate::ids::EvidenceId;
use crate::policy::{EarlyRelease, ReleaseAfter, ReleaseThreshold, Rule};

/// An early end.
pub(crate) struct Released {
    /// When the last piece needed began.
    pub(crate) at: Timestamp,
    /// The pieces that together ended it.
    pub(crate) by: Vec<EvidenceId>,
}

/// From when evidence counts.
pub(super) enum Bound {
    From(Timestamp),
    After(Timestamp),
}

impl Bound {
    /// The first instant that counts, or the one before it.
    pub(super) const fn at(&self) -> Timestamp {
        match self {
            Self::From(bound) | Self::After(bound) => *bound,
        }
    }

    fn admits(&self, at: Timestamp) -> bool {
        match self {
            Self::From(bound) => at >= *bound,
            Self::After(bound) => at > *bound,
        }
    }
}

impl<'a> Evaluation<'a> {
    /// The earliest early end that any of the rule's lifts gives to what `read` started.
    ///
    /// Nothing that counts from the start lifts while the start still moves with the present, that is,
    /// while an exposure lasts.
    pub(super) fn earliest_release(
        &mut self,
        rule: &Rule,
        read: &Reading<'_>,
        starts: Timestamp,
        is_moving: bool,
    ) -> Option<Released> {
        let releases = rule.lifted_by.iter().filter_map(|release| {
            let bound = self.bound(release, read, starts, is_moving)?;
            self.release(release, read, &bound)
        });
        releases.min_by_key(|released| released.at)
    }

    pub(super) fn bound(
        &self,
        release: &EarlyRelease,
        read: &Reading<'_>,
        starts: Timestamp,
        is_moving: bool,
    ) -> Option<Bound> {
        let zone = self.policy.time_zone();
        match release.after {
            ReleaseAfter::Starts(_) if is_moving => None,
            ReleaseAfter::Starts(None) => Some(Bound::From(starts)),
            ReleaseAfter::Starts(Some(offset)) => Some(Bound::From(offset.after(starts, zone))),
            ReleaseAfter::Date(anchor) => {
                let date = read.date(anchor.date).filter(|date| !date.is_moving)?;
                let at = anchor
                    .offset
                    .map_or(date.at, |offset| offset.after(date.at, zone));
                Some(Bound::After(at))
            }
        }
    }

    /// Of the evidence that a lift asks for, what counts towards it, oldest first.
    pub(super) fn pieces(
        &mut self,
        release: &EarlyRelease,
        read: &Reading<'_>,
        bound: &Bound,
    ) -> Vec<Reading<'a>> {
        let set = release.read_set();
        let mut pieces = Vec::new();
        for &evidence in &self.effective {
            if evidence.fact.kind() != release.evidence || evidence.id == read.id {
                continue;
            }
            let piece = Reading::new(
                evidence,
                set,
                &release.conditions,
                self.levels,
                self.now,
                &mut self.changes,
            );
            pieces.extend(piece.filter(|piece| bound.admits(piece.from)));
        }
        pieces.sort_by_key(|piece| piece.from);
        pieces
    }

    fn release(
        &mut self,
        release: &EarlyRelease,
        read: &Reading<'_>,
        bound: &Bound,
    ) -> Option<Released> {
        let zone = self.policy.time_zone();
        let pieces = self.pieces(release, read, bound);
        match release.need {
            ReleaseThreshold::Count {
                count,
                apart,
                within,
            } => {
                let complete = |first: usize| {
                    let mut chosen = vec![&pieces[first]];
                    for piece in &pieces[first + 1..] {
                        if chosen.len() >= usize::from(count) {
                            break;
                        }
                        if piece.from.duration_since(chosen.last()?.from) >= apart {
                            chosen.push(piece);
                        }
                    }
                    let spread = chosen.last()?.from.duration_since(chosen.first()?.from);
                    let in_time = within.is_none_or(|within| spread <= within);
                    (chosen.len() >= usize::from(count) && in_time)
                        .then(|| released(&chosen))
                        .flatten()
                };
                (0..pieces.len())
                    .filter_map(complete)
                    .min_by_key(|released| released.at)
            }
            ReleaseThreshold::ConsecutiveDays(days) => {
                consecutive_days(&pieces, usize::from(days), zone)
            }
        }
    }
}

/// The first instant at which the days of `pieces`, in order, have been consecutive `days` times.
fn consecutive_days(pieces: &[Reading<'_>], days: usize, zone: &TimeZone) -> Option<Released> {
    let mut run: Vec<(jiff::civil::Date, &Reading<'_>)> = Vec::new();
    for piece in pieces {
        let day = piece.from.to_zoned(zone.clone()).date();
        match run.last() {
            Some((last, _)) if *last == day => continue,
            Some((last, _)) if last.tomorrow().is_ok_and(|next| next == day) => {}
            _ => run.clear(),
        }
        run.push((day, piece));
        if run.len() >= days {
            let chosen: Vec<_> = run.iter().map(|(_, piece)| *piece).collect();
            return released(&chosen);
        }
    }
    None
}

fn released(chosen: &[&Reading<'_>]) -> Option<Released> {
    let at = chosen.last()?.from;
    Some(Released {
        at,
        by: chosen.iter().map(|piece| piece.id).collect(),
    })
}
