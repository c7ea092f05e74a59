//! Making, enrolling, changing and ending scanners.

use domain::{ScannerId, Timestamp, VenueId, text};
use store::scanners::{self, ScannerEnrolment, ScannerRecord};
use store::venues::{self, VenuesAsked};
use store::{Transaction, Venue, audit};
use tracing::{info, instrument};

use super::{SCANNER_LASTS, SQUARE_COUNTS, ScannerPass, ScannerView, Scanners, lasts};
use crate::access::{Action, Resource, Staff};
use crate::audit::{Actor, AuditEntry, Did};
use crate::{Result, ServiceError};

/// So many scanners of one authority last at the same time.
const MOST_SCANNERS: u32 = 500;
/// So many venues are listed.
const MOST_VENUES: u32 = 500;

/// A scanner to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewScanner {
    /// Its name: 1 to 100 characters.
    pub name: String,
    /// The venue of the authority for which it is to record visits.
    pub venue: Option<VenueId>,
}

/// What a lead shows, so that a device becomes the scanner.
#[derive(Clone, Debug)]
pub struct Square {
    /// What it holds.
    pub pass: ScannerPass,
    /// The name of the scanner.
    pub name: String,
    /// Until when it counts.
    pub ends_at: Timestamp,
}

/// What a square is worth now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SquareState {
    /// A device may become the scanner.
    Good {
        /// The name of the scanner.
        name: String,
        /// The name of the venue for which it records visits.
        venue: Option<String>,
    },
    /// A device became it with this square.
    Used,
    /// Its time is over.
    Late,
    /// The lead ended it.
    Ended,
    /// There is none like it.
    Unknown,
}

impl Scanners {
    /// Makes a scanner without a device, and the square that makes a device this scanner: once, within ten
    /// minutes.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`]; [`ServiceError::UnknownVenue`] also if
    /// it is another authority's; [`ServiceError::BadField`]; [`ServiceError::Store`].
    #[instrument(name = "scanners.make", skip_all)]
    pub async fn make(&self, by: &Staff, scanner: NewScanner) -> Result<Square> {
        let now = self.clock.now();
        let own = Resource::of(by.authority().id, None);
        by.check(Action::KeepScanners, &own, now)?;
        self.policies.refuse_ended()?;
        let name = ServiceError::named("name", text::line(&scanner.name, 100))?.to_owned();
        let id = ScannerId::generate(&*self.ids);
        let pass = ScannerPass::generate(id, &*self.ids);
        let record = ScannerRecord {
            id,
            authority: by.authority().id,
            name,
            made_by: by.id(),
            created_at: now,
            enrolled_at: None,
            ends_at: now.checked_add(SQUARE_COUNTS).unwrap_or(now),
            ended_at: None,
            venue: scanner.venue,
            venue_before: None,
            venue_changed_at: None,
            enrolment_hash: self.enrolment_hash(&pass),
            token_hash: None,
        };
        let entry = AuditEntry::new(by.into(), Did::ScannerMade, now).what(id);
        let arguments = (record.clone(), by.clone(), [entry.seal(&*self.ids)]);
        let made = self
            .store
            .transaction("scanners.make", arguments, |tx, (record, by, entry)| {
                Box::pin(async move {
                    let now = record.created_at;
                    let known = scanners::of(tx, record.authority, now, MOST_SCANNERS).await?;
                    if known.len() >= MOST_SCANNERS as usize {
                        let why = "this office has 500 scanners; end those that are not used";
                        return Err(ServiceError::field("name", why));
                    }
                    check_venue(tx, record.venue, by, now).await?;
                    audit::append(tx, entry).await?;
                    Ok(scanners::add(tx, record).await?)
                })
            });
        made.await?;
        info!(scanner = %id, "a scanner was made");
        Ok(Square {
            pass,
            name: record.name,
            ends_at: record.ends_at,
        })
    }

    /// What a square is worth now, for the device that holds it.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "scanners.look_at", skip_all)]
    pub async fn look_at(&self, square: &ScannerPass) -> Result<SquareState> {
        let now = self.clock.now();
        let hash = self.enrolment_hash(square);
        let found = self.found(square.scanner()).await?;
        let Some(record) = found.filter(|record| record.enrolment_hash == hash) else {
            return Ok(SquareState::Unknown);
        };
        if record.ended_at.is_some() {
            return Ok(SquareState::Ended);
        }
        if record.enrolled_at.is_some() {
            return Ok(SquareState::Used);
        }
        if !lasts(&record, now) {
            return Ok(SquareState::Late);
        }
        let venue = self.venue_of(record.venue).await?;
        Ok(SquareState::Good {
            name: record.name,
            venue: venue.map(|venue| venue.name),
        })
    }

