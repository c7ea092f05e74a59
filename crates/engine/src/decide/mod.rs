//! Decides a population from columns, on all processors.
//!
//! An optimisation of `domain::decide` and equal to it for every person (invariant 1): a property
//! test draws random policies, levels and populations and compares. A policy is compiled once
//! (`plan`); blocks of people are read by tables (`block`); people whom no single row settles
//! are decided by `domain::decide` itself, from the same columns.

mod block;
mod days;
mod plan;
mod regions;
mod table;
#[cfg(test)]
mod tests;

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

use domain::policy::RuleId;
use domain::{Policy, RegionLevels, Status, Timestamp, decide};

use self::block::{Block, rule_of, until_of};
use self::plan::Plan;
use crate::columns::{Columns, NONE, Seconds};

/// People read together: their results stay in the second-level cache.
const BLOCK: usize = 1 << 15;

/// What was decided, one entry a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// 0 undeclared, 1 green, else 2 + the place in the policy of the rule that gives the colour.
    pub outcome: Vec<u16>,
    /// Since when the status holds, or `NONE`.
    pub since: Vec<Seconds>,
    /// When it ends by itself, or `NONE`.
    pub until: Vec<Seconds>,
    /// Until when the verdict holds without new evidence, or `NONE` for ever.
    pub next_change: Vec<Seconds>,
}

/// A moment that columns cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the moment {0} lies outside 1970 to 2106")]
pub struct BadMoment(pub Timestamp);

impl Decisions {
    /// The status of person number `person` under `policy`.
    pub fn status(&self, policy: &Policy, person: u32) -> Status {
        match self.outcome[person as usize] {
            0 => Status::Undeclared,
            1 => Status::Decided(domain::Colour::Green),
            rule => match policy.rules()[usize::from(rule - 2)].gives {
                domain::policy::Gives::Restriction(colour) => Status::Decided(colour),
                domain::policy::Gives::Advice => Status::Decided(domain::Colour::Green),
            },
        }
    }

    /// The rule that gives person number `person` their colour, if one restricts them.
    pub fn rule<'p>(&self, policy: &'p Policy, person: u32) -> Option<&'p RuleId> {
        let place = self.outcome[person as usize].checked_sub(2)?;
        policy.rules().get(usize::from(place)).map(|rule| &rule.id)
    }
}

/// Decides everybody in `columns` at `now`, in whole seconds.
///
/// # Errors
/// [`BadMoment`] if `now` lies outside the time that columns can hold.
pub fn decide_columns(
    policy: &Policy,
    levels: &RegionLevels,
    columns: &Columns,
    now: Timestamp,
) -> Result<Decisions, BadMoment> {
    let second = Seconds::try_from(now.as_second())
        .ok()
        .filter(|second| *second != NONE);
    let second = second.ok_or(BadMoment(now))?;
    let plan = Plan::new(policy, levels, columns, second);
    let people = columns.people as usize;
    let mut decisions = Decisions {
        outcome: vec![0; people],
        since: vec![NONE; people],
        until: vec![NONE; people],
        next_change: vec![NONE; people],
    };
    let blocks = decisions
        .outcome
        .chunks_mut(BLOCK)
        .zip(decisions.since.chunks_mut(BLOCK))
        .zip(decisions.until.chunks_mut(BLOCK))
        .zip(decisions.next_change.chunks_mut(BLOCK))
        .enumerate()
        .map(|(number, (((outcome, since), until), next))| {
            let start = (number * BLOCK) as u32;
            Part {
                start,
                outcome,
                since,
                until,
                next,
            }
        });
    let blocks = Mutex::new(blocks);
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads.min(people.div_ceil(BLOCK)) {
            scope.spawn(|| {
                let next = || blocks.lock().ok().and_then(|mut blocks| blocks.next());
                while let Some(part) = next() {
                    part.decide(&plan);
                }
            });
        }
    });
    Ok(decisions)
}

/// The decisions of one block of people.
struct Part<'d> {
    start: u32,
    outcome: &'d mut [u16],
    since: &'d mut [Seconds],
    until: &'d mut [Seconds],
    next: &'d mut [Seconds],
}

impl Part<'_> {
    fn decide(mut self, plan: &Plan<'_>) {
        let people = self.start..self.start + self.outcome.len() as u32;
        let mut block = Block::read(plan, people);
        for place in 0..self.outcome.len() {
            let mut next = block.next[place];
            let (rank, declared) = (block.rank[place], block.declared[place]);
            let mut declaration_ends = NONE;
            if declared != NONE && declared >= plan.oldest_declaration {
                match plan.days.end(plan.declaration_lasts, declared) {
                    Some(end) => declaration_ends = end,
                    None => block.marked[place] = true,
                }
                next = next.min(declaration_ends);
            }
            let (outcome, since, until) = match (rank, declaration_ends) {
                (0, NONE) => (0, NONE, NONE),
                (0, end) => (1, declared, end),
                (rank, _) => (2 + rule_of(rank), block.since[place], until_of(rank)),
            };
            self.outcome[place] = outcome;
            self.since[place] = since;
            self.until[place] = until;
            self.next[place] = next;
        }
        for place in (0..block.marked.len()).filter(|place| block.marked[*place]) {
            self.piece_by_piece(plan, place);
        }
    }

    /// Decides one person as the record does.
    fn piece_by_piece(&mut self, plan: &Plan<'_>, place: usize) {
        let evidence = plan.columns.evidence_of(self.start + place as u32);
        let verdict = decide(plan.policy, plan.levels, &evidence, plan.moment());
        let place_in_policy = |rule: &RuleId| {
            plan.policy
                .rules()
                .iter()
                .position(|other| other.id == *rule)
                .unwrap_or_default()
        };
        self.outcome[place] = match (verdict.restrictions.first(), verdict.status) {
            (Some(first), _) => 2 + place_in_policy(&first.finding.rule) as u16,
            (None, Status::Undeclared) => 0,
            (None, Status::Decided(_)) => 1,
        };
        // A moment after 2106 reads as for ever.
        let second = |at: Option<Timestamp>| {
            at.and_then(|at| Seconds::try_from(at.as_second()).ok())
                .unwrap_or(NONE)
        };
        self.since[place] = second(verdict.since);
        self.until[place] = second(verdict.until);
        self.next[place] = second(verdict.next_change);
    }
}
