//! Contacts of groups: who shared a household, a building or a trip with a case.
//!
//! Membership runs from an instant up to, not including, another; one that nobody ended still runs,
//! however long ago it began. Any shared instant counts, because an authority that lists a group
//! says that its members were together: the least minutes of a search are for chance meetings at
//! venues.
//!
//! **Ring 1** are the members of the case's own groups during its window: those of its household and
//! its building, and the passengers of the same trip.
//!
//! **Ring n** are the members of the households and trips of everybody in ring n-1, by whatever
//! relation, from that person's own first shared time on: what authorities called contacts of close
//! contacts, or secondary contacts. Buildings count around a case only, and their tenants are not
//! followed: living under one roof with a contact of a case says next to nothing, and a tower block
//! would fill ring 2 with thousands.
//!
//! Who is in a ring by any relation is in no later one. Who is in it by two relations has two
//! contacts.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;
use domain::evidence::{GroupKind, Relation};

use super::days::Days;
use super::index_cases::windows_of;
use super::span::{Span, merge, timestamp, unix_seconds};
use super::{Case, Contact, Placed, Search};
use crate::parallel::parallel_sort;

/// A person in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership<P, G> {
    /// Who.
    pub person: P,
    /// Which group of its kind.
    pub group: G,
    /// What the members share.
    pub kind: GroupKind,
    /// From when.
    pub from: Timestamp,
    /// The first instant after, if it is over.
    pub until: Option<Timestamp>,
}

/// Memberships, ready to be searched. Build once, trace as often as you like.
#[derive(Clone, Debug)]
pub struct GroupContacts<P, G> {
    /// In order of group.
    members: Vec<Member<P, G>>,
    /// Places in that list, in order of person.
    by_person: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Member<P, G> {
    group: (GroupKind, G),
    person: P,
    span: Span,
}

/// Somebody whose groups count, and when.
struct IndexCase<P> {
    case: P,
    person: P,
    during: Vec<Span>,
}

/// Time that an index case and somebody else shared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Shared<P> {
    case: P,
    person: P,
    relation: Relation,
    through: P,
    span: Span,
}

impl<P: Copy + Ord + Send, G: Copy + Ord + Send> GroupContacts<P, G> {
    /// Takes memberships in any order. The same one may come more than once; one that ends before it
    /// begins counts for nothing. Time before 1970 and after 2106 does not count.
    pub fn new(memberships: impl IntoIterator<Item = Membership<P, G>>) -> Self {
        Self::of_spans(memberships.into_iter().map(|one| {
            let span = Span {
                from: unix_seconds(one.from),
                until: unix_seconds(one.until.unwrap_or(Timestamp::MAX)),
            };
            (one.person, one.kind, one.group, span)
        }))
    }

    /// The same of people, kinds and groups with the time of each membership.
    pub fn of_spans(memberships: impl IntoIterator<Item = (P, GroupKind, G, Span)>) -> Self {
        let members = memberships
            .into_iter()
            .map(|(person, kind, group, span)| Member {
                group: (kind, group),
                person,
                span,
            });
        let mut members: Vec<_> = members
            .filter(|member| member.span.from < member.span.until)
            .collect();
        parallel_sort(&mut members);
        members.dedup();
        let people = members.iter().map(|member| member.person);
        let mut by_person: Vec<(P, u32)> = people.zip(0..).collect();
        parallel_sort(&mut by_person);
        Self {
            members,
            by_person: by_person.into_iter().map(|(_, place)| place).collect(),
        }
    }

