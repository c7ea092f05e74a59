//! The record: one [`Store`] contract on SQLite (embedded) and on PostgreSQL.
//!
//! State is keyed by person. Identities lie in tables of their own, sealed, behind
//! [`vault::IdentityStore`]; what waits for a second person lies behind
//! [`proposals::ProposalStore`], and what is counted behind [`statistics::StatisticsStore`].

pub mod companions;
mod database;
pub mod mirror;
pub mod presences;
pub mod proposals;
mod queries;
pub mod rows;
mod sql_store;
pub mod statistics;
pub mod vault;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    Authority, DeviceId, Evidence, EvidenceId, PersonId, PolicyRef, RegionLevel, RequestKey,
    Timestamp, VenueId, Verdict,
};

pub use rows::*;
pub use sql_store::SqlStore;

/// Decides one person from their evidence; runs inside the transaction that writes it.
pub type Judge = Arc<dyn Fn(&[Evidence]) -> Verdict + Send + Sync>;

/// How much evidence a judge is given.
#[derive(Clone)]
pub struct Court {
    /// Evidence that ended before this moment is not read: it cannot matter under the policy.
    pub look_back_from: Timestamp,
    /// Whether a rule of the policy reads visits; if not they are not read either.
    pub reads_visits: bool,
    /// The present, stored with the verdict.
    pub now: Timestamp,
    /// Decides.
    pub judge: Judge,
}

/// Everything that is kept, grouped by noun. Every write is durable when it returns, and a
/// repeated write with the same key counts once (invariant 6).
#[async_trait]
pub trait Store: Send + Sync {
    // People.

    /// Registers a person with identity and first declaration. If the request key or the document
    /// was registered before, says so and changes nothing. A repeated request is told by its
    /// document, phones and evidence; identifiers, token and times of recording may differ.
    async fn register(&self, person: NewPerson, court: &Court) -> Result<Registration>;
    /// The person whose token has this hash.
    async fn person_by_token(&self, token_hash: [u8; 32]) -> Result<Option<PersonId>>;
    /// People in order of identifier, after `after`.
    async fn people_after(&self, after: Option<PersonId>, limit: u32) -> Result<Vec<PersonId>>;

    // Evidence and verdicts.

    /// Appends evidence about any number of people and decides each of them, all in one transaction.
    /// Evidence whose identifier is already there is left out. A verdict that got worse revokes the
    /// person's status-list slots; a changed status goes to the outbox, a first one only if it
    /// restricts. A verdict that did not change is not written again and keeps its `decided_at`.
    ///
    /// A person who is not known yet becomes known. A repeated request key returns the first
    /// outcome and writes nothing; it is told by person, authority and fact of each piece, in
    /// order, where a time equal to `recorded_at` counts as "now".
    async fn append(&self, batch: EvidenceBatch, court: &Court) -> Result<Vec<Decided>>;
    /// The person's evidence, visits included, that had not ended at `since`; oldest first.
    async fn evidence_of(&self, person: PersonId, since: Timestamp) -> Result<Vec<Evidence>>;
    /// One piece of evidence.
    async fn evidence(&self, person: PersonId, id: EvidenceId) -> Result<Option<Evidence>>;
    /// Decides people again, after a change of policy or levels or because time has passed.
    async fn decide_again(&self, people: &[PersonId], court: &Court) -> Result<Vec<Decided>>;
    /// The stored verdict.
    async fn verdict_of(&self, person: PersonId) -> Result<Option<StoredVerdict>>;
    /// People whose verdict's `next_change` has come, the longest overdue first.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<PersonId>>;
    /// Verdicts written since, in order of `decided_at` and person, for caches of other nodes.
    async fn verdicts_since(
        &self,
        since: Since<PersonId>,
        limit: u32,
    ) -> Result<Vec<StoredVerdict>>;

    // The outbox of changed colours.

    /// The oldest messages not yet delivered.
    async fn outbox(&self, limit: u32) -> Result<Vec<ColourChange>>;
    /// Marks messages as delivered.
    async fn delivered(&self, people: &[(PersonId, EvidenceId)], at: Timestamp) -> Result<()>;

    // Regions and policies.

    /// Publishes region levels. All or none.
    async fn publish_levels(&self, levels: &[RegionLevel], published: Publication) -> Result<()>;
    /// Every level published, in order of publication.
    async fn levels(&self) -> Result<Vec<RegionLevel>>;
    /// Publishes a policy; refuses a version that exists with another text.
    async fn publish_policy(&self, policy: PolicyText, published: Publication) -> Result<()>;
    /// Every policy published, newest publication last.
    async fn policies(&self) -> Result<Vec<PolicyText>>;

    // Venues and visits.

