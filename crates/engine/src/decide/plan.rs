//! A policy compiled for columns: words become masks, regions bit sets, times 32-bit numbers.

use std::collections::HashSet;

use domain::evidence::{Holds, Symptom, Symptoms};
use domain::policy::{Comparison, Condition, DateName, Duration, End, Field, Outcome, Rule};
use domain::{Colour, FactKind, Level, Policy, RegionLevels, Timestamp};

use super::days::Days;
use super::regions::{Timeline, bit};
use crate::columns::{Columns, NONE, Seconds};

/// A policy, levels and a timestamp, made ready for the columns at hand.
pub(super) struct Plan<'a> {
    pub(super) policy: &'a Policy,
    pub(super) levels: &'a RegionLevels,
    pub(super) columns: &'a Columns,
    pub(super) now: Seconds,
    pub(super) days: Days,
    pub(super) timelines: Vec<Timeline>,
    pub(super) declaration_lasts: Duration,
    /// The earliest declaration that is still valid.
    pub(super) oldest_declaration: Seconds,
    /// By region what rules can make of stays there.
    pub(super) regions: Vec<RegionPlan>,
    /// For every region 1 if a rule can make anything of a stay there, else 0.
    pub(super) is_region_of_use: Box<[u8; 1 << 16]>,
    rules: Vec<RulePlan>,
}

/// What rules can make of stays in one region.
pub(super) struct RegionPlan {
    /// The stays of which any rule can make anything.
    pub(super) span: Span,
    /// The rules, by their places among those on stays, that may apply to a stay that has ended.
    pub(super) rules: Vec<u16>,
}

/// Stays that left at `from` or later, or have not left, and arrived at `until` or earlier.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Seconds,
    pub(super) until: Seconds,
}

/// One rule.
pub(super) struct RulePlan {
    pub(super) reads: FactKind,
    /// Its place in the policy.
    pub(super) number: u16,
    /// 2 is red, 1 yellow, 0 advice.
    pub(super) severity: u8,
    pub(super) timeless: Vec<Test>,
    pub(super) durations: Vec<Test>,
    /// The levels asked for, as a mask.
    pub(super) level: Option<u8>,
    pub(super) starts: DateName,
    pub(super) offset: Option<Duration>,
    pub(super) end: End,
    /// Whether it takes more than one row to tell: repetitions, early ends.
    pub(super) takes_more: bool,
    /// A row whose dates all lie before this one has ended under the rule.
    pub(super) oldest: Seconds,
}

/// A condition.
pub(super) enum Test {
    /// The word's bit is set.
    Words(Field, u64),
    /// One of these symptoms.
    Symptoms(u16),
    /// Within one of these inclusive ranges, in thousandths.
    Numbers(Field, Vec<(i64, i64)>),
    /// The entry of the dictionary is among these.
    Entries(Field, Vec<bool>),
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        policy: &'a Policy,
        levels: &'a RegionLevels,
        columns: &'a Columns,
        now: Seconds,
    ) -> Self {
        let days = Days::around(now, policy.time_zone());
        let timeline = |region: &_| Timeline::new(*region, levels, now);
        let lasts = policy.declaration().lasts;
        let oldest_declaration = Days::earliest(now, |at| days.end(lasts, at));
        let rules = policy.rules().iter().zip(0..);
        let rules = rules.map(|(rule, number)| rule_plan(rule, number, columns, now, &days));
        let rules: Vec<RulePlan> = rules.collect();
        let timelines: Vec<Timeline> = columns.regions.values().iter().map(timeline).collect();
        let of_region = |(region, timeline)| region_plan(&rules, region, timeline, now);
        let regions: Vec<_> = timelines.iter().enumerate().map(of_region).collect();
        let mut is_region_of_use = Box::new([0; 1 << 16]);
        for (is_of_use, region) in is_region_of_use.iter_mut().zip(&regions) {
            *is_of_use = u8::from(region.span.from != NONE);
        }
        Self {
            regions,
            is_region_of_use,
            policy,
            levels,
            columns,
            now,
            timelines,
            declaration_lasts: lasts,
            oldest_declaration,
            rules,
            days,
        }
    }

    pub(super) fn rules_on(&self, kind: FactKind) -> Vec<&RulePlan> {
        self.rules
            .iter()
            .filter(|rule| rule.reads == kind)
            .collect()
    }

    /// The rule in this place of the policy.
    pub(super) fn rule(&self, number: u16) -> &RulePlan {
        &self.rules[usize::from(number)]
    }

    pub(super) fn timestamp(&self) -> Timestamp {
        Timestamp::from_second(i64::from(self.now)).unwrap_or_default()
    }
}

