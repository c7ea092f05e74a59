//! What is held in memory about people, so that renewing a code reads no database.
//!
//! A colour in memory may be a moment old; that is harmless, because an assertion holds only while
//! its status-list slot does. A worse verdict revokes the slot in its own transaction, and a slot
//! comes into memory only together with a verdict that was read from the database after the slot
//! was claimed.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use credential::HolderPublicKey;
use domain::{DeviceId, PersonId, Status, Timestamp};
use jiff::SignedDuration;
use store::{Slot, StoredVerdict};

const SHARDS: usize = 64;
/// No transaction is open for longer.
pub(crate) const COMMIT_TAKES: SignedDuration = SignedDuration::from_secs(10);

/// People, their phones and their tokens.
pub(crate) struct Standings {
    people: Vec<Mutex<HashMap<PersonId, Held>>>,
    tokens: Vec<Mutex<HashMap<[u8; 32], PersonId>>>,
    most_per_shard: usize,
}

#[derive(Default)]
struct Held {
    standing: Known,
    phones: Vec<HeldPhone>,
}

/// What is known about a person's verdict.
#[derive(Clone, Copy, Default)]
enum Known {
    /// Nothing.
    #[default]
    No,
    /// This.
    Standing(Standing),
    /// That of this second must be read: two arrived, and which came first cannot be told. The
    /// database is asked until no third one can be on its way.
    Contested(Timestamp),
}

/// As much of a verdict as a code needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What the person may do.
    pub status: Status,
    /// Until when the verdict holds by itself.
    pub next_change: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// A phone, or what stands in for one: plain codes and cards share a slot under no phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldPhone {
    /// Which; `None` for plain codes and cards.
    pub device: Option<DeviceId>,
    /// Its key.
    pub key: Option<HolderPublicKey>,
    /// The place in a status list of its assertions.
    pub slot: Slot,
}

impl Standing {
    /// As much of `stored` as a code needs.
    pub fn of(stored: &StoredVerdict) -> Self {
        Self {
            status: stored.verdict.status,
            next_change: stored.verdict.next_change,
            decided_at: stored.decided_at,
        }
    }

    fn holds_at(&self, now: Timestamp) -> bool {
        self.next_change.is_none_or(|change| now < change)
    }
}

impl Known {
    /// What is known once `new` has arrived as well.
    fn and(self, new: Standing, now: Timestamp) -> Self {
        match self {
            Self::Standing(old) if old.decided_at > new.decided_at => self,
            Self::Standing(old) if old.decided_at == new.decided_at && old != new => {
                Self::Contested(new.decided_at)
            }
            Self::Contested(second)
                if new.decided_at < second
                    || new.decided_at == second && now.duration_since(second) <= COMMIT_TAKES =>
            {
                self
            }
            _ => Self::Standing(new),
        }
    }

    /// The standing, if there is one that holds at `now`.
    fn at(self, now: Timestamp) -> Option<Standing> {
        match self {
            Self::Standing(standing) => Some(standing).filter(|standing| standing.holds_at(now)),
            Self::No | Self::Contested(_) => None,
        }
    }
}

impl Standings {
    /// Holds about so many people at most.
    pub fn new(most_people: usize) -> Self {
        Self {
            people: (0..SHARDS).map(|_| Mutex::default()).collect(),
            tokens: (0..SHARDS).map(|_| Mutex::default()).collect(),
            most_per_shard: most_people.div_ceil(SHARDS).max(1),
        }
    }

    /// Takes in a verdict that was read or written.
    pub fn learn(&self, stored: &StoredVerdict, now: Timestamp) {
        let mut people = self.shard(stored.person);
        make_room(&mut people, &stored.person, self.most_per_shard);
        let held = people.entry(stored.person).or_default();
        held.standing = held.standing.and(Standing::of(stored), now);
    }

    /// Forgets what came before a verdict, so that the next reader asks the database.
    pub fn forget(&self, before: &StoredVerdict) {
        if let Some(held) = self.shard(before.person).get_mut(&before.person) {
            held.standing = Known::Contested(before.decided_at);
        }
    }

    /// Takes in a verdict that another node wrote, if the person is in memory.
    pub fn learn_if_held(&self, stored: &StoredVerdict, now: Timestamp) {
        if let Some(held) = self.shard(stored.person).get_mut(&stored.person) {
            held.standing = held.standing.and(Standing::of(stored), now);
        }
    }

