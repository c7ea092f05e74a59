//! What a trace reads: the visits of those it follows, and everybody's visits where they were; and who
//! lives or rode with them.
//!
//! It notes what it is about to read before it reads. A visit that comes in late and that the
//! reading misses then finds the note and opens the job again. That holds for visits in memory as for
//! those in the database, because memory is used only while it is at least as new as the note: see
//! [`crate::visit_memory`]. When it is not, the whole job is read from the database.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::Arc;

use domain::{EvidenceId, PersonId, Timestamp, VenueId};
use engine::trace::{Case, Contact, Placed, Search, Visits};
use store::{Reach, TraceJob, Visit};
use tracing::debug;

use crate::companions::Company;
use crate::service::Service;
use crate::visit_memory::Generation;
use crate::{Result, ServiceError};

/// A visit as tracing sees it.
pub(crate) type Seen = engine::trace::Visit<PersonId, VenueId>;

/// Visits read so far, by a number of their own, so that one read twice counts once.
type Known = BTreeMap<u128, Seen>;

/// Where visits are read.
#[derive(Clone, Copy)]
enum Source {
    Memory(Generation),
    Database,
}

/// Who is followed, from when on.
pub(crate) type Carrier = (PersonId, Timestamp);

/// A venue and a time there.
pub(crate) type Span = (VenueId, Timestamp, Timestamp);

impl Service {
    /// Everybody who shared venues or company with the case, ring by ring; each ring but the last is on record
    /// when this returns. With them the number of people whose status that changed.
    pub(crate) async fn contacts_of(
        &self,
        job: &TraceJob,
        diagnosis: EvidenceId,
    ) -> Result<(Vec<Contact<PersonId>>, u32)> {
        let mut changed = 0;
        if let Some(generation) = self.visits_in_memory_from(job.from).await? {
            let source = Source::Memory(generation);
            let rings = self.rings_of(job, diagnosis, source, &mut changed);
            if let Some(contacts) = rings.await? {
                return Ok((contacts, changed));
            }
            debug!(diagnosis = %job.diagnosis, "memory does not hold all visits, the database is read");
        }
        let rings = self.rings_of(job, diagnosis, Source::Database, &mut changed);
        let contacts = rings.await?.unwrap_or_default();
        Ok((contacts, changed))
    }

    /// `None` if memory turned out not to be whole.
    async fn rings_of(
        &self,
        job: &TraceJob,
        diagnosis: EvidenceId,
        source: Source,
        changed: &mut u32,
    ) -> Result<Option<Vec<Contact<PersonId>>>> {
        let (mut known, mut company) = (Known::new(), Company::default());
        let case = [(job.person, job.from)];
        if !self.gather(job, &case, source, &mut known).await? {
            return Ok(None);
        }
        self.gather_company(job, 1, &case, &mut company).await?;
        let mut contacts = self.search(job, &known, &company, 1).await?;
        for ring in 2..=self.settings.rings {
            let carriers = followed(&contacts, ring - 1);
            if carriers.is_empty() {
                break;
            }
            *changed += self.write_ahead(job, diagnosis, &contacts).await?;
            if !self.gather(job, &carriers, source, &mut known).await? {
                return Ok(None);
            }
            self.gather_company(job, ring, &carriers, &mut company)
                .await?;
            contacts = self.search(job, &known, &company, ring).await?;
        }
        Ok(Some(contacts))
    }

    /// Reads the visits of each carrier from their moment on, and everybody's visits at the same
    /// venues at the same time; notes both before it reads. `false` if memory is not whole.
    async fn gather(
        &self,
        job: &TraceJob,
        carriers: &[Carrier],
        source: Source,
        known: &mut Known,
    ) -> Result<bool> {
        let until = job.until;
        let followed = carriers.iter().map(|&(person, from)| Reach::Carrier {
            person,
            from,
            until,
        });
        let followed: Vec<Reach> = followed.collect();
        self.store.note_reach(job, &followed).await?;
        let Some(own) = self.visits_of_carriers(job, carriers, source).await? else {
            return Ok(false);
        };
        let spans = spans(&own, until);
        for (_, key, seen) in own {
            known.insert(key, seen);
        }
        let looked_at =
            spans
                .iter()
                .map(|&(venue, from, until)| Reach::Venue { venue, from, until });
        let looked_at: Vec<Reach> = looked_at.collect();
        self.store.note_reach(job, &looked_at).await?;
        let Some(others) = self.visits_at_venues(job, spans, source).await? else {
            return Ok(false);
        };
        known.extend(others);
        Ok(true)
    }

