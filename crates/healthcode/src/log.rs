//! The log: lines on standard error that never hold up or take down the work that is logged.
//!
//! A line is put into a queue; a thread of its own writes it. If nobody reads the pipe, the queue
//! keeps what it has room for. What cannot be written is counted, and the count is logged once
//! something can be written again. Nothing here panics or fails: the log of a request must not
//! decide whether the request is answered.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::mem;
use std::panic;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::LogFormat;
use crate::outcome::wrong_use;

/// So many bytes of lines may wait to be written.
const MOST_WAITING: usize = 4 << 20;
/// So long the end of the program waits for the last lines.
const LAST_LINES_TAKE: Duration = Duration::from_secs(2);

/// The log of this process. Dropped last, it waits for what is still to be written.
#[must_use = "the last lines may be lost unless this lives as long as the work that is logged"]
pub struct Log(Arc<Lines>);

/// Sends log lines to standard error, and says there why something panicked. Called once.
///
/// # Errors
/// Wrong use if the filter cannot be read.
pub fn start(filter: &str, format: LogFormat) -> Result<Log> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        wrong_use(format!(
            "--log {filter}: {error}; try info, or service=debug"
        ))
    })?;
    let lines = Arc::new(Lines::default());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(Queue(Arc::clone(&lines)))
        .log_internal_errors(false);
    let started = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))?;
    write_in_background(Arc::clone(&lines), standard_error())?;
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panicked")));
    Ok(Log(lines))
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.wait_until_written(LAST_LINES_TAKE);
    }
}

/// Standard error without the lock that others would wait for while a write is stuck.
fn standard_error() -> Box<dyn Write + Send> {
    #[cfg(unix)]
    if let Ok(own) = std::os::fd::AsFd::as_fd(&io::stderr()).try_clone_to_owned() {
        return Box::new(File::from(own));
    }
    Box::new(io::stderr())
}

fn write_in_background(lines: Arc<Lines>, mut to: impl Write + Send + 'static) -> Result<()> {
    let thread = thread::Builder::new().name("log".to_owned());
    let started = thread.spawn(move || {
        loop {
            lines.write_some(&mut to);
        }
    });
    started.context("the operating system gives no thread for the log")?;
    Ok(())
}

/// Lines on their way.
#[derive(Default)]
struct Lines {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<Vec<u8>>,
    bytes: usize,
    /// Whether some that were taken from `lines` are being written.
    is_writing: bool,
    /// How many could not be written, since the beginning.
    lost: u64,
    /// How many of them the log has reported.
    reported: u64,
}

impl Lines {
    /// Queues a line, or counts it as lost if there is no room. Never waits for a write.
    fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.bytes + line.len() > MOST_WAITING {
            waiting.lost += 1;
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push(line.to_vec());
        drop(waiting);
        self.changed.notify_all();
    }

    /// Waits for lines, writes them, and says how many were lost if a line can be written again.
    fn write_some(&self, to: &mut impl Write) {
        let mut waiting = self
            .changed
            .wait_while(self.lock(), |waiting| waiting.lines.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let lines = mem::take(&mut waiting.lines);
        waiting.is_writing = true;
        drop(waiting);

        let lost = lines.iter().filter(|line| to.write_all(line).is_err());
        let lost = lost.count() as u64;
        let written: usize = lines.iter().map(Vec::len).sum();

        let mut waiting = self.lock();
        waiting.lost += lost;
        waiting.bytes -= written;
        waiting.is_writing = false;
        let unreported = (lost == 0 && waiting.lost > waiting.reported).then_some(waiting.lost);
        waiting.reported = unreported.unwrap_or(waiting.reported);
        drop(waiting);
        self.changed.notify_all();
        if let Some(lost) = unreported {
            tracing::warn!(
                lost,
                "lines of the log were lost: they could not be written"
            );
        }
    }

    fn wait_until_written(&self, patience: Duration) {
        let is_busy = |waiting: &mut Waiting| waiting.is_writing || !waiting.lines.is_empty();
        // What is not written by then stays unwritten.
        drop(
            self.changed
                .wait_timeout_while(self.lock(), patience, is_busy),
        );
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a writer for each line.
struct Queue(Arc<Lines>);

impl<'a> MakeWriter<'a> for Queue {
    type Writer = OneLine<'a>;

    fn make_writer(&'a self) -> OneLine<'a> {
        OneLine(&self.0)
    }
}

/// Takes a line, which comes in one piece.
struct OneLine<'a>(&'a Lines);

impl Write for OneLine<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes into memory, unless the disk is full.
    #[derive(Default)]
    struct Disk {
        holds: Vec<u8>,
        is_full: bool,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.is_full {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.holds.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// How many lines were lost, and how many of those the log has reported.
    fn lost_and_reported(lines: &Lines) -> (u64, u64) {
        let waiting = lines.lock();
        (waiting.lost, waiting.reported)
    }

    #[test]
    fn lines_are_written_in_order_and_those_for_which_there_is_no_room_are_counted() {
        let (lines, mut disk) = (Lines::default(), Disk::default());
        lines.push(b"one\n");
        lines.push(&vec![b'x'; MOST_WAITING - 4]);
        lines.push(b"too much\n");
        assert_eq!(lost_and_reported(&lines), (1, 0));
        lines.write_some(&mut disk);
        assert_eq!(disk.holds.len(), MOST_WAITING);
        assert!(disk.holds.starts_with(b"one\nxxx"));
        lines.push(b"two\n");
        lines.write_some(&mut disk);
        assert!(disk.holds.ends_with(b"xtwo\n"));
        assert_eq!(lost_and_reported(&lines), (1, 1));
        assert_eq!(lines.lock().bytes, 0);
    }

    #[test]
    fn lines_that_a_full_disk_refuses_are_counted_and_told_once() {
        let (lines, mut disk) = (Lines::default(), Disk::default());
        disk.is_full = true;
        lines.push(b"one\n");
        lines.push(b"two\n");
        lines.write_some(&mut disk);
        assert_eq!(lost_and_reported(&lines), (2, 0));
        disk.is_full = false;
        lines.push(b"three\n");
        lines.write_some(&mut disk);
        assert_eq!(disk.holds, b"three\n");
        assert_eq!(lost_and_reported(&lines), (2, 2));
    }
}
