//! The one table of what a policy may speak about: kinds of evidence, their fields, their dates.
//!
//! Reading, checking, deciding, the JSON Schema and the plain words all look here. A field that is
//! not in this table cannot be read by any rule (invariant 5).

use super::model::{DateName, Field, FieldType, Number};
use crate::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, FactKind, Relation, StayMode, StaySource,
    Symptom, TestKind, TestResult,
};
use crate::verdict::Colour;

/// The words of [`crate::Level`], lowest first.
const LEVELS: &[&str] = &["low", "medium", "high"];
/// The colours an order can have.
const ORDER_COLOURS: &[&str] = &["yellow", "red"];

/// Every field, by kind of evidence, in the order of the documentation.
const FIELDS: &[(FactKind, Field, FieldType)] = &[
    (
        FactKind::Declaration,
        Field::Symptoms,
        FieldType::Words(Symptom::WORDS),
    ),
    (
        FactKind::Declaration,
        Field::SymptomCount,
        FieldType::Number,
    ),
    (FactKind::Declaration, Field::Temperature, FieldType::Number),
    (
        FactKind::Declaration,
        Field::ContactAnswer,
        FieldType::Word(ContactAnswer::WORDS),
    ),
    (
        FactKind::Diagnosis,
        Field::Status,
        FieldType::Word(DiagnosisStatus::WORDS),
    ),
    (
        FactKind::Contact,
        Field::Relation,
        FieldType::Word(Relation::WORDS),
    ),
    (FactKind::Contact, Field::Ring, FieldType::Number),
    (FactKind::Contact, Field::Minutes, FieldType::Number),
    (FactKind::Contact, Field::Hours, FieldType::Number),
    (FactKind::Stay, Field::Region, FieldType::Region),
    (FactKind::Stay, Field::Level, FieldType::Word(LEVELS)),
    (
        FactKind::Stay,
        Field::Mode,
        FieldType::Word(StayMode::WORDS),
    ),
    (
        FactKind::Stay,
        Field::Source,
        FieldType::Word(StaySource::WORDS),
    ),
    (FactKind::Stay, Field::Minutes, FieldType::Number),
    (FactKind::Stay, Field::Hours, FieldType::Number),
    (
        FactKind::Test,
        Field::TestKind,
        FieldType::Word(TestKind::WORDS),
    ),
    (
        FactKind::Test,
        Field::Result,
        FieldType::Word(TestResult::WORDS),
    ),
    (FactKind::Vaccination, Field::Product, FieldType::FreeWord),
    (FactKind::Vaccination, Field::Dose, FieldType::Number),
    (FactKind::Visit, Field::Category, FieldType::FreeWord),
    (FactKind::Visit, Field::Minutes, FieldType::Number),
    (FactKind::Visit, Field::Hours, FieldType::Number),
    (
        FactKind::Order,
        Field::Colour,
        FieldType::Word(ORDER_COLOURS),
    ),
    (
        FactKind::ForeignVerdict,
        Field::Colour,
        FieldType::Word(Colour::WORDS),
    ),
    (FactKind::ForeignVerdict, Field::Issuer, FieldType::Region),
    (
        FactKind::Contradiction,
        Field::About,
        FieldType::Word(ContradictionAbout::WORDS),
    ),
];

impl Field {
    /// The field that a policy calls `name` in conditions on evidence of `kind`.
    pub fn of(kind: FactKind, name: &str) -> Option<(Self, FieldType)> {
        Self::all_of(kind).find(|(field, _)| field.name() == name)
    }

    /// The fields of `kind`, in the order of the documentation.
    pub fn all_of(kind: FactKind) -> impl Iterator<Item = (Self, FieldType)> {
        FIELDS
            .iter()
            .filter(move |row| row.0 == kind)
            .map(|row| (row.1, row.2))
    }

