//! The one place where deciding reads a fact.

use jiff::Timestamp;

use crate::evidence::{Fact, FactKind, Symptoms};
use crate::policy::{DateName, Field, Number, ReadSet};
use crate::region::Region;

/// A fact, of which only what a [`ReadSet`] names can be read. A field outside the set reads as
/// unknown, here as in a mirror that left its column out.
#[derive(Clone, Copy)]
pub(crate) struct FactReader<'a> {
    fact: &'a Fact,
    set: ReadSet,
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Word(&'a str),
    Words(Symptoms),
    Number(Number),
    Region(Region),
}

impl<'a> FactReader<'a> {
    pub(crate) const fn new(fact: &'a Fact, set: ReadSet) -> Self {
        Self { fact, set }
    }

    pub(crate) const fn kind(&self) -> FactKind {
        self.fact.kind()
    }

    pub(crate) const fn begins(&self) -> Timestamp {
        self.fact.begins()
    }

    /// When a stay or visit ended, `Some(None)` while it lasts; `None` for kinds that do not last.
    pub(crate) const fn left(&self) -> Option<Option<Timestamp>> {
        match self.fact {
            Fact::Stay { period, .. } | Fact::Visit { period, .. } => Some(period.end()),
            _ => None,
        }
    }

    /// How long a contact lasted, if it was measured.
    pub(crate) fn contact_minutes(&self) -> Option<u32> {
        match self.fact {
            Fact::Contact { minutes, .. }
                if self.set.has_field(Field::Minutes) || self.set.has_field(Field::Hours) =>
            {
                *minutes
            }
            _ => None,
        }
    }

    /// The region of a stay whose level is asked for.
    pub(crate) fn region_for_level(&self) -> Option<Region> {
        match self.fact {
            Fact::Stay { region, .. } if self.set.has_field(Field::Level) => Some(*region),
            _ => None,
        }
    }

    /// The date called `name` as the fact states it, if this kind of fact has one.
    pub(crate) fn date(&self, name: DateName) -> Option<Timestamp> {
        if !self.set.has_date(name) {
            return None;
        }
        match (name, self.fact) {
            (DateName::At, Fact::Declaration { at, .. })
            | (DateName::At, Fact::Diagnosis { at, .. })
            | (DateName::At, Fact::Vaccination { at, .. })
            | (DateName::At, Fact::Contradiction { at, .. }) => Some(*at),
            (DateName::At, Fact::ForeignVerdict { period, .. }) => Some(period.begin()),
            (DateName::Onset, Fact::Diagnosis { at, onset, .. }) => Some(onset.unwrap_or(*at)),
            (DateName::First, Fact::Contact { period, .. }) => Some(period.begin()),
            (DateName::Last, Fact::Contact { period, .. }) => Some(period.end()),
            (DateName::Arrived, Fact::Stay { period, .. })
            | (DateName::Entered, Fact::Visit { period, .. })
            | (DateName::Sampled, Fact::Test { period, .. }) => Some(period.begin()),
            (DateName::Reported, Fact::Test { period, .. }) => {
                Some(period.end().unwrap_or(period.begin()))
            }
            (DateName::From, Fact::Order(order)) => Some(order.from()),
            (DateName::Until, Fact::Order(order)) => Some(order.until()),
            (DateName::Until, Fact::ForeignVerdict { period, .. }) => Some(period.end()),
            _ => None,
        }
    }

