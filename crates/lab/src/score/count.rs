//! Counts what the replay found, and hides what is small.

use std::collections::{BTreeSet, HashMap};

use domain::{Policy, Timestamp};

use super::replay::Timeline;
use super::{Period, Terms, Truth};
use crate::suppress::{FEWEST_SHOWN, FigureId, LinkedFigures};

/// Exact counts.
#[derive(Debug)]
pub(super) struct Counts {
    infected: u64,
    exposed: u64,
    left_out: u64,
    policies: Vec<PolicyCounts>,
}

/// One policy against the truth.
#[derive(Debug, Default)]
pub(super) struct PolicyCounts {
    policy: String,
    infected: Reached,
    exposed: Reached,
    /// People restricted at least once, and those of them rightly at least once.
    restricted: u64,
    rightly: u64,
    /// Days of restriction, and those of them well placed.
    days: u64,
    days_rightly: u64,
    /// Seconds, ascending.
    leads: Vec<i64>,
}

#[derive(Debug, Default)]
pub(super) struct Reached {
    pub(super) in_time: u64,
    pub(super) late: u64,
    pub(super) missed: u64,
}

impl Reached {
    fn count(&mut self, in_time: bool, late: bool) {
        match (in_time, late) {
            (true, _) => self.in_time += 1,
            (false, true) => self.late += 1,
            (false, false) => self.missed += 1,
        }
    }
}

/// A row of the truth that can be judged, by decision.
struct Judged {
    person: Option<u32>,
    /// At and after the exposure, to its term, to the horizon.
    exposed: Option<(usize, usize, usize)>,
    infected: Option<Infection>,
}

struct Infection {
    at: i64,
    infectious: i64,
    /// The decisions that hold at the infection, on becoming infectious, and at the horizon.
    first: usize,
    onset: usize,
    last: usize,
}

impl Counts {
    pub(super) fn new(
        policies: &[Policy],
        truth: &[Truth],
        timelines: &[Timeline],
        period: &Period,
        terms: Terms,
    ) -> Self {
        let (mut judged, mut left_out) = (Vec::new(), 0);
        for row in truth {
            let row = Judged::new(row, period, terms);
            left_out += u64::from(row.is_none());
            judged.extend(row);
        }
        let mut by_person = HashMap::<u32, Explained>::new();
        for row in &judged {
            if let (Some(person), Some((first, _, last))) = (row.person, row.exposed) {
                by_person
                    .entry(person)
                    .or_default()
                    .judged
                    .extend(first..=last);
            }
        }
        for row in truth {
            if let (Some(person), None) = (row.person, Judged::new(row, period, terms)) {
                let decisions = unjudged(row, period, terms);
                by_person
                    .entry(person)
                    .or_default()
                    .unjudged
                    .extend(decisions);
            }
        }
        let policies = policies.iter().zip(timelines).map(|(policy, timeline)| {
            let mut counts = PolicyCounts {
                policy: policy.reference().to_string(),
                restricted: timeline.people,
                days: timeline.days,
                ..PolicyCounts::default()
            };
            judged
                .iter()
                .for_each(|row| counts.judge(row, timeline, period));
            for (person, explained) in &by_person {
                counts.place(*person, explained, timeline);
            }
            counts.leads.sort_unstable();
            counts
        });
        Self {
            policies: policies.collect(),
            infected: judged.iter().filter(|row| row.infected.is_some()).count() as u64,
            exposed: judged.iter().filter(|row| row.exposed.is_some()).count() as u64,
            left_out,
        }
    }
}

/// The decisions at which an exposure of somebody can be why they are restricted.
#[derive(Default)]
struct Explained {
    judged: BTreeSet<usize>,
    /// Because of a row that cannot be judged.
    unjudged: BTreeSet<usize>,
}

