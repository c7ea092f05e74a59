//! What goes into a statement and comes out of a row, the same for both databases.

use std::fmt::Display;
use std::str::FromStr;

use domain::{
    AuthorityId, BadId, DeviceId, EvidenceId, GroupId, PersonId, ProposalId, RequestKey, Timestamp,
    VenueId,
};
use rusqlite::types::FromSql as _;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Database, Decode, Encode, Type};

use crate::{Result, StoreError};

/// One value in a statement. Each knows its type even when it is NULL: PostgreSQL insists.
#[derive(Clone)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// Adds values to a statement, in order.
pub(crate) fn bound<DB>(
    sql: &'static str,
    values: &[Value],
) -> sqlx::query::Query<'static, DB, DB::Arguments>
where
    DB: Database,
    Option<i64>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<String>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<Vec<u8>>: for<'q> Encode<'q, DB> + Type<DB>,
{
    values
        .iter()
        .fold(sqlx::query(sql), |query, value| match value.clone() {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        })
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        match self {
            Self::Int(value) => value.to_sql(),
            Self::Text(value) => value.to_sql(),
            Self::Bytes(value) => value.to_sql(),
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(Some(value.into()))
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(Some(value.as_second()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(value: Option<Timestamp>) -> Self {
        Self::Int(value.map(Timestamp::as_second))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

/// An identifier that is kept as 16 bytes.
pub(crate) trait StoredId: Sized {
    fn read(bytes: &[u8]) -> Result<Self, BadId>;
}

macro_rules! stored_ids {
    ($($name:ident)*) => {$(
        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                id.to_bytes().into()
            }
        }

        impl From<Option<$name>> for Value {
            fn from(id: Option<$name>) -> Self {
                Self::Bytes(id.map(|id| id.to_bytes().to_vec()))
            }
        }

        impl StoredId for $name {
            fn read(bytes: &[u8]) -> Result<Self, BadId> {
                $name::from_slice(bytes)
            }
        }
    )*};
}

stored_ids! { PersonId EvidenceId VenueId GroupId AuthorityId DeviceId RequestKey ProposalId }

/// One row of an answer. Columns are counted from 0, in the order of the statement.
pub(crate) struct Row {
    source: Source,
    query: &'static str,
}

enum Source {
    /// As the writer of SQLite reads it.
    Written(Vec<rusqlite::types::Value>),
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn written(row: Vec<rusqlite::types::Value>, query: &'static str) -> Self {
        Self {
            source: Source::Written(row),
            query,
        }
    }

    pub(crate) fn sqlite(row: SqliteRow, query: &'static str) -> Self {
        Self {
            source: Source::Sqlite(row),
            query,
        }
    }

    pub(crate) fn postgres(row: PgRow, query: &'static str) -> Self {
        Self {
            source: Source::Postgres(row),
            query,
        }
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        self.int_or_null(column)?
            .ok_or_else(|| self.corrupt(column, "it is empty"))
    }

    pub(crate) fn int_or_null(&self, column: usize) -> Result<Option<i64>> {
        self.cell(column)
    }

    /// A number that must fit a smaller type.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T> {
        let number = self.int(column)?;
        T::try_from(number).map_err(|_| self.corrupt(column, "the number is out of range"))
    }

    pub(crate) fn text(&self, column: usize) -> Result<String> {
        self.text_or_null(column)?
            .ok_or_else(|| self.corrupt(column, "it is empty"))
    }

    pub(crate) fn text_or_null(&self, column: usize) -> Result<Option<String>> {
        self.cell(column)
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        self.bytes_or_null(column)?
            .ok_or_else(|| self.corrupt(column, "it is empty"))
    }

    fn bytes_or_null(&self, column: usize) -> Result<Option<Vec<u8>>> {
        self.cell(column)
    }

    /// Exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N]> {
        let bytes = self.bytes(column)?;
        bytes
            .try_into()
            .map_err(|_| self.corrupt(column, "it has the wrong length"))
    }

    pub(crate) fn id<T: StoredId>(&self, column: usize) -> Result<T> {
        T::read(&self.bytes(column)?).map_err(|error| self.corrupt(column, error))
    }

    pub(crate) fn id_or_null<T: StoredId>(&self, column: usize) -> Result<Option<T>> {
        let bytes = self.bytes_or_null(column)?;
        bytes
            .map(|bytes| T::read(&bytes).map_err(|error| self.corrupt(column, error)))
            .transpose()
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp> {
        self.time_or_null(column)?
            .ok_or_else(|| self.corrupt(column, "it is empty"))
    }

    pub(crate) fn time_or_null(&self, column: usize) -> Result<Option<Timestamp>> {
        let second = self.int_or_null(column)?;
        let time = |second| {
            Timestamp::from_second(second).map_err(|_| self.corrupt(column, "no such time"))
        };
        second.map(time).transpose()
    }

    /// A text that stands for one of a few values.
    pub(crate) fn word<T: FromStr<Err: Display>>(&self, column: usize) -> Result<T> {
        self.text(column)?
            .parse()
            .map_err(|error| self.corrupt(column, error))
    }

    pub(crate) fn word_or_null<T: FromStr<Err: Display>>(
        &self,
        column: usize,
    ) -> Result<Option<T>> {
        let text = self.text_or_null(column)?;
        text.map(|text| text.parse().map_err(|error| self.corrupt(column, error)))
            .transpose()
    }

    /// The error for a column that cannot be read. Names the row by its first column, never by
    /// anything personal.
    pub(crate) fn corrupt(&self, column: usize, why: impl Display) -> StoreError {
        StoreError::Corrupt {
            table: self.query,
            row: self.first_column(),
            why: format!("column {column}: {why}"),
        }
    }

    fn first_column(&self) -> String {
        if let Ok(Some(bytes)) = self.cell::<Vec<u8>>(0) {
            return bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        }
        match self.cell::<i64>(0) {
            Ok(Some(number)) => number.to_string(),
            _ => "(unnamed)".to_owned(),
        }
    }

    fn cell<T>(&self, column: usize) -> Result<Option<T>>
    where
        T: rusqlite::types::FromSql,
        T: for<'r> Decode<'r, sqlx::Sqlite> + Type<sqlx::Sqlite>,
        T: for<'r> Decode<'r, sqlx::Postgres> + Type<sqlx::Postgres>,
    {
        let cell = match &self.source {
            Source::Written(row) => return self.written_cell(row, column),
            Source::Sqlite(row) => row.try_get(column),
            Source::Postgres(row) => row.try_get(column),
        };
        cell.map_err(|error| StoreError::Corrupt {
            table: self.query,
            row: "(unnamed)".to_owned(),
            why: error.to_string(),
        })
    }

    fn written_cell<T: rusqlite::types::FromSql>(
        &self,
        row: &[rusqlite::types::Value],
        column: usize,
    ) -> Result<Option<T>> {
        let corrupt = |why: String| StoreError::Corrupt {
            table: self.query,
            row: "(unnamed)".to_owned(),
            why,
        };
        let cell = row
            .get(column)
            .ok_or_else(|| corrupt(format!("there is no column {column}")))?;
        Option::<T>::column_result(cell.into()).map_err(|error| corrupt(error.to_string()))
    }
}
