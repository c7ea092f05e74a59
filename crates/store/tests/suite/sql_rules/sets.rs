//! What is wrong with the form of a statement for many rows. It must do with each row of its arrays
//! what the form for one row does with its parameters, and return the same columns.

use std::collections::BTreeMap;

use sqlparser::ast::{
    Expr, Join, JoinConstraint, JoinOperator, OrderByKind, Query, Select, SelectItem, SetExpr,
    Statement, TableAlias, TableFactor, TableWithJoins, UpdateTableFromKind,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::files::Words;
use super::statements::faults_of;

/// Every fault of a form for many rows, held against the form for one.
pub fn faults_of_set(single: &str, set: &str, keys: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    // By equality with it, the same distribution key is given.
    let mut faults = faults_of("the form for one row", single, Words::Both, keys);
    match (Form::read(single), Form::read(set)) {
        (Ok(single), Ok(set)) => faults.extend(single.differences(&set)),
        (Err(fault), _) | (_, Err(fault)) => faults.push(fault),
    }
    faults
}

/// What a statement does, in words that are the same for one row and for many: `$1` stands for a
/// parameter and for the column of its array, and no column names its table.
#[derive(Default)]
struct Form {
    is_set: bool,
    table: String,
    /// Each column with what is put into it.
    values: Vec<String>,
    on_conflict: String,
    sets: Vec<String>,
    condition: Vec<String>,
    groups: String,
    returns: Vec<String>,
    order: Vec<String>,
}

/// What names stand for: the aliases of tables, and the columns of the arrays by their numbers.
#[derive(Default)]
struct Names {
    tables: Vec<String>,
    arrays: Option<(String, Vec<String>)>,
}

impl Form {
    fn read(text: &str) -> Result<Self, String> {
        let parsed = Parser::parse_sql(&PostgreSqlDialect {}, text);
        let mut statements = parsed.map_err(|error| format!("does not parse: {error}"))?;
        match (statements.pop(), statements.pop()) {
            (Some(statement), None) => Self::of(statement),
            _ => Err("holds not one statement".to_owned()),
        }
    }

    fn of(statement: Statement) -> Result<Self, String> {
        let mut form = Self::default();
        let mut names = Names::default();
        match statement {
            Statement::Insert(insert) => {
                form.table = insert.table.to_string();
                names.tables.push(form.table.clone());
                let columns = insert.columns.iter().map(ToString::to_string);
                let source = insert.source.ok_or("puts nothing in")?;
                let values = values(&source, &mut names)?;
                form.values = columns
                    .zip(values)
                    .map(|(to, of)| format!("{to} = {of}"))
                    .collect();
                form.on_conflict = insert.on.map_or_else(String::new, |on| on.to_string());
                form.returns = names.items(&insert.returning.unwrap_or_default());
            }
            Statement::Update(update) => {
                form.table = update.table.to_string();
                names.tables.push(form.table.clone());
                if let Some(UpdateTableFromKind::AfterSet(from)) = update.from {
                    let [from] = &from[..] else {
                        return Err("reads more than its arrays".to_owned());
                    };
                    names.read(from)?;
                }
                let sets = update.assignments.iter();
                form.sets = sets.map(|one| names.plain(one)).collect();
                form.condition = names.conditions(update.selection.as_ref());
                form.returns = names.items(&update.returning.unwrap_or_default());
            }
            Statement::Query(query) => {
                let SetExpr::Select(select) = *query.body else {
                    return Err("is more than one SELECT".to_owned());
                };
                let on = form.read_from(&select, &mut names)?;
                form.condition = names.conditions(on.as_ref());
                form.condition
                    .extend(names.conditions(select.selection.as_ref()));
                form.groups = names.plain(&select.group_by);
                form.returns = names.items(&select.projection);
                if let Some(OrderByKind::Expressions(order)) = query.order_by.map(|by| by.kind) {
                    form.order = order.iter().map(|one| names.plain(one)).collect();
                }
            }
            other => return Err(format!("has no form for many rows: {other}")),
        }
        form.condition.sort();
        form.is_set = names.arrays.is_some();
        Ok(form)
    }

    /// Reads `FROM table`, or `FROM UNNEST(…) JOIN table ON …`; returns the condition of the join.
    fn read_from(&mut self, select: &Select, names: &mut Names) -> Result<Option<Expr>, String> {
        let [from] = &select.from[..] else {
            return Err("reads several tables".to_owned());
        };
        let (table, on) = match (&from.relation, &from.joins[..]) {
            (table, []) => (table, None),
            (arrays, [join]) => {
                names.read(&TableWithJoins {
                    relation: arrays.clone(),
                    joins: Vec::new(),
                })?;
                let Join {
                    join_operator: JoinOperator::Join(JoinConstraint::On(on)),
                    relation,
                    ..
                } = join
                else {
                    return Err(format!("joins in another way: {join}"));
                };
                (relation, Some(on.clone()))
            }
            _ => return Err("joins several tables".to_owned()),
        };
        let TableFactor::Table { name, alias, .. } = table else {
            return Err("reads something that is not a table".to_owned());
        };
        self.table = name.to_string();
        names.tables.push(self.table.clone());
        names
            .tables
            .extend(alias.iter().map(|alias| alias.name.to_string()));
        Ok(on)
    }

    fn differences(&self, set: &Self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut compare = |what: &str, single: &[String], set: &[String]| {
            if single != set {
                faults.push(format!("its {what}: {set:?}, and for one row {single:?}"));
            }
        };
        let one = std::slice::from_ref;
        compare("table", one(&self.table), one(&set.table));
        compare("values", &self.values, &set.values);
        compare("conflict", one(&self.on_conflict), one(&set.on_conflict));
        compare("sets", &self.sets, &set.sets);
        compare("condition", &self.condition, &set.condition);
        compare("groups", one(&self.groups), one(&set.groups));
        compare("returns", &self.returns, &set.returns);
        // By what was asked for first, then as for one row.
        let (of_one, first) = (&self.order, set.order.first());
        let is_by_key = first.is_some_and(|first| set.condition.contains(&format!("{first} = $1")));
        let is_as_for_one = of_one.is_empty() || is_by_key && set.order.ends_with(of_one);
        if !is_as_for_one {
            faults.push(format!("its order: {:?}", set.order));
        }
        if self.is_set || !set.is_set {
            faults.push("takes no arrays".to_owned());
        }
        faults
    }
}

/// What is put into the columns of an INSERT.
fn values(source: &Query, names: &mut Names) -> Result<Vec<String>, String> {
    match &*source.body {
        SetExpr::Values(values) => {
            let [row] = &values.rows[..] else {
                return Err("puts several rows in".to_owned());
            };
            Ok(row.iter().map(|value| names.plain(value)).collect())
        }
        SetExpr::Select(select) => {
            let [from] = &select.from[..] else {
                return Err("reads more than its arrays".to_owned());
            };
            names.read(from)?;
            if select.selection.is_some() {
                return Err("leaves rows out".to_owned());
            }
            Ok(names.items(&select.projection))
        }
        other => Err(format!("puts in something else: {other}")),
    }
}

impl Names {
    /// Reads `UNNEST($1, $2, …) AS name (column, …)`.
    fn read(&mut self, from: &TableWithJoins) -> Result<(), String> {
        let TableFactor::UNNEST {
            alias: Some(TableAlias { name, columns, .. }),
            array_exprs,
            with_ordinality: false,
            ..
        } = &from.relation
        else {
            return Err(format!("reads something else than arrays: {from}"));
        };
        if !from.joins.is_empty() {
            return Err("joins more than its arrays".to_owned());
        }
        let numbers: Vec<String> = array_exprs.iter().map(ToString::to_string).collect();
        let expected: Vec<String> = (1..=columns.len()).map(|at| format!("${at}")).collect();
        if numbers != expected {
            return Err(format!("its arrays are {}", expected.join(", ")));
        }
        let columns = columns.iter().map(|column| column.name.to_string());
        self.arrays = Some((name.to_string(), columns.collect()));
        Ok(())
    }

    /// A part of a statement, in words that are the same for one row and for many.
    fn plain(&self, part: &impl ToString) -> String {
        let text = part.to_string();
        let tokens = Tokenizer::new(&PostgreSqlDialect {}, &text)
            .tokenize()
            .unwrap();
        let mut plain = String::new();
        let mut at = 0;
        while at < tokens.len() {
            if let [Token::Word(table), Token::Period, Token::Word(column), ..] = &tokens[at..] {
                plain.push_str(&self.column(&table.value, &column.value));
                at += 3;
            } else {
                plain.push_str(&tokens[at].to_string());
                at += 1;
            }
        }
        plain
    }

    fn column(&self, table: &str, column: &str) -> String {
        if self.tables.iter().any(|known| known == table) {
            return column.to_owned();
        }
        let array = self.arrays.as_ref().filter(|(name, _)| name == table);
        let number = array.and_then(|(_, columns)| columns.iter().position(|one| one == column));
        match number {
            Some(number) => format!("${}", number + 1),
            None => format!("{table}.{column}"),
        }
    }

    fn items(&self, items: &[SelectItem]) -> Vec<String> {
        items.iter().map(|item| self.plain(item)).collect()
    }

    /// What must all hold.
    fn conditions(&self, condition: Option<&Expr>) -> Vec<String> {
        match condition {
            None => Vec::new(),
            Some(Expr::BinaryOp { left, op, right }) if op.to_string() == "AND" => {
                let mut all = self.conditions(Some(left));
                all.extend(self.conditions(Some(right)));
                all
            }
            Some(Expr::Nested(inner)) => self.conditions(Some(inner)),
            Some(other) => vec![self.plain(other)],
        }
    }
}
