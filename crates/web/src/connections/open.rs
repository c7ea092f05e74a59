//! The register of open connections.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::settings::ConnectionSettings;
use super::state::{Phase, State};
use crate::rates::{Proxies, RateKey};

/// What makes room makes room for so many at once: looking for it costs a walk over all.
const PARTS_OF_ALL: usize = 64;

/// The connections that are open.
pub(super) struct Open {
    settings: ConnectionSettings,
    proxies: Proxies,
    began: Instant,
    register: Mutex<Register>,
    closing: AtomicUsize,
}

#[derive(Default)]
struct Register {
    last: u64,
    connections: HashMap<u64, Connection>,
    by_address: HashMap<RateKey, usize>,
}

struct Connection {
    /// `None` for a named proxy.
    from: Option<RateKey>,
    state: Arc<State>,
}

/// A connection's place in the register; given up when it is dropped.
pub(super) struct Place {
    pub(super) state: Arc<State>,
    number: u64,
    open: Arc<Open>,
}

impl Open {
    pub(super) fn new(settings: ConnectionSettings, proxies: Proxies) -> Self {
        Self {
            settings,
            proxies,
            began: Instant::now(),
            register: Mutex::default(),
            closing: AtomicUsize::new(0),
        }
    }

    /// Takes in a connection from `peer`. Where there is no room the oldest idle ones are closed, of
    /// that address if it is at its own limit; `None` if all of them are at work.
    pub(super) fn enter(self: Arc<Self>, peer: IpAddr) -> Option<Place> {
        let from = (!self.proxies.has(peer.to_canonical())).then(|| RateKey::address(peer));
        let mut register = self.register();
        let held = from.and_then(|from| register.by_address.get(&from));
        if held.is_some_and(|held| *held >= self.settings.from_one_address)
            && !self.make_room_in(&mut register, from, self.settings.from_one_address)
        {
            return None;
        }
        if register.connections.len() >= self.settings.most
            && !self.make_room_in(&mut register, None, self.settings.most)
        {
            return None;
        }
        let state = Arc::new(State::new(self.began));
        register.last += 1;
        let number = register.last;
        let connection = Connection {
            from,
            state: Arc::clone(&state),
        };
        register.connections.insert(number, connection);
        if let Some(from) = from {
            *register.by_address.entry(from).or_default() += 1;
        }
        drop(register);
        Some(Place {
            state,
            number,
            open: self,
        })
    }

    /// Closes some of the oldest idle connections.
    pub(super) fn make_room(&self) {
        let mut register = self.register();
        self.make_room_in(&mut register, None, self.settings.most);
    }

    /// Closes those that ask nothing for too long, or ask too slowly.
    pub(super) fn close_overdue(&self) {
        let now = millis(self.began.elapsed());
        let (head, idle) = (millis(self.settings.head), millis(self.settings.idle));
        let mut register = self.register();
        let overdue: Vec<u64> = register
            .connections
            .iter()
            .filter(|(_, connection)| {
                let current = connection.state.current();
                let longest = match current.phase {
                    Phase::Idle if connection.state.has_asked() => idle,
                    Phase::Idle | Phase::Asking => head,
                    Phase::Answering | Phase::Closing => return false,
                };
                now.saturating_sub(current.since) > longest && connection.state.close(current)
            })
            .map(|(number, _)| *number)
            .collect();
        for number in overdue {
            self.note_closing(&mut register, number);
        }
    }

    /// How often overdue ones are looked for.
    pub(super) fn sweeps_every(&self) -> Duration {
        let shortest = self.settings.head.min(self.settings.idle);
        (shortest / 10).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }

    /// How many were asked to close and have not yet.
    pub(super) fn closing(&self) -> usize {
        self.closing.load(Ordering::Relaxed)
    }

    /// Closes some of the oldest that are idle, first those on which nothing was ever asked; of one
    /// address, if one is given. `false` if there are none.
    fn make_room_in(&self, register: &mut Register, of: Option<RateKey>, limit: usize) -> bool {
        let connections = register.connections.iter();
        let mut idle: Vec<_> = connections
            .filter(|(_, connection)| of.is_none() || connection.from == of)
            .filter_map(|(number, connection)| {
                let current = connection.state.current();
                let is_idle = matches!(current.phase, Phase::Idle | Phase::Asking);
                is_idle.then_some((
                    connection.state.has_asked(),
                    current.since,
                    *number,
                    current,
                ))
            })
            .collect();
        let count = (limit / PARTS_OF_ALL).clamp(1, idle.len().max(1));
        if count < idle.len() {
            idle.select_nth_unstable_by_key(count, |(has_asked, since, number, _)| {
                (*has_asked, *since, *number)
            });
            idle.truncate(count);
        }
        let mut is_made = false;
        for (_, _, number, current) in idle {
            let connection = register.connections.get(&number);
            if connection.is_some_and(|connection| connection.state.close(current)) {
                self.note_closing(register, number);
                is_made = true;
            }
        }
        is_made
    }

    fn note_closing(&self, register: &mut Register, number: u64) {
        if register.forget(number) {
            self.closing.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn register(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Register {
    /// Takes a connection out; `false` if it is out already.
    fn forget(&mut self, number: u64) -> bool {
        let Some(connection) = self.connections.remove(&number) else {
            return false;
        };
        if let Some(from) = connection.from
            && let Some(held) = self.by_address.get_mut(&from)
        {
            *held -= 1;
            if *held == 0 {
                self.by_address.remove(&from);
            }
        }
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.open.register().forget(self.number) {
            // It was asked to close.
            self.open.closing.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
