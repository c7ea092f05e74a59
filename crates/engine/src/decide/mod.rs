//! Decides a population from columns, on all processors.
//!
//! An optimisation of `domain::decide` and equal to it for every person (invariant 1): a property
//! test draws random policies, levels and populations and compares. A policy is compiled once
//! (`plan`); blocks of people are read by tables (`block`); people whom no single row settles
//! are decided by `domain::decide` itself, from the same columns.

mod block;
mod days;
mod effect;
mod plan;
mod regions;
mod stays;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Mutex;
use std::thread;

use domain::policy::RuleId;
use domain::{Policy, RegionLevels, Status, Timestamp};

use self::block::Block;
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

/// A timestamp that columns cannot hold.
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
        let columns = self
            .outcome
            .chunks_mut(BLOCK)
            .zip(self.since.chunks_mut(BLOCK))
            .zip(self.until.chunks_mut(BLOCK))
            .zip(self.next_change.chunks_mut(BLOCK))
            .zip(self.is_advised.chunks_mut(BLOCK))
            .zip((0..).step_by(BLOCK));
        let blocks = columns.map(
            |(((((outcome, since), until), next_change), is_advised), start)| Block {
                people: start..start + outcome.len() as u32,
                outcome,
                since,
                until,
                next_change,
                is_advised,
                marked: Vec::new(),
            },
        );
        let blocks = Mutex::new(blocks);
        let work = || {
            let next = || blocks.lock().ok().and_then(|mut blocks| blocks.next());
            while let Some(block) = next() {
                block.decide(&plan);
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
