//! A piece of a map in memory that many threads share and that stays within bounds.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a shard; one whose holder panicked goes on as it was.
pub(crate) fn lock<T>(shard: &Mutex<T>) -> MutexGuard<'_, T> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forgets an eighth of a full shard, whichever comes first; everything in it can be read again.
pub(crate) fn make_room<K: Hash + Eq + Copy, V>(shard: &mut HashMap<K, V>, key: &K, most: usize) {
    if shard.len() >= most && !shard.contains_key(key) {
        let victims: Vec<K> = shard.keys().take(most.div_ceil(8)).copied().collect();
        for victim in victims {
            shard.remove(&victim);
        }
    }
}
