//! The write-ahead log of a SQLite file: written back while the writer goes on, and cut.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::BUSY_TIMEOUT;
use crate::database::{Connection, Transaction};
use crate::{Result, StoreError};

/// How many pages the log grows before it is written back once more.
const STEP: u32 = 4096;
/// How many pages the log may hold before the writer stops to begin it anew: 63 MiB of 4 KiB each.
const LONGEST: u32 = 16_000;

thread_local! {
    /// How many pages the log held after the last commit of the connection of this thread.
    static PAGES: Cell<u32> = const { Cell::new(0) };
}

/// Keeps the log short. Most of it is written back on a thread of its own, on the other core; the
/// writer waits for the rest of it only when it begins the log anew.
pub(super) struct Log {
    /// How many pages it held when it was last written back.
    written_back: u32,
    /// Whether a reader kept it from being begun anew, so that it grew on: then it is cut as well.
    is_kept: bool,
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Log {
    /// The log of a file; `connection` is one more connection to it that writes.
    pub(super) fn new(connection: rusqlite::Connection) -> Result<Self> {
        let (wake, woken) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("sqlite-checkpoints".to_owned())
            .spawn(move || write_back(&connection, &woken))
            .map_err(|error| StoreError::Database(format!("no thread for the log: {error}")))?;
        Ok(Self {
            written_back: 0,
            is_kept: false,
            wake: Some(wake),
            thread: Some(thread),
        })
    }

    /// Has the connection tell this thread how long the log is after each commit.
    pub(super) fn watch(connection: &rusqlite::Connection) {
        connection.wal_hook(Some(|_, pages| {
            PAGES.set(pages.unsigned_abs());
            Ok(())
        }));
    }

    /// Looks after a commit whether something is to be done. On the thread that committed.
    pub(super) fn tend(&mut self, writer: &Transaction) {
        let pages = PAGES.get();
        // Once all of it is written back and nobody reads it, SQLite begins it anew by itself.
        self.written_back = self.written_back.min(pages);
        if pages >= LONGEST {
            self.begin_anew(writer);
        } else if pages >= self.written_back + STEP {
            self.written_back = pages;
            if let Some(wake) = &self.wake {
                // If it is at work still, it is asked again after another step.
                let _is_asked = wake.try_send(());
            }
        }
    }

    /// Writes the rest of the log back, so that it begins anew. Does not wait for readers; the next
    /// commit tries again.
    fn begin_anew(&mut self, writer: &Transaction) {
        let Connection::Sqlite(connection) = &writer.connection else {
            return;
        };
        let checkpoint = if self.is_kept {
            "PRAGMA wal_checkpoint(TRUNCATE)"
        } else {
            "PRAGMA wal_checkpoint(RESTART)"
        };
        let begin = || {
            connection.busy_timeout(Duration::ZERO)?;
            connection.query_row(checkpoint, [], |row| row.get::<_, bool>(0))
        };
        self.is_kept = begin().unwrap_or_else(|error| {
            tracing::debug!(%error, "the write-ahead log could not be begun anew");
            true
        });
        if !self.is_kept {
            self.written_back = 0;
            // The next commit is its first.
            PAGES.set(0);
        }
        if let Err(error) = connection.busy_timeout(BUSY_TIMEOUT) {
            tracing::warn!(%error, "the database takes no time limit");
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the log back ended by a panic");
        }
    }
}

/// Writes the log back whenever it is woken, as far as no reader needs it; stops nobody.
fn write_back(connection: &rusqlite::Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        let done = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = done {
            tracing::warn!(%error, "the write-ahead log could not be written back");
        }
    }
}
