//! Whom a proposal would change: everybody decided twice, in the background.
//!
//! Nobody's verdict is written. Counts of 1 to 9 never leave this module, nor does what they could be
//! computed from (invariant 13): [`lab::suppress`] hides both.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use domain::policy::Outcome;
use domain::{Appeal, Appeals, Evidence, Policy, RegionLevels, Status, Timestamp};
use engine::columns::{Columns, ColumnsBuilder};
use engine::decide::decide_columns;
use lab::suppress::{FigureId, LinkedFigures};
use serde::{Deserialize, Serialize};
use tables::mirror::{Memory, Persons, Scope, read_columns};

use crate::mirror::MirrorError;

/// Whom a proposal would change if it came into force now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalDiff {
    /// How many people were decided.
    pub people: u64,
    /// Each change of status that would happen to somebody, mildest first.
    pub moves: Vec<Move>,
}

/// A change of status that would happen to some people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Their status under what is in force.
    pub before: Status,
    /// Their status under the proposal.
    pub after: Status,
    /// How many; `None` if it is kept back, because it is 1 to 9 or would tell such a number.
    pub people: Option<u64>,
    /// By rule: the rule of the proposal that restricts them; of those whom none would restrict, the
    /// rule in force that does now.
    pub rules: Vec<ByRule>,
}

/// How many of a [`Move`] one rule is the cause of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByRule {
    /// The rule's name; `None` if no rule is: the declaration alone decides.
    pub rule: Option<String>,
    /// How many; `None` if it is kept back.
    pub people: Option<u64>,
}

/// One side of the comparison.
#[derive(Clone)]
pub(crate) struct Side {
    /// `None` while no policy is in force: everybody is undeclared.
    pub policy: Option<Arc<Policy>>,
    pub levels: Arc<RegionLevels>,
}

/// What is known of one person.
#[derive(Default)]
pub(crate) struct Known {
    pub evidence: Vec<Evidence>,
    /// Those that are open.
    pub appeals: Vec<Appeal>,
}

/// Status and rule of one person.
type StatusAndRule = (Status, Option<String>);

/// What became of everybody in a mirror.
struct Outcomes {
    /// As [`engine::decide::Decisions::outcome`], by person.
    numbers: Vec<u16>,
    /// Status and rule of each number.
    meanings: Vec<StatusAndRule>,
}

/// Counts the changes of status.
#[derive(Debug, Default)]
pub(crate) struct MoveCounts {
    pub people: u64,
    moves: BTreeMap<(usize, usize), BTreeMap<Option<String>, u64>>,
}

impl MoveCounts {
    /// Counts one page of people.
    pub fn count(&mut self, page: &[Known], before: &Side, after: &Side, now: Timestamp) {
        let sides = before.decide(page, now).into_iter();
        for (was, is) in sides.zip(after.decide(page, now)) {
            self.add(was, is, 1);
        }
    }

    /// Counts the people of the mirror in the folder `dir`, but those whose numbers are in `apart`,
    /// ascending.
    pub fn count_mirror(
        &mut self,
        dir: &Path,
        apart: &[u32],
        before: &Side,
        after: &Side,
        now: Timestamp,
    ) -> Result<(), MirrorError> {
        let mut columns = None;
        let old = before.outcomes(dir, &mut columns, now)?;
        let is_same_policy = match (&before.policy, &after.policy) {
            (Some(before), Some(after)) => Arc::ptr_eq(before, after),
            _ => false,
        };
        if !is_same_policy {
            columns = None;
        }
        let new = after.outcomes(dir, &mut columns, now)?;
        drop(columns);
        let people = Persons::open(dir)?.people();
        let place = |decided: &Option<Outcomes>, person: u32| {
            let numbers = decided.as_ref().map(|outcomes| &outcomes.numbers);
            numbers.map_or(0, |numbers| numbers[person as usize])
        };
        let mut counts = BTreeMap::<(u16, u16), u64>::new();
        let mut apart = apart.iter().copied().peekable();
        for person in 0..people {
            if apart.next_if_eq(&person).is_none() {
                let pair = (place(&old, person), place(&new, person));
                *counts.entry(pair).or_default() += 1;
            }
        }
        let undeclared = || (Status::Undeclared, None);
        let meaning_of = |decided: &Option<Outcomes>, number: u16| {
            let outcomes = decided.as_ref().map(|outcomes| &outcomes.meanings);
            let meaning = outcomes.and_then(|meanings| meanings.get(usize::from(number)));
            meaning.cloned().unwrap_or_else(undeclared)
        };
        for ((was, is), people) in counts {
            self.add(meaning_of(&old, was), meaning_of(&new, is), people);
        }
        Ok(())
    }

