//! The record: one [`Store`] on SQLite (embedded) or on PostgreSQL.
//!
//! A use case composes a transaction: [`Store::transaction`] runs a function over a
//! [`Transaction`], and each noun is a module of functions on it that take many rows at once
//! ([`evidence`], [`verdicts`], [`visits`], …). A transaction has a name, which is its span, and is
//! run again as a whole when it collides with another. What waits at the same time can share one:
//! [`Batches`].
//!
//! State is keyed by person. Identities lie in tables of their own, sealed ([`identities`]). The
//! store knows rows; what they mean (who is decided, what is news, what is revoked) is the caller's.

pub mod accounts;
pub mod alarms;
pub mod appeals;
pub mod audit;
pub mod authorities;
mod batches;
pub mod blind_indexes;
pub mod changes;
pub mod contradictions;
pub mod counters;
mod database;
pub mod devices;
pub mod disclosures;
pub mod door_visits;
pub mod evidence;
pub mod feeds;
pub mod glitches;
pub mod held_memberships;
pub mod held_visits;
pub mod identities;
pub mod import_mappings;
pub mod looks;
pub mod memberships;
pub mod mirror;
mod nearby;
pub mod office_cases;
pub mod office_requests;
pub mod one_time_codes;
pub mod outbox;
pub mod over;
pub mod people;
pub mod proposals;
pub mod publications;
mod queries;
pub mod receipts;
pub mod reevaluation;
pub mod retention;
pub mod scanners;
pub mod sessions;
pub mod staff;
pub mod statistics;
pub mod status_indexes;
mod store;
mod stored_json;
pub mod sunset;
pub mod traces;
mod transaction_counts;
pub mod trust_lists;
pub mod vault_rewrites;
pub mod venues;
pub mod verdicts;
pub mod visits;

use domain::PolicyRef;

pub use batches::{Batches, Limits};
pub use changes::{ChangeCursor, ChangeNumber};
pub use database::{Transaction, Work};
pub use devices::Device;
pub use nearby::{Nearby, Whose};
pub use outbox::ColourChange;
pub use publications::{PolicyText, Publication, PublicationNumber};
pub use status_indexes::{RevokedIndex, StatusIndex};
pub use store::{Health, Store};
pub use stored_json::fact_as_json;
pub use traces::{TraceEnd, TraceJob, TraceRead, TraceRecord, TraceSubject};
pub use transaction_counts::TransactionFigures;
pub use venues::Venue;
pub use verdicts::{StoredVerdict, VerdictOutline};
pub use visits::{Recorded, RecordedVisit, Visit};

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
    /// The database answers and cannot do it now.
    #[error("the database is busy: {0}. Nothing was changed; the same request can be sent again")]
    Busy(String),
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
    /// A migration was begun and cut off.
    #[error(
        "the migration of the database from schema version {found} was begun and is not finished; run `healthcode migrate` again, it goes on where it stands"
    )]
    HalfMigrated {
        /// The version that it comes from.
        found: i64,
    },
    /// A policy version exists with another text.
    #[error("{0} is already published with another text; give the changed policy a new version")]
    PolicyExists(PolicyRef),
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

impl StoreError {
    /// Whether the same call may succeed a little later, with nothing mended in between by anybody who
    /// reads this program's messages.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Busy(_))
    }
}
