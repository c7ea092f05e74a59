//! A fact as JSON: an object whose `kind` says which fields follow.
//!
//! One form for the database and for those who submit evidence. It is written with times in Unix
//! seconds and without what is unknown; it is read with times in Unix seconds or RFC 3339, and with
//! temperatures as numbers or text. What differs is only how strictly it is read: see
//! [`StoredFact`] and [`SentFact`].

mod sent;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::de::{self, Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::field::{Field, Holds};
use super::{
    BadTemperature, Fact, FactKind, FieldValue, Impossible, Sink, Source, Symptom, Symptoms,
    Temperature,
};

pub use self::sent::SentStatement;
use crate::{NotUnixSeconds, from_unix_seconds};

/// A fact in the database: of any kind, and without any field that its kind does not have.
///
/// A record that was taken in before its kind refused such values is read as the nearest that can
/// be, so that no old record keeps its person from being decided. The nearest never restricts more:
/// an end before its beginning counts as its beginning, a ring outside 1 to 9 as the farthest, a dose
/// as the nearest number, and another issuer's verdict ends when the longest would. The record itself
/// stays as it is. A void order stays unreadable: none was ever taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFact(pub Fact);

/// A fact as an authority sends it: of a kind that may be submitted. Fields that its kind does not
/// have are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFact(Result<Fact, BadField>);

/// A field that can be read, and whose value cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct BadField {
    /// Its name.
    pub field: &'static str,
    /// Why.
    pub why: Impossible,
}

impl SentFact {
    /// The kinds that may be submitted: people's own phones report visits, and a withdrawal names
    /// the record at its own address.
    pub const KINDS: [FactKind; 9] = [
        FactKind::Declaration,
        FactKind::Diagnosis,
        FactKind::Contact,
        FactKind::Stay,
        FactKind::Test,
        FactKind::Vaccination,
        FactKind::Order,
        FactKind::Contradiction,
        FactKind::ForeignVerdict,
    ];

    /// The fact.
    ///
    /// # Errors
    /// [`BadField`] if it cannot be.
    pub fn into_fact(self) -> Result<Fact, BadField> {
        self.0
    }

    fn read(kind: FactKind, object: &mut Object<'_>) -> Result<Self, de::value::Error> {
        match Fact::read(kind, object) {
            Ok(fact) => Ok(Self(Ok(fact))),
            Err(Refusal::Value(bad)) => Ok(Self(Err(bad))),
            Err(Refusal::Shape(message)) => Err(message),
        }
    }
}

impl Serialize for StoredFact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("kind", self.0.kind().as_str())?;
        self.0.write(&mut ObjectSink(&mut object))?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for StoredFact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = deserializer.deserialize_map(ObjectVisitor)?;
        let kind = object.kind(FactKind::ALL).map_err(D::Error::custom)?;
        object.has_only(kind.fields()).map_err(D::Error::custom)?;
        object.is_old = true;
        let fact = Fact::read(kind, &mut object);
        fact.map(Self).map_err(|why| match why {
            Refusal::Shape(message) => D::Error::custom(message),
            Refusal::Value(bad) => D::Error::custom(bad),
        })
    }
}

impl<'de> Deserialize<'de> for SentFact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = deserializer.deserialize_map(ObjectVisitor)?;
        let kind = object.kind(&Self::KINDS).map_err(D::Error::custom)?;
        Self::read(kind, &mut object).map_err(D::Error::custom)
    }
}

/// Reads a time with its offset; fractions of a second are dropped.
///
/// # Errors
/// [`BadTime`] if the text is none.
pub fn read_time(text: &str) -> Result<Timestamp, BadTime> {
    let time: Timestamp = text.parse().map_err(|_| BadTime::NoTime)?;
    Timestamp::from_second(time.as_second()).map_err(|_| BadTime::OutOfRange)
}

/// Text that is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTime {
    /// It is something else.
    #[error("expected a time with its offset, for example 2020-02-17T08:30:00+08:00")]
    NoTime,
    /// Too early or too late.
    #[error("this time is out of range")]
    OutOfRange,
    /// A number that is no Unix seconds.
    #[error("the number {}; {}", .0, .0.remedy())]
    Number(NotUnixSeconds),
}

/// Writes fields as the entries of an object.
struct ObjectSink<'m, M>(&'m mut M);

