//! Worked cases: the examples beside a policy that say what it is meant to decide.
//!
//! `policies/NAME.cases.toml` stands beside `policies/NAME.toml`; `docs/policy-language.md`
//! describes the format. A case describes one made-up person (levels, evidence) and what must be
//! decided at certain times.

mod facts;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Policy, PolicyError, RuleId};
use crate::appeal::{Appeal, Appeals};
use crate::evidence::Evidence;
use crate::ids::EvidenceId;
use crate::region::RegionLevels;
use crate::verdict::{Finding, Status, Verdict};

/// The worked cases of a policy.
#[derive(Clone, Debug)]
pub struct Cases {
    cases: Vec<Case>,
}

/// One story.
#[derive(Clone, Debug)]
pub struct Case {
    /// A sentence that says what the case shows.
    pub name: String,
    /// Where it is in the file, from 1.
    pub line: usize,
    /// The published levels.
    pub levels: RegionLevels,
    /// The evidence, in the order of the file. `recorded_at` is the time from which the authority
    /// knows of it.
    pub evidence: Vec<Evidence>,
    /// What the person appeals against.
    pub appeals: Vec<Appeal>,
    /// What must be decided.
    pub expected: Vec<Expectation>,
    labels: Vec<(String, EvidenceId)>,
}

/// What must be decided at a timestamp. Fields that are `None` are not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Where it is in the file, from 1.
    pub line: usize,
    /// When the decision is made; evidence that is recorded later is not known yet.
    pub at: Timestamp,
    /// The status.
    pub status: Status,
    /// The rule that gives the colour.
    pub rule: Option<RuleId>,
    /// The evidence that gives the colour.
    pub because: Option<EvidenceId>,
    /// Since when; the inner `None` stands for `"none"`.
    pub since: Option<Option<Timestamp>>,
    /// Until when; the inner `None` stands for `"none"`.
    pub until: Option<Option<Timestamp>>,
    /// The next change; the inner `None` stands for `"none"`.
    pub next_change: Option<Option<Timestamp>>,
    /// Every rule that restricts, the one that gives the colour first.
    pub restrictions: Option<Vec<RuleId>>,
    /// Every rule that advises, in the order of the policy.
    pub advice: Option<Vec<RuleId>>,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseOutcome {
    /// The case's name.
    pub name: String,
    /// Where it is in the file, from 1.
    pub line: usize,
    /// At how many timestamps it was decided.
    pub timestamps: usize,
    /// What was decided otherwise; empty if the case holds.
    pub mismatches: Vec<Mismatch>,
}

impl CaseOutcome {
    /// Whether everything was decided as expected.
    pub fn holds(&self) -> bool {
        self.mismatches.is_empty()
    }
}

/// One thing that was decided otherwise than expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Where the expectation is in the file, from 1.
    pub line: usize,
    /// The time of the decision, in the policy's time zone.
    pub at: String,
    /// Which part of the verdict.
    pub field: &'static str,
    /// What the case expects.
    pub expected: String,
    /// What was decided.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            at,
            field,
            expected,
            found,
        } = self;
        write!(
            f,
            "line {line}, at {at}: {field} should be {expected}, but is {found}"
        )
    }
}

/// What a rule costs that finds nothing, and what it costs to restrict somebody.
const LOOK: u64 = 10;
/// So many pairs of pieces are looked at in the time of one such piece.
const PAIRS: u64 = 1000;

