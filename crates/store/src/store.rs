//! [`Store`]: opens one of the two databases and runs transactions on it.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use domain::{IdSource, Timestamp};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::database::{Database, Transaction, Work, error, postgres, schema, sqlite};
use crate::queries::{HEALTH, NOW};
use crate::transaction_counts::{TransactionCounts, TransactionFigures};
use crate::{Result, StoreError};

/// The record in a SQLite file or on a PostgreSQL server.
pub struct Store {
    database: Database,
    counts: TransactionCounts,
}

/// How the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `sqlite` or `postgresql`, with version.
    pub engine: String,
    /// Schema version.
    pub schema: i64,
    /// Bytes on disk, if known.
    pub bytes: Option<u64>,
    /// Whether it only follows another server and takes no writes.
    pub is_standby: bool,
}

impl Store {
    /// The newest schema version this program knows.
    pub const NEWEST_SCHEMA: i64 = schema::NEWEST;

    /// Opens a database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. `randomness`
    /// spreads repeated transactions in time.
    ///
    /// # Errors
    /// [`StoreError::NotMigrated`] or [`StoreError::HalfMigrated`] if [`Self::migrate`] must come
    /// first; [`StoreError::NewerSchema`], with the database untouched; [`StoreError::BadAddress`];
    /// [`StoreError::Unreachable`].
    pub async fn open(url: &str, randomness: &dyn IdSource) -> Result<Self> {
        let database = match Address::read(url)? {
            Address::Sqlite(path) => {
                look(path, schema::Found::NOTHING, |tx, ()| {
                    Box::pin(schema::find(tx))
                })?
                .check()?;
                Database::Sqlite(sqlite::SqliteDatabase::open(path)?)
            }
            Address::Postgres(url) => {
                let database = postgres::PostgresDatabase::open(url, randomness).await?;
                let database = Database::Postgres(database);
                let found = database.read((), |tx, ()| Box::pin(schema::find(tx)));
                found.await?.check()?;
                database
            }
        };
        Ok(Self::of(database))
    }

    /// Opens a database as [`Self::open`] does and first brings its schema up to date. Makes the
    /// SQLite file if there is none, readable by its owner only.
    ///
    /// # Errors
    /// As [`Self::open`], and [`StoreError::DiskFull`].
    pub async fn migrate(url: &str, randomness: &dyn IdSource) -> Result<Self> {
        let database = match Address::read(url)? {
            Address::Sqlite(path) => {
                schema::refuse_newer(sqlite_version(path)?)?;
                create(path).map_err(|error| error::of_file(path, &error))?;
                Database::Sqlite(sqlite::SqliteDatabase::open(path)?)
            }
            Address::Postgres(url) => {
                Database::Postgres(postgres::PostgresDatabase::open(url, randomness).await?)
            }
        };
        schema::migrate(&database).await?;
        Ok(Self::of(database))
    }

    fn of(database: Database) -> Self {
        Self {
            database,
            counts: TransactionCounts::default(),
        }
    }

    /// The schema version of the database at `url` without opening it for work; 0 if there is no
    /// database or it was never migrated. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::BadAddress`]; [`StoreError::Unreachable`].
    pub async fn schema_version(url: &str, randomness: &dyn IdSource) -> Result<i64> {
        match Address::read(url)? {
            Address::Sqlite(path) => sqlite_version(path),
            Address::Postgres(url) => {
                let database = postgres::PostgresDatabase::open(url, randomness).await?;
                schema::version_of(&Database::Postgres(database)).await
            }
        }
    }

    /// Copies one snapshot of an embedded database to a file that is empty or absent; writers go
    /// on. Its schema does not matter.
    ///
    /// # Errors
    /// [`StoreError::BadAddress`] of a server, which has tools of its own; [`StoreError::Unreachable`];
    /// [`StoreError::DiskFull`].
    pub fn copy_file(url: &str, to: &Path) -> Result<()> {
        match Address::read(url)? {
            Address::Sqlite(path) => sqlite::copy(path, to),
            Address::Postgres(_) => Err(StoreError::BadAddress),
        }
    }

