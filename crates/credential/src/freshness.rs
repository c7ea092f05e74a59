//! That a trust list is still the newest.
//!
//! The root signs a list seldom. In between the freshness key that the list names signs, day by
//! day, that no newer list is known; a verifier believes such a statement for 24 hours. A thief of
//! the freshness key can hold a newer list back, until the list itself expires, and can add no key.

use std::ops::Deref;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::cbor::{Reader, Writer, same_bytes};
use crate::claims::{BadClaims, time};
use crate::cose::Sign1;
use crate::key::PublicKey;
use crate::malformed::{Malformed, Part};
use crate::trust::{BadTrustList, TrustList};

#[cfg(feature = "sign")]
use crate::{
    claims::seconds,
    issuer::{IssuerKey, SignError},
};

/// The type in the protected header.
const TYP: &str = "application/healthcode-trust-fresh+cwt";
/// Claim keys: expiry and issued-at of RFC 8392, and one of the private range for the list.
const EXP: i64 = 4;
const IAT: i64 = 6;
const FRESH: i64 = -65539;

/// A statement that a list is the newest is believed for so long at most.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How far the clocks of issuer and verifier may lie apart.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// A trust list that was the newest a day ago at most: what [`crate::verify()`] believes. It runs
/// out; the verifier then refuses every code until it has fetched the list again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreshTrustList {
    list: TrustList,
    fresh_until: Timestamp,
}

impl Deref for FreshTrustList {
    type Target = TrustList;

    fn deref(&self) -> &TrustList {
        &self.list
    }
}

impl FreshTrustList {
    /// Opens what an issuer hands out: the list that one of `roots` signed, and the statement that it
    /// is the newest. Keep what was opened and give it as `held` the next time: the numbers of lists
    /// only go up.
    ///
    /// # Errors
    /// [`BadTrustList`] says why it is not taken; keep the one held.
    pub fn open(
        bytes: &[u8],
        roots: &[PublicKey],
        held: Option<&Self>,
        now: Timestamp,
    ) -> Result<Self, BadTrustList> {
        let mut reader = Reader::new(Part::TrustList, bytes);
        reader.expect(2, "an array of a list and a statement", Reader::array)?;
        let list = reader.bytes("the trust list as a byte string")?;
        let statement = reader.bytes("the statement as a byte string")?;
        reader.end()?;
        same_bytes(Part::TrustList, bytes, &join(list, statement))?;
        let list = TrustList::open(list, roots, held.map(|held| &held.list))?;
        let opened = Self::confirmed(list, statement, now)?;
        match held {
            // An older statement about the same list takes nothing back.
            Some(held) if held.list == opened.list => Ok(Self {
                fresh_until: opened.fresh_until.max(held.fresh_until),
                ..opened
            }),
            _ => Ok(opened),
        }
    }

    /// The list, as far as `statement` confirms it.
    ///
    /// # Errors
    /// [`BadTrustList::NotConfirmed`] if the statement is about another list or by another key;
    /// [`BadTrustList::RanOut`] if it, or the list, is over.
    pub fn confirmed(
        list: TrustList,
        statement: &[u8],
        now: Timestamp,
    ) -> Result<Self, BadTrustList> {
        let sequence = list.sequence();
        let sign1 = Sign1::decode(Part::TrustList, statement)?;
        let key = list.freshness_key();
        let is_by_key = sign1.header.typ == Some(TYP)
            && sign1.header.key == key.id()
            && sign1.header.algorithm == key.algorithm()
            && key.verifies(&sign1.signed_bytes(), &sign1.signature);
        let (issued_at, expires_at, named, hash) = decode(sign1.payload)?;
        let is_short = expires_at.duration_since(issued_at) <= FRESH_FOR;
        let is_past = issued_at.duration_since(now) <= SKEW;
        if !is_by_key || !is_short || !is_past || named != sequence || hash != list.digest()? {
            return Err(BadTrustList::NotConfirmed { sequence });
        }
        let fresh_until = expires_at.min(list.expires_at());
        if fresh_until <= now {
            return Err(BadTrustList::RanOut { since: fresh_until });
        }
        Ok(Self { list, fresh_until })
    }

    /// The first instant at which it says nothing any more.
    pub const fn fresh_until(&self) -> Timestamp {
        self.fresh_until
    }

    /// The list.
    pub const fn list(&self) -> &TrustList {
        &self.list
    }
}

impl TrustList {
    /// States with the freshness key that this list is the newest as of `now`, for the next
    /// [`FRESH_FOR`].
    ///
    /// # Errors
    /// [`SignError`] if a time has no room in the format.
    #[cfg(feature = "sign")]
    pub fn confirm(&self, key: &IssuerKey, now: Timestamp) -> Result<Vec<u8>, SignError> {
        let expires_at = now.checked_add(FRESH_FOR).unwrap_or(Timestamp::MAX);
        let payload = Writer::new()
            .map(3)
            .int(EXP)
            .uint(seconds(expires_at)?.into())
            .int(IAT)
            .uint(seconds(now)?.into())
            .int(FRESH)
            .array(2)
            .uint(self.sequence())
            .bytes(&self.digest()?);
        key.sign_payload(Some(TYP), &payload.finish())
    }

    /// SHA-256 of the claims that the root signs: what a statement names besides the number.
    ///
    /// # Errors
    /// None in practice: a list that was made has times that can be written.
    pub fn digest(&self) -> Result<[u8; 32], BadClaims> {
        Ok(Sha256::digest(self.encode()?).into())
    }

    /// What an issuer hands out: a list as the root signed it, and the statement that it is the
    /// newest.
    pub fn join(signed: &[u8], statement: &[u8]) -> Vec<u8> {
        join(signed, statement)
    }
}

fn join(signed: &[u8], statement: &[u8]) -> Vec<u8> {
    Writer::new()
        .array(2)
        .bytes(signed)
        .bytes(statement)
        .finish()
}

fn decode(payload: &[u8]) -> Result<(Timestamp, Timestamp, u64, [u8; 32]), Malformed> {
    let mut reader = Reader::new(Part::Claims, payload);
    reader.expect(3, "a map of 3 claims", Reader::map)?;
    reader.expect(EXP, "claim 4 (exp)", Reader::int)?;
    let expires_at = time(reader.u32("a time in seconds, below 2^32")?);
    reader.expect(IAT, "claim 6 (iat)", Reader::int)?;
    let issued_at = time(reader.u32("a time in seconds, below 2^32")?);
    reader.expect(FRESH, "claim -65539 (freshness)", Reader::int)?;
    reader.expect(2, "an array of sequence number and hash", Reader::array)?;
    let sequence = reader.uint("a sequence number")?;
    let hash = reader.exactly("a SHA-256 of 32 bytes")?;
    reader.end()?;
    Ok((issued_at, expires_at, sequence, hash))
}