impl<M: SerializeMap> Sink for ObjectSink<'_, M> {
    type Error = M::Error;

    fn put(&mut self, field: &'static Field, value: FieldValue<'_>) -> Result<(), M::Error> {
        let object = &mut *self.0;
        let name = field.json;
        let mut text = |shown: &dyn fmt::Display| object.serialize_entry(name, &Shown(shown));
        match value {
            FieldValue::Unknown => Ok(()),
            FieldValue::Symptoms(symptoms) if symptoms == Symptoms::NONE => Ok(()),
            FieldValue::Symptoms(symptoms) => {
                let words: Vec<_> = symptoms.iter().map(Symptom::as_str).collect();
                object.serialize_entry(name, &words)
            }
            FieldValue::Time(time) => object.serialize_entry(name, &time.as_second()),
            FieldValue::Whole(number) => object.serialize_entry(name, &number),
            FieldValue::Signatures(names) => object.serialize_entry(name, names),
            FieldValue::Text(value) => text(&value),
            FieldValue::Word(word) => text(&word),
            FieldValue::Degrees(degrees) => text(&degrees),
            FieldValue::Region(region) => text(&region),
            FieldValue::Person(id) => text(&id),
            FieldValue::Venue(id) => text(&id),
            FieldValue::Evidence(id) => text(&id),
        }
    }
}

struct Shown<'a>(&'a dyn fmt::Display);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

/// Why an object is no fact.
enum Refusal {
    /// Something is missing or of the wrong sort.
    Shape(de::value::Error),
    /// All is of the right sort, and a value cannot be.
    Value(BadField),
}

/// The fields of an object, read before it is known which kind it is.
struct Object<'de> {
    fields: Vec<(Cow<'de, str>, Json<'de>)>,
    /// Whether it was taken in long ago.
    is_old: bool,
}

/// A value as far as a fact needs it.
enum Json<'de> {
    Null,
    Bool(bool),
    Whole(i64),
    /// Beyond the range of `Whole`.
    Huge(u64),
    Number(f64),
    Text(Cow<'de, str>),
    List(Vec<Self>),
    Object,
}

impl<'de> Object<'de> {
    fn kind(&self, kinds: &[FactKind]) -> Result<FactKind, de::value::Error> {
        let found = match self.get("kind") {
            None => return Err(de::Error::missing_field("kind")),
            Some(Json::Text(word)) => word,
            Some(other) => return Err(other.is_no("variant identifier")),
        };
        let mut known = kinds.iter().filter(|kind| kind.as_str() == found);
        known.next().copied().ok_or_else(|| {
            let words: Vec<_> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
            let words = words.join(", ");
            de::Error::custom(format_args!(
                "unknown variant `{found}`, expected one of {words}"
            ))
        })
    }

    fn has_only(&self, fields: &'static [Field]) -> Result<(), de::value::Error> {
        let is_known = |name: &str| name == "kind" || fields.iter().any(|field| field.json == name);
        match self.fields.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) => Err(de::Error::unknown_field(name, &[])),
            None => Ok(()),
        }
    }

    fn get(&self, name: &str) -> Option<&Json<'de>> {
        let mut fields = self.fields.iter();
        fields.find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The value of a field; one that may be unknown may be null.
    fn value(&self, field: &Field) -> Option<&Json<'de>> {
        let may_be_null = field.requirement != super::Requirement::Always
            && !matches!(field.holds, Holds::Words(_));
        let value = self.get(field.json)?;
        (!(may_be_null && matches!(value, Json::Null))).then_some(value)
    }

    fn text_of(&self, field: &Field) -> Result<Option<&str>, Refusal> {
        match self.value(field) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(other) => Err(other.is_no("a string").into()),
        }
    }
}

