//! How a rule sees a fact: its dates, its duration, and whether the rule's conditions hold.

use jiff::Timestamp;

use super::Changes;
use super::condition::{depends_on_time, holds};
use super::fact_reader::FactReader;
use crate::evidence::{Evidence, FactKind};
use crate::ids::{AuthorityId, EvidenceId};
use crate::policy::{Comparison, Condition, DateName, Field, ReadSet};
use crate::region::{LevelStretch, Region, RegionLevels};

/// A fact for which all conditions of a rule hold.
pub(crate) struct Reading<'a> {
    pub(crate) id: EvidenceId,
    pub(crate) authority: AuthorityId,
    pub(super) fact: FactReader<'a>,
    /// When the fact began; with a condition on `level`, the time at that level.
    pub(crate) from: Timestamp,
    /// When a stay or visit ended, now if it lasts; of what does not last, when it began.
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
    /// cease to hold by the mere passing of time. Nothing of the fact is read but what `set` names.
    pub(crate) fn new(
        evidence: &'a Evidence,
        set: ReadSet,
        conditions: &[Condition],
        levels: &RegionLevels,
        now: Timestamp,
        changes: &mut Changes,
    ) -> Option<Self> {
        let whole = Self::whole(evidence, set, now);
        let (timeless, timed): (Vec<_>, Vec<_>) = conditions
            .iter()
            .partition(|condition| !depends_on_time(condition.field));
        if !timeless.iter().all(|condition| holds(condition, &whole)) {
            return None;
        }
        if whole.is_open
            && let Some(Some(end)) = whole.fact.left()
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

    fn whole(evidence: &'a Evidence, set: ReadSet, now: Timestamp) -> Self {
        let fact = FactReader::new(&evidence.fact, set);
        let from = fact.begins();
        let (to, is_open, seconds) = match fact.left() {
            Some(left) => {
                let to = left.unwrap_or(now).min(now);
                let is_open = left.is_none_or(|left| left > now);
                (to, is_open, Some(to.as_second() - from.as_second()))
            }
            None => {
                let seconds = fact.contact_minutes();
                (from, false, seconds.map(|minutes| i64::from(minutes) * 60))
            }
        };
        Self {
            id: evidence.id,
            authority: evidence.authority,
            fact,
            from,
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
        let region = self.fact.region_for_level()?;
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
            from: first.from,
            to: last.until,
            is_open: self.is_open && last.until == self.to,
            seconds: Some(stretches.iter().filter(asked_for).map(length).sum()),
            ..self
        })
    }

    /// The levels of the stay's region over its time. A stay that lasts includes the present
    /// instant itself, and a stay without length its one instant.
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
        let fixed = |at| Date {
            at,
            is_moving: false,
        };
        match (name, self.fact.kind()) {
            (DateName::First, FactKind::Stay) => Some(fixed(self.from)),
            (DateName::Last, FactKind::Stay) => Some(Date {
                at: self.to,
                is_moving: self.is_open,
            }),
            (DateName::Left, FactKind::Stay | FactKind::Visit) => {
                let left = self.fact.left()?;
                Some(Date {
                    at: left.unwrap_or(self.now).min(self.now),
                    is_moving: left.is_none_or(|left| left > self.now),
                })
            }
            _ => self.fact.date(name).map(fixed),
        }
    }

    /// The end that an order or a foreign verdict names itself.
    pub(crate) fn own_end(&self) -> Option<Timestamp> {
        self.date(DateName::Until).map(|date| date.at)
    }
}