    /// Adds a venue, or changes the name and category of one.
    async fn put_venue(&self, venue: Venue) -> Result<()>;
    /// A venue.
    async fn venue(&self, id: VenueId) -> Result<Option<Venue>>;
    /// Records visits, each by person and by venue. A visit whose identifier is known is updated
    /// only by its end: the first check-out wins. What changed with [`Recorded::Late`] is noted for
    /// [`Store::reopen_traces`] in the same transaction.
    async fn record_visits(&self, visits: &[Visit], recorded: Recorded) -> Result<()>;
    /// A person's visits that touch `[from, until)`, by entry time.
    async fn visits_of(
        &self,
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Visit>>;
    /// Visits to a venue that touch `[from, until)`, by entry time. An open visit touches
    /// everything after its entry, up to `Visit::LONGEST`.
    async fn visits_at(
        &self,
        venue: VenueId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Visit>>;

    // Tracing jobs. A job is opened by `append`, in the transaction of its diagnosis.

    /// Jobs not finished, oldest first.
    async fn open_traces(&self, limit: u32) -> Result<Vec<TraceJob>>;
    /// The job that a diagnosis opened, and its end.
    async fn trace(&self, person: PersonId, diagnosis: EvidenceId) -> Result<Option<TraceRecord>>;
    /// Notes what a job is about to look at. Note first, then read: a late visit that the reading
    /// misses then finds the note.
    async fn note_reach(&self, job: &TraceJob, reach: &[Reach]) -> Result<()>;
    /// Notes contacts that a job is about to append, each with whom it is about.
    async fn note_contacts(
        &self,
        job: &TraceJob,
        contacts: &[(PersonId, EvidenceId)],
    ) -> Result<()>;
    /// The contacts ever noted for a diagnosis, by whom they are about.
    async fn noted_contacts(
        &self,
        person: PersonId,
        diagnosis: EvidenceId,
    ) -> Result<Vec<(PersonId, EvidenceId)>>;
    /// Marks a job as finished; `false` if it was, or if it was opened again since it was read.
    async fn finish_trace(&self, job: &TraceJob, contacts: u32, at: Timestamp) -> Result<bool>;
    /// Takes up to `limit` late visits, opens every job again that looked where they were, and
    /// forgets them. The number taken.
    async fn reopen_traces(&self, limit: u32) -> Result<u32>;

    // Phones and status-list slots.

    /// Enrols a phone's key for a person.
    async fn enrol_device(&self, device: Device) -> Result<()>;
    /// A person's phone.
    async fn device(&self, person: PersonId, id: DeviceId) -> Result<Option<Device>>;
    /// Claims a status-list slot; `false` if another assertion has it or it was revoked. The same
    /// person and phone may claim it again to move its expiry further away.
    ///
    /// Claim first, then read the verdict, then sign: a verdict that gets worse afterwards finds
    /// the slot and revokes it.
    async fn claim_slot(&self, slot: Slot) -> Result<bool>;
    /// The newest slot of a device (or of the person's plain codes and cards) that is not revoked.
    async fn live_slot(&self, person: PersonId, device: Option<DeviceId>) -> Result<Option<Slot>>;
    /// Slots revoked and not yet expired at `now`, by list and index.
    async fn revoked_slots(&self, now: Timestamp) -> Result<Vec<RevokedSlot>>;
    /// Slots revoked since, expired or not, in order of `revoked_at`, list and index.
    async fn revoked_slots_since(
        &self,
        since: Since<(u32, u32)>,
        limit: u32,
    ) -> Result<Vec<RevokedSlot>>;

    // Authorities.

    /// Adds an authority with the hash of its bearer token, or replaces the token of one.
    async fn put_authority(&self, authority: &Authority, token_hash: [u8; 32]) -> Result<()>;
    /// The authority whose token has this hash.
    async fn authority_by_token(&self, token_hash: [u8; 32]) -> Result<Option<Authority>>;
    /// Every authority.
    async fn authorities(&self) -> Result<Vec<Authority>>;

    // The database itself.

    /// Whether the database answers, its schema version and size.
    async fn health(&self) -> Result<Health>;
}

/// What a store call returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why a store call failed. Nothing acknowledged is lost in any of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The address names no database.
    #[error("the database address must be sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")]
    BadAddress,
    /// The database cannot be reached.
    #[error("the database does not answer: {0}. Check that it runs and that the address is right")]
    Unreachable(String),
    /// The disk is full.
    #[error(
        "the disk that holds the database is full; free some space, nothing acknowledged is lost"
    )]
    DiskFull,
    /// A newer version of the program made this database.
    #[error(
        "the database has schema version {found}, this program knows {known}; install the newer program. Nothing was changed"
    )]
    NewerSchema {
        /// Version found.
        found: i64,
        /// Newest version known.
        known: i64,
    },
    /// The database has no schema yet, or an older one.
    #[error(
        "the database has schema version {found}, this program needs {known}; run `healthcode migrate`"
    )]
    NotMigrated {
        /// Version found; 0 if there is no database yet.
        found: i64,
        /// Version needed.
        known: i64,
    },
    /// A policy version exists with another text.
    #[error("{0} is already published with another text; give the changed policy a new version")]
    PolicyExists(PolicyRef),
    /// The request key was used for another request.
    #[error("the request key {0} was already used for a different request")]
    KeyReused(RequestKey),
    /// What is stored cannot be read.
    #[error("row {row} of {table} cannot be read: {why}")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Which row.
        row: String,
        /// What is wrong with it.
        why: String,
    },
    /// Any other database error.
    #[error("the database refused: {0}")]
    Database(String),
}
