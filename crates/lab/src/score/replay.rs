//! Decides everybody day by day.

use std::collections::HashMap;

use domain::{Policy, Timestamp};
use engine::columns::Seconds;
use engine::decide::decide_columns;

use super::{Period, Truth};
use crate::diff::restricting_outcomes;
use crate::known::Knowledge;
use crate::people::People;

/// What a policy did to everybody, and day by day to those whom the truth names.
#[derive(Debug)]
pub(super) struct Timeline {
    /// How many people were restricted at least once.
    pub(super) people: u64,
    /// How many days of restriction there were.
    pub(super) days: u64,
    /// Whether each person was restricted at least once.
    ever: Vec<bool>,
    /// By person whom the truth names: one bit a decision, whether restricted.
    followed: HashMap<u32, Vec<u64>>,
}

impl Timeline {
    /// At how many decisions somebody was restricted whom the truth names.
    pub(super) fn days_of(&self, person: u32) -> u64 {
        let bits = self.followed.get(&person).into_iter().flatten();
        bits.map(|bits| u64::from(bits.count_ones())).sum()
    }

    /// Whether `person` was restricted at decision number `decision`.
    pub(super) fn was_restricted(&self, person: Option<u32>, decision: usize) -> bool {
        let bits = person.and_then(|person| self.followed.get(&person));
        bits.is_some_and(|bits| bits[decision / 64] >> (decision % 64) & 1 != 0)
    }
}

/// Replays the policies one after the other.
pub(super) fn replay(
    policies: &[Policy],
    people: People,
    truth: &[Truth],
    period: &Period,
    mut progress: impl FnMut(usize, usize),
) -> Vec<Timeline> {
    let everybody = people.len();
    let words = period.len().div_ceil(64);
    let mut timelines: Vec<Timeline> = policies
        .iter()
        .map(|_| Timeline {
            people: 0,
            days: 0,
            ever: vec![false; everybody],
            followed: truth
                .iter()
                .filter_map(|row| Some((row.person?, vec![0; words])))
                .collect(),
        })
        .collect();
    let restricting: Vec<Vec<bool>> = policies.iter().map(restricting_outcomes).collect();
    let mut knowledge = Knowledge::new(people.columns, people.contact_known);
    let total = period.len() * policies.len();
    for (decision, unix_seconds) in period.timestamps.iter().enumerate() {
        let columns = knowledge.at(*unix_seconds);
        let each = policies.iter().zip(&restricting).zip(&mut timelines);
        for (number, ((policy, restricting), timeline)) in each.enumerate() {
            // A period holds only timestamps that columns can hold.
            let Ok(decisions) =
                decide_columns(policy, &people.levels, columns, timestamp(*unix_seconds))
            else {
                continue;
            };
            timeline.note(decision, &decisions.outcome, restricting);
            progress(decision * policies.len() + number + 1, total);
        }
    }
    for timeline in &mut timelines {
        timeline.people = timeline.ever.iter().filter(|ever| **ever).count() as u64;
    }
    timelines
}

impl Timeline {
    fn note(&mut self, decision: usize, outcomes: &[u16], restricting: &[bool]) {
        let is_restricted = |outcome: &u16| restricting[usize::from(*outcome)];
        for (ever, outcome) in self.ever.iter_mut().zip(outcomes) {
            if is_restricted(outcome) {
                *ever = true;
                self.days += 1;
            }
        }
        for (person, bits) in &mut self.followed {
            if is_restricted(&outcomes[*person as usize]) {
                bits[decision / 64] |= 1 << (decision % 64);
            }
        }
    }
}

fn timestamp(unix_seconds: Seconds) -> Timestamp {
    Timestamp::from_second(i64::from(unix_seconds)).unwrap_or(Timestamp::MAX)
}
