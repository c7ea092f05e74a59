//! A rule in plain words, in the language of the page. They are made from the rule itself, so that they
//! cannot say something else than it does; its authors write the title and the reason.

use domain::evidence::FactKind;
use domain::policy::{
    Anchor, Comparison, Condition, Duration, EarlyRelease, End, ReleaseAfter, ReleaseThreshold,
    Repeated, Rule, SeriesThreshold,
};
use fluent_bundle::FluentArgs;
use jiff::SignedDuration;

use super::Frame;

/// What a rule says, point by point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RuleWords {
    /// What leads to it: the kind of evidence, then each condition.
    pub(super) leads: Vec<String>,
    /// From when on it holds.
    pub(super) begins: String,
    /// For how long.
    pub(super) lasts: String,
    /// What ends it early; each way by itself is enough.
    pub(super) early: Vec<String>,
}

/// Puts a rule into words.
pub(super) fn in_words(frame: &Frame, rule: &Rule) -> RuleWords {
    let mut leads = vec![thing(frame, rule.reads)];
    leads.extend(conditions(frame, &rule.conditions));
    leads.extend(rule.repeated.map(|repeated| series(frame, repeated)));
    RuleWords {
        leads,
        begins: anchor(frame, rule.reads, rule.starts),
        lasts: match rule.ends {
            End::After(Duration::Days(0)) => frame.t("rw-end-of-day"),
            End::After(duration) => length(frame, duration),
            End::OfEvidence => frame.with("rw-until", "thing", &thing(frame, rule.reads)),
        },
        early: rule
            .lifted_by
            .iter()
            .map(|way| release(frame, rule.reads, way))
            .collect(),
    }
}

fn thing(frame: &Frame, kind: FactKind) -> String {
    frame.t(&format!("rw-thing-{kind}"))
}

fn conditions<'a>(
    frame: &'a Frame,
    conditions: &'a [Condition],
) -> impl Iterator<Item = String> + 'a {
    conditions
        .iter()
        .map(|condition| one_condition(frame, condition))
}

fn one_condition(frame: &Frame, condition: &Condition) -> String {
    let name = condition.field.name();
    let said = |id: &str, values: &[(&str, String)]| {
        let mut args = FluentArgs::new();
        args.set("field", frame.t(&format!("rw-field-{name}")));
        for (name, value) in values {
            args.set((*name).to_owned(), value.clone());
        }
        frame.language.fill(id, &args)
    };
    let is = |id: &str, values: Vec<String>| said(id, &[("values", values.join(" / "))]);
    match &condition.comparison {
        Comparison::OneOf(words) => {
            let words = words.iter().map(|word| value(frame, name, word));
            is("rw-is", words.collect())
        }
        Comparison::Equals(numbers) => is("rw-is", shown(numbers)),
        Comparison::Within(regions) => is("rw-is", shown(regions)),
        Comparison::Outside(regions) => is("rw-outside", shown(regions)),
        Comparison::Between { at_least, at_most } => match (at_least, at_most) {
            (Some(least), Some(most)) => said(
                "rw-between",
                &[("least", least.to_string()), ("most", most.to_string())],
            ),
            (Some(least), None) => said("rw-at-least", &[("least", least.to_string())]),
            (None, Some(most)) => said("rw-at-most", &[("most", most.to_string())]),
            (None, None) => said("rw-known", &[]),
        },
    }
}

/// The words of a field; what only an installation knows, such as a product, stands as it is.
fn value(frame: &Frame, field: &str, word: &str) -> String {
    match field {
        "product" | "category" => word.replace('_', " "),
        _ => frame.t(&format!("rw-{field}-{word}")),
    }
}

fn shown<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

fn series(frame: &Frame, repeated: Repeated) -> String {
    let mut args = FluentArgs::new();
    args.set("within", exact(frame, repeated.within));
    match repeated.need {
        SeriesThreshold::Count(count) => {
            args.set("count", count);
            frame.language.fill("rw-series-count", &args)
        }
        SeriesThreshold::Minutes(minutes) => {
            let together = SignedDuration::from_mins(i64::from(minutes));
            args.set("together", exact(frame, together));
            frame.language.fill("rw-series-time", &args)
        }
    }
}

