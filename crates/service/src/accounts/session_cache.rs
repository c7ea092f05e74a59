//! Sessions and accounts in memory, so that renewing a code reads no database.
//!
//! A session counts only together with its account as it was when both were read: whatever ends a
//! session or changes an account gives the account a greater number, and what was read under a smaller
//! one is read again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use domain::{AccountId, Assurance, PersonId, SessionId, Timestamp};
use store::ChangeNumber;
use store::sessions::SessionHash;

use crate::access::OtherPerson;
use crate::shard::{lock, make_room};

const SHARDS: usize = 64;

/// Sessions and accounts, about so many of each at most.
pub(crate) struct SessionCache {
    sessions: Vec<Mutex<HashMap<SessionHash, HeldSession>>>,
    accounts: Vec<Mutex<HashMap<AccountId, Known>>>,
    most_per_shard: usize,
}

/// As much of a session as a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeldSession {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub id: SessionId,
    /// When it ends by itself.
    pub ends_at: Timestamp,
}

/// As much of an account as a request needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeldAccount {
    /// Whose code it shows by itself.
    pub person: PersonId,
    /// How far it is proven.
    pub assurance: Assurance,
    /// Whose codes it shows besides, each with how far that is proven.
    pub others: Vec<OtherPerson>,
    /// The last change of it.
    pub change: ChangeNumber,
}

enum Known {
    /// This, and the sessions that were read with it or later.
    Account(HeldAccount, Vec<SessionHash>),
    /// That it is not older than this change.
    Changed(ChangeNumber),
}

impl SessionCache {
    /// Holds about so many of each at most.
    pub fn new(most: usize) -> Self {
        Self {
            sessions: (0..SHARDS).map(|_| Mutex::default()).collect(),
            accounts: (0..SHARDS).map(|_| Mutex::default()).collect(),
            most_per_shard: most.div_ceil(SHARDS).max(1),
        }
    }

    /// The session of what was presented, with its account, if both are in memory.
    pub fn find(&self, hash: &SessionHash) -> Option<(HeldSession, HeldAccount)> {
        let session = *self.session_shard(hash).get(hash)?;
        match self.account_shard(session.account).get(&session.account)? {
            Known::Account(account, sessions) if sessions.contains(hash) => {
                Some((session, account.clone()))
            }
            _ => None,
        }
    }

    /// Takes in what was read: the account first, the session after it.
    pub fn hold(&self, hash: SessionHash, session: HeldSession, account: HeldAccount) {
        let id = session.account;
        {
            let mut sessions = self.session_shard(&hash);
            make_room(&mut sessions, &hash, self.most_per_shard);
            sessions.insert(hash, session);
        }
        let mut accounts = self.account_shard(id);
        make_room(&mut accounts, &id, self.most_per_shard);
        match accounts.get_mut(&id) {
            Some(Known::Changed(change)) if *change > account.change => {}
            Some(Known::Account(held, _)) if held.change > account.change => {}
            Some(Known::Account(held, sessions)) if held.change == account.change => {
                if !sessions.contains(&hash) {
                    sessions.push(hash);
                }
            }
            _ => {
                accounts.insert(id, Known::Account(account, vec![hash]));
            }
        }
    }

    /// Forgets what was read of an account before this change.
    pub fn invalidate(&self, account: AccountId, change: ChangeNumber) {
        let mut accounts = self.account_shard(account);
        make_room(&mut accounts, &account, self.most_per_shard);
        let is_known = match accounts.get(&account) {
            Some(Known::Account(held, _)) => held.change >= change,
            Some(Known::Changed(known)) => *known >= change,
            None => false,
        };
        if !is_known {
            accounts.insert(account, Known::Changed(change));
        }
    }

    fn session_shard(
        &self,
        hash: &SessionHash,
    ) -> MutexGuard<'_, HashMap<SessionHash, HeldSession>> {
        lock(&self.sessions[usize::from(hash[0]) % SHARDS])
    }

    fn account_shard(&self, id: AccountId) -> MutexGuard<'_, HashMap<AccountId, Known>> {
        lock(&self.accounts[id.as_u128() as usize % SHARDS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId::from_u128(1);

    fn session(id: u128) -> HeldSession {
        HeldSession {
            account: ACCOUNT,
            id: SessionId::from_u128(id),
            ends_at: Timestamp::MAX,
        }
    }

    fn account(change: i64) -> HeldAccount {
        HeldAccount {
            person: PersonId::from_u128(2),
            assurance: Assurance::Phone,
            others: Vec::new(),
            change: ChangeNumber::from_i64(change),
        }
    }

    #[test]
    fn a_session_read_before_a_change_does_not_count_after_it_in_whichever_order_they_arrive() {
        let cache = SessionCache::new(100);
        let (ended, other) = ([1; 32], [2; 32]);
        cache.hold(ended, session(1), account(5));
        cache.hold(other, session(2), account(5));
        assert!(cache.find(&ended).is_some() && cache.find(&other).is_some());
        cache.invalidate(ACCOUNT, ChangeNumber::from_i64(6));
        assert_eq!(cache.find(&ended), None);
        // The other one asks again, and is read with the account as it is now.
        cache.hold(other, session(2), account(6));
        assert!(cache.find(&other).is_some());
        assert_eq!(cache.find(&ended), None, "nobody read it again");
        // Somebody read it before the change and was slow.
        cache.hold(ended, session(1), account(5));
        assert_eq!(cache.find(&ended), None);
    }

    #[test]
    fn memory_stays_bounded() {
        let cache = SessionCache::new(SHARDS);
        for number in 0..10_000_u32 {
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&number.to_le_bytes());
            cache.hold(hash, session(number.into()), account(1));
        }
        let held: usize = cache.sessions.iter().map(|shard| lock(shard).len()).sum();
        assert!(held <= SHARDS);
    }
}
