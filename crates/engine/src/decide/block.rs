//! One pass over the evidence of a block of people, small enough for its results to stay in cache.
//!
//! Within a block each table is read front to back. A cheap test drops the rows that no rule can
//! use; what is left is tried on every rule. Whatever a single row cannot settle (repetitions,
//! early ends, exposures that still last) marks the person, whom `domain::decide` then decides.

use std::ops::Range;

use domain::FactKind;
use domain::policy::{DateName, Duration, End};

use super::plan::{Plan, RulePlan, Test};
use super::table::Table;
use crate::columns::{NONE, Seconds, rows_of};

/// What is known so far about a block of people, one entry each.
pub(super) struct Block {
    pub(super) people: Range<u32>,
    /// The restriction that ranks highest: severity, end, place in the policy; 0 if none.
    pub(super) rank: Vec<u64>,
    pub(super) since: Vec<Seconds>,
    pub(super) next: Vec<Seconds>,
    /// The latest declaration made, or `NONE`.
    pub(super) declared: Vec<Seconds>,
    /// People whom `domain::decide` must decide.
    pub(super) marked: Vec<bool>,
}

/// Severity, end and place of a restriction in one number: the greater ranks higher.
pub(super) fn rank(rule: &RulePlan, until: Seconds) -> u64 {
    u64::from(rule.severity) << 48 | u64::from(until) << 16 | u64::from(u16::MAX - rule.number)
}

/// The place in the policy that a rank names.
pub(super) fn rule_of(rank: u64) -> u16 {
    u16::MAX - (rank & 0xffff) as u16
}

/// The end that a rank names.
pub(super) fn until_of(rank: u64) -> Seconds {
    (rank >> 16) as Seconds
}

/// What one rule has found about the person whose rows are being read.
#[derive(Clone, Copy)]
struct Found {
    since: Seconds,
    until: Seconds,
}

const NOTHING: Found = Found {
    since: NONE,
    until: 0,
};

impl Block {
    /// Reads everything about `people`.
    pub(super) fn read(plan: &Plan<'_>, people: Range<u32>) -> Self {
        let length = people.len();
        let mut block = Self {
            rank: vec![0; length],
            since: vec![NONE; length],
            next: vec![NONE; length],
            declared: vec![NONE; length],
            marked: vec![false; length],
            people,
        };
        let columns = plan.columns;
        block.declarations(plan);
        block.pass(plan, &columns.diagnoses);
        block.pass(plan, &columns.contacts);
        block.stays(plan);
        block.pass(plan, &columns.tests);
        block.pass(plan, &columns.vaccinations);
        block.pass(plan, &columns.visits);
        block.pass(plan, &columns.orders);
        block.pass(plan, &columns.contradictions);
        block.pass(plan, &columns.foreign_verdicts);
        for row in rows_of(&columns.withdrawals.person, &block.people) {
            let place = block.place(columns.withdrawals.person[row]);
            block.marked[place] = true;
        }
        block
    }

    fn place(&self, person: u32) -> usize {
        (person - self.people.start) as usize
    }

    fn note(&mut self, place: usize, at: Seconds, now: Seconds) {
        if at > now {
            self.next[place] = self.next[place].min(at);
        }
    }

    fn declarations(&mut self, plan: &Plan<'_>) {
        let table = &plan.columns.declarations;
        let rows = rows_of(&table.person, &self.people);
        let first = self.people.start;
        // Rows of a person are in order of time: the last one stays.
        for (person, at) in table.person[rows.clone()]
            .iter()
            .zip(&table.at[rows.clone()])
        {
            if *at <= plan.now {
                self.declared[(person - first) as usize] = *at;
            } else {
                let place = (person - first) as usize;
                self.next[place] = self.next[place].min(*at);
            }
        }
        let rules = plan.rules_on(FactKind::Declaration);
        let Some(oldest) = rules.iter().map(|rule| rule.oldest).min() else {
            return;
        };
        let asked = rules
            .iter()
            .try_fold(0, |mask, rule| Some(mask | asked_symptoms(rule)?));
        let asked = asked.unwrap_or(0);
        let everything = if asked == 0 { u16::MAX } else { 0 };
        let useful = |row: usize| {
            (table.at[row] >= oldest)
                & (table.at[row] <= plan.now)
                & ((table.symptoms[row] & asked) | everything != 0)
        };
        self.rows(plan, table, &rules, rows, useful);
    }

