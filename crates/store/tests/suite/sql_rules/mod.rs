//! Every SQL file is parsed and held against the rules under which one layout runs on SQLite, on
//! PostgreSQL and on many machines. What the rules would let through only after thought is in
//! [`reviewed`], with the thought.

mod files;
mod reviewed;
mod statements;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use sqlparser::ast::{ColumnDef, ColumnOption, CreateTable};

use self::files::{Words, files, migrations, primary_key, primary_keys, queries, root, tables_of};
use self::reviewed::{ABOUT_THE_DATABASE, DISTRIBUTION_KEYS, FAN_OUT, OTHER_KEYS};
use self::statements::{faults_of, forbidden_in};

#[test]
fn every_statement_obeys_the_rules() {
    let keys = primary_keys();
    let faults: Vec<String> = queries()
        .iter()
        .flat_map(|file| faults_of(&file.name, &file.text, file.dialect(), &keys))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_migration_obeys_the_rules() {
    for (name, text, dialect) in migrations() {
        assert_eq!(
            forbidden_in(&text, dialect.as_ref()),
            Vec::<String>::new(),
            "{name}"
        );
        for table in tables_of(&text, dialect.as_ref()) {
            let key = primary_key(&table);
            let table = table.name.to_string();
            let first = key.first().map(String::as_str).unwrap_or_default();
            let other = OTHER_KEYS
                .iter()
                .any(|(name, key, _)| *name == table && *key == first);
            assert!(
                DISTRIBUTION_KEYS.contains(&first) || other,
                "{name}: the primary key of {table} begins with {first:?}"
            );
        }
    }
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let shape = |dialect: &str| -> BTreeMap<String, Vec<String>> {
        let tables = migrations()
            .into_iter()
            .filter(|(name, ..)| name.starts_with(dialect));
        let tables = tables.flat_map(|(_, text, dialect)| tables_of(&text, dialect.as_ref()));
        let columns = |table: &CreateTable| {
            let column = |column: &ColumnDef| {
                let kind = match column.data_type.to_string().as_str() {
                    "BLOB" | "BYTEA" => "bytes",
                    "INTEGER" | "BIGINT" => "int",
                    "TEXT" => "text",
                    other => panic!("{} has type {other}", column.name),
                };
                let null = column
                    .options
                    .iter()
                    .any(|o| o.option == ColumnOption::NotNull);
                format!("{} {kind} {null}", column.name)
            };
            table
                .columns
                .iter()
                .map(column)
                .chain(primary_key(table))
                .collect()
        };
        tables
            .map(|table| (table.name.to_string(), columns(&table)))
            .collect()
    };
    assert_eq!(shape("sqlite"), shape("postgres"));
}

#[test]
fn every_table_and_column_says_what_it_is_for() {
    for (name, text, _) in migrations() {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2) {
            let word = pair[1].split_whitespace().next().unwrap_or_default();
            let is_column = ["_id", "_at"].iter().any(|ending| word.ends_with(ending))
                || [" BLOB", " BYTEA", " INTEGER", " BIGINT", " TEXT"]
                    .iter()
                    .any(|kind| pair[1].contains(kind) && !pair[1].starts_with("--"));
            if is_column || pair[1].starts_with("CREATE") {
                assert!(
                    pair[0].starts_with("-- "),
                    "{name}: no comment above {:?}",
                    pair[1]
                );
            }
        }
    }
}

#[test]
fn the_reviewed_lists_name_only_what_is_there() {
    let keys = primary_keys();
    for (table, key, _) in OTHER_KEYS {
        assert_eq!(
            keys.get(table).and_then(|columns| columns.first()),
            Some(&key.to_owned())
        );
    }
    let names: BTreeSet<String> = queries().into_iter().map(|file| file.name).collect();
    for (name, _) in FAN_OUT {
        assert!(
            names.contains(name),
            "{name} is listed as fan-out and is not there"
        );
    }
    for name in ABOUT_THE_DATABASE {
        assert!(names.contains(name), "{name} is listed and is not there");
    }
}

#[test]
fn every_file_is_used() {
    let mut sources = String::new();
    for path in files(&root().join("src"), "rs") {
        sources.push_str(&fs::read_to_string(path).unwrap());
    }
    for file in queries() {
        assert!(
            sources.contains(&format!("\"{}\"", file.name)),
            "{} is not used",
            file.name
        );
    }
    for (name, ..) in migrations() {
        assert!(
            sources.contains(&format!("migrations/{name}\"")),
            "{name} is not used"
        );
    }
}

#[test]
fn the_rules_find_what_they_forbid() {
    let keys = primary_keys();
    let table = [
        (
            "SELECT fact FROM evidence WHERE evidence_id = $1 ORDER BY fact",
            "person_id",
        ),
        (
            "SELECT fact FROM evidence WHERE person_id > $1 ORDER BY fact",
            "person_id",
        ),
        (
            "SELECT fact FROM evidence WHERE person_id = $1 OR kind = $2 ORDER BY fact",
            "person_id",
        ),
        ("SELECT fact FROM evidence WHERE person_id = $1", "ORDER BY"),
        (
            "SELECT fact FROM evidence WHERE person_id = $1 AND evidence_id > $2",
            "ORDER BY",
        ),
        (
            "SELECT v.fact FROM evidence v JOIN person p ON p.person_id = v.person_id \
             WHERE v.person_id = $1 ORDER BY 1",
            "JOIN",
        ),
        (
            "UPDATE outbox SET delivered_at = $1 WHERE change_id = $2",
            "person_id",
        ),
        ("DELETE FROM slot", "person_id"),
        (
            "INSERT INTO evidence (evidence_id, fact) VALUES ($1, $2)",
            "person_id",
        ),
        (
            "SELECT person_id, verdict.* FROM verdict WHERE person_id = $1",
            "names its columns",
        ),
        ("SELECT 1 FROM nowhere WHERE person_id = $1", "nowhere"),
        (
            "UPDATE person SET revision = NOW() WHERE person_id = $1",
            "NOW",
        ),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELEKT", "does not parse"),
    ];
    for (text, complaint) in table {
        let faults = faults_of("made_up.sql", text, Words::Both, &keys);
        assert!(
            faults.iter().any(|fault| fault.contains(complaint)),
            "{text}: {faults:?}"
        );
    }
    let good = "SELECT fact FROM evidence WHERE person_id = $1 AND evidence_id = $2";
    assert_eq!(
        faults_of("made_up.sql", good, Words::Both, &keys),
        Vec::<String>::new()
    );
}
