//! Signs at the door that change: a screen shows one that is some seconds old, and a photograph of it is
//! worth nothing after a minute.
//!
//! Both texts are the venue, a time and a seal of the server: a sign says when it was shown, what opens a
//! screen says until when. The seal covers the number of the venue's signs as well, so that raising the
//! number ends every screen.

use std::fmt;
use std::str::FromStr;

use domain::{Timestamp, VenueId};
use jiff::SignedDuration;
use store::{Venue, audit, venues};
use tracing::{info, instrument};

use super::Visits;
use super::venues::put_own;
use crate::access::{Action, Staff};
use crate::audit::{AuditEntry, Did};
use crate::{Result, ServiceError};

/// How long a sign counts after it was shown.
const SIGN_COUNTS: SignedDuration = SignedDuration::from_secs(60);
/// A phone that kept a scan may have a clock that differs by so much.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(30);
/// A screen is opened anew after this.
const SCREEN_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a screen at the door of a venue showed, as a phone read it. Anybody who stands there may
/// use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueSign(Sealed);

/// What lets a screen show the signs of one venue, and do nothing else. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct ScreenPass(Sealed);

/// Text that is neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no sign of a place; scan the square at the door again")]
pub struct BadSign;

/// What a screen shows now.
#[derive(Clone, Debug)]
pub struct ShownSign {
    /// The venue's name.
    pub venue_name: String,
    /// What is in the square.
    pub sign: VenueSign,
    /// Until when the screen is open.
    pub screen_ends_at: Timestamp,
}

impl VenueSign {
    /// Where it hangs, if it is one.
    pub const fn venue(&self) -> VenueId {
        self.0.venue
    }
}

impl ScreenPass {
    /// The text, for the browser that shows the screen and for nothing else.
    pub fn expose(&self) -> String {
        self.0.to_string()
    }
}

impl Visits {
    /// Opens a screen that shows the signs of a venue for seven days. From then on visits there need a
    /// sign that a screen shows. `ends_others`: every screen that was opened before ends.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::UnknownVenue`] also if it is another
    /// authority's; [`ServiceError::Store`].
    #[instrument(name = "visits.open_screen", skip_all, fields(venue = %venue))]
    pub async fn open_screen(
        &self,
        by: &Staff,
        venue: VenueId,
        ends_others: bool,
    ) -> Result<ScreenPass> {
        by.may(Action::KeepVenues)?;
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::ScreenOpened, now).what(venue);
        let entry = [entry.seal(&*self.ids)];
        let arguments = (venue, by.clone(), ends_others, now, entry);
        let changed = self.store.transaction(
            "visits.open_screen",
            arguments,
            |tx, (venue, by, ends_others, now, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    let known = venues::find(tx, *venue).await?;
                    let mut venue = known.ok_or(ServiceError::UnknownVenue)?;
                    let number = venue.sign_number.filter(|_| !*ends_others);
                    let fresh = || fresh_number(venue.sign_number, *now);
                    venue.sign_number = Some(number.unwrap_or_else(fresh));
                    put_own(tx, &venue, by, *now).await?;
                    Ok::<_, ServiceError>(venue)
                })
            },
        );
        let venue = changed.await?;
        self.venues.hold(venue.clone(), now);
        info!(by = %by.id(), ends_others, "a screen was opened");
        let ends_at = now.checked_add(SCREEN_LASTS).unwrap_or(Timestamp::MAX);
        let number = venue.sign_number.unwrap_or_default();
        let sealed = Sealed {
            venue: venue.id,
            at: ends_at,
            seal: self.keys.venue_seal(b"screen", venue.id, number, ends_at),
        };
        Ok(ScreenPass(sealed))
    }

    /// What a screen shows now.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if the pass has run out, was ended or is none;
    /// [`ServiceError::Store`].
    #[instrument(name = "visits.sign_on", skip_all)]
    pub async fn sign_on(&self, screen: &ScreenPass) -> Result<ShownSign> {
        let ScreenPass(pass) = screen;
        let now = self.clock.now();
        let mut venue = match self.venue(pass.venue).await {
            Err(ServiceError::UnknownVenue) => return Err(ServiceError::NotAuthenticated),
            other => other?,
        };
        if self.opened_under(&venue, pass).is_none() {
            let read = self.read_venues(vec![venue.id]).await?;
            venue = read.into_values().next().unwrap_or(venue);
        }
        let number = self.opened_under(&venue, pass).filter(|_| now < pass.at);
        let number = number.ok_or(ServiceError::NotAuthenticated)?;
        let sign = VenueSign(Sealed {
            venue: venue.id,
            at: now,
            seal: self.keys.venue_seal(b"signed", venue.id, number, now),
        });
        Ok(ShownSign {
            venue_name: venue.name,
            sign,
            screen_ends_at: pass.at,
        })
    }

    /// The number under which the venue's screens show signs, if the pass was given under it.
    fn opened_under(&self, venue: &Venue, pass: &Sealed) -> Option<u32> {
        venue.sign_number.filter(|number| {
            pass.is_sealed(&self.keys.venue_seal(b"screen", venue.id, *number, pass.at))
        })
    }

    /// The venue as it is now, if the sign does not fit what is in memory: another node may have
    /// just opened a screen.
    pub(super) async fn venue_of_sign(
        &self,
        venue: VenueId,
        sign: Option<&VenueSign>,
        at: Timestamp,
    ) -> Result<Venue> {
        let known = self.venue(venue).await?;
        if sign.is_none() || self.check_sign(&known, sign, at).is_ok() {
            return Ok(known);
        }
        let read = self.read_venues(vec![venue]).await?;
        Ok(read.into_values().next().unwrap_or(known))
    }

    /// Checks what a phone read at the door of a venue at `at`: nothing but the venue from a printed
    /// sign, or what a screen showed.
    pub(super) fn check_sign(
        &self,
        venue: &Venue,
        sign: Option<&VenueSign>,
        at: Timestamp,
    ) -> Result<()> {
        let refused = |why| Err(ServiceError::field("sign", why));
        let (number, sign) = match (venue.sign_number, sign) {
            (None, None) => return Ok(()),
            (None, Some(_)) => {
                return refused("this place has a printed sign now; scan that one");
            }
            (Some(_), None) => {
                return refused(
                    "the sign of this place is on a screen and changes; scan the one at the door",
                );
            }
            (Some(number), Some(sign)) => (number, &sign.0),
        };
        let seal = self.keys.venue_seal(b"signed", venue.id, number, sign.at);
        if sign.venue != venue.id || !sign.is_sealed(&seal) {
            return refused("this is no sign of this place; scan the one at the door");
        }
        let age = at.duration_since(sign.at);
        if age > SIGN_COUNTS + CLOCKS_DIFFER || age < -CLOCKS_DIFFER {
            return refused(
                "this sign was shown more than a minute before or after; scan the one at the door",
            );
        }
        Ok(())
    }
}