fn region_plan(rules: &[RulePlan], region: usize, timeline: &Timeline, now: Seconds) -> RegionPlan {
    let admits = |test: &Test| match test {
        Test::Entries(Field::Region, entries) => entries[region],
        _ => true,
    };
    let on_stays = rules.iter().filter(|rule| rule.reads == FactKind::Stay);
    let mut plan = RegionPlan {
        span: Span {
            from: NONE,
            until: 0,
        },
        rules: Vec::new(),
    };
    for (rule, place) in on_stays.zip(0..) {
        if !rule.timeless.iter().all(admits) {
            continue;
        }
        let (from, until) = match rule.level {
            None => (0, NONE),
            Some(asked) => timeline.extent(asked, now),
        };
        let from = from.max(rule.oldest);
        if from <= now {
            plan.rules.push(place);
        }
        let span = match rule.level {
            // What lasts may yet come under a level.
            Some(_) if timeline.next_change != NONE => Span {
                from: from.min(now + 1),
                until: NONE,
            },
            _ => Span { from, until },
        };
        plan.span.from = plan.span.from.min(span.from);
        plan.span.until = plan.span.until.max(span.until);
    }
    plan
}

fn rule_plan(rule: &Rule, number: u16, columns: &Columns, now: Seconds, days: &Days) -> RulePlan {
    let is_level = |condition: &&Condition| condition.field == Field::Level;
    let is_duration =
        |condition: &&Condition| matches!(condition.field, Field::Minutes | Field::Hours);
    let tests = |conditions: &mut dyn Iterator<Item = &Condition>| -> Vec<Test> {
        conditions
            .map(|condition| test(condition, rule.reads, columns))
            .collect()
    };
    let conditions = || rule.conditions.iter();
    let offset = rule.starts.offset;
    let oldest = match rule.ends {
        End::OfEvidence => 0,
        End::After(lasts) => Days::earliest(now, |date| {
            let start = offset.map_or(Some(date), |offset| days.end(offset, date))?;
            days.end(lasts, start)
        }),
    };
    RulePlan {
        reads: rule.reads,
        number,
        severity: match rule.gives {
            Outcome::Restriction(Colour::Red) => 2,
            Outcome::Restriction(_) => 1,
            Outcome::Advice => 0,
        },
        timeless: tests(&mut conditions().filter(|c| !is_level(c) && !is_duration(c))),
        durations: tests(&mut conditions().filter(is_duration)),
        level: conditions().find(is_level).map(asked_levels),
        starts: rule.starts.date,
        offset,
        end: rule.ends,
        takes_more: rule.repeated.is_some() || !rule.lifted_by.is_empty(),
        oldest,
    }
}

fn asked_levels(condition: &Condition) -> u8 {
    let Comparison::OneOf(words) = &condition.comparison else {
        return 0;
    };
    let asked = |level: &&Level| words.iter().any(|word| word == level.as_str());
    Level::ALL
        .iter()
        .filter(asked)
        .fold(0, |mask, level| mask | bit(*level))
}

fn test(condition: &Condition, kind: FactKind, columns: &Columns) -> Test {
    let field = condition.field;
    match &condition.comparison {
        Comparison::OneOf(words) => match field {
            Field::Symptoms => Test::Symptoms(symptoms(words)),
            Field::Product | Field::Category => {
                let words: HashSet<&str> = words.iter().map(String::as_str).collect();
                let entries = match field {
                    Field::Product => columns.products.values(),
                    _ => columns.categories.values(),
                };
                Test::Entries(
                    field,
                    entries.iter().map(|e| words.contains(e.as_str())).collect(),
                )
            }
            _ => Test::Words(field, word_mask(words, known_words(field, kind))),
        },
        Comparison::Equals(numbers) => {
            let point =
                |number: &domain::policy::Number| (number.thousandths(), number.thousandths());
            Test::Numbers(field, numbers.iter().map(point).collect())
        }
        Comparison::Between { at_least, at_most } => {
            let least = at_least.map_or(i64::MIN, |number| number.thousandths());
            let most = at_most.map_or(i64::MAX, |number| number.thousandths());
            Test::Numbers(field, vec![(least, most)])
        }
        Comparison::Within(outer) => {
            let within = |region: &domain::Region| outer.iter().any(|o| region.lies_within(*o));
            Test::Entries(field, columns.regions.values().iter().map(within).collect())
        }
        Comparison::Outside(outer) => {
            let outside = |region: &domain::Region| !outer.iter().any(|o| region.lies_within(*o));
            Test::Entries(
                field,
                columns.regions.values().iter().map(outside).collect(),
            )
        }
    }
}

fn symptoms(words: &[String]) -> u16 {
    let named = words.iter().filter_map(|word| word.parse::<Symptom>().ok());
    named.collect::<Symptoms>().bits()
}

/// The words of a field in the order by which columns number them.
fn known_words(field: Field, kind: FactKind) -> &'static [&'static str] {
    match field.read_from(kind).map(|column| column.holds) {
        Some(Holds::Word(vocabulary)) => vocabulary.all,
        _ => &[],
    }
}

fn word_mask(words: &[String], known: &[&str]) -> u64 {
    let bits = known
        .iter()
        .enumerate()
        .filter(|(_, known)| words.iter().any(|word| word == *known));
    bits.fold(0, |mask, (bit, _)| mask | 1 << bit)
}
