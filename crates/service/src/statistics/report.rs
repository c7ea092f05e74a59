//! A day's statistics: as they are for those who work with them, and as anybody may see them.
//!
//! Anybody sees closed days only, which never change, with nothing from 1 to 9, nothing that
//! reveals it, and everything else rounded down to tens (`lab::Census`). What two days side by side
//! still reveal is that a figure crossed a ten in between; and where a zero turns into something
//! kept back, that somebody is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use domain::{Colour, Region, Status, Timestamp};
use jiff::civil::Date;
use lab::{Census, CensusFigures, PlaceFigures, Residents};
use store::statistics::{self, CountKey, Measure};
use tracing::instrument;

use super::StatisticsService;
use crate::access::{Action, Operator, Resource, Staff};
use crate::{Result, ServiceError};

/// So many public days are held in memory.
const DAYS_HELD: usize = 62;

/// The statistics of one local day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// The day.
    pub day: Date,
    /// The zone in which it begins and ends: that of the policy in force.
    pub time_zone: String,
    /// The first and the last day of which there are statistics.
    pub days: (Date, Date),
    /// Whether the day is over and everything in it is counted.
    pub is_closed: bool,
    /// Whether this is what anybody may see: small figures kept back, the others rounded down.
    pub is_public: bool,
    /// Verdicts decided later are still to be counted; `None` if all are counted.
    pub counted_until: Option<Timestamp>,
    /// Everybody first; then each region followed by those inside it.
    pub places: Vec<PlaceFigures>,
    /// By rule, red before yellow.
    pub rules: Vec<RuleCount>,
    /// Checks by this system, by outcome.
    pub checks: Vec<OutcomeCount>,
    /// All of them.
    pub checks_in_all: Option<u64>,
}

/// People under a rule at the end of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// What it gives.
    pub colour: Colour,
    /// Its name.
    pub rule: String,
    /// People whose colour it gives; `None` if kept back.
    pub people: Option<u64>,
    /// Its restrictions in force, also on people who have a colour from another rule; `None` in
    /// public.
    pub restrictions: Option<u64>,
}

/// Checks that ended in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The colour of a code that passed as genuine, or the word of the refusal.
    pub outcome: String,
    /// How many; `None` if kept back.
    pub count: Option<u64>,
}

impl StatisticsService {
    /// The figures of a day as they are, for a health authority. Without a day: of the one that is
    /// being counted, up to now.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::NoStatistics`]; [`ServiceError::NoPolicy`];
    /// [`ServiceError::Store`].
    #[instrument(name = "statistics.whole", skip_all)]
    pub async fn statistics(&self, by: &Staff, day: Option<Date>) -> Result<Statistics> {
        by.check(Action::ReadStatistics, &Resource::NOBODYS, self.clock.now())?;
        self.whole_statistics(day).await
    }

    /// The same for the operator.
    ///
    /// # Errors
    /// As [`Self::statistics`].
    pub async fn statistics_for_operator(
        &self,
        _by: &Operator,
        day: Option<Date>,
    ) -> Result<Statistics> {
        self.whole_statistics(day).await
    }

    /// What anybody may see of a closed day (invariant 13). Without a day: of the last one.
    ///
    /// # Errors
    /// [`ServiceError::NoStatistics`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "statistics.public", skip_all)]
    pub async fn public_statistics(&self, day: Option<Date>) -> Result<Arc<Statistics>> {
        let progress = self.progress().await?;
        let last = progress.and_then(|progress| progress.open.yesterday().ok());
        let days = progress
            .zip(last)
            .map(|(progress, last)| (progress.began, last));
        let days = days.filter(|(first, last)| first <= last);
        let (first, last) = days.ok_or(ServiceError::NoStatistics { days: None })?;
        let day = day.unwrap_or(last);
        if day < first || last < day {
            return Err(ServiceError::NoStatistics { days });
        }
        let zone = self.zone_name()?;
        if let Some(held) = self.held_day(day) {
            return Ok(match held.days == (first, last) && held.time_zone == zone {
                true => held,
                false => Arc::new(Statistics {
                    days: (first, last),
                    time_zone: zone,
                    ..Statistics::clone(&held)
                }),
            });
        }
        let counts = self.day_counts(day).await?;
        // Nothing of a rule that gives nobody's colour, not even that it is there.
        let counts = counts.into_iter();
        let counts = counts.filter(|(key, _)| key.measure != Measure::Restriction);
        let counted = Counts::of(&counts.collect());
        let figures = counted.census.public();
        let statistics = Arc::new(Statistics {
            day,
            time_zone: zone,
            days: (first, last),
            is_closed: true,
            is_public: true,
            counted_until: None,
            rules: counted.by_rule(&figures, false),
            checks: counted.by_outcome(&figures),
            places: figures.places,
            checks_in_all: figures.checks_in_all,
        });
        self.hold_day(&statistics);
        Ok(statistics)
    }

