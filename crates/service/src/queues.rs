//! What waits for officers, page by page: which of it is asked for, and whose an officer sees.

use domain::{AuthorityId, Region, Timestamp};
use store::{Nearby, Whose};

use crate::Result;
use crate::access::{SELF_AUTHORITY, Staff, TRACER_AUTHORITY};
use crate::people::PersonFinder;

/// Lines on a page.
pub(crate) const PAGE: u32 = 50;
/// More than so many are not counted.
pub(crate) const MOST_COUNTED: u32 = 1_000;

/// No authority: who sees everybody may rest on what their own office said.
const NOBODY: AuthorityId = AuthorityId::from_u128(0);

/// Which part of a queue is asked for; `K` is a place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueAsked<K> {
    /// About people who are in this region or around it; of the asker's regions if it is `None`.
    pub region: Option<Region>,
    /// Whether its time has come; `None` for both.
    pub is_due: Option<bool>,
    /// What comes after this place.
    pub after: Option<K>,
}

/// A page of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePage<T, K> {
    /// What waits, the most urgent first.
    pub lines: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<K>,
}

impl<K> Default for QueueAsked<K> {
    fn default() -> Self {
        Self {
            region: None,
            is_due: None,
            after: None,
        }
    }
}

impl<T, K> QueuePage<T, K> {
    /// Nothing.
    pub const EMPTY: Self = Self {
        lines: Vec::new(),
        next: None,
    };
}

impl<K> QueueAsked<K> {
    /// Up to when the times lie, and what they come after.
    pub(crate) fn times(&self, now: Timestamp) -> (Timestamp, Option<Timestamp>) {
        match self.is_due {
            None => (Timestamp::MAX, None),
            Some(true) => (now, None),
            Some(false) => (Timestamp::MAX, Some(now)),
        }
    }
}

impl PersonFinder {
    /// Whom a queue of an officer is about, in the words of the statements that read many: the same as
    /// [`super::access::Staff::check`] says of one person's [`Self::whereabouts`]. With a region, those of
    /// them who are in it or around it, and nobody of whom nothing is known.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`].
    pub(crate) fn near(&self, by: &Staff, only: Option<Region>) -> Result<Whose> {
        let regions = &by.member().regions;
        let is_for_all = regions.cover(self.settings.issuer);
        if is_for_all && only.is_none() {
            return Ok(Whose::Everybodys);
        }
        let near = match only {
            None => regions.iter().collect(),
            Some(only) if is_for_all || regions.cover(only) => vec![only],
            // Nobody: the region is not theirs to ask about.
            Some(_) => Vec::new(),
        };
        let asker = by.authority().id;
        Ok(Whose::Near(Nearby {
            regions: near,
            asker: if is_for_all { NOBODY } else { asker },
            since: self.policies.context()?.look_back_from,
            has_unknown: only.is_none(),
            nowhere: [SELF_AUTHORITY, TRACER_AUTHORITY],
        }))
    }
}
