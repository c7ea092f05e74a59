//! Places in status lists, and which of them are revoked.
//!
//! A place is drawn at random, so that neighbours in a list mean nothing, and claimed insert-first.
//! What is revoked is known from the database: all of it is read at the start, and then what was
//! revoked since, before a write that made somebody's verdict worse is acknowledged and every second
//! for what other nodes did.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError, RwLock};

use domain::{DeviceId, PersonId, Timestamp};
use jiff::SignedDuration;
use store::{RevokedSlot, Since, Slot};
use tokio::sync::Mutex;

use crate::service::Service;
use crate::standings::COMMIT_TAKES;
use crate::{Result, ServiceError};

/// So many places taken in a row mean that the list is nearly full.
const TRIES_PER_LIST: u32 = 8;
/// Revoked places read at once.
const PLACES_AT_ONCE: u32 = 5000;
/// Expired places stay in a list for so long at most; they do no harm there.
const EXPIRED_STAY: SignedDuration = SignedDuration::from_mins(10);

/// What is known about slots.
#[derive(Default)]
pub(crate) struct Slots {
    revoked: RwLock<Arc<Revoked>>,
    /// The earliest revocation of this node that was not read yet.
    unread: std::sync::Mutex<Option<Timestamp>>,
    reading: Mutex<()>,
    asked: AtomicU64,
    answered: AtomicU64,
    /// The list in which places are drawn.
    filling: AtomicU32,
}

/// A revoked place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which bit.
    pub index: u32,
    expires_at: Timestamp,
}

/// The revoked slots at a moment.
#[derive(Default)]
pub(crate) struct Revoked {
    by_list: HashMap<u32, Arc<Vec<Place>>>,
    /// When this was known to be complete.
    pub known_at: Option<Timestamp>,
    /// When the expired places were dropped last.
    cleared_at: Timestamp,
}

impl Revoked {
    /// Whether a slot is revoked.
    pub fn contains(&self, list: u32, index: u32) -> bool {
        self.by_list.get(&list).is_some_and(|places| {
            places
                .binary_search_by_key(&index, |place| place.index)
                .is_ok()
        })
    }

    /// The revoked places of a list, in order.
    pub fn of_list(&self, list: u32) -> Arc<Vec<Place>> {
        self.by_list.get(&list).map(Arc::clone).unwrap_or_default()
    }

    /// The same with what was revoked since, as known at `now`. A list in which nothing changes is
    /// kept as it is.
    fn with(&self, revoked: Vec<RevokedSlot>, now: Timestamp) -> Self {
        let mut by_list = self.by_list.clone();
        let mut cleared_at = self.cleared_at;
        if now.duration_since(cleared_at) >= EXPIRED_STAY {
            cleared_at = now;
            for places in by_list.values_mut() {
                if places.iter().any(|place| place.expires_at <= now) {
                    Arc::make_mut(places).retain(|place| place.expires_at > now);
                }
            }
        }
        let mut fresh = BTreeMap::<u32, Vec<Place>>::new();
        for slot in revoked {
            let (index, expires_at) = (slot.index, slot.expires_at);
            if expires_at > now && !self.contains(slot.list, index) {
                let places = fresh.entry(slot.list).or_default();
                places.push(Place { index, expires_at });
            }
        }
        for (list, mut places) in fresh {
            let known = by_list.entry(list).or_default();
            places.extend_from_slice(known);
            places.sort_unstable_by_key(|place| place.index);
            places.dedup_by_key(|place| place.index);
            *known = Arc::new(places);
        }
        Self {
            by_list,
            known_at: Some(now),
            cleared_at,
        }
    }
}

