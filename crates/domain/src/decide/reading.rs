//! How a rule sees a fact: its dates, its duration, and whether the rule's conditions hold.

use jiff::Timestamp;

use super::Changes;
use super::condition::{depends_on_time, holds};
use crate::evidence::{Evidence, Fact};
use crate::policy::{Comparison, Condition, DateName, Field};
use crate::region::{LevelStretch, Region, RegionLevels};

/// A fact for which all conditions of a rule hold.
pub(crate) struct Reading<'a> {
    pub(crate) evidence: &'a Evidence,
    /// When the fact began; with a condition on `level`, the time at that level.
    pub(crate) from: Timestamp,
    /// When it ended, now if it lasts.
    pub(crate) to: Timestamp,
    /// Whether it lasts, so that `to` moves with the present.
    pub(crate) is_open: bool,
    /// How long it lasted, if known.
    pub(crate) seconds: Option<i64>,
    now: Timestamp,
}

/// A date of a fact.
pub(crate) struct Date {
    pub(crate) at: Timestamp,
    /// Whether it moves with the present.
    pub(crate) is_moving: bool,
}

impl<'a> Reading<'a> {
    /// Reads `evidence`, if all conditions hold of it at `now`. Notes when one of them may begin or
    /// cease to hold by the mere passing of time.
    pub(crate) fn new(
        evidence: &'a Evidence,
        conditions: &[Condition],
        levels: &RegionLevels,
        now: Timestamp,
        changes: &mut Changes,
    ) -> Option<Self> {
        let whole = Self::whole(evidence, now);
        let (timeless, timed): (Vec<_>, Vec<_>) = conditions
            .iter()
            .partition(|condition| !depends_on_time(condition.field));
        if !timeless.iter().all(|condition| holds(condition, &whole)) {
            return None;
        }
        if whole.is_open
            && let Some(end) = evidence.fact.ends()
        {
            changes.note(end);
        }
        let on_level = timed
            .iter()
            .find(|condition| condition.field == Field::Level);
        let reading = match on_level {
            Some(condition) => whole.at_level(condition, levels, changes)?,
            None => whole,
        };
        let durations = || {
            timed
                .iter()
                .filter(|condition| condition.field != Field::Level)
        };
        if reading.is_open {
            durations().for_each(|condition| reading.note_thresholds(condition, changes));
        }
        durations()
            .all(|condition| holds(condition, &reading))
            .then_some(reading)
    }

    fn whole(evidence: &'a Evidence, now: Timestamp) -> Self {
        let fact = &evidence.fact;
        let lasts = matches!(fact, Fact::Stay { .. } | Fact::Visit { .. });
        let end = fact.ends().unwrap_or(now);
        let to = if lasts { end.min(now) } else { end };
        let is_open = lasts && fact.ends().is_none_or(|end| end > now);
        let seconds = match fact {
            Fact::Contact { minutes, .. } => minutes.map(|minutes| i64::from(minutes) * 60),
            Fact::Stay { .. } | Fact::Visit { .. } => {
                Some(to.as_second() - fact.begins().as_second())
            }
            _ => None,
        };
        Self {
            evidence,
            from: fact.begins(),
            to,
            is_open,
            seconds,
            now,
        }
    }

    /// Narrows a stay to the time during which its region had one of the levels asked for.
    fn at_level(
        self,
        condition: &Condition,
        levels: &RegionLevels,
        changes: &mut Changes,
    ) -> Option<Self> {
        let Fact::Stay { region, .. } = self.evidence.fact else {
            return None;
        };
        if self.is_open
            && let Some(change) = levels.next_change(region, changes.now)
        {
            changes.note(change);
        }
        let Comparison::OneOf(words) = &condition.comparison else {
            return None;
        };
        let stretches = self.stretches(region, levels);
        let asked_for = |stretch: &&LevelStretch| {
            words
                .iter()
                .any(|word| word.as_str() == stretch.level.as_str())
        };
        let first = stretches.iter().find(asked_for)?;
        let last = stretches.iter().rfind(asked_for)?;
        let length = |stretch: &LevelStretch| stretch.until.as_second() - stretch.from.as_second();
        Some(Self {
            evidence: self.evidence,
            from: first.from,
            to: last.until,
            is_open: self.is_open && last.until == self.to,
            seconds: Some(stretches.iter().filter(asked_for).map(length).sum()),
            now: self.now,
        })
    }

