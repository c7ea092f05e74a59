//! What a connection is doing, for those who look for one to close.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing is asked.
    Idle,
    /// A request begins to arrive.
    Asking,
    /// A request is answered.
    Answering,
    /// It is closed, whatever arrives.
    Closing,
}

/// A phase and since when, in milliseconds after the server began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PhaseSince {
    pub(super) phase: Phase,
    pub(super) since: u64,
}

/// What one connection is doing.
pub(super) struct State {
    server_began: Instant,
    /// A [`PhaseSince`] in one number, so that it changes as a whole.
    current: AtomicU64,
    has_asked: AtomicBool,
    close: Notify,
}

impl State {
    /// That of a connection that was made now.
    pub(super) fn new(server_began: Instant) -> Self {
        let state = Self {
            server_began,
            current: AtomicU64::new(0),
            has_asked: AtomicBool::new(false),
            close: Notify::new(),
        };
        state.enter(Phase::Idle);
        state
    }

    pub(super) fn current(&self) -> PhaseSince {
        PhaseSince::from_number(self.current.load(Ordering::Acquire))
    }

    /// Whether a request was ever answered on it.
    pub(super) fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// Has it closed, if it is still as it was `seen`.
    pub(super) fn close(&self, seen: PhaseSince) -> bool {
        let is_closed = self.change(seen, Phase::Closing);
        if is_closed {
            self.close.notify_one();
        }
        is_closed
    }

    /// Ready once the connection is to be closed.
    pub(super) async fn is_to_close(&self) {
        self.close.notified().await;
    }

    /// A request has arrived; it is answered until what is returned is dropped. `None` if the
    /// connection is closed already.
    pub(super) fn begin(state: Arc<Self>) -> Option<Answering> {
        loop {
            let current = state.current();
            if current.phase == Phase::Closing {
                return None;
            }
            if state.change(current, Phase::Answering) {
                state.has_asked.store(true, Ordering::Relaxed);
                return Some(Answering(state));
            }
        }
    }

    fn read(&self) {
        let current = self.current();
        if current.phase == Phase::Idle {
            self.change(current, Phase::Asking);
        }
    }

    fn wrote(&self) {
        let current = self.current();
        if current.phase == Phase::Idle {
            self.change(current, Phase::Idle);
        }
    }

    fn enter(&self, phase: Phase) {
        let current = PhaseSince {
            phase,
            since: self.now(),
        };
        self.current.store(current.to_number(), Ordering::Release);
    }

    fn change(&self, seen: PhaseSince, phase: Phase) -> bool {
        let since = self.now();
        let (seen, next) = (seen.to_number(), PhaseSince { phase, since }.to_number());
        let (success, failure) = (Ordering::AcqRel, Ordering::Relaxed);
        let changed = self.current.compare_exchange(seen, next, success, failure);
        changed.is_ok()
    }

    fn now(&self) -> u64 {
        let since = self.server_began.elapsed().as_millis();
        u64::try_from(since).unwrap_or(u64::MAX >> 2)
    }
}

impl PhaseSince {
    const fn to_number(self) -> u64 {
        let phase = match self.phase {
            Phase::Idle => 0,
            Phase::Asking => 1,
            Phase::Answering => 2,
            Phase::Closing => 3,
        };
        self.since << 2 | phase
    }

    const fn from_number(number: u64) -> Self {
        let phase = match number & 3 {
            0 => Phase::Idle,
            1 => Phase::Asking,
            2 => Phase::Answering,
            _ => Phase::Closing,
        };
        Self {
            phase,
            since: number >> 2,
        }
    }
}

/// A request that is being answered.
pub(super) struct Answering(Arc<State>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

/// A connection that notes what is done on it.
pub(super) struct Watched {
    stream: TcpStream,
    state: Arc<State>,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, state: Arc<State>) -> Self {
        Self { stream, state }
    }

    fn note_written(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.state.wrote();
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.state.read();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note_written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
