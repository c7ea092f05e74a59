//! What of a mirror is needed.

use std::collections::HashSet;

use domain::policy::{DateName, Field as PolicyField, LiftAfter};
use domain::{FactKind, Policy, Timestamp};

use crate::columns::Seconds;

/// What to read.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'p> {
    /// Every column and row.
    Everything,
    /// What it takes to decide under a policy at a moment. Columns that it does not ask for hold
    /// nothing that means anything; rows that ended before its look-back may be left out.
    Decide(&'p Policy, Timestamp),
}

/// A scope made ready to be asked.
pub(super) enum Wanted {
    Everything,
    Some {
        columns: HashSet<(FactKind, &'static str)>,
        kinds: HashSet<FactKind>,
        now: Seconds,
        /// What ended before this plays no part.
        oldest: Seconds,
    },
}

impl Scope<'_> {
    pub(super) fn wanted(self) -> Wanted {
        let Self::Decide(policy, now) = self else {
            return Wanted::Everything;
        };
        let mut kinds = HashSet::from([FactKind::Declaration]);
        let mut columns = HashSet::new();
        for rule in policy.rules() {
            let own = rule
                .conditions
                .iter()
                .map(|condition| (rule.reads, condition.field));
            let lifting = rule.lifted_by.iter().flat_map(|lift| {
                lift.conditions
                    .iter()
                    .map(|condition| (lift.evidence, condition.field))
            });
            let fields = own.chain(lifting);
            columns.extend(fields.filter_map(|(kind, field)| Some((kind, column(field)?))));
            let after = rule.lifted_by.iter().filter_map(|lift| match &lift.after {
                LiftAfter::Date(anchor) => Some(anchor.date),
                LiftAfter::Starts(_) => None,
            });
            let dates = after.chain([rule.starts.date]).filter_map(date_column);
            columns.extend(dates.map(|column| (rule.reads, column)));
            kinds.insert(rule.reads);
            kinds.extend(rule.lifted_by.iter().map(|lift| lift.evidence));
        }
        let levels = kinds.contains(&FactKind::Stay)
            && policy.rules().iter().any(|rule| {
                rule.conditions
                    .iter()
                    .any(|condition| condition.field == PolicyField::Level)
            });
        if levels {
            columns.insert((FactKind::Stay, "region"));
        }
        let reach = policy.look_back().at_most().as_secs();
        Wanted::Some {
            columns,
            kinds,
            now: crate::trace::second(now),
            oldest: Seconds::try_from((now.as_second() - reach).max(0)).unwrap_or(Seconds::MAX),
        }
    }
}

impl Wanted {
    /// Whether a column is needed. Persons and times always are.
    pub(super) fn has(&self, kind: FactKind, name: &'static str) -> bool {
        match self {
            Self::Everything => true,
            Self::Some { columns, .. } => {
                let times = super::layout::times(kind);
                let is_time = name == times.begins || name == times.ends;
                name == "person"
                    || is_time && !OPTIONAL_DATES.contains(&name)
                    // An order without its colour is none, and both kinds are few.
                    || matches!(kind, FactKind::Withdrawal | FactKind::Order)
                    || columns.contains(&(kind, name))
            }
        }
    }

    /// Whether rows are needed of which the latest begins and ends then; `None` if that is not
    /// known.
    pub(super) fn wants(
        &self,
        kind: FactKind,
        begins: Option<Seconds>,
        ends: Option<Seconds>,
    ) -> bool {
        match self {
            Self::Everything => true,
            Self::Some { .. } if kind == FactKind::Withdrawal => true,
            Self::Some {
                kinds, now, oldest, ..
            } => {
                begins.is_none_or(|begins| begins > *now)
                    || kinds.contains(&kind) && ends.is_none_or(|ends| ends >= *oldest)
            }
        }
    }
}

/// Dates that only a rule reads that starts with them or is lifted after them.
const OPTIONAL_DATES: [&str; 2] = ["onset", "reported"];

fn date_column(date: DateName) -> Option<&'static str> {
    match date {
        DateName::Onset => Some("onset"),
        DateName::Reported => Some("reported"),
        _ => None,
    }
}

/// The column that a field of a condition reads; `None` for what follows from times.
fn column(field: PolicyField) -> Option<&'static str> {
    Some(match field {
        PolicyField::Symptoms | PolicyField::SymptomCount => "symptoms",
        PolicyField::Temperature => "temperature",
        PolicyField::ContactAnswer => "contact",
        PolicyField::Status => "status",
        PolicyField::Relation => "relation",
        PolicyField::Ring => "ring",
        PolicyField::Minutes | PolicyField::Hours => "minutes",
        PolicyField::Region | PolicyField::Level => "region",
        PolicyField::Mode => "mode",
        PolicyField::Source => "source",
        PolicyField::TestKind => "kind",
        PolicyField::Result => "result",
        PolicyField::Product => "product",
        PolicyField::Dose => "dose",
        PolicyField::Category => "category",
        PolicyField::Colour => "colour",
        PolicyField::Issuer => "issuer",
        PolicyField::About => "about",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_after_which_a_rule_may_be_lifted_is_read() {
        let text = |after: &str| {
            format!(
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
id = "positive"
reads = "test"
where = {{ result = "positive" }}
gives = "red"
starts = "sampled"
lasts = "14d"
lifted_by = [{{ evidence = "test", where = {{ result = "negative" }}, count = 1, after = "{after}" }}]
title.en = "Positive"
reason.en = "Your sample of {{sampled}} was positive."
guidance.en = "Stay at home until {{until}}."
"#
            )
        };
        for (after, is_read) in [("reported", true), ("sampled", false), ("starts", false)] {
            let policy = Policy::parse(&text(after)).unwrap();
            let wanted = Scope::Decide(&policy, Timestamp::UNIX_EPOCH).wanted();
            assert_eq!(wanted.has(FactKind::Test, "reported"), is_read, "{after}");
        }
    }
}
