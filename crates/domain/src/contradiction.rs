//! What a person declared, held against what carriers, hotels and laboratories sent.
//!
//! What is found here is a question to the person and to an officer. It is no evidence, and nobody's colour
//! depends on it.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::evidence::{
    ContradictionAbout, Evidence, Fact, OpenPeriod, StayMode, StaySource, TestKind, TestResult,
};
use crate::ids::EvidenceId;
use crate::policy::{Duration, Policy};
use crate::region::{Level, Region, RegionLevels};

/// What people declare is by days: who says a day too much or too little is not contradicted.
const ABOUT_A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// What a policy holds against what people declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContradictionRule {
    /// Stays that carriers and hotels recorded in regions of at least this level.
    pub stays: Option<Level>,
    /// Positive tests, for so long after the sample.
    pub tests: Option<Duration>,
    /// How long a person has to say something before an officer may confirm without it.
    pub hear_within: Duration,
}

/// Something declared and something recorded that do not fit each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradicted {
    /// What it is about.
    pub about: ContradictionAbout,
    /// What the person declared.
    pub declared: EvidenceId,
    /// What somebody recorded.
    pub recorded: EvidenceId,
}

/// What of `evidence` contradicts what the person declared, in order of what was recorded. Nothing under a
/// policy that does not ask; nothing that was withdrawn; nothing where the person said nothing (invariant 3).
pub fn contradictions(
    policy: &Policy,
    levels: &RegionLevels,
    evidence: &[Evidence],
    now: Timestamp,
) -> Vec<Contradicted> {
    let Some(rule) = policy.contradictions() else {
        return Vec::new();
    };
    let withdrawn: HashSet<EvidenceId> = evidence
        .iter()
        .filter_map(|piece| match piece.fact {
            Fact::Withdrawal { of, at } if at <= now => Some(of),
            _ => None,
        })
        .collect();
    let counts = |piece: &&Evidence| !withdrawn.contains(&piece.id) && piece.fact.begins() <= now;
    let counting: Vec<&Evidence> = evidence.iter().filter(counts).collect();
    let mut found = Vec::new();
    if let Some(least) = rule.stays {
        found.extend(about_stays(levels, least, &counting));
    }
    if let Some(window) = rule.tests {
        found.extend(about_health(policy, window, &counting));
    }
    found
}

/// A stay as one piece of evidence states it.
struct StatedStay {
    id: EvidenceId,
    region: Region,
    period: OpenPeriod,
    said_at: Timestamp,
}

/// A recorded stay contradicts what was declared of that time, if the person named another place and this
/// one never. Of a time after something was declared nothing was declared.
fn about_stays(levels: &RegionLevels, least: Level, evidence: &[&Evidence]) -> Vec<Contradicted> {
    let (mut declared, mut recorded) = (Vec::new(), Vec::new());
    for piece in evidence {
        if let Fact::Stay {
            region,
            period,
            mode,
            source,
        } = &piece.fact
        {
            let stated = StatedStay {
                id: piece.id,
                region: *region,
                period: *period,
                said_at: piece.recorded_at,
            };
            match source {
                StaySource::Declared => declared.push(stated),
                // A person who passed through without stopping was where they said.
                _ if *mode == StayMode::Transit => {}
                _ => recorded.push(stated),
            }
        }
    }
    let is_dangerous = |stay: &StatedStay| {
        let level = levels.at(stay.region, stay.period.begin());
        level.is_some_and(|level| level >= least)
    };
    let mut found = Vec::new();
    for stay in recorded.iter().filter(|stay| is_dangerous(stay)) {
        if declared.iter().any(|stated| stated.names(stay)) {
            continue;
        }
        let denials = declared.iter().filter(|stated| stated.denies(stay));
        found.extend(
            denials
                .max_by_key(|stated| (stated.said_at, stated.id))
                .map(|stated| Contradicted {
                    about: ContradictionAbout::Stay,
                    declared: stated.id,
                    recorded: stay.id,
                }),
        );
    }
    found
}

impl StatedStay {
    fn is_near(&self, stay: &Self) -> bool {
        self.region.lies_within(stay.region) || stay.region.lies_within(self.region)
    }

    /// Whether the person said that they were there, to a day.
    fn names(&self, stay: &Self) -> bool {
        let left = stay.period.end().unwrap_or(stay.period.begin());
        let is_before = later(left, ABOUT_A_DAY) < self.period.begin();
        let is_after = self
            .period
            .end()
            .is_some_and(|end| later(end, ABOUT_A_DAY) < stay.period.begin());
        self.is_near(stay) && !is_before && !is_after
    }

    /// Whether the person said that they were somewhere else then, for more than a day before and after.
    fn denies(&self, stay: &Self) -> bool {
        let until = self.period.end().unwrap_or(self.said_at).min(self.said_at);
        let arrived = stay.period.begin();
        !self.is_near(stay)
            && later(self.period.begin(), ABOUT_A_DAY) <= arrived
            && later(arrived, ABOUT_A_DAY) <= until
    }
}

/// A person who declares to be well after a positive result was reported is asked about it, once
/// for each result. Antibodies show a past infection.
fn about_health(policy: &Policy, window: Duration, evidence: &[&Evidence]) -> Vec<Contradicted> {
    let zone = policy.time_zone();
    let mut found = Vec::new();
    for test in evidence {
        let Fact::Test {
            kind: TestKind::Pcr | TestKind::Antigen,
            result: TestResult::Positive,
            period,
            ..
        } = &test.fact
        else {
            continue;
        };
        let known_at = period.end().unwrap_or(test.recorded_at).max(period.begin());
        let until = window.after(period.begin(), zone);
        let well = evidence.iter().filter_map(|piece| match piece.fact {
            Fact::Declaration { at, symptoms, .. } => {
                let is_then = known_at <= at && at < until;
                (is_then && symptoms.count() == 0).then_some((at, piece.id))
            }
            _ => None,
        });
        found.extend(well.min().map(|(_, declared)| Contradicted {
            about: ContradictionAbout::Symptoms,
            declared,
            recorded: test.id,
        }));
    }
    found
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
