//! What is held in memory about people, so that renewing a code reads no database.
//!
//! A colour in memory may be slightly stale; that is harmless, because an assertion holds only
//! while its index in the status list does. A worse verdict revokes the index in its own
//! transaction, and an index comes into memory only together with a verdict that was read from the
//! database after the index was claimed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use credential::HolderPublicKey;
use domain::{DeviceId, PersonId, Status, Timestamp};
use store::{ChangeNumber, StatusIndex, StoredVerdict};

use super::context::is_ahead;
use crate::shard::{lock, make_room};

const SHARDS: usize = 64;

/// People and their phones.
pub(crate) struct VerdictCache {
    people: Vec<Mutex<HashMap<PersonId, Held>>>,
    most_per_shard: usize,
}

#[derive(Default)]
struct Held {
    verdict: Known,
    phones: Vec<HeldPhone>,
}

/// What is known about a person's verdict.
#[derive(Clone, Copy, Default)]
enum Known {
    /// Nothing.
    #[default]
    No,
    /// This.
    Verdict(CachedVerdict),
    /// That it is not older than this change: the database is asked.
    Changed(ChangeNumber),
}

/// As much of a verdict as a code needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CachedVerdict {
    /// What the person may do.
    pub status: Status,
    /// Until when the verdict holds by itself.
    pub next_change: Option<Timestamp>,
    /// When it was decided.
    decided_at: Timestamp,
    /// The change that made it so.
    change: ChangeNumber,
}

/// A phone's key of a day, or what stands in for one: a day's plain codes, or a day's cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldPhone {
    /// Which.
    pub device: DeviceId,
    /// Its key; `None` for plain codes and cards.
    pub key: Option<HolderPublicKey>,
    /// When its day begins.
    pub from: Timestamp,
    /// The index in a status list of its assertions.
    pub index: StatusIndex,
}

impl CachedVerdict {
    /// As much of `stored` as a code needs.
    pub fn of(stored: &StoredVerdict) -> Self {
        Self {
            status: stored.verdict.status,
            next_change: stored.verdict.next_change,
            decided_at: stored.decided_at,
            change: stored.change,
        }
    }

    fn holds_at(&self, now: Timestamp) -> bool {
        self.next_change.is_none_or(|change| now < change) && !is_ahead(self.decided_at, now)
    }
}

impl Known {
    fn change(&self) -> Option<ChangeNumber> {
        match self {
            Self::No => None,
            Self::Verdict(verdict) => Some(verdict.change),
            Self::Changed(change) => Some(*change),
        }
    }

    /// What is known once `new` has arrived as well: of one person the later change counts, in
    /// whichever order they arrive.
    fn and(self, new: CachedVerdict) -> Self {
        match self.change() {
            Some(known) if known > new.change => self,
            _ => Self::Verdict(new),
        }
    }

    /// The verdict, if there is one that holds at `now`.
    fn at(self, now: Timestamp) -> Option<CachedVerdict> {
        match self {
            Self::Verdict(verdict) => Some(verdict).filter(|verdict| verdict.holds_at(now)),
            Self::No | Self::Changed(_) => None,
        }
    }
}

impl VerdictCache {
    /// Holds about so many people at most.
    pub fn new(most_people: usize) -> Self {
        Self {
            people: (0..SHARDS).map(|_| Mutex::default()).collect(),
            most_per_shard: most_people.div_ceil(SHARDS).max(1),
        }
    }

    /// Takes in a verdict that was read or written.
    pub fn update(&self, stored: &StoredVerdict) {
        let mut people = self.shard(stored.person);
        make_room(&mut people, &stored.person, self.most_per_shard);
        let held = people.entry(stored.person).or_default();
        held.verdict = held.verdict.and(CachedVerdict::of(stored));
    }

    /// Takes in a verdict if the person is in memory.
    pub fn update_if_held(&self, stored: &StoredVerdict) {
        if let Some(held) = self.shard(stored.person).get_mut(&stored.person) {
            held.verdict = held.verdict.and(CachedVerdict::of(stored));
        }
    }

    /// Forgets what came before a verdict, so that the next reader asks the database.
    pub fn invalidate(&self, stored: &StoredVerdict) {
        if let Some(held) = self.shard(stored.person).get_mut(&stored.person)
            && held
                .verdict
                .change()
                .is_none_or(|known| known < stored.change)
        {
            held.verdict = Known::Changed(stored.change);
        }
    }