impl Source for Object<'_> {
    type Error = Refusal;

    fn time(&mut self, field: &'static Field) -> Result<Option<Timestamp>, Refusal> {
        if let Some(Json::Whole(second)) = self.value(field) {
            let time = match self.is_old {
                true => Timestamp::from_second(*second).map_err(|_| BadTime::OutOfRange),
                false => from_unix_seconds(*second).map_err(BadTime::Number),
            };
            return time.map(Some).map_err(shape);
        }
        self.text_of(field)?
            .map(read_time)
            .transpose()
            .map_err(shape)
    }

    fn text(&mut self, field: &'static Field) -> Result<Option<String>, Refusal> {
        Ok(self.text_of(field)?.map(str::to_owned))
    }

    fn word<T: FromStr<Err: fmt::Display>>(
        &mut self,
        field: &'static Field,
    ) -> Result<Option<T>, Refusal> {
        let word = self.text_of(field)?.map(str::parse);
        word.transpose().map_err(shape)
    }

    fn whole(&mut self, field: &'static Field) -> Result<Option<u32>, Refusal> {
        let Some(value) = self.value(field) else {
            return Ok(None);
        };
        // Whether a small number is in range is said when it is taken.
        let (expected, most) = match field.holds {
            Holds::Whole(_, most) if most <= u32::from(u8::MAX) => ("u8", u32::from(u8::MAX)),
            _ => ("u32", u32::MAX),
        };
        let number = match value {
            Json::Whole(number) => u32::try_from(*number).ok(),
            Json::Huge(_) => None,
            other => return Err(other.is_no(expected).into()),
        };
        match number.filter(|number| *number <= most) {
            Some(number) => Ok(Some(number)),
            None => Err(Refusal::Shape(de::Error::invalid_value(
                value.unexpected(),
                &expected,
            ))),
        }
    }

    fn degrees(&mut self, field: &'static Field) -> Result<Option<Temperature>, Refusal> {
        let degrees = match self.value(field) {
            None => return Ok(None),
            Some(Json::Whole(number)) => *number as f64,
            Some(Json::Huge(number)) => *number as f64,
            Some(Json::Number(number)) => *number,
            Some(Json::Text(text)) if text.parse::<Temperature>().is_ok() => {
                return Ok(text.parse().ok());
            }
            Some(other) => return Err(other.is_no("f64").into()),
        };
        match Temperature::from_degrees(degrees) {
            Ok(temperature) => Ok(Some(temperature)),
            Err(bad @ BadTemperature) => Err(self.refused(field, bad.into())),
        }
    }

    fn symptoms(&mut self, field: &'static Field) -> Result<Symptoms, Refusal> {
        let words = match self.value(field) {
            None => return Ok(Symptoms::NONE),
            Some(Json::List(words)) => words,
            Some(other) => return Err(other.is_no("a sequence").into()),
        };
        let symptom = |word: &Json<'_>| match word {
            Json::Text(word) => word.parse::<Symptom>().map_err(shape),
            other => Err(other.is_no("a string").into()),
        };
        words.iter().map(symptom).collect()
    }

    fn signatures(&mut self, field: &'static Field) -> Result<Option<[String; 2]>, Refusal> {
        const EXPECTED: &str = "an array of length 2";
        let names = match self.value(field) {
            None => return Ok(None),
            Some(Json::List(names)) => names,
            Some(other) => return Err(other.is_no(EXPECTED).into()),
        };
        let name = |name: &Json<'_>| match name {
            Json::Text(name) => Ok(name.clone().into_owned()),
            other => Err(Refusal::from(other.is_no("a string"))),
        };
        match names.as_slice() {
            [first, second] => Ok(Some([name(first)?, name(second)?])),
            other => Err(Refusal::Shape(de::Error::invalid_length(
                other.len(),
                &EXPECTED,
            ))),
        }
    }

    fn mends(&self) -> bool {
        self.is_old
    }

    fn missing(&mut self, field: &'static Field) -> Refusal {
        Refusal::Shape(de::Error::missing_field(field.json))
    }

    fn refused(&mut self, field: &'static Field, why: Impossible) -> Refusal {
        let field = field.json;
        Refusal::Value(BadField { field, why })
    }
}

impl From<de::value::Error> for Refusal {
    fn from(shape: de::value::Error) -> Self {
        Self::Shape(shape)
    }
}

fn shape(why: impl fmt::Display) -> Refusal {
    Refusal::Shape(de::Error::custom(why))
}

impl Json<'_> {
    fn is_no(&self, expected: &str) -> de::value::Error {
        de::Error::invalid_type(self.unexpected(), &expected)
    }

    fn unexpected(&self) -> de::Unexpected<'_> {
        match self {
            Self::Null => de::Unexpected::Unit,
            Self::Bool(value) => de::Unexpected::Bool(*value),
            Self::Whole(number) => de::Unexpected::Signed(*number),
            Self::Huge(number) => de::Unexpected::Unsigned(*number),
            Self::Number(number) => de::Unexpected::Float(*number),
            Self::Text(text) => de::Unexpected::Str(text),
            Self::List(_) => de::Unexpected::Seq,
            Self::Object => de::Unexpected::Map,
        }
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fact with its kind")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut object = Object {
            fields: Vec::with_capacity(8),
            is_old: false,
        };
        while let Some((Name(name), value)) = map.next_entry()? {
            if object.get(&name).is_some() {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            object.fields.push((name, value));
        }
        Ok(object)
    }
}

/// The name of a field.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::Text(name) => Ok(Self(name)),
            other => Err(D::Error::invalid_type(other.unexpected(), &"a string")),
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(i64::try_from(number).map_or(Json::Huge(number), Json::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        while map
            .next_entry::<de::IgnoredAny, de::IgnoredAny>()?
            .is_some()
        {}
        Ok(Json::Object)
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
