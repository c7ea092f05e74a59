//! SQLite: one writer that commits waiting writes together, and a pool of readers.
//!
//! With `synchronous=FULL` a commit waits for the disk. Writes that arrive while the disk is busy
//! wait in a queue and share the next commit, each in a savepoint of its own so that one that
//! fails takes no other with it. A write is answered only after the commit.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection as _, Sqlite, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::{Connection, Session, Work, error};
use crate::{Result, StoreError};

/// How many writes share a commit at most; bounds how long the first of them waits.
const MOST_TOGETHER: usize = 256;
/// How many writes may wait before callers are held back.
const LONGEST_QUEUE: usize = 1024;
/// How many connections read at once.
const READERS: u32 = 4;
/// How long a connection waits for another program that has the file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// An open database file.
pub(crate) struct SqliteDatabase {
    queue: mpsc::Sender<Box<dyn Job>>,
    readers: SqlitePool,
}

impl SqliteDatabase {
    /// Opens a file whose schema was checked, and starts the writer.
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let writer = connect(path).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options(path).read_only(true))
            .await
            .map_err(error::read)?;
        let (queue, waiting) = mpsc::channel(LONGEST_QUEUE);
        tokio::spawn(write_together(writer, waiting));
        Ok(Self { queue, readers })
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        self.readers.acquire().await.map_err(error::read)
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
pub(crate) async fn connect(path: &Path) -> Result<SqliteConnection> {
    let options = options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);
    SqliteConnection::connect_with(&options)
        .await
        .map_err(error::read)
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

async fn write_together(writer: SqliteConnection, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    let mut session = Session::new(Connection::Sqlite(writer));
    let mut jobs = Vec::new();
    while waiting.recv_many(&mut jobs, MOST_TOGETHER).await > 0 {
        let committed = commit_all(&mut session, &mut jobs).await;
        if let Err(error) = &committed {
            tracing::error!(writes = jobs.len(), %error, "a commit failed and was undone");
            // SQLite may have rolled back already; then there is nothing to undo.
            drop(control(&mut session, "ROLLBACK").await);
        }
        for job in jobs.drain(..) {
            job.answer(&committed);
        }
    }
}

/// Runs the writes and commits them. An error means that none of them took place.
async fn commit_all(session: &mut Session, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    control(session, "BEGIN IMMEDIATE").await?;
    for job in jobs {
        control(session, "SAVEPOINT write").await?;
        match job.run(session).await {
            Ok(()) => control(session, "RELEASE write").await?,
            // These end the transaction in SQLite, savepoints and all.
            Err(error @ (StoreError::DiskFull | StoreError::Unreachable(_))) => return Err(error),
            Err(_) => {
                control(session, "ROLLBACK TO write").await?;
                control(session, "RELEASE write").await?;
            }
        }
    }
    control(session, "COMMIT").await
}

async fn control(session: &mut Session, statement: &'static str) -> Result<()> {
    let Connection::Sqlite(connection) = &mut session.connection else {
        return Err(StoreError::Database("a reader cannot write".to_owned()));
    };
    sqlx::query(statement)
        .execute(connection)
        .await
        .map(drop)
        .map_err(error::read)
}
