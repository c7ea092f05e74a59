//! What the passes need of each kind of evidence.

use domain::FactKind;
use domain::policy::{DateName, Field};

use super::plan::Plan;
use crate::columns::{
    Contacts, Contradictions, Declarations, Diagnoses, ForeignVerdicts, NONE, NONE_16, Orders,
    Seconds, Stays, Tests, Vaccinations, Visits,
};

/// A kind of evidence, row by row. What a kind does not have is never asked for.
pub(super) trait Table {
    const KIND: FactKind;

    fn person(&self) -> &[u32];
    fn begins(&self) -> &[Seconds];
    /// The latest date in the row; `NONE` while it lasts.
    fn latest(&self, row: usize) -> Seconds;
    /// The date called `name`.
    fn date(&self, name: DateName, row: usize) -> Seconds;

    /// When a stay or visit ended, `NONE` while it lasts; `None` for kinds that do not last.
    fn left(&self, _row: usize) -> Option<Seconds> {
        None
    }

    /// The rules that may apply to a row, by their places among those on this kind; `None` if any may.
    fn rules_that_may_apply<'p>(&self, _plan: &'p Plan<'_>, _row: usize) -> Option<&'p [u16]> {
        None
    }

    fn word(&self, _field: Field, _row: usize) -> u8 {
        0
    }

    /// In thousandths; `None` if unknown.
    fn number(&self, field: Field, _row: usize) -> Option<i64> {
        unread(field)
    }

    /// The entry of the dictionary; `None` if unknown.
    fn entry(&self, field: Field, _row: usize) -> Option<u16> {
        unread(field)
    }

    fn symptoms(&self, _row: usize) -> u16 {
        0
    }
}

/// What a table says of a field that it does not have: unknown, which holds nowhere. Every field is named
/// here, so that one that is added does not compile before the table of its kind was looked at: else that
/// table would not know it.
const fn unread<T>(field: Field) -> Option<T> {
    match field {
        Field::Symptoms
        | Field::SymptomCount
        | Field::Temperature
        | Field::ContactAnswer
        | Field::Status
        | Field::Relation
        | Field::Ring
        | Field::Minutes
        | Field::Hours
        | Field::Region
        | Field::Level
        | Field::Mode
        | Field::Source
        | Field::TestKind
        | Field::Result
        | Field::Product
        | Field::Dose
        | Field::Category
        | Field::Colour
        | Field::Issuer
        | Field::About => None,
    }
}

const fn known(seconds: Seconds, otherwise: Seconds) -> Seconds {
    if seconds == NONE { otherwise } else { seconds }
}

impl Table for Declarations {
    const KIND: FactKind = FactKind::Declaration;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.at
    }

    fn latest(&self, row: usize) -> Seconds {
        self.at[row]
    }

    fn date(&self, _name: DateName, row: usize) -> Seconds {
        self.at[row]
    }

    fn word(&self, _field: Field, row: usize) -> u8 {
        self.contact[row]
    }

    fn number(&self, field: Field, row: usize) -> Option<i64> {
        match field {
            Field::SymptomCount => Some(i64::from(self.symptoms[row].count_ones()) * 1000),
            Field::Temperature => {
                Some(i64::from(self.temperature[row]) * 100).filter(|celsius| *celsius != 0)
            }
            other => unread(other),
        }
    }

    fn symptoms(&self, row: usize) -> u16 {
        self.symptoms[row]
    }
}

impl Table for Diagnoses {
    const KIND: FactKind = FactKind::Diagnosis;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.at
    }

    fn latest(&self, row: usize) -> Seconds {
        self.at[row].max(known(self.onset[row], 0))
    }

    fn date(&self, name: DateName, row: usize) -> Seconds {
        match name {
            DateName::Onset => known(self.onset[row], self.at[row]),
            _ => self.at[row],
        }
    }

    fn word(&self, _field: Field, row: usize) -> u8 {
        self.status[row]
    }
}

impl Table for Contacts {
    const KIND: FactKind = FactKind::Contact;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.first
    }

    fn latest(&self, row: usize) -> Seconds {
        self.last[row].max(self.first[row])
    }

    fn date(&self, name: DateName, row: usize) -> Seconds {
        match name {
            DateName::First => self.first[row],
            _ => self.last[row],
        }
    }

    fn word(&self, _field: Field, row: usize) -> u8 {
        self.relation[row]
    }

    fn number(&self, field: Field, row: usize) -> Option<i64> {
        match (field, self.minutes[row]) {
            (Field::Ring, _) => Some(i64::from(self.ring[row]) * 1000),
            (Field::Hours | Field::Minutes, NONE) => None,
            (Field::Hours, minutes) => Some(i64::from(minutes) * 60 * 1000 / 3600),
            (Field::Minutes, minutes) => Some(i64::from(minutes) * 1000),
            (other, _) => unread(other),
        }
    }
}