    fn stays(&mut self, plan: &Plan<'_>) {
        let table = &plan.columns.stays;
        let rows = rows_of(&table.person, &self.people);
        let rules = plan.rules_on(FactKind::Stay);
        let oldest = rules.iter().map(|rule| rule.oldest).min().unwrap_or(NONE);
        let interesting = plan.regions_of_interest(&rules);
        let useful = |row: usize| {
            let left = table.left[row];
            // A stay with a known end ahead may change the verdict there, whatever its region.
            let ends_ahead = (left > plan.now) & (left != NONE);
            ((left >= oldest) & interesting[usize::from(table.region[row])])
                | ends_ahead
                | (table.arrived[row] > plan.now)
        };
        self.rows(plan, table, &rules, rows, useful);
    }

    fn pass<T: Table>(&mut self, plan: &Plan<'_>, table: &T) {
        let rows = rows_of(table.person(), &self.people);
        let rules = plan.rules_on(T::KIND);
        let oldest = rules.iter().map(|rule| rule.oldest).min().unwrap_or(NONE);
        let useful = |row: usize| (table.latest(row) >= oldest) | (table.begins()[row] > plan.now);
        self.rows(plan, table, &rules, rows, useful);
    }

    /// Tries every rule on every useful row. Rows are gathered first, without branches.
    fn rows<T: Table>(
        &mut self,
        plan: &Plan<'_>,
        table: &T,
        rules: &[&RulePlan],
        rows: Range<usize>,
        useful: impl Fn(usize) -> bool,
    ) {
        const TOGETHER: usize = 4096;
        let mut gathered = vec![0_usize; TOGETHER];
        let mut found = vec![NOTHING; rules.len()];
        let mut reading = None;
        let mut start = rows.start;
        while start < rows.end {
            let end = rows.end.min(start + TOGETHER);
            let mut count = 0;
            for row in start..end {
                gathered[count] = row;
                count += usize::from(useful(row));
            }
            for row in &gathered[..count] {
                let person = table.person()[*row];
                if reading != Some(person) {
                    self.settle(reading, rules, &mut found);
                    reading = Some(person);
                }
                self.row(plan, table, rules, *row, &mut found);
            }
            start = end;
        }
        self.settle(reading, rules, &mut found);
    }

    /// Takes what the rules found about one person into account.
    fn settle(&mut self, person: Option<u32>, rules: &[&RulePlan], found: &mut [Found]) {
        let Some(person) = person else { return };
        let place = self.place(person);
        for (rule, found) in rules.iter().zip(found) {
            if found.until != 0 && rule.severity > 0 {
                let rank = rank(rule, found.until);
                if rank > self.rank[place] {
                    self.rank[place] = rank;
                    self.since[place] = found.since;
                }
            }
            *found = NOTHING;
        }
    }

    fn row<T: Table>(
        &mut self,
        plan: &Plan<'_>,
        table: &T,
        rules: &[&RulePlan],
        row: usize,
        found: &mut [Found],
    ) {
        let place = self.place(table.person()[row]);
        let begins = table.begins()[row];
        if begins > plan.now {
            return self.note(place, begins, plan.now);
        }
        for (rule, found) in rules.iter().zip(found) {
            match outcome(plan, table, rule, row) {
                Outcome::Nothing => {}
                Outcome::Mark => self.marked[place] = true,
                Outcome::Changes(first, second) => {
                    self.note(place, first, plan.now);
                    if second != NONE {
                        self.note(place, second, plan.now);
                    }
                }
                Outcome::Applies { since, until } => {
                    self.note(place, since, plan.now);
                    self.note(place, until, plan.now);
                    if since <= plan.now && plan.now < until {
                        found.since = found.since.min(since);
                        found.until = found.until.max(until);
                    }
                }
            }
        }
    }
}

