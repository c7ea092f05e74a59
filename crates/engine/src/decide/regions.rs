//! The levels of every region that the columns name, laid out along time.

use domain::{Level, Region, RegionLevels, Timestamp};

use crate::columns::{NONE, Seconds};

/// One region's levels up to the present.
pub(super) struct Timeline {
    stretches: Vec<(Seconds, Seconds, u8)>,
    /// The level at the present instant itself, as a mask of one bit, or 0.
    present: u8,
    /// When the level will next change, or `NONE`.
    pub(super) next_change: Seconds,
}

/// The time of a stay that its region had one of the levels asked for.
#[derive(Clone, Copy)]
pub(super) struct AtLevel {
    pub(super) first: Seconds,
    pub(super) last: Seconds,
    pub(super) seconds: i64,
}

impl Timeline {
    pub(super) fn new(region: Region, levels: &RegionLevels, now: Seconds) -> Self {
        let timestamp = |unix_seconds: Seconds| {
            Timestamp::from_second(i64::from(unix_seconds)).unwrap_or_default()
        };
        let unix_seconds = |at: Timestamp| Seconds::try_from(at.as_second()).unwrap_or(NONE);
        let stretches = levels.during(region, timestamp(0), timestamp(now));
        let next_change = levels.next_change(region, timestamp(now));
        Self {
            stretches: stretches
                .iter()
                .map(|stretch| {
                    (
                        unix_seconds(stretch.from),
                        unix_seconds(stretch.until),
                        bit(stretch.level),
                    )
                })
                .collect(),
            present: levels.at(region, timestamp(now)).map_or(0, bit),
            next_change: next_change.map_or(NONE, unix_seconds),
        }
    }

    /// The earliest beginning and the latest end of the levels in `asked`, the present instant
    /// included.
    pub(super) fn extent(&self, asked: u8, now: Seconds) -> (Seconds, Seconds) {
        let own = self
            .stretches
            .iter()
            .filter(|stretch| stretch.2 & asked != 0);
        let is_present = self.present & asked != 0;
        let nothing = if is_present { (now, now) } else { (NONE, 0) };
        own.fold(nothing, |(first, last), (from, until, _)| {
            (first.min(*from), last.max(*until))
        })
    }

    /// Whether a stay from `arrived` until the present saw a level in `asked`.
    pub(super) fn saw(&self, asked: u8, arrived: Seconds) -> bool {
        self.present & asked != 0
            || self
                .stretches
                .iter()
                .any(|(_, until, level)| level & asked != 0 && *until > arrived)
    }

    /// The part of a stay that has ended during which the level was in `asked`.
    pub(super) fn during(
        &self,
        asked: u8,
        arrived: Seconds,
        left: Seconds,
        now: Seconds,
    ) -> Option<AtLevel> {
        if arrived == left {
            return self.at(asked, arrived, now);
        }
        let mut found: Option<AtLevel> = None;
        for (from, until, level) in &self.stretches {
            let (from, until) = ((*from).max(arrived), (*until).min(left));
            if level & asked == 0 || from >= until {
                continue;
            }
            let length = i64::from(until - from);
            match &mut found {
                Some(found) => {
                    found.last = until;
                    found.seconds += length;
                }
                None => {
                    found = Some(AtLevel {
                        first: from,
                        last: until,
                        seconds: length,
                    })
                }
            }
        }
        found
    }

    fn at(&self, asked: u8, at: Seconds, now: Seconds) -> Option<AtLevel> {
        let level = if at == now {
            self.present
        } else {
            let stretch = self
                .stretches
                .iter()
                .find(|(from, until, _)| *from <= at && at < *until);
            stretch.map_or(0, |(_, _, level)| *level)
        };
        (level & asked != 0).then_some(AtLevel {
            first: at,
            last: at,
            seconds: 0,
        })
    }
}

/// The mask for a level.
pub(super) const fn bit(level: Level) -> u8 {
    1 << level as u8
}
