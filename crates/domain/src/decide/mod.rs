//! The one function that turns evidence into a verdict (invariant 1).
//!
//! Read it as a sentence: of the evidence in effect at `now`, every rule applies to what it
//! reads; an application has a start and an end, and other evidence may lift it early; those in
//! force are merged by rule; the highest colour is the verdict. `fact_reader` is the one place that
//! reads a fact, `reading` says how a rule sees it, `condition` what holds of it, `early_release` how evidence
//! ends a restriction early, `progress` how much of that is there.

mod condition;
mod early_release;
mod fact_reader;
mod progress;
mod reading;

#[cfg(test)]
mod appeal_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

pub(crate) use self::condition::placeholder_value;
pub(crate) use self::early_release::Released;
pub use self::progress::WayOut;
pub(crate) use self::reading::Reading;
use crate::appeal::Appeals;
use crate::evidence::{Evidence, Fact};
use crate::policy::{End, Outcome, Policy, ReadSet, Rule, SeriesThreshold};
use crate::region::RegionLevels;
use crate::verdict::{Colour, Finding, Restriction, Status, Verdict};

/// Decides a person's status at `now` from the evidence about them.
///
/// Pure: the same arguments give the same verdict, in whatever order the evidence comes and
/// however often a piece is repeated. Evidence that begins after `now` plays no part yet, and a
/// withdrawn piece none at all. The verdict holds until [`Verdict::next_change`]; evidence of a kind
/// that no rule reads, nor a declaration's validity, does not move it, begun or not.
pub fn decide(
    policy: &Policy,
    levels: &RegionLevels,
    evidence: &[Evidence],
    now: Timestamp,
) -> Verdict {
    decide_appealed(policy, levels, evidence, None, now)
}

/// As [`decide`], of a person who appealed: while an appeal is open, restrictions from the evidence that
/// it names give what the policy grants until there is an answer. Never does an appeal make a colour
/// worse, nor does it touch advice or what a diagnosis gives. With no appeal it is [`decide`].
pub fn decide_appealed(
    policy: &Policy,
    levels: &RegionLevels,
    evidence: &[Evidence],
    appeals: Option<Appeals<'_>>,
    now: Timestamp,
) -> Verdict {
    let zone = policy.time_zone();
    let mut evaluation = Evaluation::new(policy, levels, evidence, now);
    if let Some(appeals) = appeals {
        appeals
            .changes(zone)
            .for_each(|at| evaluation.changes.note(at));
    }
    let mut restrictions = Vec::new();
    let mut advice = Vec::new();
    for rule in policy.rules() {
        let applications = evaluation.apply(rule);
        let Outcome::Restriction(gives) = rule.gives else {
            advice.extend(merge(rule, &applications, now));
            continue;
        };
        let mut by_colour = BTreeMap::<Colour, Vec<Application<'_>>>::new();
        for application in applications {
            let colour = appeals.map_or(gives, |appeals| {
                appeals.relieved((rule.reads, gives), application.reading.id, zone, now)
            });
            by_colour.entry(colour).or_default().push(application);
        }
        by_colour.remove(&Colour::Green);
        for (colour, applications) in by_colour {
            let finding = merge(rule, &applications, now);
            restrictions.extend(finding.map(|finding| Restriction { colour, finding }));
        }
    }
    // The sort is stable: between equals, the rule that comes first in the policy stays first.
    restrictions.sort_by_key(|r| (Reverse(r.colour), Reverse(r.finding.until)));
    let declared = evaluation.valid_declaration();

    let (status, since, until) = match (restrictions.first(), declared) {
        (Some(first), _) => {
            let finding = &first.finding;
            (
                Status::Decided(first.colour),
                Some(finding.since),
                Some(finding.until),
            )
        }
        (None, Some((at, end))) => (Status::Decided(Colour::Green), Some(at), Some(end)),
        (None, None) => (Status::Undeclared, None, None),
    };
    Verdict {
        policy: policy.reference().clone(),
        status,
        restrictions,
        advice,
        since,
        until,
        next_change: evaluation.changes.next,
    }
}