    async fn whole_statistics(&self, day: Option<Date>) -> Result<Statistics> {
        let active = self.policies.active()?;
        let progress = self.progress().await?;
        let progress = progress.ok_or(ServiceError::NoStatistics { days: None })?;
        let days = (progress.began, progress.open);
        let day = day.unwrap_or(progress.open);
        if day < days.0 || days.1 < day {
            return Err(ServiceError::NoStatistics { days: Some(days) });
        }
        let is_closed = day < progress.open;
        let counts = self.day_counts(day).await?;
        let mut counts: BTreeMap<CountKey, u64> = counts.into_iter().collect();
        let mut counted_until = None;
        if !is_closed {
            let ahead = self
                .look_ahead(&progress, active.policy.time_zone())
                .await?;
            for (key, change) in ahead.changes {
                let count = counts.entry(key).or_default();
                *count = count.saturating_add_signed(change);
            }
            counted_until = ahead.until;
        }
        counts.retain(|_, count| *count > 0);
        let counted = Counts::of(&counts);
        let figures = counted.census.exact();
        Ok(Statistics {
            day,
            time_zone: self.zone_name()?,
            days,
            is_closed,
            is_public: false,
            counted_until,
            rules: counted.by_rule(&figures, true),
            checks: counted.by_outcome(&figures),
            places: figures.places,
            checks_in_all: figures.checks_in_all,
        })
    }

    fn zone_name(&self) -> Result<String> {
        let active = self.policies.active()?;
        let name = active.policy.time_zone().iana_name();
        Ok(name.unwrap_or("UTC").to_owned())
    }

    async fn day_counts(&self, day: Date) -> Result<Vec<(CountKey, u64)>> {
        let counts = self.store.read("statistics.day_counts", day, |tx, day| {
            Box::pin(statistics::day_counts(tx, *day))
        });
        Ok(counts.await?)
    }

    fn held_day(&self, day: Date) -> Option<Arc<Statistics>> {
        let held = self.public.lock();
        let held = held.unwrap_or_else(PoisonError::into_inner);
        held.get(&day).cloned()
    }

    fn hold_day(&self, statistics: &Arc<Statistics>) {
        let held = self.public.lock();
        let mut held = held.unwrap_or_else(PoisonError::into_inner);
        if held.len() >= DAYS_HELD {
            held.pop_first();
        }
        held.insert(statistics.day, Arc::clone(statistics));
    }
}

/// The counts of a day, in order.
struct Counts {
    census: Census,
    rules: Vec<(Colour, String)>,
    restrictions: Vec<u64>,
    outcomes: Vec<String>,
}

impl Counts {
    fn of(counts: &BTreeMap<CountKey, u64>) -> Self {
        let mut places = BTreeMap::<Option<Region>, Residents>::new();
        let mut rules = BTreeSet::new();
        let mut checks = Vec::new();
        for (key, count) in counts {
            match key.measure {
                Measure::Registered => places.entry(key.region).or_default().registered += count,
                Measure::Status => {
                    let residents = places.entry(key.region).or_default();
                    match key.word.parse() {
                        Ok(Status::Undeclared) => residents.undeclared += count,
                        Ok(Status::Decided(Colour::Green)) => residents.green += count,
                        Ok(Status::Decided(Colour::Yellow)) => residents.yellow += count,
                        Ok(Status::Decided(Colour::Red)) => residents.red += count,
                        Err(_) => {}
                    }
                }
                Measure::Reason | Measure::Restriction => {
                    rules.extend(rule(&key.word));
                }
                Measure::Check => checks.push((key.word.clone(), *count)),
            }
        }
        let mut rules: Vec<(Colour, String)> = rules.into_iter().collect();
        rules.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.cmp(other)));
        // The colours first, mildest first, then the refusals.
        checks.sort_by_key(|(word, _)| {
            let colours = Colour::ALL.into_iter();
            let place = colours.zip(0..).find(|(colour, _)| colour.as_str() == word);
            (place.map_or(u8::MAX, |(_, place)| place), word.clone())
        });
        let (outcomes, checks) = checks.into_iter().unzip();
        let of = |measure, (colour, rule): &(Colour, String)| {
            let key = CountKey {
                measure,
                region: None,
                word: format!("{colour}:{rule}"),
            };
            counts.get(&key).copied().unwrap_or(0)
        };
        let people = rules
            .iter()
            .map(|rule| (rule.0, of(Measure::Reason, rule)))
            .collect();
        Self {
            census: Census {
                places: places.into_iter().collect(),
                rules: people,
                checks,
            },
            restrictions: rules
                .iter()
                .map(|rule| of(Measure::Restriction, rule))
                .collect(),
            rules,
            outcomes,
        }
    }

    fn by_rule(&self, figures: &CensusFigures, with_restrictions: bool) -> Vec<RuleCount> {
        let people = self.rules.iter().zip(&figures.rules);
        let rules = people.zip(&self.restrictions);
        rules
            .map(|(((colour, rule), people), restrictions)| RuleCount {
                colour: *colour,
                rule: rule.clone(),
                people: *people,
                restrictions: Some(*restrictions).filter(|_| with_restrictions),
            })
            .collect()
    }

    fn by_outcome(&self, figures: &CensusFigures) -> Vec<OutcomeCount> {
        let checks = self.outcomes.iter().zip(&figures.checks);
        checks
            .map(|(outcome, count)| OutcomeCount {
                outcome: outcome.clone(),
                count: *count,
            })
            .collect()
    }
}

/// Colour and rule of a count.
fn rule(word: &str) -> Option<(Colour, String)> {
    let (colour, rule) = word.split_once(':')?;
    Some((colour.parse().ok()?, rule.to_owned()))
}
