//! What goes into a statement and comes out of a row, the same for both databases.

use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;

use domain::{
    AccountId, AlarmId, AppealId, AuthorityId, BadId, ChallengeId, ContradictionId, DeviceId,
    EvidenceId, FeedId, GlitchId, GroupId, PersonId, ProposalId, ScannerId, SessionId, StaffId,
    Timestamp, VenueId,
};
use rusqlite::types::{ToSqlOutput, Value as Cell, ValueRef};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::{Result, StoreError};

/// One value in a statement. Each knows its type even when it is NULL: PostgreSQL insists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    /// An identifier, without an allocation.
    Id([u8; 16]),
}

impl Value {
    pub(crate) const fn postgres_type(&self) -> Type {
        match self {
            Self::Int(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Bytes(_) | Self::Id(_) => Type::BYTEA,
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Int(value) => rusqlite::ToSql::to_sql(value),
            Self::Text(value) => rusqlite::ToSql::to_sql(value),
            Self::Bytes(value) => rusqlite::ToSql::to_sql(value),
            Self::Id(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        r#type: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Int(value) => value.to_sql(r#type, out),
            Self::Text(value) => value.to_sql(r#type, out),
            Self::Bytes(value) => value.to_sql(r#type, out),
            Self::Id(bytes) => bytes.as_slice().to_sql(r#type, out),
        }
    }

    fn accepts(r#type: &Type) -> bool {
        matches!(*r#type, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// The values of one parameter in many rows, as PostgreSQL takes them in one statement.
#[derive(Debug)]
pub(crate) enum Column {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Column {
    /// Turns rows into columns. Rows have the same number of values, of the same types.
    pub(crate) fn of_rows(rows: &[Vec<Value>]) -> Vec<Self> {
        let width = rows.first().map_or(0, Vec::len);
        let column = |at: usize| {
            let mut column = match rows[0][at] {
                Value::Int(_) => Self::Ints(Vec::with_capacity(rows.len())),
                Value::Text(_) => Self::Texts(Vec::with_capacity(rows.len())),
                Value::Bytes(_) | Value::Id(_) => Self::Bytes(Vec::with_capacity(rows.len())),
            };
            rows.iter().for_each(|row| column.push(&row[at]));
            column
        };
        (0..width).map(column).collect()
    }

    fn push(&mut self, value: &Value) {
        match (self, value) {
            (Self::Ints(column), Value::Int(value)) => column.push(*value),
            (Self::Texts(column), Value::Text(value)) => column.push(value.clone()),
            (Self::Bytes(column), Value::Bytes(value)) => column.push(value.clone()),
            (Self::Bytes(column), Value::Id(bytes)) => column.push(Some(bytes.to_vec())),
            // Another type than in the first row: the statement fails for its lengths.
            _ => {}
        }
    }

    pub(crate) const fn postgres_type(&self) -> Type {
        match self {
            Self::Ints(_) => Type::INT8_ARRAY,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Bytes(_) => Type::BYTEA_ARRAY,
        }
    }

    pub(crate) fn as_parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Ints(column) => column,
            Self::Texts(column) => column,
            Self::Bytes(column) => column,
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

impl From<Option<[u8; 32]>> for Value {
    fn from(value: Option<[u8; 32]>) -> Self {
        Self::Bytes(value.map(|bytes| bytes.to_vec()))
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(value: Option<&[u8]>) -> Self {
        Self::Bytes(value.map(<[u8]>::to_vec))
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
                Self::Id(id.to_bytes())
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

stored_ids! {
    AlarmId PersonId EvidenceId VenueId GroupId AuthorityId DeviceId ProposalId AccountId SessionId ChallengeId
    StaffId FeedId GlitchId AppealId ContradictionId ScannerId
}

/// One row of an answer. Columns are counted from 0, in the order of the statement.
pub(crate) struct Row {
    source: Source,
    query: &'static str,
}

enum Source {
    Sqlite(Vec<Cell>),
    Postgres(tokio_postgres::Row),
}

impl Row {
    pub(crate) const fn sqlite(row: Vec<Cell>, query: &'static str) -> Self {
        Self {
            source: Source::Sqlite(row),
            query,
        }
    }

    pub(crate) const fn postgres(row: tokio_postgres::Row, query: &'static str) -> Self {
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
        match &self.source {
            Source::Sqlite(row) => match row.get(column) {
                Some(Cell::Integer(value)) => Ok(Some(*value)),
                Some(Cell::Null) => Ok(None),
                _ => Err(self.corrupt(column, "expected a number")),
            },
            Source::Postgres(row) => self.read(column, row.try_get(column)),
        }
    }

    /// A number that must fit a smaller type.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T> {
        let number = self.int(column)?;
        T::try_from(number).map_err(|_| self.corrupt(column, "the number is out of range"))
    }

    /// The same, or nothing.
    pub(crate) fn number_or_null<T: TryFrom<i64>>(&self, column: usize) -> Result<Option<T>> {
        let number = self.int_or_null(column)?.map(T::try_from).transpose();
        number.map_err(|_| self.corrupt(column, "the number is out of range"))
    }

    pub(crate) fn text(&self, column: usize) -> Result<String> {
        self.text_or_null(column)?
            .ok_or_else(|| self.corrupt(column, "it is empty"))
    }

    pub(crate) fn text_or_null(&self, column: usize) -> Result<Option<String>> {
        Ok(self.text_ref(column)?.map(str::to_owned))
    }

    fn text_ref(&self, column: usize) -> Result<Option<&str>> {
        match &self.source {
            Source::Sqlite(row) => match row.get(column) {
                Some(Cell::Text(value)) => Ok(Some(value)),
                Some(Cell::Null) => Ok(None),
                _ => Err(self.corrupt(column, "expected a text")),
            },
            Source::Postgres(row) => self.read(column, row.try_get(column)),
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8]> {
        self.bytes_or_null(column)?
            .ok_or_else(|| self.corrupt(column, "it is empty"))
    }

    pub(crate) fn bytes_or_null(&self, column: usize) -> Result<Option<&[u8]>> {
        match &self.source {
            Source::Sqlite(row) => match row.get(column) {
                Some(Cell::Blob(value)) => Ok(Some(value)),
                Some(Cell::Null) => Ok(None),
                _ => Err(self.corrupt(column, "expected bytes")),
            },
            Source::Postgres(row) => self.read(column, row.try_get(column)),
        }
    }

    /// Exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N]> {
        let bytes = self.bytes(column)?;
        bytes
            .try_into()
            .map_err(|_| self.corrupt(column, "it has the wrong length"))
    }

    /// Exactly `N` bytes, or nothing.
    pub(crate) fn array_or_null<const N: usize>(&self, column: usize) -> Result<Option<[u8; N]>> {
        let bytes = self.bytes_or_null(column)?;
        let array = |bytes: &[u8]| {
            bytes
                .try_into()
                .map_err(|_| self.corrupt(column, "it has the wrong length"))
        };
        bytes.map(array).transpose()
    }

    pub(crate) fn id<T: StoredId>(&self, column: usize) -> Result<T> {
        T::read(self.bytes(column)?).map_err(|error| self.corrupt(column, error))
    }

    pub(crate) fn id_or_null<T: StoredId>(&self, column: usize) -> Result<Option<T>> {
        let bytes = self.bytes_or_null(column)?;
        bytes
            .map(|bytes| T::read(bytes).map_err(|error| self.corrupt(column, error)))
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
        if let Ok(Some(bytes)) = self.bytes_or_null_quietly() {
            return bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        }
        match &self.source {
            Source::Sqlite(row) => match row.first() {
                Some(Cell::Integer(number)) => number.to_string(),
                _ => "(unnamed)".to_owned(),
            },
            Source::Postgres(row) => row
                .try_get::<_, i64>(0)
                .map_or_else(|_| "(unnamed)".to_owned(), |number| number.to_string()),
        }
    }

    /// The first column if it is bytes, without an error that would ask for it again.
    fn bytes_or_null_quietly(&self) -> Result<Option<&[u8]>, ()> {
        match &self.source {
            Source::Sqlite(row) => match row.first() {
                Some(Cell::Blob(value)) => Ok(Some(value)),
                _ => Err(()),
            },
            Source::Postgres(row) => row.try_get(0).map_err(|_| ()),
        }
    }

    fn read<T>(&self, column: usize, cell: Result<T, tokio_postgres::Error>) -> Result<T> {
        cell.map_err(|error| self.corrupt(column, error))
    }
}
