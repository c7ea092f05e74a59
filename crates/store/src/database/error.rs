//! What a database says when it fails, in the terms of [`StoreError`].

use std::io;

use sqlx::error::DatabaseError;

use crate::StoreError;

/// Reads an error of either database. Messages of both databases name tables and columns, never
/// the values of a row.
pub(crate) fn read(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(error) => read_database(error.as_ref()),
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::StorageFull => {
            StoreError::DiskFull
        }
        sqlx::Error::Io(error) => StoreError::Unreachable(error.to_string()),
        sqlx::Error::Tls(error) => StoreError::Unreachable(error.to_string()),
        sqlx::Error::PoolTimedOut => {
            StoreError::Unreachable("no connection became free in time".to_owned())
        }
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            StoreError::Unreachable("the connection is closed".to_owned())
        }
        other => StoreError::Database(other.to_string()),
    }
}

/// Reads an error of the SQLite writer.
pub(crate) fn read_written(error: &rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let said = failure.to_string();
            let message = message.as_deref().unwrap_or(&said);
            read_sqlite(i64::from(failure.extended_code), message)
        }
        other => StoreError::Database(other.to_string()),
    }
}

/// Whether the transaction collided with another one, so that trying again may succeed
/// (serialization failure, deadlock).
pub(crate) fn is_collision(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("40001" | "40P01"))
}

/// Whether the connection is gone, so that nothing that was not committed took place.
pub(crate) fn is_cut(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error
            .code()
            .as_deref()
            .is_some_and(|code| matches!(code, "57P01" | "57P02" | "57P03")),
        _ => false,
    }
}

fn read_database(error: &dyn DatabaseError) -> StoreError {
    let code = error.code();
    let code = code.as_deref().unwrap_or_default();
    // SQLite reports numbers, PostgreSQL five characters.
    match code.parse::<i64>() {
        Ok(number) if code.len() < 5 => read_sqlite(number, error.message()),
        _ => read_postgres(code, error.message()),
    }
}

/// Result codes from <https://www.sqlite.org/rescode.html>.
fn read_sqlite(code: i64, message: &str) -> StoreError {
    const FULL: i64 = 13;
    const CANNOT_OPEN: i64 = 14;
    /// The shared index of the write-ahead log could not grow.
    const IO_SHARED_MEMORY_SIZE: i64 = 4874;
    match code {
        FULL | IO_SHARED_MEMORY_SIZE => StoreError::DiskFull,
        _ if code & 0xff == CANNOT_OPEN => StoreError::Unreachable(message.to_owned()),
        _ => StoreError::Database(format!("SQLite {code}: {message}")),
    }
}

/// Codes from <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn read_postgres(code: &str, message: &str) -> StoreError {
    match code {
        "53100" => StoreError::DiskFull,
        // No connection (08), wrong user or password (28), no such database (3D), too many
        // connections, shutting down or starting up.
        "53300" | "57P01" | "57P02" | "57P03" => StoreError::Unreachable(message.to_owned()),
        _ if ["08", "28", "3D"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            StoreError::Unreachable(message.to_owned())
        }
        _ => StoreError::Database(format!("PostgreSQL {code}: {message}")),
    }
}
