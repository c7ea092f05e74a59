//! What a rule makes of one row.

use domain::policy::{DateName, Duration, End, Field};

use super::plan::{Plan, RulePlan, Test};
use super::regions::AtLevel;
use super::table::Table;
use crate::columns::Seconds;

/// What a rule makes of a row.
pub(super) enum RowEffect {
    Nothing,
    /// It takes `domain::decide` to tell.
    Mark,
    /// Nothing now; these timestamps may change it.
    Changes(Seconds, Seconds),
    Applies {
        since: Seconds,
        until: Seconds,
    },
}

/// Tries a rule on a row. `asked_last` is what the rule before found of the levels it asked for:
/// rules about one level mostly stand together.
pub(super) fn effect_of<T: Table>(
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
    let thousandths = seconds.saturating_mul(1000);
    // To divide by a number that is known here takes a fraction of the time.
    let length = match field {
        Field::Hours => thousandths.div_euclid(3600),
        _ => thousandths.div_euclid(60),
    };
    within(ranges, length)
}

fn within(ranges: &[(i64, i64)], number: i64) -> bool {
    ranges
        .iter()
        .any(|(least, most)| *least <= number && number <= *most)
}
