//! Every SQL file is parsed and held against the rules under which one layout runs on SQLite, on
//! PostgreSQL and on many machines. What the rules would let through only after thought is in a
//! list here, with the thought.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sqlparser::ast::{
    ColumnOption, CreateTable, Delete, Expr, FromTable, Insert, Query, SelectItem, SetExpr,
    Statement, TableConstraint, TableFactor, TableObject, TableWithJoins, Update,
};
use sqlparser::dialect::{Dialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

/// The columns that a large installation distributes by.
const DISTRIBUTION_KEYS: [&str; 2] = ["person_id", "venue_id"];

/// Tables whose first key is another one, and why that is right.
const OTHER_KEYS: [(&str, &str, &str); 10] = [
    (
        "person_token",
        "token_hash",
        "look-up: who presents the token is not known before",
    ),
    (
        "request",
        "request_key",
        "look-up: claimed before anything else is known to be new",
    ),
    (
        "identity_document",
        "document_index",
        "look-up: claims a document for one person",
    ),
    (
        "identity_phone",
        "phone_index",
        "look-up: finds the people of a phone",
    ),
    (
        "slot_claim",
        "list",
        "look-up: claims a place in a status list for one person",
    ),
    (
        "authority_token",
        "token_hash",
        "look-up: who presents the token is not known before",
    ),
    (
        "authority",
        "authority_id",
        "control: a few hundred rows, the same everywhere",
    ),
    (
        "region_level",
        "number",
        "control: some thousand rows, the same everywhere",
    ),
    (
        "policy",
        "policy_id",
        "control: a few rows, the same everywhere",
    ),
    ("counter", "name", "control: two rows"),
];

/// Statements that ask every machine, and why that is right.
const FAN_OUT: [(&str, &str); 11] = [
    (
        "people_after.sql",
        "walks over everybody, page by page, in the background",
    ),
    (
        "verdict_due.sql",
        "the sweep of due verdicts, in the background; an index has only these",
    ),
    (
        "verdict_decided_since.sql",
        "other nodes follow what was decided; by an index on time",
    ),
    (
        "outbox_waiting.sql",
        "the delivery of messages, in the background; an index has only these",
    ),
    (
        "trace_waiting.sql",
        "the tracer looks for jobs; an index has only these",
    ),
    (
        "slots_revoked.sql",
        "the status list is made of everybody's slots, once a minute",
    ),
    ("levels.sql", "reads a control table whole"),
    ("policies.sql", "reads a control table whole"),
    ("authorities.sql", "reads a control table whole"),
    (
        "authority_token_drop.sql",
        "a few hundred rows, when an operator changes a token",
    ),
    ("schema_version.sql", "the schema itself"),
];

/// Statements about the database, not about its rows.
const ABOUT_THE_DATABASE: [&str; 6] = [
    "schema_create.sql",
    "schema_advance.sql",
    "sqlite/schema_exists.sql",
    "postgres/schema_exists.sql",
    "sqlite/health.sql",
    "postgres/health.sql",
];

/// Words that no file may hold.
const FORBIDDEN: [&str; 13] = [
    "TRIGGER",
    "PROCEDURE",
    "FUNCTION",
    "LISTEN",
    "NOTIFY",
    "DEFERRABLE",
    "RECURSIVE",
    "MERGE",
    "JOIN",
    "UNIQUE",
    "RANDOM",
    "NOW",
    "CURRENT_TIMESTAMP",
];

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
            let column = |column: &sqlparser::ast::ColumnDef| {
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

/// Which database reads a file.
#[derive(Clone, Copy)]
enum Words {
    Sqlite,
    Postgres,
    Both,
}

impl Words {
    fn dialects(self) -> Vec<Box<dyn Dialect>> {
        match self {
            Self::Sqlite => vec![Box::new(SQLiteDialect {})],
            Self::Postgres => vec![Box::new(PostgreSqlDialect {})],
            Self::Both => vec![Box::new(SQLiteDialect {}), Box::new(PostgreSqlDialect {})],
        }
    }
}

struct QueryFile {
    /// Path below `queries/`.
    name: String,
    text: String,
}

impl QueryFile {
    fn dialect(&self) -> Words {
        match self.name.split_once('/') {
            Some(("sqlite", _)) => Words::Sqlite,
            Some(("postgres", _)) => Words::Postgres,
            Some((other, _)) => panic!("queries/{other} belongs to no database"),
            None => Words::Both,
        }
    }
}

fn faults_of(
    name: &str,
    text: &str,
    words: Words,
    keys: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let mut faults = Vec::new();
    for dialect in words.dialects() {
        faults.extend(forbidden_in(text, dialect.as_ref()));
        match Parser::parse_sql(dialect.as_ref(), text) {
            Err(error) => faults.push(format!("does not parse: {error}")),
            Ok(statements) if statements.len() != 1 => {
                faults.push(format!("holds one statement, not {}", statements.len()));
            }
            Ok(_) if ABOUT_THE_DATABASE.contains(&name) => {}
            Ok(statements) => {
                let fan_out = FAN_OUT.iter().any(|(listed, _)| *listed == name);
                faults.extend(faults_of_statement(&statements[0], keys, fan_out));
            }
        }
    }
    faults
        .into_iter()
        .map(|fault| format!("{name}: {fault}"))
        .collect()
}

fn faults_of_statement(
    statement: &Statement,
    keys: &BTreeMap<String, Vec<String>>,
    fan_out: bool,
) -> Vec<String> {
    match statement {
        Statement::Query(query) => faults_of_select(query, keys, fan_out),
        Statement::Insert(insert) => faults_of_insert(insert, keys),
        Statement::Update(Update {
            table, selection, ..
        }) => faults_of_condition(table, selection.as_ref(), keys, fan_out),
        Statement::Delete(Delete {
            from: FromTable::WithFromKeyword(from),
            selection,
            ..
        }) => from
            .iter()
            .flat_map(|from| faults_of_condition(from, selection.as_ref(), keys, fan_out))
            .collect(),
        other => vec![format!(
            "is neither SELECT, INSERT, UPDATE nor DELETE: {other}"
        )],
    }
}

fn faults_of_select(
    query: &Query,
    keys: &BTreeMap<String, Vec<String>>,
    fan_out: bool,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut is_one_row = true;
    for select in selects(&query.body) {
        let SetExpr::Select(select) = select else {
            faults.push("selects from something that is not a table".to_owned());
            continue;
        };
        for from in &select.from {
            faults.extend(faults_of_condition(
                from,
                select.selection.as_ref(),
                keys,
                fan_out,
            ));
            is_one_row &= gives_whole_key(from, select.selection.as_ref(), keys)
                || is_aggregate(&select.projection);
        }
        let wildcard = |item: &SelectItem| {
            matches!(
                item,
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
            )
        };
        if select.projection.iter().any(wildcard) {
            faults.push("names its columns, not *".to_owned());
        }
    }
    if query.order_by.is_none() && !is_one_row {
        faults.push("may return several rows without ORDER BY".to_owned());
    }
    faults
}

fn faults_of_insert(insert: &Insert, keys: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let TableObject::TableName(table) = &insert.table else {
        return vec!["inserts into something that is not a table".to_owned()];
    };
    let Some(key) = keys.get(&table.to_string()) else {
        return vec![format!("there is no table {table}")];
    };
    let named: Vec<String> = insert.columns.iter().map(ToString::to_string).collect();
    let missing = key.iter().filter(|column| !named.contains(column));
    missing
        .map(|column| format!("does not give {column}"))
        .collect()
}

/// The first column of the primary key must be given by equality.
fn faults_of_condition(
    from: &TableWithJoins,
    condition: Option<&Expr>,
    keys: &BTreeMap<String, Vec<String>>,
    fan_out: bool,
) -> Vec<String> {
    let Some(name) = table_name(from) else {
        return vec!["reads something that is not a table".to_owned()];
    };
    let Some(key) = keys.get(&name) else {
        return vec![format!("there is no table {name}")];
    };
    match (is_given(&key[0], condition), fan_out) {
        (true, false) | (false, true) => Vec::new(),
        (false, false) => {
            vec![format!(
                "does not give {} of {name} by equality and is no fan-out",
                key[0]
            )]
        }
        (true, true) => vec!["is listed as fan-out and is none".to_owned()],
    }
}

fn gives_whole_key(
    from: &TableWithJoins,
    condition: Option<&Expr>,
    keys: &BTreeMap<String, Vec<String>>,
) -> bool {
    let key = table_name(from).and_then(|name| keys.get(&name));
    key.is_some_and(|key| key.iter().all(|column| is_given(column, condition)))
}

/// Whether the condition holds only where `column` equals a parameter.
fn is_given(column: &str, condition: Option<&Expr>) -> bool {
    match condition {
        Some(Expr::BinaryOp { left, op, right }) if op.to_string() == "AND" => {
            is_given(column, Some(left)) || is_given(column, Some(right))
        }
        Some(Expr::BinaryOp { left, op, right }) => {
            op.to_string() == "="
                && left.to_string() == column
                && right.to_string().starts_with('$')
        }
        _ => false,
    }
}

fn is_aggregate(projection: &[SelectItem]) -> bool {
    let aggregate = |item: &SelectItem| {
        ["MAX(", "COUNT("]
            .iter()
            .any(|start| item.to_string().starts_with(start))
    };
    projection.iter().all(aggregate)
}

fn selects(body: &SetExpr) -> Vec<&SetExpr> {
    match body {
        SetExpr::SetOperation { left, right, .. } => [selects(left), selects(right)].concat(),
        other => vec![other],
    }
}

fn table_name(from: &TableWithJoins) -> Option<String> {
    match &from.relation {
        TableFactor::Table { name, .. } => Some(name.to_string()),
        _ => None,
    }
}

/// Forbidden words outside comments and quotes.
fn forbidden_in(text: &str, dialect: &dyn Dialect) -> Vec<String> {
    let tokens = Tokenizer::new(dialect, text).tokenize().unwrap_or_default();
    let word = |token: Token| match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_uppercase()),
        _ => None,
    };
    tokens
        .into_iter()
        .filter_map(word)
        .filter(|word| FORBIDDEN.contains(&word.as_str()) || word.starts_with("PG_ADVISORY"))
        .map(|word| format!("uses {word}"))
        .collect()
}

