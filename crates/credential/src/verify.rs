//! Verifying a code (invariant 8): pinned keys, signature, time, holder, status; closed on doubt.

use domain::{Assurance, Colour, Region};
use jiff::{SignedDuration, Timestamp};

use crate::assertion::Assertion;
use crate::claims::{Bearer, Serial, StatusRef};
use crate::code::Code;
use crate::freshness::FreshTrustList;
use crate::holder::Presentation;
use crate::name::MaskedName;
use crate::refusal::{Refusal, StatusGap};
use crate::status::{StatusList, StatusLists};
use crate::trust::TrustedKey;

/// What a verifier takes, and how long it believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether plain codes are taken, which anybody can copy while they last.
    pub takes_plain: bool,
    /// Whether cards are taken; the guard compares them with a document.
    pub takes_cards: bool,
    /// How long a live code may be shown.
    pub live_for: SignedDuration,
    /// How far the clocks of phone, issuer and verifier may lie apart.
    pub skew: SignedDuration,
    /// How long an assertion is believed without a status list.
    pub fresh_for: SignedDuration,
    /// How old a status list may be.
    pub list_serves: SignedDuration,
}

impl Default for Settings {
    /// Every form; 60 seconds, 30 seconds, 15 minutes, 24 hours.
    fn default() -> Self {
        Self {
            takes_plain: true,
            takes_cards: true,
            live_for: SignedDuration::from_secs(60),
            skew: SignedDuration::from_secs(30),
            fresh_for: SignedDuration::from_mins(15),
            list_serves: SignedDuration::from_hours(24),
        }
    }
}

impl Settings {
    /// Live codes and nothing else.
    pub fn live_only() -> Self {
        Self {
            takes_plain: false,
            takes_cards: false,
            ..Self::default()
        }
    }
}

/// How a code was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// By a phone that signed the present time.
    Live,
    /// As a short-lived text.
    Plain,
    /// As a printed card.
    Card,
}

impl Form {
    /// From issue to expiry at most: 24 hours, 15 minutes, 7 days. A thief of an issuer's key
    /// cannot make a code that outlives the theft's discovery by more.
    pub const fn longest_life(self) -> SignedDuration {
        match self {
            Self::Live => SignedDuration::from_hours(24),
            Self::Plain => SignedDuration::from_mins(15),
            Self::Card => SignedDuration::from_hours(7 * 24),
        }
    }

    /// Whether anybody who copied the code can show it, so that a guard looks at a document.
    pub const fn can_be_copied(self) -> bool {
        matches!(self, Self::Plain | Self::Card)
    }

    /// The word used in files and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Plain => "plain",
            Self::Card => "card",
        }
    }
}

/// A code that is genuine and holds. Its colour decides whether the person may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// How it was shown.
    pub form: Form,
    /// The colour.
    pub colour: Colour,
    /// Stands for the assertion.
    pub serial: Serial,
    /// Where to look the assertion up.
    pub status: StatusRef,
    /// Who issued it.
    pub issuer: Region,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// As of when the colour is known: the issue, or the status list if that is newer. What
    /// happened later the verifier cannot know.
    pub known_at: Timestamp,
    /// How far the person who shows it is proven to be its holder.
    pub assurance: Assurance,
    /// The masked name on a card, to be compared with a document.
    pub name: Option<MaskedName>,
    /// When and with which counter the phone drew a live code.
    pub shown: Option<Shown>,
}

/// The phone's part of a live code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The phone's clock.
    pub at: Timestamp,
    /// Goes up with each code that the phone draws.
    pub counter: u32,
}

impl Accepted {
    /// Whether a guard looks at a document before green counts: anybody could show a copy, or
    /// nobody has seen the document of the person who shows it.
    pub fn wants_document(&self) -> bool {
        self.form.can_be_copied() || self.assurance < Assurance::Seen
    }

    /// How old the knowledge about the colour is.
    pub fn knowledge_age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.known_at).max(SignedDuration::ZERO)
    }
}

/// Verifies the text of a code at `now`.
///
/// Nothing is remembered from one call to the next; [`crate::ReplayCache`] notices a live code
/// that is shown twice.
///
/// # Errors
/// The first [`Refusal`] in this order: the text and its parts, the trust list's time, the issuer's
/// key and signature, the assertion's life and time, the form, the phone's time and signature, the
/// status.
pub fn verify(
    text: &str,
    trust: &FreshTrustList,
    lists: Option<&StatusLists>,
    now: Timestamp,
    settings: &Settings,
) -> Result<Accepted, Refusal> {
    let code = Code::decode(text)?;
    let assertion = code.assertion();
    let claims = assertion.claims();
    if trust.fresh_until() <= now {
        let since = trust.fresh_until();
        return Err(Refusal::TrustListRanOut { since });
    }
    let trusted = check_issuer(assertion, trust)?;
    check_life(assertion)?;
    check_time(assertion, now, settings)?;
    let (form, name, shown) = check_form(&code, now, settings)?;
    let known_at = check_status(assertion, trusted.issuer, trust, lists, now, settings)?;
    Ok(Accepted {
        form,
        colour: claims.colour,
        serial: claims.serial,
        status: claims.status,
        issuer: trusted.issuer,
        issued_at: claims.issued_at,
        expires_at: claims.expires_at,
        known_at,
        assurance: claims.assurance,
        name,
        shown,
    })
}

