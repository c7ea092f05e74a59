//! The thin layer over the two databases: every statement of the store is run through it.
//!
//! A transaction is a function over a [`Transaction`] and its arguments, so that it can wait in a
//! queue and be run again. SQLite has one writer that commits waiting transactions together
//! ([`sqlite`]); PostgreSQL runs each on a connection of its own and repeats it when it collides
//! with another ([`postgres`]). Statements are never logged: their values are personal.

pub(crate) mod error;
mod fullness;
pub(crate) mod postgres;
pub(crate) mod schema;
pub(crate) mod sqlite;
mod tls;
pub(crate) mod value;

use futures::future::BoxFuture;

pub(crate) use self::fullness::Fullness;
pub(crate) use self::value::{Row, Value};
use crate::queries::Query;
use crate::{Result, StoreError};

/// What a transaction does with its arguments: a plain function, so that it can be run again.
pub type Work<A, T, E = StoreError> =
    for<'t> fn(&'t mut Transaction, &'t A) -> BoxFuture<'t, std::result::Result<T, E>>;

/// One of the two databases.
pub(crate) enum Database {
    Sqlite(sqlite::SqliteDatabase),
    Postgres(postgres::PostgresDatabase),
}

impl Database {
    /// Whether a recent write met a full disk.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Sqlite(database) => database.is_full(),
            Self::Postgres(database) => database.is_full(),
        }
    }

    /// How many wait for their turn.
    pub(crate) fn queue_length(&self) -> usize {
        match self {
            Self::Sqlite(database) => database.queue_length(),
            Self::Postgres(database) => database.queue_length(),
        }
    }

    /// Runs `work` in a transaction. Durable when it returns; undone if it fails. How often it was run
    /// again is added to `repeats`.
    pub(crate) async fn write<A, T, E>(
        &self,
        arguments: A,
        work: Work<A, T, E>,
        repeats: &mut u32,
    ) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(database) => database.write(arguments, work, repeats).await,
            Self::Postgres(database) => database.write(&arguments, work, repeats).await,
        }
    }

    /// Runs `work`, which only reads.
    pub(crate) async fn read<A, T, E>(&self, arguments: A, work: Work<A, T, E>) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(database) => database.read(arguments, work).await,
            Self::Postgres(database) => database.read(&arguments, work).await,
        }
    }

    /// Runs `work`, which only reads and takes its time, on one snapshot of the record.
    pub(crate) async fn snapshot<A, T, E>(&self, arguments: A, work: Work<A, T, E>) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(database) => database.snapshot(arguments, work).await,
            Self::Postgres(database) => database.snapshot(&arguments, work).await,
        }
    }
}

/// A transaction under way: what the functions of each noun run their statements on.
pub struct Transaction {
    connection: Connection,
    trouble: Option<Trouble>,
}

/// The connection itself.
pub(crate) enum Connection {
    /// On a thread of its own: no statement waits for anything but the disk.
    Sqlite(rusqlite::Connection),
    Postgres(postgres::Lease),
}

/// What a statement ran into, beyond the answer that its caller got.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// The statement failed; on PostgreSQL nothing of the transaction can be committed any more.
    Refused(StoreError),
    /// The transaction collided with another one: it is worth running again as a whole.
    Collided,
    /// The connection, or on SQLite the whole group of transactions, is lost.
    Lost(StoreError),
}

impl Transaction {
    pub(crate) const fn new(connection: Connection) -> Self {
        Self {
            connection,
            trouble: None,
        }
    }

    /// Runs a statement; returns how many rows it wrote.
    pub(crate) async fn execute(&mut self, query: &Query, values: &[Value]) -> Result<u64> {
        let done = match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::execute(connection, query, values),
            Connection::Postgres(lease) => lease.execute(query, values).await,
        };
        self.note(done)
    }

    /// Runs a statement once for each row of values; returns how many rows were written in all.
    pub(crate) async fn execute_each(&mut self, query: &Query, rows: &[Vec<Value>]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        let done = match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::execute_each(connection, query, rows),
            Connection::Postgres(lease) => lease.execute_each(query, rows).await,
        };
        self.note(done)
    }

    /// Runs a statement and returns its rows.
    pub(crate) async fn rows(&mut self, query: &Query, values: &[Value]) -> Result<Vec<Row>> {
        let rows = match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::rows(connection, query, values),
            Connection::Postgres(lease) => lease.rows(query, values).await,
        };
        self.note(rows)
    }

    /// Runs a statement once for each row of values and returns all rows, those of the first
    /// values first unless PostgreSQL runs them as one set.
    pub(crate) async fn rows_each(
        &mut self,
        query: &Query,
        rows: &[Vec<Value>],
    ) -> Result<Vec<Row>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let rows = match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::rows_each(connection, query, rows),
            Connection::Postgres(lease) => lease.rows_each(query, rows).await,
        };
        self.note(rows)
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
            Connection::Sqlite(connection) => sqlite::script(connection, sqlite),
            Connection::Postgres(lease) => lease.script(postgres).await,
        };
        self.note(done)
    }

    /// Gives a transaction that is long by nature the time that it takes: on PostgreSQL others are ended
    /// after some seconds. Not for one whose changes are followed by number.
    pub(crate) async fn take_time(&mut self) -> Result<()> {
        let done = match &mut self.connection {
            // Its one writer does nothing else meanwhile, and nobody follows it.
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(lease) => lease.take_time().await,
        };
        self.note(done)
    }

    fn note<T>(&mut self, outcome: Result<T, Trouble>) -> Result<T> {
        outcome.map_err(|trouble| {
            let error = match &trouble {
                Trouble::Refused(error) | Trouble::Lost(error) => error.clone(),
                Trouble::Collided => StoreError::Busy("transactions kept colliding".to_owned()),
            };
            // The first one explains the others.
            self.trouble.get_or_insert(trouble);
            error
        })
    }
}
