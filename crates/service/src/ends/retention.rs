//! How long each kind of evidence is kept, and what the log says: `[retention]` of the configuration.

use domain::{FactKind, Timestamp};
use jiff::SignedDuration;

use crate::people::Month;

const KINDS: usize = FactKind::ALL.len();
/// The word for what is kept until the emergency ends.
const UNTIL_SUNSET: &str = "sunset";
/// Ten years.
const MOST_DAYS: u32 = 3660;
/// An approved disclosure may be carried out for 30 days.
const LEAST_PROPOSAL_DAYS: u32 = 31;
/// Answers to appeals, the log, and what was done to an account.
const LEAST_DAYS_TO_READ: u32 = 30;

/// How long things are kept. [`Retention::DESIGN`] gives what the design says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Days after a fact ended, by kind; `None` until the emergency ends.
    kinds: [Option<u32>; KINDS],
    /// Days after somebody left a household, building or vehicle.
    membership_days: u32,
    /// Days after an appeal was answered.
    appeal_days: u32,
    /// Days that an entry of the log says what it says.
    log_days: u32,
    /// Days after a message went out.
    message_days: u32,
    /// Days after an order, a submission above a cap, a disclosure or an invitation was settled.
    proposal_days: u32,
    /// Days after a session ended, something was done to an account, or a guardianship ended.
    account_days: u32,
    /// Days after the time in which a case was infectious, for what the search for its contacts read.
    search_days: u32,
    /// Whole months after which an identity is sealed anew, and its month's key destroyed.
    identity_months: u16,
    /// Days by which a disclosure may be shown later to the people in it.
    disclosure_delay_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self::DESIGN
    }
}

impl Retention {
    /// What has a time besides the kinds of evidence.
    pub const NAMES: [&str; 9] = [
        "memberships",
        "appeals",
        "messages",
        "proposals",
        "accounts",
        "searches",
        "log",
        "identities",
        "disclosure_delay",
    ];

    /// What the design says.
    pub const DESIGN: Self = {
        let (mut kinds, mut place) = ([None; KINDS], 0);
        while place < KINDS {
            kinds[place] = of_the_design(FactKind::ALL[place]);
            place += 1;
        }
        Self {
            kinds,
            membership_days: 60,
            // Longer than anybody has to take an answer to court.
            appeal_days: 180,
            log_days: 365,
            message_days: 30,
            // As long as the evidence of an order; a disclosure may be carried out for 30 days.
            proposal_days: 60,
            // Who took an account away is wanted as long as an answer to an appeal.
            account_days: 180,
            // As long as visits: what is older touches no search.
            search_days: 30,
            identity_months: 2,
            disclosure_delay_days: 30,
        }
    };

