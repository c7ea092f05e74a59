//! Why a verdict is what it is, in the person's language (invariant 4).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::decide::{Application, Evaluation, placeholder_value};
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

/// Decides as [`crate::decide()`] does, and says why, in `language`, one of the policy's
/// ([`Policy::language`] finds it).
pub fn explain(
    policy: &Policy,
    levels: &RegionLevels,
    evidence: &[Evidence],
    now: Timestamp,
    language: &Language,
) -> Explanation {
    let verdict = crate::decide(policy, levels, evidence, now);
    let mut evaluation = Evaluation::new(policy, levels, evidence, now).reading_everything();
    let mut reasons = Vec::new();
    let mut not_in_force = Vec::new();
    for rule in policy.rules() {
        let applications = evaluation.apply(rule);
        let finding = finding_of(rule, &verdict);
        reasons.extend(finding.and_then(|finding| {
            let because = applications
                .iter()
                .find(|a| a.reading.id == finding.because)?;
            reason(rule, finding, because, policy.time_zone(), language)
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

fn finding_of<'v>(rule: &Rule, verdict: &'v Verdict) -> Option<&'v Finding> {
    let restrictions = verdict
        .restrictions
        .iter()
        .map(|restriction| &restriction.finding);
    restrictions
        .chain(&verdict.advice)
        .find(|finding| finding.rule == rule.id)
}

fn reason(
    rule: &Rule,
    finding: &Finding,
    because: &Application<'_>,
    zone: &TimeZone,
    language: &Language,
) -> Option<Reason> {
    let value = |name: &str| match name {
        "since" => Some(in_words(finding.since, zone, language)),
        "until" => Some(in_words(finding.until, zone, language)),
        _ => placeholder_value(name, &because.reading, |at| in_words(at, zone, language)),
    };
    Some(Reason {
        finding: finding.clone(),
        gives: rule.gives,
        texts: rule.texts.render(language, &value)?,
    })
}

fn in_language(text: &Text, language: &Language) -> String {
    text.in_language(language).unwrap_or_default().to_owned()
}

/// A moment as a person reads it: a local midnight as the end of the day before, and otherwise the
/// local day, with the time where it is not midnight.
pub fn in_words(at: Timestamp, zone: &TimeZone, language: &Language) -> String {
    const MONTHS: [&str; 12] = [
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
    let local = at.to_zoned(zone.clone());
    let is_midnight = local.time() == jiff::civil::Time::midnight();
    let day = if is_midnight {
        local.date().yesterday()
    } else {
        Ok(local.date())
    };
    let Ok(day) = day else { return at.to_string() };
    let (hour, minute) = (local.hour(), local.minute());
    match (language.as_str(), is_midnight) {
        ("zh", true) => format!("{}年{}月{}日24时", day.year(), day.month(), day.day()),
        ("zh", false) => {
            format!(
                "{}年{}月{}日{hour}:{minute:02}",
                day.year(),
                day.month(),
                day.day()
            )
        }
        (_, is_midnight) => {
            let month = MONTHS
                .get(day.month() as usize - 1)
                .copied()
                .unwrap_or_default();
            let date = format!("{} {month} {}", day.day(), day.year());
            if is_midnight {
                format!("the end of {date}")
            } else {
                format!("{date}, {hour}:{minute:02}")
            }
        }
    }
}
