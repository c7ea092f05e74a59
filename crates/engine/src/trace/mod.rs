//! Contact tracing: who shared venues with a case, and who shared them with those.
//!
//! **Presence.** A person is at a venue from `entered` up to, not including, `left`. Visits of one
//! person to one venue that overlap count once. A visit that nobody ended counts as ended
//! [`LONGEST_OPEN_VISIT`] after its entry, or at the end of the case's window if that is sooner. A
//! visit that ends before it begins counts for nothing. Of a person who is at two venues at once
//! (a shop inside a station) the time counts at both.
//!
//! **Ring 1.** Everybody whose presence, venue by venue, overlaps that of the case inside the case's
//! window for at least [`Search::minutes`] in all.
//!
//! **Ring n.** Everybody who in the same way met *one* person of ring n-1, counting only from that
//! person's own first shared moment on and up to the end of the case's window. Nobody is in two
//! rings of one case, and somebody who is a case is in ring 1 of another case or in none.
//!
//! **By day.** With [`Search::by_day`] the minimum must be reached within one local day, and there
//! is one contact for each pair and day that reaches it.

mod days;
mod ledger;
mod presence;
mod result;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use days::Days;
use ledger::Ledger;
pub use presence::Visits;
use presence::{Span, merge};
pub use result::{COLUMNS, write};

/// A visit that nobody ended counts as ended so long after its entry.
pub const LONGEST_OPEN_VISIT: SignedDuration = SignedDuration::from_hours(12);

/// A person at a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit<P, V> {
    /// Who.
    pub person: P,
    /// Where.
    pub venue: V,
    /// From when.
    pub entered: Timestamp,
    /// The first moment after, if somebody ended the visit.
    pub left: Option<Timestamp>,
}

/// A person who may have infected others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case<P> {
    /// Who. A person listed twice is one case with two windows.
    pub person: P,
    /// Start of the infectious window.
    pub from: Timestamp,
    /// The first moment after the infectious window.
    pub until: Timestamp,
}

/// What counts as a contact, and how far to look.
#[derive(Clone, Debug)]
pub struct Search {
    /// The least time together, in minutes; 0 means any shared moment.
    pub minutes: u32,
    /// How many rings: 1 finds those who met a case, 2 also those who met them.
    pub rings: u8,
    /// Count each local day of this zone by itself.
    pub by_day: Option<TimeZone>,
}

/// Somebody who met a case, or met somebody who did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact<P> {
    /// The case it leads back to.
    pub case: P,
    /// 1 met the case, 2 met ring 1, and so on.
    pub ring: u8,
    /// Who.
    pub person: P,
    /// Whom of the ring before they met for longest (the smaller identifier of equals); the case
    /// itself in ring 1.
    pub through: P,
    /// The local day, with [`Search::by_day`].
    pub day: Option<Date>,
    /// Whole minutes together with [`Self::through`].
    pub minutes: u32,
    /// The first moment together with anybody of the ring before whom they met for long enough.
    pub first: Timestamp,
    /// The first moment after their last time together with any of those.
    pub last: Timestamp,
    /// At how many venues they met any of those.
    pub venues: u32,
}

impl<P: Copy + Ord + Hash> Visits<P> {
    /// Finds the contacts of every case, in order of case, ring, person and day.
    pub fn trace(&self, cases: &[Case<P>], search: &Search) -> Vec<Contact<P>> {
        let windows = windows_of(cases);
        let days = search
            .by_day
            .as_ref()
            .map_or_else(Days::all_as_one, |zone| {
                let asked = windows.values().flatten().copied();
                Days::split(
                    asked.filter_map(|window| window.overlap(self.extent())),
                    zone,
                )
            });
        let known = windows.keys().filter_map(|case| self.number_of(case));
        let mut tracing = Tracing {
            visits: self,
            search,
            cases: known.collect(),
            ledger: Ledger::for_people(self.people()),
            days,
        };
        let mut contacts = Vec::new();
        for (case, windows) in &windows {
            if let Some(number) = self.number_of(case) {
                tracing.rings_around(number, windows, &mut contacts);
            }
        }
        contacts.sort_by_key(|contact| (contact.case, contact.ring, contact.person, contact.day));
        contacts
    }
}

/// Each case with its windows, merged and in order.
fn windows_of<P: Copy + Ord>(cases: &[Case<P>]) -> BTreeMap<P, Vec<Span>> {
    let mut windows = BTreeMap::<P, Vec<Span>>::new();
    for case in cases {
        let window = Span {
            from: case.from.as_second(),
            until: case.until.as_second(),
        };
        windows.entry(case.person).or_default().push(window);
    }
    for spans in windows.values_mut() {
        *spans = merge(std::mem::take(spans));
    }
    windows
}