    /// Sets what the configuration calls `name`: one of [`Self::NAMES`] to `30d`, `identities` to
    /// `2 months`, a kind of evidence to `30d` or `sunset`.
    ///
    /// # Errors
    /// What is wrong, and what was expected.
    pub fn set_named(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "memberships" => self.membership_days = days(name, value)?,
            "appeals" => self.appeal_days = days_to_read(name, value)?,
            "log" => self.log_days = days_to_read(name, value)?,
            "messages" => self.message_days = days(name, value)?,
            "proposals" => {
                let days = days(name, value)?;
                if days < LEAST_PROPOSAL_DAYS {
                    return Err(format!(
                        "{name}: at least {LEAST_PROPOSAL_DAYS}d; so long a disclosure may be carried out"
                    ));
                }
                self.proposal_days = days;
            }
            "accounts" => self.account_days = days_to_read(name, value)?,
            "searches" => self.search_days = days(name, value)?,
            "disclosure_delay" => self.disclosure_delay_days = days(name, value)?,
            "identities" => {
                let months = value.strip_suffix(" months").and_then(|n| n.parse().ok());
                let months = months.filter(|months| (1..=120).contains(months));
                self.identity_months = months
                    .ok_or_else(|| format!("{name}: expected whole months such as `2 months`"))?;
            }
            _ => {
                let kind: FactKind = name.parse().map_err(|_| unknown(name))?;
                if kind == FactKind::Withdrawal {
                    return Err(format!(
                        "{name}: kept as long as the kind that is kept longest"
                    ));
                }
                self.kinds[kind as usize] = match value {
                    UNTIL_SUNSET => None,
                    value => Some(days(name, value)?),
                };
            }
        }
        Ok(())
    }

    /// Days after its end for which a kind of evidence is kept; `None` until the emergency ends. What was
    /// taken back is kept as long as the kind that is kept longest.
    pub fn days_of(&self, kind: FactKind) -> Option<u32> {
        if kind != FactKind::Withdrawal {
            return self.kinds[kind as usize];
        }
        let others = FactKind::ALL.iter().filter(|other| **other != kind);
        let days: Option<Vec<u32>> = others.map(|other| self.kinds[*other as usize]).collect();
        days.and_then(|days| days.into_iter().max())
    }

    /// Days for which is kept that somebody left a household, building or vehicle.
    pub const fn membership_days(&self) -> u32 {
        self.membership_days
    }

    /// Days by which people may read later of a disclosure, at most.
    pub const fn disclosure_delay_days(&self) -> u32 {
        self.disclosure_delay_days
    }

    /// Days for which an appeal is kept once it was answered.
    pub const fn appeal_days(&self) -> u32 {
        self.appeal_days
    }

    /// Days for which an entry of the log says what it says.
    pub const fn log_days(&self) -> u32 {
        self.log_days
    }

    /// Whole months after which an identity is sealed anew and the key before destroyed.
    pub const fn identity_months(&self) -> u16 {
        self.identity_months
    }

    /// Days for which a message is kept once it went out.
    pub const fn message_days(&self) -> u32 {
        self.message_days
    }

    /// Days for which it is kept what a proposal said that was settled.
    pub const fn proposal_days(&self) -> u32 {
        self.proposal_days
    }

    /// Days for which it is kept what was done to an account.
    pub const fn account_days(&self) -> u32 {
        self.account_days
    }

    /// Days for which it is kept what a search for contacts read.
    pub const fn search_days(&self) -> u32 {
        self.search_days
    }

    /// A message that went out before is over.
    pub(crate) fn message_cutoff(&self, now: Timestamp) -> Timestamp {
        before(now, self.message_days)
    }

    /// What was proposed and settled before is over.
    pub(crate) fn proposal_cutoff(&self, now: Timestamp) -> Timestamp {
        before(now, self.proposal_days)
    }

    /// What ended on an account, or was done to it, before is over.
    pub(crate) fn account_cutoff(&self, now: Timestamp) -> Timestamp {
        before(now, self.account_days)
    }

    /// What a search read of before is over; what the policy in force may still read is kept.
    pub(crate) fn search_cutoff(&self, now: Timestamp, look_back_from: Timestamp) -> Timestamp {
        before(now, self.search_days).min(look_back_from)
    }

    /// What a kind of evidence that ended before is too old for at `now`; `None` if it is kept until
    /// the emergency ends. `look_back_from`: what the policy in force may still read is kept.
    pub(crate) fn cutoff(
        &self,
        kind: FactKind,
        now: Timestamp,
        look_back_from: Timestamp,
    ) -> Option<Timestamp> {
        if kind == FactKind::Withdrawal {
            // What was taken back must not count again: a withdrawal outlives every other kind.
            let others = FactKind::ALL
                .iter()
                .filter(|kind| **kind != FactKind::Withdrawal);
            let cutoffs = others.map(|kind| self.cutoff(*kind, now, look_back_from));
            return cutoffs.min().flatten();
        }
        let days = self.kinds[kind as usize]?;
        Some(before(now, days).min(look_back_from))
    }

    /// A membership that ended before is over; what the policy in force may still ask for is kept.
    pub(crate) fn membership_cutoff(&self, now: Timestamp, look_back_from: Timestamp) -> Timestamp {
        before(now, self.membership_days).min(look_back_from)
    }

    /// For how many days after it ended a fact of this kind is kept; `None` until the emergency ends.
    pub const fn days(&self, kind: FactKind) -> Option<u32> {
        self.kinds[kind as usize]
    }

    /// When a fact of this kind that ended at `end` goes; `None` at the end of the emergency. What a
    /// policy may still read is kept for its `look_back`.
    pub(crate) fn kept_until(
        &self,
        kind: FactKind,
        end: Timestamp,
        look_back: SignedDuration,
    ) -> Option<Timestamp> {
        let days = match kind {
            FactKind::Withdrawal => {
                let others = FactKind::ALL.iter();
                let others = others.filter(|kind| **kind != FactKind::Withdrawal);
                let days = others.map(|kind| self.kinds[*kind as usize]);
                days.collect::<Option<Vec<u32>>>()?.into_iter().max()?
            }
            kind => self.kinds[kind as usize]?,
        };
        let span = SignedDuration::from_hours(24 * i64::from(days)).max(look_back);
        Some(end.checked_add(span).unwrap_or(Timestamp::MAX))
    }

    /// An appeal that was answered before is over.
    pub(crate) fn appeal_cutoff(&self, now: Timestamp) -> Timestamp {
        before(now, self.appeal_days)
    }

    /// Before when an entry of the log no longer says anything.
    pub(crate) fn log_cutoff(&self, now: Timestamp) -> Timestamp {
        before(now, self.log_days)
    }

    /// The earliest month in which an identity may be sealed.
    pub(crate) fn oldest_month(&self, now: Timestamp) -> Month {
        Month::of(now).earlier(self.identity_months)
    }

    /// By how much a disclosure may be shown later at most.
    pub fn disclosure_delay(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.disclosure_delay_days))
    }
}

