//! One pass over the evidence of a block of people, small enough for its answer to stay in cache.
//!
//! Within a block each table is read front to back. A cheap test drops the rows that no rule can
//! use; what is left is tried on every rule. Whatever a single row cannot settle (repetitions,
//! early ends, exposures that still last) marks the person, whom `domain::decide` then decides.
//! The answer is written where it stays: everybody's as if nothing restricted them, and that of those
//! whom something does over it.

use std::ops::Range;

use domain::policy::{Field, RuleId};
use domain::{FactKind, Status, Timestamp, decide};

use super::effect::{RowEffect, effect_of};
use super::plan::{Plan, RulePlan, Test};
use super::regions::AtLevel;
use super::table::Table;
use crate::columns::{NONE, Seconds, partition_near};

/// Rows that are looked at together; what is known of them stays in the first-level cache.
pub(super) const TOGETHER: usize = 4096;

/// What is decided about a block of people, one entry each.
pub(super) struct Block<'d> {
    pub(super) people: Range<u32>,
    pub(super) outcome: &'d mut [u16],
    pub(super) since: &'d mut [Seconds],
    pub(super) until: &'d mut [Seconds],
    pub(super) next_change: &'d mut [Seconds],
    pub(super) is_advised: &'d mut [bool],
    /// People whom `domain::decide` must decide, some of them several times.
    pub(super) marked: Vec<usize>,
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

/// Rows of use, and whom they are about.
pub(super) type Useful = [(usize, u32); TOGETHER];

