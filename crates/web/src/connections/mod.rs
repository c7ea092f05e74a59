//! The connections that clients hold: how many, for how long, and which one makes room.
//!
//! A connection costs a file and some memory, whether or not anything is asked on it. So there are
//! at most so many, and one that asks nothing, or asks too slowly, is closed. When there is no room
//! for a new one, the oldest that are idle make room: a client that connects now wants something
//! now, and a client whose idle connection is closed makes another one. Only when every connection
//! is at work is the new one refused, with 503.
//!
//! Where TLS is spoken, the handshake counts as part of the first request: the limit for a head holds
//! for both together, and a connection that is still at it makes room first.

mod open;
mod settings;
mod state;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;

use std::io::{self, ErrorKind, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use self::open::{Open, Place};
use self::state::{State, Watched};
use crate::rates::Proxies;

pub use settings::{ConnectionSettings, FILES_KEPT_FREE};

/// What is kept of a request that is still arriving: bounds what one connection costs.
const BUFFER: usize = 64 * 1024;
/// How long no further connection is taken after the system had none to give, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// So many connections may be on their way out before another one is taken in.
const MOST_CLOSING: usize = 32;

/// To whom there is no room for.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\n\
    retry-after: 5\r\n\
    connection: close\r\n\
    content-length: 117\r\n\r\n\
    {\"type\":\"/problems/overloaded\",\"title\":\"Too much to do at once\",\"status\":503,\
    \"detail\":\"Ask again in a few seconds.\"}\n";

/// How connections are taken in.
pub(crate) struct Door {
    /// How many, and for how long.
    pub(crate) limits: ConnectionSettings,
    /// Those that hold as many as they like.
    pub(crate) proxies: Proxies,
    /// Speaks TLS on them, if there are certificates.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// How many connections there are and were, for monitors.
#[derive(Default)]
pub(crate) struct ConnectionCounts {
    /// Those that are open.
    pub(crate) open: AtomicU64,
    /// Those for which there was no room.
    pub(crate) refused: AtomicU64,
    /// How often the system had no file or no memory for one.
    pub(crate) failed: AtomicU64,
    /// On how many TLS was not agreed on.
    pub(crate) not_agreed: AtomicU64,
}

/// A connection that is counted as open, until it is dropped.
struct Counted(Arc<ConnectionCounts>);

impl Counted {
    fn new(counts: &Arc<ConnectionCounts>) -> Self {
        counts.open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counts))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers what arrives on `listener` with `routes` until `shutdown` is ready, then lets running
/// requests end.
///
/// # Errors
/// None of a connection, and none that passes: only what the listener itself cannot recover from.
pub(crate) async fn answer(
    listener: TcpListener,
    routes: Router,
    door: Door,
    counts: &Arc<ConnectionCounts>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let Door {
        limits,
        proxies,
        tls,
    } = door;
    let open = Arc::new(Open::new(limits, proxies));
    // Connections hold the receiver: who waits for them to end waits until all are dropped.
    let (ending, ends) = watch::channel(false);
    let sweep = sweep(&open);
    let accept = accept(&listener, &routes, tls.as_ref(), &open, counts, &ends);
    tokio::select! {
        () = accept => {}
        () = sweep => {}
        () = shutdown => {}
    }
    drop((listener, ends));
    ending.send_replace(true);
    tokio::select! {
        () = ending.closed() => {}
        // What asks too slowly does not hold the end up.
        () = self::sweep(&open) => {}
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    routes: &Router,
    tls: Option<&TlsAcceptor>,
    open: &Arc<Open>,
    counts: &Arc<ConnectionCounts>,
    ends: &watch::Receiver<bool>,
) {
    let mut pause = FIRST_PAUSE;
    let mut failures: u64 = 0;
    loop {
        while open.closing() > MOST_CLOSING {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match listener.accept().await {
            Ok((stream, peer)) => {
                pause = FIRST_PAUSE;
                match Arc::clone(open).enter(peer.ip()) {
                    Some(place) => {
                        let counted = Counted::new(counts);
                        let (routes, tls) = (routes.clone(), tls.cloned());
                        let ends = ends.clone();
                        tokio::spawn(hold(stream, peer, routes, tls, place, counted, ends));
                    }
                    None => {
                        counts.refused.fetch_add(1, Ordering::Relaxed);
                        // What is said in clear nobody reads who waits for a handshake.
                        if tls.is_none() {
                            refuse(stream);
                        }
                    }
                }
            }
            // The client went away before it was taken in.
            Err(error) if is_of_the_client(&error) => {}
            // The system has no file or no memory for it. What is idle makes room.
            Err(error) => {
                failures += 1;
                counts.failed.fetch_add(1, Ordering::Relaxed);
                if failures.is_power_of_two() {
                    warn!(%error, failures, "no further connection can be taken");
                }
                open.make_room();
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Says that there is no room, without waiting for anything. A client that does not read it learns
/// it from the connection's end.
fn refuse(stream: TcpStream) {
    if let Ok(mut stream) = stream.into_std() {
        drop(stream.write(FULL));
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

/// Closes what asks nothing, or asks too slowly, for as long as it is polled.
async fn sweep(open: &Open) {
    let mut every = tokio::time::interval(open.sweeps_every());
    loop {
        every.tick().await;
        open.close_overdue();
    }
}

/// Answers one connection until it ends.
async fn hold(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    tls: Option<TlsAcceptor>,
    place: Place,
    counted: Counted,
    mut ends: watch::Receiver<bool>,
) {
    // Answers are written whole; waiting for more of them helps nobody.
    drop(stream.set_nodelay(true));
    let state = Arc::clone(&place.state);
    let stream = Watched::new(stream, Arc::clone(&state));
    let Some(tls) = tls else {
        return converse(stream, peer, routes, state, ends).await;
    };
    let shaken = tokio::select! {
        shaken = tls.accept(stream) => shaken,
        () = state.is_to_close() => return,
        _ = ends.wait_for(|ends| *ends) => return,
    };
    match shaken {
        Ok(stream) => converse(stream, peer, routes, state, ends).await,
        // It spoke no TLS, or trusts another certificate.
        Err(error) => {
            counted.0.not_agreed.fetch_add(1, Ordering::Relaxed);
            debug!(%error, "a handshake failed");
        }
    }
}

/// Answers what is asked on a stream until it ends.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: SocketAddr,
    routes: Router,
    state: Arc<State>,
    mut ends: watch::Receiver<bool>,
) {
    let stream = TokioIo::new(stream);
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(|request| ask(request, peer, &routes, Arc::clone(&state)));
    let connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        .serve_connection(stream, service);
    tokio::pin!(connection);
    tokio::select! {
        // How a connection ends concerns the client alone.
        _ = connection.as_mut() => return,
        () = state.is_to_close() => return,
        _ = ends.wait_for(|ends| *ends) => connection.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        _ = connection => {}
        () = state.is_to_close() => {}
    }
}

async fn ask(
    mut request: Request<Incoming>,
    peer: SocketAddr,
    routes: &TowerToHyperService<Router>,
    state: Arc<State>,
) -> io::Result<Response<Body>> {
    let Some(_answering) = State::begin(state) else {
        return Err(ErrorKind::ConnectionAborted.into());
    };
    request.extensions_mut().insert(ConnectInfo(peer));
    match routes.call(request).await {
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}
