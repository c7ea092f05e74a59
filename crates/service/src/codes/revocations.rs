//! Which indexes of the status lists are revoked.
//!
//! All of it is read at the start and again each minute; in between this node adds what its own writes
//! revoke before it acknowledges them, and reads every second what other nodes revoked, in the order
//! of changes. A number may become visible after a greater one, so the changes of the last seconds are
//! read again each time. No clock is compared with another.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use domain::{Clock, Timestamp};
use jiff::SignedDuration;
use store::{ChangeCursor, ChangeNumber, RevokedIndex, Store, StoreError, Transaction, changes};
use tokio::sync::Mutex;

use crate::Result;
use crate::follow::{ReadPositions, monotonic_now};

/// Revoked indexes read at once.
const AT_ONCE: u32 = 5000;
/// Expired indexes stay in a list for so long at most; they do no harm there.
const EXPIRED_STAY: SignedDuration = SignedDuration::from_mins(10);
/// Everything is read again after this.
const READ_ALL_AFTER: Duration = Duration::from_secs(60);
/// A node that could not read for so long knows nothing any more: it signs nothing, and its checks
/// say so.
pub(crate) const KNOWLEDGE_LASTS: SignedDuration = SignedDuration::from_mins(15);

/// What is known about revoked indexes.
pub(crate) struct Revocations {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    known: RwLock<Arc<Revoked>>,
    readings: Mutex<Readings>,
    /// What this node revoked while a reading of everything was under way.
    added: StdMutex<Vec<RevokedIndex>>,
    /// The last list in which indexes are drawn.
    newest_list: AtomicU32,
}

#[derive(Default)]
struct Readings {
    positions: ReadPositions,
    all_read_at: Option<Instant>,
}

/// A revoked index in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IndexInList {
    /// Which bit.
    pub index: u32,
    expires_at: Timestamp,
}

/// The revoked indexes at a time.
#[derive(Default)]
pub(crate) struct Revoked {
    by_list: HashMap<u32, Arc<Vec<IndexInList>>>,
    /// When this was known to be complete.
    pub known_at: Option<Timestamp>,
    /// The same on a clock that nobody sets.
    known_since: Option<Instant>,
    /// When the expired indexes were dropped last.
    cleared_at: Timestamp,
}

impl Revoked {
    /// Whether an index is revoked.
    pub fn contains(&self, list: u32, index: u32) -> bool {
        self.by_list.get(&list).is_some_and(|indexes| {
            indexes
                .binary_search_by_key(&index, |known| known.index)
                .is_ok()
        })
    }

    /// The revoked indexes of a list, in order.
    pub fn of_list(&self, list: u32) -> Arc<Vec<IndexInList>> {
        self.by_list.get(&list).map(Arc::clone).unwrap_or_default()
    }

    /// How long ago this was known to be complete; `None` if it never was. Also true while the clock
    /// was set back.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        let by_clock = now.duration_since(self.known_at?);
        let passed = monotonic_now().saturating_duration_since(self.known_since?);
        Some(by_clock.max(SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX)))
    }

    /// The same with more. A list in which nothing changes is kept as it is.
    fn with(&self, revoked: &[RevokedIndex], now: Timestamp) -> Self {
        let mut by_list = self.by_list.clone();
        let mut cleared_at = self.cleared_at;
        if now.duration_since(cleared_at) >= EXPIRED_STAY {
            cleared_at = now;
            for indexes in by_list.values_mut() {
                if indexes.iter().any(|known| known.expires_at <= now) {
                    Arc::make_mut(indexes).retain(|known| known.expires_at > now);
                }
            }
        }
        let mut fresh = BTreeMap::<u32, Vec<IndexInList>>::new();
        for one in revoked {
            let (index, expires_at) = (one.index, one.expires_at);
            if expires_at > now && !self.contains(one.list, index) {
                let indexes = fresh.entry(one.list).or_default();
                indexes.push(IndexInList { index, expires_at });
            }
        }
        for (list, mut indexes) in fresh {
            let known = by_list.entry(list).or_default();
            indexes.extend_from_slice(known);
            indexes.sort_unstable_by_key(|known| known.index);
            indexes.dedup_by_key(|known| known.index);
            *known = Arc::new(indexes);
        }
        Self {
            by_list,
            known_at: self.known_at,
            known_since: self.known_since,
            cleared_at,
        }
    }
}

impl Revoked {
    /// A list that says the same as before is the same object, so that it is not signed again.
    fn keep_lists_of(&mut self, before: &Self) {
        for (list, indexes) in &mut self.by_list {
            if let Some(same) = before.by_list.get(list).filter(|known| *known == indexes) {
                *indexes = Arc::clone(same);
            }
        }
    }
}