/// The primary key of every table.
fn primary_keys() -> BTreeMap<String, Vec<String>> {
    let tables = migrations()
        .into_iter()
        .flat_map(|(_, text, dialect)| tables_of(&text, dialect.as_ref()));
    let mut keys: BTreeMap<_, _> = tables
        .map(|table| (table.name.to_string(), primary_key(&table)))
        .collect();
    keys.insert("schema_version".to_owned(), vec!["version".to_owned()]);
    keys
}

fn tables_of(text: &str, dialect: &dyn Dialect) -> Vec<CreateTable> {
    let statements = Parser::parse_sql(dialect, text).unwrap();
    let tables = statements
        .into_iter()
        .filter_map(|statement| match statement {
            Statement::CreateTable(table) => Some(table),
            Statement::CreateIndex(_) => None,
            other => panic!("a migration creates tables and indexes, not {other}"),
        });
    tables.collect()
}

fn primary_key(table: &CreateTable) -> Vec<String> {
    let of_column = table.columns.iter().filter(|column| {
        column
            .options
            .iter()
            .any(|option| matches!(option.option, ColumnOption::PrimaryKey(_)))
    });
    let of_table = table
        .constraints
        .iter()
        .filter_map(|constraint| match constraint {
            TableConstraint::PrimaryKey(key) => Some(&key.columns),
            _ => None,
        });
    of_column
        .map(|column| column.name.to_string())
        .chain(of_table.flatten().map(|column| column.column.to_string()))
        .collect()
}

fn queries() -> Vec<QueryFile> {
    let folder = root().join("queries");
    let files = files(&folder, "sql");
    assert!(files.len() > 50, "the queries were not found");
    let file = |path: PathBuf| {
        let name = path
            .strip_prefix(&folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        QueryFile {
            name,
            text: fs::read_to_string(path).unwrap(),
        }
    };
    files.into_iter().map(file).collect()
}

fn migrations() -> Vec<(String, String, Box<dyn Dialect>)> {
    let folder = root().join("migrations");
    let file = |path: PathBuf| -> (String, String, Box<dyn Dialect>) {
        let name = path
            .strip_prefix(&folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let text = fs::read_to_string(path).unwrap();
        match name.starts_with("sqlite/") {
            true => (name, text, Box::new(SQLiteDialect {})),
            false => (name, text, Box::new(PostgreSqlDialect {})),
        }
    };
    files(&folder, "sql").into_iter().map(file).collect()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
