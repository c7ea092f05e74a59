//! Stories of clients that hold connections open, on real sockets.

use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::*;

/// Longer than anything here takes, so that a fault fails the test in place of hanging it.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    served: JoinHandle<io::Result<()>>,
}

/// Hears that the work of a request was given up.
struct GivenUp(mpsc::UnboundedSender<()>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

impl Server {
    async fn start(settings: ConnectionSettings, routes: Router) -> Self {
        Self::behind(settings, routes, Proxies::default()).await
    }

    async fn behind(settings: ConnectionSettings, routes: Router, proxies: Proxies) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ends) = oneshot::channel::<()>();
        let door = Door {
            limits: settings,
            proxies,
            tls: None,
        };
        let served = tokio::spawn(async move {
            let ends = async { drop(ends.await) };
            answer(listener, routes, door, &Arc::default(), ends).await
        });
        Self {
            address,
            end: Some(end),
            served,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Asks on a connection of its own.
    async fn ask(&self) -> String {
        ask(&mut self.connect().await).await.unwrap_or_default()
    }

    async fn end(mut self) {
        drop(self.end.take());
        within(self.served).await.unwrap().unwrap();
    }
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap()
}

/// Asks once and reads the status line, and the rest up to the end of the body `ok`.
async fn ask(stream: &mut TcpStream) -> io::Result<String> {
    let request = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok") {
        let mut piece = [0; 512];
        let read = within(stream.read(&mut piece)).await?;
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&piece[..read]);
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// What the server says until it closes the connection; nothing if it cuts it.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    match within(stream.read_to_end(&mut said)).await {
        Ok(_) => String::from_utf8_lossy(&said).into_owned(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            String::new()
        }
    }
}

fn routes() -> Router {
    Router::new().route("/", get(async || "ok"))
}

/// Limits under which nothing is closed for its age.
fn patient(most: usize, from_one_address: usize) -> ConnectionSettings {
    ConnectionSettings {
        from_one_address,
        head: PATIENCE * 10,
        idle: PATIENCE * 10,
        ..ConnectionSettings::with_most(most)
    }
}

#[tokio::test]
async fn silent_connections_make_room_and_the_one_that_asked_stays() {
    let server = Server::start(patient(20, 20), routes()).await;
    let mut first = server.connect().await;
    assert!(ask(&mut first).await.unwrap().contains("200 OK"));
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(server.connect().await);
    }
    assert!(server.ask().await.contains("200 OK"));
    // It is older than all that are silent, but it has asked.
    assert!(ask(&mut first).await.unwrap().contains("200 OK"));
    assert_eq!(until_closed(&mut silent[0]).await, "");
    server.end().await;
}

#[tokio::test]
async fn one_address_fills_its_own_share_and_a_named_proxy_has_none() {
    let server = Server::start(patient(20, 4), routes()).await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(server.connect().await);
    }
    assert!(server.ask().await.contains("200 OK"));
    // There was room for all of them, but not from here.
    assert_eq!(until_closed(&mut silent[0]).await, "");
    server.end().await;

    let proxy = Proxies::new(["127.0.0.1"], crate::ProxyHeader::default()).unwrap();
    let server = Server::behind(patient(20, 4), routes(), proxy).await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(server.connect().await);
    }
    for client in &mut clients {
        assert!(ask(client).await.unwrap().contains("200 OK"));
    }
    server.end().await;
}

#[tokio::test]
async fn when_every_connection_is_at_work_a_new_one_is_told_so() {
    let (began, mut begins) = mpsc::unbounded_channel();
    let working = move || async move {
        let _ = began.send(());
        std::future::pending::<()>().await;
    };
    let routes = routes().route("/work", get(working));
    let server = Server::start(patient(2, 2), routes).await;
    let mut working = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect().await;
        let request = b"GET /work HTTP/1.1\r\nhost: here\r\n\r\n";
        stream.write_all(request).await.unwrap();
        within(begins.recv()).await;
        working.push(stream);
    }
    let refused = until_closed(&mut server.connect().await).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    let (head, body) = refused.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("retry-after: 5"), "{head}");
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{refused}"
    );
    // Once one of them is done there is room.
    drop(working);
    within(async { while !server.ask().await.contains("200 OK") {} }).await;
    server.end().await;
}

#[tokio::test]
async fn what_asks_nothing_or_too_slowly_ends_and_what_is_in_use_does_not() {
    let limit = Duration::from_secs(2);
    let settings = ConnectionSettings {
        head: limit,
        idle: limit,
        ..ConnectionSettings::with_most(100)
    };
    let server = Server::start(settings, routes()).await;
    let mut silent = server.connect().await;
    let mut idle = server.connect().await;
    ask(&mut idle).await.unwrap();
    let mut slow = server.connect().await;
    // A byte now and then does not make a head arrive.
    let trickle = async {
        let mut sent = 0;
        for byte in b"GET / HTTP/1.1\r\nhost: here\r\nx: ".iter().cycle() {
            if slow.write_all(&[*byte]).await.is_err() {
                return sent;
            }
            sent += 1;
            tokio::time::sleep(limit / 10).await;
        }
        sent
    };
    let mut used = server.connect().await;
    let use_it = async {
        for _ in 0..15 {
            assert!(ask(&mut used).await.unwrap().contains("200 OK"));
            tokio::time::sleep(limit / 10).await;
        }
    };
    let ((), sent) = tokio::join!(use_it, within(trickle));
    assert!(sent > 0);
    assert_eq!(until_closed(&mut silent).await, "");
    assert_eq!(until_closed(&mut idle).await, "");
    server.end().await;
}

#[tokio::test]
async fn the_work_of_a_caller_who_has_left_is_given_up() {
    let (gone, mut given_up) = mpsc::unbounded_channel();
    let (began, mut begins) = mpsc::unbounded_channel();
    let work = move |_body: Bytes| async move {
        let _given_up = GivenUp(gone);
        let _ = began.send(());
        std::future::pending::<()>().await;
    };
    let server = Server::start(patient(10, 10), routes().route("/work", post(work))).await;
    let mut caller = server.connect().await;
    let request = b"POST /work HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n\r\n{}";
    caller.write_all(request).await.unwrap();
    within(begins.recv()).await.unwrap();
    drop(caller);
    within(given_up.recv()).await.unwrap();
    server.end().await;
}

#[tokio::test]
async fn running_requests_end_before_the_server_does_and_idle_connections_do_not_hold_it_up() {
    let (began, mut begins) = mpsc::unbounded_channel();
    let (finish, finished) = oneshot::channel::<()>();
    let finished = Arc::new(tokio::sync::Mutex::new(Some(finished)));
    let work = move || async move {
        let _ = began.send(());
        let finished = finished.lock().await.take();
        drop(finished.unwrap().await);
        "ok"
    };
    let server = Server::start(patient(10, 10), routes().route("/work", get(work))).await;
    let mut idle = server.connect().await;
    ask(&mut idle).await.unwrap();
    let _silent = server.connect().await;
    let mut working = server.connect().await;
    let request = b"GET /work HTTP/1.1\r\nhost: here\r\n\r\n";
    working.write_all(request).await.unwrap();
    within(begins.recv()).await.unwrap();
    let end = tokio::spawn(server.end());
    assert_eq!(until_closed(&mut idle).await, "");
    assert!(!end.is_finished());
    finish.send(()).unwrap();
    assert!(until_closed(&mut working).await.contains("200 OK"));
    within(end).await.unwrap();
}