    fn add(&mut self, (was, old): StatusAndRule, (is, new): StatusAndRule, people: u64) {
        self.people += people;
        if was != is {
            let rules = self.moves.entry((place(was), place(is))).or_default();
            *rules.entry(new.or(old)).or_default() += people;
        }
    }

    /// What may be shown. How many change in all is known from the pass afterwards, so that the
    /// changes are parts of a total as well as the rules of each.
    pub fn difference(&self) -> ProposalDiff {
        let mut figures = LinkedFigures::default();
        let moves: Vec<(FigureId, Vec<FigureId>)> = self
            .moves
            .values()
            .map(|rules| {
                let each: Vec<FigureId> =
                    rules.values().map(|count| figures.count(*count)).collect();
                let people = figures.count(rules.values().sum());
                figures.sum(people, each.iter().copied());
                (people, each)
            })
            .collect();
        let changed = figures.count(self.moves.values().flat_map(BTreeMap::values).sum());
        figures.sum(changed, moves.iter().map(|(people, _)| *people));
        figures.hide();
        let moves = self
            .moves
            .iter()
            .zip(moves)
            .map(|((key, rules), (people, each))| {
                let rules = rules.keys().zip(each).map(|(rule, people)| ByRule {
                    rule: rule.clone(),
                    people: figures.shown(people),
                });
                Move {
                    before: STATUSES[key.0],
                    after: STATUSES[key.1],
                    people: figures.shown(people),
                    rules: rules.collect(),
                }
            });
        ProposalDiff {
            people: self.people,
            moves: moves.collect(),
        }
    }
}

impl Side {
    fn decide(&self, page: &[Known], now: Timestamp) -> Vec<StatusAndRule> {
        let Some(policy) = &self.policy else {
            return vec![(Status::Undeclared, None); page.len()];
        };
        // A fact that columns cannot hold, such as one of the year 2200, is decided piece by piece,
        // and so is every person who appealed.
        let alone = |known: &Known| self.decide_alone(policy, known, now);
        let Some(mut decided) = self.decide_columns(policy, page, now) else {
            return page.iter().map(alone).collect();
        };
        for (known, decided) in page.iter().zip(&mut decided) {
            if !known.appeals.is_empty() {
                *decided = alone(known);
            }
        }
        decided
    }

    fn decide_alone(&self, policy: &Policy, known: &Known, now: Timestamp) -> StatusAndRule {
        let appeals = Appeals::under(policy, &known.appeals);
        let verdict = domain::decide_appealed(policy, &self.levels, &known.evidence, appeals, now);
        let first = verdict.restrictions.first();
        let rule = first.map(|restriction| restriction.finding.rule.to_string());
        (verdict.status, rule)
    }

    /// Everybody in a mirror decided; `None` while no policy is in force. Reads what the policy asks
    /// for into `columns`, unless it is there.
    fn outcomes(
        &self,
        dir: &Path,
        columns: &mut Option<Columns>,
        now: Timestamp,
    ) -> Result<Option<Outcomes>, MirrorError> {
        let Some(policy) = &self.policy else {
            return Ok(None);
        };
        let columns = match columns.take() {
            Some(read) => columns.insert(read),
            None => columns.insert(read_columns(
                dir,
                Scope::Decide(policy, now),
                Memory::Available,
            )?),
        };
        let decided = decide_columns(policy, &self.levels, columns, now);
        let numbers = decided
            .map_err(|why| MirrorError::Interrupted(why.to_string()))?
            .outcome;
        let rules = policy.rules().iter().map(|rule| {
            let status = match rule.gives {
                Outcome::Restriction(colour) => Status::Decided(colour),
                Outcome::Advice => Status::Decided(domain::Colour::Green),
            };
            (status, Some(rule.id.to_string()))
        });
        let unrestricted = [STATUSES[0], STATUSES[1]].map(|status| (status, None));
        Ok(Some(Outcomes {
            numbers,
            meanings: unrestricted.into_iter().chain(rules).collect(),
        }))
    }

    fn decide_columns(
        &self,
        policy: &Policy,
        page: &[Known],
        now: Timestamp,
    ) -> Option<Vec<StatusAndRule>> {
        let people = u32::try_from(page.len()).ok()?;
        let mut columns = ColumnsBuilder::new(people);
        for (number, known) in (0..people).zip(page) {
            for one in &known.evidence {
                columns.push(number, one.id, &one.fact).ok()?;
            }
        }
        let decisions = decide_columns(policy, &self.levels, &columns.finish(), now).ok()?;
        let outcome = |number| {
            let rule = decisions.rule(policy, number).map(ToString::to_string);
            (decisions.status(policy, number), rule)
        };
        Some((0..people).map(outcome).collect())
    }
}

