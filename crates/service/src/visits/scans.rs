//! Visits that a phone kept while it had no network.

use std::collections::BTreeMap;

use domain::{Fact, PersonId, RequestKey, Timestamp, VenueId};
use store::{Recorded, Venue, Visit};
use tracing::{info, instrument};

use super::{Visits, visit};
use crate::access::Resident;
use crate::evidence::plausible;
use crate::{Result, ServiceError};

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

impl Visits {
    /// Takes in visits that the phone kept while it had no network, each exactly once. Cases that were
    /// traced before and were at the same place are traced again, in the background.
    ///
    /// # Errors
    /// [`ServiceError::TooMany`]; [`ServiceError::Store`]: upload the same scans again.
    #[instrument(name = "visits.upload_scans", skip_all, fields(scans = scans.len()))]
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
        let venues = scans.iter().map(|scan| scan.venue).collect();
        let venues = self.known_venues(venues).await?;
        let mut receipt = ScanReceipt::default();
        let mut visits = Vec::new();
        for scan in scans {
            match self.admit_scan(resident.person(), scan, &venues, now) {
                Ok(visit) => {
                    visits.push(visit);
                    receipt.accepted.push(scan.id);
                }
                Err(error) => receipt.refused.push(refusal(scan, error)),
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

    fn admit_scan(
        &self,
        person: PersonId,
        scan: &Scan,
        venues: &BTreeMap<VenueId, Venue>,
        now: Timestamp,
    ) -> Result<Visit> {
        let venue = venues.get(&scan.venue).ok_or(ServiceError::UnknownVenue)?;
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
