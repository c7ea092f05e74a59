//! SQLite: one writer that commits waiting transactions together, and connections that read.
//!
//! With `synchronous=FULL` a commit waits for the disk. Transactions that arrive while the disk is
//! busy wait in a queue and share the next commit; one that fails is undone and takes no other with
//! it. A caller is answered only after the commit, or refused if its turn does not come within some
//! seconds.
//!
//! The writer has a thread of its own; what reads runs on the threads that tokio keeps for blocking
//! work.

mod log;
mod statements;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::Semaphore;

use self::log::Log;
pub(super) use self::statements::{execute, execute_each, rows, rows_each, script};
use self::writer::{Writer, control};
use super::{Connection, Fullness, Transaction, Work, error};
use crate::queries::QUICK_CHECK;
use crate::{Result, StoreError};

/// How many connections read at once.
const READERS: usize = 4;
/// How long a connection waits for another program that has the file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a caller waits for its turn before the database counts as busy.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many statements a connection keeps prepared; more than there are.
const PREPARED: usize = 256;
/// How long the write-ahead log stays after it was written back and begun anew, in bytes.
const LOG_SIZE: i64 = 64 << 20;
/// How many KiB of pages the writer keeps in memory; the pages that one commit touches should fit,
/// else they are written twice.
const WRITER_CACHE_KIB: i64 = 64 << 10;

/// An open database file.
pub(crate) struct SqliteDatabase {
    // Dropped first: the last connection to close writes the log back, and one that only reads
    // cannot.
    readers: Arc<Readers>,
    writer: Writer,
    fullness: Arc<Fullness>,
}

struct Readers {
    path: PathBuf,
    free: Mutex<Vec<rusqlite::Connection>>,
    permits: Arc<Semaphore>,
}

impl SqliteDatabase {
    /// Opens a file whose schema was checked, and starts the writer.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let log = Log::new(connect(path, Purpose::Write)?)?;
        let fullness = Arc::new(Fullness::default());
        let noted = Arc::clone(&fullness);
        let writer = Writer::start(connect(path, Purpose::Write)?, log, noted)?;
        let readers = Arc::new(Readers {
            path: path.to_owned(),
            free: Mutex::default(),
            permits: Arc::new(Semaphore::new(READERS)),
        });
        Ok(Self {
            readers,
            writer,
            fullness,
        })
    }

    /// How many writes wait for the writer.
    pub(crate) fn queue_length(&self) -> usize {
        self.writer.queue_length()
    }

    /// Bytes that are free on the disk of the file.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        free_bytes(self.readers.path.parent()?)
    }

    /// Whether a recent write met a full disk.
    pub(crate) fn is_full(&self) -> bool {
        self.fullness.is_full()
    }

    /// The first thing that is wrong with the file, if anything is. Reads all of it.
    pub(crate) async fn damage(&self) -> Result<Option<String>> {
        let check = self.read((), |tx, ()| Box::pin(tx.one_row(&QUICK_CHECK, &[])));
        let first = check.await?.text(0)?;
        Ok((first != "ok").then_some(first))
    }

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
        self.writer.write(arguments, work, repeats).await
    }

    pub(crate) async fn read<A, T, E>(&self, arguments: A, work: Work<A, T, E>) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.read_on(arguments, Readers::read, work).await
    }

    /// Holds a connection and what the log was then until `work` is done.
    pub(crate) async fn snapshot<A, T, E>(&self, arguments: A, work: Work<A, T, E>) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.read_on(arguments, Readers::snapshot, work).await
    }

    async fn read_on<A, T, E>(
        &self,
        arguments: A,
        read: Reading<A, T, E>,
        work: Work<A, T, E>,
    ) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let stopped = |why: String| E::from(StoreError::Database(why));
        let permit = Arc::clone(&self.readers.permits).acquire_owned();
        let Ok(permit) = tokio::time::timeout(PATIENCE, permit).await else {
            let why = "every connection that reads is at work".to_owned();
            return Err(StoreError::Busy(why).into());
        };
        let permit = permit.map_err(|error| stopped(error.to_string()))?;
        let readers = Arc::clone(&self.readers);
        let done = tokio::task::spawn_blocking(move || {
            let outcome = read(&readers, &arguments, work);
            drop(permit);
            outcome
        });
        done.await.map_err(|error| stopped(error.to_string()))?
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    // The folder of a file that is named alone.
    let folder = if folder == Path::new("") {
        Path::new(".")
    } else {
        folder
    };
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// A way of reading: with a connection of its own, a function and what it is called with.
type Reading<A, T, E> = fn(&Readers, &A, Work<A, T, E>) -> Result<T, E>;

