//! The one writer of a SQLite file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::log::Log;
use super::{PATIENCE, run};
use crate::database::{Connection, Fullness, Transaction, Trouble, Work, error};
use crate::{Result, StoreError};

/// How many transactions share a commit at most; bounds how long the first of them waits.
const MOST_TOGETHER: usize = 256;
/// How many transactions may wait before callers are held back, and after some seconds refused.
const LONGEST_QUEUE: usize = 1024;

/// Writes, one group of transactions after the other. Ends with what it is asked last, and closes
/// the file.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread of a connection that writes.
    pub(super) fn start(
        connection: rusqlite::Connection,
        log: Log,
        fullness: Arc<Fullness>,
    ) -> Result<Self> {
        let (queue, waiting) = mpsc::channel(LONGEST_QUEUE);
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_together(connection, log, waiting, &fullness))
            .map_err(|error| StoreError::Database(format!("no thread for the writer: {error}")))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// How many transactions wait, apart from those that are being committed.
    pub(super) fn queue_length(&self) -> usize {
        let queue = self.queue.as_ref();
        queue.map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    pub(super) async fn write<A, T, E>(
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
        let gone = || E::from(StoreError::Unreachable("the writer has stopped".to_owned()));
        let (answer, answered) = oneshot::channel();
        let job = Waiting {
            arguments,
            work,
            since: Instant::now(),
            runs: 0,
            outcome: None,
            answer,
        };
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        let queued = queue.send_timeout(Box::new(job), PATIENCE).await;
        queued.map_err(|refused| match refused {
            SendTimeoutError::Timeout(_) => busy().into(),
            SendTimeoutError::Closed(_) => gone(),
        })?;
        let (answer, runs) = answered.await.map_err(|_| gone())?;
        *repeats += runs.saturating_sub(1);
        answer
    }
}

impl Drop for Writer {
    /// Waits for what was asked before, so that the file is closed and its log written back.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the database ended by a panic");
        }
    }
}

/// A transaction in the queue, whatever it takes and returns.
trait Job: Send {
    /// Whether it has waited for longer than its caller is patient.
    fn is_late(&self) -> bool;
    /// Runs the work and keeps its outcome; `false` if it is to be undone.
    fn run(&mut self, transaction: &mut Transaction) -> bool;
    /// Answers the caller, after the commit.
    fn answer(self: Box<Self>, committed: &Result<()>);
}

struct Waiting<A, T, E> {
    arguments: A,
    work: Work<A, T, E>,
    since: Instant,
    /// How often its turn came.
    runs: u32,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<(Result<T, E>, u32)>,
}

impl<A, T, E> Job for Waiting<A, T, E>
where
    A: Send + Sync,
    T: Send,
    E: From<StoreError> + Send,
{
    fn is_late(&self) -> bool {
        self.since.elapsed() > PATIENCE
    }

    fn run(&mut self, transaction: &mut Transaction) -> bool {
        if self.answer.is_closed() {
            // The caller has gone before its turn came.
            return false;
        }
        // Work that panics must not stop the writer. The transaction holds nothing but the
        // connection, and the savepoint undoes what the work did.
        self.runs += 1;
        let (arguments, work) = (&self.arguments, self.work);
        let outcome = catch_unwind(AssertUnwindSafe(|| run(transaction, arguments, work)));
        let outcome = outcome.unwrap_or_else(|_| {
            let why = "the write panicked and was undone".to_owned();
            Err(StoreError::Database(why).into())
        });
        let outcome = match (outcome, &transaction.trouble) {
            // The work went on although a statement had failed.
            (Ok(_), Some(Trouble::Refused(error))) => Err(error.clone().into()),
            (outcome, _) => outcome,
        };
        let is_done = outcome.is_ok();
        self.outcome = Some(outcome);
        is_done
    }

    fn answer(self: Box<Self>, committed: &Result<()>) {
        let answer = match (self.outcome, committed) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.clone().into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Database("the write was not run".to_owned()).into()),
        };
        // First, so that who is answered finds that nobody holds the arguments any more.
        drop(self.arguments);
        // A caller that has gone away needs no answer.
        drop(self.answer.send((answer, self.runs)));
    }
}