    /// The levels of the stay's region over its time. A stay that lasts includes the present
    /// moment itself, and a stay without length its one moment.
    fn stretches(&self, region: Region, levels: &RegionLevels) -> Vec<LevelStretch> {
        let mut stretches = levels.during(region, self.from, self.to);
        if (self.is_open || self.from == self.to)
            && let Some(level) = levels.at(region, self.to)
        {
            let goes_on = |last: &LevelStretch| last.until == self.to && last.level == level;
            if !stretches.last().is_some_and(goes_on) {
                stretches.push(LevelStretch {
                    level,
                    from: self.to,
                    until: self.to,
                });
            }
        }
        stretches
    }

    /// When the growing duration will cross a bound of `condition`.
    fn note_thresholds(&self, condition: &Condition, changes: &mut Changes) {
        let Some(seconds) = self.seconds else { return };
        let unit = if condition.field == Field::Hours {
            3600
        } else {
            60
        };
        let mut crosses = |thousandths: i64| {
            let at = (i128::from(thousandths) * unit + 999).div_euclid(1000);
            let ahead = at - i128::from(seconds);
            if ahead > 0
                && let Ok(ahead) = i64::try_from(ahead)
            {
                changes.note_in(ahead);
            }
        };
        match &condition.comparison {
            Comparison::Between { at_least, at_most } => {
                at_least
                    .iter()
                    .for_each(|bound| crosses(bound.thousandths()));
                at_most
                    .iter()
                    .for_each(|bound| crosses(bound.thousandths() + 1));
            }
            Comparison::Equals(numbers) => numbers.iter().for_each(|number| {
                crosses(number.thousandths());
                crosses(number.thousandths() + 1);
            }),
            Comparison::OneOf(_) | Comparison::Within(_) | Comparison::Outside(_) => {}
        }
    }

    /// The date called `name`, if this kind of fact has one.
    pub(crate) fn date(&self, name: DateName) -> Option<Date> {
        let fixed = |at| {
            Some(Date {
                at,
                is_moving: false,
            })
        };
        let end = || {
            Some(Date {
                at: self.to,
                is_moving: self.is_open,
            })
        };
        match (name, &self.evidence.fact) {
            (DateName::At, Fact::Declaration { at, .. })
            | (DateName::At, Fact::Diagnosis { at, .. })
            | (DateName::At, Fact::Vaccination { at, .. })
            | (DateName::At, Fact::Contradiction { at, .. }) => fixed(*at),
            (DateName::At, Fact::ForeignVerdict { period, .. }) => fixed(period.begin()),
            (DateName::Onset, Fact::Diagnosis { at, onset, .. }) => fixed(onset.unwrap_or(*at)),
            (DateName::First, Fact::Contact { .. } | Fact::Stay { .. }) => fixed(self.from),
            (DateName::Last, Fact::Contact { .. } | Fact::Stay { .. }) => end(),
            (DateName::Arrived, Fact::Stay { period, .. })
            | (DateName::Entered, Fact::Visit { period, .. })
            | (DateName::Sampled, Fact::Test { period, .. }) => fixed(period.begin()),
            (DateName::Left, Fact::Stay { .. } | Fact::Visit { .. }) => {
                let whole = Self::whole(self.evidence, self.now);
                Some(Date {
                    at: whole.to,
                    is_moving: whole.is_open,
                })
            }
            (DateName::Reported, Fact::Test { period, .. }) => {
                fixed(period.end().unwrap_or(period.begin()))
            }
            (DateName::From, Fact::Order(order)) => fixed(order.from()),
            (DateName::Until, Fact::Order(order)) => fixed(order.until()),
            (DateName::Until, Fact::ForeignVerdict { period, .. }) => fixed(period.end()),
            _ => None,
        }
    }

    /// The end that an order or a foreign verdict names itself.
    pub(crate) fn own_end(&self) -> Option<Timestamp> {
        self.date(DateName::Until).map(|date| date.at)
    }
}
