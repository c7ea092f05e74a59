//! Every statement is understood by its database, and returns nothing but the three kinds of values
//! that the store reads: numbers of 64 bits, texts and bytes.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::types::Type;

use super::files::{QueryFile, Schema, Words, queries, set_forms};
use crate::{bases, behind};

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_understands_every_statement() {
    let base = bases::sqlite().await;
    let connection = rusqlite::Connection::open(base.file()).unwrap();
    for file in queries() {
        if !matches!(file.dialect(), Words::Postgres) {
            let prepared = connection.prepare(&file.text);
            assert!(prepared.is_ok(), "{}: {:?}", file.name, prepared.err());
        }
    }
    base.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_understands_every_statement_and_returns_what_the_store_reads() {
    let base = bases::postgres().await;
    let client = behind::server(&base.url).await.unwrap();
    let sets: BTreeSet<String> = set_forms().into_iter().map(|(_, set)| set).collect();
    let kinds = kinds();
    for file in queries() {
        let types = match file.dialect() {
            Words::Sqlite => continue,
            _ if sets.contains(&file.name) => arrays(&file, &kinds),
            _ => Vec::new(),
        };
        let prepared = client.prepare_typed(&file.text, &types).await;
        let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error:?}", file.name));
        for column in prepared.columns() {
            let is_read = [Type::INT8, Type::TEXT, Type::BYTEA].contains(column.type_());
            assert!(is_read, "{}: {column:?} is not read", file.name);
        }
    }
    base.remove().await;
}

/// What kind of values a column of this name holds, whichever table it is in.
fn kinds() -> BTreeMap<String, Type> {
    let mut kinds = BTreeMap::from([("since_at".to_owned(), Type::INT8_ARRAY)]);
    for table in Schema::of("postgres").tables.into_values() {
        for column in table.columns {
            let (name, kind) = column.split_once(' ').unwrap();
            let kind = match kind.trim_end_matches(", or empty") {
                "int" => Type::INT8_ARRAY,
                "text" => Type::TEXT_ARRAY,
                _ => Type::BYTEA_ARRAY,
            };
            let other = kinds.insert(name.to_owned(), kind.clone());
            assert!(other.is_none_or(|other| other == kind), "{name}");
        }
    }
    kinds
}

/// The arrays of a form for many rows, by the names of their columns.
fn arrays(file: &QueryFile, kinds: &BTreeMap<String, Type>) -> Vec<Type> {
    let (_, arrays) = file.text.split_once("UNNEST(").unwrap();
    let (_, columns) = arrays.split_once(" (").unwrap();
    let (columns, _) = columns.split_once(')').unwrap();
    let columns = columns.split(',').map(str::trim);
    columns.map(|column| kinds[column].clone()).collect()
}