    /// The value of `field`, `None` if the fact has no such field or its value is unknown. Lengths
    /// and levels follow from more than the fact and are none of its fields.
    pub(crate) fn value(&self, field: Field) -> Option<Value<'a>> {
        if !self.set.has_field(field) {
            return None;
        }
        let whole = |number| Some(Value::Number(Number::whole(number)));
        match (field, self.fact) {
            (Field::Symptoms, Fact::Declaration { symptoms, .. }) => Some(Value::Words(*symptoms)),
            (Field::SymptomCount, Fact::Declaration { symptoms, .. }) => {
                whole(i64::from(symptoms.count()))
            }
            (Field::Temperature, Fact::Declaration { temperature, .. }) => {
                temperature.map(|celsius| {
                    Value::Number(Number::from_thousandths(i64::from(celsius.tenths()) * 100))
                })
            }
            (Field::ContactAnswer, Fact::Declaration { contact, .. }) => {
                Some(Value::Word(contact.as_str()))
            }
            (Field::Status, Fact::Diagnosis { status, .. }) => Some(Value::Word(status.as_str())),
            (Field::Relation, Fact::Contact { relation, .. }) => {
                Some(Value::Word(relation.as_str()))
            }
            (Field::Ring, Fact::Contact { ring, .. }) => whole(i64::from(ring.get())),
            (Field::Region, Fact::Stay { region, .. }) => Some(Value::Region(*region)),
            (Field::Mode, Fact::Stay { mode, .. }) => Some(Value::Word(mode.as_str())),
            (Field::Source, Fact::Stay { source, .. }) => Some(Value::Word(source.as_str())),
            (Field::TestKind, Fact::Test { kind, .. }) => Some(Value::Word(kind.as_str())),
            (Field::Result, Fact::Test { result, .. }) => Some(Value::Word(result.as_str())),
            (Field::Product, Fact::Vaccination { product, .. }) => Some(Value::Word(product)),
            (Field::Dose, Fact::Vaccination { dose, .. }) => whole(i64::from(dose.get())),
            (Field::Category, Fact::Visit { category, .. }) => category.as_deref().map(Value::Word),
            (Field::Colour, Fact::Order(order)) => Some(Value::Word(order.colour().as_str())),
            (Field::Colour, Fact::ForeignVerdict { colour, .. }) => {
                Some(Value::Word(colour.as_str()))
            }
            (Field::Issuer, Fact::ForeignVerdict { issuer, .. }) => Some(Value::Region(*issuer)),
            (Field::About, Fact::Contradiction { about, .. }) => Some(Value::Word(about.as_str())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::convert::Infallible;

    use proptest::strategy::{Strategy as _, ValueTree as _};
    use proptest::test_runner::TestRunner;

    use super::*;
    use crate::evidence::{self, FieldValue, Sink};
    use crate::testing::any_fact;

    /// Every value that a fact writes is compared with what a rule reads.
    struct Compared<'a> {
        reader: FactReader<'a>,
        met: &'a mut HashSet<(FactKind, Field)>,
    }

    impl Sink for Compared<'_> {
        type Error = Infallible;

        fn put(
            &mut self,
            written: &'static evidence::Field,
            value: FieldValue<'_>,
        ) -> Result<(), Infallible> {
            let kind = self.reader.kind();
            for (field, _) in Field::all_of(kind) {
                if field
                    .read_from(kind)
                    .is_none_or(|from| from.name != written.name)
                {
                    continue;
                }
                let number = |number: u32| Value::Number(Number::whole(i64::from(number)));
                let expected = match value {
                    FieldValue::Text(word) => Some(Value::Word(word)),
                    FieldValue::Word(word) => Some(Value::Word(word)),
                    FieldValue::Whole(whole) => Some(number(whole)),
                    FieldValue::Degrees(degrees) => {
                        let thousandths = i64::from(degrees.tenths()) * 100;
                        Some(Value::Number(Number::from_thousandths(thousandths)))
                    }
                    FieldValue::Symptoms(symptoms) if field == Field::SymptomCount => {
                        Some(number(symptoms.count()))
                    }
                    FieldValue::Symptoms(symptoms) => Some(Value::Words(symptoms)),
                    FieldValue::Region(region) => Some(Value::Region(region)),
                    _ => None,
                };
                let read = match field {
                    Field::Minutes | Field::Hours => self.reader.contact_minutes().map(number),
                    Field::Level => self.reader.region_for_level().map(Value::Region),
                    _ => self.reader.value(field),
                };
                assert_eq!(read, expected, "{kind}: {field:?}");
                if read.is_some() {
                    self.met.insert((kind, field));
                }
            }
            Ok(())
        }
    }

    #[test]
    fn what_a_rule_reads_is_what_the_evidence_holds_and_random_facts_know_it() {
        let mut runner = TestRunner::deterministic();
        let mut met = HashSet::new();
        for _ in 0..1000 {
            let fact = any_fact().new_tree(&mut runner).unwrap().current();
            let reader = FactReader::new(&fact, ReadSet::EVERYTHING);
            let met = &mut met;
            let Ok(()) = fact.write(&mut Compared { reader, met });
        }
        for kind in FactKind::ALL {
            for (field, _) in Field::all_of(*kind) {
                let is_met = field.read_from(*kind).is_none() || met.contains(&(*kind, field));
                assert!(is_met, "{kind}: no random fact knows {field:?}");
            }
        }
    }
}