/// The evidence in effect at `now`, and every timestamp noticed so far at which the verdict may
/// change.
pub(crate) struct Evaluation<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) levels: &'a RegionLevels,
    pub(crate) now: Timestamp,
    pub(crate) effective: Vec<&'a Evidence>,
    /// What may be read beside what the rules ask for: nothing, unless texts are written.
    also_read: ReadSet,
    changes: Changes,
}

/// A rule applied to one piece of evidence.
pub(crate) struct Application<'a> {
    pub(crate) reading: Reading<'a>,
    pub(crate) since: Timestamp,
    /// When it ends, early or not.
    pub(crate) until: Timestamp,
    /// What ended it early, if anything did.
    pub(crate) released: Option<Released>,
}

impl Application<'_> {
    pub(crate) fn is_in_force(&self, now: Timestamp) -> bool {
        self.since <= now && now < self.until
    }
}

impl<'a> Evaluation<'a> {
    pub(crate) fn new(
        policy: &'a Policy,
        levels: &'a RegionLevels,
        evidence: &'a [Evidence],
        now: Timestamp,
    ) -> Self {
        let mut changes = Changes { now, next: None };
        let effective = effective(policy, evidence, now, &mut changes);
        Self {
            policy,
            levels,
            now,
            effective,
            also_read: ReadSet::default(),
            changes,
        }
    }

    /// The same with every field at hand, for texts that name them.
    pub(crate) fn reading_everything(self) -> Self {
        Self {
            also_read: ReadSet::EVERYTHING,
            ..self
        }
    }

    /// Applies `rule` to every piece of evidence that it reads and whose conditions hold, in order of
    /// the evidence's beginning. What was lifted before it started is left out.
    pub(crate) fn apply(&mut self, rule: &Rule) -> Vec<Application<'a>> {
        let set = rule.read_set().union(self.also_read);
        let mut readings = Vec::new();
        for &evidence in &self.effective {
            if evidence.fact.kind() == rule.reads {
                let read = Reading::new(
                    evidence,
                    set,
                    &rule.conditions,
                    self.levels,
                    self.now,
                    &mut self.changes,
                );
                readings.extend(read);
            }
        }
        if let Some(repeated) = rule.repeated {
            readings = completing(readings, repeated.need, repeated.within, &mut self.changes);
        }
        readings
            .into_iter()
            .filter_map(|reading| self.application(rule, reading))
            .collect()
    }

    fn application(&mut self, rule: &Rule, reading: Reading<'a>) -> Option<Application<'a>> {
        let zone = self.policy.time_zone();
        let anchor = reading.date(rule.starts.date)?;
        let starts = rule
            .starts
            .offset
            .map_or(anchor.at, |offset| offset.after(anchor.at, zone));
        let end = match rule.ends {
            End::After(duration) => duration.after(starts, zone),
            End::OfEvidence => reading.own_end()?,
        };
        if anchor.is_moving {
            // The end moves on with every local day that passes.
            self.changes
                .note(crate::policy::Duration::Days(0).after(self.now, zone));
        }
        let next = self.changes.next;
        let released = self.earliest_release(rule, &reading, starts, anchor.is_moving);
        if self.changes.next.is_some_and(|change| change >= end) {
            // What has ended by itself cannot change any more, whatever its lifts do after that.
            self.changes.next = next;
        }
        let until = released
            .as_ref()
            .map_or(end, |released| end.min(released.at));
        let released = released.filter(|released| released.at <= end);
        // While an exposure lasts, whatever counts from its end is in force from its beginning.
        let since = if anchor.is_moving && rule.starts.offset.is_none() {
            reading.from
        } else {
            starts
        };
        if since >= until {
            return None;
        }
        self.changes.note(since);
        self.changes.note(until);
        Some(Application {
            reading,
            since,
            until,
            released,
        })
    }

    /// The declaration whose validity ends last among those valid now: when it was made, and when it
    /// lapses.
    fn valid_declaration(&mut self) -> Option<(Timestamp, Timestamp)> {
        let lasts = self.policy.declaration().lasts;
        let declared = self
            .effective
            .iter()
            .filter_map(|evidence| match evidence.fact {
                Fact::Declaration { at, .. } => Some(at),
                _ => None,
            });
        let at = declared.max()?;
        let end = lasts.after(at, self.policy.time_zone());
        self.changes.note(end);
        (self.now < end).then_some((at, end))
    }
}