fn busy() -> StoreError {
    StoreError::Busy("too many writes wait for their turn".to_owned())
}

fn write_together(
    connection: rusqlite::Connection,
    mut log: Log,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    fullness: &Fullness,
) {
    Log::watch(&connection);
    let mut transaction = Transaction::new(Connection::Sqlite(connection));
    let mut jobs = Vec::new();
    while waiting.blocking_recv_many(&mut jobs, MOST_TOGETHER) > 0 {
        // Refused, so that the queue grows no older than its callers are patient.
        for late in jobs.extract_if(.., |job| job.is_late()) {
            late.answer(&Err(busy()));
        }
        if jobs.is_empty() {
            continue;
        }
        let committed = commit_all(&mut transaction, &mut jobs);
        if let Err(error) = &committed {
            // A full disk meets every commit.
            if *error != StoreError::DiskFull || fullness.note() {
                let transactions = jobs.len();
                tracing::error!(transactions, %error, "a commit failed and was undone");
            }
            // SQLite may have rolled back already; then there is nothing to undo.
            drop(control(&transaction, "ROLLBACK"));
        }
        for job in jobs.drain(..) {
            job.answer(&committed);
        }
        log.tend(&transaction);
    }
}

/// Runs the transactions and commits them. An error means that none of them took place.
///
/// Savepoints cost a copy of every page that is changed, and few transactions are to be undone: they
/// run without, and only if one that has written fails do all run again, each in a savepoint.
fn commit_all(transaction: &mut Transaction, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    control(transaction, "BEGIN IMMEDIATE")?;
    if !run_all(transaction, jobs)? {
        control(transaction, "ROLLBACK")?;
        control(transaction, "BEGIN IMMEDIATE")?;
        run_each_in_a_savepoint(transaction, jobs)?;
    }
    control(transaction, "COMMIT")
}

/// Runs the transactions one after the other; stops with `false` at one that is to be undone.
fn run_all(transaction: &mut Transaction, jobs: &mut [Box<dyn Job>]) -> Result<bool> {
    for job in jobs {
        let before = rows_written(transaction);
        let is_done = run_one(transaction, job)?;
        if !is_done && rows_written(transaction) != before {
            return Ok(false);
        }
    }
    Ok(true)
}

fn run_each_in_a_savepoint(transaction: &mut Transaction, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    for job in jobs {
        control(transaction, "SAVEPOINT work")?;
        if !run_one(transaction, job)? {
            control(transaction, "ROLLBACK TO work")?;
        }
        control(transaction, "RELEASE work")?;
    }
    Ok(())
}

fn run_one(transaction: &mut Transaction, job: &mut Box<dyn Job>) -> Result<bool> {
    transaction.trouble = None;
    let is_done = job.run(transaction);
    match transaction.trouble.take() {
        Some(Trouble::Lost(error)) => Err(error),
        _ => Ok(is_done),
    }
}

/// How many rows the connection has ever written, undone or not. What changes the schema counts by the
/// row with the version that goes with it (`schema::apply`).
fn rows_written(transaction: &Transaction) -> u64 {
    match &transaction.connection {
        Connection::Sqlite(connection) => connection.total_changes(),
        Connection::Postgres(_) => 0,
    }
}

pub(super) fn control(transaction: &Transaction, statement: &'static str) -> Result<()> {
    let Connection::Sqlite(connection) = &transaction.connection else {
        return Err(StoreError::Database(
            "this connection is to SQLite".to_owned(),
        ));
    };
    let run = || connection.prepare_cached(statement)?.execute([]);
    run().map(drop).map_err(|error| error::of_sqlite(&error))
}
