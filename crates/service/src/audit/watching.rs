//! Noticing that somebody looks at far more people than is normal at their office.
//!
//! Counted from the log itself, so that no use case can forget to: what is in the log as a look is
//! counted, within seconds.

use std::collections::BTreeMap;

use domain::{AuthorityId, StaffId, Timestamp};
use store::looks::{self, LookCount};
use store::retention::{self, PassCursor};
use store::{StoreError, Transaction, alarms, audit, counters};
use tracing::{instrument, warn};

use super::entry::{Actor, AuditEntry};
use super::journal::AuditLog;
use crate::Result;
use crate::alarms::AlarmKind;

/// The pass over the log.
const CURSOR: &str = "looks";
/// Entries read in one transaction.
const AT_ONCE: u32 = 2_000;
/// What is normal at an office is taken from so many days before.
const DAYS: i64 = 28;
/// So many times the normal of a staff member and day is far above it.
const FAR: u64 = 4;
/// Taken as normal at an office of which nothing is known yet.
const UNKNOWN_NORMAL: u64 = 25;
/// Fewer are never far above.
const NEVER_FAR: u64 = 20;

/// What a staff member of an authority looked at on a day.
type Counts = BTreeMap<(AuthorityId, i64, StaffId), u64>;

impl AuditLog {
    /// Counts the looks in the entries that got their places since the last time, and raises an
    /// alarm about each staff member who looked far more often than is normal at their office.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "audit.watch_looks", level = "debug", skip_all)]
    pub async fn watch_looks(&self) -> Result<()> {
        loop {
            let now = self.clock.now();
            let step = self.store.transaction("audit.watch_looks", now, |tx, now| {
                Box::pin(count_next(tx, *now))
            });
            if !step.await? {
                return Ok(());
            }
        }
    }
}

/// Counts the next entries; whether there may be more.
async fn count_next(tx: &mut Transaction, now: Timestamp) -> Result<bool, StoreError> {
    // One node at a time: the row is locked until the transaction ends.
    counters::add(tx, CURSOR, 0).await?;
    let found = retention::cursor(tx, CURSOR).await?;
    let mut cursor = found.unwrap_or_else(|| PassCursor {
        turn: CURSOR.to_owned(),
        after: None,
        seen: 0,
        forgotten: 0,
        is_finished: false,
    });
    let page = audit::from(tx, cursor.seen, AT_ONCE).await?;
    let Some(last) = page.last().and_then(|record| record.index) else {
        return Ok(false);
    };
    let mut counts = Counts::new();
    for record in &page {
        // One that was changed is found by verification, one that is erased was counted.
        let entry = AuditEntry::read(record).ok().flatten();
        let Some(entry) = entry.filter(|entry| entry.did.is_a_look()) else {
            continue;
        };
        let Actor::Staff { id, authority } = entry.by else {
            continue;
        };
        let looks = entry.people.len().max(1) as u64;
        *counts.entry((authority, day_of(entry.at), id)).or_default() += looks;
    }
    let today = day_of(now);
    for ((authority, day, staff), looks) in counts {
        looks::add(tx, authority, &LookCount { day, staff, looks }).await?;
        if day == today {
            raise_if_far(tx, authority, staff, now).await?;
        }
    }
    looks::forget(tx, today - DAYS - 1).await?;
    cursor.seen = last + 1;
    retention::save_cursor(tx, CURSOR, &cursor).await?;
    Ok(page.len() == AT_ONCE as usize)
}

async fn raise_if_far(
    tx: &mut Transaction,
    authority: AuthorityId,
    staff: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let today = day_of(now);
    let counts = looks::since(tx, authority, today - DAYS).await?;
    let (own, before): (Vec<_>, Vec<_>) = counts.into_iter().partition(|count| count.day == today);
    let own = own.iter().find(|count| count.staff == staff);
    let looks = own.map_or(0, |count| count.looks);
    if looks > far_above(&before) {
        warn!(%authority, looks, "somebody looks at far more people than is normal there");
        let alarm = AlarmKind::LooksMany.record("", Some(authority), looks, now);
        alarms::raise(tx, &alarm).await?;
    }
    Ok(())
}

/// More looks by one staff member on one day than this are far above the normal of their office.
fn far_above(before: &[LookCount]) -> u64 {
    let sum: u64 = before.iter().map(|count| count.looks).sum();
    let normal = match before.len() as u64 {
        0 => UNKNOWN_NORMAL,
        days => sum.div_ceil(days),
    };
    (FAR * normal).max(NEVER_FAR)
}

fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_above_is_four_times_what_a_member_of_the_office_reads_on_a_day() {
        let of = |looks: &[u64]| -> Vec<LookCount> {
            let count = |(day, looks): (i64, &u64)| LookCount {
                day,
                staff: StaffId::from_u128(1),
                looks: *looks,
            };
            (0..).zip(looks).map(count).collect()
        };
        for (before, expected) in [
            (&[][..], 100),
            (&[1, 1, 1], 20),
            (&[10, 20], 60),
            (&[100, 101], 404),
        ] {
            assert_eq!(far_above(&of(before)), expected, "{before:?}");
        }
    }
}
