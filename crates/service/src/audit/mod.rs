//! The log of what staff members, feeds and operators do and see (invariant 11): written in the
//! transaction of what it records, and so made that nobody can change it unseen.
//!
//! | file | holds |
//! |---|---|
//! | `entry` | what an entry says, and how it is written |
//! | `deeds` | what can be done |
//! | `purpose` | why somebody looked |
//! | `journal` | places, checkpoints, tiles, witnesses |
//! | `checking` | reading the whole record and finding what was changed |
//! | `reads` | the same in the background, one read at a time |
//! | `looks` | who looked at a person, for that person; entries for an auditor |
//! | `watching` | noticing that somebody looks far more often than is normal |
//!
//! The form of the log is documented in `docs/audit-log.md`.

mod checking;
mod deeds;
mod entry;
mod journal;
mod looks;
mod purpose;
mod reads;
mod watching;

pub use self::checking::{Finding, RecordChecked};
pub use self::deeds::Did;
pub use self::entry::{Actor, AuditEntry, BadEntry};
pub use self::journal::{AuditLog, LogWitness};
pub use self::looks::{LogEntry, Look};
pub use self::purpose::{BadPurpose, Purpose, Stated};
pub use self::reads::{RecordRead, RecordReads};

use store::audit::{self, NewEntry};
use store::{Store, StoreError};

/// Writes an entry in a transaction of its own, named `name`: of a look, which changes nothing else.
///
/// # Errors
/// As every statement: [`StoreError`].
pub(crate) async fn note_alone(
    store: &Store,
    name: &'static str,
    entry: NewEntry,
) -> Result<(), StoreError> {
    let noted = store.transaction(name, [entry], |tx, entry| {
        Box::pin(audit::append(tx, entry))
    });
    noted.await
}