impl Block<'_> {
    /// Decides everybody in the block.
    pub(super) fn decide(mut self, plan: &Plan<'_>) {
        self.is_advised.fill(false);
        self.next_change.fill(NONE);
        let columns = plan.columns;
        let declarations = self.rows_of(plan, &columns.declarations.person);
        self.latest_declarations(plan, declarations.clone());
        self.unrestricted(plan);
        self.declarations(plan, declarations);
        self.pass(plan, &columns.diagnoses);
        self.pass(plan, &columns.contacts);
        self.stays(plan);
        self.pass(plan, &columns.tests);
        self.pass(plan, &columns.vaccinations);
        self.pass(plan, &columns.visits);
        self.pass(plan, &columns.orders);
        self.pass(plan, &columns.contradictions);
        self.pass(plan, &columns.foreign_verdicts);
        for row in self.rows_of(plan, &columns.withdrawals.person) {
            self.marked
                .push(self.place(columns.withdrawals.person[row]));
        }
        let mut marked = std::mem::take(&mut self.marked);
        marked.sort_unstable();
        marked.dedup();
        for place in marked {
            self.piece_by_piece(plan, place);
        }
    }

    fn place(&self, person: u32) -> usize {
        (person - self.people.start) as usize
    }

    fn note(&mut self, place: usize, at: Seconds, now: Seconds) {
        if at > now {
            self.next_change[place] = self.next_change[place].min(at);
        }
    }

    /// Puts the latest declaration that each person made, or `NONE`, where it is written since when the
    /// status holds.
    fn latest_declarations(&mut self, plan: &Plan<'_>, rows: Range<usize>) {
        self.since.fill(NONE);
        let table = &plan.columns.declarations;
        let first = self.people.start;
        // Rows of a person are in order of time: the last one stays.
        for (person, at) in table.person[rows.clone()].iter().zip(&table.at[rows]) {
            let place = (person - first) as usize;
            if *at <= plan.now {
                self.since[place] = *at;
            } else {
                self.next_change[place] = self.next_change[place].min(*at);
            }
        }
    }

    /// Decides everybody as if only their declaration were known.
    fn unrestricted(&mut self, plan: &Plan<'_>) {
        let (lasts, oldest) = (plan.declaration_lasts, plan.oldest_declaration);
        let is_valid = |declared: Seconds| (declared != NONE) & (declared >= oldest);
        if let Some(even) = plan.days.even(lasts, oldest, plan.now) {
            for (declared, end) in self.since.iter().zip(&mut *self.until) {
                let at = if is_valid(*declared) {
                    *declared
                } else {
                    oldest
                };
                *end = if is_valid(*declared) {
                    even.end(at)
                } else {
                    NONE
                };
            }
        } else {
            for (place, (declared, end)) in self.since.iter().zip(&mut *self.until).enumerate() {
                *end = NONE;
                if is_valid(*declared) {
                    match plan.days.end(lasts, *declared) {
                        Some(known) => *end = known,
                        None => self.marked.push(place),
                    }
                }
            }
        }
        let ends = self.until.iter();
        for (end, next) in ends.clone().zip(&mut *self.next_change) {
            *next = (*next).min(*end);
        }
        for (end, since) in ends.clone().zip(&mut *self.since) {
            *since = if *end == NONE { NONE } else { *since };
        }
        for (end, outcome) in ends.zip(&mut *self.outcome) {
            *outcome = u16::from(*end != NONE);
        }
    }

    fn declarations(&mut self, plan: &Plan<'_>, rows: Range<usize>) {
        let table = &plan.columns.declarations;
        let rules = plan.rules_on(FactKind::Declaration);
        let Some(oldest) = rules.iter().map(|rule| rule.oldest).min() else {
            return;
        };
        let asked = rules
            .iter()
            .try_fold(0, |mask, rule| Some(mask | asked_symptoms(rule)?));
        let (asked, anyway) = asked.map_or((0, true), |asked| (asked, false));
        let now = plan.now;
        self.rows(plan, table, &rules, rows, |rows, useful| {
            let columns = table.at[rows.clone()]
                .iter()
                .zip(&table.symptoms[rows.clone()]);
            pick(rows.start, useful, columns, |(at, symptoms)| {
                let reaches = (*at >= oldest) & (*at <= now);
                reaches & (anyway | (symptoms & asked != 0))
            })
        });
    }

    fn pass<T: Table>(&mut self, plan: &Plan<'_>, table: &T) {
        if !plan.policy.reads(T::KIND) {
            return;
        }
        let rows = self.rows_of(plan, table.person());
        if rows.is_empty() {
            return;
        }
        let rules = plan.rules_on(T::KIND);
        let oldest = rules.iter().map(|rule| rule.oldest).min().unwrap_or(NONE);
        let (field, words) = common_words(&rules);
        self.rows(plan, table, &rules, rows, |rows, useful| {
            pick(rows.start, useful, rows, |row| {
                let has_word = words >> table.word(field, row) & 1 != 0;
                let reaches = (table.latest(row) >= oldest) & has_word;
                reaches | (table.begins()[row] > plan.now)
            })
        });
    }

    /// The rows about the people of this block.
    pub(super) fn rows_of(&self, plan: &Plan<'_>, person: &[u32]) -> Range<usize> {
        let place = |number: u32| {
            let share = u64::from(number) * person.len() as u64;
            let guess = share / u64::from(plan.columns.people.max(1));
            partition_near(person, guess as usize, |other| other < number)
        };
        place(self.people.start)..place(self.people.end)
    }

    /// Tries the rules on every useful row. `pick` puts the rows of use in a range together and says
    /// how many there are. Whom they are about is looked up for all of them together, because asking
    /// memory for many places takes little longer than asking for one.
    #[inline(never)]
    pub(super) fn rows<T: Table>(
        &mut self,
        plan: &Plan<'_>,
        table: &T,
        rules: &[&RulePlan],
        rows: Range<usize>,
        mut pick: impl FnMut(Range<usize>, &mut Useful) -> usize,
    ) {
        let mut useful = [(0, 0); TOGETHER];
        let mut found = vec![NOTHING; rules.len()];
        let mut reading = None;
        for start in rows.clone().step_by(TOGETHER) {
            let end = rows.end.min(start + TOGETHER);
            let count = pick(start..end, &mut useful);
            let useful = &mut useful[..count];
            for (row, person) in &mut *useful {
                *person = table.person()[*row];
            }
            for (row, person) in useful {
                if reading != Some(*person) {
                    self.settle(plan, reading, rules, &mut found);
                    reading = Some(*person);
                }
                self.row(plan, table, rules, *row, self.place(*person), &mut found);
            }
        }
        self.settle(plan, reading, rules, &mut found);
    }

    /// Takes what the rules found about one person into account.
    fn settle(
        &mut self,
        plan: &Plan<'_>,
        person: Option<u32>,
        rules: &[&RulePlan],
        found: &mut [Found],
    ) {
        let Some(person) = person else { return };
        let place = self.place(person);
        for (rule, found) in rules.iter().zip(found) {
            if found.until != 0 && rule.severity == 0 {
                self.is_advised[place] = true;
            } else if found.until != 0 {
                let held = self.outcome[place]
                    .checked_sub(2)
                    .map_or(0, |number| rank(plan.rule(number), self.until[place]));
                if rank(rule, found.until) > held {
                    self.outcome[place] = 2 + rule.number;
                    self.until[place] = found.until;
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
        place: usize,
        found: &mut [Found],
    ) {
        let begins = table.begins()[row];
        if begins > plan.now {
            return self.note(place, begins, plan.now);
        }
        let mut asked_last = None;
        if let Some(few) = table.rules_that_may_apply(plan, row) {
            for number in few {
                let number = usize::from(*number);
                let (rule, found) = (rules[number], &mut found[number]);
                self.try_rule(plan, table, rule, row, place, &mut asked_last, found);
            }
            return;
        }
        for (rule, found) in rules.iter().zip(found) {
            self.try_rule(plan, table, rule, row, place, &mut asked_last, found);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "it is a loop's body, which two loops share"
    )]
    fn try_rule<T: Table>(
        &mut self,
        plan: &Plan<'_>,
        table: &T,
        rule: &RulePlan,
        row: usize,
        place: usize,
        asked_last: &mut Option<(u8, Option<AtLevel>)>,
        found: &mut Found,
    ) {
        match effect_of(plan, table, rule, row, asked_last) {
            RowEffect::Nothing => {}
            RowEffect::Mark => self.marked.push(place),
            RowEffect::Changes(first, second) => {
                self.note(place, first, plan.now);
                if second != NONE {
                    self.note(place, second, plan.now);
                }
            }
            RowEffect::Applies { since, until } => {
                self.note(place, since, plan.now);
                self.note(place, until, plan.now);
                if since <= plan.now && plan.now < until {
                    found.since = found.since.min(since);
                    found.until = found.until.max(until);
                }
            }
        }
    }

    /// Decides one person as the record does.
    fn piece_by_piece(&mut self, plan: &Plan<'_>, place: usize) {
        let evidence = plan.columns.evidence_of(self.people.start + place as u32);
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
        self.is_advised[place] = !verdict.advice.is_empty();
        // A timestamp after 2106 reads as for ever.
        let unix_seconds = |at: Option<Timestamp>| {
            at.and_then(|at| Seconds::try_from(at.as_second()).ok())
                .unwrap_or(NONE)
        };
        self.since[place] = unix_seconds(verdict.since);
        self.until[place] = unix_seconds(verdict.until);
        self.next_change[place] = unix_seconds(verdict.next_change);
    }
}

/// Puts the rows for which `is_of_use` holds together, and says how many there are.
#[inline(always)]
pub(super) fn pick<C>(
    first: usize,
    useful: &mut Useful,
    rows: impl Iterator<Item = C>,
    is_of_use: impl Fn(C) -> bool,
) -> usize {
    let mut flags = [0_u8; TOGETHER];
    for (flag, row) in flags.iter_mut().zip(rows) {
        *flag = u8::from(is_of_use(row));
    }
    let mut count = 0;
    for (first, flags) in (first..).step_by(8).zip(flags.as_chunks::<8>().0) {
        let mut flags = u64::from_le_bytes(*flags);
        while flags != 0 {
            useful[count % TOGETHER] = (first + flags.trailing_zeros() as usize / 8, 0);
            count += 1;
            flags &= flags - 1;
        }
    }
    count
}

/// Severity, end and place of a restriction in one number: the greater ranks higher.
fn rank(rule: &RulePlan, until: Seconds) -> u64 {
    u64::from(rule.severity) << 48 | u64::from(until) << 16 | u64::from(u16::MAX - rule.number)
}

/// A field, and its words without which none of the rules finds anything.
fn common_words(rules: &[&RulePlan]) -> (Field, u64) {
    let asked = |field: Field| {
        let of_rule = |rule: &&RulePlan| {
            rule.timeless.iter().find_map(|test| match test {
                Test::Words(of, mask) if *of == field => Some(*mask),
                _ => None,
            })
        };
        let mut masks = rules.iter().map(of_rule);
        masks.try_fold(0, |all, mask| Some(all | mask?))
    };
    let fields = rules.iter().flat_map(|rule| &rule.timeless);
    let fields = fields.filter_map(|test| match test {
        Test::Words(field, _) => Some(*field),
        _ => None,
    });
    let asked = fields.filter_map(|field| Some((field, asked(field)?)));
    asked
        .min_by_key(|(_, mask)| mask.count_ones())
        .unwrap_or((Field::Status, u64::MAX))
}

/// The symptoms without which a rule on declarations finds nothing; `None` if it asks for none.
fn asked_symptoms(rule: &RulePlan) -> Option<u16> {
    rule.timeless.iter().find_map(|test| match test {
        Test::Symptoms(mask) => Some(*mask),
        _ => None,
    })
}
