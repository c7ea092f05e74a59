//! Phones and tablets that scan codes at a gate: a checkpoint lead makes one by showing a square, ends it,
//! and may have it record visits to a venue.
//!
//! A scanner is no authority and checks no better than anybody's page does. It can do one thing more: say
//! that the person of a code was let in at its venue.
//!
//! | file | holds |
//! |---|---|
//! | `pass` | what the square holds, and what the device keeps |
//! | `enrolment` | making, enrolling, changing and ending scanners |
//! | `recording` | visits that a scanner recorded, at once or when its network was back |

mod enrolment;
mod pass;
mod recording;

use std::sync::Arc;

use domain::{AuthorityId, Clock, IdSource, ScannerId, Timestamp, VenueId};
use jiff::SignedDuration;
use store::scanners::{self, ScannerRecord};
use store::{Store, Venue};

pub use self::enrolment::{NewScanner, Square, SquareState};
pub use self::pass::{BadScannerPass, ScannerPass};
pub use self::recording::{DoorRefusal, DoorScan};
use crate::codes::Checks;
use crate::people::Keys;
use crate::publishing::PublishedPolicies;
use crate::visits::Visits;
use crate::{Result, ServiceError, Settings};

/// How long the square counts that makes a device a scanner.
pub const SQUARE_COUNTS: SignedDuration = SignedDuration::from_mins(10);
/// How long a scanner lasts.
const SCANNER_LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How late a scanner may send what it recorded without a network.
pub(crate) const SENT_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Scanners, and the visits that they record.
pub struct Scanners {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) checks: Arc<Checks>,
    pub(crate) visits: Arc<Visits>,
}

/// A device that showed that it is a scanner, and lasts.
#[derive(Clone, Debug)]
pub struct Scanner {
    id: ScannerId,
    authority: AuthorityId,
    name: String,
    ends_at: Timestamp,
    venue: Option<Venue>,
    /// For which venue it recorded visits before, and until when what waits for it is taken.
    before: Option<(VenueId, Timestamp)>,
}

/// A scanner in the list of its lead.
#[derive(Clone, Debug)]
pub struct ScannerView {
    /// Its identifier.
    pub id: ScannerId,
    /// Its name.
    pub name: String,
    /// When a device was enrolled; `None` while the square counts.
    pub enrolled_at: Option<Timestamp>,
    /// When it ends, or when the square does.
    pub ends_at: Timestamp,
    /// The venue for which it records visits.
    pub venue: Option<Venue>,
}

impl Scanner {
    /// Its identifier.
    pub const fn id(&self) -> ScannerId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it ends.
    pub const fn ends_at(&self) -> Timestamp {
        self.ends_at
    }

    /// The venue for which it records visits.
    pub const fn venue(&self) -> Option<&Venue> {
        self.venue.as_ref()
    }

    /// Whether it may say that somebody was let in at a venue: the one for which it records visits, or for
    /// a day the one before, of which something may wait on the device.
    fn records_for(&self, venue: VenueId, now: Timestamp) -> bool {
        let is_venue = self.venue.as_ref().is_some_and(|own| own.id == venue);
        let before = self.before.filter(|(before, _)| *before == venue);
        is_venue || before.is_some_and(|(_, until)| now < until)
    }
}

impl Scanners {
    /// The scanner that presents `pass`.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if it is none, has run out or was ended;
    /// [`ServiceError::Store`].
    pub async fn present(&self, pass: &ScannerPass) -> Result<Scanner> {
        let now = self.clock.now();
        let hash = self.token_hash(pass);
        let found = self.found(pass.scanner()).await?;
        let record = found.filter(|record| record.token_hash == Some(hash) && lasts(record, now));
        let record = record.ok_or(ServiceError::NotAuthenticated)?;
        let venue = self.venue_of(record.venue).await?;
        let until = record
            .venue_changed_at
            .and_then(|changed| changed.checked_add(SENT_WITHIN).ok());
        Ok(Scanner {
            id: record.id,
            authority: record.authority,
            name: record.name,
            ends_at: record.ends_at,
            venue,
            before: record.venue_before.zip(until),
        })
    }

    async fn found(&self, id: ScannerId) -> Result<Option<ScannerRecord>> {
        let read = self.store.read("scanners.find", id, |tx, id| {
            Box::pin(scanners::find(tx, *id))
        });
        Ok(read.await?)
    }

    async fn venue_of(&self, venue: Option<VenueId>) -> Result<Option<Venue>> {
        match venue {
            None => Ok(None),
            Some(venue) => match self.visits.venue(venue).await {
                Ok(venue) => Ok(Some(venue)),
                Err(ServiceError::UnknownVenue) => Ok(None),
                Err(error) => Err(error),
            },
        }
    }
}

fn lasts(scanner: &ScannerRecord, now: Timestamp) -> bool {
    scanner.ended_at.is_none() && now < scanner.ends_at
}
