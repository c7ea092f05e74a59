//! What of a mirror is needed.

use std::collections::HashSet;

use domain::policy::{DateName, Field as PolicyField};
use domain::{FactKind, Policy, Timestamp};

use engine::columns::Seconds;

/// What to read.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'p> {
    /// Every column and row.
    Everything,
    /// What it takes to decide under a policy at a timestamp. Columns that it does not ask for hold
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
        let mut kinds = HashSet::new();
        let mut columns = HashSet::new();
        for kind in FactKind::ALL {
            let Some(set) = policy.read_set(*kind) else {
                continue;
            };
            kinds.insert(*kind);
            let fields = PolicyField::all_of(*kind).map(|(field, _)| field);
            let fields = fields.filter(|field| set.has_field(*field));
            let dates = DateName::all_of(*kind, true).iter().copied();
            let dates = dates.filter(|date| set.has_date(*date));
            let names = fields
                .filter_map(|field| field.read_from(*kind))
                .map(|column| column.name)
                .chain(dates.filter_map(|date| date_column(*kind, date)));
            columns.extend(names.map(|name| (*kind, name)));
        }
        let reach = policy.look_back().at_most().as_secs();
        Wanted::Some {
            columns,
            kinds,
            now: engine::trace::unix_seconds(now),
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
                kinds.contains(&kind)
                    && (begins.is_none_or(|begins| begins > *now)
                        || ends.is_none_or(|ends| ends >= *oldest))
            }
        }
    }
}

/// Dates that only a rule reads that starts with them or is lifted after them.
const OPTIONAL_DATES: [&str; 2] = ["onset", "reported"];

/// The column that holds a date; `None` if the time at a level gives it.
fn date_column(kind: FactKind, date: DateName) -> Option<&'static str> {
    match (kind, date) {
        (FactKind::Stay, DateName::First | DateName::Last) => None,
        _ => Some(date.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::fields;
    use super::*;

    #[test]
    fn every_field_and_date_of_a_policy_has_its_column() {
        for kind in FactKind::ALL {
            let columns: Vec<&str> = fields(*kind).iter().flatten().map(|f| f.name).collect();
            let of_fields = PolicyField::all_of(*kind);
            let of_fields = of_fields.filter_map(|(field, _)| field.read_from(*kind));
            let of_fields = of_fields.map(|column| column.name);
            let dates = DateName::all_of(*kind, true).iter();
            let of_dates = dates.filter_map(|date| date_column(*kind, *date));
            for name in of_fields.chain(of_dates) {
                assert!(columns.contains(&name), "{kind} has no column {name}");
            }
        }
    }
}
