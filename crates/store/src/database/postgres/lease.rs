//! A connection to PostgreSQL while one transaction has it.

use deadpool_postgres::Object;
use futures::future::try_join_all;
use tokio_postgres::Statement;
use tokio_postgres::types::{ToSql, Type};

use crate::database::value::Column;
use crate::database::{Row, Trouble, Value, error};
use crate::queries::Query;

/// How many statements are sent before their answers are awaited.
const PIPELINED: usize = 256;

/// The limits of a transaction that takes long by nature. Between two statements of it something is
/// computed or written to a file.
const TAKES_TIME: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
                          SET LOCAL idle_in_transaction_session_timeout = '10min'";

/// A connection out of the pool. It goes back only if nothing is open on it and nothing failed in
/// a way that says that it is dead.
pub(crate) struct Lease {
    client: Option<Object>,
    is_open: bool,
    is_lost: bool,
    takes_time: bool,
    statements: u64,
}

impl Lease {
    pub(super) const fn new(client: Object) -> Self {
        Self {
            client: Some(client),
            is_open: false,
            is_lost: false,
            takes_time: false,
            statements: 0,
        }
    }

    /// Whether the connection was found dead by its very first statement.
    pub(super) const fn was_stale(&self) -> bool {
        self.is_lost && self.statements <= 1
    }

    /// Whether the transaction was given time.
    pub(super) const fn takes_time(&self) -> bool {
        self.takes_time
    }

    /// Lifts the limits of this transaction.
    pub(in crate::database) async fn take_time(&mut self) -> Result<(), Trouble> {
        self.takes_time = true;
        self.control(TAKES_TIME).await
    }

    pub(super) async fn begin(&mut self) -> Result<(), Trouble> {
        // Before it is sent: a caller that leaves now must not hand on an open transaction.
        self.is_open = true;
        self.control("BEGIN").await
    }

    /// Begins to read one snapshot of the record, for as long as that takes.
    pub(super) async fn begin_snapshot(&mut self) -> Result<(), Trouble> {
        self.is_open = true;
        self.control("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        self.take_time().await
    }

    pub(super) async fn commit(&mut self) -> Result<(), Trouble> {
        self.control("COMMIT").await?;
        self.is_open = false;
        Ok(())
    }

    pub(super) async fn roll_back(&mut self) {
        if !self.is_lost && self.control("ROLLBACK").await.is_ok() {
            self.is_open = false;
        }
    }

    pub(in crate::database) async fn execute(
        &mut self,
        query: &Query,
        values: &[Value],
    ) -> Result<u64, Trouble> {
        let run = async |client: &Object| {
            let statement = prepared(client, query.postgres, values).await?;
            client.execute_raw(&statement, parameters(values)).await
        };
        self.run(run).await
    }

    pub(in crate::database) async fn execute_each(
        &mut self,
        query: &Query,
        rows: &[Vec<Value>],
    ) -> Result<u64, Trouble> {
        let run = async |client: &Object| {
            if let Some(set) = query.postgres_set {
                let columns = Column::of_rows(rows);
                let statement = prepared_set(client, set, &columns).await?;
                return client
                    .execute_raw(&statement, set_parameters(&columns))
                    .await;
            }
            let Some(first) = rows.first() else {
                return Ok(0);
            };
            let statement = prepared(client, query.postgres, first).await?;
            let mut written = 0;
            for rows in rows.chunks(PIPELINED) {
                let each = rows
                    .iter()
                    .map(|values| client.execute_raw(&statement, parameters(values)));
                written += try_join_all(each).await?.into_iter().sum::<u64>();
            }
            Ok(written)
        };
        self.run(run).await
    }

    pub(in crate::database) async fn rows(
        &mut self,
        query: &Query,
        values: &[Value],
    ) -> Result<Vec<Row>, Trouble> {
        let run = async |client: &Object| {
            let statement = prepared(client, query.postgres, values).await?;
            let parameters: Vec<_> = parameters(values).collect();
            client.query(&statement, &parameters).await
        };
        let rows = self.run(run).await?;
        Ok(named(rows, query))
    }

    pub(in crate::database) async fn rows_each(
        &mut self,
        query: &Query,
        rows: &[Vec<Value>],
    ) -> Result<Vec<Row>, Trouble> {
        let run = async |client: &Object| {
            if let Some(set) = query.postgres_set {
                let columns = Column::of_rows(rows);
                let statement = prepared_set(client, set, &columns).await?;
                let parameters: Vec<_> = set_parameters(&columns).collect();
                return client.query(&statement, &parameters).await;
            }
            let Some(first) = rows.first() else {
                return Ok(Vec::new());
            };
            let statement = prepared(client, query.postgres, first).await?;
            let mut found = Vec::new();
            for rows in rows.chunks(PIPELINED) {
                let parameters: Vec<Vec<_>> = rows
                    .iter()
                    .map(|values| parameters(values).collect())
                    .collect();
                let each = parameters
                    .iter()
                    .map(|parameters| client.query(&statement, parameters));
                found.extend(try_join_all(each).await?.into_iter().flatten());
            }
            Ok(found)
        };
        let rows = self.run(run).await?;
        Ok(named(rows, query))
    }

    pub(in crate::database) async fn script(&mut self, statements: &str) -> Result<(), Trouble> {
        self.run(async |client: &Object| client.batch_execute(statements).await)
            .await
    }

    async fn control(&mut self, statement: &str) -> Result<(), Trouble> {
        self.run(async |client: &Object| client.batch_execute(statement).await)
            .await
    }

    async fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Trouble> {
        let Some(client) = &self.client else {
            let why = "the connection was given back".to_owned();
            return Err(Trouble::Refused(crate::StoreError::Database(why)));
        };
        self.statements += 1;
        work(client).await.map_err(|error| {
            let trouble = error::trouble_of_postgres(&error);
            self.is_lost |= matches!(trouble, Trouble::Lost(_)) || client.is_closed();
            trouble
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && (self.is_open || self.is_lost)
        {
            drop(Object::take(client));
        }
    }
}

async fn prepared(
    client: &Object,
    text: &str,
    values: &[Value],
) -> Result<Statement, tokio_postgres::Error> {
    let types: Vec<Type> = values.iter().map(Value::postgres_type).collect();
    client.prepare_typed_cached(text, &types).await
}

async fn prepared_set(
    client: &Object,
    text: &str,
    columns: &[Column],
) -> Result<Statement, tokio_postgres::Error> {
    let types: Vec<Type> = columns.iter().map(Column::postgres_type).collect();
    client.prepare_typed_cached(text, &types).await
}

fn parameters(values: &[Value]) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync))
}

fn set_parameters(columns: &[Column]) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
    columns.iter().map(Column::as_parameter)
}

fn named(rows: Vec<tokio_postgres::Row>, query: &Query) -> Vec<Row> {
    rows.into_iter()
        .map(|row| Row::postgres(row, query.name))
        .collect()
}