impl Table for Stays {
    const KIND: FactKind = FactKind::Stay;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.arrived
    }

    fn latest(&self, row: usize) -> Seconds {
        self.left[row].max(self.arrived[row])
    }

    fn date(&self, name: DateName, row: usize) -> Seconds {
        match name {
            DateName::Arrived | DateName::First => self.arrived[row],
            _ => self.left[row],
        }
    }

    fn left(&self, row: usize) -> Option<Seconds> {
        Some(self.left[row])
    }

    fn rules_that_may_apply<'p>(&self, plan: &'p Plan<'_>, row: usize) -> Option<&'p [u16]> {
        let region = &plan.regions[usize::from(self.region[row])];
        // What ends later than now is noted for rules that do not apply, too.
        (self.left[row] <= plan.now).then_some(&region.rules[..])
    }

    fn word(&self, field: Field, row: usize) -> u8 {
        match field {
            Field::Mode => self.mode_source[row] & 15,
            _ => self.mode_source[row] >> 4,
        }
    }

    fn entry(&self, field: Field, row: usize) -> Option<u16> {
        match field {
            Field::Region => Some(self.region[row]),
            other => unread(other),
        }
    }
}

impl Table for Tests {
    const KIND: FactKind = FactKind::Test;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.sampled
    }

    fn latest(&self, row: usize) -> Seconds {
        self.sampled[row].max(known(self.reported[row], 0))
    }

    fn date(&self, name: DateName, row: usize) -> Seconds {
        match name {
            DateName::Reported => known(self.reported[row], self.sampled[row]),
            _ => self.sampled[row],
        }
    }

    fn word(&self, field: Field, row: usize) -> u8 {
        match field {
            Field::TestKind => self.kind[row],
            _ => self.result[row],
        }
    }
}

impl Table for Vaccinations {
    const KIND: FactKind = FactKind::Vaccination;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.at
    }

    fn latest(&self, row: usize) -> Seconds {
        self.at[row]
    }

    fn date(&self, _name: DateName, row: usize) -> Seconds {
        self.at[row]
    }

    fn number(&self, field: Field, row: usize) -> Option<i64> {
        match field {
            Field::Dose => Some(i64::from(self.dose[row]) * 1000),
            other => unread(other),
        }
    }

    fn entry(&self, field: Field, row: usize) -> Option<u16> {
        match field {
            Field::Product => Some(self.product[row]),
            other => unread(other),
        }
    }
}

impl Table for Visits {
    const KIND: FactKind = FactKind::Visit;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.entered
    }

    fn latest(&self, row: usize) -> Seconds {
        self.left[row].max(self.entered[row])
    }

    fn date(&self, name: DateName, row: usize) -> Seconds {
        match name {
            DateName::Entered => self.entered[row],
            _ => self.left[row],
        }
    }

    fn left(&self, row: usize) -> Option<Seconds> {
        Some(self.left[row])
    }

    fn entry(&self, field: Field, row: usize) -> Option<u16> {
        match field {
            Field::Category => Some(self.category[row]).filter(|category| *category != NONE_16),
            other => unread(other),
        }
    }
}

impl Table for Orders {
    const KIND: FactKind = FactKind::Order;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.from
    }

    fn latest(&self, row: usize) -> Seconds {
        self.until[row].max(self.from[row])
    }

    fn date(&self, name: DateName, row: usize) -> Seconds {
        match name {
            DateName::Until => self.until[row],
            _ => self.from[row],
        }
    }

    fn word(&self, _field: Field, row: usize) -> u8 {
        self.colour[row]
    }
}

impl Table for Contradictions {
    const KIND: FactKind = FactKind::Contradiction;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.at
    }

    fn latest(&self, row: usize) -> Seconds {
        self.at[row]
    }

    fn date(&self, _name: DateName, row: usize) -> Seconds {
        self.at[row]
    }

    fn word(&self, _field: Field, row: usize) -> u8 {
        self.about[row]
    }
}

impl Table for ForeignVerdicts {
    const KIND: FactKind = FactKind::ForeignVerdict;

    fn person(&self) -> &[u32] {
        &self.person
    }

    fn begins(&self) -> &[Seconds] {
        &self.at
    }

    fn latest(&self, row: usize) -> Seconds {
        self.until[row].max(self.at[row])
    }

    fn date(&self, name: DateName, row: usize) -> Seconds {
        match name {
            DateName::Until => self.until[row],
            _ => self.at[row],
        }
    }

    fn word(&self, _field: Field, row: usize) -> u8 {
        self.colour[row]
    }

    fn entry(&self, field: Field, row: usize) -> Option<u16> {
        match field {
            Field::Issuer => Some(self.issuer[row]),
            other => unread(other),
        }
    }
}
