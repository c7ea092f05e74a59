//! The SQL files and the tables that the migrations make.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sqlparser::ast::{
    AlterTableOperation, ColumnDef, ColumnOption, CreateTable, ObjectType, Statement,
    TableConstraint,
};
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
    words: Words,
}

impl QueryFile {
    pub fn dialect(&self) -> Words {
        self.words
    }

    /// The statement as each database gets it: where it asks who is in sight, the rule is put in.
    fn whole(self) -> Vec<Self> {
        const ASKED: &str = "IN_SIGHT()";
        if !self.text.contains(ASKED) {
            return vec![self];
        }
        let with_rule = |(folder, words)| {
            let rule = fs::read_to_string(root().join("queries").join(folder));
            let text = self.text.replacen(ASKED, &rule.unwrap(), 1);
            let name = self.name.clone();
            Self { name, text, words }
        };
        [
            ("sqlite/in_sight.part", Words::Sqlite),
            ("postgres/in_sight.part", Words::Postgres),
        ]
        .map(with_rule)
        .into()
    }
}

fn words(name: &str) -> Words {
    match name.split_once('/') {
        Some(("sqlite", _)) => Words::Sqlite,
        Some(("postgres", _)) => Words::Postgres,
        Some((other, _)) => panic!("queries/{other} belongs to no database"),
        None => Words::Both,
    }
}

/// A table as the migrations leave it.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The columns of the primary key.
    pub key: Vec<String>,
    /// Every column: its name, its kind, whether it may be empty.
    pub columns: Vec<String>,
}

/// What the migrations make of an empty database.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Schema {
    pub tables: BTreeMap<String, Table>,
    /// Indexes, each with its table and columns.
    pub indexes: BTreeMap<String, String>,
}

impl Schema {
    /// Applies the migrations of one database, in their order.
    pub fn of(database: &str) -> Self {
        let mut schema = Self::default();
        for (name, text, dialect) in migrations() {
            if name.starts_with(database) {
                for statement in Parser::parse_sql(dialect.as_ref(), &text).unwrap() {
                    schema.apply(&name, statement);
                }
            }
        }
        schema
    }

    fn apply(&mut self, name: &str, statement: Statement) {
        match statement {
            Statement::CreateTable(table) => {
                let made = Table {
                    key: primary_key(&table),
                    columns: table.columns.iter().map(column).collect(),
                };
                let there = self.tables.insert(table.name.to_string(), made);
                assert_eq!(there, None, "{name}: {} was there", table.name);
            }
            Statement::AlterTable(change) => {
                let table = self.tables.get_mut(&change.name.to_string()).unwrap();
                for operation in change.operations {
                    let AlterTableOperation::AddColumn { column_def, .. } = operation else {
                        panic!("{name}: a migration adds columns, not {operation}");
                    };
                    table.columns.push(column(&column_def));
                }
            }
            Statement::CreateIndex(index) => {
                let key: Vec<_> = index.columns.iter().map(ToString::to_string).collect();
                let only = index.predicate.map(|only| format!(" where {only}"));
                let (table, key) = (index.table_name, key.join(", "));
                let made = format!("{table} ({key}){}", only.unwrap_or_default());
                self.indexes.insert(index.name.unwrap().to_string(), made);
            }
            Statement::Drop {
                object_type, names, ..
            } => {
                for dropped in names.iter().map(ToString::to_string) {
                    let was_there = match object_type {
                        ObjectType::Table => {
                            let of_table = format!("{dropped} (");
                            self.indexes.retain(|_, made| !made.starts_with(&of_table));
                            self.tables.remove(&dropped).is_some()
                        }
                        ObjectType::Index => self.indexes.remove(&dropped).is_some(),
                        _ => panic!("{name}: a migration drops tables and indexes, not {dropped}"),
                    };
                    assert!(was_there, "{name}: there is no {dropped}");
                }
            }
            // SQLite counts in a row of a table instead.
            Statement::CreateSequence { .. } if name.starts_with("postgres/") => {}
            Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => {}
            other => panic!("{name}: not expected in a migration: {other}"),
        }
    }
}

fn column(column: &ColumnDef) -> String {
    let kind = match column.data_type.to_string().as_str() {
        "BLOB" | "BYTEA" => "bytes",
        "INTEGER" | "BIGINT" => "int",
        "TEXT" => "text",
        other => panic!("{} has type {other}", column.name),
    };
    let is_never_empty = column
        .options
        .iter()
        .any(|option| option.option == ColumnOption::NotNull);
    let empty = if is_never_empty { "" } else { ", or empty" };
    format!("{} {kind}{empty}", column.name)
}

/// The primary key of every table.
pub fn primary_keys() -> BTreeMap<String, Vec<String>> {
    let tables = Schema::of("postgres").tables.into_iter();
    let mut keys: BTreeMap<_, _> = tables.map(|(name, table)| (name, table.key)).collect();
    keys.insert("schema_version".to_owned(), vec!["version".to_owned()]);
    keys
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

/// The statements that have a form for many rows, each with that form, as `src/queries.rs` pairs
/// them.
pub fn set_forms() -> Vec<(String, String)> {
    let declared = fs::read_to_string(root().join("src/queries.rs")).unwrap();
    let pair = |line: &str| {
        let (single, set) = line.split_once(" = \"")?.1.split_once("\" set \"")?;
        Some((single.to_owned(), set.split_once('"')?.0.to_owned()))
    };
    declared.lines().filter_map(pair).collect()
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
            words: words(&name),
            text: fs::read_to_string(path).unwrap(),
            name,
        }
    };
    files
        .into_iter()
        .map(file)
        .flat_map(QueryFile::whole)
        .collect()
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
