//! The one table of the fields that a condition may read.
//!
//! Reading, checking, deciding, the mirror, the JSON Schema and the plain words all look here. A
//! field that is not in this table cannot be read by any rule (invariant 5). What a field holds, and
//! whether it may be unknown, follows from the field of the evidence that it is.

use super::model::FieldType;
use super::vocabulary::NumberRange;
use crate::evidence::{self, FactKind, Holds, Requirement, Symptom};

/// The words of [`crate::Level`], lowest first.
const LEVELS: &[&str] = &["low", "medium", "high"];

/// Where the values of a field come from in evidence of a kind.
enum Origin {
    /// They are those of the field of this name.
    Is(&'static str),
    /// They are numbers that follow from the field of this name, and known where it is.
    CountedFrom(&'static str),
    /// The level of the region in the field of this name, if one was published.
    LevelOf(&'static str),
    /// They are numbers that follow from when it begins and ends.
    CountedFromTimes,
}
use Origin::{CountedFrom, CountedFromTimes, Is, LevelOf};

/// A field in conditions on evidence of one kind.
struct Row {
    kind: FactKind,
    field: Field,
    holds: FieldType,
    may_be_unknown: bool,
    /// The field of the evidence that it takes to know the value.
    read_from: Option<&'static evidence::Field>,
}

/// Declares each field: what it is called in a policy, for numbers the range, then where its values come
/// from in each kind that has it.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident $name:literal $(in $range:expr)? => $($kind:ident: $origin:expr),+;)*) => {
        /// Every field a condition may read, and of which kind of evidence. There is no other.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Field {
            $($(#[$doc])* $field,)*
        }

        /// Every field; those of a kind in the order of the documentation.
        const FIELDS: &[Row] = &[
            $($(Row::new(FactKind::$kind, Field::$field, $origin),)+)*
        ];

        impl Field {
            /// The name a policy uses. Two kinds may use the same name; within a kind it is unique.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)*
                }
            }

            /// The numbers the field can hold, if it holds numbers.
            pub const fn range(self) -> Option<NumberRange> {
                match self {
                    $($(Self::$field => Some($range),)?)*
                    _ => None,
                }
            }
        }
    };
}

fields! {
    /// declaration: what the person feels (a set).
    Symptoms "symptoms" => Declaration: Is("symptoms");
    /// declaration: how many symptoms.
    SymptomCount "symptom_count" in NumberRange::of(0, Symptom::ALL.len() as i64 * 1000, 1000)
        => Declaration: CountedFrom("symptoms");
    /// declaration: degrees Celsius.
    Temperature "temperature" in NumberRange::of(30_000, 45_000, 100)
        => Declaration: Is("temperature");
    /// declaration: whether the person met a case.
    ContactAnswer "contact" => Declaration: Is("contact");
    /// diagnosis: what was found.
    Status "status" => Diagnosis: Is("status");
    /// contact: how they met.
    Relation "relation" => Contact: Is("relation");
    /// contact: distance.
    Ring "ring" in NumberRange::of(1000, 255_000, 1000) => Contact: Is("ring");
    /// stay: where.
    Region "region" => Stay: Is("region");
    /// stay: the level of the region while the person was there.
    Level "level" => Stay: LevelOf("region");
    /// stay: resident, stay or transit.
    Mode "mode" => Stay: Is("mode");
    /// stay: who says so.
    Source "source" => Stay: Is("source");
    /// test: what kind.
    TestKind "kind" => Test: Is("kind");
    /// test: what it showed.
    Result "result" => Test: Is("result");
    /// vaccination: product.
    Product "product" => Vaccination: Is("product");
    /// vaccination: dose.
    Dose "dose" in NumberRange::of(1000, 255_000, 1000) => Vaccination: Is("dose");
    /// visit: what sort of place.
    Category "category" => Visit: Is("category");
    /// contact: minutes together. Stay, visit: minutes there, until now if it lasts; with a
    /// condition on `level`, minutes at that level.
    Minutes "minutes" in NumberRange::of(0, u32::MAX as i64 * 1000, 1000)
        => Contact: Is("minutes"), Stay: CountedFromTimes, Visit: CountedFromTimes;
    /// As [`Self::Minutes`], in hours.
    Hours "hours" in NumberRange::of(0, u32::MAX as i64 / 60 * 1000, 1)
        => Contact: CountedFrom("minutes"), Stay: CountedFromTimes, Visit: CountedFromTimes;
    /// order, foreign_verdict: which colour.
    Colour "colour" => Order: Is("colour"), ForeignVerdict: Is("colour");
    /// foreign_verdict: whose.
    Issuer "issuer" => ForeignVerdict: Is("issuer");
    /// contradiction: about what.
    About "about" => Contradiction: Is("about");
}

