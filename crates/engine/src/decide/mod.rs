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

use std::sync::Mutex;
use std::thread;

use domain::policy::RuleId;
use domain::{Policy, RegionLevels, Status, Timestamp, decide};

use self::block::{Block, rule_of, until_of};
use self::plan::Plan;
use crate::columns::{Columns, NONE, Seconds};
use crate::parallel::threads;

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
    /// Whether there is advice.
    pub is_advised: Vec<bool>,
}

/// A moment that columns cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the moment {0} lies outside 1970 to 2106")]
pub struct BadTimestamp(pub Timestamp);

impl Decisions {
    /// The status of person number `person` under `policy`.
    pub fn status(&self, policy: &Policy, person: u32) -> Status {
        match self.outcome[person as usize] {
            0 => Status::Undeclared,
            1 => Status::Decided(domain::Colour::Green),
            rule => match policy.rules()[usize::from(rule - 2)].gives {
                domain::policy::Outcome::Restriction(colour) => Status::Decided(colour),
                domain::policy::Outcome::Advice => Status::Decided(domain::Colour::Green),
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
/// [`BadTimestamp`] if `now` lies outside the time that columns can hold.
pub fn decide_columns(
    policy: &Policy,
    levels: &RegionLevels,
    columns: &Columns,
    now: Timestamp,
) -> Result<Decisions, BadTimestamp> {
    let mut decisions = Decisions::default();
    decisions.renew(policy, levels, columns, now)?;
    Ok(decisions)
}

impl Decisions {
    /// The same as [`decide_columns`], in the memory of earlier decisions: the system takes as long
    /// to hand out fresh memory for 10 million people as it takes to decide them.
    ///
    /// # Errors
    /// [`BadTimestamp`] if `now` lies outside the time that columns can hold.
    pub fn renew(
        &mut self,
        policy: &Policy,
        levels: &RegionLevels,
        columns: &Columns,
        now: Timestamp,
    ) -> Result<(), BadTimestamp> {
        let unix_seconds = Seconds::try_from(now.as_second())
            .ok()
            .filter(|unix_seconds| *unix_seconds != NONE);
        let unix_seconds = unix_seconds.ok_or(BadTimestamp(now))?;
        let plan = Plan::new(policy, levels, columns, unix_seconds);
        let people = columns.people as usize;
        if self.outcome.len() != people {
            // Zeros cost nothing until they are overwritten, and each thread overwrites its own.
            self.outcome = vec![0; people];
            self.since = vec![0; people];
            self.until = vec![0; people];
            self.next_change = vec![0; people];
            self.is_advised = vec![false; people];
        }
        let blocks = self
            .outcome
            .chunks_mut(BLOCK)
            .zip(self.since.chunks_mut(BLOCK))
            .zip(self.until.chunks_mut(BLOCK))
            .zip(self.next_change.chunks_mut(BLOCK))
            .zip(self.is_advised.chunks_mut(BLOCK))
            .zip((0..).step_by(BLOCK));
        let parts = blocks.map(
            |(((((outcome, since), until), next), advised), start)| Part {
                start,
                outcome,
                since,
                until,
                next,
                advised,
            },
        );
        let parts = Mutex::new(parts);
        let work = || {
            let mut block = Block::new(BLOCK.min(people));
            let next = || parts.lock().ok().and_then(|mut parts| parts.next());
            while let Some(part) = next() {
                part.decide(&plan, &mut block);
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads().min(people.div_ceil(BLOCK)) {
                scope.spawn(work);
            }
            work();
        });
        Ok(())
    }
}

/// The decisions of one block of people.
struct Part<'d> {
    start: u32,
    outcome: &'d mut [u16],
    since: &'d mut [Seconds],
    until: &'d mut [Seconds],
    next: &'d mut [Seconds],
    advised: &'d mut [bool],
}

impl Part<'_> {
    fn decide(mut self, plan: &Plan<'_>, block: &mut Block) {
        block.read(plan, self.start..self.start + self.outcome.len() as u32);
        block.end_declarations(plan, self.until);
        self.advised.copy_from_slice(&block.advised);
        let found = block.rank.iter().zip(&block.since).zip(&block.declared);
        let own = self.outcome.iter_mut().zip(self.since.iter_mut());
        let own = own.zip(self.until.iter_mut()).zip(self.next.iter_mut());
        for ((((rank, from), declared), soonest), own) in found.zip(&block.next).zip(own) {
            let (((outcome, since), until), next) = own;
            let declaration_ends = *until;
            *next = (*soonest).min(declaration_ends);
            let is_restricted = *rank != 0;
            let is_declared = declaration_ends != NONE;
            *outcome = if is_restricted {
                2 + rule_of(*rank)
            } else {
                u16::from(is_declared)
            };
            *until = if is_restricted {
                until_of(*rank)
            } else {
                declaration_ends
            };
            let otherwise = if is_declared { *declared } else { NONE };
            *since = if is_restricted { *from } else { otherwise };
        }
        for place in (0..self.outcome.len()).filter(|place| block.marked[*place]) {
            self.piece_by_piece(plan, place);
        }
    }

    /// Decides one person as the record does.
    fn piece_by_piece(&mut self, plan: &Plan<'_>, place: usize) {
        let evidence = plan.columns.evidence_of(self.start + place as u32);
        let verdict = decide(plan.policy, plan.levels, &evidence, plan.timestamp());
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
        self.advised[place] = !verdict.advice.is_empty();
        // A moment after 2106 reads as for ever.
        let unix_seconds = |at: Option<Timestamp>| {
            at.and_then(|at| Seconds::try_from(at.as_second()).ok())
                .unwrap_or(NONE)
        };
        self.since[place] = unix_seconds(verdict.since);
        self.until[place] = unix_seconds(verdict.until);
        self.next[place] = unix_seconds(verdict.next_change);
    }
}
