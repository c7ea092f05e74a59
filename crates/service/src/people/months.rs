//! Keys by region and month, which are destroyed when their time is over: then what they sealed opens
//! no more, in no backup however old (ADR 41).
//!
//! A region has a chain. The secret of a month follows from that of the month before by HMAC, never
//! the other way, so that a server needs to be sent nothing for a new month, and destroys all months
//! before one by keeping the secret of that one in the place of the earlier.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use domain::{IdSource, Region, Timestamp};
use jiff::tz::TimeZone;

use super::keys::hmac;

/// Months that a chain goes on from the one it begins with: a hundred years. A time beyond is a fault.
const LONGEST_CHAIN: u16 = 1200;
const NEXT: &[u8] = b"healthcode next month v1";
const KEY: &[u8] = b"healthcode key of a month v1";

/// A month of the calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u16);

/// Text that is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a month such as 2020-02")]
pub struct BadMonth;

/// The keys of one region.
#[derive(Clone, PartialEq, Eq)]
pub struct MonthChain {
    /// Whose.
    pub region: Region,
    /// The earliest month whose key can be had.
    pub first: Month,
    /// From which that month's key and every later month follow.
    pub secret: [u8; 32],
}

/// Where the chains are kept, outside of the database.
pub trait MonthKeeper: Send + Sync {
    /// Keeps these chains in the place of what was kept. When it returns nothing of the earlier ones is
    /// left there.
    ///
    /// # Errors
    /// Why it could not be done; then what was kept stays.
    fn keep(&self, chains: &[MonthChain]) -> Result<(), String>;
}

/// The keys that there still are.
#[derive(Clone)]
pub struct MonthKeys {
    chains: Arc<RwLock<Vec<MonthChain>>>,
    keeper: Arc<dyn MonthKeeper>,
}

impl Month {
    /// The month of a time; of times before 1970 January 1970.
    pub fn of(at: Timestamp) -> Self {
        let date = at.to_zoned(TimeZone::UTC).date();
        let months = (i32::from(date.year()) - 1970) * 12 + i32::from(date.month()) - 1;
        Self(u16::try_from(months).unwrap_or_default())
    }

    /// Months since January 1970, as it is written beside what was sealed.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Reads [`Self::number`].
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// The month so many months earlier.
    #[must_use]
    pub const fn earlier(self, months: u16) -> Self {
        Self(self.0.saturating_sub(months))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", 1970 + self.0 / 12, self.0 % 12 + 1)
    }
}

impl FromStr for Month {
    type Err = BadMonth;

    fn from_str(text: &str) -> Result<Self, BadMonth> {
        let (year, month) = text.split_once('-').ok_or(BadMonth)?;
        let is_short = year.len() == 4 && month.len() == 2;
        let (year, month): (u16, u16) = match (year.parse(), month.parse()) {
            (Ok(year), Ok(month)) if is_short => (year, month),
            _ => return Err(BadMonth),
        };
        let is_month = (1..=12).contains(&month) && (1970..=7000).contains(&year);
        let number = is_month.then(|| (year - 1970) * 12 + month - 1);
        number.map(Self).ok_or(BadMonth)
    }
}

impl MonthChain {
    /// A fresh chain that begins with the month of a time.
    pub fn generate(region: Region, at: Timestamp, ids: &dyn IdSource) -> Self {
        let mut secret = [0; 32];
        ids.fill(&mut secret);
        Self {
            region,
            first: Month::of(at),
            secret,
        }
    }

    /// The same, from which no month before `first` follows any more.
    fn moved_to(&self, first: Month) -> Option<Self> {
        let steps = first.0.checked_sub(self.first.0)?;
        if steps > LONGEST_CHAIN {
            return None;
        }
        let secret = (0..steps).fold(self.secret, |secret, _| hmac(&secret, &[NEXT]));
        Some(Self {
            region: self.region,
            first,
            secret,
        })
    }

    fn key(&self, month: Month) -> Option<[u8; 32]> {
        Some(hmac(&self.moved_to(month)?.secret, &[KEY]))
    }
}

impl fmt::Debug for MonthChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MonthChain({} from {}, ***)", self.region, self.first)
    }
}

impl MonthKeys {
    /// The keys of chains that `keeper` keeps.
    pub fn new(chains: Vec<MonthChain>, keeper: Arc<dyn MonthKeeper>) -> Self {
        Self {
            chains: Arc::new(RwLock::new(chains)),
            keeper,
        }
    }

    /// With which chain something of a region is sealed: that of the smallest region around it that has
    /// one, else the first.
    pub(crate) fn chain_for(&self, region: Region) -> Option<Region> {
        let chains = self.read();
        let around = chains.iter().map(|chain| chain.region);
        let around = around.filter(|outer| region.lies_within(*outer));
        // Of two regions that lie around a third, the smaller lies within the larger.
        let nearest = around.reduce(|one, other| if other.lies_within(one) { other } else { one });
        nearest.or_else(|| chains.first().map(|chain| chain.region))
    }

    /// The key of a month; `None` once it is destroyed.
    pub(crate) fn key(&self, region: Region, month: Month) -> Option<[u8; 32]> {
        let chains = self.read();
        let chain = chains.iter().find(|chain| chain.region == region)?;
        chain.key(month)
    }

    /// The earliest month of which any key is left; `None` if none is.
    pub fn earliest(&self) -> Option<Month> {
        self.read().iter().map(|chain| chain.first).min()
    }

