//! Venues: the places, by the sign at the door.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Region, Timestamp, VenueId, text};
use jiff::SignedDuration;
use store::venues::{self, VenuesAsked};
use store::{Transaction, Venue, audit};
use tracing::instrument;

use super::Visits;
use super::signs::fresh_number;
use crate::access::{Action, Resource, Staff};
use crate::audit::{AuditEntry, Did};
use crate::queues::{PAGE, QueuePage};
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
    /// How its sign is shown; `None` leaves that as it is, printed for a new venue.
    pub sign: Option<SignKind>,
}

/// How a venue shows its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignKind {
    /// On paper: anybody with a picture of it can say that they were there.
    Printed,
    /// On a screen, where it changes.
    OnScreen,
}

impl Visits {
    /// A page of the venues of the asker's office, by name, after one of them.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "visits.venues_of", skip_all)]
    pub async fn venues_of(
        &self,
        by: &Staff,
        region: Option<Region>,
        has_screen: Option<bool>,
        after: Option<VenueId>,
    ) -> Result<QueuePage<Venue, VenueId>> {
        by.may(Action::KeepVenues)?;
        let authority = by.authority().id;
        let read = self.store.read(
            "venues.page",
            (authority, region, has_screen, after),
            |tx, (authority, region, has_screen, after)| {
                Box::pin(async move {
                    let after = match *after {
                        Some(after) => venues::find(tx, after).await?,
                        None => None,
                    };
                    let asked = VenuesAsked {
                        region: *region,
                        has_screen: *has_screen,
                        after: after
                            .filter(|after| after.authority == Some(*authority))
                            .map(|after| (after.name, after.id)),
                    };
                    venues::of_authority(tx, *authority, &asked, PAGE).await
                })
            },
        );
        let lines = read.await?;
        let last = lines.last().filter(|_| lines.len() == PAGE as usize);
        Ok(QueuePage {
            next: last.map(|venue| venue.id),
            lines,
        })
    }

    /// Adds a venue, or changes one.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::UnknownVenue`] if it is another authority's;
    /// [`ServiceError::BadField`]; [`ServiceError::Store`].
    #[instrument(name = "visits.put_venue", skip_all)]
    pub async fn put_venue(&self, by: &Staff, venue: NewVenue) -> Result<Venue> {
        by.may(Action::KeepVenues)?;
        let name = ServiceError::named("name", text::line(&venue.name, 200))?.to_owned();
        if let Some(category) = &venue.category {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
            if category.is_empty() || category.len() > 50 || !category.chars().all(plain) {
                let why = "expected 1 to 50 lower-case letters, digits, hyphens or underscores";
                return Err(ServiceError::field("category", why));
            }
        }
        let new_sign = venue.sign;
        let id = venue.id.unwrap_or_else(|| VenueId::generate(&*self.ids));
        let venue = Venue {
            id,
            name,
            category: venue.category,
            region: venue.region,
            authority: Some(by.authority().id),
            sign_number: None,
        };
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::VenueKept, now).what(id);
        let arguments = (venue, by.clone(), now, new_sign, [entry.seal(&*self.ids)]);
        let put = self.store.transaction(
            "venues.put",
            arguments,
            |tx, (venue, by, now, sign, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    let known = venues::find(tx, venue.id).await?;
                    let number = known.and_then(|known| known.sign_number);
                    let venue = Venue {
                        sign_number: match sign {
                            None => number,
                            Some(SignKind::Printed) => None,
                            Some(SignKind::OnScreen) => {
                                let fresh = || fresh_number(None, *now);
                                Some(number.unwrap_or_else(fresh))
                            }
                        },
                        ..venue.clone()
                    };
                    put_own(tx, &venue, by, *now).await?;
                    Ok::<_, ServiceError>(venue)
                })
            },
        );
        let venue = put.await?;
        self.venues.hold(venue.clone(), self.clock.now());
        Ok(venue)
    }

    /// A venue, for the page behind the sign.
    ///
    /// # Errors
    /// [`ServiceError::UnknownVenue`]; [`ServiceError::Store`].
    pub async fn venue(&self, id: VenueId) -> Result<Venue> {
        let mut known = self.known_venues(BTreeSet::from([id])).await?;
        known.remove(&id).ok_or(ServiceError::UnknownVenue)
    }

    /// Those of these venues that there are: from memory, the others read together.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub(crate) async fn known_venues(
        &self,
        ids: BTreeSet<VenueId>,
    ) -> Result<BTreeMap<VenueId, Venue>> {
        let now = self.clock.now();
        let (mut known, mut missing) = (BTreeMap::new(), Vec::new());
        for id in ids {
            match self.venues.of(id, now) {
                Some(venue) => drop(known.insert(id, venue)),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            known.extend(self.read_venues(missing).await?);
        }
        Ok(known)
    }

    /// Those of these venues that there are, read now: what is in memory may be older than a sign that
    /// another node made.
    pub(super) async fn read_venues(&self, ids: Vec<VenueId>) -> Result<BTreeMap<VenueId, Venue>> {
        let now = self.clock.now();
        let read = self.store.read("venues.find_many", ids, |tx, ids| {
            Box::pin(venues::find_many(tx, ids))
        });
        let read = read.await?.into_iter();
        let held = read.map(|venue| {
            self.venues.hold(venue.clone(), now);
            (venue.id, venue)
        });
        Ok(held.collect())
    }
}

/// Adds a venue, or changes one that is the staff member's own.
pub(super) async fn put_own(
    tx: &mut Transaction,
    venue: &Venue,
    by: &Staff,
    now: Timestamp,
) -> Result<()> {
    if let Some(known) = venues::find(tx, venue.id).await? {
        let resource = known
            .authority
            .map_or(Resource::NOBODYS, |of| Resource::of(of, known.region));
        by.check(Action::KeepVenues, &resource, now)
            .map_err(|error| error.if_not_theirs(ServiceError::UnknownVenue))?;
    }
    let covers = |region| by.member().regions.cover(region);
    if !venue.region.is_none_or(covers) {
        let why = "expected a region within your own";
        return Err(ServiceError::field("region", why));
    }
    Ok(venues::put(tx, venue).await?)
}

/// Venues in memory, each with when it was read.
#[derive(Default)]
pub(super) struct VenueCache {
    held: Mutex<HashMap<VenueId, (Venue, Timestamp)>>,
}

impl VenueCache {
    fn of(&self, id: VenueId, now: Timestamp) -> Option<Venue> {
        let held = self.held();
        let (venue, read_at) = held.get(&id)?;
        (now.duration_since(*read_at) < VENUE_FRESH).then(|| venue.clone())
    }

    pub(super) fn hold(&self, venue: Venue, now: Timestamp) {
        let mut held = self.held();
        if held.len() >= VENUES_IN_MEMORY {
            held.clear();
        }
        held.insert(venue.id, (venue, now));
    }

    fn held(&self) -> MutexGuard<'_, HashMap<VenueId, (Venue, Timestamp)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