/// The evidence that counts at `now`: begun, not withdrawn, each piece once, oldest first. What is
/// yet to begin changes a verdict only if a rule reads its kind.
fn effective<'a>(
    policy: &Policy,
    evidence: &'a [Evidence],
    now: Timestamp,
    changes: &mut Changes,
) -> Vec<&'a Evidence> {
    let mut withdrawn = HashSet::new();
    for piece in evidence {
        if piece.fact.begins() > now && policy.reads(piece.fact.kind()) {
            changes.note(piece.fact.begins());
        }
        if let Fact::Withdrawal { of, at, .. } = piece.fact
            && at <= now
        {
            withdrawn.insert(of);
        }
    }
    let mut seen = HashSet::new();
    let mut effective: Vec<&Evidence> = evidence
        .iter()
        .filter(|piece| piece.fact.begins() <= now && !withdrawn.contains(&piece.id))
        .filter(|piece| seen.insert(piece.id))
        .collect();
    effective.sort_by_key(|piece| (piece.fact.begins(), piece.id));
    effective
}

/// Of readings in order of their beginning, those that complete a series.
fn completing<'a>(
    readings: Vec<Reading<'a>>,
    need: SeriesThreshold,
    within: jiff::SignedDuration,
    changes: &mut Changes,
) -> Vec<Reading<'a>> {
    let mut readings = readings;
    // The sort is stable: of readings that begin together, the older evidence comes first.
    readings.sort_by_key(|reading| reading.from);
    let completes = |last: usize, changes: &mut Changes| {
        let series = readings[..=last]
            .iter()
            .filter(|reading| readings[last].from.duration_since(reading.from) <= within);
        match need {
            SeriesThreshold::Count(count) => series.count() >= usize::from(count),
            SeriesThreshold::Minutes(minutes) => {
                let (mut seconds, mut growing) = (0, 0);
                for reading in series {
                    seconds += reading.seconds.unwrap_or(0);
                    growing += i64::from(reading.is_open);
                }
                let missing = i64::from(minutes) * 60 - seconds;
                if missing > 0 && growing > 0 {
                    changes.note_in((missing + growing - 1) / growing);
                }
                missing <= 0
            }
        }
    };
    let complete: Vec<bool> = (0..readings.len())
        .map(|last| completes(last, changes))
        .collect();
    let mut complete = complete.into_iter();
    readings.retain(|_| complete.next().unwrap_or(false));
    readings
}

/// What a rule says now, taking together all of its applications in force.
fn merge(rule: &Rule, applications: &[Application<'_>], now: Timestamp) -> Option<Finding> {
    let in_force = || {
        applications
            .iter()
            .filter(|application| application.is_in_force(now))
    };
    let because = in_force().max_by_key(|a| (a.until, a.since, Reverse(a.reading.id)))?;
    let mut evidence: Vec<_> = in_force().map(|a| a.reading.id).collect();
    evidence.sort_unstable();
    Some(Finding {
        rule: rule.id.clone(),
        since: in_force().map(|a| a.since).min()?,
        until: because.until,
        because: because.reading.id,
        evidence,
        authority: because.reading.authority,
    })
}

/// Collects the timestamps at which a verdict may change, and keeps the first after now.
pub(crate) struct Changes {
    now: Timestamp,
    next: Option<Timestamp>,
}

impl Changes {
    fn note(&mut self, at: Timestamp) {
        if at > self.now && self.next.is_none_or(|next| at < next) {
            self.next = Some(at);
        }
    }

    fn note_in(&mut self, seconds: i64) {
        if let Ok(at) = self
            .now
            .checked_add(jiff::SignedDuration::from_secs(seconds))
        {
            self.note(at);
        }
    }
}
