//! Visits that a scanner recorded: the person of a code was let in at its venue.
//!
//! The code itself is the proof: what the phone signed then is verified as of then, and is not kept. What
//! the scanner is told says nothing about the person: where else they were is nobody's business at a gate.

use credential::Refusal;
use domain::evidence::Temperature;
use domain::{Colour, RequestKey, Timestamp, VenueId};
use jiff::SignedDuration;
use store::{StatusIndex, status_indexes};
use tracing::{info, instrument};

use super::{SENT_WITHIN, Scanner, Scanners};
use crate::visits::AtDoor;
use crate::{Result, ServiceError};

/// Nodes' clocks may differ by so much.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

/// That somebody was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorScan {
    /// Drawn by the scanner when it scanned: the visit counts once under it.
    pub request: RequestKey,
    /// The text of the code.
    pub code: String,
    /// Where.
    pub venue: VenueId,
    /// When it was scanned.
    pub at: Timestamp,
    /// What was measured at the gate.
    pub temperature: Option<Temperature>,
}

/// Why a visit is not taken, and never will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorRefusal {
    /// The scanner does not record visits to this venue.
    OtherVenue,
    /// It was scanned too long ago.
    TooOld,
    /// It was scanned later than now: the clock of the scanner is ahead.
    Ahead,
    /// The code did not hold when it was scanned.
    Code(Refusal),
    /// Its colour lets nobody in.
    NotGreen,
    /// Another issuer signed it, so that the person is not known here.
    OtherIssuer,
    /// Nobody holds it any more.
    Forgotten,
}

impl DoorRefusal {
    /// The word for a program.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::OtherVenue => "other-venue",
            Self::TooOld => "too-old",
            Self::Ahead => "ahead",
            Self::Code(refusal) => refusal.word(),
            Self::NotGreen => "not-green",
            Self::OtherIssuer => "other-issuer",
            Self::Forgotten => "forgotten",
        }
    }
}

impl Scanners {
    /// Takes one visit that a scanner recorded, exactly once, however often it is sent. Whether it fits
    /// what else is known of the person is not told.
    ///
    /// # Errors
    /// [`ServiceError::CutOff`], [`ServiceError::Store`]: send the same again.
    #[instrument(name = "scanners.record", skip_all)]
    pub async fn record(
        &self,
        scanner: &Scanner,
        scan: &DoorScan,
    ) -> Result<std::result::Result<(), DoorRefusal>> {
        let now = self.clock.now();
        if !scanner.records_for(scan.venue, now) {
            return Ok(Err(DoorRefusal::OtherVenue));
        }
        let age = now.duration_since(scan.at);
        if age > SENT_WITHIN {
            return Ok(Err(DoorRefusal::TooOld));
        }
        if -age > self.settings.clock_skew {
            return Ok(Err(DoorRefusal::Ahead));
        }
        let accepted = match self.checks.verify_as_of(&scan.code, scan.at)? {
            Ok(Some(accepted)) => accepted,
            Ok(None) => return Ok(Err(DoorRefusal::OtherIssuer)),
            Err(refusal) => return Ok(Err(DoorRefusal::Code(refusal))),
        };
        if accepted.colour != Colour::Green {
            return Ok(Err(DoorRefusal::NotGreen));
        }
        let place = (accepted.status.list, accepted.status.index);
        let read = self
            .store
            .read("scanners.holder", place, |tx, (list, index)| {
                Box::pin(status_indexes::find(tx, *list, *index))
            });
        // A place is given to somebody else some time after it ended.
        let is_theirs = |held: &StatusIndex| {
            held.claimed_at.duration_since(accepted.issued_at) <= SLACK
                && held.expires_at >= accepted.expires_at
        };
        let Some(held) = read.await?.filter(is_theirs) else {
            return Ok(Err(DoorRefusal::Forgotten));
        };
        let recorded = self.visits.record_at_door(AtDoor {
            person: held.person,
            venue: scan.venue,
            entered: scan.at,
            request: scan.request,
            scanner: scanner.id,
            authority: scanner.authority,
            temperature: scan.temperature,
        });
        let fits = match recorded.await {
            // It was deleted since; nothing is to be recorded there.
            Err(ServiceError::UnknownVenue) => return Ok(Err(DoorRefusal::OtherVenue)),
            other => other?,
        };
        info!(fits, "a scanner recorded a visit");
        Ok(Ok(()))
    }
}
