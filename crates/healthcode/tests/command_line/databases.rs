//! Databases behind the store's back: one of a newer version, and schemas of a PostgreSQL server.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::newcomer::Folder;

/// The version that a newer program might give a database.
const NEWER: i64 = 4000;

/// A schema of its own on a PostgreSQL server.
pub struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// A fresh one on the server that `HEALTHCODE_TEST_POSTGRES` names; says so if there is none.
    #[expect(
        clippy::disallowed_methods,
        reason = "only the machine knows its PostgreSQL"
    )]
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub fn fresh(story: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("HEALTHCODE_TEST_POSTGRES") else {
            eprintln!("SKIPPED: {story}: HEALTHCODE_TEST_POSTGRES names no server");
            return None;
        };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("healthcode_binary_{}_{count}", std::process::id());
        let schema = Self { server, name };
        schema.run(&format!("DROP SCHEMA IF EXISTS {} CASCADE", schema.name));
        schema.run(&format!("CREATE SCHEMA {}", schema.name));
        Some(schema)
    }

    /// What the binary is told.
    pub fn url(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!(
            "{}{joint}options=-csearch_path%3D{}",
            self.server, self.name
        )
    }

    /// Everything in the schema, to see whether anything changed.
    pub fn picture(&self) -> String {
        let tables = format!(
            "SELECT COALESCE(STRING_AGG(table_name || '.' || column_name, ' ' ORDER BY table_name, \
             column_name), '') FROM information_schema.columns WHERE table_schema = '{}'",
            self.name
        );
        let versions = format!(
            "SELECT STRING_AGG(version::text, ' ' ORDER BY version) FROM {}.schema_version",
            self.name
        );
        let read = async {
            let mut connection = PgConnection::connect(&self.server).await?;
            let mut picture = String::new();
            for query in [tables, versions] {
                let row: (String,) = sqlx::query_as(AssertSqlSafe(query))
                    .fetch_one(&mut connection)
                    .await?;
                picture.push_str(&row.0);
            }
            Ok::<_, sqlx::Error>(picture)
        };
        block_on(read)
    }

    /// As if a newer program had migrated it.
    pub fn make_newer(&self) {
        self.run(&format!(
            "INSERT INTO {}.schema_version (version) VALUES ({NEWER})",
            self.name
        ));
    }

    /// Cleans up after a story that went well; after one that failed everything stays.
    pub fn remove(self) {
        self.run(&format!("DROP SCHEMA {} CASCADE", self.name));
    }

    fn run(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        block_on(async {
            let mut connection = PgConnection::connect(&self.server).await?;
            sqlx::raw_sql(statement).execute(&mut connection).await?;
            Ok(())
        });
    }
}

/// As if a newer program had migrated the embedded database of the folder.
pub fn make_newer(folder: &Folder) {
    let url = format!("sqlite:{}", folder.path("healthcode.db").display());
    block_on(async {
        let mut connection = SqliteConnection::connect(&url).await?;
        let statement = format!("INSERT INTO schema_version (version) VALUES ({NEWER})");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
        connection.close().await
    });
}

fn block_on<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work).unwrap()
}