impl Readers {
    fn read<A, T, E>(&self, arguments: &A, work: Work<A, T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut transaction = self.transaction()?;
        let outcome = run(&mut transaction, arguments, work);
        self.give_back(transaction);
        outcome
    }

    fn snapshot<A, T, E>(&self, arguments: &A, work: Work<A, T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut transaction = self.transaction()?;
        control(&transaction, "BEGIN")?;
        let outcome = run(&mut transaction, arguments, work);
        // One that does not end is closed.
        if control(&transaction, "COMMIT").is_ok() {
            self.give_back(transaction);
        }
        outcome
    }

    fn transaction(&self) -> Result<Transaction> {
        let free = self.free().pop();
        let connection = match free {
            Some(connection) => connection,
            None => connect(&self.path, Purpose::Read)?,
        };
        Ok(Transaction::new(Connection::Sqlite(connection)))
    }

    fn give_back(&self, transaction: Transaction) {
        if let (Connection::Sqlite(connection), None) =
            (transaction.connection, transaction.trouble)
        {
            self.free().push(connection);
        }
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<rusqlite::Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs work to its end. On a connection to SQLite every statement is done when it returns, so no
/// work ever waits.
fn run<A, T, E: From<StoreError>>(
    transaction: &mut Transaction,
    arguments: &A,
    work: Work<A, T, E>,
) -> Result<T, E> {
    let waited = || StoreError::Database("work on SQLite waited for something else".to_owned());
    let done = work(transaction, arguments).now_or_never();
    done.unwrap_or_else(|| Err(waited().into()))
}

/// What a connection is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Looks, and changes nothing, not even the way in which the file is written.
    Look,
    Read,
    Write,
}

/// Opens a connection; creates nothing.
fn connect(path: &Path, purpose: Purpose) -> Result<rusqlite::Connection> {
    use rusqlite::OpenFlags;

    let access = match purpose {
        Purpose::Look | Purpose::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Purpose::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let open = || {
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        if purpose == Purpose::Write {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "journal_size_limit", LOG_SIZE)?;
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
            // What a savepoint may have to undo; in a file by default once it is over 64 KiB.
            connection.pragma_update(None, "temp_store", "MEMORY")?;
        }
        Ok(connection)
    };
    open().map_err(|error| error::of_sqlite(&error))
}

/// Runs work that only looks, on a connection of its own that changes nothing.
pub(crate) fn look<A, T>(path: &Path, arguments: &A, work: Work<A, T>) -> Result<T> {
    let connection = match is_at_rest(path) {
        true => connect_at_rest(path)?,
        false => connect(path, Purpose::Look)?,
    };
    let mut transaction = Transaction::new(Connection::Sqlite(connection));
    run(&mut transaction, arguments, work)
}

/// Copies one snapshot of a file: writers go on meanwhile.
pub(crate) fn copy(path: &Path, to: &Path) -> Result<()> {
    let connection = connect(path, Purpose::Look)?;
    let to = to.to_str().ok_or(StoreError::BadAddress)?;
    let copied = connection.execute("VACUUM INTO ?1", [to]);
    copied.map(|_| ()).map_err(|error| error::of_sqlite(&error))
}

/// Whether nobody has a file open, nor died with it open: its log would lie beside it.
fn is_at_rest(path: &Path) -> bool {
    ["-wal", "-journal"].iter().all(|end| {
        let mut beside = path.as_os_str().to_owned();
        beside.push(end);
        matches!(Path::new(&beside).try_exists(), Ok(false))
    })
}

/// Opens a file that is at rest without a log and without locks, which would leave files beside it.
/// A writer that begins meanwhile writes to a log first and leaves the file as it is.
fn connect_at_rest(path: &Path) -> Result<rusqlite::Connection> {
    use rusqlite::OpenFlags;

    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let opened =
        rusqlite::Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    opened.map_err(|error| error::of_sqlite(&error))
}