    /// Makes the asking device the scanner; what it is to keep. The square works once.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if the square counts no more: ask [`Self::look_at`] why;
    /// [`ServiceError::Store`].
    #[instrument(name = "scanners.enrol", skip_all)]
    pub async fn enrol(&self, square: &ScannerPass) -> Result<(ScannerPass, Timestamp)> {
        self.policies.refuse_ended()?;
        let now = self.clock.now();
        let id = square.scanner();
        let pass = ScannerPass::generate(id, &*self.ids);
        let ends_at = now.checked_add(SCANNER_LASTS).unwrap_or(now);
        let enrolment = ScannerEnrolment {
            scanner: id,
            enrolment_hash: self.enrolment_hash(square),
            token_hash: self.token_hash(&pass),
            at: now,
            ends_at,
        };
        let entry = AuditEntry::new(Actor::Nobody, Did::ScannerEnrolled, now).what(id);
        let arguments = (enrolment, [entry.seal(&*self.ids)]);
        let enrolled =
            self.store
                .transaction("scanners.enrol", arguments, |tx, (enrolment, entry)| {
                    Box::pin(async move {
                        if !scanners::enrol(tx, enrolment).await? {
                            return Err(ServiceError::NotAuthenticated);
                        }
                        Ok(audit::append(tx, entry).await?)
                    })
                });
        enrolled.await?;
        info!(scanner = %id, "a scanner was enrolled");
        Ok((pass, ends_at))
    }

    /// Has a scanner record visits to a venue of the authority, or none. What waits on the device for the
    /// venue before is taken for a day.
    ///
    /// # Errors
    /// [`ServiceError::UnknownScanner`] also if it is another authority's; otherwise as [`Self::make`].
    #[instrument(name = "scanners.record_visits", skip_all, fields(scanner = %id))]
    pub async fn record_visits(
        &self,
        by: &Staff,
        id: ScannerId,
        venue: Option<VenueId>,
    ) -> Result<()> {
        by.may(Action::KeepScanners)?;
        self.policies.refuse_ended()?;
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::ScannerSwitched, now).what(id);
        let arguments = (id, by.clone(), venue, now, [entry.seal(&*self.ids)]);
        let changed = self.store.transaction(
            "scanners.record_visits",
            arguments,
            |tx, (id, by, venue, now, entry)| {
                Box::pin(async move {
                    check_own(tx, *id, by, *now).await?;
                    check_venue(tx, *venue, by, *now).await?;
                    audit::append(tx, entry).await?;
                    scanners::record_visits(tx, *id, *venue, *now).await?;
                    Ok::<_, ServiceError>(())
                })
            },
        );
        changed.await
    }

    /// Ends a scanner at once, for example one that was stolen.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`]; [`ServiceError::UnknownScanner`] also
    /// if it is another authority's; [`ServiceError::Store`].
    #[instrument(name = "scanners.end", skip_all, fields(scanner = %id))]
    pub async fn end(&self, by: &Staff, id: ScannerId) -> Result<()> {
        by.may(Action::KeepScanners)?;
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::ScannerEnded, now).what(id);
        let arguments = (id, by.clone(), now, [entry.seal(&*self.ids)]);
        let ended =
            self.store
                .transaction("scanners.end", arguments, |tx, (id, by, now, entry)| {
                    Box::pin(async move {
                        check_own(tx, *id, by, *now).await?;
                        audit::append(tx, entry).await?;
                        scanners::end(tx, *id, *now).await?;
                        Ok::<_, ServiceError>(())
                    })
                });
        ended.await?;
        info!(scanner = %id, "a scanner was ended");
        Ok(())
    }

    /// The scanners of the lead's authority that last, the newest first, and the venues for which they may
    /// record visits, by name.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "scanners.list", skip_all)]
    pub async fn list(&self, by: &Staff) -> Result<(Vec<ScannerView>, Vec<Venue>)> {
        by.may(Action::KeepScanners)?;
        let asked = (by.authority().id, self.clock.now());
        let read = self
            .store
            .read("scanners.list", asked, |tx, (authority, now)| {
                Box::pin(async move {
                    let scanners = scanners::of(tx, *authority, *now, MOST_SCANNERS).await?;
                    let all = VenuesAsked::default();
                    let venues = venues::of_authority(tx, *authority, &all, MOST_VENUES);
                    let venues = venues.await?;
                    Ok::<_, store::StoreError>((scanners, venues))
                })
            });
        let (scanners, venues) = read.await?;
        let view = |scanner: ScannerRecord| ScannerView {
            id: scanner.id,
            name: scanner.name,
            enrolled_at: scanner.enrolled_at,
            ends_at: scanner.ends_at,
            venue: scanner
                .venue
                .and_then(|venue| venues.iter().find(|one| one.id == venue).cloned()),
        };
        Ok((scanners.into_iter().map(view).collect(), venues))
    }
}

async fn check_own(tx: &mut Transaction, id: ScannerId, by: &Staff, now: Timestamp) -> Result<()> {
    let found = scanners::find(tx, id).await?;
    let found = found.filter(|scanner| lasts(scanner, now));
    let scanner = found.ok_or(ServiceError::UnknownScanner)?;
    let resource = Resource::of(scanner.authority, None);
    by.check(Action::KeepScanners, &resource, now)
        .map_err(|error| error.if_not_theirs(ServiceError::UnknownScanner))
}

async fn check_venue(
    tx: &mut Transaction,
    venue: Option<VenueId>,
    by: &Staff,
    now: Timestamp,
) -> Result<()> {
    let Some(venue) = venue else { return Ok(()) };
    let found = venues::find(tx, venue).await?;
    let authority = found.and_then(|venue| venue.authority);
    let resource = authority.map_or(Resource::NOBODYS, |of| Resource::of(of, None));
    by.check(Action::KeepScanners, &resource, now)
        .map_err(|error| error.if_not_theirs(ServiceError::UnknownVenue))
}