    /// The name a policy uses. Two kinds may use the same name; within a kind it is unique.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Symptoms => "symptoms",
            Self::SymptomCount => "symptom_count",
            Self::Temperature => "temperature",
            Self::ContactAnswer => "contact",
            Self::Status => "status",
            Self::Relation => "relation",
            Self::Ring => "ring",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Region => "region",
            Self::Level => "level",
            Self::Mode => "mode",
            Self::Source => "source",
            Self::TestKind => "kind",
            Self::Result => "result",
            Self::Product => "product",
            Self::Dose => "dose",
            Self::Category => "category",
            Self::Colour => "colour",
            Self::Issuer => "issuer",
            Self::About => "about",
        }
    }

    /// The numbers the field can hold, if it holds numbers.
    pub const fn range(self) -> Option<NumberRange> {
        let (least, most, step) = match self {
            Self::SymptomCount => (0, Symptom::ALL.len() as i64 * 1000, 1000),
            Self::Temperature => (30_000, 45_000, 100),
            Self::Ring | Self::Dose => (1000, 255_000, 1000),
            Self::Minutes => (0, u32::MAX as i64 * 1000, 1000),
            Self::Hours => (0, u32::MAX as i64 / 60 * 1000, 1),
            _ => return None,
        };
        Some(NumberRange {
            least: Number::from_thousandths(least),
            most: Number::from_thousandths(most),
            step: Number::from_thousandths(step),
        })
    }

    /// Whether evidence of `kind` may lack the field, so that a text may name it only where a
    /// condition makes sure that it is known.
    pub const fn may_be_unknown(self, kind: FactKind) -> bool {
        match self {
            Self::Temperature | Self::Level | Self::Category => true,
            Self::Minutes | Self::Hours => matches!(kind, FactKind::Contact),
            _ => false,
        }
    }
}

/// The numbers a field can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberRange {
    /// The least.
    pub least: Number,
    /// The greatest.
    pub most: Number,
    /// Every value is a multiple of this.
    pub step: Number,
}

impl NumberRange {
    /// Whether a field can hold `number`.
    pub fn contains(self, number: Number) -> bool {
        self.least <= number
            && number <= self.most
            && number.thousandths() % self.step.thousandths() == 0
    }
}

impl DateName {
    /// The dates of `kind`, in the order in which they happen. `with_level` says whether the rule
    /// has a condition on `level`, which gives a stay two more dates.
    pub const fn all_of(kind: FactKind, with_level: bool) -> &'static [Self] {
        match kind {
            FactKind::Declaration | FactKind::Vaccination | FactKind::Contradiction => &[Self::At],
            FactKind::Diagnosis => &[Self::At, Self::Onset],
            FactKind::Contact => &[Self::First, Self::Last],
            FactKind::Stay if with_level => &[Self::Arrived, Self::Left, Self::First, Self::Last],
            FactKind::Stay => &[Self::Arrived, Self::Left],
            FactKind::Test => &[Self::Sampled, Self::Reported],
            FactKind::Visit => &[Self::Entered, Self::Left],
            FactKind::Order => &[Self::From, Self::Until],
            FactKind::ForeignVerdict => &[Self::At, Self::Until],
            FactKind::Withdrawal => &[],
        }
    }

    /// The date that a policy calls `name` in a rule that reads `kind`.
    pub fn of(kind: FactKind, with_level: bool, name: &str) -> Option<Self> {
        Self::all_of(kind, with_level)
            .iter()
            .copied()
            .find(|date| date.name() == name)
    }

    /// The name a policy uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Onset => "onset",
            Self::First => "first",
            Self::Last => "last",
            Self::Arrived => "arrived",
            Self::Left => "left",
            Self::Sampled => "sampled",
            Self::Reported => "reported",
            Self::Entered => "entered",
            Self::From => "from",
            Self::Until => "until",
        }
    }

    /// Whether the date is the end of something that may still last, and so counts as now.
    pub const fn may_be_open(self, kind: FactKind) -> bool {
        match kind {
            FactKind::Stay => matches!(self, Self::Left | Self::Last),
            FactKind::Visit => matches!(self, Self::Left),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_field() {
        for (kind, field, field_type) in FIELDS {
            assert_eq!(Field::of(*kind, field.name()), Some((*field, *field_type)));
        }
    }

    #[test]
    fn numbers_have_a_range_and_nothing_else_has() {
        for (_, field, field_type) in FIELDS {
            assert_eq!(
                field.range().is_some(),
                *field_type == FieldType::Number,
                "{field:?}"
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
    fn every_kind_but_a_withdrawal_has_fields_and_dates() {
        for kind in FactKind::ALL {
            let readable = *kind != FactKind::Withdrawal;
            assert_eq!(Field::all_of(*kind).count() > 0, readable, "{kind}");
            assert_eq!(
                !DateName::all_of(*kind, true).is_empty(),
                readable,
                "{kind}"
            );
        }
    }

    #[test]
    fn only_what_lasts_can_be_open() {
        let mut open = Vec::new();
        for kind in FactKind::ALL {
            for date in DateName::all_of(*kind, true) {
                if date.may_be_open(*kind) {
                    open.push(format!("{kind}.{}", date.name()));
                }
            }
        }
        assert_eq!(open, ["stay.left", "stay.last", "visit.left"]);
    }
}
