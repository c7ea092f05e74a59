//! What a trace reads: the visits of those it follows and who lives or rode with them, and then
//! everybody who was where they were, or in their groups.
//!
//! It records what it is about to read, durably, before it reads. A visit or membership that comes in
//! late and that the reading misses then finds the record and opens the job again.

use std::collections::BTreeMap;
use std::convert::Infallible;

use domain::evidence::GroupKind;
use domain::{EvidenceId, GroupId, PersonId, Timestamp, VenueId};
use engine::trace::{Case, Contact, Placed, Search, Visits};
use store::held_memberships::{self, HeldMembership};
use store::memberships::{self, ListedMembership};
use store::{StoreError, TraceJob, TraceRead, TraceSubject, Transaction, Visit, traces, visits};
use tracing::warn;

use super::Tracing;
use super::admission::admit;
use super::group_contacts::ReadMemberships;
use crate::{Result, ServiceError};

/// Spans of time that are read at once: bounds what one reading holds in memory.
const SPANS_PER_READ: usize = 1000;

/// A visit as tracing sees it.
type VisitInterval = engine::trace::Visit<PersonId, VenueId>;

/// A stretch of time at a venue, of a person, in a group.
type Span<K> = (K, Timestamp, Timestamp);

/// Somebody whose contacts are sought: the case, or in an outer ring somebody whom it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IndexCase {
    /// Who.
    pub person: PersonId,
    /// From when on.
    pub from: Timestamp,
}

/// What a trace has read so far. What is read twice counts once.
#[derive(Default)]
pub(super) struct Gathered {
    visits: BTreeMap<EvidenceId, VisitInterval>,
    groups: ReadMemberships,
}

impl Tracing {
    /// Reads the visits and the groups of each index case from their own start on, and everybody at
    /// the same venues at the same time and in the same groups.
    pub(super) async fn gather(
        &self,
        job: &TraceJob,
        ring: u8,
        index_cases: &[IndexCase],
        gathered: &mut Gathered,
    ) -> Result<()> {
        let until = job.until;
        let from: BTreeMap<PersonId, Timestamp> = index_cases
            .iter()
            .map(|one| (one.person, one.from))
            .collect();
        let people: Vec<Span<PersonId>> = from
            .iter()
            .map(|(&person, &from)| (person, from, until))
            .collect();
        let followed = reads(&people, TraceSubject::Person);
        self.record_reads(job, followed.collect()).await?;
        let Own {
            visits,
            memberships: mut listed,
        } = self.read_own(&people).await?;
        // Around a contact no building is looked at: see `engine::trace::GroupContacts`.
        listed.retain(|one| ring == 1 || one.membership.kind != GroupKind::Building);
        let venues = venues_of(&visits, &from, until);
        let groups = groups_of(&listed, &from, until);
        let looked_at = reads(&venues, TraceSubject::Venue);
        let looked_at = looked_at.chain(reads(&groups, TraceSubject::Group));
        self.record_reads(job, looked_at.collect()).await?;
        gathered.add(&visits);
        for venues in venues.chunks(SPANS_PER_READ) {
            gathered.add(&self.read_visits_at(venues).await?);
        }
        for groups in groups.chunks(SPANS_PER_READ) {
            listed.extend(self.read_members(groups).await?);
        }
        let index_cases = from.into_keys().collect();
        let known_at = self.known_at(job).await?;
        let (now, caps) = (self.clock.now(), &self.settings.caps);
        let admission = admit(&index_cases, listed, known_at, now, caps);
        gathered.groups.extend(admission.read);
        self.hold(job, admission.held).await
    }

    /// Notes memberships that wait for a tracer.
    async fn hold(&self, job: &TraceJob, held: Vec<HeldMembership>) -> Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        warn!(diagnosis = %job.diagnosis, held = held.len(), "memberships wait for a tracer");
        let hold = self.store.transaction(
            "traces.hold_memberships",
            (job.person, held),
            |tx, (case, held)| Box::pin(held_memberships::put(tx, *case, held)),
        );
        Ok(hold.await?)
    }

    /// The contacts of the case in what was gathered, up to a ring.
    pub(super) async fn search(
        &self,
        job: &TraceJob,
        rings: u8,
        gathered: &Gathered,
    ) -> Result<Vec<Contact<PersonId>>> {
        let visits = with_ends(gathered.visits.values().copied().collect());
        let companions = gathered.groups.companions();
        let case = Case {
            person: job.person,
            from: job.from,
            until: job.until,
        };
        let search = Search {
            minutes: self.settings.least_contact_minutes,
            rings,
            by_day: None,
        };
        blocking(move || {
            let visits = Visits::new(visits);
            let by_venue = |search: &Search, placed: &[Placed<PersonId>]| {
                Ok::<_, Infallible>(visits.trace_beside(&[case], search, placed))
            };
            match companions.trace(&[case], &search, by_venue) {
                Ok(contacts) => contacts,
                Err(never) => match never {},
            }
        })
        .await
    }

    async fn record_reads(&self, job: &TraceJob, reads: Vec<TraceRead>) -> Result<()> {
        if reads.is_empty() {
            return Ok(());
        }
        let record = self.store.transaction(
            "traces.record_reads",
            (job.clone(), reads),
            |tx, (job, reads)| Box::pin(traces::record_reads(tx, job, reads)),
        );
        Ok(record.await?)
    }

    async fn read_own(&self, people: &[Span<PersonId>]) -> Result<Own> {
        let mut all = Own::default();
        for people in people.chunks(SPANS_PER_READ) {
            let read = self
                .store
                .read("traces.read_own", people.to_vec(), |tx, people| {
                    Box::pin(own(tx, people))
                });
            let own = read.await?;
            all.visits.extend(own.visits);
            all.memberships.extend(own.memberships);
        }
        Ok(all)
    }

    async fn read_visits_at(&self, venues: &[Span<VenueId>]) -> Result<Vec<Visit>> {
        let read = self
            .store
            .read("traces.read_venues", venues.to_vec(), |tx, venues| {
                Box::pin(visits::at(tx, venues))
            });
        Ok(read.await?)
    }

    async fn read_members(&self, groups: &[Span<GroupId>]) -> Result<Vec<ListedMembership>> {
        let read = self
            .store
            .read("traces.read_groups", groups.to_vec(), |tx, groups| {
                Box::pin(memberships::members_of_many(tx, groups))
            });
        Ok(read.await?)
    }
}