    /// Destroys the keys of every month before `first`: of one region, or of all. Whether there were
    /// any.
    ///
    /// # Errors
    /// Why they could not be destroyed where they are kept; then they are here too.
    pub fn destroy_before(&self, region: Option<Region>, first: Month) -> Result<bool, String> {
        let mut chains = self.chains.write().unwrap_or_else(PoisonError::into_inner);
        let mut is_any = false;
        let mut left = Vec::with_capacity(chains.len());
        for chain in &*chains {
            let is_meant = region.is_none_or(|region| region == chain.region);
            if is_meant && chain.first < first {
                is_any = true;
                let moved = chain.moved_to(first);
                left.push(moved.ok_or_else(|| format!("{first} is too far ahead"))?);
            } else {
                left.push(chain.clone());
            }
        }
        if is_any {
            self.keeper.keep(&left)?;
            *chains = left;
        }
        Ok(is_any)
    }

    /// Destroys every key there is, of every month to come too.
    ///
    /// # Errors
    /// As [`Self::destroy_before`].
    pub fn destroy_all(&self) -> Result<(), String> {
        let mut chains = self.chains.write().unwrap_or_else(PoisonError::into_inner);
        self.keeper.keep(&[])?;
        chains.clear();
        Ok(())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Vec<MonthChain>> {
        self.chains.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MonthKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MonthKeys(***)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Kept(Mutex<Vec<MonthChain>>);

    impl MonthKeeper for Kept {
        fn keep(&self, chains: &[MonthChain]) -> Result<(), String> {
            *self.0.lock().unwrap() = chains.to_vec();
            Ok(())
        }
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn region(text: &str) -> Region {
        text.parse().unwrap()
    }

    fn chain(of: &str, byte: u8) -> MonthChain {
        MonthChain {
            region: region(of),
            first: month("2020-02"),
            secret: [byte; 32],
        }
    }

    fn keys(kept: &Arc<Kept>) -> MonthKeys {
        let chains = vec![chain("33", 1), chain("330100", 2)];
        MonthKeys::new(chains, Arc::clone(kept) as Arc<dyn MonthKeeper>)
    }

    #[test]
    fn a_month_reads_as_it_is_written_and_follows_the_calendar() {
        for (at, text) in [
            ("2020-01-31T23:59:59Z", "2020-01"),
            ("2020-02-01T00:00:00Z", "2020-02"),
            ("1969-12-31T23:59:59Z", "1970-01"),
        ] {
            assert_eq!(Month::of(at.parse().unwrap()).to_string(), text);
            assert_eq!(Month::of(at.parse().unwrap()), month(text));
        }
        assert_eq!(month("2020-01").earlier(1), month("2019-12"));
        for bad in ["2020", "2020-13", "2020-00", "20-2", "1969-12", ""] {
            assert_eq!(bad.parse::<Month>(), Err(BadMonth), "{bad}");
        }
    }

    #[test]
    fn a_destroyed_month_has_no_key_and_later_ones_keep_theirs() {
        let kept = Arc::new(Kept::default());
        let keys = keys(&kept);
        let city = region("330100");
        let of = |text: &str| keys.key(city, month(text));
        let (february, april, december) = (of("2020-02"), of("2020-04"), of("2020-12"));
        assert!(february.is_some() && february != april && april != december);
        assert_eq!(keys.destroy_before(None, month("2020-04")), Ok(true));
        assert_eq!((of("2020-02"), of("2020-03")), (None, None));
        assert_eq!((of("2020-04"), of("2020-12")), (april, december));
        assert_eq!(keys.destroy_before(None, month("2020-04")), Ok(false));
        // What is kept is what is left: a server that starts anew derives the same.
        let anew = MonthKeys::new(kept.0.lock().unwrap().clone(), Arc::clone(&kept) as _);
        assert_eq!(anew.key(city, month("2020-03")), None);
        assert_eq!(anew.key(city, month("2020-12")), december);
        assert_eq!(anew.earliest(), Some(month("2020-04")));
    }

    #[test]
    fn one_region_ends_and_another_goes_on() {
        let keys = keys(&Arc::default());
        let (province, city) = (region("33"), region("330100"));
        assert_eq!(keys.destroy_before(Some(city), month("2020-05")), Ok(true));
        assert_eq!(keys.key(city, month("2020-04")), None);
        assert!(keys.key(province, month("2020-04")).is_some());
        keys.destroy_all().unwrap();
        assert_eq!(keys.key(province, month("2030-01")), None);
        assert_eq!(keys.earliest(), None);
    }

    #[test]
    fn the_nearest_region_seals() {
        let keys = keys(&Arc::default());
        for (of, by) in [("330106", "330100"), ("330200", "33"), ("42", "33")] {
            assert_eq!(keys.chain_for(region(of)), Some(region(by)), "{of}");
        }
    }

    #[test]
    fn what_cannot_be_destroyed_where_it_is_kept_is_not_said_to_be() {
        struct Stuck;

        impl MonthKeeper for Stuck {
            fn keep(&self, _: &[MonthChain]) -> Result<(), String> {
                Err("the disk is full".to_owned())
            }
        }

        let keys = MonthKeys::new(vec![chain("33", 1)], Arc::new(Stuck));
        assert!(keys.destroy_before(None, month("2020-05")).is_err());
        assert!(keys.key(region("33"), month("2020-02")).is_some());
    }
}
