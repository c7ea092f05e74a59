//! One pass over the evidence of a block of people, small enough for its results to stay in cache.
//!
//! Within a block each table is read front to back. A cheap test drops the rows that no rule can
//! use; what is left is tried on every rule. Whatever a single row cannot settle (repetitions,
//! early ends, exposures that still last) marks the person, whom `domain::decide` then decides.

use std::ops::Range;

use domain::FactKind;
use domain::policy::{DateName, Duration, End, Field};

use super::plan::{Plan, RulePlan, Span, Test};
use super::regions::AtLevel;
use super::table::Table;
use crate::columns::{NONE, Seconds, partition_near};

/// Rows that are looked at together; what is known of them stays in the first-level cache.
const TOGETHER: usize = 4096;

/// What is known so far about a block of people, one entry each.
pub(super) struct Block {
    pub(super) people: Range<u32>,
    /// The restriction that ranks highest: severity, end, place in the policy; 0 if none.
    pub(super) rank: Vec<u64>,
    pub(super) since: Vec<Seconds>,
    pub(super) next: Vec<Seconds>,
    /// The latest declaration made, or `NONE`.
    pub(super) declared: Vec<Seconds>,
    /// People to whom a rule gives advice.
    pub(super) advised: Vec<bool>,
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
    /// Room for up to `people` people.
    pub(super) fn new(people: usize) -> Self {
        Self {
            people: 0..0,
            rank: Vec::with_capacity(people),
            since: Vec::with_capacity(people),
            next: Vec::with_capacity(people),
            declared: Vec::with_capacity(people),
            advised: Vec::with_capacity(people),
            marked: Vec::with_capacity(people),
        }
    }

