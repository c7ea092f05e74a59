//! Two policies over the same people at the same time: whose colour would change.

mod count;
mod figures;
mod report;
#[cfg(test)]
mod tests;

use domain::policy::Outcome;
use domain::{Colour, Policy, Timestamp};
use engine::decide::{BadTimestamp, Decisions, decide_columns};
use jiff::Zoned;
use jiff::tz::TimeZone;

use self::count::Counts;
use self::figures::Figures;
use super::groups;
use super::people::People;
use crate::suppress::tree::Tree;

/// What a person may do, mildest first: the order of every table.
const STATUSES: [&str; 4] = ["undeclared", "green", "yellow", "red"];
const STATUS_COUNT: usize = STATUSES.len();

/// Whose colour would change, with small numbers hidden.
#[derive(Clone, Debug)]
pub struct PolicyDiff {
    old: String,
    new: String,
    /// The timestamp, in the zone of the report.
    at: Zoned,
    figures: Figures,
    regions: Tree,
    ages: Tree,
    sexes: Tree,
}

/// Decides everybody under both policies at `at` and counts the changes.
///
/// Both see the same evidence and levels, the ones that `decide` sees at that timestamp. Ages are
/// those that people reach in the year of `at` in the new policy's time zone.
///
/// # Errors
/// [`BadTimestamp`] if `at` lies outside 1970 to 2106.
pub fn compare(
    old: &Policy,
    new: &Policy,
    people: &People,
    at: Timestamp,
) -> Result<PolicyDiff, BadTimestamp> {
    let before = Decided::new(old, people, at)?;
    let after = Decided::new(new, people, at)?;
    let counts = Counts::new(&before, &after, people, at);
    let figures = Figures::new(&counts);
    let hidden = figures.hidden_of_everybody();
    let at = at.to_zoned(new.time_zone().clone());
    let year = at.year();
    let mut regions = groups::by_region(people, &counts.changes);
    let mut ages = groups::by_age(people, year, &counts.changes);
    let mut sexes = groups::by_sex(people, &counts.changes);
    for tree in [&mut regions, &mut ages, &mut sexes] {
        tree.hide(hidden);
    }
    Ok(PolicyDiff {
        old: old.reference().to_string(),
        new: new.reference().to_string(),
        at,
        figures,
        regions,
        ages,
        sexes,
    })
}

impl PolicyDiff {
    /// The same with its timestamp in `zone`, instead of that of the new policy.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self {
            at: self.at.with_time_zone(zone),
            ..self
        }
    }
}

/// Everybody decided under one policy.
struct Decided<'p> {
    policy: &'p Policy,
    decisions: Decisions,
    /// For each outcome its place in [`STATUSES`].
    status_of: Vec<u8>,
}

impl<'p> Decided<'p> {
    fn new(policy: &'p Policy, people: &People, at: Timestamp) -> Result<Self, BadTimestamp> {
        let decisions = decide_columns(policy, &people.levels, &people.columns, at)?;
        Ok(Self {
            policy,
            decisions,
            status_of: statuses_of_outcomes(policy),
        })
    }

    /// The place of a person's status in [`STATUSES`].
    fn status(&self, person: usize) -> usize {
        usize::from(self.status_of[usize::from(self.decisions.outcome[person])])
    }

    /// The place in the policy of the rule that gives a person their colour.
    fn rule(&self, person: usize) -> Option<usize> {
        usize::from(self.decisions.outcome[person]).checked_sub(2)
    }
}

/// For each [`Decisions::outcome`] the place of its status in [`STATUSES`].
fn statuses_of_outcomes(policy: &Policy) -> Vec<u8> {
    let rules = policy.rules().iter().map(|rule| match rule.gives {
        Outcome::Restriction(Colour::Red) => 3,
        Outcome::Restriction(Colour::Yellow) => 2,
        Outcome::Restriction(Colour::Green) | Outcome::Advice => 1,
    });
    [0, 1].into_iter().chain(rules).collect()
}

/// For each [`Decisions::outcome`] whether it restricts.
pub(super) fn restricting_outcomes(policy: &Policy) -> Vec<bool> {
    let statuses = statuses_of_outcomes(policy).into_iter();
    statuses
        .map(|status| restricts(usize::from(status)))
        .collect()
}

/// Whether the status at this place of [`STATUSES`] restricts.
fn restricts(status: usize) -> bool {
    status >= 2
}
