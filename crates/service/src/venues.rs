//! Venues, and people's visits to them.
//!
//! A visit is what a person's own phone reports after scanning the sign at the door. Its identifier
//! comes from the phone, so that a scan uploaded twice counts once.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use domain::{EvidenceId, PersonId, Region, RequestKey, Timestamp, VenueId};
use jiff::SignedDuration;
use store::{Recorded, Venue, Visit};
use tracing::{info, instrument};

use crate::access::{HealthOfficial, Resident};
use crate::keys::visit_id;
use crate::plausible::until_left;
use crate::service::Service;
use crate::{Result, ServiceError};

/// A venue in memory is read again after this, so that a change made on another node arrives.
const VENUE_FRESH: SignedDuration = SignedDuration::from_mins(5);
const VENUES_IN_MEMORY: usize = 100_000;

/// A place where visits are to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVenue {
    /// Its identifier if it has one already; changes the venue in that case.
    pub id: Option<VenueId>,
    /// Its name, as on the sign.
    pub name: String,
    /// What sort of place (`port`, `restaurant`), if a policy asks for it.
    pub category: Option<String>,
    /// Where it is.
    pub region: Option<Region>,
}

/// A visit on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitReceipt {
    /// The visit; a check-out names it.
    pub visit: EvidenceId,
    /// Where.
    pub venue: VenueId,
    /// The venue's name.
    pub venue_name: String,
    /// From when.
    pub entered: Timestamp,
    /// Until when, once checked out.
    pub left: Option<Timestamp>,
}

/// A visit that the phone kept while it had no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Drawn by the phone.
    pub id: RequestKey,
    /// Where.
    pub venue: VenueId,
    /// From when.
    pub entered: Timestamp,
    /// Until when, if the person checked out.
    pub left: Option<Timestamp>,
}

/// What became of an upload. Accepted scans may be deleted from the phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanReceipt {
    /// Scans that are durable, by the phone's identifiers; those uploaded before included.
    pub accepted: Vec<RequestKey>,
    /// Scans that were refused.
    pub refused: Vec<ScanRefused>,
}

/// A scan that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanRefused {
    /// Which.
    pub id: RequestKey,
    /// Which field of it.
    pub field: &'static str,
    /// Why.
    pub reason: String,
}

/// Venues in memory.
#[derive(Default)]
pub(crate) struct Venues {
    held: Mutex<HashMap<VenueId, (Venue, Timestamp)>>,
}

impl Service {
    /// Adds a venue, or changes one.
    ///
    /// # Errors
    /// [`ServiceError::BadField`]; [`ServiceError::Store`].
    #[instrument(name = "venues.put", skip_all)]
    pub async fn put_venue(&self, _by: &HealthOfficial, venue: NewVenue) -> Result<Venue> {
        let name = venue.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 200 {
            return Err(ServiceError::field("name", "expected 1 to 200 characters"));
        }
        if let Some(category) = &venue.category {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
            if category.is_empty() || category.len() > 50 || !category.chars().all(plain) {
                let why = "expected 1 to 50 lower-case letters, digits, hyphens or underscores";
                return Err(ServiceError::field("category", why));
            }
        }
        let id = venue.id.unwrap_or_else(|| VenueId::generate(&*self.ids));
        let venue = Venue {
            id,
            name,
            category: venue.category,
            region: venue.region,
        };
        self.store.put_venue(venue.clone()).await?;
        self.hold_venue(venue.clone());
        Ok(venue)
    }

    /// A venue, for the page behind the sign.
    ///
    /// # Errors
    /// [`ServiceError::UnknownVenue`]; [`ServiceError::Store`].
    pub async fn venue(&self, id: VenueId) -> Result<Venue> {
        let now = self.clock.now();
        let held = lock(&self.venues.held).get(&id).cloned();
        if let Some((venue, read_at)) = held
            && now.duration_since(read_at) < VENUE_FRESH
        {
            return Ok(venue);
        }
        let venue = self
            .store
            .venue(id)
            .await?
            .ok_or(ServiceError::UnknownVenue)?;
        self.hold_venue(venue.clone());
        Ok(venue)
    }

    /// The person enters a venue, now. `scan` is drawn by the phone and kept for repeats.
    ///
    /// # Errors
    /// [`ServiceError::UnknownVenue`]; [`ServiceError::Store`].
    #[instrument(name = "venues.check_in", skip_all)]
    pub async fn check_in(
        &self,
        resident: &Resident,
        venue: VenueId,
        scan: RequestKey,
    ) -> Result<VisitReceipt> {
        let venue = self.venue(venue).await?;
        let person = resident.person();
        let entered = self.clock.now();
        let visit = new_visit(person, scan, &venue, entered, None);
        self.take_visits(std::slice::from_ref(&visit), Recorded::Live)
            .await?;
        Ok(receipt(&visit, venue.name))
    }