/// A number that no screen of the venue was opened under, also if its sign was printed in between: the
/// time, in seconds.
pub(super) fn fresh_number(before: Option<u32>, now: Timestamp) -> u32 {
    let now = u32::try_from(now.as_second()).unwrap_or(u32::MAX);
    let next = before.map_or(0, |before| before.saturating_add(1));
    now.max(next)
}

/// A venue and a time under a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sealed {
    venue: VenueId,
    at: Timestamp,
    seal: [u8; 32],
}

impl Sealed {
    /// Whether the seal is this one. Takes the same time wherever they differ.
    fn is_sealed(&self, seal: &[u8; 32]) -> bool {
        let pairs = self.seal.iter().zip(seal);
        pairs.fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
    }
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.", self.venue, self.at.as_second())?;
        self.seal
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Sealed {
    type Err = BadSign;

    fn from_str(text: &str) -> Result<Self, BadSign> {
        let mut parts = text.split('.');
        let (Some(venue), Some(at), Some(seal), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadSign);
        };
        // A seal is written as tokens are.
        let seal: crate::access::Token = seal.parse().map_err(|_| BadSign)?;
        let second: i64 = at.parse().map_err(|_| BadSign)?;
        Ok(Self {
            venue: venue.parse().map_err(|_| BadSign)?,
            at: Timestamp::from_second(second).map_err(|_| BadSign)?,
            seal: *seal.bytes(),
        })
    }
}

impl fmt::Display for VenueSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for VenueSign {
    type Err = BadSign;

    fn from_str(text: &str) -> Result<Self, BadSign> {
        text.parse().map(Self)
    }
}

impl fmt::Debug for ScreenPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScreenPass(***)")
    }
}

impl FromStr for ScreenPass {
    type Err = BadSign;

    fn from_str(text: &str) -> Result<Self, BadSign> {
        text.parse().map(Self)
    }
}
