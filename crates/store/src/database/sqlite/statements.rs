//! Statements on a connection to SQLite.

use crate::database::{Row, Trouble, Value, error};
use crate::queries::Query;

/// Runs a statement; returns how many rows it wrote.
pub(in crate::database) fn execute(
    connection: &rusqlite::Connection,
    query: &Query,
    values: &[Value],
) -> Result<u64, Trouble> {
    let run = || {
        let mut statement = connection.prepare_cached(query.sqlite)?;
        bind(&mut statement, values)?;
        statement.raw_execute()
    };
    run()
        .map(|rows| rows as u64)
        .map_err(|error| error::trouble_of_sqlite(&error))
}

/// Runs a statement once for each row of values; returns how many rows it wrote in all.
pub(in crate::database) fn execute_each(
    connection: &rusqlite::Connection,
    query: &Query,
    rows: &[Vec<Value>],
) -> Result<u64, Trouble> {
    let run = || {
        let mut statement = connection.prepare_cached(query.sqlite)?;
        let mut written = 0;
        for values in rows {
            bind(&mut statement, values)?;
            written += statement.raw_execute()? as u64;
        }
        Ok(written)
    };
    run().map_err(|error| error::trouble_of_sqlite(&error))
}

/// Runs a statement and returns its rows.
pub(in crate::database) fn rows(
    connection: &rusqlite::Connection,
    query: &Query,
    values: &[Value],
) -> Result<Vec<Row>, Trouble> {
    let run = || {
        let mut statement = connection.prepare_cached(query.sqlite)?;
        let mut found = Vec::new();
        read(&mut statement, query, values, &mut found)?;
        Ok(found)
    };
    run().map_err(|error| error::trouble_of_sqlite(&error))
}

/// Runs a statement once for each row of values and returns all rows.
pub(in crate::database) fn rows_each(
    connection: &rusqlite::Connection,
    query: &Query,
    rows: &[Vec<Value>],
) -> Result<Vec<Row>, Trouble> {
    let run = || {
        let mut statement = connection.prepare_cached(query.sqlite)?;
        let mut found = Vec::with_capacity(rows.len());
        for values in rows {
            read(&mut statement, query, values, &mut found)?;
        }
        Ok(found)
    };
    run().map_err(|error| error::trouble_of_sqlite(&error))
}

/// Runs many statements without values.
pub(in crate::database) fn script(
    connection: &rusqlite::Connection,
    statements: &str,
) -> Result<(), Trouble> {
    connection
        .execute_batch(statements)
        .map_err(|error| error::trouble_of_sqlite(&error))
}

fn read(
    statement: &mut rusqlite::Statement<'_>,
    query: &Query,
    values: &[Value],
    found: &mut Vec<Row>,
) -> rusqlite::Result<()> {
    let columns = statement.column_count();
    bind(statement, values)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let cells: rusqlite::Result<Vec<_>> = (0..columns).map(|c| row.get(c)).collect();
        found.push(Row::sqlite(cells?, query.name));
    }
    Ok(())
}

/// Gives `?1`, `?2`, … their values. A statement may use a value several times or not at all.
fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    let used = statement.parameter_count();
    for (value, number) in values.iter().zip(1..=used) {
        statement.raw_bind_parameter(number, value)?;
    }
    Ok(())
}
