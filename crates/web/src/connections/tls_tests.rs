//! Stories of clients that speak TLS, or should.

use std::io::ErrorKind;

use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::*;

/// Longer than anything here takes, so that a fault fails the test in place of hanging it.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    client: TlsConnector,
    counts: Arc<ConnectionCounts>,
    end: oneshot::Sender<()>,
    served: JoinHandle<io::Result<()>>,
}

impl Server {
    async fn start(limits: ConnectionSettings) -> Self {
        let made = rcgen::generate_simple_self_signed(["codes.example".to_owned()]).unwrap();
        let certificate = CertificateDer::from(made.cert.der().to_vec());
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let ours = ServerConfig::builder().with_no_client_auth();
        let ours = ours.with_single_cert(vec![certificate], key).unwrap();
        let theirs = ClientConfig::builder().with_root_certificates(roots);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ends) = oneshot::channel::<()>();
        let counts = Arc::new(ConnectionCounts::default());
        let door = Door {
            limits,
            proxies: Proxies::default(),
            tls: Some(Arc::new(ours).into()),
        };
        let counted = Arc::clone(&counts);
        let served = tokio::spawn(async move {
            let routes = Router::new().route("/", get(async || "ok"));
            answer(listener, routes, door, &counted, async { drop(ends.await) }).await
        });
        Self {
            address,
            client: Arc::new(theirs.with_no_client_auth()).into(),
            counts,
            end,
            served,
        }
    }

    /// A connection on which nothing was said.
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection after its handshake.
    async fn greet(&self) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("codes.example").unwrap();
        self.client.connect(name, self.connect().await).await
    }

    async fn end(self) {
        drop(self.end);
        within(self.served).await.unwrap().unwrap();
    }
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap()
}

async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<String> {
    let request = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok") {
        let mut piece = [0; 512];
        let read = within(stream.read(&mut piece)).await?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(&piece[..read]);
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Waits until the server closes the connection, or cuts it.
async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut said = Vec::new();
    drop(within(stream.read_to_end(&mut said)).await);
    said
}

fn limits(most: usize, head: Duration) -> ConnectionSettings {
    ConnectionSettings {
        from_one_address: most,
        head,
        idle: PATIENCE * 10,
        ..ConnectionSettings::with_most(most)
    }
}

#[tokio::test]
async fn a_handshake_that_is_silent_slow_or_none_ends_and_what_asks_is_answered() {
    let server = Server::start(limits(100, Duration::from_secs(2))).await;
    let mut used = server.greet().await.unwrap();
    assert!(ask(&mut used).await.unwrap().contains("200 OK"));
    let mut silent = server.connect().await;
    let mut slow = server.connect().await;
    let mut greeted = server.greet().await.unwrap();
    let mut in_clear = server.connect().await;
    in_clear.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    // A handshake record of 512 bytes that arrives byte by byte.
    let trickle = async {
        for byte in [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc].iter().cycle() {
            if slow.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    within(trickle).await;
    assert_eq!(until_closed(&mut silent).await, b"");
    // Its handshake is done, and it asked nothing.
    assert_eq!(until_closed(&mut greeted).await, b"");
    // An alert, and nothing of a page.
    assert!(!until_closed(&mut in_clear).await.starts_with(b"HTTP"));
    // The one that asked is older than all of them.
    assert!(ask(&mut used).await.unwrap().contains("200 OK"));
    assert_eq!(server.counts.not_agreed.load(Ordering::Relaxed), 1);
    drop(used);
    within(async {
        while server.counts.open.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    server.end().await;
}

#[tokio::test]
async fn handshakes_that_nobody_finishes_make_room() {
    let server = Server::start(limits(20, PATIENCE * 10)).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(server.connect().await);
    }
    let mut asks = within(server.greet()).await.unwrap();
    assert!(ask(&mut asks).await.unwrap().contains("200 OK"));
    assert_eq!(until_closed(&mut silent[0]).await, b"");
    server.end().await;
}
