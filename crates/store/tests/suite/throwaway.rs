//! A PostgreSQL server for one test run, where none is running.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use crate::behind;

/// Starts a server and returns its address. A shell keeps watch: when this process ends, however
/// it ends, the shell's input closes and it stops the server and removes its files.
pub async fn start() -> String {
    static WATCH: Mutex<Option<Child>> = Mutex::new(None);
    let programs = programs();
    let folder = tempfile::Builder::new()
        .prefix("healthcode-postgres")
        .tempdir()
        .unwrap()
        .keep();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/throwaway.sh");
    let watch = Command::new("sh")
        .arg(script)
        .args([&programs, &folder])
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    *WATCH.lock().unwrap() = Some(watch);
    let address = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    for _ in 0..600 {
        if behind::server(&address).await.is_ok() {
            return address;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    panic!("the throwaway PostgreSQL did not start: {log}");
}

/// The newest installed server programs.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<_> = versions
        .map(|version| version.path().join("bin"))
        .filter(|programs| programs.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect(
        "no PostgreSQL to test on: install one (apt-get install postgresql), or name a running \
         one in HEALTHCODE_TEST_POSTGRES",
    )
}