/// What a rule makes of a row.
enum Outcome {
    Nothing,
    /// It takes `domain::decide` to tell.
    Mark,
    /// Nothing now; these moments may change it.
    Changes(Seconds, Seconds),
    Applies {
        since: Seconds,
        until: Seconds,
    },
}

fn outcome<T: Table>(plan: &Plan<'_>, table: &T, rule: &RulePlan, row: usize) -> Outcome {
    if !rule.timeless.iter().all(|test| holds(test, table, row)) {
        return Outcome::Nothing;
    }
    let arrived = table.begins()[row];
    let mut dates = None;
    if let Some(left) = table.left(row) {
        let timeline = rule.level.and_then(|level| {
            Some((
                level,
                &plan.timelines[usize::from(table.entry(domain::policy::Field::Region, row)?)],
            ))
        });
        if left > plan.now {
            return match timeline {
                Some((asked, timeline)) if !timeline.saw(asked, arrived) => {
                    Outcome::Changes(left, timeline.next_change)
                }
                _ => Outcome::Mark,
            };
        }
        let seconds = match timeline {
            None => i64::from(left) - i64::from(arrived),
            Some((asked, timeline)) => {
                let Some(part) = timeline.during(asked, arrived, left, plan.now) else {
                    return Outcome::Nothing;
                };
                dates = Some((part.first, part.last));
                part.seconds
            }
        };
        if !rule
            .durations
            .iter()
            .all(|test| holds_of_length(test, seconds))
        {
            return Outcome::Nothing;
        }
    } else if !rule.durations.iter().all(|test| holds(test, table, row)) {
        return Outcome::Nothing;
    }
    let anchor = match (rule.starts, dates) {
        (DateName::First, Some((first, _))) => first,
        (DateName::Last, Some((_, last))) => last,
        (name, _) => table.date(name, row),
    };
    if anchor < rule.oldest {
        return Outcome::Nothing;
    }
    if rule.takes_more {
        return Outcome::Mark;
    }
    let end = |duration: Duration, start| plan.days.end(duration, start);
    let since = match rule.offset {
        Some(offset) => end(offset, anchor),
        None => Some(anchor),
    };
    let until = since.and_then(|since| match rule.end {
        End::After(lasts) => end(lasts, since),
        End::OfEvidence => Some(table.date(DateName::Until, row)),
    });
    match (since, until) {
        (Some(since), Some(until)) if since < until => Outcome::Applies { since, until },
        (Some(_), Some(_)) => Outcome::Nothing,
        _ => Outcome::Mark,
    }
}

fn holds<T: Table>(test: &Test, table: &T, row: usize) -> bool {
    match test {
        Test::Words(field, mask) => mask >> table.word(*field, row) & 1 != 0,
        Test::Symptoms(mask) => table.symptoms(row) & mask != 0,
        Test::Numbers(field, ranges) => table
            .number(*field, row)
            .is_some_and(|number| within(ranges, number)),
        Test::Entries(field, entries) => table
            .entry(*field, row)
            .is_some_and(|entry| entries[usize::from(entry)]),
    }
}

fn holds_of_length(test: &Test, seconds: i64) -> bool {
    let Test::Numbers(field, ranges) = test else {
        return false;
    };
    let unit = if *field == domain::policy::Field::Hours {
        3600
    } else {
        60
    };
    within(ranges, seconds.saturating_mul(1000).div_euclid(unit))
}

fn within(ranges: &[(i64, i64)], number: i64) -> bool {
    ranges
        .iter()
        .any(|(least, most)| *least <= number && number <= *most)
}

/// The symptoms without which a rule on declarations finds nothing; `None` if it asks for none.
fn asked_symptoms(rule: &RulePlan) -> Option<u16> {
    rule.timeless.iter().find_map(|test| match test {
        Test::Symptoms(mask) => Some(*mask),
        _ => None,
    })
}