impl Service {
    /// The revoked slots, as last read.
    pub(crate) fn revoked(&self) -> Arc<Revoked> {
        Arc::clone(
            &self
                .slots
                .revoked
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The number of status lists in use; they are numbered from 0.
    pub(crate) fn lists_in_use(&self) -> u32 {
        let revoked = self
            .revoked()
            .by_list
            .keys()
            .max()
            .map_or(0, |list| list + 1);
        revoked.max(self.slots.filling.load(Ordering::Relaxed) + 1)
    }

    /// This node revoked something at `at`, however long ago that is by now: the next reading begins
    /// there.
    pub(crate) fn expect_revoked(&self, at: Timestamp) {
        let mut unread = self.unread();
        *unread = Some(unread.map_or(at, |earlier| earlier.min(at)));
    }

    /// Reads what was revoked, as it is after this call began. Callers that wait for each other share
    /// one reading.
    pub(crate) async fn refresh_revoked(&self) -> Result<()> {
        let mine = self.slots.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let _one_at_a_time = self.slots.reading.lock().await;
        if self.slots.answered.load(Ordering::SeqCst) >= mine {
            return Ok(());
        }
        let covers = self.slots.asked.load(Ordering::SeqCst);
        let now = self.clock.now();
        let unread = self.unread().take();
        let before = self.revoked();
        let read = match before.known_at {
            None => Ok(self.store.revoked_slots(now).await?),
            Some(known_at) => {
                // Transactions of other nodes may have taken as long to commit.
                let settled = known_at.checked_sub(COMMIT_TAKES).unwrap_or(known_at);
                self.revoked_since(unread.map_or(settled, |at| at.min(settled)))
                    .await
            }
        };
        if let (Err(_), Some(at)) = (&read, unread) {
            self.expect_revoked(at);
        }
        let revoked = Arc::new(before.with(read?, now));
        *self
            .slots
            .revoked
            .write()
            .unwrap_or_else(PoisonError::into_inner) = revoked;
        self.slots.answered.store(covers, Ordering::SeqCst);
        Ok(())
    }

    async fn revoked_since(&self, at: Timestamp) -> Result<Vec<RevokedSlot>> {
        let mut since = Since::moment(at);
        let mut revoked = Vec::new();
        loop {
            let page = self.store.revoked_slots_since(since, PLACES_AT_ONCE);
            let page = page.await?;
            let is_last = page.len() < PLACES_AT_ONCE as usize;
            since = page.last().map_or(since, RevokedSlot::cursor);
            revoked.extend(page);
            if is_last {
                return Ok(revoked);
            }
        }
    }

    fn unread(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.slots
            .unread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The slot for assertions of a phone (or of plain codes and cards) that live until
    /// `at_least_until`: the newest one that holds so long, or a fresh one.
    pub(crate) async fn slot(
        &self,
        person: PersonId,
        device: Option<DeviceId>,
        at_least_until: Timestamp,
    ) -> Result<Slot> {
        let live = self.store.live_slot(person, device).await?;
        if let Some(slot) = live.filter(|slot| slot.expires_at >= at_least_until) {
            return Ok(slot);
        }
        let claimed_at = self.clock.now();
        let life = claimed_at
            .checked_add(self.settings.slot_life)
            .unwrap_or(at_least_until);
        let expires_at = life.max(at_least_until);
        let size = self.settings.slots_per_list.max(1);
        for attempt in 1..=u32::MAX {
            let list = self.slots.filling.load(Ordering::Relaxed);
            let mut random = [0; 4];
            self.ids.fill(&mut random);
            let index = u32::from_be_bytes(random) % size;
            let slot = Slot {
                person,
                device,
                list,
                index,
                claimed_at,
                expires_at,
            };
            if self.store.claim_slot(slot.clone()).await? {
                return Ok(slot);
            }
            if attempt.is_multiple_of(TRIES_PER_LIST) {
                let next = list.saturating_add(1);
                let filling = &self.slots.filling;
                let _ = filling.compare_exchange(list, next, Ordering::Relaxed, Ordering::Relaxed);
            }
        }
        Err(ServiceError::Signing(
            "every place in every status list is taken".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn slot(list: u32, index: u32, expires_at: i64) -> RevokedSlot {
        RevokedSlot {
            list,
            index,
            revoked_at: at(1),
            expires_at: at(expires_at),
        }
    }

    fn indices(revoked: &Revoked, list: u32) -> Vec<u32> {
        revoked
            .of_list(list)
            .iter()
            .map(|place| place.index)
            .collect()
    }

    #[test]
    fn what_is_read_twice_is_held_once_and_in_order() {
        let first = vec![slot(0, 7, 5000), slot(0, 3, 5000), slot(2, 1, 5000)];
        let revoked = Revoked::default().with(first, at(10));
        let list_two = revoked.of_list(2);
        let again = vec![slot(0, 3, 5000), slot(0, 5, 5000), slot(2, 1, 5000)];
        let revoked = revoked.with(again, at(11));
        assert_eq!(indices(&revoked, 0), [3, 5, 7]);
        assert!(Arc::ptr_eq(&list_two, &revoked.of_list(2)), "unchanged");
        assert!(revoked.contains(0, 5) && !revoked.contains(1, 5));
        assert_eq!(revoked.known_at, Some(at(11)));
    }

    #[test]
    fn expired_places_leave_the_list_in_time() {
        let revoked = Revoked::default().with(vec![slot(0, 1, 20), slot(0, 2, 9000)], at(10));
        assert_eq!(indices(&revoked, 0), [1, 2]);
        let revoked = revoked.with(vec![slot(0, 3, 15)], at(20 + EXPIRED_STAY.as_secs()));
        assert_eq!(indices(&revoked, 0), [2]);
    }
}
