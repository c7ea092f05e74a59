//! A rule in plain English, so that the person who approves a policy need not read TOML.

use jiff::SignedDuration;

use super::model::{
    Anchor, Comparison, Condition, DateName, Duration, EarlyRelease, End, Outcome, ReleaseAfter,
    ReleaseThreshold, Repeated, Rule, SeriesThreshold,
};
use crate::evidence::FactKind;

impl Rule {
    /// What the rule says, for example: "Red for 14 days from the last contact, for a contact whose
    /// relation is household or close and whose ring is 1. Ends early with …".
    pub fn in_words(&self) -> String {
        let gives = match self.gives {
            Outcome::Restriction(colour) => capitalised(colour.as_str()),
            Outcome::Advice => "Advice".to_owned(),
        };
        let span = match self.ends {
            End::After(duration) => lasting(duration),
            End::OfEvidence => format!("until the end that {} names", thing(self.reads)),
        };
        let starts = anchor(self.reads, self.starts);
        let which = which(self.reads, &self.conditions);
        let series = self.repeated.map(repeated).unwrap_or_default();
        let mut words = format!("{gives} {span} from {starts}, for {which}{series}.");
        if !self.lifted_by.is_empty() {
            let releases: Vec<_> = self
                .lifted_by
                .iter()
                .map(|release| self.release_in_words(release))
                .collect();
            words += &format!(" Ends early with {}.", releases.join("; or with "));
        }
        words
    }

    fn release_in_words(&self, release: &EarlyRelease) -> String {
        let piece = which(release.evidence, &release.conditions);
        let mut words = match release.need {
            ReleaseThreshold::Count { count: 1, .. } => piece,
            ReleaseThreshold::Count {
                count,
                apart,
                within,
            } => {
                let mut words = format!("{count} times {piece}");
                if !apart.is_zero() {
                    words += &format!(", each at least {} after the one before", exact(apart));
                }
                if let Some(within) = within {
                    words += &format!(", all within {}", exact(within));
                }
                words
            }
            ReleaseThreshold::ConsecutiveDays(days) => {
                format!("{piece} on each of {days} days in a row")
            }
        };
        match release.after {
            ReleaseAfter::Starts(None) => {}
            ReleaseAfter::Starts(Some(offset)) => {
                words += &format!(", counted from {} after the start", length(offset));
            }
            ReleaseAfter::Date(date) => words += &format!(", after {}", anchor(self.reads, date)),
        }
        words
    }
}

/// A piece of evidence with its conditions.
fn which(kind: FactKind, conditions: &[Condition]) -> String {
    let conditions: Vec<_> = conditions
        .iter()
        .map(|condition| {
            let field = condition.field.name().replace('_', " ");
            format!("whose {field} {}", comparison(&condition.comparison))
        })
        .collect();
    let separator = if conditions.is_empty() { "" } else { " " };
    format!("{}{separator}{}", thing(kind), conditions.join(" and "))
}

const fn thing(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Declaration => "a health report",
        FactKind::Diagnosis => "a diagnosis",
        FactKind::Contact => "a contact",
        FactKind::Stay => "a stay in a region",
        FactKind::Test => "a test",
        FactKind::Vaccination => "a dose of vaccine",
        FactKind::Visit => "a visit to a venue",
        FactKind::Order => "an order",
        FactKind::Contradiction => "a contradiction",
        FactKind::ForeignVerdict => "another issuer's verdict",
        FactKind::Withdrawal => "a withdrawal",
    }
}

fn anchor(kind: FactKind, anchor: Anchor) -> String {
    let date = match (anchor.date, kind) {
        (DateName::At, FactKind::Declaration) => "the report",
        (DateName::At, FactKind::Diagnosis) => "the diagnosis",
        (DateName::At, FactKind::Vaccination) => "the dose",
        (DateName::At, FactKind::Contradiction) => "the moment it was found",
        (DateName::At, _) => "its beginning",
        (DateName::Onset, _) => "the beginning of the illness",
        (DateName::First, FactKind::Contact) => "the first contact",
        (DateName::First, _) => "the first moment at that level",
        (DateName::Last, FactKind::Contact) => "the last contact",
        (DateName::Last, _) => "the last moment at that level",
        (DateName::Arrived, _) => "the arrival",
        (DateName::Left, FactKind::Stay) => "the departure",
        (DateName::Left, _) => "leaving",
        (DateName::Sampled, _) => "the sample",
        (DateName::Reported, _) => "the result",
        (DateName::Entered, _) => "entering",
        (DateName::From, _) => "its beginning",
        (DateName::Until, _) => "its end",
    };
    match anchor.offset {
        None => date.to_owned(),
        Some(offset @ Duration::Days(_)) => {
            format!("the midnight {} after {date}", length(offset))
        }
        Some(offset) => format!("{} after {date}", length(offset)),
    }
}

