//! Visits that a phone kept while it had no network.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Fact, PersonId, RequestKey, Timestamp, VenueId};
use jiff::SignedDuration;
use store::{Recorded, Venue, Visit};
use tracing::{info, instrument};

use super::{VenueSign, Visits, visit};
use crate::access::Resident;
use crate::caps::misfits;
use crate::evidence::plausible;
use crate::{Result, ServiceError};

/// A visit that the phone kept while it had no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Drawn by the phone.
    pub id: RequestKey,
    /// Where.
    pub venue: VenueId,
    /// What a screen showed there; `None` from a printed sign.
    pub sign: Option<VenueSign>,
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
    /// Those of the accepted that wait for a tracer: the person is a confirmed case, and whom they met
    /// there is looked for once a tracer has talked to them.
    pub waiting: Vec<RequestKey>,
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

impl Visits {
    /// Takes in visits that the phone kept while it had no network, each exactly once. Cases that were
    /// traced before and were at the same place are traced again, in the background.
    ///
    /// # Errors
    /// [`ServiceError::TooMany`]; [`ServiceError::Store`]: upload the same scans again.
    #[instrument(name = "visits.upload_scans", skip_all, fields(scans = scans.len()))]
    pub async fn upload_scans(&self, resident: &Resident, scans: &[Scan]) -> Result<ScanReceipt> {
        self.settings.check_count("scans", scans.len())?;
        let now = self.clock.now();
        let venues = scans.iter().map(|scan| scan.venue).collect();
        let mut venues = self.known_venues(venues).await?;
        let outdated = scans.iter().filter(|scan| {
            let venue = venues.get(&scan.venue);
            let sign = scan.sign.as_ref();
            sign.is_some()
                && venue.is_some_and(|venue| self.check_sign(venue, sign, scan.entered).is_err())
        });
        let outdated: BTreeSet<VenueId> = outdated.map(|scan| scan.venue).collect();
        if !outdated.is_empty() {
            let read = self.read_venues(outdated.into_iter().collect()).await?;
            venues.extend(read);
        }
        let mut receipt = ScanReceipt::default();
        let mut readable = Vec::new();
        for scan in scans {
            match self.admit_scan(resident.person(), scan, &venues, now) {
                Ok(visit) => readable.push((scan, visit)),
                Err(error) => receipt.refused.push(refusal(scan, error)),
            }
        }
        // One upload of a person after the other, so that each sees what the one before wrote.
        let _turn = self.turns.of(resident.person()).lock().await;
        let person = resident.person();
        let (scans, new): (Vec<&Scan>, Vec<Visit>) = readable.into_iter().unzip();
        let known = self.visits_around(person, &new).await?;
        let held = self.held_of(person).await?;
        let held = held.into_iter().map(|one| one.visit);
        let others: Vec<Visit> = known.iter().cloned().chain(held).collect();
        let misfits = misfits(&others, &new, &self.settings.caps);
        let mut fitting = Vec::with_capacity(new.len());
        let mut scan_of = BTreeMap::new();
        for ((scan, visit), misfit) in scans.into_iter().zip(new).zip(misfits) {
            match misfit {
                None => {
                    scan_of.insert(visit.id, scan.id);
                    receipt.accepted.push(scan.id);
                    fitting.push(visit);
                }
                Some(misfit) => {
                    let error = misfit.error(&self.settings.caps);
                    receipt.refused.push(refusal(scan, error));
                }
            }
        }
        let (visits, waiting) = self.hold(person, (fitting, None), &known, now).await?;
        let waiting = waiting.iter().filter_map(|id| scan_of.get(id).copied());
        receipt.waiting = waiting.collect();
        self.take_visits(&visits, Recorded::Late).await?;
        info!(
            accepted = receipt.accepted.len(),
            refused = receipt.refused.len(),
            "scans uploaded"
        );
        Ok(receipt)
    }

    /// The person's visits on record within a day of these.
    pub(super) async fn visits_around(
        &self,
        person: PersonId,
        new: &[Visit],
    ) -> Result<Vec<Visit>> {
        let day = SignedDuration::from_hours(24);
        let entered = || new.iter().map(|visit| visit.entered);
        let end = |visit: &Visit| visit.left.unwrap_or(visit.entered);
        let (Some(first), Some(last)) = (entered().min(), new.iter().map(end).max()) else {
            return Ok(Vec::new());
        };
        let from = first.checked_sub(day).unwrap_or(first);
        let until = last.checked_add(day).unwrap_or(last);
        let known = self.store.read(
            "visits.of",
            (person, from, until),
            |tx, (person, from, until)| Box::pin(store::visits::of(tx, *person, *from, *until)),
        );
        Ok(known.await?)
    }

    fn admit_scan(
        &self,
        person: PersonId,
        scan: &Scan,
        venues: &BTreeMap<VenueId, Venue>,
        now: Timestamp,
    ) -> Result<Visit> {
        let venue = venues.get(&scan.venue).ok_or(ServiceError::UnknownVenue)?;
        self.check_sign(venue, scan.sign.as_ref(), scan.entered)?;
        let fact = Fact::visit(
            venue.id,
            venue.category.clone(),
            plausible::until_left("entered", scan.entered, scan.left)?,
        );
        plausible::check(&fact, now, self.settings.clock_skew)?;
        if now.duration_since(scan.entered) > self.settings.oldest_scan {
            let days = self.settings.oldest_scan.as_hours() / 24;
            let why = format!("the scan is older than {days} days; it is no longer taken in");
            return Err(ServiceError::field("entered", why));
        }
        Ok(visit(person, scan.id, venue, scan.entered, scan.left))
    }
}

fn refusal(scan: &Scan, error: ServiceError) -> ScanRefused {
    let (field, reason) = match error {
        ServiceError::BadField { field, why } => (field, why),
        error => ("venue", error.to_string()),
    };
    ScanRefused {
        id: scan.id,
        field,
        reason,
    }
}