/// One run over all cases.
struct Tracing<'a, P> {
    visits: &'a Visits<P>,
    search: &'a Search,
    cases: HashSet<u32>,
    ledger: Ledger,
    days: Days,
}

/// Somebody whose company counts, and when it does.
struct Carrier {
    person: u32,
    windows: Vec<Span>,
}

/// What is known about one person (and day) in one ring of one case.
struct Met {
    through: u32,
    seconds: i64,
    together: Span,
}

impl<P: Copy + Ord + Hash> Tracing<'_, P> {
    fn rings_around(&mut self, case: u32, windows: &[Span], contacts: &mut Vec<Contact<P>>) {
        let Some(end) = windows.last().map(|window| window.until) else {
            return;
        };
        let mut placed = HashSet::from([case]);
        let mut carriers = vec![Carrier {
            person: case,
            windows: windows.to_vec(),
        }];
        for ring in 1..=self.search.rings {
            let (met, mut places) = self.ring(ring, &carriers, &placed);
            places.sort_unstable();
            places.dedup();
            let mut first_moments = BTreeMap::<u32, i64>::new();
            for ((person, day), met) in met {
                let first = first_moments.entry(person).or_insert(met.together.from);
                *first = met.together.from.min(*first);
                let from = places.partition_point(|place| (place.0, place.1) < (person, day));
                let until = places.partition_point(|place| (place.0, place.1) <= (person, day));
                contacts.push(Contact {
                    case: self.visits.person(case),
                    ring,
                    person: self.visits.person(person),
                    through: self.visits.person(met.through),
                    day: self.days.date(day),
                    minutes: u32::try_from(met.seconds / 60).unwrap_or(u32::MAX),
                    first: moment(met.together.from),
                    last: moment(met.together.until),
                    venues: u32::try_from(until - from).unwrap_or(u32::MAX),
                });
            }
            placed.extend(first_moments.keys());
            let carries = |(person, from)| Carrier {
                person,
                windows: vec![Span { from, until: end }],
            };
            carriers = first_moments.into_iter().map(carries).collect();
        }
    }

    /// Who met a carrier for long enough, by person and day; and at which venues, with repeats.
    #[expect(
        clippy::type_complexity,
        reason = "two collections that only the caller above reads"
    )]
    fn ring(
        &mut self,
        ring: u8,
        carriers: &[Carrier],
        placed: &HashSet<u32>,
    ) -> (HashMap<(u32, u32), Met>, Vec<(u32, u32, u32)>) {
        let least = (i64::from(self.search.minutes) * 60).max(1);
        let mut all = HashMap::<(u32, u32), Met>::new();
        let mut places = Vec::new();
        for carrier in carriers {
            self.meet(carrier);
            let counts = |entry: &ledger::Entry| {
                entry.seconds >= least
                    && !placed.contains(&entry.person)
                    && (ring == 1 || !self.cases.contains(&entry.person))
            };
            for entry in self.ledger.entries().filter(|entry| counts(entry)) {
                let through = carrier.person;
                let new = Met {
                    through,
                    seconds: entry.seconds,
                    together: entry.together,
                };
                let met = all.entry((entry.person, entry.day)).or_insert(new);
                met.together.from = met.together.from.min(entry.together.from);
                met.together.until = met.together.until.max(entry.together.until);
                let smaller = self.visits.person(through) < self.visits.person(met.through);
                if entry.seconds > met.seconds || entry.seconds == met.seconds && smaller {
                    (met.through, met.seconds) = (through, entry.seconds);
                }
            }
            for (entry, venue) in self.ledger.places().filter(|(entry, _)| counts(entry)) {
                places.push((entry.person, entry.day, venue));
            }
        }
        (all, places)
    }

    /// Fills the ledger with everybody's time together with `carrier`.
    fn meet(&mut self, carrier: &Carrier) {
        self.ledger.clear();
        for presence in self.visits.presences_of(carrier.person) {
            for window in &carrier.windows {
                let Some(present) = presence.span.overlap(*window) else {
                    continue;
                };
                for (other, together) in self.visits.present_at(presence.venue, present) {
                    if other == carrier.person {
                        continue;
                    }
                    for (day, piece) in self.days.pieces(together) {
                        self.ledger.add(other, day, presence.venue, piece);
                    }
                }
            }
        }
    }
}

/// Seconds that came out of a [`Timestamp`] go back into one.
fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}
