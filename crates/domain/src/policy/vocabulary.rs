//! The dates that a policy may speak about, and the numbers that a field can hold.

use super::model::{DateName, Number};
use crate::evidence::FactKind;

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
    /// From and to these thousandths, in such steps.
    pub(super) const fn of(least: i64, most: i64, step: i64) -> Self {
        Self {
            least: Number::from_thousandths(least),
            most: Number::from_thousandths(most),
            step: Number::from_thousandths(step),
        }
    }

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
    use super::super::fields::Field;
    use super::*;

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
