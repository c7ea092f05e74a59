//! What the index cases of a case found, made into contacts.

use domain::evidence::Relation;

use super::Contact;
use super::index_cases::{IndexCase, Windows};
use super::rings::{Found, Meeting, Tracing};
use super::source::Source;
use super::span::{Span, timestamp, unix_seconds};
use crate::columns::Seconds;

impl<S: Source> Tracing<'_, S> {
    /// The contacts of one ring of one case, and the index cases of the next ring.
    pub(super) fn settle(
        &self,
        ring: u8,
        case: usize,
        found: Vec<Found>,
        placed: &[u32],
    ) -> (Vec<Contact<u32>>, Vec<IndexCase>) {
        let is_case = |person: u32| {
            self.cases
                .binary_search_by_key(&person, |case| case.person)
                .is_ok()
        };
        let counts =
            |person: u32| placed.binary_search(&person).is_err() && (ring == 1 || !is_case(person));
        let (mut meetings, mut places) = (Vec::new(), Vec::new());
        for found in found {
            meetings.extend(
                found
                    .meetings
                    .into_iter()
                    .filter(|meeting| counts(meeting.person)),
            );
            places.extend(found.places.into_iter().filter(|place| counts(place.0)));
        }
        meetings.sort_unstable_by_key(|meeting| (meeting.person, meeting.day));
        places.sort_unstable();
        places.dedup();
        let mut places = &places[..];
        let (mut contacts, mut index_cases) = (Vec::new(), Vec::<IndexCase>::new());
        let end = self.cases[case].end();
        for of_one in meetings.chunk_by(|a, b| (a.person, a.day) == (b.person, b.day)) {
            let Meeting {
                person,
                day,
                together,
                ..
            } = of_one[0];
            let together = of_one
                .iter()
                .fold(together, |all, meeting| all.cover(meeting.together));
            let longest = of_one.iter().copied().reduce(|a, b| {
                let first = b.through < a.through;
                if b.seconds > a.seconds || b.seconds == a.seconds && first {
                    b
                } else {
                    a
                }
            });
            let longest = longest.unwrap_or(of_one[0]);
            let here = places
                .iter()
                .take_while(|place| (place.0, place.1) == (person, day))
                .count();
            places = &places[here..];
            contacts.push(Contact {
                case: self.cases[case].person,
                ring,
                person,
                relation: Relation::Venue,
                through: longest.through,
                day: self.days.date(day),
                minutes: u32::try_from(longest.seconds / 60).unwrap_or(u32::MAX),
                first: timestamp(together.from),
                last: timestamp(together.until),
                venues: u32::try_from(here).unwrap_or(u32::MAX),
            });
            match index_cases.last_mut() {
                Some(last) if last.person == person => {
                    last.during.from = last.during.from.min(together.from);
                }
                _ => index_cases.push(IndexCase {
                    case,
                    person,
                    during: Span {
                        from: together.from,
                        until: end,
                    },
                }),
            }
        }
        (contacts, index_cases)
    }

    /// Those who are in this ring for another reason are placed, and followed like the others.
    pub(super) fn join(&self, ring: u8, index_cases: &mut Vec<IndexCase>, placed: &mut [Vec<u32>]) {
        if self.placed.is_empty() {
            return;
        }
        for one in self.placed.iter().filter(|one| one.ring == ring) {
            let Ok(case) = self
                .cases
                .binary_search_by_key(&one.case, |case| case.person)
            else {
                continue;
            };
            placed[case].push(one.person);
            if one.is_followed {
                index_cases.push(IndexCase {
                    case,
                    person: one.person,
                    during: Span {
                        from: unix_seconds(one.from),
                        until: self.cases[case].end(),
                    },
                });
            }
        }
        placed.iter_mut().for_each(|people| people.sort_unstable());
        // A person listed twice is followed from the earlier time on.
        index_cases.sort_unstable_by_key(|one| (one.case, one.person, one.during.from));
        index_cases.dedup_by_key(|one| (one.case, one.person));
    }
}

impl<P> Windows<P> {
    /// The first instant after the last window.
    pub(super) fn end(&self) -> Seconds {
        self.windows.last().map_or(0, |window| window.until)
    }
}
