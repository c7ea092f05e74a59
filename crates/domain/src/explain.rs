//! Why a verdict is what it is, in the person's language (invariant 4).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::appeal::Appeals;
use crate::decide::{Application, Evaluation, WayOut, placeholder_value};
use crate::evidence::Evidence;
use crate::ids::{AuthorityId, EvidenceId};
use crate::policy::{Language, Outcome, Policy, RenderedTexts, Rule, RuleId, Text};
use crate::region::RegionLevels;
use crate::verdict::{Finding, Verdict};

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What was decided.
    pub verdict: Verdict,
    /// One for each restriction in force, in the verdict's order.
    pub restrictions: Vec<Reason>,
    /// One for each advice in force, in the verdict's order.
    pub advice: Vec<Reason>,
    /// What the policy's rules once made of the evidence, or will: not in force now.
    pub not_in_force: Vec<Past>,
    /// How to contest a restriction.
    pub contest: String,
}

/// Why a rule is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What the rule says now.
    pub finding: Finding,
    /// What it gives.
    pub gives: Outcome,
    /// Title, reason and guidance, in the language asked for.
    pub texts: RenderedTexts,
    /// What ends it before its day, and how much of that is there; any one suffices.
    pub ways_out: Vec<WayOut>,
}

/// A rule that applied to evidence and is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The rule.
    pub rule: RuleId,
    /// What it is called.
    pub title: String,
    /// The evidence.
    pub evidence: EvidenceId,
    /// Who submitted it.
    pub authority: AuthorityId,
    /// When it started or will start.
    pub since: Timestamp,
    /// When it ended or will end.
    pub until: Timestamp,
    /// The evidence that ended it early, if any did.
    pub lifted_by: Vec<EvidenceId>,
}

/// Decides as [`crate::decide_appealed()`] does, and says why, in `language`, one of the policy's
/// ([`Policy::language`] finds it).
pub fn explain(
    policy: &Policy,
    levels: &RegionLevels,
    evidence: &[Evidence],
    appeals: Option<Appeals<'_>>,
    now: Timestamp,
    language: &Language,
) -> Explanation {
    let verdict = crate::decide_appealed(policy, levels, evidence, appeals, now);
    let mut evaluation = Evaluation::new(policy, levels, evidence, now).reading_everything();
    let mut reasons = Vec::new();
    let mut not_in_force = Vec::new();
    for rule in policy.rules() {
        let applications = evaluation.apply(rule);
        let findings = findings_of(rule, &verdict);
        reasons.extend(findings.filter_map(|(finding, gives)| {
            let because = applications
                .iter()
                .find(|a| a.reading.id == finding.because)?;
            let zone = policy.time_zone();
            let texts = texts(rule, finding, because, zone, language)?;
            let (finding, ways_out) = (finding.clone(), evaluation.ways_out(rule, because));
            Some(Reason {
                finding,
                gives,
                texts,
                ways_out,
            })
        }));
        let past = applications
            .iter()
            .filter(|application| !application.is_in_force(now));
        not_in_force.extend(past.map(|application| {
            Past {
                rule: rule.id.clone(),
                title: in_language(&rule.texts.title, language),
                evidence: application.reading.id,
                authority: application.reading.authority,
                since: application.since,
                until: application.until,
                lifted_by: application
                    .released
                    .as_ref()
                    .map_or_else(Vec::new, |l| l.by.clone()),
            }
        }));
    }
    let of = |findings: &mut dyn Iterator<Item = &Finding>| -> Vec<Reason> {
        findings
            .filter_map(|finding| reasons.iter().find(|reason| reason.finding == *finding))
            .cloned()
            .collect()
    };
    let restrictions = of(&mut verdict.restrictions.iter().map(|r| &r.finding));
    let advice = of(&mut verdict.advice.iter());
    let contest = in_language(policy.contest(), language);
    Explanation {
        verdict,
        restrictions,
        advice,
        not_in_force,
        contest,
    }
}

