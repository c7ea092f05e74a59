//! Who lives with whom, and who rode together. Tracing alone reads it.
//!
//! A trace notes whom it follows and which groups it looks at before it reads. A membership that
//! comes in later, or that ends sooner than was known, is noted in its own transaction and compared
//! with those notes in a later one, as a late visit is: see [`crate::Store::reopen_traces`].

use async_trait::async_trait;
use domain::evidence::GroupKind;
use domain::{AuthorityId, GroupId, PersonId, Timestamp};

use crate::{Result, TraceJob};

/// A person in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub person: PersonId,
    /// Which group.
    pub group: GroupId,
    /// What its members share; the same for all of them.
    pub kind: GroupKind,
    /// From when.
    pub from: Timestamp,
    /// The first moment after, if it is over. One that ends as it begins was a mistake.
    pub until: Option<Timestamp>,
}

/// A group that a trace looks at, during a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupReach {
    /// Which.
    pub group: GroupId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// The tables of groups.
#[async_trait]
pub trait CompanionStore: Send + Sync {
    /// Records memberships, each by person and by group, and notes what changed for
    /// [`Self::reopen_traces_of_companions`]. One whose person, group and beginning are known changes
    /// only by an earlier end. The number that changed.
    async fn put_memberships(
        &self,
        memberships: &[Membership],
        by: AuthorityId,
        at: Timestamp,
    ) -> Result<u32>;
    /// A person's memberships that touch `[from, until)`, by group and beginning.
    async fn memberships_of(
        &self,
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Membership>>;
    /// Memberships of a group that touch `[from, until)`, by person and beginning.
    async fn members_of(
        &self,
        group: GroupId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Membership>>;
    /// Notes which groups a job is about to look at. Note first, then read.
    async fn note_groups(&self, job: &TraceJob, groups: &[GroupReach]) -> Result<()>;
    /// Takes up to `limit` memberships that changed, opens every job again that followed the person
    /// or looked at the group from its beginning on, and forgets them. The number taken.
    async fn reopen_traces_of_companions(&self, limit: u32) -> Result<u32>;
}