    /// The person leaves, now. Of several check-outs the first wins.
    ///
    /// # Errors
    /// [`ServiceError::UnknownVisit`] if they did not check in within the last 12 hours;
    /// [`ServiceError::Store`].
    #[instrument(name = "venues.check_out", skip_all)]
    pub async fn check_out(&self, resident: &Resident, visit: EvidenceId) -> Result<VisitReceipt> {
        let now = self.clock.now();
        let since = now.checked_sub(Visit::LONGEST).unwrap_or(Timestamp::MIN);
        let until = now
            .checked_add(SignedDuration::from_secs(1))
            .unwrap_or(Timestamp::MAX);
        let visits = self
            .store
            .visits_of(resident.person(), since, until)
            .await?;
        let found = visits.into_iter().find(|known| known.id == visit);
        let mut visit = found.ok_or(ServiceError::UnknownVisit)?;
        let name = self.venue(visit.venue).await?.name;
        if visit.left.is_none() {
            visit.left = Some(now.max(visit.entered));
            self.take_visits(std::slice::from_ref(&visit), Recorded::Live)
                .await?;
        }
        Ok(receipt(&visit, name))
    }

    /// Takes in visits that the phone kept while it had no network, each exactly once. Cases that were
    /// traced before and were at the same place are traced again, in the background.
    ///
    /// # Errors
    /// [`ServiceError::TooMany`]; [`ServiceError::Store`]: upload the same scans again.
    #[instrument(name = "venues.upload_scans", skip_all, fields(scans = scans.len()))]
    pub async fn upload_scans(&self, resident: &Resident, scans: &[Scan]) -> Result<ScanReceipt> {
        let limit = self.settings.most_items;
        if scans.len() > limit {
            return Err(ServiceError::TooMany {
                field: "scans",
                count: scans.len(),
                limit,
            });
        }
        let now = self.clock.now();
        let mut receipt = ScanReceipt::default();
        let mut visits = Vec::new();
        for scan in scans {
            match self.admit_scan(resident.person(), scan, now).await {
                Ok(visit) => {
                    visits.push(visit);
                    receipt.accepted.push(scan.id);
                }
                Err(error) if error.is_ours() => return Err(error),
                Err(ServiceError::BadField { field, why }) => {
                    receipt.refused.push(ScanRefused {
                        id: scan.id,
                        field,
                        reason: why,
                    });
                }
                Err(error) => {
                    let reason = error.to_string();
                    receipt.refused.push(ScanRefused {
                        id: scan.id,
                        field: "venue",
                        reason,
                    });
                }
            }
        }
        self.take_visits(&visits, Recorded::Late).await?;
        info!(
            accepted = receipt.accepted.len(),
            refused = receipt.refused.len(),
            "scans uploaded"
        );
        Ok(receipt)
    }

    /// Records visits and, if a rule reads visits, decides their people again. The number of people
    /// whose status changed.
    pub(crate) async fn take_visits(&self, visits: &[Visit], recorded: Recorded) -> Result<usize> {
        if visits.is_empty() {
            return Ok(0);
        }
        self.record_visits(visits, recorded).await?;
        if recorded == Recorded::Late {
            self.wake.traces.notify_one();
        }
        let reads_visits = self
            .in_force()
            .is_ok_and(|in_force| in_force.reads_visits());
        if !reads_visits {
            return Ok(0);
        }
        let people: BTreeSet<PersonId> = visits.iter().map(|visit| visit.person).collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let decided = self.decide_again(&people).await?;
        Ok(decided
            .iter()
            .filter(|one| one.before != Some(one.now.verdict.status))
            .count())
    }

    async fn admit_scan(&self, person: PersonId, scan: &Scan, now: Timestamp) -> Result<Visit> {
        let venue = self.venue(scan.venue).await?;
        let fact = domain::Fact::visit(
            venue.id,
            venue.category.clone(),
            until_left("entered", scan.entered, scan.left)?,
        );
        self.check_plausible(&fact, now)?;
        if now.duration_since(scan.entered) > self.settings.oldest_scan {
            let days = self.settings.oldest_scan.as_hours() / 24;
            let why = format!("the scan is older than {days} days; it is no longer taken in");
            return Err(ServiceError::field("entered", why));
        }
        Ok(new_visit(person, scan.id, &venue, scan.entered, scan.left))
    }

    fn hold_venue(&self, venue: Venue) {
        let mut held = lock(&self.venues.held);
        if held.len() >= VENUES_IN_MEMORY {
            held.clear();
        }
        held.insert(venue.id, (venue, self.clock.now()));
    }
}

fn new_visit(
    person: PersonId,
    scan: RequestKey,
    venue: &Venue,
    entered: Timestamp,
    left: Option<Timestamp>,
) -> Visit {
    let id = visit_id(person, scan);
    Visit {
        id,
        person,
        venue: venue.id,
        category: venue.category.clone(),
        entered,
        left,
    }
}

fn receipt(visit: &Visit, venue_name: String) -> VisitReceipt {
    let Visit {
        id,
        venue,
        entered,
        left,
        ..
    } = *visit;
    VisitReceipt {
        visit: id,
        venue,
        venue_name,
        entered,
        left,
    }
}

fn lock<T>(held: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