fn anchor(frame: &Frame, kind: FactKind, anchor: Anchor) -> String {
    let date = frame.t(&format!("rw-date-{}", anchor.date.name()));
    let mut args = FluentArgs::new();
    args.set("thing", thing(frame, kind));
    args.set("date", date);
    match anchor.offset {
        None => frame.language.fill("rw-from", &args),
        Some(offset) => {
            let id = match offset {
                Duration::Days(_) => "rw-from-midnight",
                Duration::Hours(_) => "rw-from-later",
            };
            args.set("length", length(frame, offset));
            frame.language.fill(id, &args)
        }
    }
}

fn release(frame: &Frame, reads: FactKind, way: &EarlyRelease) -> String {
    let mut parts = vec![thing(frame, way.evidence)];
    parts.extend(conditions(frame, &way.conditions));
    match way.need {
        ReleaseThreshold::Count {
            count,
            apart,
            within,
        } => {
            if count > 1 {
                parts.push(frame.count("rw-times", &u32::from(count)));
            }
            if !apart.is_zero() {
                parts.push(frame.with("rw-apart", "length", &exact(frame, apart)));
            }
            if let Some(within) = within {
                parts.push(frame.with("rw-within", "length", &exact(frame, within)));
            }
        }
        ReleaseThreshold::ConsecutiveDays(days) => {
            parts.push(frame.count("rw-days-in-a-row", &u32::from(days)));
        }
    }
    match way.after {
        ReleaseAfter::Starts(None) => {}
        ReleaseAfter::Starts(Some(offset)) => {
            parts.push(frame.with("rw-after-start", "length", &length(frame, offset)));
        }
        ReleaseAfter::Date(date) => {
            let date = anchor(frame, reads, date);
            parts.push(frame.with("rw-after-date", "date", &date));
        }
    }
    parts.join(" · ")
}

fn length(frame: &Frame, duration: Duration) -> String {
    match duration {
        Duration::Days(days) => frame.count("rw-days", &u32::from(days)),
        Duration::Hours(hours) => frame.count("rw-hours", &u32::from(hours)),
    }
}

/// An exact length in the largest unit that fits.
fn exact(frame: &Frame, duration: SignedDuration) -> String {
    let minutes = u32::try_from(duration.as_mins()).unwrap_or(u32::MAX);
    if !minutes.is_multiple_of(60) {
        frame.count("rw-minutes", &minutes)
    } else if !minutes.is_multiple_of(24 * 60) || minutes <= 48 * 60 {
        frame.count("rw-hours", &(minutes / 60))
    } else {
        frame.count("rw-days", &(minutes / (24 * 60)))
    }
}

#[cfg(test)]
mod tests {
    use domain::Policy;
    use domain::policy::{Field, FieldType};

    use super::super::tests::frames;
    use super::*;
    use crate::language::Language;
    use crate::testing::POLICY;

    #[test]
    fn a_rule_reads_point_by_point() {
        let policy = Policy::parse(POLICY).unwrap();
        let frame = frames()
            .find(|frame| frame.language == Language::English)
            .unwrap();
        let rule = policy
            .rules()
            .iter()
            .find(|rule| rule.reads == FactKind::Contact)
            .unwrap();
        let words = in_words(&frame, rule);
        assert_eq!(words.leads[0], "a contact");
        let leads = words.leads.join("; ");
        assert!(leads.contains("minutes: 15 or more"), "{words:?}");
        assert_eq!(words.lasts, "14 days");
    }

    #[test]
    fn every_word_that_a_rule_can_use_is_there_in_every_language() {
        for frame in frames() {
            for kind in FactKind::ALL
                .iter()
                .filter(|kind| **kind != FactKind::Withdrawal)
            {
                assert!(!thing(&frame, *kind).contains('⟦'), "{kind}");
                for (field, holds) in Field::all_of(*kind) {
                    let name = field.name();
                    assert!(
                        !frame.t(&format!("rw-field-{name}")).contains('⟦'),
                        "{name}"
                    );
                    if let FieldType::Word(words) | FieldType::Words(words) = holds {
                        for word in words {
                            assert!(!value(&frame, name, word).contains('⟦'), "{name} {word}");
                        }
                    }
                }
            }
            let policy = Policy::parse(POLICY).unwrap();
            for rule in policy.rules() {
                let words = format!("{:?}", in_words(&frame, rule));
                assert!(!words.contains('⟦'), "{words}");
            }
        }
    }
}