    /// Runs `work` with its arguments in a transaction named `name`. Durable when it returns
    /// (invariant 6); with nothing changed if it fails. It is run again as a whole when it collides
    /// with another, so it must do nothing but read, compute and write rows.
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Busy`] if it collided too often, waited for too long or took over
    /// eight seconds on PostgreSQL; [`StoreError::Unreachable`],
    /// after which the transaction may or may not have taken place: ask again, with a receipt.
    pub async fn transaction<A, T, E>(
        &self,
        name: &'static str,
        arguments: A,
        work: Work<A, T, E>,
    ) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = tracing::debug_span!("transaction", name);
        let (begun, mut repeats) = (Instant::now(), 0);
        let write = self.database.write(arguments, work, &mut repeats);
        let outcome = write.instrument(span).await;
        let took = begun.elapsed();
        self.counts.note(name, outcome.is_ok(), repeats, took);
        outcome
    }

    /// Runs `work`, which only reads, with its arguments, under a name as [`Self::transaction`]. Each
    /// statement sees what was committed before it, and takes half a minute at most.
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Busy`]; [`StoreError::Unreachable`].
    pub async fn read<A, T, E>(
        &self,
        name: &'static str,
        arguments: A,
        work: Work<A, T, E>,
    ) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = tracing::debug_span!("read", name);
        let begun = Instant::now();
        let outcome = self.database.read(arguments, work).instrument(span).await;
        self.counts.note(name, outcome.is_ok(), 0, begun.elapsed());
        outcome
    }

    /// Runs `work`, which only reads, as [`Self::read`]; but all its statements see one snapshot of
    /// the record. For what must fit together and is too much for one statement: until it is done
    /// it holds a connection, and the database keeps what others overwrite.
    ///
    /// # Errors
    /// Those of `work`; [`StoreError::Unreachable`].
    pub async fn snapshot<A, T, E>(
        &self,
        name: &'static str,
        arguments: A,
        work: Work<A, T, E>,
    ) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = tracing::debug_span!("snapshot", name);
        let begun = Instant::now();
        let read = self.database.snapshot(arguments, work);
        let outcome = read.instrument(span).await;
        self.counts.note(name, outcome.is_ok(), 0, begun.elapsed());
        outcome
    }

    /// Whether the database answers, its schema version and size.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if it does not.
    pub async fn health(&self) -> Result<Health> {
        let engine = match self.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgresql",
        };
        let work: Work<&'static str, Health> = |tx, engine| Box::pin(health(tx, engine));
        self.read("health", engine, work).await
    }

    /// How many writes (on PostgreSQL transactions) wait for their turn now.
    pub fn queue_length(&self) -> usize {
        self.database.queue_length()
    }

    /// How each transaction fared since the store was opened, in order of name. Those whose caller left
    /// are not counted.
    pub fn transactions(&self) -> Vec<TransactionFigures> {
        self.counts.figures()
    }

    /// Bytes that are free on the disk of an embedded database, where the system says so; a server's
    /// disk is the server's to watch. Asks the system.
    pub fn free_bytes(&self) -> Option<u64> {
        match &self.database {
            Database::Sqlite(database) => database.free_bytes(),
            Database::Postgres(_) => None,
        }
    }

    /// Whether a write met a full disk within the last half minute.
    pub fn is_full(&self) -> bool {
        self.database.is_full()
    }

    /// The time of the database's own clock, to a millisecond; on SQLite this machine's.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if it does not answer.
    pub async fn time(&self) -> Result<Timestamp> {
        self.read("time", (), |tx, ()| Box::pin(now(tx))).await
    }

    /// The first thing that is wrong with the database file, if anything is; reads all of it. A
    /// server's files are the server's to check.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`]; [`StoreError::Database`].
    pub async fn damage(&self) -> Result<Option<String>> {
        match &self.database {
            Database::Sqlite(database) => database.damage().await,
            Database::Postgres(_) => Ok(None),
        }
    }
}

async fn health(tx: &mut Transaction, engine: &str) -> Result<Health> {
    let row = tx.one_row(&HEALTH, &[]).await?;
    Ok(Health {
        engine: format!("{engine} {}", row.text(0)?),
        bytes: row.int_or_null(1)?.and_then(|bytes| bytes.try_into().ok()),
        is_standby: row.int(2)? != 0,
        schema: schema::version(tx).await?,
    })
}

async fn now(tx: &mut Transaction) -> Result<Timestamp> {
    let row = tx.one_row(&NOW, &[]).await?;
    Timestamp::from_millisecond(row.int(0)?).map_err(|error| row.corrupt(0, error))
}

enum Address<'a> {
    Sqlite(&'a Path),
    Postgres(&'a str),
}

impl<'a> Address<'a> {
    fn read(url: &'a str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // A database in memory is a different one for each connection.
            return match path {
                "" | ":memory:" => Err(StoreError::BadAddress),
                path => Ok(Self::Sqlite(Path::new(path))),
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url));
        }
        Err(StoreError::BadAddress)
    }
}

/// Looks at the version without changing the file or making one.
fn sqlite_version(path: &Path) -> Result<i64> {
    look(path, 0, |tx, ()| Box::pin(schema::version(tx)))
}

/// Looks at a file without changing it; `absent` if there is none.
fn look<T>(path: &Path, absent: T, work: Work<(), T>) -> Result<T> {
    let is_there = path.try_exists();
    if !is_there.map_err(|error| error::of_file(path, &error))? {
        return Ok(absent);
    }
    sqlite::look(path, &(), work)
}

fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod full_disk;
