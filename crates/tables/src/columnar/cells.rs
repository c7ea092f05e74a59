//! Some rows of a file by column, whatever its format.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, DictionaryArray, StringArray};
use arrow_schema::{DataType, TimeUnit};

use crate::files::push_text;

/// A column of some rows.
#[derive(Clone, Copy)]
pub(super) enum Cells<'b> {
    /// The file has no such column.
    Absent,
    /// Of a Parquet file.
    Array(&'b dyn Array),
    /// Of a text file: where in the text each value stands.
    Spans(&'b str, &'b [(u32, u32)]),
}

impl<'b> Cells<'b> {
    /// What `read` makes of each value, trimmed of nothing; `empty` where there is none. A value of a
    /// dictionary is read once.
    pub(super) fn map<T: Copy>(
        &self,
        rows: usize,
        empty: T,
        mut read: impl FnMut(&str) -> T,
    ) -> Vec<T> {
        let mut read = |text: &str| if text.is_empty() { empty } else { read(text) };
        if let Self::Absent = self {
            return vec![empty; rows];
        }
        if let Some((words, texts)) = self.dictionary().filter(|(_, all)| all.len() <= rows) {
            let known: Vec<T> = (0..texts.len()).map(|at| read(texts.value(at))).collect();
            let keys = words.keys();
            let of_key = |key: &i32| known.get(*key as usize).copied().unwrap_or(empty);
            return match keys.nulls() {
                None => keys.values().iter().map(of_key).collect(),
                Some(nulls) => keys
                    .values()
                    .iter()
                    .zip(nulls)
                    .map(|(key, is_there)| if is_there { of_key(key) } else { empty })
                    .collect(),
            };
        }
        let mut found = Vec::with_capacity(rows);
        self.each(rows, |_, text| found.push(read(text)));
        found
    }

    /// Hands over the text of each row, empty where there is none.
    pub(super) fn each(&self, rows: usize, mut read: impl FnMut(usize, &str)) {
        match self {
            Self::Absent => (0..rows).for_each(|row| read(row, "")),
            Self::Spans(text, spans) => {
                for (row, (start, end)) in spans.iter().enumerate() {
                    read(row, &text[*start as usize..*end as usize]);
                }
            }
            Self::Array(array) => match kind_of(*array) {
                Kind::Texts(texts) => {
                    for (row, text) in texts.iter().enumerate() {
                        read(row, text.unwrap_or_default());
                    }
                }
                _ => {
                    let mut scratch = String::new();
                    (0..rows).for_each(|row| read(row, text_at(*array, row, &mut scratch)));
                }
            },
        }
    }

    /// The text of one row as a CSV file would hold it; empty where there is none.
    pub(super) fn text<'a>(&'a self, row: usize, scratch: &'a mut String) -> &'a str {
        match self {
            Self::Absent => "",
            Self::Spans(text, spans) => {
                let (start, end) = spans[row];
                &text[start as usize..end as usize]
            }
            Self::Array(array) => text_at(*array, row, scratch),
        }
    }

    /// A column whose values are numbers, or timestamps in Unix seconds; `None` if they are
    /// something else. `missing` stands where there is none.
    pub(super) fn wholes(&self, missing: i64) -> Option<Vec<i64>> {
        let Self::Array(array) = self else {
            return None;
        };
        let mut values = wholes_of(*array)?;
        if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
            for (value, is_there) in values.iter_mut().zip(nulls) {
                if !is_there {
                    *value = missing;
                }
            }
        }
        Some(values)
    }

    /// The words of a column that comes as a dictionary, and which of them each row has.
    pub(super) fn dictionary(&self) -> Option<(&'b DictionaryArray<Int32Type>, &'b StringArray)> {
        match self {
            Self::Array(array) => match kind_of(*array) {
                Kind::Words(words, texts) => Some((words, texts)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// How a column's texts come.
enum Kind<'b> {
    Texts(&'b StringArray),
    Words(&'b DictionaryArray<Int32Type>, &'b StringArray),
    Other,
}

fn kind_of(array: &dyn Array) -> Kind<'_> {
    match array.data_type() {
        DataType::Utf8 => Kind::Texts(array.as_string()),
        DataType::Dictionary(_, _) => {
            let words = array.as_dictionary_opt::<Int32Type>();
            let texts = words.and_then(|words| words.values().as_string_opt::<i32>());
            match (words, texts) {
                (Some(words), Some(texts)) => Kind::Words(words, texts),
                _ => Kind::Other,
            }
        }
        _ => Kind::Other,
    }
}

fn text_at<'a>(array: &'a dyn Array, row: usize, scratch: &'a mut String) -> &'a str {
    if array.is_null(row) {
        return "";
    }
    match kind_of(array) {
        Kind::Texts(texts) => texts.value(row),
        Kind::Words(words, texts) => match words.key(row) {
            Some(key) if key < texts.len() => texts.value(key),
            _ => "",
        },
        Kind::Other => {
            scratch.clear();
            push_text(array, row, scratch);
            scratch
        }
    }
}

fn wholes_of(array: &dyn Array) -> Option<Vec<i64>> {
    macro_rules! whole {
        ($kind:ty, $value:ident => $whole:expr) => {{
            let values = array.as_primitive::<$kind>().values().iter();
            Some(
                values
                    .map(|value| {
                        let $value = *value;
                        $whole
                    })
                    .collect(),
            )
        }};
    }
    // A float that is no whole number is none of a column of wholes.
    let exact = |value: f64| {
        let whole = value as i64;
        let is_whole = whole as f64 == value && whole.abs() < 1 << 52;
        if is_whole { whole } else { i64::MIN }
    };
    match array.data_type() {
        DataType::Int8 => whole!(Int8Type, value => i64::from(value)),
        DataType::Int16 => whole!(Int16Type, value => i64::from(value)),
        DataType::Int32 => whole!(Int32Type, value => i64::from(value)),
        DataType::Int64 => whole!(Int64Type, value => value),
        DataType::UInt8 => whole!(UInt8Type, value => i64::from(value)),
        DataType::UInt16 => whole!(UInt16Type, value => i64::from(value)),
        DataType::UInt32 => whole!(UInt32Type, value => i64::from(value)),
        DataType::UInt64 => {
            whole!(UInt64Type, value => i64::try_from(value).unwrap_or(i64::MIN))
        }
        DataType::Float32 => whole!(Float32Type, value => exact(f64::from(value))),
        DataType::Float64 => whole!(Float64Type, value => exact(value)),
        DataType::Timestamp(TimeUnit::Second, _) => whole!(TimestampSecondType, value => value),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            whole!(TimestampMillisecondType, value => value.div_euclid(1_000))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            whole!(TimestampMicrosecondType, value => value.div_euclid(1_000_000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            whole!(TimestampNanosecondType, value => value.div_euclid(1_000_000_000))
        }
        _ => None,
    }
}