impl Revocations {
    /// Knows nothing yet.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            known: RwLock::default(),
            readings: Mutex::default(),
            added: StdMutex::default(),
            newest_list: AtomicU32::new(0),
        }
    }

    /// The revoked indexes, as last known.
    pub fn known(&self) -> Arc<Revoked> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds what a transaction of this node revoked; when this returns no code with one of these
    /// indexes is signed or accepted here.
    pub fn add(&self, revoked: &[RevokedIndex]) {
        if revoked.is_empty() {
            return;
        }
        let now = self.clock.now();
        // First here: a reading that replaces what is known takes it in as well.
        self.added().extend_from_slice(revoked);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Arc::new(known.with(revoked, now));
    }

    /// Reads what was revoked, as it is after this call began: what is new, and once a minute all.
    pub async fn refresh(&self) -> Result<()> {
        let asked = monotonic_now();
        let mut readings = self.readings.lock().await;
        // Of many who wait for this, one reads for all.
        if readings.positions.has_read_since(asked) {
            return Ok(());
        }
        let began = monotonic_now();
        let now = self.clock.now();
        let is_stale =
            |read_at: Instant| began.saturating_duration_since(read_at) >= READ_ALL_AFTER;
        // A clock that ran ahead had indexes dropped as expired that still hold.
        let was_ahead = self.known().known_at.is_some_and(|known_at| now < known_at);
        if was_ahead || readings.all_read_at.is_none_or(is_stale) {
            self.added().clear();
            let (stands_at, all, newest_list) = self
                .store
                .read("revocations.all", now, |tx, now| Box::pin(all(tx, *now)))
                .await?;
            self.newest_list.fetch_max(newest_list, Ordering::Relaxed);
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            let added = std::mem::take(&mut *self.added());
            let fresh = Revoked {
                known_at: Some(now),
                known_since: Some(began),
                cleared_at: now,
                ..Revoked::default()
            };
            let mut fresh = fresh.with(&all, now).with(&added, now);
            fresh.keep_lists_of(&known);
            *known = Arc::new(fresh);
            drop(known);
            readings.all_read_at = Some(began);
            readings.positions.restart(began, stands_at);
            return Ok(());
        }
        let from = readings.positions.settled(began);
        let from = from.unwrap_or(ChangeNumber::BEFORE_ALL);
        let (stands_at, new) = self
            .store
            .read("revocations.new", from, |tx, from| {
                Box::pin(since(tx, *from))
            })
            .await?;
        {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            let mut fresh = known.with(&new, now);
            fresh.known_at = Some(now);
            fresh.known_since = Some(began);
            *known = Arc::new(fresh);
        }
        readings.positions.note(began, stands_at);
        Ok(())
    }

    /// The number of status lists in use; they are numbered from 0.
    pub fn lists_in_use(&self) -> u32 {
        let known = self.known();
        let revoked = known.by_list.keys().max().map_or(0, |list| list + 1);
        revoked.max(self.newest_list().saturating_add(1))
    }

    /// The last list in which indexes are drawn; the first is 0.
    pub fn newest_list(&self) -> u32 {
        self.newest_list.load(Ordering::Relaxed)
    }

    /// Adds a list, unless somebody else did.
    pub fn open_list_after(&self, list: u32) {
        let next = list.saturating_add(1);
        let newest = &self.newest_list;
        let _ = newest.compare_exchange(list, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn added(&self) -> std::sync::MutexGuard<'_, Vec<RevokedIndex>> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn all(
    tx: &mut Transaction,
    now: Timestamp,
) -> Result<(ChangeNumber, Vec<RevokedIndex>, u32), StoreError> {
    // Before the rows: what is drawn later is read the next time.
    let stands_at = changes::last(tx).await?;
    let newest_list = store::status_indexes::newest_list(tx).await?;
    let revoked = store::status_indexes::revoked(tx, now).await?;
    Ok((stands_at, revoked, newest_list))
}

async fn since(
    tx: &mut Transaction,
    from: ChangeNumber,
) -> Result<(ChangeNumber, Vec<RevokedIndex>), StoreError> {
    let stands_at = changes::last(tx).await?;
    let mut cursor = ChangeCursor::at(from);
    let mut revoked = Vec::new();
    loop {
        let page = store::status_indexes::revoked_since(tx, cursor, AT_ONCE).await?;
        let is_last = page.len() < AT_ONCE as usize;
        cursor = page.last().map_or(cursor, RevokedIndex::cursor);
        revoked.extend(page);
        if is_last {
            return Ok((stands_at, revoked));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn revoked(list: u32, index: u32, expires_at: i64) -> RevokedIndex {
        RevokedIndex {
            list,
            index,
            revoked_at: at(1),
            expires_at: at(expires_at),
            change: ChangeNumber::from_i64(1),
        }
    }

    fn indices(revoked: &Revoked, list: u32) -> Vec<u32> {
        let indexes = revoked.of_list(list);
        indexes.iter().map(|known| known.index).collect()
    }

    #[test]
    fn what_is_read_twice_is_held_once_and_in_order() {
        let first = [
            revoked(0, 7, 5000),
            revoked(0, 3, 5000),
            revoked(2, 1, 5000),
        ];
        let known = Revoked::default().with(&first, at(10));
        let list_two = known.of_list(2);
        let again = [
            revoked(0, 3, 5000),
            revoked(0, 5, 5000),
            revoked(2, 1, 5000),
        ];
        let known = known.with(&again, at(11));
        assert_eq!(indices(&known, 0), [3, 5, 7]);
        assert!(Arc::ptr_eq(&list_two, &known.of_list(2)), "unchanged");
        assert!(known.contains(0, 5) && !known.contains(1, 5));
    }

    #[test]
    fn expired_indexes_leave_the_list_in_time() {
        let known = Revoked::default().with(&[revoked(0, 1, 20), revoked(0, 2, 9000)], at(10));
        assert_eq!(indices(&known, 0), [1, 2]);
        let known = known.with(&[revoked(0, 3, 15)], at(20 + EXPIRED_STAY.as_secs()));
        assert_eq!(indices(&known, 0), [2]);
    }
}