    /// Whether nobody is in any group.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.members.capacity() * size_of::<Member<P, G>>() + self.by_person.capacity() * 4
    }

    /// Finds the contacts of every case by group and by venue, in order of case, ring, person, day
    /// and relation. `by_venue` finds those who shared venues, where some people are in a ring
    /// already; it is asked for the outer rings once the inner ones are known.
    ///
    /// # Errors
    /// What `by_venue` returns.
    pub fn trace<E>(
        &self,
        cases: &[Case<P>],
        search: &Search,
        mut by_venue: impl FnMut(&Search, &[Placed<P>]) -> Result<Vec<Contact<P>>, E>,
    ) -> Result<Vec<Contact<P>>, E> {
        if self.is_empty() || search.rings == 0 {
            return by_venue(search, &[]);
        }
        let windows = windows_of(cases);
        let days = match &search.by_day {
            Some(zone) => {
                let whole = windows.iter().flat_map(|case| &case.windows);
                Days::split(whole.copied(), zone)
            }
            None => Days::all_as_one(),
        };
        let ends: BTreeMap<P, u32> = windows.iter().map(|own| (own.person, own.end())).collect();
        let mut in_rings: BTreeSet<(P, P)> = ends.keys().map(|case| (*case, *case)).collect();
        let mut index_cases: Vec<IndexCase<P>> = windows
            .into_iter()
            .map(|own| IndexCase {
                case: own.person,
                person: own.person,
                during: own.windows,
            })
            .collect();
        let (mut of_groups, mut met) = (Vec::new(), Vec::new());
        let mut placed: Vec<Placed<P>> = Vec::new();
        for ring in 1..=search.rings {
            let counts = |case: P, person: P| {
                !in_rings.contains(&(case, person)) && (ring == 1 || !ends.contains_key(&person))
            };
            let found = self.contacts_of_groups(ring, &index_cases, &days, counts);
            placed.extend(found.iter().map(|contact| Placed {
                case: contact.case,
                ring,
                person: contact.person,
                from: contact.first,
                is_followed: contact.is_followed(),
            }));
            of_groups.extend(found);
            if ring == 1 || ring < search.rings {
                let rings = search.rings.min(ring + 1);
                let search = Search {
                    rings,
                    ..search.clone()
                };
                met = by_venue(&search, &placed)?;
            }
            let of_ring = || of_groups.iter().chain(&met).filter(|one| one.ring == ring);
            in_rings.extend(of_ring().map(|contact| (contact.case, contact.person)));
            index_cases = followed(of_ring(), &ends);
        }
        met.extend(of_groups);
        met.sort_by_key(|one| (one.case, one.ring, one.person, one.day, one.relation));
        Ok(met)
    }

    /// Everybody who was in a group together with an index case while that counted.
    fn contacts_of_groups(
        &self,
        ring: u8,
        index_cases: &[IndexCase<P>],
        days: &Days,
        counts: impl Fn(P, P) -> bool,
    ) -> Vec<Contact<P>> {
        let mut shared = Vec::new();
        for index_case in index_cases {
            let own = self.memberships_of(index_case.person);
            for own in own.filter(|own| ring == 1 || own.group.0 != GroupKind::Building) {
                for other in self.members_of(own.group) {
                    if !counts(index_case.case, other.person) || other.person == index_case.person {
                        continue;
                    }
                    let together = own.span.overlap(other.span);
                    let during = index_case.during.iter();
                    let spans = during.filter_map(|window| together?.overlap(*window));
                    shared.extend(spans.map(|span| Shared {
                        case: index_case.case,
                        person: other.person,
                        relation: own.group.0.relation(),
                        through: index_case.person,
                        span,
                    }));
                }
            }
        }
        shared.sort_unstable();
        let of_pairs = shared
            .chunk_by(|a, b| (a.case, a.person, a.relation) == (b.case, b.person, b.relation));
        of_pairs
            .flat_map(|of_one| contacts(ring, of_one, days))
            .collect()
    }

    fn memberships_of(&self, person: P) -> impl Iterator<Item = &Member<P, G>> {
        let of = |place: &u32| self.members[*place as usize].person;
        let start = self.by_person.partition_point(|place| of(place) < person);
        let own = self.by_person[start..].iter();
        own.take_while(move |place| of(place) == person)
            .map(|place| &self.members[*place as usize])
    }

    fn members_of(&self, group: (GroupKind, G)) -> impl Iterator<Item = &Member<P, G>> {
        let start = self.members.partition_point(|member| member.group < group);
        let members = self.members[start..].iter();
        members.take_while(move |member| member.group == group)
    }
}

/// What somebody shared with index cases of one case, as one contact for each day.
fn contacts<P: Copy + Ord>(ring: u8, shared: &[Shared<P>], days: &Days) -> Vec<Contact<P>> {
    // Day, seconds with one index case, who that is, from when until when.
    let mut meetings: Vec<(u32, Reverse<u64>, P, Span)> = Vec::new();
    for with_one in shared.chunk_by(|a, b| a.through == b.through) {
        let through = with_one[0].through;
        let spans = merge(with_one.iter().map(|one| one.span).collect());
        for (day, piece) in spans.iter().flat_map(|span| days.pieces(*span)) {
            let length = u64::from(piece.until - piece.from);
            match meetings.last_mut() {
                Some((last, seconds, whom, span)) if (*last, *whom) == (day, through) => {
                    seconds.0 += length;
                    *span = span.cover(piece);
                }
                _ => meetings.push((day, Reverse(length), through, piece)),
            }
        }
    }
    meetings.sort_unstable();
    let contact = |of_day: &[(u32, Reverse<u64>, P, Span)]| {
        let (day, Reverse(seconds), through, span) = of_day[0];
        let together = of_day.iter().fold(span, |all, one| all.cover(one.3));
        Contact {
            case: shared[0].case,
            ring,
            person: shared[0].person,
            relation: shared[0].relation,
            through,
            day: days.date(day),
            minutes: u32::try_from(seconds / 60).unwrap_or(u32::MAX),
            first: timestamp(together.from),
            last: timestamp(together.until),
            venues: 0,
        }
    };
    meetings.chunk_by(|a, b| a.0 == b.0).map(contact).collect()
}

/// Those of a ring whose own groups count, each from their first shared time on.
fn followed<'c, P: Copy + Ord + 'c>(
    ring: impl Iterator<Item = &'c Contact<P>>,
    ends: &BTreeMap<P, u32>,
) -> Vec<IndexCase<P>> {
    let mut since = BTreeMap::<(P, P), u32>::new();
    for contact in ring.filter(|contact| contact.is_followed()) {
        let first = unix_seconds(contact.first);
        let entry = since.entry((contact.case, contact.person)).or_insert(first);
        *entry = first.min(*entry);
    }
    let index_case = |((case, person), from)| IndexCase {
        case,
        person,
        during: vec![Span {
            from,
            until: ends.get(&case).copied().unwrap_or(from),
        }],
    };
    since.into_iter().map(index_case).collect()
}
