//! Databases that are newer than the program, and PostgreSQL.

use serde_json::Value;

use crate::databases::{Schema, make_newer};
use crate::newcomer::Folder;
use crate::passkey::first_worker;
use crate::server::{DOCUMENT, Server, installation, installation_on};

/// Every command that opens the database.
const COMMANDS: [&[&str]; 6] = [
    &["migrate"],
    &["serve", "--listen", "127.0.0.1:0", "--plain-http"],
    &["doctor"],
    &["policy", "publish", "policy.toml"],
    &["import", "tests", "results.csv", "--authority", "Lab"],
    &["keys", "token", "--kind", "laboratory", "--name", "Lab"],
];

/// Runs every command and sees to it that each refuses with the remedy and changes nothing.
fn is_refused_untouched<T: PartialEq>(folder: &Folder, database: &[&str], picture: impl Fn() -> T) {
    folder.write(
        "results.csv",
        "person,kind,result,sampled\n990101199003077719,pcr,negative,1582171200\n",
    );
    let before = picture();
    for command in COMMANDS {
        let run = folder.run(&[command, database].concat());
        let said = format!("{}{}", run.out, run.err);
        run.exits(1);
        for part in ["schema version 4000", "install the newer program"] {
            assert!(said.contains(part), "{command:?}: no {part:?} in\n{said}");
        }
        assert!(picture() == before, "{command:?} changed the database");
    }
}

#[test]
fn a_database_from_a_newer_version_is_refused_untouched() {
    let folder = installation();
    make_newer(&folder);
    is_refused_untouched(&folder, &[], || {
        let log = std::fs::read(folder.path("healthcode.db-wal")).unwrap_or_default();
        let database = std::fs::read(folder.path("healthcode.db")).unwrap();
        assert!(database.len() > 10_000);
        (database, log)
    });
}

#[test]
fn a_newer_database_on_postgresql_is_refused_untouched() {
    let Some(schema) = Schema::fresh("a newer database on PostgreSQL") else {
        return;
    };
    let url = schema.url();
    let database = ["--database-url", &url];
    let folder = installation_on(&database);
    schema.make_newer();
    is_refused_untouched(&folder, &database, || schema.picture());
    schema.remove();
}

#[test]
fn an_installation_on_postgresql_registers_imports_and_explains() {
    let Some(schema) = Schema::fresh("an installation on PostgreSQL") else {
        return;
    };
    let url = schema.url();
    let database = ["--database-url", &url];
    let folder = Folder::new();
    folder
        .run(&[&["doctor"], &database[..]].concat())
        .exits(1)
        .prints(&["healthcode keys generate", "healthcode migrate"]);
    let folder = installation_on(&database);
    folder
        .run(&[&["migrate"], &database[..]].concat())
        .exits(0)
        .prints(&["already"]);
    folder
        .run(&[&["doctor"], &database[..]].concat())
        .exits(0)
        .prints(&["postgresql", "test-town v1"]);
    let laboratory = ["keys", "token", "--kind", "laboratory", "--name", "Lab"];
    folder.run(&[&laboratory, &database[..]].concat()).exits(0);

    let server = Server::start_on(&folder, &database);
    let token = server.register();
    server.is_seen(&first_worker(&folder, &server, &database));
    let sampled = folder.an_hour_ago();
    folder.write(
        "results.csv",
        &format!(
            "person,kind,result,sampled\n\
             {DOCUMENT},pcr,positive,{sampled}\n{DOCUMENT},pcr,odd,{sampled}\n"
        ),
    );
    let import = ["import", "tests", "results.csv", "--authority", "Lab"];
    folder
        .run(&[&import, &database[..]].concat())
        .exits(1)
        .prints(&["1 rows imported, 1 refused"]);
    let status: Value = server.status(&token);
    assert_eq!(status["status"], "red", "{status}");
    assert_eq!(status["restrictions"][0]["rule"], "positive-test");
    drop(server);
    schema.remove();
}
