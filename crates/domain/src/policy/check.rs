//! Checks that look at a rule as a whole, or at several: whatever would not decide as its author
//! meant is refused at loading, not discovered on somebody's phone.

use jiff::SignedDuration;

use super::fields::Field;
use super::model::{
    Anchor, Comparison, DateName, Duration, EarlyRelease, End, Outcome, Policy, ReleaseAfter,
    ReleaseThreshold, Rule,
};
use super::problem::Problem;
use super::reader::Report;
use super::rules::rule_path;
use crate::evidence::{FactKind, Order};
use crate::verdict::Colour;

/// Reports whatever is wrong with a policy whose every field could be read.
pub(super) fn check(policy: &Policy, report: &mut Report<'_>) {
    look_back(
        policy,
        "declaration.lasts",
        policy.declaration.lasts.at_most(),
        report,
    );
    for (index, rule) in policy.rules.iter().enumerate() {
        let path = rule_path(&rule.id);
        orders(rule, &path, report);
        moving_ends(rule, &path, report);
        ends_as_it_starts(rule, &path, report);
        look_back(policy, &path, reach(rule), report);
        for (number, release) in rule.lifted_by.iter().enumerate() {
            let path = format!("{path}.lifted_by[{number}]");
            releases(rule, release, &path, report);
        }
        if let Some(earlier) = policy.rules[..index]
            .iter()
            .find(|earlier| same(earlier, rule))
        {
            report.at(
                &path,
                Problem::Unreachable {
                    earlier: earlier.id.to_string(),
                },
            );
        }
    }
}

/// Invariant 2: an order restricts as long as two persons signed for, and no worse.
fn orders(rule: &Rule, path: &str, report: &mut Report<'_>) {
    if rule.reads != FactKind::Order {
        return;
    }
    if rule.starts
        != (Anchor {
            date: DateName::From,
            offset: None,
        })
    {
        let expected = "starts = \"from\"";
        report.at(&format!("{path}.starts"), Problem::BeyondOrder { expected });
    }
    if rule.ends != End::OfEvidence {
        let expected = "lasts = \"until\"";
        report.at(&format!("{path}.lasts"), Problem::BeyondOrder { expected });
    }
    let only_red = rule.conditions.iter().any(|condition| {
        condition.field == Field::Colour
            && matches!(&condition.comparison, Comparison::OneOf(colours) if colours == &["red"])
    });
    if rule.gives == Outcome::Restriction(Colour::Red) && !only_red {
        report.at(&format!("{path}.gives"), Problem::StricterThanOrder);
    }
}

/// Hours from an end that counts as now while it is open would never stand still.
fn moving_ends(rule: &Rule, path: &str, report: &mut Report<'_>) {
    let Anchor { date, offset } = rule.starts;
    if !date.may_be_open(rule.reads) {
        return;
    }
    let problem = Problem::HoursFromOpenEnd {
        date: date.name(),
        kind: rule.reads.as_str(),
    };
    match (offset, rule.ends) {
        (Some(Duration::Hours(_)), _) => report.at(&format!("{path}.starts"), problem),
        (None, End::After(Duration::Hours(_))) => report.at(&format!("{path}.lasts"), problem),
        _ => {}
    }
}

fn ends_as_it_starts(rule: &Rule, path: &str, report: &mut Report<'_>) {
    if rule.ends == End::OfEvidence
        && rule.starts.date == DateName::Until
        && rule.reads == FactKind::ForeignVerdict
    {
        report.at(&format!("{path}.starts"), Problem::EndsAsItStarts);
    }
}

/// Invariant of the look-back: evidence that is older never changes a verdict.
fn look_back(policy: &Policy, path: &str, reach: SignedDuration, report: &mut Report<'_>) {
    let covers = policy.look_back.at_most();
    if reach <= covers {
        return;
    }
    let days = (0..=u16::MAX).find(|days| Duration::Days(*days).at_most() >= reach);
    report.at(
        path,
        Problem::LookBack {
            reach: reach.as_hours(),
            look_back: policy.look_back.to_string(),
            covers: covers.as_hours(),
            needed: days.map_or("a longer time".to_owned(), |days| format!("\"{days}d\"")),
        },
    );
}

/// The longest time from the evidence to the end of what the rule makes of it.
fn reach(rule: &Rule) -> SignedDuration {
    let offset = rule
        .starts
        .offset
        .map_or(SignedDuration::ZERO, Duration::at_most);
    let series = rule
        .repeated
        .map_or(SignedDuration::ZERO, |repeated| repeated.within);
    [offset, longest(rule), series]
        .into_iter()
        .fold(SignedDuration::ZERO, SignedDuration::saturating_add)
}

/// The longest that the rule lasts. A foreign verdict holds until its own end, which is no business
/// of the look-back.
fn longest(rule: &Rule) -> SignedDuration {
    match rule.ends {
        End::After(lasts) => lasts.at_most(),
        End::OfEvidence if rule.reads == FactKind::Order => Order::LONGEST,
        End::OfEvidence => SignedDuration::ZERO,
    }
}

