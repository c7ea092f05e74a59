//! Statistics: counts by day, kept by whoever follows the verdicts.
//!
//! The caller computes what changes ([`TallyStep`]); the store writes it together with how far the
//! counting is, in one transaction, and only if nobody else took the same step. So a step that is
//! taken twice, by a process that died or by two nodes, counts once.

use async_trait::async_trait;
use domain::{Colour, Evidence, PersonId, Region, Status, Timestamp};
use jiff::civil::Date;

use crate::{Result, Since};

/// How far the counting of people is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The first day that is counted.
    pub began: Date,
    /// The day that is being counted. All before it are closed.
    pub open: Date,
    /// Verdicts up to here are counted.
    pub cursor: Since<PersonId>,
    /// Steps taken so far.
    pub step: i64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// People who became known on the day.
    Registered,
    /// People by status, at the end of the day.
    Status,
    /// People by the restriction that gives their colour, at the end of the day.
    Reason,
    /// Restrictions in force at the end of the day, also those that give no colour because a
    /// stricter one does.
    Restriction,
    /// Checks on the day, by outcome.
    Check,
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountKey {
    /// What is counted.
    pub measure: Measure,
    /// Where the people live; `None` if not known, or if it is not counted by region.
    pub region: Option<Region>,
    /// Which status, rule or outcome.
    pub word: String,
}

/// How a person is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Where they live, a county at the closest.
    pub region: Option<Region>,
    /// Their status.
    pub status: Status,
    /// Colour and rule of what restricts them, the one that gives the colour first.
    pub restrictions: Vec<(Colour, String)>,
}

/// What counting a person needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedPerson {
    /// How they are counted so far; `None` if they are not.
    pub counted: Option<Counted>,
    /// Their stays, and every withdrawal.
    pub stays: Vec<Evidence>,
    /// When the first evidence about them was taken in; not looked up if they are counted.
    pub known_since: Option<Timestamp>,
}

/// A step of the counting.
#[derive(Clone, Debug)]
pub struct TallyStep {
    /// What it starts from.
    pub from: Tally,
    /// Verdicts up to here are counted after it.
    pub cursor: Since<PersonId>,
    /// How these people are counted after it.
    pub people: Vec<(PersonId, Counted)>,
    /// What changes on the open day.
    pub changes: Vec<(CountKey, i64)>,
}

/// The tables of the statistics.
#[async_trait]
pub trait StatisticsStore: Send + Sync {
    /// How far the counting is; `None` if it never began.
    async fn tally(&self) -> Result<Option<Tally>>;
    /// Begins the counting on `day`, before the first verdict; a counting that began stays.
    async fn begin_tally(&self, day: Date) -> Result<()>;
    /// What counting these people needs, in the same order.
    async fn counted_people(&self, people: &[PersonId]) -> Result<Vec<CountedPerson>>;
    /// Takes a step; `false`, with nothing changed, if somebody else took it.
    async fn take_step(&self, step: TallyStep) -> Result<bool>;
    /// Closes the open day and opens the next one, with as many people in each status; `false`, with
    /// nothing changed, if somebody else took a step.
    async fn close_day(&self, from: &Tally) -> Result<bool>;
    /// Adds checks, each by day, outcome and number. What comes in late for a closed day counts on
    /// the open one.
    async fn add_checks(&self, checks: &[(Date, String, u64)]) -> Result<()>;
    /// What was counted on a day, nothing that is nought.
    async fn day_counts(&self, day: Date) -> Result<Vec<(CountKey, u64)>>;
}
