//! Fresh databases: a file for SQLite, a schema of its own for PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::record::Record;
use crate::{behind, throwaway};

/// A database that nobody else uses.
pub struct Base {
    pub store: Record,
    pub url: String,
    place: Place,
}

enum Place {
    File(TempDir),
    Schema { server: String, name: String },
}

/// A fresh SQLite file.
pub async fn sqlite() -> Base {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("record.db").display());
    Base {
        store: Record::migrate(&url).await.unwrap(),
        url,
        place: Place::File(folder),
    }
}

/// A fresh schema on a PostgreSQL server.
pub async fn postgres() -> Base {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = server().await.to_owned();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("healthcode_test_{}_{count}", std::process::id());
    let fresh = format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}");
    behind::run(&server, &fresh).await;
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options=-csearch_path%3D{name}");
    Base {
        store: Record::migrate(&url).await.unwrap(),
        url,
        place: Place::Schema { server, name },
    }
}

impl Base {
    /// Cleans up after a story that went well; after one that failed everything stays.
    pub async fn remove(self) {
        if let Place::Schema { server, name } = self.place {
            drop(self.store);
            behind::run(&server, &format!("DROP SCHEMA {name} CASCADE")).await;
        }
    }

    /// Runs a statement behind the store's back.
    pub async fn tamper(&self, statement: &str) {
        behind::run(&self.url, statement).await;
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        let path = self.url.strip_prefix("sqlite:").unwrap();
        Path::new(path).to_owned()
    }

    /// The schema on PostgreSQL.
    pub fn schema(&self) -> &str {
        match &self.place {
            Place::Schema { name, .. } => name,
            Place::File(_) => panic!("a file has no schema"),
        }
    }

    /// The milliseconds of the database's own clock.
    pub async fn clock(&self) -> i64 {
        let now = match self.place {
            Place::File(_) => "SELECT CAST(CAST(UNIXEPOCH('subsec') * 1000 AS INTEGER) AS TEXT)",
            Place::Schema { .. } => {
                "SELECT CAST(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000 AS BIGINT)"
            }
        };
        behind::texts(&self.url, now).await[0].parse().unwrap()
    }

    /// Everything in the database, to see whether anything changed.
    pub async fn picture(&self) -> Vec<u8> {
        if let Place::File(_) = self.place {
            return std::fs::read(self.file()).unwrap();
        }
        let name = self.schema();
        let columns = format!(
            "SELECT CONCAT_WS(' ', table_name, column_name, data_type) \
             FROM information_schema.columns WHERE table_schema = '{name}' ORDER BY 1"
        );
        let mut picture = behind::texts(&self.url, &columns).await;
        let versions = "SELECT version FROM schema_version ORDER BY version";
        picture.extend(behind::texts(&self.url, versions).await);
        picture.join("\n").into_bytes()
    }

    /// A database beside this one that was never migrated.
    pub async fn never_migrated(&self) -> String {
        match &self.place {
            Place::File(folder) => format!("sqlite:{}", folder.path().join("other.db").display()),
            Place::Schema { server, name } => {
                let fresh = format!("DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}");
                behind::run(server, &fresh).await;
                self.url.clone()
            }
        }
    }
}

/// The server to test on: the one named by HEALTHCODE_TEST_POSTGRES, else the local one, else one
/// that is started for this run and removed after it.
pub async fn server() -> &'static str {
    static SERVER: OnceCell<String> = OnceCell::const_new();
    SERVER.get_or_init(find_server).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no binary that could parse settings"
)]
async fn find_server() -> String {
    if let Ok(named) = std::env::var("HEALTHCODE_TEST_POSTGRES") {
        if let Err(error) = behind::server(&named).await {
            panic!("HEALTHCODE_TEST_POSTGRES names a server that does not answer: {error}");
        }
        return named;
    }
    for user in ["postgres", "root"] {
        let local = format!("postgres://{user}@127.0.0.1:5432/postgres");
        if behind::server(&local).await.is_ok() {
            return local;
        }
    }
    throwaway::start().await
}
