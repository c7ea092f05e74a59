//! The thin layer over the two databases: every method of the store is written once on top of it.
//!
//! A write is a function over a [`Session`] inside a transaction. SQLite has one writer that
//! commits waiting writes together ([`sqlite`]); PostgreSQL runs each in a transaction of its own
//! and repeats it when it collides with another ([`postgres`]). Statements are never logged:
//! their values are personal.

pub(crate) mod error;
pub(crate) mod postgres;
pub(crate) mod schema;
pub(crate) mod sqlite;
pub(crate) mod value;

use futures::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite, SqliteConnection, Transaction};

pub(crate) use self::value::{Row, Value};
use crate::queries::Query;
use crate::{Result, StoreError};

/// What a write does: a plain function, so that it can wait in a queue and be run again.
pub(crate) type Work<A, T> = for<'a> fn(&'a mut Session, &'a A) -> BoxFuture<'a, Result<T>>;

/// One of the two databases.
pub(crate) enum Database {
    Sqlite(sqlite::SqliteDatabase),
    Postgres(postgres::PostgresDatabase),
}

impl Database {
    /// Runs `work` in a transaction. Durable when it returns; undone if it fails.
    pub(crate) async fn write<A, T>(&self, arguments: A, work: Work<A, T>) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        match self {
            Self::Sqlite(database) => database.write(arguments, work).await,
            Self::Postgres(database) => database.write(&arguments, work).await,
        }
    }

    /// A connection to read from.
    pub(crate) async fn reader(&self) -> Result<Session> {
        let connection = match self {
            Self::Sqlite(database) => Connection::SqlitePooled(database.reader().await?),
            Self::Postgres(database) => Connection::PostgresPooled(database.reader().await?),
        };
        Ok(Session::new(connection))
    }
}

/// A connection, and in a write the transaction on it.
pub(crate) struct Session {
    connection: Connection,
    /// Whether a statement failed in a way that makes it worth running the whole transaction again.
    run_again: bool,
}

/// The connection itself, in the ways the two databases lend it.
pub(crate) enum Connection {
    /// The one writer, on a thread of its own: no statement waits for anything but the disk.
    SqliteWriter(rusqlite::Connection),
    Sqlite(SqliteConnection),
    SqlitePooled(PoolConnection<Sqlite>),
    Postgres(Transaction<'static, Postgres>),
    PostgresPooled(PoolConnection<Postgres>),
}

impl Session {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            run_again: false,
        }
    }

    /// Runs a statement; returns how many rows it wrote.
    pub(crate) async fn execute(&mut self, query: &Query, values: &[Value]) -> Result<u64> {
        let done = match &mut self.connection {
            Connection::SqliteWriter(connection) => {
                return sqlite::execute(connection, query, values);
            }
            Connection::Sqlite(connection) => value::bound(query.sqlite, values)
                .execute(connection)
                .await
                .map(|done| done.rows_affected()),
            Connection::SqlitePooled(connection) => value::bound(query.sqlite, values)
                .execute(&mut **connection)
                .await
                .map(|done| done.rows_affected()),
            Connection::Postgres(transaction) => value::bound(query.postgres, values)
                .execute(&mut **transaction)
                .await
                .map(|done| done.rows_affected()),
            Connection::PostgresPooled(connection) => value::bound(query.postgres, values)
                .execute(&mut **connection)
                .await
                .map(|done| done.rows_affected()),
        };
        done.map_err(|error| self.note(error))
    }

    /// Runs a statement and returns its rows.
    pub(crate) async fn rows(&mut self, query: &Query, values: &[Value]) -> Result<Vec<Row>> {
        let sqlite = |row| Row::sqlite(row, query.name);
        let postgres = |row| Row::postgres(row, query.name);
        let rows = match &mut self.connection {
            Connection::SqliteWriter(connection) => return sqlite::rows(connection, query, values),
            Connection::Sqlite(connection) => value::bound(query.sqlite, values)
                .fetch_all(connection)
                .await
                .map(|rows| rows.into_iter().map(sqlite).collect()),
            Connection::SqlitePooled(connection) => value::bound(query.sqlite, values)
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(sqlite).collect()),
            Connection::Postgres(transaction) => value::bound(query.postgres, values)
                .fetch_all(&mut **transaction)
                .await
                .map(|rows| rows.into_iter().map(postgres).collect()),
            Connection::PostgresPooled(connection) => value::bound(query.postgres, values)
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(postgres).collect()),
        };
        rows.map_err(|error| self.note(error))
    }

    /// Runs a statement that returns at most one row.
    pub(crate) async fn row(&mut self, query: &Query, values: &[Value]) -> Result<Option<Row>> {
        Ok(self.rows(query, values).await?.into_iter().next())
    }

    /// Runs a statement that always returns one row.
    pub(crate) async fn one_row(&mut self, query: &Query, values: &[Value]) -> Result<Row> {
        let row = self.row(query, values).await?;
        row.ok_or_else(|| StoreError::Database(format!("{} returned no row", query.name)))
    }

    /// Runs many statements without values: a migration.
    pub(crate) async fn script(
        &mut self,
        sqlite: &'static str,
        postgres: &'static str,
    ) -> Result<()> {
        let done = match &mut self.connection {
            Connection::SqliteWriter(connection) => return sqlite::script(connection, sqlite),
            Connection::Sqlite(connection) => {
                sqlx::raw_sql(sqlite).execute(connection).await.map(drop)
            }
            Connection::SqlitePooled(connection) => sqlx::raw_sql(sqlite)
                .execute(&mut **connection)
                .await
                .map(drop),
            Connection::Postgres(transaction) => sqlx::raw_sql(postgres)
                .execute(&mut **transaction)
                .await
                .map(drop),
            Connection::PostgresPooled(connection) => sqlx::raw_sql(postgres)
                .execute(&mut **connection)
                .await
                .map(drop),
        };
        done.map_err(|error| self.note(error))
    }

    fn note(&mut self, error: sqlx::Error) -> StoreError {
        self.run_again |= error::is_collision(&error) || error::is_cut(&error);
        error::read(error)
    }
}