fn repeated(repeated: Repeated) -> String {
    let within = exact(repeated.within);
    match repeated.need {
        SeriesThreshold::Count(count) => {
            format!(", once there are {count} of them within {within}")
        }
        SeriesThreshold::Minutes(minutes) => {
            let together = exact(SignedDuration::from_mins(i64::from(minutes)));
            format!(", once they last {together} in all within {within}")
        }
    }
}

fn comparison(comparison: &Comparison) -> String {
    match comparison {
        Comparison::OneOf(words) => {
            let words: Vec<_> = words.iter().map(|word| word.replace('_', " ")).collect();
            format!("is {}", any(&words))
        }
        Comparison::Equals(numbers) => format!("is {}", any(&shown(numbers))),
        Comparison::Between {
            at_least: Some(least),
            at_most: Some(most),
        } => {
            format!("is from {least} to {most}")
        }
        Comparison::Between {
            at_least: Some(least),
            ..
        } => format!("is at least {least}"),
        Comparison::Between {
            at_most: Some(most),
            ..
        } => format!("is at most {most}"),
        Comparison::Between { .. } => "is known".to_owned(),
        Comparison::Within(regions) => format!("lies in {}", any(&shown(regions))),
        Comparison::Outside(regions) => format!("lies outside {}", any(&shown(regions))),
    }
}

fn shown<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

/// `a`, `a or b`, `a, b or c`.
fn any(values: &[String]) -> String {
    match values {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    }
}

fn lasting(duration: Duration) -> String {
    match duration {
        Duration::Days(0) => "until the end of the day".to_owned(),
        duration => format!("for {}", length(duration)),
    }
}

fn length(duration: Duration) -> String {
    match duration {
        Duration::Days(days) => counted(i64::from(days), "day"),
        Duration::Hours(hours) => counted(i64::from(hours), "hour"),
    }
}

/// An exact length in the largest unit that fits.
fn exact(duration: SignedDuration) -> String {
    let minutes = duration.as_mins();
    if minutes % 60 != 0 {
        counted(minutes, "minute")
    } else if minutes % (24 * 60) != 0 || minutes <= 48 * 60 {
        counted(minutes / 60, "hour")
    } else {
        counted(minutes / (24 * 60), "day")
    }
}

fn counted(count: i64, unit: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::Policy;

    fn words(rule: &str) -> String {
        let text = format!(
            "[policy]\nid = \"p\"\nversion = 1\nissuer = \"33\"\ntime_zone = \"Asia/Shanghai\"\n\
             effective = 2020-01-01T00:00:00Z\nlook_back = \"60d\"\nlanguages = [\"en\"]\n\
             contest.en = \"C\"\n[declaration]\nlasts = \"14d\"\n[[rule]]\nid = \"r\"\n{rule}\n\
             title.en = \"T\"\nreason.en = \"R\"\nguidance.en = \"G\"\n"
        );
        Policy::parse(&text).unwrap().rules()[0].in_words()
    }

    #[test]
    fn a_rule_reads_as_a_sentence() {
        for (rule, sentence) in [
            (
                "reads = \"contact\"\nwhere = { ring = 1, relation = [\"household\", \"close\"] }\n\
                 gives = \"red\"\nstarts = \"last\"\nlasts = \"14d\"\nlifted_by = [{ evidence = \
                 \"test\", where = { result = \"negative\" }, count = 2, apart = \"24h\", within = \
                 \"3d\", after = \"starts + 7d\" }]",
                "Red for 14 days from the last contact, for a contact whose relation is household \
                 or close and whose ring is 1. Ends early with 2 times a test whose result is \
                 negative, each at least 24 hours after the one before, all within 3 days, counted \
                 from 7 days after the start.",
            ),
            (
                "reads = \"declaration\"\ngives = \"yellow\"\nstarts = \"at + 7d\"\nlasts = \"0d\"\n\
                 lifted_by = [{ evidence = \"declaration\", after = \"at\" }]",
                "Yellow until the end of the day from the midnight 7 days after the report, for a \
                 health report. Ends early with a health report, after the report.",
            ),
            (
                "reads = \"contact\"\nwhere = { minutes = { at_least = 10 } }\nrepeated = { minutes \
                 = 1800, within = \"14d\" }\ngives = \"advice\"\nstarts = \"last\"\nlasts = \"72h\"",
                "Advice for 72 hours from the last contact, for a contact whose minutes is at least \
                 10, once they last 30 hours in all within 14 days.",
            ),
            (
                "reads = \"foreign_verdict\"\nwhere = { colour = \"red\", issuer = { outside = \
                 [\"44\", \"IT\"] } }\ngives = \"red\"\nstarts = \"at\"\nlasts = \"until\"\n\
                 lifted_by = [{ evidence = \"declaration\", where = { symptom_count = 0 }, \
                 consecutive_days = 3 }]",
                "Red until the end that another issuer's verdict names from its beginning, for \
                 another issuer's verdict whose colour is red and whose issuer lies outside 44 or \
                 IT. Ends early with a health report whose symptom count is 0 on each of 3 days in \
                 a row.",
            ),
        ] {
            assert_eq!(words(rule), sentence);
        }
    }
}
