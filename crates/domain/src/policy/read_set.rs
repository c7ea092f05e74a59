//! What a policy can read of evidence, derived from its rules.
//!
//! Deciding reads facts through a `FactReader`, which answers only what the set of its rule names.
//! So a loader of evidence for a policy may leave out all else: the record's own decision cannot
//! see it either (invariant 1).

use super::fields::Field;
use super::model::{
    Anchor, Condition, DateName, EarlyRelease, End, Policy, ReleaseAfter, Repeated, Rule,
    SeriesThreshold,
};
use crate::evidence::FactKind;

/// The fields and dates that may be read of evidence of one kind.
///
/// When a fact begins and when a stay or visit ends are read of every fact and are in no set; a
/// withdrawal is always read whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadSet {
    fields: u32,
    dates: u16,
}

impl ReadSet {
    /// Every field and date.
    pub const EVERYTHING: Self = Self {
        fields: u32::MAX,
        dates: u16::MAX,
    };

    /// Whether `field` may be read.
    pub const fn has_field(self, field: Field) -> bool {
        self.fields >> field as u32 & 1 != 0
    }

    /// Whether `date` may be read.
    pub const fn has_date(self, date: DateName) -> bool {
        self.dates >> date as u16 & 1 != 0
    }

    /// What is in either set.
    pub const fn union(self, other: Self) -> Self {
        Self {
            fields: self.fields | other.fields,
            dates: self.dates | other.dates,
        }
    }

    fn add_field(&mut self, field: Field) {
        self.fields |= 1 << field as u32;
    }

    fn add_date(&mut self, date: DateName) {
        self.dates |= 1 << date as u16;
    }

    fn add_conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            self.add_field(condition.field);
        }
    }
}

impl Policy {
    /// Whether evidence of `kind` can change a verdict: a rule or a declaration's validity reads it, or
    /// it is a withdrawal.
    pub fn reads(&self, kind: FactKind) -> bool {
        let by_rule = |rule: &Rule| {
            rule.reads == kind || rule.lifted_by.iter().any(|lift| lift.evidence == kind)
        };
        matches!(kind, FactKind::Declaration | FactKind::Withdrawal)
            || self.rules.iter().any(by_rule)
    }

    /// What may be read of evidence of `kind` in deciding; `None` if no rule reads the kind. Of a
    /// declaration it is always read that it was made.
    pub fn read_set(&self, kind: FactKind) -> Option<ReadSet> {
        let made = (kind == FactKind::Declaration).then(ReadSet::default);
        let own = self.rules.iter().filter(|rule| rule.reads == kind);
        let releases = self.rules.iter().flat_map(|rule| &rule.lifted_by);
        let releases = releases.filter(|release| release.evidence == kind);
        made.into_iter()
            .chain(own.map(Rule::read_set))
            .chain(releases.map(EarlyRelease::read_set))
            .reduce(ReadSet::union)
    }
}

impl Rule {
    /// What deciding may read of the evidence that the rule reads.
    ///
    /// All parts of a rule are named here, so that a new one does not compile before it is said
    /// what it reads.
    pub(crate) fn read_set(&self) -> ReadSet {
        let Self {
            id: _,
            reads: _,
            conditions,
            repeated,
            gives: _,
            starts: Anchor { date, offset: _ },
            ends,
            lifted_by,
            texts: _,
        } = self;
        let mut set = ReadSet::default();
        set.add_conditions(conditions);
        set.add_date(*date);
        if let Some(Repeated { need, within: _ }) = repeated {
            match need {
                SeriesThreshold::Count(_) => {}
                SeriesThreshold::Minutes(_) => set.add_field(Field::Minutes),
            }
        }
        match ends {
            End::After(_) => {}
            End::OfEvidence => set.add_date(DateName::Until),
        }
        for release in lifted_by {
            match release.after {
                ReleaseAfter::Starts(_) => {}
                ReleaseAfter::Date(Anchor { date, offset: _ }) => set.add_date(date),
            }
        }
        set
    }
}

impl EarlyRelease {
    /// What deciding may read of the evidence that ends a restriction early.
    pub(crate) fn read_set(&self) -> ReadSet {
        let Self {
            evidence: _,
            conditions,
            // Pieces are counted by when they begin.
            need: _,
            // A date of the evidence that the rule reads.
            after: _,
        } = self;
        let mut set = ReadSet::default();
        set.add_conditions(conditions);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule on contacts with `parts`.
    fn policy(reads: &str, parts: &str) -> Policy {
        let text = format!(
            r#"
[policy]
id = "small"
version = 1
issuer = "33"
time_zone = "Asia/Shanghai"
effective = 2020-02-01T00:00:00+08:00
look_back = "30d"
languages = ["en"]
contest.en = "Call 12320."

[declaration]
lasts = "14d"

[[rule]]
id = "only"
reads = "{reads}"
gives = "red"
{parts}
title.en = "Title"
reason.en = "Reason."
guidance.en = "Stay at home until {{until}}."
"#
        );
        Policy::parse(&text).unwrap()
    }

    #[test]
    fn minutes_are_read_where_minutes_are_summed() {
        for (repeated, is_read) in [
            (r#"repeated = { minutes = 1, within = "1d" }"#, true),
            (r#"repeated = { count = 2, within = "1d" }"#, false),
            ("", false),
        ] {
            let parts = format!("starts = \"last\"\nlasts = \"14d\"\n{repeated}");
            let set = policy("contact", &parts)
                .read_set(FactKind::Contact)
                .unwrap();
            assert_eq!(set.has_field(Field::Minutes), is_read, "{repeated}");
            assert!(set.has_date(DateName::Last) && !set.has_date(DateName::First));
        }
    }

    #[test]
    fn the_date_after_which_a_rule_may_be_lifted_is_read() {
        for (after, is_read) in [("reported", true), ("sampled", false), ("starts", false)] {
            let parts = format!(
                "where = {{ kind = \"pcr\" }}\nstarts = \"sampled\"\nlasts = \"14d\"\n\
                 lifted_by = [{{ evidence = \"test\", where = {{ result = \"negative\" }}, \
                 count = 1, after = \"{after}\" }}]"
            );
            let policy = policy("test", &parts);
            let set = policy.read_set(FactKind::Test).unwrap();
            assert_eq!(set.has_date(DateName::Reported), is_read, "{after}");
            assert!(set.has_field(Field::TestKind) && set.has_field(Field::Result));
            assert_eq!(policy.read_set(FactKind::Stay), None);
            assert_eq!(
                policy.read_set(FactKind::Declaration),
                Some(ReadSet::default())
            );
        }
    }
}
