//! Places in status lists, and which of them are revoked.
//!
//! A place is drawn at random, so that neighbours in a list mean nothing, and claimed insert-first.
//! What is revoked is known from the database: read again before a write that made somebody's
//! verdict worse is acknowledged, and every second for what other nodes did.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::{DeviceId, PersonId, Timestamp};
use store::Slot;
use tokio::sync::Mutex;

use crate::service::Service;
use crate::{Result, ServiceError};

/// So many places taken in a row mean that the list is nearly full.
const TRIES_PER_LIST: u32 = 8;

/// What is known about slots.
#[derive(Default)]
pub(crate) struct Slots {
    revoked: RwLock<Arc<Revoked>>,
    reading: Mutex<()>,
    asked: AtomicU64,
    answered: AtomicU64,
    /// The list in which places are drawn.
    filling: AtomicU32,
}

/// The revoked slots at a moment.
#[derive(Default)]
pub(crate) struct Revoked {
    by_list: HashMap<u32, Arc<Vec<u32>>>,
    /// When this was known to be complete.
    pub known_at: Option<Timestamp>,
}

impl Revoked {
    /// Whether a slot is revoked.
    pub fn contains(&self, list: u32, index: u32) -> bool {
        self.by_list
            .get(&list)
            .is_some_and(|indices| indices.binary_search(&index).is_ok())
    }

    /// The revoked places of a list, in order.
    pub fn of_list(&self, list: u32) -> Arc<Vec<u32>> {
        self.by_list.get(&list).map(Arc::clone).unwrap_or_default()
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

    /// Reads the revoked slots, as they are after this call began. Callers that wait for each other
    /// share one reading.
    pub(crate) async fn refresh_revoked(&self) -> Result<()> {
        let mine = self.slots.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let _one_at_a_time = self.slots.reading.lock().await;
        if self.slots.answered.load(Ordering::SeqCst) >= mine {
            return Ok(());
        }
        let covers = self.slots.asked.load(Ordering::SeqCst);
        let now = self.clock.now();
        let mut by_list = HashMap::<u32, Vec<u32>>::new();
        for slot in self.store.revoked_slots(now).await? {
            by_list.entry(slot.list).or_default().push(slot.index);
        }
        let before = self.revoked();
        let by_list = by_list.into_iter().map(|(list, mut indices)| {
            indices.sort_unstable();
            indices.dedup();
            let known = before.of_list(list);
            (
                list,
                if *known == indices {
                    known
                } else {
                    Arc::new(indices)
                },
            )
        });
        let revoked = Revoked {
            by_list: by_list.collect(),
            known_at: Some(now),
        };
        *self
            .slots
            .revoked
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(revoked);
        self.slots.answered.store(covers, Ordering::SeqCst);
        Ok(())
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
