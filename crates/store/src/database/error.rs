//! What a database says when it fails, in the terms of [`StoreError`].

use std::error::Error as _;
use std::io;

use tokio_postgres::error::DbError;

use super::Trouble;
use crate::StoreError;

/// Reads an error of SQLite. Messages of both databases name tables and columns, never the values
/// of a row.
pub(crate) fn of_sqlite(error: &rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let said = failure.to_string();
            let message = message.as_deref().unwrap_or(&said);
            read_sqlite(failure.extended_code, message)
        }
        other => StoreError::Database(other.to_string()),
    }
}

/// The same, by what follows for the transaction.
pub(crate) fn trouble_of_sqlite(error: &rusqlite::Error) -> Trouble {
    match of_sqlite(error) {
        // These end the transaction in SQLite, savepoints and all.
        error if error.is_temporary() || error == StoreError::DiskFull => Trouble::Lost(error),
        error => Trouble::Refused(error),
    }
}

/// Reads an error of PostgreSQL or of the connection to it.
pub(crate) fn of_postgres(error: &tokio_postgres::Error) -> StoreError {
    match error.as_db_error() {
        Some(error) => read_postgres(error),
        None => StoreError::Unreachable(with_causes(error)),
    }
}

/// The same, by what follows for the transaction.
pub(crate) fn trouble_of_postgres(error: &tokio_postgres::Error) -> Trouble {
    let code = error.code().map(tokio_postgres::error::SqlState::code);
    match (code, of_postgres(error)) {
        // Serialization failure, deadlock.
        (Some("40001" | "40P01"), _) => Trouble::Collided,
        (_, error) if error.is_temporary() => Trouble::Lost(error),
        (_, error) => Trouble::Refused(error),
    }
}

/// Reads why no connection was to be had.
pub(crate) fn of_pool(error: &deadpool_postgres::PoolError) -> StoreError {
    use deadpool_postgres::{HookError, PoolError};

    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            of_postgres(error)
        }
        PoolError::Timeout(_) => {
            StoreError::Unreachable("no connection became free in time".to_owned())
        }
        other => StoreError::Unreachable(other.to_string()),
    }
}

/// Result codes from <https://www.sqlite.org/rescode.html>.
fn read_sqlite(code: i32, message: &str) -> StoreError {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const FULL: i32 = 13;
    const CANNOT_OPEN: i32 = 14;
    /// The shared index of the write-ahead log could not grow.
    const IO_SHARED_MEMORY_SIZE: i32 = 4874;
    match code {
        FULL | IO_SHARED_MEMORY_SIZE => StoreError::DiskFull,
        _ => match code & 0xff {
            CANNOT_OPEN => StoreError::Unreachable(message.to_owned()),
            BUSY | LOCKED => StoreError::Busy(message.to_owned()),
            _ => StoreError::Database(format!("SQLite {code}: {message}")),
        },
    }
}

/// Codes from <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn read_postgres(error: &DbError) -> StoreError {
    let (code, message) = (error.code().code(), error.message());
    match code {
        "53100" => StoreError::DiskFull,
        // A standby, or a primary that is being demoted, takes no writes.
        "25006" => StoreError::Unreachable(format!(
            "{message}; this server is a standby, write to the primary"
        )),
        // The server ended a transaction in which nothing happened for too long.
        "25P03" => StoreError::Unreachable(message.to_owned()),
        // Collisions, a lock or an answer that took too long.
        "40001" | "40P01" | "55P03" | "57014" => StoreError::Busy(message.to_owned()),
        _ => match code.get(..2).unwrap_or_default() {
            // No connection, wrong user or password, no such database, no resources, an operator
            // who shuts it down.
            "08" | "28" | "3D" | "53" | "57" => StoreError::Unreachable(message.to_owned()),
            _ => StoreError::Database(format!("PostgreSQL {code}: {message}")),
        },
    }
}

fn with_causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

/// Reads why a file could not be opened or made.
pub(crate) fn of_file(path: &std::path::Path, error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull => StoreError::DiskFull,
        _ => StoreError::Unreachable(format!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_sqlite_that_pass_are_temporary() {
        // Busy, busy while recovering, locked, locked by a shared cache, cannot open.
        for code in [5, 261, 6, 262, 14, 270] {
            assert!(read_sqlite(code, "passing").is_temporary(), "{code}");
        }
        assert_eq!(read_sqlite(13, "full"), StoreError::DiskFull);
        assert!(!read_sqlite(1, "no such table").is_temporary());
        assert!(!read_sqlite(19, "constraint").is_temporary());
    }
}