/// Gives visits without an end the one that follows from the others: entering a venue, the same one
/// too, ends the visit before. So nobody who checks in at one venue after the other is in all of them
/// at once, and a person who entered a venue twice was there until the second visit ended.
fn with_ends(mut visits: Vec<VisitInterval>) -> Vec<VisitInterval> {
    visits.sort_by_key(|visit| (visit.person, visit.entered, visit.venue));
    for place in 0..visits.len() {
        let visit = visits[place];
        if visit.left.is_some() {
            continue;
        }
        let latest = visit.entered.checked_add(Visit::LONGEST);
        let latest = latest.unwrap_or(visit.entered);
        let next = visits.get(place + 1);
        let own = next.filter(|other| other.person == visit.person);
        let next = own.map(|other| other.entered);
        visits[place].left = next.filter(|entered| *entered < latest);
    }
    visits
}

/// Those of a ring whose contacts are in the next, each from their first shared time on.
pub(super) fn followed(contacts: &[Contact<PersonId>], ring: u8) -> Vec<IndexCase> {
    let mut since = BTreeMap::new();
    let of_ring = contacts.iter().filter(|contact| contact.ring == ring);
    for contact in of_ring.filter(|contact| contact.is_followed()) {
        let first = since.entry(contact.person).or_insert(contact.first);
        *first = contact.first.min(*first);
    }
    let index_cases = since.into_iter();
    index_cases
        .map(|(person, from)| IndexCase { person, from })
        .collect()
}

/// The visits and memberships of index cases.
#[derive(Default)]
struct Own {
    visits: Vec<Visit>,
    memberships: Vec<ListedMembership>,
}

async fn own(tx: &mut Transaction, people: &[Span<PersonId>]) -> Result<Own, StoreError> {
    Ok(Own {
        visits: visits::of_many(tx, people).await?,
        memberships: memberships::of_many(tx, people).await?,
    })
}

impl Gathered {
    fn add(&mut self, visits: &[Visit]) {
        self.visits.extend(visits.iter().map(|visit| {
            let interval = VisitInterval {
                person: visit.person,
                venue: visit.venue,
                entered: visit.entered,
                left: visit.left,
            };
            (visit.id, interval)
        }));
    }
}

fn reads<K: Copy>(
    spans: &[Span<K>],
    subject: fn(K) -> TraceSubject,
) -> impl Iterator<Item = TraceRead> {
    spans.iter().map(move |&(what, from, until)| TraceRead {
        what: subject(what),
        from,
        until,
    })
}

/// Where the index cases were, and when, within the window; in order, so that no two traces wait for
/// each other.
fn venues_of(
    visits: &[Visit],
    from: &BTreeMap<PersonId, Timestamp>,
    until: Timestamp,
) -> Vec<Span<VenueId>> {
    let mut intervals = BTreeMap::<VenueId, Vec<(Timestamp, Timestamp)>>::new();
    for visit in visits {
        let open_end = visit.entered.checked_add(Visit::LONGEST).unwrap_or(until);
        let end = visit.left.unwrap_or(open_end).min(until);
        let start = from.get(&visit.person).copied().unwrap_or(visit.entered);
        let start = start.max(visit.entered);
        if start < end {
            intervals.entry(visit.venue).or_default().push((start, end));
        }
    }
    let spans = intervals.into_iter().flat_map(|(venue, intervals)| {
        let merged = merged(intervals).into_iter();
        merged.map(move |(from, until)| (venue, from, until))
    });
    spans.collect()
}

/// The groups that the index cases are in, each from the earliest start of those in it.
fn groups_of(
    memberships: &[ListedMembership],
    from: &BTreeMap<PersonId, Timestamp>,
    until: Timestamp,
) -> Vec<Span<GroupId>> {
    let mut groups = BTreeMap::<GroupId, Timestamp>::new();
    for one in memberships.iter().map(|one| one.membership) {
        let from = from.get(&one.person).copied().unwrap_or(one.from);
        let since = groups.entry(one.group).or_insert(from);
        *since = from.min(*since);
    }
    let groups = groups.into_iter();
    groups.map(|(group, from)| (group, from, until)).collect()
}

/// Spans that overlap or touch become one.
fn merged(mut spans: Vec<(Timestamp, Timestamp)>) -> Vec<(Timestamp, Timestamp)> {
    spans.sort_unstable();
    let mut merged: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, until) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => merged.push((from, until)),
        }
    }
    merged
}

/// Runs work that takes a processor for a while beside those that answer requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ServiceError::Interrupted(error.to_string()))
}