impl Row {
    const fn new(kind: FactKind, field: Field, origin: Origin) -> Self {
        let (read_from, holds, may_be_unknown) = match origin {
            Is(name) => {
                let read = held(kind, name);
                (Some(read), type_of(read.holds), may_be_unknown(read))
            }
            CountedFrom(name) => {
                let read = held(kind, name);
                (Some(read), FieldType::Number, may_be_unknown(read))
            }
            LevelOf(name) => (Some(held(kind, name)), FieldType::Word(LEVELS), true),
            CountedFromTimes => (None, FieldType::Number, false),
        };
        Self {
            kind,
            field,
            holds,
            may_be_unknown,
            read_from,
        }
    }
}

const fn held(kind: FactKind, name: &str) -> &'static evidence::Field {
    match kind.field(name) {
        Some(field) => field,
        None => panic!("evidence of this kind has no such field"),
    }
}

const fn type_of(holds: Holds) -> FieldType {
    match holds {
        Holds::Word(vocabulary) => FieldType::Word(vocabulary.words),
        Holds::Words(vocabulary) => FieldType::Words(vocabulary.words),
        Holds::Whole(..) | Holds::Degrees => FieldType::Number,
        Holds::Region => FieldType::Region,
        Holds::Text => FieldType::FreeWord,
        Holds::Past
        | Holds::Time
        | Holds::Person
        | Holds::Venue
        | Holds::Evidence
        | Holds::Signatures => panic!("no condition can read such a field"),
    }
}

/// No words are a value, too: nothing is felt.
const fn may_be_unknown(field: &evidence::Field) -> bool {
    !matches!(field.holds, Holds::Words(_)) && !matches!(field.requirement, Requirement::Always)
}

impl Field {
    /// The field that a policy calls `name` in conditions on evidence of `kind`.
    pub fn of(kind: FactKind, name: &str) -> Option<(Self, FieldType)> {
        Self::all_of(kind).find(|(field, _)| field.name() == name)
    }

    /// The fields of `kind`, in the order of the documentation.
    pub fn all_of(kind: FactKind) -> impl Iterator<Item = (Self, FieldType)> {
        let rows = FIELDS.iter().filter(move |row| row.kind == kind);
        rows.map(|row| (row.field, row.holds))
    }

    /// Whether evidence of `kind` may lack the field, so that a text may name it only where a
    /// condition makes sure that it is known.
    pub fn may_be_unknown(self, kind: FactKind) -> bool {
        self.row(kind).is_some_and(|row| row.may_be_unknown)
    }

    /// The field of evidence of `kind` that it takes to know the value; `None` if that follows from when
    /// the evidence begins and ends.
    pub fn read_from(self, kind: FactKind) -> Option<&'static evidence::Field> {
        self.row(kind)?.read_from
    }

    fn row(self, kind: FactKind) -> Option<&'static Row> {
        let mut rows = FIELDS.iter();
        rows.find(|row| row.kind == kind && row.field == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_field() {
        for row in FIELDS {
            let found = Field::of(row.kind, row.field.name());
            assert_eq!(found, Some((row.field, row.holds)));
        }
    }

    #[test]
    fn numbers_have_a_range_and_nothing_else_has() {
        for row in FIELDS {
            assert_eq!(
                row.field.range().is_some(),
                row.holds == FieldType::Number,
                "{:?}",
                row.field
            );
        }
    }

    #[test]
    fn the_words_of_a_level_are_those_of_the_type() {
        let words: Vec<_> = crate::Level::ALL
            .iter()
            .map(|level| level.as_str())
            .collect();
        assert_eq!(LEVELS, words);
    }

    #[test]
    fn a_text_may_not_name_what_may_be_unknown() {
        let unsure: Vec<String> = FIELDS
            .iter()
            .filter(|row| row.may_be_unknown)
            .map(|row| format!("{}.{}", row.kind, row.field.name()))
            .collect();
        let expected = [
            "declaration.temperature",
            "stay.level",
            "visit.category",
            "contact.minutes",
            "contact.hours",
        ];
        assert_eq!(unsure, expected);
    }
}