    /// Verdict and phone together, if both are in memory and the verdict still holds.
    pub fn with_phone(
        &self,
        person: PersonId,
        device: DeviceId,
        now: Timestamp,
    ) -> Option<(CachedVerdict, HeldPhone)> {
        let people = self.shard(person);
        let held = people.get(&person)?;
        let verdict = held.verdict.at(now)?;
        let phone = held.phones.iter().find(|phone| phone.device == device)?;
        Some((verdict, phone.clone()))
    }

    /// Holds a phone with its index.
    pub fn hold_phone(&self, phone: HeldPhone) {
        let person = phone.index.person;
        let mut people = self.shard(person);
        make_room(&mut people, &person, self.most_per_shard);
        let phones = &mut people.entry(person).or_default().phones;
        let now = phone.index.claimed_at;
        phones.retain(|held| held.device != phone.device && held.index.expires_at > now);
        phones.push(phone);
    }

    fn shard(&self, person: PersonId) -> MutexGuard<'_, HashMap<PersonId, Held>> {
        lock(&self.people[person.as_u128() as usize % SHARDS])
    }
}

#[cfg(test)]
mod tests {
    use domain::{Colour, PolicyRef, Verdict};

    use super::*;

    fn verdict(person: u128, status: Status, change: i64) -> StoredVerdict {
        StoredVerdict {
            person: PersonId::from_u128(person),
            verdict: Verdict {
                policy: PolicyRef {
                    id: "test".into(),
                    version: 1,
                },
                status,
                restrictions: Vec::new(),
                advice: Vec::new(),
                since: None,
                until: None,
                next_change: Some(at(100)),
            },
            decided_at: at(1),
            change: ChangeNumber::from_i64(change),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    impl VerdictCache {
        /// The person's verdict, if it is in memory and still holds.
        fn of(&self, person: PersonId, now: Timestamp) -> Option<CachedVerdict> {
            self.shard(person).get(&person)?.verdict.at(now)
        }
    }

    const GREEN: Status = Status::Decided(Colour::Green);
    const RED: Status = Status::Decided(Colour::Red);

    #[test]
    fn the_later_change_stays_in_whichever_order_they_arrive() {
        for order in [[(GREEN, 1), (RED, 2)], [(RED, 2), (GREEN, 1)]] {
            let cache = VerdictCache::new(100);
            for (status, change) in order {
                cache.update(&verdict(7, status, change));
            }
            let held = cache.of(PersonId::from_u128(7), at(3)).unwrap();
            assert_eq!(held.status, RED);
        }
    }

    #[test]
    fn an_invalidated_verdict_is_read_again_and_an_older_one_does_not_come_back() {
        let cache = VerdictCache::new(100);
        let person = PersonId::from_u128(7);
        cache.update(&verdict(7, GREEN, 1));
        cache.invalidate(&verdict(7, RED, 2));
        assert_eq!(cache.of(person, at(3)), None);
        cache.update(&verdict(7, GREEN, 1));
        assert_eq!(cache.of(person, at(3)), None);
        cache.update(&verdict(7, RED, 2));
        assert_eq!(cache.of(person, at(3)).unwrap().status, RED);
        cache.invalidate(&verdict(7, GREEN, 1));
        assert_eq!(cache.of(person, at(3)).unwrap().status, RED);
    }

    #[test]
    fn a_verdict_is_not_used_from_its_next_change_on() {
        let cache = VerdictCache::new(100);
        cache.update(&verdict(7, GREEN, 1));
        assert!(cache.of(PersonId::from_u128(7), at(99)).is_some());
        assert_eq!(cache.of(PersonId::from_u128(7), at(100)), None);
    }

    #[test]
    fn a_verdict_from_the_future_is_not_used() {
        let cache = VerdictCache::new(100);
        let person = PersonId::from_u128(7);
        let ahead = StoredVerdict {
            decided_at: at(50),
            ..verdict(7, RED, 1)
        };
        cache.update(&ahead);
        assert_eq!(cache.of(person, at(44)), None, "a clock was set back");
        assert!(cache.of(person, at(45)).is_some(), "clocks differ a little");
    }

    #[test]
    fn memory_stays_bounded() {
        let cache = VerdictCache::new(SHARDS);
        for person in 0..10_000 {
            cache.update(&verdict(person, GREEN, 1));
        }
        let held = cache
            .people
            .iter()
            .map(|shard| lock(shard).len())
            .sum::<usize>();
        assert!(held <= SHARDS);
    }
}
