//! What an installation may choose.

use credential::log::VerifierKey;
use domain::Region;
use jiff::SignedDuration;

use crate::caps::Caps;
use crate::ends::Retention;
use crate::{Result, ServiceError};

/// Choices of an installation. [`Settings::new`] gives those of the design.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who issues codes, as written into each of them.
    pub issuer: Region,
    /// How long things are kept.
    pub retention: Retention,
    /// How far a date may lie ahead of the clock before it is refused.
    pub clock_skew: SignedDuration,
    /// Published limits on what one authority or person can do.
    pub caps: Caps,
    /// Most items in one submission or one upload of scans.
    pub most_items: usize,
    /// How long an assertion for a phone lives at most. No verifier takes a code that lives longer
    /// than its form allows ([`credential::Form::longest_life`]), so none is signed either.
    pub assertion_life: SignedDuration,
    /// How old an assertion is when the phone renews it.
    pub renew_after: SignedDuration,
    /// Up to so much is added to [`Self::renew_after`], so that phones do not come all at once.
    pub renew_jitter: SignedDuration,
    /// How long a plain code lives. It can be copied, so it is short.
    pub plain_life: SignedDuration,
    /// How long a printed card lives.
    pub card_life: SignedDuration,
    /// Indexes in one status list.
    pub indexes_per_list: u32,
    /// How long a status list serves a checkpoint without a network.
    pub status_list_life: SignedDuration,
    /// How long a signed status list is handed out unchanged.
    pub status_list_fresh: SignedDuration,
    /// How long before the onset of illness, or before the first positive sample or the diagnosis if
    /// the onset is unknown, a case counts as infectious. The window ends with the diagnosis.
    pub infectious_before: SignedDuration,
    /// A person who shared venues with a case for fewer minutes in all is no contact.
    pub least_contact_minutes: u32,
    /// How far contacts are followed: 1 or 2.
    pub rings: u8,
    /// The oldest scan that is still taken in.
    pub oldest_scan: SignedDuration,
    /// People decided in one transaction when everybody is decided again.
    pub people_per_batch: u32,
    /// The address at which people reach the installation, as a browser says it:
    /// `https://code.example`. Passkeys belong to it; without it there are none.
    pub origin: Option<String>,
    /// Whether everybody and everything is made up: staff members of a demonstration sign in at one
    /// press. Never true where there are real people.
    pub is_demonstration: bool,
    /// Whether time is moved by hand, so that nobody compares this clock with the database's.
    pub is_time_moved: bool,
    /// Sign-ins that are looked up at once, after they were answered.
    pub sign_ins_at_once: u32,
    /// The witnesses whose signatures of the log are taken.
    pub witnesses: Vec<VerifierKey>,
    /// People whose verdict is held in memory at most, about 300 bytes each.
    pub people_in_memory: usize,
}

impl Settings {
    /// The choices of the design, for codes issued by `issuer`.
    pub const fn new(issuer: Region) -> Self {
        Self {
            issuer,
            retention: Retention::DESIGN,
            clock_skew: SignedDuration::from_mins(5),
            caps: Caps::DESIGN,
            most_items: 10_000,
            assertion_life: SignedDuration::from_hours(24),
            renew_after: SignedDuration::from_mins(15),
            renew_jitter: SignedDuration::from_mins(5),
            plain_life: SignedDuration::from_mins(15),
            card_life: SignedDuration::from_hours(7 * 24),
            indexes_per_list: 1 << 20,
            status_list_life: SignedDuration::from_hours(24),
            status_list_fresh: SignedDuration::from_mins(1),
            infectious_before: SignedDuration::from_hours(2 * 24),
            least_contact_minutes: 15,
            rings: 2,
            oldest_scan: SignedDuration::from_hours(21 * 24),
            people_per_batch: 500,
            origin: None,
            is_demonstration: false,
            is_time_moved: false,
            sign_ins_at_once: 64,
            witnesses: Vec::new(),
            people_in_memory: 1_000_000,
        }
    }

    /// That a request holds no more of something than is taken at once.
    pub(crate) const fn check_count(&self, field: &'static str, count: usize) -> Result<()> {
        let limit = self.most_items;
        if count > limit {
            return Err(ServiceError::TooMany {
                field,
                count,
                limit,
            });
        }
        Ok(())
    }
}