impl Cases {
    /// Reads the worked cases of `policy`.
    ///
    /// # Errors
    /// Every problem at once, as [`Policy::parse`] tells them.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, Vec<PolicyError>> {
        read::read(text, policy).map(|cases| Self { cases })
    }

    /// The cases, in the order of the file.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// About how much work it is to decide them all under `policy`, in microseconds of a slow machine: at each
    /// timestamp each rule looks at each piece of evidence, and for each piece that it reads each of its lifts
    /// looks at all pieces, and at pairs of those that it asks for.
    pub fn effort(&self, policy: &Policy) -> u64 {
        let efforts = self.cases.iter().map(|case| {
            let pieces = (case.evidence.len() + case.appeals.len()) as u64;
            let of_kind = |kind| {
                let same = case.evidence.iter();
                same.filter(|piece| piece.fact.kind() == kind).count() as u64
            };
            let rules = policy.rules().iter().map(|rule| {
                let lifts = rule.lifted_by.iter().map(|lift| {
                    let asked_for = of_kind(lift.evidence);
                    pieces + asked_for * asked_for / PAIRS
                });
                let lifts = lifts.fold(LOOK, u64::saturating_add);
                let read = of_kind(rule.reads);
                let series = rule.repeated.map_or(0, |_| read);
                read.saturating_mul(lifts + series) + pieces + LOOK
            });
            let once = rules.fold(LOOK, u64::saturating_add);
            once.saturating_mul(case.expected.len() as u64)
        });
        efforts.fold(0, u64::saturating_add)
    }

    /// Decides every case under `policy` and compares.
    pub fn run(&self, policy: &Policy) -> Vec<CaseOutcome> {
        self.cases.iter().map(|case| case.run(policy)).collect()
    }
}

impl Case {
    /// Decides the case under `policy` at each of its timestamps, and compares.
    pub fn run(&self, policy: &Policy) -> CaseOutcome {
        let mismatches = self.expected.iter().flat_map(|expected| {
            let known = self.known_at(expected.at);
            let appeals = Appeals::under(policy, &self.appeals);
            let verdict =
                crate::decide_appealed(policy, &self.levels, &known, appeals, expected.at);
            self.mismatches(expected, &verdict, policy.time_zone())
        });
        CaseOutcome {
            name: self.name.clone(),
            line: self.line,
            timestamps: self.expected.len(),
            mismatches: mismatches.collect(),
        }
    }

    /// The evidence that is recorded at `at`, in the order of the file.
    pub fn known_at(&self, at: Timestamp) -> Vec<Evidence> {
        self.evidence
            .iter()
            .filter(|piece| piece.recorded_at <= at)
            .cloned()
            .collect()
    }

    fn mismatches(
        &self,
        expected: &Expectation,
        verdict: &Verdict,
        zone: &TimeZone,
    ) -> Vec<Mismatch> {
        let timestamp = |at: Option<Timestamp>| at.map_or("none".to_owned(), |at| local(at, zone));
        let first = verdict
            .restrictions
            .first()
            .map(|restriction| &restriction.finding);
        let rule = |finding: &Finding| finding.rule.to_string();
        let restrictions = verdict
            .restrictions
            .iter()
            .map(|restriction| &restriction.finding);
        let compared = [
            (
                "status",
                Some(expected.status.to_string()),
                verdict.status.to_string(),
            ),
            (
                "rule",
                expected.rule.as_ref().map(ToString::to_string),
                first.map_or("none".to_owned(), rule),
            ),
            (
                "because",
                expected.because.map(|id| self.label(id)),
                first.map_or("none".to_owned(), |finding| self.label(finding.because)),
            ),
            (
                "since",
                expected.since.map(timestamp),
                timestamp(verdict.since),
            ),
            (
                "until",
                expected.until.map(timestamp),
                timestamp(verdict.until),
            ),
            (
                "next_change",
                expected.next_change.map(timestamp),
                timestamp(verdict.next_change),
            ),
            (
                "restrictions",
                expected.restrictions.as_deref().map(names),
                names(
                    &restrictions
                        .map(|finding| finding.rule.clone())
                        .collect::<Vec<_>>(),
                ),
            ),
            (
                "advice",
                expected.advice.as_deref().map(names),
                names(
                    &verdict
                        .advice
                        .iter()
                        .map(|f| f.rule.clone())
                        .collect::<Vec<_>>(),
                ),
            ),
        ];
        let different = compared.into_iter().filter_map(|(field, wanted, found)| {
            let wanted = wanted.filter(|wanted| *wanted != found)?;
            let at = local(expected.at, zone);
            Some(Mismatch {
                line: expected.line,
                at,
                field,
                expected: wanted,
                found,
            })
        });
        different.collect()
    }

    fn label(&self, id: EvidenceId) -> String {
        let labelled = self.labels.iter().find(|(_, labelled)| *labelled == id);
        labelled.map_or_else(
            || format!("evidence {}", id.as_u128()),
            |(label, _)| label.clone(),
        )
    }
}

fn names(rules: &[RuleId]) -> String {
    let names: Vec<_> = rules.iter().map(RuleId::as_str).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}
