//! Days of codes: what a checkpoint sees of a person is new each local day (invariant 14).

use domain::{DeviceId, PersonId, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};

use super::Codes;
use crate::people::keys::hashed_id;
use crate::{Result, ServiceError};

/// A key, or a place in a status list, is good for so long after its day: a phone whose clock is
/// behind shows yesterday's code for a while.
pub(super) const GRACE: SignedDuration = SignedDuration::from_mins(10);

/// A local day of the policy in force.
#[derive(Clone, Debug)]
pub(super) struct CodeDay {
    zone: TimeZone,
    date: Date,
}

impl CodeDay {
    /// So many days later.
    pub fn later(&self, days: usize) -> Result<Self> {
        let days = i64::try_from(days).unwrap_or(i64::MAX);
        let date = Span::new()
            .try_days(days)
            .and_then(|span| self.date.checked_add(span));
        Ok(Self {
            zone: self.zone.clone(),
            date: date.map_err(|_| beyond_all_days())?,
        })
    }

    /// When it begins.
    pub fn begins(&self) -> Result<Timestamp> {
        let start = self.date.to_zoned(self.zone.clone());
        Ok(start.map_err(|_| beyond_all_days())?.timestamp())
    }

    /// Until when what was made for it is good.
    pub fn ends(&self) -> Result<Timestamp> {
        let next = self.later(1)?.begins()?;
        Ok(next.checked_add(GRACE).unwrap_or(Timestamp::MAX))
    }

    /// What stands in for a phone where there is none: plain codes, or cards, of a person on this
    /// day.
    pub fn stand_in(&self, label: &'static [u8], person: PersonId) -> Result<DeviceId> {
        let begins = self.begins()?.as_second().to_be_bytes();
        let id = hashed_id(label, &[&person.to_bytes(), &begins]);
        Ok(DeviceId::from_u128(id.as_u128()))
    }
}

fn beyond_all_days() -> ServiceError {
    ServiceError::Signing("the clock is beyond all days; set it right".to_owned())
}

impl Codes {
    /// The local day of the policy in force, or of UTC while there is none.
    pub(super) fn day_of(&self, at: Timestamp) -> CodeDay {
        let policy = self.policies.policy();
        let zone = policy.map_or(TimeZone::UTC, |policy| policy.time_zone().clone());
        CodeDay {
            date: at.to_zoned(zone.clone()).date(),
            zone,
        }
    }
}