    /// The visits of each carrier, each with the carrier's moment.
    async fn visits_of_carriers(
        &self,
        job: &TraceJob,
        carriers: &[Carrier],
        source: Source,
    ) -> Result<Option<Vec<(Timestamp, u128, Seen)>>> {
        let until = job.until;
        match source {
            Source::Memory(generation) => {
                if self.visits_in_memory_from(job.from).await? != Some(generation) {
                    return Ok(None);
                }
                let (memory, carriers) = (Arc::clone(&self.visits), carriers.to_vec());
                blocking(move || memory.visits_of(generation, &carriers, until)).await
            }
            Source::Database => {
                let mut found = Vec::new();
                for &(person, from) in carriers {
                    let visits = self.store.visits_of(person, from, until).await?;
                    let visits = visits
                        .iter()
                        .map(|visit| (from, visit.id.as_u128(), seen(visit)));
                    found.extend(visits);
                }
                Ok(Some(found))
            }
        }
    }

    async fn visits_at_venues(
        &self,
        job: &TraceJob,
        spans: Vec<Span>,
        source: Source,
    ) -> Result<Option<Vec<(u128, Seen)>>> {
        match source {
            Source::Memory(generation) => {
                if self.visits_in_memory_from(job.from).await? != Some(generation) {
                    return Ok(None);
                }
                let memory = Arc::clone(&self.visits);
                blocking(move || memory.visits_at(generation, &spans)).await
            }
            Source::Database => {
                let mut found = Vec::new();
                for (venue, from, until) in spans {
                    let visits = self.store.visits_at(venue, from, until).await?;
                    found.extend(visits.iter().map(|visit| (visit.id.as_u128(), seen(visit))));
                }
                Ok(Some(found))
            }
        }
    }

    async fn search(
        &self,
        job: &TraceJob,
        known: &Known,
        company: &Company,
        rings: u8,
    ) -> Result<Vec<Contact<PersonId>>> {
        let visits: Vec<Seen> = known.values().copied().collect();
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
        let companions = company.companions();
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
}

/// Those of a ring whose company counts in the next, each from their first shared moment on.
fn followed(contacts: &[Contact<PersonId>], ring: u8) -> Vec<Carrier> {
    let mut since = BTreeMap::new();
    let of_ring = contacts.iter().filter(|contact| contact.ring == ring);
    for contact in of_ring.filter(|contact| contact.is_followed()) {
        let first = since.entry(contact.person).or_insert(contact.first);
        *first = contact.first.min(*first);
    }
    since.into_iter().collect()
}

fn seen(visit: &Visit) -> Seen {
    Seen {
        person: visit.person,
        venue: visit.venue,
        entered: visit.entered,
        left: visit.left,
    }
}

/// Where the carriers were, and when, within the window.
fn spans(own: &[(Timestamp, u128, Seen)], until: Timestamp) -> Vec<Span> {
    let mut presences = HashMap::<VenueId, Vec<(Timestamp, Timestamp)>>::new();
    for (from, _, visit) in own {
        let open_end = visit.entered.checked_add(Visit::LONGEST).unwrap_or(until);
        let end = visit.left.unwrap_or(open_end).min(until);
        let start = visit.entered.max(*from);
        if start < end {
            presences.entry(visit.venue).or_default().push((start, end));
        }
    }
    let spans = presences.into_iter().flat_map(|(venue, spans)| {
        let spans = merged(spans).into_iter();
        spans.map(move |(from, until)| (venue, from, until))
    });
    spans.collect()
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
