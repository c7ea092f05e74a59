//! Fresh databases: a file for SQLite, a schema of its own for PostgreSQL.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Row};
use store::SqlStore;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::sample::Counting;
use crate::throwaway;

/// A database that nobody else uses.
pub struct Base {
    pub store: SqlStore,
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
    let store = SqlStore::migrate(&url, &Counting).await.unwrap();
    Base {
        store,
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
    let mut connection = PgConnection::connect(&server).await.unwrap();
    run(
        &mut connection,
        format!("DROP SCHEMA IF EXISTS {name} CASCADE"),
    )
    .await;
    run(&mut connection, format!("CREATE SCHEMA {name}")).await;
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options=-csearch_path%3D{name}");
    let store = SqlStore::migrate(&url, &Counting).await.unwrap();
    Base {
        store,
        url,
        place: Place::Schema { server, name },
    }
}

impl Base {
    /// Cleans up after a story that went well; after one that failed everything stays.
    pub async fn remove(self) {
        if let Place::Schema { server, name } = self.place {
            drop(self.store);
            let mut connection = PgConnection::connect(&server).await.unwrap();
            run(&mut connection, format!("DROP SCHEMA {name} CASCADE")).await;
        }
    }

    /// Runs a statement behind the store's back.
    pub async fn tamper(&self, statement: &str) {
        match &self.place {
            Place::File(_) => {
                let options: SqliteConnectOptions = self.url.parse().unwrap();
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                let statement = AssertSqlSafe(statement.to_owned());
                sqlx::raw_sql(statement)
                    .execute(&mut connection)
                    .await
                    .unwrap();
                connection.close().await.unwrap();
            }
            Place::Schema { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                run(&mut connection, statement.to_owned()).await;
            }
        }
    }

    /// Everything in the database, to see whether anything changed.
    pub async fn picture(&self) -> Vec<u8> {
        match &self.place {
            Place::File(folder) => std::fs::read(folder.path().join("record.db")).unwrap(),
            Place::Schema { name, .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                let tables = "SELECT table_name::text, column_name::text, data_type::text \
                              FROM information_schema.columns WHERE table_schema = $1 \
                              ORDER BY 1, 2";
                let rows = sqlx::query(tables)
                    .bind(name)
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
                let mut picture = String::new();
                for row in rows {
                    let cells: Vec<String> = (0..3).map(|column| row.get(column)).collect();
                    picture.push_str(&cells.join(" "));
                }
                let versions = "SELECT version FROM schema_version ORDER BY version";
                for row in sqlx::query(versions)
                    .fetch_all(&mut connection)
                    .await
                    .unwrap()
                {
                    picture.push_str(&row.get::<i64, _>(0).to_string());
                }
                picture.into_bytes()
            }
        }
    }

    /// A database beside this one that was never migrated.
    pub async fn never_migrated(&self) -> String {
        match &self.place {
            Place::File(folder) => format!("sqlite:{}", folder.path().join("other.db").display()),
            Place::Schema { server, name } => {
                let mut connection = PgConnection::connect(server).await.unwrap();
                run(&mut connection, format!("DROP SCHEMA {name} CASCADE")).await;
                run(&mut connection, format!("CREATE SCHEMA {name}")).await;
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
        if let Err(error) = PgConnection::connect(&named).await {
            panic!("HEALTHCODE_TEST_POSTGRES names a server that does not answer: {error}");
        }
        return named;
    }
    for user in ["postgres", "root"] {
        let local = format!("postgres://{user}@127.0.0.1:5432/postgres");
        if PgConnection::connect(&local).await.is_ok() {
            return local;
        }
    }
    throwaway::start().await
}

async fn run(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap();
}
