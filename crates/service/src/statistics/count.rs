//! Counting people: one pass that follows the verdicts in the order in which they changed.
//!
//! Each verdict is compared with how its person was counted before; the difference goes into the
//! counts of the open day, in one transaction with how far the counting is. So nobody waits for a
//! count, a step that is repeated after a crash or by another node counts once, and a day costs no
//! more than the verdicts that were written on it. Once all verdicts of a day are in, the day is
//! closed: it never changes again, and the next one begins with the same people.
//!
//! What follows from that:
//! - A status is the one that was decided by the end of the day. Who was decided twice around
//!   midnight, within [`SETTLES`], is counted by the second verdict only. Of two transactions around
//!   midnight the one that began earlier may get the later number; then it counts for the next day.
//! - Where somebody lives is looked up when their verdict is written, not when they move.
//! - A person known before the counting began is counted by colour, but as registered on no day.

use std::collections::{BTreeMap, HashSet};

use domain::evidence::StayMode;
use domain::{Colour, Evidence, EvidenceId, Fact, PersonId, Region, Timestamp};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::statistics::{
    CountCursor, CountKey, CountStep, Counted, CountedPerson, Measure, counted_people,
};
use store::{ChangeCursor, StoreError, StoredVerdict, Transaction, statistics, verdicts};
use tracing::{debug, instrument};

use super::StatisticsService;
use crate::Result;
use crate::decisions::is_ahead;

/// A verdict is counted so long after it was decided. By then its transaction is over and every one
/// that drew an earlier number, on every node; and what nodes count in memory is written down.
const SETTLES: SignedDuration = SignedDuration::from_secs(60);
/// People counted in one step.
const PEOPLE_AT_ONCE: u32 = 500;
/// Steps looked ahead for current figures.
const STEPS_AHEAD: usize = 20;

/// What is not counted in the database yet.
pub(super) struct Ahead {
    /// How the counts of the open day change.
    pub changes: BTreeMap<CountKey, i64>,
    /// Verdicts decided later than this are not in it; `None` if all are.
    pub until: Option<Timestamp>,
}

/// What a step reads.
#[derive(Clone, Copy)]
struct Reading {
    from: ChangeCursor<PersonId>,
    /// Verdicts decided then or later have to wait.
    until: Timestamp,
    now: Timestamp,
}

/// Some people, and how they change the counts.
struct Page {
    cursor: ChangeCursor<PersonId>,
    /// When the last of their verdicts was decided.
    decided_at: Timestamp,
    people: Vec<(PersonId, Counted)>,
    changes: BTreeMap<CountKey, i64>,
}

