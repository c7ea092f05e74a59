//! The values: so many in so much time.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use super::RateClass;

/// So many at once, and as many again over a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    per: Duration,
}

/// A text that is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a rate such as \"60 in 1m\" (1s, 1m, 1h or 1d), or \"off\"")]
pub struct BadRate;

/// The rate of each class; `None` for one that is not limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateSettings([Option<Rate>; RateClass::ALL.len()]);

/// The longest time over which is counted.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

impl Rate {
    const fn new(count: u32, per: Duration) -> Option<Self> {
        match NonZeroU32::new(count) {
            Some(count) if !per.is_zero() && per.as_secs() <= LONGEST.as_secs() => {
                Some(Self { count, per })
            }
            _ => None,
        }
    }

    /// How many may come at once.
    pub const fn count(self) -> NonZeroU32 {
        self.count
    }

    /// In which time as many more may come.
    pub const fn per(self) -> Duration {
        self.per
    }
}

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let (count, per) = text.split_once(" in ").ok_or(BadRate)?;
        let per = per.trim();
        let unit = per.chars().next_back().ok_or(BadRate)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(BadRate),
        };
        let number: u32 = per[..per.len() - 1].parse().map_err(|_| BadRate)?;
        let per = Duration::from_secs(u64::from(number) * seconds);
        Self::new(count.trim().parse().map_err(|_| BadRate)?, per).ok_or(BadRate)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.per.as_secs();
        let units = [(86_400, 'd'), (3600, 'h'), (60, 'm'), (1, 's')];
        let (unit, letter) = units
            .into_iter()
            .find(|(unit, _)| seconds.is_multiple_of(*unit))
            .unwrap_or((1, 's'));
        write!(f, "{} in {}{letter}", self.count, seconds / unit)
    }
}

impl RateSettings {
    /// Nothing is limited: for measurements.
    pub const UNLIMITED: Self = Self([None; RateClass::ALL.len()]);

    /// The rate of a class.
    pub const fn of(&self, class: RateClass) -> Option<Rate> {
        self.0[class as usize]
    }

    /// With another rate for a class; `None` for no limit.
    pub const fn set(&mut self, class: RateClass, rate: Option<Rate>) {
        self.0[class as usize] = rate;
    }

    /// Sets the rate of a class from its name and the text of the configuration.
    ///
    /// # Errors
    /// What is wrong with it, and what was expected.
    pub fn set_named(&mut self, name: &str, text: &str) -> Result<(), String> {
        let class = RateClass::ALL
            .into_iter()
            .find(|class| class.name() == name);
        let class = class.ok_or_else(|| {
            let known = RateClass::ALL.map(RateClass::name).join(", ");
            format!("{name}: unknown; known: {known}")
        })?;
        let rate = match text {
            "off" => None,
            text => Some(
                text.parse()
                    .map_err(|why: BadRate| format!("{name}: {why}"))?,
            ),
        };
        self.set(class, rate);
        Ok(())
    }
}

impl Default for RateSettings {
    /// An office with one address may register a queue of people, and a phone company may have a whole
    /// quarter behind one; nobody needs thousands.
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        const HOUR: Duration = Duration::from_secs(3600);
        let rate = |class| match class {
            RateClass::Registrations => Rate::new(120, MINUTE),
            RateClass::Verifications => Rate::new(1200, MINUTE),
            RateClass::SignIns => Rate::new(20, MINUTE),
            RateClass::OneTimeCodes => Rate::new(5, HOUR),
            RateClass::Writes => Rate::new(60, MINUTE),
            RateClass::Evidence => Rate::new(600, MINUTE),
            RateClass::Proposals => Rate::new(20, HOUR),
        };
        Self(RateClass::ALL.map(rate))
    }
}