/// The decisions from a row's exposure to its horizon, as far as the period goes.
fn unjudged(row: &Truth, period: &Period, terms: Terms) -> std::ops::Range<usize> {
    let exposed_at = row.exposed_at.into_iter().chain(row.infected_at).min();
    let Some(at) = exposed_at.map(Timestamp::as_second) else {
        return 0..0;
    };
    let until = at + terms.horizon.as_secs();
    let begun = |decision: &&u32| i64::from(**decision) <= until;
    let end = period.timestamps.iter().take_while(begun).count();
    let first = period
        .holding(at)
        .unwrap_or(if at < period.begins() { 0 } else { end });
    first.min(end)..end
}

impl Judged {
    /// `None` if the row says something that the period cannot judge.
    fn new(row: &Truth, period: &Period, terms: Terms) -> Option<Self> {
        let unix_seconds = |at: Timestamp| at.as_second();
        let exposed_at = row.exposed_at.into_iter().chain(row.infected_at).min();
        let exposed = match exposed_at.map(unix_seconds) {
            Some(at) => Some((
                period.holding(at)?,
                period.holding(at + terms.within.as_secs())?,
                period.holding_at_most(at + terms.horizon.as_secs()),
            )),
            None => None,
        };
        let infected = match row.infected_at.map(unix_seconds) {
            Some(at) => Some(Infection {
                at,
                infectious: at + terms.latent.as_secs(),
                first: period.holding(at)?,
                onset: period.holding(at + terms.latent.as_secs())?,
                last: period.holding_at_most(at + terms.horizon.as_secs()),
            }),
            None => None,
        };
        Some(Self {
            person: row.person,
            exposed,
            infected,
        })
    }
}

impl PolicyCounts {
    fn judge(&mut self, row: &Judged, timeline: &Timeline, period: &Period) {
        let during = |first: usize, last: usize| {
            let mut decisions = first..=last;
            decisions.find(|decision| timeline.was_restricted(row.person, *decision))
        };
        if let Some((first, term, last)) = row.exposed {
            let (in_time, late) = (during(first, term), during(first, last));
            self.exposed.count(in_time.is_some(), late.is_some());
        }
        if let Some(infection) = &row.infected {
            let in_time = timeline.was_restricted(row.person, infection.onset);
            let late = during(infection.onset, infection.last);
            self.infected.count(in_time, late.is_some());
            if let Some(found) = during(infection.first, infection.last) {
                let from = i64::from(period.timestamps[found]).max(infection.at);
                self.leads.push(infection.infectious - from);
            }
        }
    }

    /// Counts the restrictions of an exposed person that lie between an exposure and its horizon.
    /// Those that only an exposure explains which cannot be judged are neither right nor wrong, and
    /// are not counted at all.
    fn place(&mut self, person: u32, explained: &Explained, timeline: &Timeline) {
        let was_restricted = |decision: &&usize| timeline.was_restricted(Some(person), **decision);
        let days = explained.judged.iter().filter(was_restricted).count() as u64;
        self.days_rightly += days;
        self.rightly += u64::from(days > 0);
        let aside = explained.unjudged.difference(&explained.judged);
        let aside = aside.filter(was_restricted).count() as u64;
        self.days -= aside;
        self.restricted -= u64::from(aside > 0 && aside == timeline.days_of(person));
    }
}

/// Figures that readers may see.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) infected: Option<u64>,
    pub(super) exposed: Option<u64>,
    pub(super) left_out: Option<u64>,
    pub(super) policies: Vec<PolicyFigures>,
}

/// One policy's figures.
#[derive(Clone, Debug)]
pub(super) struct PolicyFigures {
    pub(super) policy: String,
    pub(super) infected: [Option<u64>; 3],
    pub(super) exposed: [Option<u64>; 3],
    pub(super) restricted: Option<u64>,
    pub(super) rightly: Option<u64>,
    pub(super) days: Option<u64>,
    pub(super) days_rightly: Option<u64>,
    /// Lower quartile, median, upper quartile, in tenths of a day; `None` if hidden.
    pub(super) leads: Option<[i64; 3]>,
    /// Whether nobody had a lead at all.
    pub(super) has_no_leads: bool,
}

