//! Where two or more cases were.

use domain::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::held::Held;
use super::index_cases::windows_of;
use super::source::Source;
use super::span::{Span, timestamp};
use super::{Case, VisitRows, nearby};
use crate::columns::Seconds;
use crate::parallel::parallel_map;

/// A venue where two or more cases were, each within its windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedVenue<V> {
    /// Where.
    pub venue: V,
    /// How many cases.
    pub cases: u32,
    /// The first instant that one of them was there.
    pub first: Timestamp,
    /// The first instant after the last of them left.
    pub last: Timestamp,
    /// The local days on which any of them was there.
    pub days: Vec<Date>,
}

impl<V> SharedVenue<V> {
    /// The same with another name for the venue.
    pub fn map<W>(self, name: impl Fn(V) -> W) -> SharedVenue<W> {
        SharedVenue {
            venue: name(self.venue),
            cases: self.cases,
            first: self.first,
            last: self.last,
            days: self.days,
        }
    }
}

/// A case was at a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CaseVisit {
    pub(super) venue: u32,
    pub(super) person: u32,
    pub(super) span: Span,
}

/// The venues where two or more cases were, those with most cases first, then in order of number. Days
/// are those of `zone`.
///
/// # Errors
/// What the source returns.
pub fn shared_venues<S: Source>(
    source: &S,
    cases: &[Case<u32>],
    zone: &TimeZone,
) -> Result<Vec<SharedVenue<u32>>, S::Error> {
    let held = Held::default();
    let visits = parallel_map(windows_of(cases), |case| {
        held.check(source)?;
        let mut visits = Vec::new();
        let mut scratch = S::Scratch::default();
        let Some(whole) = case.windows.iter().copied().reduce(Span::cover) else {
            return Ok(visits);
        };
        source.visits_of(&mut scratch, case.person, whole, |venue, span| {
            let spans = case.windows.iter().filter_map(|own| span.overlap(*own));
            visits.extend(spans.map(|span| CaseVisit {
                venue,
                person: case.person,
                span,
            }));
        })?;
        held.add::<CaseVisit, _>(source, visits.capacity())?;
        Ok(visits)
    });
    let visits = visits.into_iter().collect::<Result<Vec<_>, _>>()?;
    held.add::<CaseVisit, _>(source, visits.iter().map(Vec::len).sum())?;
    Ok(shared(visits.concat(), zone))
}

/// As [`shared_venues`], among visits of people `0..people` in any order, of which `parts` hold some
/// each. `may_hold` says whether so many bytes may be held beside them.
///
/// # Errors
/// What `may_hold` returns.
pub fn shared_venues_of<E: Send>(
    parts: &[VisitRows],
    cases: &[Case<u32>],
    people: u32,
    zone: &TimeZone,
    may_hold: &(impl Fn(u64) -> Result<(), E> + Sync),
) -> Result<Vec<SharedVenue<u32>>, E> {
    Ok(shared(
        nearby::case_visits(parts, cases, people, may_hold)?,
        zone,
    ))
}

fn shared(mut visits: Vec<CaseVisit>, zone: &TimeZone) -> Vec<SharedVenue<u32>> {
    visits.sort_unstable();
    let at_venues = visits.chunk_by(|one, other| one.venue == other.venue);
    let mut shared: Vec<_> = at_venues
        .filter_map(|visits| {
            let cases = visits.chunk_by(|one, other| one.person == other.person);
            let cases = u32::try_from(cases.count()).unwrap_or(u32::MAX);
            let whole = visits.iter().map(|visit| visit.span).reduce(Span::cover)?;
            (cases > 1).then(|| SharedVenue {
                venue: visits[0].venue,
                cases,
                first: timestamp(whole.from),
                last: timestamp(whole.until),
                days: days(visits, zone),
            })
        })
        .collect();
    shared.sort_by_key(|venue| std::cmp::Reverse(venue.cases));
    shared
}

fn days(visits: &[CaseVisit], zone: &TimeZone) -> Vec<Date> {
    let day_of = |at: Seconds| timestamp(at).to_zoned(zone.clone()).date();
    let mut days = Vec::new();
    for visit in visits {
        let last = day_of(visit.span.until - 1);
        let mut day = day_of(visit.span.from);
        loop {
            days.push(day);
            match day.tomorrow() {
                Ok(next) if next <= last => day = next,
                _ => break,
            }
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}
