//! A server that goes away and comes back, and an address with several hosts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use store::StoreError;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::bases;
use crate::record::Record;

const PATIENCE: Duration = Duration::from_secs(30);

/// Stands in front of the server, lets connections through or ends them, and counts them.
#[derive(Default)]
struct Door {
    is_shut: AtomicBool,
    knocks: AtomicU32,
}

impl Door {
    /// Listens; returns on which port.
    async fn before(self: Arc<Self>, server: String) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let accepted = tokio::time::timeout(Duration::from_millis(10), listener.accept());
                let accepted = accepted.await;
                let is_shut = self.is_shut.load(Ordering::SeqCst);
                if is_shut {
                    open.abort_all();
                }
                let Ok(accepted) = accepted else { continue };
                let (mut client, _) = accepted.unwrap();
                self.knocks.fetch_add(1, Ordering::SeqCst);
                if is_shut {
                    continue;
                }
                let mut server = TcpStream::connect(&server).await.unwrap();
                open.spawn(async move {
                    drop(tokio::io::copy_bidirectional(&mut client, &mut server).await);
                });
            }
        });
        port
    }
}

/// The address of a server, cut around `HOST:PORT`; `None` if it is no such address.
fn cut(url: &str) -> Option<(&str, String, &str)> {
    let (before, rest) = url.split_once('@')?;
    let (host, after) = rest.split_at(rest.find('/')?);
    let host = match host.contains(':') {
        true => host.to_owned(),
        false => format!("{host}:5432"),
    };
    Some((before, host, after))
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_of_a_server_that_is_known_to_be_away_are_told_at_once_and_it_comes_back() {
    let base = bases::postgres().await;
    let Some((before, host, after)) = cut(&base.url) else {
        return eprintln!("skipped: the server of the tests is not reached over a network");
    };
    let door = Arc::new(Door::default());
    let port = Arc::clone(&door).before(host).await;
    let url = format!("{before}@127.0.0.1:{port}{after}");
    let store = Record::open(&url).await.unwrap();
    assert!(store.health().await.is_ok());

    door.is_shut.store(true, Ordering::SeqCst);
    let away = async { while store.health().await.is_ok() {} };
    tokio::time::timeout(PATIENCE, away).await.unwrap();
    while store.health().await.is_ok() {}
    let knocks = door.knocks.load(Ordering::SeqCst);
    for _ in 0..500 {
        let refused = store.health().await;
        assert!(
            matches!(refused, Err(StoreError::Unreachable(_))),
            "{refused:?}"
        );
    }
    // Not one of them knocked; only the task that looks for the server did.
    let knocked = door.knocks.load(Ordering::SeqCst) - knocks;
    assert!(knocked < 100, "{knocked}");

    door.is_shut.store(false, Ordering::SeqCst);
    let back = async {
        while store.health().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, back).await.unwrap();
    drop(store);
    base.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_hosts_the_one_that_takes_writes_is_used() {
    let base = bases::postgres().await;
    let Some((before, host, after)) = cut(&base.url) else {
        return eprintln!("skipped: the server of the tests is not reached over a network");
    };
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = nobody.local_addr().unwrap();
    drop(nobody);
    let joint = if after.contains('?') { '&' } else { '?' };
    for more in ["", "target_session_attrs=read-write"] {
        let url = format!("{before}@{dead},{host}{after}{joint}{more}");
        let url = url.trim_end_matches(['?', '&']);
        let store = Record::open(url).await.unwrap();
        assert!(!store.health().await.unwrap().is_standby);
        drop(store);
    }
    base.remove().await;
}
