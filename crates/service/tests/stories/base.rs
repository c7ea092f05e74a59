//! Fresh databases: a file for SQLite, a schema of its own for PostgreSQL.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio_postgres::NoTls;

/// A database that nobody else uses.
pub struct Base {
    /// Where it is.
    pub url: String,
    /// Removes the SQLite file in the end.
    _folder: Option<TempDir>,
}

/// A fresh SQLite file.
pub fn sqlite() -> Base {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("city.db");
    Base {
        url: format!("sqlite:{}", file.display()),
        _folder: Some(folder),
    }
}

/// A fresh schema on the server that `HEALTHCODE_TEST_POSTGRES` names; says so if there is none.
#[expect(
    clippy::disallowed_methods,
    reason = "a test has no binary that could parse settings"
)]
pub async fn postgresql() -> Option<Base> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("HEALTHCODE_TEST_POSTGRES") else {
        println!("skipped: HEALTHCODE_TEST_POSTGRES names no server");
        return None;
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("healthcode_story_{}_{count}", std::process::id());
    run(
        &server,
        &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"),
    )
    .await;
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options=-csearch_path%3D{name}");
    Some(Base { url, _folder: None })
}

impl Base {
    /// Cleans up after a story that went well; after one that failed everything stays.
    pub async fn remove(&self) {
        if let Some((_, name)) = self.url.split_once("search_path%3D") {
            self.tamper(&format!("DROP SCHEMA {name} CASCADE")).await;
        }
    }

    /// Runs a statement behind the store's back.
    pub async fn tamper(&self, statement: &str) {
        match self.url.strip_prefix("sqlite:") {
            Some(file) => {
                let connection = rusqlite::Connection::open(file).unwrap();
                connection.execute_batch(statement).unwrap();
            }
            None => run(&self.url, statement).await,
        }
    }
}

/// Runs statements on a server, on a connection of their own.
async fn run(url: &str, statements: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(statements).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}