const fn of_the_design(kind: FactKind) -> Option<u32> {
    match kind {
        // The way out of restrictions, and wanted as long as there are any.
        FactKind::Vaccination => None,
        FactKind::Diagnosis => Some(180),
        FactKind::Declaration | FactKind::Contact | FactKind::Stay | FactKind::Visit => Some(30),
        _ => Some(60),
    }
}

fn before(now: Timestamp, days: u32) -> Timestamp {
    let span = SignedDuration::from_hours(24 * i64::from(days));
    now.checked_sub(span).unwrap_or(Timestamp::MIN)
}

fn days(name: &str, value: &str) -> Result<u32, String> {
    let days = value.strip_suffix('d').and_then(|days| days.parse().ok());
    let days = days.filter(|days| (..=MOST_DAYS).contains(days));
    days.ok_or_else(|| format!("{name}: expected days such as `30d`, at most {MOST_DAYS}"))
}

/// Days of what people must have the time to read.
fn days_to_read(name: &str, value: &str) -> Result<u32, String> {
    let days = days(name, value)?;
    if days < LEAST_DAYS_TO_READ {
        let least = LEAST_DAYS_TO_READ;
        return Err(format!(
            "{name}: at least {least}d; so long people must be able to read it"
        ));
    }
    Ok(days)
}

fn unknown(name: &str) -> String {
    let kinds: Vec<&str> = FactKind::ALL.iter().map(|kind| kind.as_str()).collect();
    format!(
        "{name}: nothing is called so; known: {}, {}",
        Retention::NAMES.join(", "),
        kinds.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2020-06-01T00:00:00Z".parse().unwrap()
    }

    fn ago(days: i64) -> Timestamp {
        now() - SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn each_kind_has_its_own_time_and_the_look_back_is_kept() {
        let mut retention = Retention::DESIGN;
        let of = |retention: &Retention, kind| retention.cutoff(kind, now(), ago(21));
        assert_eq!(of(&retention, FactKind::Visit), Some(ago(30)));
        assert_eq!(of(&retention, FactKind::Diagnosis), Some(ago(180)));
        assert_eq!(of(&retention, FactKind::Vaccination), None);
        retention.set_named("visit", "3d").unwrap();
        assert_eq!(of(&retention, FactKind::Visit), Some(ago(21)));
        retention.set_named("visit", "sunset").unwrap();
        assert_eq!(of(&retention, FactKind::Visit), None);
    }

    #[test]
    fn a_withdrawal_outlives_whatever_it_took_back() {
        let mut retention = Retention::DESIGN;
        let of = |retention: &Retention| retention.cutoff(FactKind::Withdrawal, now(), ago(21));
        assert_eq!(of(&retention), None, "vaccinations are kept until the end");
        retention.set_named("vaccination", "400d").unwrap();
        assert_eq!(of(&retention), Some(ago(400)));
        assert!(retention.set_named("withdrawal", "1d").is_err());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (name, value) in [
            ("visit", "30"),
            ("visit", "-1d"),
            ("visit", "9999d"),
            ("visits", "30d"),
            ("log", "sunset"),
            ("identities", "0 months"),
            ("identities", "30d"),
            ("proposals", "30d"),
            ("appeals", "0d"),
            ("log", "29d"),
            ("accounts", "1d"),
            ("messages", "sunset"),
        ] {
            let mut retention = Retention::DESIGN;
            let refused = retention.set_named(name, value).unwrap_err();
            assert!(refused.starts_with(name), "{refused}");
        }
    }
}
