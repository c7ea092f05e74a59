//! What is wrong with a statement.

use std::collections::BTreeMap;

use sqlparser::ast::{
    Delete, Expr, FromTable, Insert, Query, SelectItem, SetExpr, Statement, TableFactor,
    TableObject, TableWithJoins, Update,
};
use sqlparser::dialect::Dialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::fan_out::FAN_OUT;
use super::files::Words;
use super::reviewed::{ABOUT_THE_DATABASE, ALLOWED, FORBIDDEN};

/// Every fault of one query file.
pub fn faults_of(
    name: &str,
    text: &str,
    words: Words,
    keys: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let mut faults = Vec::new();
    for dialect in words.dialects() {
        faults.extend(forbidden_in(name, text, dialect.as_ref()));
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

/// Whether the condition holds only where `column` equals a parameter or a constant.
pub fn is_given(column: &str, condition: Option<&Expr>) -> bool {
    match condition {
        Some(Expr::BinaryOp { left, op, right }) if op.to_string() == "AND" => {
            is_given(column, Some(left)) || is_given(column, Some(right))
        }
        Some(Expr::BinaryOp { left, op, right }) => {
            op.to_string() == "=" && left.to_string() == column && matches!(**right, Expr::Value(_))
        }
        _ => false,
    }
}

fn is_aggregate(projection: &[SelectItem]) -> bool {
    let aggregate = |item: &SelectItem| {
        ["MAX(", "COUNT(", "COALESCE(MAX("]
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

/// Forbidden words outside comments and quotes, but for those that the file may hold.
pub fn forbidden_in(name: &str, text: &str, dialect: &dyn Dialect) -> Vec<String> {
    let is_allowed = |word: &str| ALLOWED.iter().any(|one| (one.0, one.1) == (name, word));
    let tokens = Tokenizer::new(dialect, text).tokenize().unwrap_or_default();
    let word = |token: Token| match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_uppercase()),
        _ => None,
    };
    tokens
        .into_iter()
        .filter_map(word)
        .filter(|word| FORBIDDEN.contains(&word.as_str()) || word.starts_with("PG_ADVISORY"))
        .filter(|word| !is_allowed(word))
        .map(|word| format!("uses {word}"))
        .collect()
}
