//! Every SQL file is parsed and held against the rules under which one layout runs on SQLite, on
//! PostgreSQL and on many machines. What the rules would let through only after thought is in
//! [`reviewed`], with the thought.

mod fan_out;
mod files;
mod reviewed;
mod sets;
mod statements;
mod understood;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use self::fan_out::FAN_OUT;
use self::files::{Schema, Words, files, migrations, primary_keys, queries, root, set_forms};
use self::reviewed::{ABOUT_THE_DATABASE, ALLOWED, DISTRIBUTION_KEYS, OTHER_KEYS};
use self::sets::faults_of_set;
use self::statements::{faults_of, forbidden_in};

#[test]
fn every_statement_obeys_the_rules() {
    let keys = primary_keys();
    let sets: BTreeSet<String> = set_forms().into_iter().map(|(_, set)| set).collect();
    let faults: Vec<String> = queries()
        .iter()
        .filter(|file| !sets.contains(&file.name))
        .flat_map(|file| faults_of(&file.name, &file.text, file.dialect(), &keys))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_statement_does_the_same_with_many_rows() {
    let keys = primary_keys();
    let texts: BTreeMap<String, String> = queries()
        .into_iter()
        .map(|file| (file.name, file.text))
        .collect();
    let forms = set_forms();
    assert!(forms.len() > 10, "the forms for many rows were not found");
    let faults: Vec<String> = forms
        .iter()
        .flat_map(|(single, set)| {
            assert_eq!(*set, format!("postgres/{single}"));
            let faults = faults_of_set(&texts[single], &texts[set], &keys);
            faults
                .into_iter()
                .map(move |fault| format!("{set}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_migration_obeys_the_rules() {
    for (name, text, dialect) in migrations() {
        let forbidden = forbidden_in(&name, &text, dialect.as_ref());
        assert_eq!(forbidden, Vec::<String>::new(), "{name}");
    }
    for (name, table) in Schema::of("postgres").tables {
        let first = table.key.first().map(String::as_str).unwrap_or_default();
        let other = OTHER_KEYS
            .iter()
            .any(|(table, key, _)| *table == name && *key == first);
        assert!(
            DISTRIBUTION_KEYS.contains(&first) || other,
            "the primary key of {name} begins with {first:?}"
        );
    }
}

#[test]
fn both_databases_have_the_same_tables_columns_and_indexes() {
    let [sqlite, postgres] = ["sqlite", "postgres"].map(Schema::of);
    assert!(sqlite.tables.len() > 20, "the tables were not found");
    assert_eq!(sqlite, postgres);
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
    let allowed = ALLOWED.iter().map(|(name, ..)| name);
    for name in ABOUT_THE_DATABASE.iter().chain(allowed) {
        assert!(names.contains(*name), "{name} is listed and is not there");
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
        let (_, file) = name.split_once('/').unwrap();
        assert!(
            sources.contains(&format!("\"{file}\"")),
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

#[test]
fn the_rules_find_where_a_form_for_many_rows_differs() {
    let keys = primary_keys();
    let insert = "INSERT INTO slot_claim (list, slot_index, person_id) VALUES ($1, $2, $3) \
                  ON CONFLICT (list, slot_index) DO NOTHING RETURNING list, slot_index";
    let many = "INSERT INTO slot_claim (list, slot_index, person_id) \
                SELECT put.list, put.slot_index, put.person_id \
                FROM UNNEST($1, $2, $3) AS put (list, slot_index, person_id) \
                ON CONFLICT (list, slot_index) DO NOTHING RETURNING list, slot_index";
    let select = "SELECT person_id, kind FROM evidence \
                  WHERE person_id = $1 AND (ends_at IS NULL OR ends_at > $2) ORDER BY begins_at";
    let of_many = "SELECT evidence.person_id, evidence.kind \
                   FROM UNNEST($1, $2) AS asked (person_id, since_at) \
                   JOIN evidence ON evidence.person_id = asked.person_id \
                   WHERE evidence.ends_at IS NULL OR evidence.ends_at > asked.since_at \
                   ORDER BY evidence.person_id, evidence.begins_at";
    let update = "UPDATE slot SET revoked_at = $2 WHERE person_id = $1 AND expires_at > $2 \
                  RETURNING list, slot_index";
    let for_many = "UPDATE slot SET revoked_at = worse.at \
                    FROM UNNEST($1, $2) AS worse (person_id, at) \
                    WHERE slot.person_id = worse.person_id AND slot.expires_at > worse.at \
                    RETURNING slot.list, slot.slot_index";
    for (single, set) in [(insert, many), (select, of_many), (update, for_many)] {
        assert_eq!(faults_of_set(single, set, &keys), Vec::<String>::new());
    }
    let table = [
        (
            insert,
            many,
            "put.list, put.slot",
            "put.slot_index, put.list, put.slot",
            "values",
        ),
        (
            insert,
            many,
            "put.list, put.slot_index",
            "put.slot_index, put.list",
            "values",
        ),
        (
            insert,
            many,
            "AS put (list, slot_index",
            "AS put (slot_index, list",
            "values",
        ),
        (
            insert,
            many,
            "DO NOTHING",
            "DO UPDATE SET person_id = excluded.person_id",
            "conflict",
        ),
        (
            insert,
            many,
            "RETURNING list, slot_index",
            "RETURNING slot_index, list",
            "returns",
        ),
        (insert, many, " RETURNING list, slot_index", "", "returns"),
        (insert, many, "INTO slot_claim", "INTO slot", "table"),
        (
            insert,
            many,
            "UNNEST($1, $2, $3)",
            "UNNEST($1, $3, $2)",
            "$1, $2",
        ),
        (
            select,
            of_many,
            "evidence.person_id, evidence.kind",
            "evidence.kind",
            "returns",
        ),
        (
            select,
            of_many,
            "asked.person_id WHERE",
            "asked.since_at WHERE",
            "condition",
        ),
        (
            select,
            of_many,
            "> asked.since_at",
            "> asked.person_id",
            "condition",
        ),
        (
            select,
            of_many,
            "evidence.ends_at IS NULL OR ",
            "",
            "condition",
        ),
        (
            select,
            of_many,
            "JOIN evidence",
            "LEFT JOIN evidence",
            "joins",
        ),
        (
            select,
            of_many,
            " ORDER BY evidence.person_id, evidence.begins_at",
            "",
            "order",
        ),
        (
            select,
            of_many,
            "evidence.person_id, evidence.begins_at",
            "evidence.kind",
            "order",
        ),
        (
            update,
            for_many,
            "SET revoked_at = worse.at",
            "SET revoked_at = 0",
            "sets",
        ),
        (
            update,
            for_many,
            "slot.person_id = worse.person_id AND ",
            "",
            "condition",
        ),
        (
            update,
            for_many,
            "slot.list, slot.slot_index",
            "slot.slot_index",
            "returns",
        ),
    ];
    for (single, set, right, wrong, complaint) in table {
        assert!(set.contains(right), "{right}");
        let changed = set.replacen(right, wrong, 1);
        let faults = faults_of_set(single, &changed, &keys);
        assert!(
            faults.iter().any(|fault| fault.contains(complaint)),
            "{changed}: {faults:?}"
        );
    }
    // What the form for one row does wrong is not repeated for many.
    let fan_out = (
        "SELECT kind FROM evidence WHERE kind = $1 ORDER BY kind",
        "SELECT evidence.kind FROM UNNEST($1) AS asked (kind) \
         JOIN evidence ON evidence.kind = asked.kind ORDER BY evidence.kind",
    );
    let faults = faults_of_set(fan_out.0, fan_out.1, &keys);
    assert!(faults[0].contains("person_id"), "{faults:?}");
}