/// What the verdict holds under a rule, and what that gives: under an appeal a rule may give two colours.
fn findings_of<'v>(
    rule: &Rule,
    verdict: &'v Verdict,
) -> impl Iterator<Item = (&'v Finding, Outcome)> {
    let restrictions = verdict.restrictions.iter();
    let restrictions = restrictions.map(|one| (&one.finding, Outcome::Restriction(one.colour)));
    let advice = verdict.advice.iter().map(|one| (one, Outcome::Advice));
    let id = rule.id.clone();
    restrictions
        .chain(advice)
        .filter(move |(finding, _)| finding.rule == id)
}

fn texts(
    rule: &Rule,
    finding: &Finding,
    because: &Application<'_>,
    zone: &TimeZone,
    language: &Language,
) -> Option<RenderedTexts> {
    let value = |name: &str| match name {
        "since" => Some(in_words(finding.since, zone, language)),
        "until" => Some(in_words(finding.until, zone, language)),
        _ => placeholder_value(name, &because.reading, |at| in_words(at, zone, language)),
    };
    rule.texts.render(language, &value)
}

fn in_language(text: &Text, language: &Language) -> String {
    text.in_language(language).unwrap_or_default().to_owned()
}

/// A timestamp as a person reads it: a local midnight as the end of the day before, and otherwise
/// the local day, with the time where it is not midnight.
pub fn in_words(at: Timestamp, zone: &TimeZone, language: &Language) -> String {
    words_in(language.as_str(), at, zone)
}

/// [`in_words`] in the language of a tag; in English where nobody has written how.
fn words_in(tag: &str, at: Timestamp, zone: &TimeZone) -> String {
    let primary = tag.split('-').next().unwrap_or_default();
    let local = at.to_zoned(zone.clone());
    let is_midnight = local.time() == jiff::civil::Time::midnight();
    let day = if is_midnight {
        local.date().yesterday()
    } else {
        Ok(local.date())
    };
    let Ok(day) = day else { return at.to_string() };
    let (year, month, date) = (day.year(), day.month(), day.day());
    let time = format!("{}:{:02}", local.hour(), local.minute());
    let name_of = |months: [&'static str; 12]| {
        let index = usize::from(month.unsigned_abs()) - 1;
        months.get(index).copied().unwrap_or_default()
    };
    match (primary, is_midnight) {
        ("zh", true) => format!("{year}年{month}月{date}日24时"),
        ("zh", false) => format!("{year}年{month}月{date}日{time}"),
        ("ja", true) => format!("{year}年{month}月{date}日24時"),
        ("ja", false) => format!("{year}年{month}月{date}日 {time}"),
        ("ko", true) => format!("{year}년 {month}월 {date}일 24시"),
        ("ko", false) => format!("{year}년 {month}월 {date}일 {time}"),
        ("ar", true) => format!("نهاية يوم {date} {} {year}", name_of(ARABIC_MONTHS)),
        ("ar", false) => format!("{date} {} {year}، {time}", name_of(ARABIC_MONTHS)),
        (_, true) => format!("the end of {date} {} {year}", name_of(ENGLISH_MONTHS)),
        (_, false) => format!("{date} {} {year}, {time}", name_of(ENGLISH_MONTHS)),
    }
}

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const ARABIC_MONTHS: [&str; 12] = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_in_the_language_of_the_texts() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let half_past_two = "2020-02-17T06:30:00Z".parse().unwrap();
        let midnight = "2020-02-29T16:00:00Z".parse().unwrap();
        for (tag, time, end) in [
            (
                "en",
                "17 February 2020, 14:30",
                "the end of 29 February 2020",
            ),
            (
                "en-GB",
                "17 February 2020, 14:30",
                "the end of 29 February 2020",
            ),
            ("zh", "2020年2月17日14:30", "2020年2月29日24时"),
            ("zh-Hans", "2020年2月17日14:30", "2020年2月29日24时"),
            ("ja", "2020年2月17日 14:30", "2020年2月29日24時"),
            ("ko", "2020년 2월 17일 14:30", "2020년 2월 29일 24시"),
            ("ar", "17 فبراير 2020، 14:30", "نهاية يوم 29 فبراير 2020"),
            (
                "fr",
                "17 February 2020, 14:30",
                "the end of 29 February 2020",
            ),
        ] {
            assert_eq!(words_in(tag, half_past_two, &zone), time, "{tag}");
            assert_eq!(words_in(tag, midnight, &zone), end, "{tag}");
        }
    }
}