impl StatisticsService {
    /// Counts everybody who was decided, and closes the days that are over. Returns when that is
    /// done, but for the verdicts of the last minute.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`]; what was counted stays, and calling again goes on.
    pub async fn count_people(&self) -> Result<()> {
        while self.count_some_people().await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Takes one step; whether there is more to do at once. Without a policy there are no days.
    #[instrument(name = "statistics.count", level = "debug", skip_all)]
    pub(super) async fn count_some_people(&self) -> Result<bool> {
        let Ok(active) = self.policies.active() else {
            return Ok(false);
        };
        let zone = active.policy.time_zone();
        let now = self.clock.now();
        let Some(progress) = self.progress().await? else {
            let today = now.to_zoned(zone.clone()).date();
            let begun = self
                .store
                .transaction("statistics.begin", today, |tx, today| {
                    Box::pin(statistics::begin(tx, *today))
                });
            begun.await?;
            return Ok(true);
        };
        let settled = now.checked_sub(SETTLES).unwrap_or(now);
        let ends = end_of(progress.open, zone);
        let reading = Reading {
            from: progress.cursor,
            until: settled.min(ends),
            now,
        };
        if let Some(page) = self.page(reading, progress.began, zone).await? {
            debug!(people = page.people.len(), "counted");
            let step = CountStep {
                from: progress,
                cursor: page.cursor,
                people: page.people,
                changes: page.changes.into_iter().collect(),
            };
            let advanced = self
                .store
                .transaction("statistics.advance", step, |tx, step| {
                    Box::pin(statistics::advance(tx, step))
                });
            advanced.await?;
            return Ok(true);
        }
        if settled >= ends {
            let closed =
                self.store
                    .transaction("statistics.close_day", progress, |tx, progress| {
                        Box::pin(statistics::close_day(tx, progress))
                    });
            closed.await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// How far the counting is; `None` if it never began.
    pub(super) async fn progress(&self) -> Result<Option<CountCursor>> {
        let progress = self.store.read("statistics.find", (), |tx, ()| {
            Box::pin(statistics::find(tx))
        });
        Ok(progress.await?)
    }

    /// What the next steps will count on the open day, without taking them.
    pub(super) async fn look_ahead(
        &self,
        progress: &CountCursor,
        zone: &TimeZone,
    ) -> Result<Ahead> {
        let now = self.clock.now();
        // A verdict of this very second counts.
        let soon = now.checked_add(SignedDuration::from_secs(1)).unwrap_or(now);
        let until = soon.min(end_of(progress.open, zone));
        let mut ahead = Ahead {
            changes: BTreeMap::new(),
            until: None,
        };
        let mut from = progress.cursor;
        for _ in 0..STEPS_AHEAD {
            let reading = Reading { from, until, now };
            let Some(page) = self.page(reading, progress.began, zone).await? else {
                ahead.until = None;
                return Ok(ahead);
            };
            for (key, change) in page.changes {
                *ahead.changes.entry(key).or_default() += change;
            }
            from = page.cursor;
            ahead.until = Some(page.decided_at);
        }
        Ok(ahead)
    }

    /// The next people whose verdict may be counted, of whom those count as registered who became
    /// known on the day `began` or later.
    async fn page(&self, reading: Reading, began: Date, zone: &TimeZone) -> Result<Option<Page>> {
        let read = self.store.read("statistics.page", reading, |tx, reading| {
            Box::pin(read_page(tx, reading))
        });
        let read = read.await?;
        let Some((last, _)) = read.last() else {
            return Ok(None);
        };
        let mut page = Page {
            cursor: last.cursor(),
            decided_at: last.decided_at,
            people: Vec::new(),
            changes: BTreeMap::new(),
        };
        for (verdict, known) in &read {
            let counted = Counted {
                region: residence(&known.stays, verdict.decided_at),
                status: verdict.verdict.status,
                restrictions: restrictions(verdict),
            };
            if known.counted.is_none() {
                let since = known.known_since.unwrap_or(verdict.decided_at);
                if since.to_zoned(zone.clone()).date() >= began {
                    let key = key(Measure::Registered, counted.region, String::new());
                    *page.changes.entry(key).or_default() += 1;
                }
            }
            if known.counted.as_ref() == Some(&counted) {
                continue;
            }
            for key in known.counted.iter().flat_map(keys) {
                *page.changes.entry(key).or_default() -= 1;
            }
            for key in keys(&counted) {
                *page.changes.entry(key).or_default() += 1;
            }
            page.people.push((verdict.person, counted));
        }
        page.changes.retain(|_, change| *change != 0);
        Ok(Some(page))
    }
}

/// The next verdicts in the order of changes, with what counting them needs, up to the first that has
/// to wait: whatever comes after it waits too, so that none is passed over.
async fn read_page(
    tx: &mut Transaction,
    reading: &Reading,
) -> Result<Vec<(StoredVerdict, CountedPerson)>, StoreError> {
    let verdicts = verdicts::changed_since(tx, reading.from, PEOPLE_AT_ONCE).await?;
    let next = verdicts
        .into_iter()
        .take_while(|verdict| may_count(verdict, reading));
    let next: Vec<StoredVerdict> = next.collect();
    let people: Vec<PersonId> = next.iter().map(|verdict| verdict.person).collect();
    let known = counted_people(tx, &people).await?;
    Ok(next.into_iter().zip(known).collect())
}

/// Whether a verdict was decided early enough. One from the future was decided by a clock that was set
/// right since, which takes longer than a transaction: nobody waits for that future.
fn may_count(verdict: &StoredVerdict, reading: &Reading) -> bool {
    verdict.decided_at < reading.until || is_ahead(verdict.decided_at, reading.now)
}

/// The first instant after a local day.
fn end_of(day: Date, zone: &TimeZone) -> Timestamp {
    let next = day.tomorrow().ok();
    let begins = next.and_then(|next| next.to_zoned(zone.clone()).ok());
    begins.map_or(Timestamp::MAX, |begins| begins.timestamp())
}

fn restrictions(verdict: &StoredVerdict) -> Vec<(Colour, String)> {
    let restrictions = verdict.verdict.restrictions.iter();
    restrictions
        .map(|restriction| {
            let rule = restriction.finding.rule.as_str().to_owned();
            (restriction.colour, rule)
        })
        .collect()
}

/// Everything that a person adds one to.
fn keys(counted: &Counted) -> Vec<CountKey> {
    let status = counted.status.as_str().to_owned();
    let mut keys = vec![key(Measure::Status, counted.region, status)];
    let words = counted.restrictions.iter();
    for (place, (colour, rule)) in words.enumerate() {
        let word = format!("{colour}:{rule}");
        if place == 0 {
            keys.push(key(Measure::Reason, None, word.clone()));
        }
        keys.push(key(Measure::Restriction, None, word));
    }
    keys
}

const fn key(measure: Measure, region: Option<Region>, word: String) -> CountKey {
    CountKey {
        measure,
        region,
        word,
    }
}

/// Where somebody lives at `at`: the stay as a resident that began last and was not taken back,
/// unless they have left; a county at the closest.
fn residence(stays: &[Evidence], at: Timestamp) -> Option<Region> {
    let withdrawn: HashSet<EvidenceId> = stays
        .iter()
        .filter_map(|piece| match piece.fact {
            Fact::Withdrawal { of, .. } => Some(of),
            _ => None,
        })
        .collect();
    let homes = stays.iter().filter_map(|piece| match piece.fact {
        Fact::Stay {
            region,
            period,
            mode: StayMode::Resident,
            ..
        } if period.begin() <= at && !withdrawn.contains(&piece.id) => {
            let order = (period.begin(), piece.recorded_at, piece.id);
            Some((order, period.end(), region))
        }
        _ => None,
    });
    let (_, left, region) = homes.max_by_key(|(order, ..)| *order)?;
    let still_there = left.is_none_or(|left| at < left);
    still_there.then(|| county(region))
}

/// The county around a street; what is larger stays.
fn county(region: Region) -> Region {
    let mut around = region.chain();
    around
        .find(|region| region.to_string().len() <= 6)
        .unwrap_or(region)
}

#[cfg(test)]
mod tests {
    use domain::AuthorityId;
    use domain::evidence::{OpenPeriod, StaySource};

    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    fn piece(number: u128, recorded: i64, fact: Fact) -> Evidence {
        Evidence {
            id: EvidenceId::from_u128(number),
            person: PersonId::from_u128(1),
            authority: AuthorityId::from_u128(1),
            recorded_at: at(recorded),
            fact,
        }
    }

    fn home(number: u128, region: &str, arrived: i64, left: Option<i64>) -> Evidence {
        stay(number, region, arrived, left, StayMode::Resident)
    }

    fn stay(number: u128, region: &str, from: i64, left: Option<i64>, mode: StayMode) -> Evidence {
        let fact = Fact::stay(
            region.parse().unwrap(),
            OpenPeriod::new(at(from), left.map(at)).unwrap(),
            mode,
            StaySource::Declared,
        );
        piece(number, from, fact)
    }

    #[test]
    fn somebody_lives_where_they_moved_last() {
        let taken_back = Fact::withdrawal(EvidenceId::from_u128(2), at(5));
        let table = [
            (vec![], None),
            (vec![home(1, "330106", 0, None)], Some("330106")),
            (vec![home(1, "330106109", 0, None)], Some("330106")),
            (vec![home(1, "3301", 0, None)], Some("3301")),
            (vec![home(1, "IT", 0, None)], Some("IT")),
            (vec![stay(1, "330106", 0, None, StayMode::Stay)], None),
            (
                vec![home(1, "330106", 0, None), home(2, "4201", 3, None)],
                Some("4201"),
            ),
            (
                vec![
                    home(1, "330106", 0, None),
                    home(2, "4201", 3, None),
                    piece(3, 5, taken_back),
                ],
                Some("330106"),
            ),
            (vec![home(1, "330106", 0, Some(9))], None),
            (vec![home(1, "330106", 0, Some(11))], Some("330106")),
            (vec![home(1, "330106", 11, None)], None),
        ];
        for (stays, expected) in table {
            let found = residence(&stays, at(10)).map(|region| region.to_string());
            assert_eq!(found.as_deref(), expected, "{stays:?}");
        }
    }

    #[test]
    fn a_day_ends_at_local_midnight_also_where_the_clock_changes() {
        let table = [
            ("Asia/Shanghai", (2020, 2, 17), "2020-02-17T16:00:00Z"),
            ("Europe/Rome", (2020, 3, 29), "2020-03-29T22:00:00Z"),
            // In Santiago the clock goes from 0:00 to 1:00.
            ("America/Santiago", (2020, 9, 5), "2020-09-06T04:00:00Z"),
        ];
        for (zone, (year, month, day), expected) in table {
            let zone = TimeZone::get(zone).unwrap();
            let end = end_of(jiff::civil::date(year, month, day), &zone);
            assert_eq!(end.to_string(), expected);
        }
    }
}