const STATUSES: [Status; 4] = [
    Status::Undeclared,
    Status::Decided(domain::Colour::Green),
    Status::Decided(domain::Colour::Yellow),
    Status::Decided(domain::Colour::Red),
];

const fn place(status: Status) -> usize {
    match status {
        Status::Undeclared => 0,
        Status::Decided(domain::Colour::Green) => 1,
        Status::Decided(domain::Colour::Yellow) => 2,
        Status::Decided(domain::Colour::Red) => 3,
    }
}

/// A difference as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    people: u64,
    moves: Vec<KeptMove>,
}

#[derive(Serialize, Deserialize)]
struct KeptMove {
    before: String,
    after: String,
    people: Option<u64>,
    rules: Vec<(Option<String>, Option<u64>)>,
}

impl ProposalDiff {
    /// As it is kept.
    pub(crate) fn to_text(&self) -> String {
        let moves = self.moves.iter().map(|one| KeptMove {
            before: one.before.to_string(),
            after: one.after.to_string(),
            people: one.people,
            rules: one
                .rules
                .iter()
                .map(|by| (by.rule.clone(), by.people))
                .collect(),
        });
        let kept = Kept {
            people: self.people,
            moves: moves.collect(),
        };
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// Reads what was kept; `None` if it is not [`Self::to_text`]'s.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let moves = kept.moves.into_iter().map(|one| {
            let rules = one.rules.into_iter();
            Some(Move {
                before: one.before.parse().ok()?,
                after: one.after.parse().ok()?,
                people: one.people,
                rules: rules
                    .map(|(rule, people)| ByRule { rule, people })
                    .collect(),
            })
        });
        Some(Self {
            people: kept.people,
            moves: moves.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One change of status with so many people under each of several rules.
    fn one_move(counts: &[u64]) -> MoveCounts {
        let rules = (0..)
            .zip(counts)
            .map(|(number, count)| (Some(format!("rule-{number:02}")), *count));
        MoveCounts {
            people: 1_000,
            moves: BTreeMap::from([((1, 3), rules.collect())]),
        }
    }

    #[test]
    fn no_number_from_1_to_9_is_shown_nor_can_be_computed() {
        // People under each rule, and what is shown of all of them and of each.
        type Case<'a> = (&'a [u64], Option<u64>, &'a [Option<u64>]);
        let table: [Case<'_>; 9] = [
            (&[9], None, &[None]),
            (&[4, 5], None, &[None, None]),
            (&[10], Some(10), &[Some(10)]),
            (&[10, 20], Some(30), &[Some(10), Some(20)]),
            // 20 − 11 would tell 9.
            (&[9, 11], Some(20), &[None, None]),
            (&[3, 40, 50], Some(93), &[None, None, Some(50)]),
            // 8 and 9 between them say little: any pair that makes 17 from 8 and 9 up.
            (&[8, 9, 30], Some(47), &[None, None, Some(30)]),
            // Together 2: each would be 1.
            (&[1, 1, 30], Some(32), &[None, None, None]),
            // So many ones that their sum would tell them.
            (&[1; 10], None, &[None; 10]),
        ];
        for (counts, people, each) in table {
            let moves = one_move(counts).difference().moves;
            let rules: Vec<_> = moves[0].rules.iter().map(|by| by.people).collect();
            assert_eq!(
                (moves[0].people, rules),
                (people, each.to_vec()),
                "{counts:?}"
            );
        }
    }

    #[test]
    fn a_small_change_beside_one_other_hides_both_because_their_sum_is_known_later() {
        let rules = |count: u64| BTreeMap::from([(Some("stay".to_owned()), count)]);
        let counts = |green_to_red, red_to_green| MoveCounts {
            people: 1_000,
            moves: BTreeMap::from([((1, 3), rules(green_to_red)), ((3, 1), rules(red_to_green))]),
        };
        let people = |counts: MoveCounts| {
            let moves = counts.difference().moves;
            moves.iter().map(|one| one.people).collect::<Vec<_>>()
        };
        assert_eq!(people(counts(20, 2)), [None, None]);
        assert_eq!(people(counts(20, 12)), [Some(20), Some(12)]);
    }

    #[test]
    fn a_difference_survives_its_text() {
        let difference = ProposalDiff {
            people: 1_000,
            moves: vec![Move {
                before: STATUSES[1],
                after: STATUSES[3],
                people: Some(31),
                rules: vec![ByRule {
                    rule: Some("stay".to_owned()),
                    people: None,
                }],
            }],
        };
        let read = ProposalDiff::from_text(&difference.to_text());
        assert_eq!(read, Some(difference));
        assert_eq!(ProposalDiff::from_text("{}"), None);
    }
}