    /// Forgets what it holds and reads everything about `people`.
    pub(super) fn read(&mut self, plan: &Plan<'_>, people: Range<u32>) {
        let length = people.len();
        self.people = people;
        refill(&mut self.rank, length, 0);
        refill(&mut self.since, length, NONE);
        refill(&mut self.next, length, NONE);
        refill(&mut self.declared, length, NONE);
        refill(&mut self.advised, length, false);
        refill(&mut self.marked, length, false);
        let columns = plan.columns;
        self.declarations(plan);
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
            let place = self.place(columns.withdrawals.person[row]);
            self.marked[place] = true;
        }
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
        let rows = self.rows_of(plan, &table.person);
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
        let (asked, anyway) = asked.map_or((0, true), |asked| (asked, false));
        let now = plan.now;
        self.rows(plan, table, &rules, rows, |rows, flags| {
            let columns = table.at[rows.clone()].iter().zip(&table.symptoms[rows]);
            for ((at, symptoms), flag) in columns.zip(flags) {
                let reaches = (*at >= oldest) & (*at <= now);
                *flag = u8::from(reaches & (anyway | (symptoms & asked != 0)));
            }
        });
    }

    fn stays(&mut self, plan: &Plan<'_>) {
        let table = &plan.columns.stays;
        if !plan.policy.reads(FactKind::Stay) {
            return;
        }
        let rows = self.rows_of(plan, &table.person);
        let rules = plan.rules_on(FactKind::Stay);
        self.rows(plan, table, &rules, rows, |rows, flags| {
            let (arrived, left) = (&table.arrived[rows.clone()], &table.left[rows.clone()]);
            mark_stays(
                arrived,
                left,
                &table.region[rows],
                &plan.stays_of_use,
                plan.now,
                flags,
            );
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
        self.rows(plan, table, &rules, rows, |rows, flags| {
            for (row, flag) in rows.zip(flags) {
                let has_word = words >> table.word(field, row) & 1 != 0;
                let reaches = (table.latest(row) >= oldest) & has_word;
                *flag = u8::from(reaches | (table.begins()[row] > plan.now));
            }
        });
    }

    /// When each person's declaration ends, `NONE` if none is valid.
    pub(super) fn end_declarations(&mut self, plan: &Plan<'_>, ends: &mut [Seconds]) {
        let (lasts, oldest) = (plan.declaration_lasts, plan.oldest_declaration);
        let is_valid = |declared: Seconds| (declared != NONE) & (declared >= oldest);
        if let Some(even) = plan.days.even(lasts, oldest, plan.now) {
            for (declared, end) in self.declared.iter().zip(ends) {
                *end = if is_valid(*declared) {
                    even.end(*declared)
                } else {
                    NONE
                };
            }
            return;
        }
        for ((declared, end), marked) in self.declared.iter().zip(ends).zip(&mut self.marked) {
            *end = NONE;
            if is_valid(*declared) {
                match plan.days.end(lasts, *declared) {
                    Some(known) => *end = known,
                    None => *marked = true,
                }
            }
        }
    }

    /// The rows about the people of this block.
    fn rows_of(&self, plan: &Plan<'_>, person: &[u32]) -> Range<usize> {
        let place = |number: u32| {
            let share = u64::from(number) * person.len() as u64;
            let guess = share / u64::from(plan.columns.people.max(1));
            partition_near(person, guess as usize, |other| other < number)
        };
        place(self.people.start)..place(self.people.end)
    }

    /// Tries every rule on every useful row. `mark` sets the flags of the rows in a range that are
    /// useful to 1, in a loop without branches. Whom they are about is looked up for all of them
    /// together, because asking memory for many places takes little longer than asking for one.
    #[inline(never)]
    fn rows<T: Table>(
        &mut self,
        plan: &Plan<'_>,
        table: &T,
        rules: &[&RulePlan],
        rows: Range<usize>,
        mark: impl Fn(Range<usize>, &mut [u8]),
    ) {
        let mut flags = [0; TOGETHER];
        let mut useful = [(0, 0); TOGETHER];
        let mut found = vec![NOTHING; rules.len()];
        let mut reading = None;
        for start in rows.clone().step_by(TOGETHER) {
            let end = rows.end.min(start + TOGETHER);
            flags[end - start..].fill(0);
            mark(start..end, &mut flags[..end - start]);
            let mut count = 0;
            for (first, flags) in (start..end).step_by(8).zip(flags.as_chunks::<8>().0) {
                let mut flags = u64::from_le_bytes(*flags);
                while flags != 0 {
                    useful[count % TOGETHER] = (first + flags.trailing_zeros() as usize / 8, 0);
                    count += 1;
                    flags &= flags - 1;
                }
            }
            let useful = &mut useful[..count];
            for (row, person) in &mut *useful {
                *person = table.person()[*row];
            }
            for (row, person) in useful {
                if reading != Some(*person) {
                    self.settle(reading, rules, &mut found);
                    reading = Some(*person);
                }
                self.row(plan, table, rules, *row, &mut found);
            }
        }
        self.settle(reading, rules, &mut found);
    }

    /// Takes what the rules found about one person into account.
    fn settle(&mut self, person: Option<u32>, rules: &[&RulePlan], found: &mut [Found]) {
        let Some(person) = person else { return };
        let place = self.place(person);
        for (rule, found) in rules.iter().zip(found) {
            if found.until != 0 && rule.severity == 0 {
                self.advised[place] = true;
            } else if found.until != 0 {
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
        let mut asked_last = None;
        for (rule, found) in rules.iter().zip(found) {
            match effect_of(plan, table, rule, row, &mut asked_last) {
                RowEffect::Nothing => {}
                RowEffect::Mark => self.marked[place] = true,
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
    }
}

/// Which stays a rule can make anything of.
#[inline(never)]
fn mark_stays(
    arrived: &[Seconds],
    left: &[Seconds],
    region: &[u16],
    spans: &[Span],
    now: Seconds,
    flags: &mut [u8],
) {
    let columns = arrived.iter().zip(left).zip(region);
    for (((arrived, left), region), flag) in columns.zip(flags) {
        let span = spans[usize::from(*region)];
        // A stay with a known end ahead may change the verdict there, whatever its region.
        let ends_ahead = (*left > now) & (*left != NONE);
        let matters = (*left >= span.from) & (*arrived <= span.until);
        *flag = u8::from(matters | ends_ahead | (*arrived > now));
    }
}

fn refill<T: Clone>(list: &mut Vec<T>, length: usize, value: T) {
    list.clear();
    list.resize(length, value);
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

/// What a rule makes of a row.
enum RowEffect {
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

/// Tries a rule on a row. `asked_last` is what the rule before found of the levels it asked for:
/// rules about one level mostly stand together.
fn effect_of<T: Table>(
    plan: &Plan<'_>,
    table: &T,
    rule: &RulePlan,
    row: usize,
    asked_last: &mut Option<(u8, Option<AtLevel>)>,
) -> RowEffect {
    if !rule.timeless.iter().all(|test| holds(test, table, row)) {
        return RowEffect::Nothing;
    }
    let arrived = table.begins()[row];
    let mut dates = None;
    if let Some(left) = table.left(row) {
        let timeline = rule.level.and_then(|level| {
            Some((
                level,
                &plan.timelines[usize::from(table.entry(Field::Region, row)?)],
            ))
        });
        if left > plan.now {
            return match timeline {
                Some((asked, timeline)) if !timeline.saw(asked, arrived) => {
                    RowEffect::Changes(left, timeline.next_change)
                }
                _ => RowEffect::Mark,
            };
        }
        let seconds = match timeline {
            None => i64::from(left) - i64::from(arrived),
            Some((asked, timeline)) => {
                let part = match *asked_last {
                    Some((level, part)) if level == asked => part,
                    _ => timeline.during(asked, arrived, left, plan.now),
                };
                *asked_last = Some((asked, part));
                let Some(part) = part else {
                    return RowEffect::Nothing;
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
            return RowEffect::Nothing;
        }
    } else if !rule.durations.iter().all(|test| holds(test, table, row)) {
        return RowEffect::Nothing;
    }
    let anchor = match (rule.starts, dates) {
        (DateName::First, Some((first, _))) => first,
        (DateName::Last, Some((_, last))) => last,
        (name, _) => table.date(name, row),
    };
    if anchor < rule.oldest {
        return RowEffect::Nothing;
    }
    if rule.takes_more {
        return RowEffect::Mark;
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
        (Some(since), Some(until)) if since < until => RowEffect::Applies { since, until },
        (Some(_), Some(_)) => RowEffect::Nothing,
        _ => RowEffect::Mark,
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
    let unit = if *field == Field::Hours { 3600 } else { 60 };
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
