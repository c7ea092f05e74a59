//! Fresh databases: a file for SQLite, a schema of its own for PostgreSQL.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

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
    let mut connection = PgConnection::connect(&server).await.unwrap();
    for statement in [
        format!("DROP SCHEMA IF EXISTS {name} CASCADE"),
        format!("CREATE SCHEMA {name}"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
    }
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
        let statement = AssertSqlSafe(statement.to_owned());
        if self.url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = self.url.parse().unwrap();
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            sqlx::raw_sql(statement)
                .execute(&mut connection)
                .await
                .unwrap();
            connection.close().await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(statement)
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }
}