fn check_issuer<'t>(
    assertion: &Assertion,
    trust: &'t FreshTrustList,
) -> Result<&'t TrustedKey, Refusal> {
    let key = assertion.issuer_key();
    let trusted = trust.key(key).ok_or(Refusal::UnknownIssuer { key })?;
    let issued_at = assertion.claims().issued_at;
    if !trusted.is_valid_at(issued_at) {
        let TrustedKey { from, until, .. } = *trusted;
        return Err(Refusal::KeyNotValid {
            key,
            issued_at,
            from,
            until,
        });
    }
    if !assertion.is_signed_by(&trusted.key) {
        return Err(Refusal::BadSignature { key });
    }
    Ok(trusted)
}

/// A code that lives longer than its form allows was not made by an honest issuer (invariant 16).
fn check_life(assertion: &Assertion) -> Result<(), Refusal> {
    let claims = assertion.claims();
    let form = claims.bearer.form();
    let life = claims.expires_at.duration_since(claims.issued_at);
    if life > form.longest_life() {
        return Err(Refusal::LivesTooLong { form, life });
    }
    Ok(())
}

fn check_time(assertion: &Assertion, now: Timestamp, settings: &Settings) -> Result<(), Refusal> {
    let claims = assertion.claims();
    if claims.issued_at.duration_since(now) > settings.skew {
        return Err(Refusal::NotYetValid {
            issued_at: claims.issued_at,
        });
    }
    if claims.expires_at <= now {
        return Err(Refusal::Expired {
            expired_at: claims.expires_at,
        });
    }
    Ok(())
}

type Showing = (Form, Option<MaskedName>, Option<Shown>);

fn check_form(code: &Code, now: Timestamp, settings: &Settings) -> Result<Showing, Refusal> {
    match (&code.assertion().claims().bearer, code) {
        (Bearer::Plain, _) if settings.takes_plain => Ok((Form::Plain, None, None)),
        (Bearer::Plain, _) => Err(Refusal::FormNotTaken { form: Form::Plain }),
        (Bearer::Card { name }, _) if settings.takes_cards => {
            Ok((Form::Card, Some(name.clone()), None))
        }
        (Bearer::Card { .. }, _) => Err(Refusal::FormNotTaken { form: Form::Card }),
        (Bearer::Phone(_), Code::Bare(_)) => Err(Refusal::NotLive),
        (Bearer::Phone(holder), Code::Live(assertion, presentation)) => {
            let Presentation {
                shown_at: at,
                counter,
                ..
            } = *presentation;
            let age = now.duration_since(at);
            if age > settings.live_for {
                return Err(Refusal::ShownTooLongAgo { age });
            }
            if -age > settings.skew {
                return Err(Refusal::ShownInTheFuture { ahead: -age });
            }
            if !presentation.is_by(*holder, assertion) {
                return Err(Refusal::BadHolderSignature);
            }
            Ok((Form::Live, None, Some(Shown { at, counter })))
        }
    }
}

/// As of when the assertion is known to hold.
fn check_status(
    assertion: &Assertion,
    issuer: Region,
    trust: &FreshTrustList,
    lists: Option<&StatusLists>,
    now: Timestamp,
    settings: &Settings,
) -> Result<Timestamp, Refusal> {
    let claims = assertion.claims();
    let StatusRef { list, index } = claims.status;
    let held = lists.and_then(|lists| lists.believed(issuer, list, trust));
    let gap = match usable(held, now, settings) {
        Ok(usable) => match usable.is_revoked(index) {
            Some(true) => {
                return Err(Refusal::Revoked {
                    known_at: usable.issued_at(),
                });
            }
            Some(false) => return Ok(claims.issued_at.max(usable.issued_at()).min(now)),
            None => StatusGap::NotInList {
                places: usable.places(),
            },
        },
        Err(gap) => gap,
    };
    let age = now.duration_since(claims.issued_at);
    if age > settings.fresh_for {
        return Err(Refusal::StatusUnknown { age, gap });
    }
    Ok(claims.issued_at.min(now))
}

fn usable<'l>(
    held: Option<&'l StatusList>,
    now: Timestamp,
    settings: &Settings,
) -> Result<&'l StatusList, StatusGap> {
    let list = held.ok_or(StatusGap::NoList)?;
    let age = now.duration_since(list.issued_at());
    if age > settings.list_serves || list.expires_at().is_some_and(|end| end <= now) {
        return Err(StatusGap::ListTooOld { age });
    }
    if -age > settings.skew {
        return Err(StatusGap::ListFromTheFuture);
    }
    Ok(list)
}
