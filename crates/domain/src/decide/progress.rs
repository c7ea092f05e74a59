//! How much of an early end is there: "9 of 14 reports".

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::early_release::Bound;
use super::{Application, Evaluation, Reading};
use crate::evidence::FactKind;
use crate::policy::{Condition, Duration, EarlyRelease, ReleaseThreshold, Rule};

/// A way out of a restriction before its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// The kind of evidence that it asks for.
    pub evidence: FactKind,
    /// What must hold of each piece.
    pub conditions: Vec<Condition>,
    /// How many pieces it takes.
    pub need: ReleaseThreshold,
    /// How many of them are there and still count.
    pub have: u16,
    /// From when the next piece counts, if that is later than now.
    pub next_from: Option<Timestamp>,
}

impl WayOut {
    /// How many pieces it takes, be they days or not.
    pub const fn needed(&self) -> u16 {
        match self.need {
            ReleaseThreshold::Count { count, .. } => count,
            ReleaseThreshold::ConsecutiveDays(days) => days,
        }
    }
}

impl<'a> Evaluation<'a> {
    /// The ways out of what `application` of `rule` began, in the rule's order.
    pub(crate) fn ways_out(&mut self, rule: &Rule, application: &Application<'a>) -> Vec<WayOut> {
        let read = &application.reading;
        let anchor = read.date(rule.starts.date);
        let Some(anchor) = anchor else {
            return Vec::new();
        };
        let zone = self.policy.time_zone();
        let starts = rule
            .starts
            .offset
            .map_or(anchor.at, |offset| offset.after(anchor.at, zone));
        let ways = rule.lifted_by.iter().map(|release| {
            let bound = self.bound(release, read, starts, anchor.is_moving);
            self.way_out(release, read, bound.as_ref())
        });
        ways.collect()
    }

    fn way_out(
        &mut self,
        release: &EarlyRelease,
        read: &Reading<'_>,
        bound: Option<&Bound>,
    ) -> WayOut {
        let (zone, now) = (self.policy.time_zone(), self.now);
        let (have, next_from) = bound.map_or((0, None), |bound| {
            let pieces = self.pieces(release, read, bound);
            let (have, next) = match release.need {
                ReleaseThreshold::Count {
                    count,
                    apart,
                    within,
                } => {
                    let chains = (0..pieces.len()).map(|first| {
                        let mut last = pieces[first].from;
                        let mut length = 1;
                        for piece in &pieces[first + 1..] {
                            if length < count && piece.from.duration_since(last) >= apart {
                                (last, length) = (piece.from, length + 1);
                            }
                        }
                        // What began too long ago is never completed.
                        let counts = within
                            .is_none_or(|within| now.duration_since(pieces[first].from) <= within);
                        (u16::from(counts) * length, last.checked_add(apart).ok())
                    });
                    let longest = chains.max_by_key(|(length, next)| (*length, Reverse(*next)));
                    longest.unwrap_or((0, None))
                }
                ReleaseThreshold::ConsecutiveDays(_) => run_of_days(&pieces, now, zone),
            };
            let counts_from = Some(bound.at()).filter(|_| have == 0).or(next);
            (have, counts_from.filter(|at| *at > now))
        });
        WayOut {
            evidence: release.evidence,
            conditions: release.conditions.clone(),
            need: release.need,
            have,
            next_from,
        }
    }
}

