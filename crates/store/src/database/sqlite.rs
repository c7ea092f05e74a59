//! SQLite: one writer that commits waiting writes together, and a pool of readers.
//!
//! With `synchronous=FULL` a commit waits for the disk. Writes that arrive while the disk is busy
//! wait in a queue and share the next commit, each in a savepoint of its own so that one that
//! fails takes no other with it. A write is answered only after the commit.
//!
//! The writer has a thread of its own and talks to SQLite directly: a write makes some ten
//! statements, and handing each of them to another thread would cost more than the statement.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::thread;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection as _, Sqlite, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::{Connection, Row, Session, Value, Work, error};
use crate::queries::Query;
use crate::{Result, StoreError};

/// How many writes share a commit at most; bounds how long the first of them waits.
const MOST_TOGETHER: usize = 256;
/// How many writes may wait before callers are held back.
const LONGEST_QUEUE: usize = 1024;
/// How many connections read at once.
const READERS: u32 = 4;
/// How long a connection waits for another program that has the file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many statements the writer keeps prepared; more than there are.
const PREPARED: usize = 256;

/// An open database file.
pub(crate) struct SqliteDatabase {
    queue: mpsc::Sender<Box<dyn Job>>,
    readers: SqlitePool,
}

impl SqliteDatabase {
    /// Opens a file whose schema was checked, and starts the writer.
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let writer = connect(path)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options(path).read_only(true))
            .await
            .map_err(error::read)?;
        let (queue, waiting) = mpsc::channel(LONGEST_QUEUE);
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_together(writer, waiting))
            .map_err(|error| StoreError::Database(format!("no thread for the writer: {error}")))?;
        Ok(Self { queue, readers })
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        self.readers.acquire().await.map_err(error::read)
    }

    /// The first thing that is wrong with the file, if anything is. Reads all of it.
    pub(crate) async fn damage(&self) -> Result<Option<String>> {
        let mut reader = self.reader().await?;
        let check = sqlx::query_scalar("PRAGMA quick_check(1)");
        let first: String = check.fetch_one(&mut *reader).await.map_err(error::read)?;
        Ok((first != "ok").then_some(first))
    }

    pub(crate) async fn write<A, T>(&self, arguments: A, work: Work<A, T>) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let gone = || StoreError::Unreachable("the writer has stopped".to_owned());
        let (answer, answered) = oneshot::channel();
        let job = Waiting {
            arguments,
            work,
            outcome: None,
            answer,
        };
        self.queue.send(Box::new(job)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// Opens the connection that writes; creates nothing.
fn connect(path: &Path) -> Result<rusqlite::Connection> {
    let flags =
        rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let writer = rusqlite::Connection::open_with_flags(path, flags)?;
        writer.busy_timeout(BUSY_TIMEOUT)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.pragma_update(None, "foreign_keys", true)?;
        writer.set_prepared_statement_cache_capacity(PREPARED);
        Ok(writer)
    };
    open().map_err(|error| error::read_written(&error))
}

/// Runs a statement; returns how many rows it wrote.
pub(super) fn execute(
    writer: &rusqlite::Connection,
    query: &Query,
    values: &[Value],
) -> Result<u64> {
    let run = || {
        let mut statement = writer.prepare_cached(query.sqlite)?;
        bind(&mut statement, values)?;
        statement.raw_execute()
    };
    run()
        .map(|rows| rows as u64)
        .map_err(|error| error::read_written(&error))
}

/// Runs a statement and returns its rows.
pub(super) fn rows(
    writer: &rusqlite::Connection,
    query: &Query,
    values: &[Value],
) -> Result<Vec<Row>> {
    let run = || {
        let mut statement = writer.prepare_cached(query.sqlite)?;
        let columns = statement.column_count();
        bind(&mut statement, values)?;
        let mut rows = statement.raw_query();
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let cells: rusqlite::Result<Vec<_>> = (0..columns).map(|c| row.get(c)).collect();
            read.push(Row::written(cells?, query.name));
        }
        Ok(read)
    };
    run().map_err(|error| error::read_written(&error))
}