fn releases(rule: &Rule, release: &EarlyRelease, path: &str, report: &mut Report<'_>) {
    let never = |why: String| Problem::NeverLifts { why };
    if let Some(why) = releases_too_late(rule, release) {
        report.at(&format!("{path}.after"), never(why));
        return;
    }
    match release.need {
        ReleaseThreshold::Count {
            count,
            apart,
            within,
        } => {
            let takes = apart.saturating_mul(i32::from(count) - 1);
            if let Some(within) = within
                && takes > within
            {
                let why = format!(
                    "{count} pieces, each {} hours after the one before, take {} hours, but must \
                     come within {}",
                    apart.as_hours(),
                    takes.as_hours(),
                    within.as_hours()
                );
                report.at(path, never(why));
            } else if counts_from_start(release) && lasts_at_most(rule).is_some_and(|l| takes >= l)
            {
                let why = format!(
                    "{count} pieces, each {} hours after the one before, take longer than the rule \
                     lasts",
                    apart.as_hours()
                );
                report.at(path, never(why));
            }
        }
        ReleaseThreshold::ConsecutiveDays(days) => {
            if let Some(possible) = days_of(rule, release)
                && u32::from(days) > possible
            {
                let why = format!(
                    "{days} consecutive days do not fit; the rule leaves {possible} local days"
                );
                report.at(&format!("{path}.consecutive_days"), never(why));
            }
        }
    }
}

/// Why evidence could count only after the rule's own end.
fn releases_too_late(rule: &Rule, release: &EarlyRelease) -> Option<String> {
    let End::After(lasts) = rule.ends else {
        return None;
    };
    let (offset, until_end, too_late) = match release.after {
        ReleaseAfter::Starts(Some(offset)) => {
            (offset, lasts.at_most(), no_sooner_than(offset, lasts))
        }
        ReleaseAfter::Date(Anchor {
            date,
            offset: Some(offset),
        }) if date == rule.starts.date => {
            let before_start = rule
                .starts
                .offset
                .map_or(SignedDuration::ZERO, Duration::at_most);
            let until_end = before_start.saturating_add(lasts.at_most());
            let too_late = match rule.starts.offset {
                None => no_sooner_than(offset, lasts),
                Some(_) => at_least(offset) >= until_end,
            };
            (offset, until_end, too_late)
        }
        _ => return None,
    };
    too_late.then(|| {
        let hours = until_end.as_hours();
        format!(
            "it counts from {offset} on, but the rule has ended by then ({hours} hours at most)"
        )
    })
}

/// Whether `offset` from a timestamp is never before `lasts` from the same timestamp.
fn no_sooner_than(offset: Duration, lasts: Duration) -> bool {
    match (offset, lasts) {
        (Duration::Days(offset), Duration::Days(lasts)) => offset >= lasts,
        _ => at_least(offset) >= lasts.at_most(),
    }
}

/// The shortest that a span can be: day 0 may be nearly over, and on the day the clocks go forward
/// an hour is missing.
fn at_least(duration: Duration) -> SignedDuration {
    match duration {
        Duration::Hours(hours) => SignedDuration::from_hours(i64::from(hours)),
        Duration::Days(days) => SignedDuration::from_hours((i64::from(days) * 24 - 1).max(0)),
    }
}

fn counts_from_start(release: &EarlyRelease) -> bool {
    matches!(release.after, ReleaseAfter::Starts(_))
}

/// The longest that the rule lasts, if that is known.
fn lasts_at_most(rule: &Rule) -> Option<SignedDuration> {
    Some(longest(rule)).filter(|longest| longest.is_positive())
}

/// How many local days a rule leaves for evidence on consecutive days, at most; `None` if unknown.
fn days_of(rule: &Rule, release: &EarlyRelease) -> Option<u32> {
    if !counts_from_start(release) {
        return None;
    }
    let all = match rule.ends {
        End::After(Duration::Days(days)) => u32::from(days) + 1,
        End::After(Duration::Hours(hours)) => u32::from(hours).div_ceil(24) + 1,
        End::OfEvidence => {
            let hours = u32::try_from(lasts_at_most(rule)?.as_hours()).ok()?;
            hours.div_ceil(24) + 1
        }
    };
    let waits = match release.after {
        ReleaseAfter::Starts(Some(Duration::Days(days))) => u32::from(days) + 1,
        ReleaseAfter::Starts(Some(Duration::Hours(hours))) => u32::from(hours) / 24,
        _ => 0,
    };
    Some(all.saturating_sub(waits))
}

/// Whether two rules say the same about the same evidence.
fn same(one: &Rule, other: &Rule) -> bool {
    one.reads == other.reads
        && one.conditions.len() == other.conditions.len()
        && one.conditions.iter().zip(&other.conditions).all(|(a, b)| {
            a.field == b.field && comparable(&a.comparison) == comparable(&b.comparison)
        })
        && one.repeated == other.repeated
        && one.gives == other.gives
        && one.starts == other.starts
        && one.ends == other.ends
        && one.lifted_by == other.lifted_by
}

/// A comparison with its lists in order, so that two lists of the same values are equal.
fn comparable(comparison: &Comparison) -> Comparison {
    let mut sorted = comparison.clone();
    match &mut sorted {
        Comparison::OneOf(words) => words.sort_unstable(),
        Comparison::Equals(numbers) => numbers.sort_unstable(),
        Comparison::Within(regions) | Comparison::Outside(regions) => regions.sort_unstable(),
        Comparison::Between { .. } => {}
    }
    sorted
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