/// How many consecutive local days up to today or yesterday have a piece, and when the next one
/// begins, if today has one already.
fn run_of_days(
    pieces: &[Reading<'_>],
    now: Timestamp,
    zone: &TimeZone,
) -> (u16, Option<Timestamp>) {
    let today = now.to_zoned(zone.clone()).date();
    let mut days: Vec<Date> = pieces
        .iter()
        .map(|piece| piece.from.to_zoned(zone.clone()).date())
        .collect();
    days.sort_unstable();
    let has_today = days.last() == Some(&today);
    let next = has_today.then(|| Duration::Days(0).after(now, zone));
    let mut expected = if has_today {
        Some(today)
    } else {
        today.yesterday().ok()
    };
    let mut run = 0;
    days.dedup();
    for day in days.iter().rev() {
        if Some(*day) != expected {
            break;
        }
        run += 1;
        expected = day.yesterday().ok();
    }
    (run, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{ContactAnswer, Evidence, Fact, Relation, Ring, TestKind, TestResult};
    use crate::evidence::{OpenPeriod, Period, Symptoms};
    use crate::policy::Policy;
    use crate::region::RegionLevels;
    use crate::{AuthorityId, EvidenceId, PersonId, explain};

    const DAY: i64 = 24 * 3600;

    fn at(days: i64, hours: i64) -> Timestamp {
        // Midnight of 1 February 2020 in Shanghai.
        Timestamp::from_second(1_580_486_400 + days * DAY + hours * 3600).unwrap()
    }

    fn piece(id: u128, fact: Fact) -> Evidence {
        Evidence {
            id: EvidenceId::from_u128(id),
            person: PersonId::from_u128(1),
            authority: AuthorityId::from_u128(1),
            recorded_at: fact.begins(),
            fact,
        }
    }

    fn contact(at: Timestamp) -> Evidence {
        let period = Period::new(at, at).unwrap();
        let fact = Fact::Contact {
            with: None,
            relation: Relation::Close,
            ring: Ring::new(1).unwrap(),
            period,
            minutes: Some(60),
        };
        piece(1, fact)
    }

    fn report(id: u128, at: Timestamp) -> Evidence {
        let fact = Fact::Declaration {
            at,
            symptoms: Symptoms::default(),
            temperature: None,
            contact: ContactAnswer::None,
        };
        piece(id, fact)
    }

    fn negative(id: u128, at: Timestamp) -> Evidence {
        let fact = Fact::Test {
            kind: TestKind::Pcr,
            result: TestResult::Negative,
            period: OpenPeriod::new(at, None).unwrap(),
            lab: None,
        };
        piece(id, fact)
    }

    /// How many pieces a person has towards a lift, and in how many hours the next one counts.
    fn progress(lift: &str, evidence: &[Evidence], now: Timestamp) -> (u16, Option<i64>) {
        let policy = format!(
            "[policy]\nid = \"p\"\nversion = 1\nissuer = \"33\"\ntime_zone = \"Asia/Shanghai\"\n\
             effective = 2020-01-01T00:00:00Z\nlook_back = \"60d\"\nlanguages = [\"en\"]\n\
             contest.en = \"C\"\n[declaration]\nlasts = \"14d\"\n[[rule]]\nid = \"r\"\n\
             reads = \"contact\"\ngives = \"red\"\nstarts = \"last\"\nlasts = \"14d\"\n\
             lifted_by = [{lift}]\ntitle.en = \"T\"\nreason.en = \"R\"\nguidance.en = \"G\"\n"
        );
        let policy = Policy::parse(&policy).unwrap();
        let levels = RegionLevels::default();
        let explained = explain(
            &policy,
            &levels,
            evidence,
            None,
            now,
            &policy.languages()[0],
        );
        let way = &explained.restrictions[0].ways_out[0];
        let ahead = |from: Timestamp| from.duration_since(now).as_hours();
        (way.have, way.next_from.map(ahead))
    }

    #[test]
    fn reports_on_days_in_a_row_count_until_one_is_left_out() {
        let lift =
            "{ evidence = \"declaration\", where = { symptom_count = 0 }, consecutive_days = 5 }";
        let mut evidence = vec![contact(at(0, 0))];
        assert_eq!(progress(lift, &evidence, at(1, 9)), (0, None));
        evidence.push(report(2, at(1, 8)));
        assert_eq!(
            progress(lift, &evidence, at(1, 9)),
            (1, Some(15)),
            "tomorrow"
        );
        assert_eq!(progress(lift, &evidence, at(2, 9)), (1, None), "today");
        evidence.push(report(3, at(2, 8)));
        evidence.push(report(4, at(2, 20)));
        assert_eq!(
            progress(lift, &evidence, at(2, 21)),
            (2, Some(3)),
            "once a day"
        );
        assert_eq!(
            progress(lift, &evidence, at(4, 9)),
            (0, None),
            "a day is missing"
        );
    }

    #[test]
    fn tests_count_from_their_bound_and_apart() {
        let lift = "{ evidence = \"test\", where = { result = \"negative\" }, count = 2, \
                    apart = \"24h\", within = \"3d\", after = \"starts + 24h\" }";
        let mut evidence = vec![contact(at(0, 0)), negative(2, at(0, 12))];
        assert_eq!(
            progress(lift, &evidence, at(0, 14)),
            (0, Some(10)),
            "too early"
        );
        evidence.push(negative(3, at(1, 12)));
        assert_eq!(progress(lift, &evidence, at(1, 14)), (1, Some(22)));
        evidence.push(negative(4, at(1, 13)));
        assert_eq!(
            progress(lift, &evidence, at(1, 14)),
            (1, Some(22)),
            "too close"
        );
        assert_eq!(
            progress(lift, &evidence, at(6, 0)),
            (0, None),
            "too long ago"
        );
    }
}