impl Counts {
    /// Hides what is small.
    pub(super) fn figures(&self) -> Figures {
        let mut system = LinkedFigures::default();
        let infected = system.count(self.infected);
        let exposed = system.count(self.exposed);
        let left_out = system.count(self.left_out);
        let places: Vec<Places> = self
            .policies
            .iter()
            .map(|policy| policy.places(&mut system, infected, exposed))
            .collect();
        system.hide();
        let policies = self.policies.iter().zip(&places).map(|(counts, places)| {
            let found = counts.leads.len() as u64;
            let may_show = found >= FEWEST_SHOWN;
            PolicyFigures {
                policy: counts.policy.clone(),
                infected: places.infected.map(|place| system.shown(place)),
                exposed: places.exposed.map(|place| system.shown(place)),
                restricted: system.shown(places.restricted),
                rightly: system.shown(places.rightly),
                days: system.shown(places.days),
                days_rightly: system.shown(places.days_rightly),
                leads: may_show.then(|| [1, 2, 3].map(|quarter| quartile(&counts.leads, quarter))),
                has_no_leads: found == 0,
            }
        });
        Figures {
            policies: policies.collect(),
            infected: system.shown(infected),
            exposed: system.shown(exposed),
            left_out: system.shown(left_out),
        }
    }
}

struct Places {
    infected: [FigureId; 3],
    exposed: [FigureId; 3],
    restricted: FigureId,
    rightly: FigureId,
    days: FigureId,
    days_rightly: FigureId,
}

impl PolicyCounts {
    fn places(&self, system: &mut LinkedFigures, infected: FigureId, exposed: FigureId) -> Places {
        let mut reached = |total: FigureId, reached: &Reached| {
            let people = [reached.in_time, reached.late, reached.missed];
            let places = people.map(|people| system.count(people));
            system.sum(total, places);
            places
        };
        let infected = reached(infected, &self.infected);
        let exposed = reached(exposed, &self.exposed);
        let (restricted, rightly) = (system.count(self.restricted), system.count(self.rightly));
        let wrongly = self.restricted - self.rightly;
        let others = system.implied(wrongly);
        system.sum(restricted, [rightly, others]);
        let days = system.amount(self.days, self.restricted);
        let days_rightly = system.amount(self.days_rightly, self.rightly);
        let others = system.implied_amount(self.days - self.days_rightly, wrongly);
        system.sum(days, [days_rightly, others]);
        Places {
            infected,
            exposed,
            restricted,
            rightly,
            days,
            days_rightly,
        }
    }
}

/// The quartile by linear interpolation between the two nearest ranks, in tenths of a day.
fn quartile(sorted: &[i64], quarter: usize) -> i64 {
    const TENTH: i64 = 8640;
    let position = (sorted.len() - 1) * quarter;
    let (below, part) = (position / 4, (position % 4) as i64);
    let next = sorted.get(below + 1).unwrap_or(&sorted[below]);
    let seconds = sorted[below] + (next - sorted[below]) * part / 4;
    (seconds + seconds.signum() * TENTH / 2) / TENTH
}

#[cfg(test)]
impl Counts {
    /// For each policy: infected in time, late, missed; exposed the same; restricted people, those
    /// rightly; days, those well placed; leads in seconds.
    #[expect(
        clippy::type_complexity,
        reason = "a row of numbers for tests to compare with"
    )]
    pub(super) fn exact(&self) -> Vec<([u64; 3], [u64; 3], [u64; 2], [u64; 2], Vec<i64>)> {
        let three = |r: &Reached| [r.in_time, r.late, r.missed];
        let row = |p: &PolicyCounts| {
            let (people, days) = ([p.restricted, p.rightly], [p.days, p.days_rightly]);
            (
                three(&p.infected),
                three(&p.exposed),
                people,
                days,
                p.leads.clone(),
            )
        };
        self.policies.iter().map(row).collect()
    }

    pub(super) fn totals(&self) -> [u64; 3] {
        [self.infected, self.exposed, self.left_out]
    }
}
