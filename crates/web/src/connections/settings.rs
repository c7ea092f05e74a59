//! How many connections, and for how long.

use std::time::Duration;

/// Of the files that the process may hold, so many are not for connections: the database, the
/// mirror, the log, keys, and what workers and callers open.
pub const FILES_KEPT_FREE: u64 = 128;
/// However many files there are: about 20 KB each.
const MOST: usize = 10_000;
/// There is room for so many, however few files there are.
const FEWEST: usize = 16;

/// Limits on what clients hold open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// How many connections are open at once.
    pub most: usize,
    /// How many of them one client address holds (IPv6: one /64). The named proxies are exempt.
    pub from_one_address: usize,
    /// How long the head of a request may take to arrive, and the first request to begin.
    pub head: Duration,
    /// How long a connection stays open on which nothing is asked.
    pub idle: Duration,
    /// How long the body of a request may take to arrive. It is part of the time in which an answer
    /// is given at all, so that more than that has no effect.
    pub body: Duration,
}

impl ConnectionSettings {
    /// The limits for a process that may hold so many files.
    pub fn for_files(files: u64) -> Self {
        let room = files.saturating_sub(FILES_KEPT_FREE);
        let most = usize::try_from(room).unwrap_or(MOST);
        Self::with_most(most.clamp(FEWEST, MOST))
    }

    /// The limits for so many connections: one address holds a quarter of them, since whole
    /// districts come from one.
    pub fn with_most(most: usize) -> Self {
        Self {
            most,
            from_one_address: (most / 4).max(1),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            body: Duration::from_secs(8),
        }
    }
}

impl Default for ConnectionSettings {
    /// Those for the usual limit of 1,024 files.
    fn default() -> Self {
        Self::for_files(1024)
    }
}