    /// The person's standing, if it is in memory and still holds.
    pub fn of(&self, person: PersonId, now: Timestamp) -> Option<Standing> {
        let people = self.shard(person);
        people.get(&person)?.standing.at(now)
    }

    /// Standing and phone together, if both are in memory and the verdict still holds.
    pub fn with_phone(
        &self,
        person: PersonId,
        device: Option<DeviceId>,
        now: Timestamp,
    ) -> Option<(Standing, HeldPhone)> {
        let people = self.shard(person);
        let held = people.get(&person)?;
        let standing = held.standing.at(now)?;
        let phone = held.phones.iter().find(|phone| phone.device == device)?;
        Some((standing, phone.clone()))
    }

    /// Holds a phone with its slot.
    pub fn hold_phone(&self, phone: HeldPhone) {
        let person = phone.slot.person;
        let mut people = self.shard(person);
        make_room(&mut people, &person, self.most_per_shard);
        let phones = &mut people.entry(person).or_default().phones;
        phones.retain(|held| held.device != phone.device);
        phones.push(phone);
    }

    /// The person who holds this token, if known here.
    pub fn person_of_token(&self, hash: &[u8; 32]) -> Option<PersonId> {
        self.token_shard(hash).get(hash).copied()
    }

    /// Remembers whose token this is.
    pub fn hold_token(&self, hash: [u8; 32], person: PersonId) {
        let mut tokens = self.token_shard(&hash);
        make_room(&mut tokens, &hash, self.most_per_shard);
        tokens.insert(hash, person);
    }

    fn shard(&self, person: PersonId) -> MutexGuard<'_, HashMap<PersonId, Held>> {
        lock(&self.people[person.as_u128() as usize % SHARDS])
    }

    fn token_shard(&self, hash: &[u8; 32]) -> MutexGuard<'_, HashMap<[u8; 32], PersonId>> {
        lock(&self.tokens[usize::from(hash[0]) % SHARDS])
    }
}

fn lock<T>(shard: &Mutex<T>) -> MutexGuard<'_, T> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forgets an eighth of a full shard, whichever comes first; everything in it can be read again.
fn make_room<K: Hash + Eq + Copy, V>(shard: &mut HashMap<K, V>, key: &K, most: usize) {
    if shard.len() >= most && !shard.contains_key(key) {
        let victims: Vec<K> = shard.keys().take(most.div_ceil(8)).copied().collect();
        for victim in victims {
            shard.remove(&victim);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Colour, PolicyRef, Verdict};

    use super::*;

    fn verdict(person: u128, status: Status, decided_at: i64) -> StoredVerdict {
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
            decided_at: at(decided_at),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    const GREEN: Status = Status::Decided(Colour::Green);
    const RED: Status = Status::Decided(Colour::Red);

    #[test]
    fn the_later_verdict_stays_in_whichever_order_they_arrive() {
        for order in [[(GREEN, 1), (RED, 2)], [(RED, 2), (GREEN, 1)]] {
            let standings = Standings::new(100);
            for (status, decided_at) in order {
                standings.learn(&verdict(7, status, decided_at), at(3));
            }
            let held = standings.of(PersonId::from_u128(7), at(3)).unwrap();
            assert_eq!(held.status, RED);
        }
    }

    #[test]
    fn two_different_verdicts_of_one_second_leave_the_question_to_the_database() {
        let standings = Standings::new(100);
        for status in [GREEN, RED, GREEN] {
            standings.learn(&verdict(7, status, 1), at(3));
        }
        assert_eq!(standings.of(PersonId::from_u128(7), at(3)), None);
        standings.learn(&verdict(7, RED, 1), at(30));
        assert_eq!(
            standings.of(PersonId::from_u128(7), at(30)).unwrap().status,
            RED
        );
    }

    #[test]
    fn a_verdict_is_not_used_from_its_next_change_on() {
        let standings = Standings::new(100);
        standings.learn(&verdict(7, GREEN, 1), at(1));
        assert!(standings.of(PersonId::from_u128(7), at(99)).is_some());
        assert_eq!(standings.of(PersonId::from_u128(7), at(100)), None);
    }

    #[test]
    fn memory_stays_bounded() {
        let standings = Standings::new(SHARDS);
        for person in 0..10_000 {
            standings.learn(&verdict(person, GREEN, 1), at(1));
        }
        let held = standings
            .people
            .iter()
            .map(|shard| lock(shard).len())
            .sum::<usize>();
        assert!(held <= SHARDS);
    }
}