/// Gives `$1`, `$2`, … their values. SQLite takes these for names and numbers them in order of
/// appearance, so that each is looked up.
fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for (value, number) in values.iter().zip(1..) {
        if let Some(place) = statement.parameter_index(&format!("${number}"))? {
            statement.raw_bind_parameter(place, value)?;
        }
    }
    Ok(())
}

/// Runs many statements without values.
pub(super) fn script(writer: &rusqlite::Connection, statements: &str) -> Result<()> {
    writer
        .execute_batch(statements)
        .map_err(|error| error::read_written(&error))
}

/// Opens a connection that changes nothing, not even the way the file is written.
pub(crate) async fn look_into(path: &Path) -> Result<SqliteConnection> {
    let options = options(path).read_only(true);
    SqliteConnection::connect_with(&options)
        .await
        .map_err(error::read)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// A write in the queue, whatever it takes and returns.
trait Job: Send {
    /// Runs the write and keeps its outcome; `Err` only says how it failed.
    fn run<'a>(&'a mut self, session: &'a mut Session) -> BoxFuture<'a, Result<()>>;
    /// Answers the caller, after the commit.
    fn answer(self: Box<Self>, committed: &Result<()>);
}

struct Waiting<A, T> {
    arguments: A,
    work: Work<A, T>,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<A: Send + Sync, T: Send> Job for Waiting<A, T> {
    fn run<'a>(&'a mut self, session: &'a mut Session) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let work = AssertUnwindSafe((self.work)(session, &self.arguments)).catch_unwind();
            // A judge that panics must not stop the writer. The session holds nothing but the
            // connection, and the savepoint undoes what the write did.
            let outcome = work.await.unwrap_or_else(|_| {
                Err(StoreError::Database(
                    "the write panicked and was undone".to_owned(),
                ))
            });
            let said = outcome.as_ref().map(|_| ()).map_err(StoreError::clone);
            self.outcome = Some(outcome);
            said
        })
    }

    fn answer(self: Box<Self>, committed: &Result<()>) {
        let answer = match (self.outcome, committed) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.clone()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Database("the write was not run".to_owned())),
        };
        // A caller that has gone away needs no answer.
        drop(self.answer.send(answer));
    }
}

fn write_together(writer: rusqlite::Connection, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    let mut session = Session::new(Connection::SqliteWriter(writer));
    let mut jobs = Vec::new();
    while waiting.blocking_recv_many(&mut jobs, MOST_TOGETHER) > 0 {
        let committed = commit_all(&mut session, &mut jobs);
        if let Err(error) = &committed {
            tracing::error!(writes = jobs.len(), %error, "a commit failed and was undone");
            // SQLite may have rolled back already; then there is nothing to undo.
            drop(control(&mut session, "ROLLBACK"));
        }
        for job in jobs.drain(..) {
            job.answer(&committed);
        }
    }
}

/// Runs the writes and commits them. An error means that none of them took place.
fn commit_all(session: &mut Session, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    control(session, "BEGIN IMMEDIATE")?;
    for job in jobs {
        control(session, "SAVEPOINT write")?;
        // On this connection every statement is done when it returns, so no write ever waits.
        let done = job.run(session).now_or_never();
        match done.unwrap_or_else(|| Err(StoreError::Database("a write waited".to_owned()))) {
            Ok(()) => control(session, "RELEASE write")?,
            // These end the transaction in SQLite, savepoints and all.
            Err(error @ (StoreError::DiskFull | StoreError::Unreachable(_))) => return Err(error),
            Err(_) => {
                control(session, "ROLLBACK TO write")?;
                control(session, "RELEASE write")?;
            }
        }
    }
    control(session, "COMMIT")
}

fn control(session: &mut Session, statement: &'static str) -> Result<()> {
    let Connection::SqliteWriter(writer) = &session.connection else {
        return Err(StoreError::Database("a reader cannot write".to_owned()));
    };
    let run = || writer.prepare_cached(statement)?.execute([]);
    run().map(drop).map_err(|error| error::read_written(&error))
}
