//! Databases: one that was not migrated, one of a newer version, and schemas of a PostgreSQL server.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;

use crate::newcomer::{Folder, POLICY};

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

    /// What the binary is given.
    pub fn url(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!(
            "{}{joint}options=-csearch_path%3D{}",
            self.server, self.name
        )
    }

    /// The address of the server.
    pub fn server(&self) -> &str {
        &self.server
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
        let rows = on_server(&self.server, &format!("{tables}; {versions}"));
        rows.concat()
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

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs a statement on the server.
    pub fn run(&self, statement: &str) {
        on_server(&self.server, statement);
    }
}

/// As if a newer program had migrated the embedded database of the folder.
pub fn make_newer(folder: &Folder) {
    let connection = rusqlite::Connection::open(folder.path("healthcode.db")).unwrap();
    let statement = format!("INSERT INTO schema_version (version) VALUES ({NEWER})");
    connection.execute_batch(&statement).unwrap();
}

/// Runs statements on a connection of their own; the first cell of each row.
pub fn on_server(server: &str, statements: &str) -> Vec<String> {
    use tokio_postgres::SimpleQueryMessage;

    let work = async {
        let (client, connection) = tokio_postgres::connect(server, NoTls).await?;
        let connection = tokio::spawn(connection);
        let answers = client.simple_query(statements).await?;
        drop(client);
        connection.await.unwrap()?;
        let cell = |answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        Ok::<_, tokio_postgres::Error>(answers.into_iter().filter_map(cell).collect())
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work).unwrap()
}

#[test]
fn a_mistyped_path_of_a_database_makes_none() {
    let folder = Folder::new();
    let issuer = ["--issuer", "3301", "--url", "http://localhost"];
    folder
        .run(&[&["keys", "generate"], &issuer[..]].concat())
        .exits(0);
    let before = folder.names();
    let mistyped = ["--database-url", "sqlite:healthcdoe.db"];
    for listen in ["127.0.0.1:0", "localhost:0"] {
        folder
            .run(&[&["serve", "--listen", listen], &mistyped[..]].concat())
            .exits(1)
            .says(&[
                "healthcdoe.db: there is no such database",
                "database_url",
                "healthcode migrate",
            ]);
    }
    folder
        .run(&[&["doctor"], &mistyped[..]].concat())
        .exits(1)
        .prints(&["BAD   database", "healthcode migrate"]);
    assert_eq!(folder.names(), before);
}

#[test]
fn a_database_that_was_not_migrated_is_refused_with_the_remedy() {
    let folder = Folder::new();
    folder.write("policy.toml", POLICY);
    folder
        .run(&["policy", "publish", "policy.toml"])
        .exits(1)
        .says(&["healthcode migrate"]);
    let nowhere = ["migrate", "--database-url", "mysql://somewhere/db"];
    folder
        .run(&nowhere)
        .exits(1)
        .says(&["sqlite:PATH", "postgres://"]);
}
