//! The SQL files and the tables that the migrations make.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sqlparser::ast::{ColumnOption, CreateTable, Statement, TableConstraint};
use sqlparser::dialect::{Dialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

/// Which database reads a file.
#[derive(Clone, Copy)]
pub enum Words {
    Sqlite,
    Postgres,
    Both,
}

impl Words {
    pub fn dialects(self) -> Vec<Box<dyn Dialect>> {
        match self {
            Self::Sqlite => vec![Box::new(SQLiteDialect {})],
            Self::Postgres => vec![Box::new(PostgreSqlDialect {})],
            Self::Both => vec![Box::new(SQLiteDialect {}), Box::new(PostgreSqlDialect {})],
        }
    }
}

/// One query.
pub struct QueryFile {
    /// Path below `queries/`.
    pub name: String,
    pub text: String,
}

impl QueryFile {
    pub fn dialect(&self) -> Words {
        match self.name.split_once('/') {
            Some(("sqlite", _)) => Words::Sqlite,
            Some(("postgres", _)) => Words::Postgres,
            Some((other, _)) => panic!("queries/{other} belongs to no database"),
            None => Words::Both,
        }
    }
}

/// The primary key of every table.
pub fn primary_keys() -> BTreeMap<String, Vec<String>> {
    let tables = migrations()
        .into_iter()
        .flat_map(|(_, text, dialect)| tables_of(&text, dialect.as_ref()));
    let mut keys: BTreeMap<_, _> = tables
        .map(|table| (table.name.to_string(), primary_key(&table)))
        .collect();
    keys.insert("schema_version".to_owned(), vec!["version".to_owned()]);
    keys
}

pub fn tables_of(text: &str, dialect: &dyn Dialect) -> Vec<CreateTable> {
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

pub fn primary_key(table: &CreateTable) -> Vec<String> {
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

pub fn queries() -> Vec<QueryFile> {
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

pub fn migrations() -> Vec<(String, String, Box<dyn Dialect>)> {
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

pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
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

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
