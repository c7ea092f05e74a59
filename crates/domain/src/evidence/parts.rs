//! How the members of a fact are made of fields, whatever those are read from.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::field::Field;
use super::{
    BadOrder, BadTemperature, BadValidity, ContactAnswer, ContradictionAbout, DiagnosisStatus,
    Dose, OpenPeriod, Order, OutOfRange, Period, Relation, Ring, StayMode, StaySource, Symptoms,
    Temperature, TestKind, TestResult, Validity,
};
use crate::ids::{EvidenceId, PersonId, VenueId};
use crate::region::Region;
use crate::verdict::Colour;

/// Where the fields of a fact are read from. Each method reads one field; `None` if it is unknown.
pub trait Source {
    /// Why a field is refused.
    type Error;

    /// Reads a time.
    ///
    /// # Errors
    /// If the value is none.
    fn time(&mut self, field: &'static Field) -> Result<Option<Timestamp>, Self::Error>;

    /// Reads a text.
    ///
    /// # Errors
    /// If the value is none.
    fn text(&mut self, field: &'static Field) -> Result<Option<String>, Self::Error>;

    /// Reads a word or anything else that has one spelling.
    ///
    /// # Errors
    /// If the value cannot be read so.
    fn word<T: FromStr<Err: fmt::Display>>(
        &mut self,
        field: &'static Field,
    ) -> Result<Option<T>, Self::Error>;

    /// Reads a whole number. Whether it lies in the field's range is for the source to say.
    ///
    /// # Errors
    /// If the value is none.
    fn whole(&mut self, field: &'static Field) -> Result<Option<u32>, Self::Error>;

    /// Reads degrees Celsius.
    ///
    /// # Errors
    /// If the value is no body temperature.
    fn degrees(&mut self, field: &'static Field) -> Result<Option<Temperature>, Self::Error>;

    /// Reads symptoms; none if the field is not there.
    ///
    /// # Errors
    /// If the value holds other words.
    fn symptoms(&mut self, field: &'static Field) -> Result<Symptoms, Self::Error>;

    /// Reads two names.
    ///
    /// # Errors
    /// If the value is not two names.
    fn signatures(&mut self, field: &'static Field) -> Result<Option<[String; 2]>, Self::Error>;

    /// Reads who somebody is.
    ///
    /// # Errors
    /// If the value names nobody.
    fn person(&mut self, field: &'static Field) -> Result<Option<PersonId>, Self::Error> {
        self.word(field)
    }

    /// Reads which venue.
    ///
    /// # Errors
    /// If the value names none.
    fn venue(&mut self, field: &'static Field) -> Result<Option<VenueId>, Self::Error> {
        self.word(field)
    }

    /// Reads which other record.
    ///
    /// # Errors
    /// If the value names none.
    fn evidence(&mut self, field: &'static Field) -> Result<Option<EvidenceId>, Self::Error> {
        self.word(field)
    }

    /// Whether a value that cannot be is mended, because the record was taken in before such values
    /// were refused.
    fn mends(&self) -> bool {
        false
    }

    /// A field without a value that must have one.
    fn missing(&mut self, field: &'static Field) -> Self::Error;

    /// Fields that can each be read, and cannot be together.
    fn refused(&mut self, field: &'static Field, why: Impossible) -> Self::Error;
}

/// Why what a fact says cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// The temperature is no body temperature.
    #[error(transparent)]
    Temperature(#[from] BadTemperature),
    /// The order is void.
    #[error(transparent)]
    Order(#[from] BadOrder),
    /// The end lies before the beginning.
    #[error("expected a moment not before `{beginning}`")]
    EndsBeforeItBegins {
        /// The field of the beginning.
        beginning: &'static str,
    },
    /// The verdict holds for longer than any.
    #[error(transparent)]
    Validity(BadValidity),
    /// The number is too small or too large.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// Where the fields of a fact are written to.
pub trait Sink {
    /// Why a field could not be written.
    type Error;

    /// Writes one field.
    ///
    /// # Errors
    /// If it could not be written.
    fn put(&mut self, field: &'static Field, value: FieldValue<'_>) -> Result<(), Self::Error>;
}

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub enum FieldValue<'a> {
    /// Nobody knows.
    Unknown,
    /// A time.
    Time(Timestamp),
    /// A text.
    Text(&'a str),
    /// A word.
    Word(&'static str),
    /// A whole number.
    Whole(u32),
    /// Degrees Celsius.
    Degrees(Temperature),
    /// Symptoms.
    Symptoms(Symptoms),
    /// Two names.
    Signatures(&'a [String; 2]),
    /// A region.
    Region(Region),
    /// Somebody.
    Person(PersonId),
    /// A venue.
    Venue(VenueId),
    /// Another record.
    Evidence(EvidenceId),
}

/// A member of a fact that is made of `N` fields.
pub(super) trait Part<const N: usize>: Sized {
    fn read<S: Source>(source: &mut S, fields: &'static [Field; N]) -> Result<Self, S::Error>;

    fn write<S: Sink>(&self, sink: &mut S, fields: &'static [Field; N]) -> Result<(), S::Error>;
}

/// A value that fills one field.
trait Single: Sized {
    fn read<S: Source>(source: &mut S, field: &'static Field) -> Result<Option<Self>, S::Error>;

    fn value(&self) -> FieldValue<'_>;
}

impl<T: Single> Part<1> for T {
    fn read<S: Source>(source: &mut S, [field]: &'static [Field; 1]) -> Result<Self, S::Error> {
        T::read(source, field)?.ok_or_else(|| source.missing(field))
    }

    fn write<S: Sink>(&self, sink: &mut S, [field]: &'static [Field; 1]) -> Result<(), S::Error> {
        sink.put(field, self.value())
    }
}

impl<T: Single> Part<1> for Option<T> {
    fn read<S: Source>(source: &mut S, [field]: &'static [Field; 1]) -> Result<Self, S::Error> {
        T::read(source, field)
    }

    fn write<S: Sink>(&self, sink: &mut S, [field]: &'static [Field; 1]) -> Result<(), S::Error> {
        let value = self.as_ref().map_or(FieldValue::Unknown, Single::value);
        sink.put(field, value)
    }
}

/// Values that fill one field: how each is read, and what it is.
macro_rules! singles {
    ($($type:ty: |$source:ident, $field:ident| $read:expr, |$value:ident| $written:expr;)*) => {$(
        impl Single for $type {
            fn read<S: Source>(
                $source: &mut S,
                $field: &'static Field,
            ) -> Result<Option<Self>, S::Error> {
                $read
            }

            fn value(&self) -> FieldValue<'_> {
                let $value = self;
                $written
            }
        }
    )*};
}

singles! {
    Timestamp: |source, field| source.time(field), |time| FieldValue::Time(*time);
    String: |source, field| source.text(field), |text| FieldValue::Text(text);
    u32: |source, field| source.whole(field), |number| FieldValue::Whole(*number);
    Temperature: |source, field| source.degrees(field), |degrees| FieldValue::Degrees(*degrees);
    Symptoms: |source, field| source.symptoms(field).map(Some), |set| FieldValue::Symptoms(*set);
    [String; 2]: |source, field| source.signatures(field), |names| FieldValue::Signatures(names);
    Region: |source, field| source.word(field), |region| FieldValue::Region(*region);
    PersonId: |source, field| source.person(field), |id| FieldValue::Person(*id);
    VenueId: |source, field| source.venue(field), |id| FieldValue::Venue(*id);
    EvidenceId: |source, field| source.evidence(field), |id| FieldValue::Evidence(*id);
    Colour: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
    ContactAnswer: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
    ContradictionAbout: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
    DiagnosisStatus: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
    Relation: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
    StayMode: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
    StaySource: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
    TestKind: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
    TestResult: |source, field| source.word(field), |word| FieldValue::Word(word.as_str());
}

/// A number in its range.
macro_rules! numbers {
    ($($type:ident),*) => {$(
        impl Part<1> for $type {
            fn read<S: Source>(
                source: &mut S,
                [field]: &'static [Field; 1],
            ) -> Result<Self, S::Error> {
                let number = one(source, field)?;
                match Self::new(number) {
                    Err(_) if source.mends() => Ok(Self::mended(number)),
                    number => number.map_err(|why| source.refused(field, why.into())),
                }
            }

            fn write<S: Sink>(
                &self,
                sink: &mut S,
                [field]: &'static [Field; 1],
            ) -> Result<(), S::Error> {
                sink.put(field, FieldValue::Whole(u32::from(self.get())))
            }
        }
    )*};
}

numbers!(Ring, Dose);

/// From one field to another.
macro_rules! periods {
    ($($type:ident: |$why:ident, $beginning:ident| $impossible:expr;)*) => {$(
        impl Part<2> for $type {
            fn read<S: Source>(
                source: &mut S,
                [begin, end]: &'static [Field; 2],
            ) -> Result<Self, S::Error> {
                let (from, until) = (Part::read(source, std::array::from_ref(begin)), Part::read(source, std::array::from_ref(end)));
                let (from, until) = (from?, until?);
                match Self::new(from, until) {
                    Err(_) if source.mends() => Ok(Self::mended(from, until)),
                    period => period.map_err(|$why| {
                        let $beginning = begin.name;
                        source.refused(end, $impossible)
                    }),
                }
            }

            fn write<S: Sink>(
                &self,
                sink: &mut S,
                [begin, end]: &'static [Field; 2],
            ) -> Result<(), S::Error> {
                Part::write(&self.begin(), sink, std::array::from_ref(begin))?;
                Part::write(&self.end(), sink, std::array::from_ref(end))
            }
        }
    )*};
}

periods! {
    Period: |_why, beginning| Impossible::EndsBeforeItBegins { beginning };
    OpenPeriod: |_why, beginning| Impossible::EndsBeforeItBegins { beginning };
    Validity: |why, beginning| match why {
        BadValidity::EndsBeforeItBegins(_) => Impossible::EndsBeforeItBegins { beginning },
        too_long => Impossible::Validity(too_long),
    };
}

impl Part<5> for Order {
    fn read<S: Source>(source: &mut S, fields: &'static [Field; 5]) -> Result<Self, S::Error> {
        let [colour, from, until, basis, signed_by] = fields;
        let colour_is = one(source, colour);
        let from_is = one(source, from);
        let until_is = one(source, until);
        let basis_is = one(source, basis);
        let signed_by_is = one(source, signed_by);
        let new = if source.mends() {
            Self::on_record
        } else {
            Self::new
        };
        let order = new(colour_is?, from_is?, until_is?, basis_is?, signed_by_is?);
        order.map_err(|why| {
            let field = match why {
                BadOrder::Green => colour,
                BadOrder::Duration { .. } => until,
                BadOrder::NoBasis => basis,
                BadOrder::NotTwoPersons => signed_by,
            };
            source.refused(field, why.into())
        })
    }

    fn write<S: Sink>(&self, sink: &mut S, fields: &'static [Field; 5]) -> Result<(), S::Error> {
        let [colour, from, until, basis, signed_by] = fields;
        sink.put(colour, self.colour().value())?;
        sink.put(from, FieldValue::Time(self.from()))?;
        sink.put(until, FieldValue::Time(self.until()))?;
        sink.put(basis, FieldValue::Text(self.basis()))?;
        sink.put(signed_by, FieldValue::Signatures(self.signed_by()))
    }
}

/// Reads a value that must be there.
fn one<T: Single, S: Source>(source: &mut S, field: &'static Field) -> Result<T, S::Error> {
    T::read(source, field)?.ok_or_else(|| source.missing(field))
}
