//! Status lists: which assertions no longer hold. The CWT form of the IETF Token Status List,
//! one bit for each assertion.

use std::collections::BTreeMap;

use domain::Region;
use jiff::{SignedDuration, Timestamp};

use crate::cbor::Reader;
#[cfg(any(feature = "sign", test))]
use crate::cbor::Writer;
use crate::claims::time;
use crate::cose::Sign1;
use crate::key::KeyId;
use crate::malformed::{Malformed, Part};
use crate::trust::TrustList;

#[cfg(feature = "sign")]
use crate::{claims::seconds, issuer::IssuerKey, issuer::SignError};

/// The type in the protected header.
const TYP: &str = "application/statuslist+cwt";
/// Claim keys: subject, expiry, issued-at of RFC 8392; time to live and list of the draft.
const SUB: i64 = 2;
const EXP: i64 = 4;
const IAT: i64 = 6;
const TTL: i64 = 65534;
const STATUS_LIST: i64 = 65533;

/// The largest list that is unpacked: 32 million bits.
const LARGEST_BYTES: usize = 4 << 20;

/// One list: a bit for each place, set where the assertion no longer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    bits: Vec<u8>,
    issued_at: Timestamp,
    expires_at: Option<Timestamp>,
    ttl: Option<SignedDuration>,
}

impl StatusList {
    /// Whether the assertion at this place no longer holds; `None` if the list is too short.
    pub fn is_revoked(&self, index: u32) -> Option<bool> {
        let byte = self.bits.get(index as usize / 8)?;
        Some(byte >> (index % 8) & 1 == 1)
    }

    /// How many places it has; a multiple of 8.
    pub fn places(&self) -> u64 {
        self.bits.len() as u64 * 8
    }

    /// When it was made; later revocations are not in it.
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// When it must no longer be used, if the issuer says so.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// After how long the issuer would like it to be fetched again, if it says so.
    pub const fn ttl(&self) -> Option<SignedDuration> {
        self.ttl
    }

    /// Signs it as a status list token for `uri`, where it is fetched.
    ///
    /// # Errors
    /// [`SignError::Claims`] if a time has no room in the format.
    #[cfg(feature = "sign")]
    pub fn sign(&self, key: &IssuerKey, uri: &str) -> Result<Vec<u8>, SignError> {
        let pairs = 3 + u64::from(self.expires_at.is_some()) + u64::from(self.ttl.is_some());
        let mut writer = Writer::new().map(pairs).int(SUB).text(uri);
        if let Some(at) = self.expires_at {
            writer = writer.int(EXP).uint(seconds(at)?.into());
        }
        writer = writer.int(IAT).uint(seconds(self.issued_at)?.into());
        writer = write_list(writer.int(STATUS_LIST), &self.bits);
        if let Some(ttl) = self.ttl {
            writer = writer.int(TTL).uint(ttl.as_secs().max(0) as u64);
        }
        key.sign_payload(Some(TYP), &writer.finish())
    }
}

/// Makes a list for the issuer.
#[derive(Clone, Debug)]
pub struct StatusListBuilder {
    bits: Vec<u8>,
}

/// A place that a list does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the status list has places 0 to {last}, not {index}; make it longer or open another")]
pub struct NoSuchPlace {
    /// The place asked for.
    pub index: u32,
    /// The last there is.
    pub last: u64,
}

impl StatusListBuilder {
    /// A list of at least `places` places, none revoked. Its size should not change over time, so
    /// that it tells nobody how many people there are.
    pub fn new(places: u32) -> Self {
        Self {
            bits: vec![0; (places as usize).div_ceil(8).max(1)],
        }
    }

    /// Says that the assertion at this place no longer holds.
    ///
    /// # Errors
    /// [`NoSuchPlace`] if the list is too short.
    pub fn revoke(&mut self, index: u32) -> Result<(), NoSuchPlace> {
        let last = self.bits.len() as u64 * 8 - 1;
        let byte = self
            .bits
            .get_mut(index as usize / 8)
            .ok_or(NoSuchPlace { index, last })?;
        *byte |= 1 << (index % 8);
        Ok(())
    }

    /// The list as of `issued_at`, to be fetched again after `ttl` and not to be used for longer
    /// than `lasts`; whole seconds.
    pub fn build(
        self,
        issued_at: Timestamp,
        ttl: SignedDuration,
        lasts: SignedDuration,
    ) -> StatusList {
        let expires_at = issued_at.checked_add(lasts).ok();
        StatusList {
            bits: self.bits,
            issued_at,
            expires_at,
            ttl: Some(ttl),
        }
    }
}

/// The lists that a verifier holds, the newest of each.
#[derive(Clone, Debug, Default)]
pub struct StatusLists {
    lists: BTreeMap<(Region, u32), Held>,
}

/// A list, and whose word it is.
#[derive(Clone, Debug)]
struct Held {
    list: StatusList,
    /// `None` for a list that this program made itself.
    signed_by: Option<KeyId>,
}

/// A status list token that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadStatusList {
    /// Not in the format.
    #[error("this is no status list: {0}")]
    Malformed(#[from] Malformed),
    /// Signed by a key that is not trusted, or was not at that time.
    #[error(
        "the status list is signed by key {key}, which is not trusted for its time of issue; fetch the trust list again"
    )]
    UnknownIssuer {
        /// The key.
        key: KeyId,
    },
    /// The signature is wrong.
    #[error("the signature of the status list is not by key {key}")]
    BadSignature {
        /// The key.
        key: KeyId,
    },
    /// Its subject is no list of its issuer.
    #[error("the status list is about {subject}, which is not under {expected} and a number")]
    WrongSubject {
        /// What it says it is.
        subject: String,
        /// Where the issuer's lists are.
        expected: String,
    },
    /// A newer one is held already.
    #[error("a newer status list is held already, made at {held}; this one is of {offered}")]
    OlderThanHeld {
        /// When the one held was made.
        held: Timestamp,
        /// When the one offered was made.
        offered: Timestamp,
    },
}

impl StatusLists {
    /// No lists.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a status list token, if a trusted key signed it and it is not older than the one held.
    /// Returns whose it is and its number.
    ///
    /// # Errors
    /// [`BadStatusList`] says why it is not taken; what is held stays.
    pub fn add(&mut self, token: &[u8], trust: &TrustList) -> Result<(Region, u32), BadStatusList> {
        let sign1 = Sign1::decode(Part::StatusList, token)?;
        if sign1.header.typ != Some(TYP) {
            let expected = "the type application/statuslist+cwt";
            return Err(Malformed {
                part: Part::Header,
                at: 0,
                expected,
            }
            .into());
        }
        let key = sign1.header.key;
        let trusted = trust.key(key).ok_or(BadStatusList::UnknownIssuer { key })?;
        if trusted.key.algorithm() != sign1.header.algorithm
            || !trusted
                .key
                .verifies(&sign1.signed_bytes(), &sign1.signature)
        {
            return Err(BadStatusList::BadSignature { key });
        }
        let (subject, list) = decode_claims(sign1.payload)?;
        if !trusted.is_valid_at(list.issued_at) {
            return Err(BadStatusList::UnknownIssuer { key });
        }
        let number = trusted
            .list_number(subject)
            .ok_or_else(|| BadStatusList::WrongSubject {
                subject: subject.to_owned(),
                expected: trusted.status_uri.clone(),
            })?;
        // What a key signed that is trusted no more does not stand in the way of the truth.
        if self.believed(trusted.issuer, number, trust).is_none() {
            self.lists.remove(&(trusted.issuer, number));
        }
        self.replace(trusted.issuer, number, list, Some(key))?;
        Ok((trusted.issuer, number))
    }

    /// Takes a list without a signature: for the issuer's own server, which made it.
    ///
    /// # Errors
    /// [`BadStatusList::OlderThanHeld`].
    pub fn hold(
        &mut self,
        issuer: Region,
        number: u32,
        list: StatusList,
    ) -> Result<(), BadStatusList> {
        self.replace(issuer, number, list, None)
    }

    fn replace(
        &mut self,
        issuer: Region,
        number: u32,
        list: StatusList,
        signed_by: Option<KeyId>,
    ) -> Result<(), BadStatusList> {
        if let Some(held) = self.list(issuer, number)
            && held.issued_at > list.issued_at
        {
            let (held, offered) = (held.issued_at, list.issued_at);
            return Err(BadStatusList::OlderThanHeld { held, offered });
        }
        self.lists
            .insert((issuer, number), Held { list, signed_by });
        Ok(())
    }

    /// The newest list of this issuer and number.
    pub fn list(&self, issuer: Region, number: u32) -> Option<&StatusList> {
        self.lists.get(&(issuer, number)).map(|held| &held.list)
    }

    /// The newest list of this issuer and number, unless the key that signed it is trusted no more.
    pub(crate) fn believed(
        &self,
        issuer: Region,
        number: u32,
        trust: &TrustList,
    ) -> Option<&StatusList> {
        let held = self.lists.get(&(issuer, number))?;
        let is_trusted = held.signed_by.is_none_or(|key| trust.key(key).is_some());
        is_trusted.then_some(&held.list)
    }
}

#[cfg(any(feature = "sign", test))]
fn write_list(writer: Writer, bits: &[u8]) -> Writer {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(bits, 9);
    writer
        .map(2)
        .text("bits")
        .uint(1)
        .text("lst")
        .bytes(&packed)
}

/// Reads what [`write_list`] writes, in any order and with unknown members, as the draft asks.
fn read_list(reader: &mut Reader<'_>) -> Result<Vec<u8>, Malformed> {
    let start = reader.position();
    let (mut width, mut list) = (None, None);
    for _ in 0..reader.map("a status list")? {
        match reader.text("a member of a status list")? {
            "bits" => {
                reader.expect(1, "1 bit for each assertion", Reader::uint)?;
                width = Some(1);
            }
            "lst" => {
                let at = reader.position();
                let packed = reader.bytes("the packed list as a byte string")?;
                let unpacked =
                    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, LARGEST_BYTES);
                let expected = "a list packed by zlib, at most 4 MiB unpacked";
                list = Some(unpacked.map_err(|_| reader.malformed(at, expected))?);
            }
            _ => reader.skip()?,
        }
    }
    match (width, list) {
        (Some(1), Some(list)) => Ok(list),
        _ => Err(reader.malformed(start, "a status list with bits and lst")),
    }
}

fn decode_claims(payload: &[u8]) -> Result<(&str, StatusList), Malformed> {
    let mut reader = Reader::new(Part::Claims, payload);
    let (mut subject, mut issued_at, mut bits) = (None, None, None);
    let (mut expires_at, mut ttl) = (None, None);
    for _ in 0..reader.map("a map of claims")? {
        match reader.int("a claim key")? {
            SUB => subject = Some(reader.text("a URI as text")?),
            EXP => expires_at = Some(time(reader.u32("a time in seconds, below 2^32")?)),
            IAT => issued_at = Some(time(reader.u32("a time in seconds, below 2^32")?)),
            TTL => {
                let seconds = reader.u32("a time to live in seconds, below 2^32")?;
                ttl = Some(SignedDuration::from_secs(seconds.into()));
            }
            STATUS_LIST => bits = Some(read_list(&mut reader)?),
            _ => reader.skip()?,
        }
    }
    reader.end()?;
    match (subject, issued_at, bits) {
        (Some(subject), Some(issued_at), Some(bits)) => Ok((
            subject,
            StatusList {
                bits,
                issued_at,
                expires_at,
                ttl,
            },
        )),
        _ => Err(reader.malformed(0, "the claims 2 (sub), 6 (iat) and 65533 (status list)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section "Status List in CBOR Format" of the draft: 16 statuses of 1 bit.
    const OF_THE_DRAFT: [bool; 16] = [
        true, false, false, true, true, true, false, true, true, true, false, false, false, true,
        false, true,
    ];

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_example_of_the_draft_is_read() {
        let encoded = crate::hex::decode("a2646269747301636c73744a78dadbb918000217015d").unwrap();
        let mut reader = Reader::new(Part::Claims, &encoded);
        let bits = read_list(&mut reader).unwrap();
        assert_eq!(bits, [0xb9, 0xa3]);
        let list = StatusList {
            bits,
            issued_at: at(0),
            expires_at: None,
            ttl: None,
        };
        for (index, revoked) in (0..).zip(OF_THE_DRAFT) {
            assert_eq!(list.is_revoked(index), Some(revoked), "place {index}");
        }
        assert_eq!(list.is_revoked(16), None);
    }

    #[test]
    fn revoked_places_are_where_the_draft_wants_them() {
        let mut builder = StatusListBuilder::new(16);
        for (index, revoked) in (0..).zip(OF_THE_DRAFT) {
            if revoked {
                builder.revoke(index).unwrap();
            }
        }
        assert_eq!(builder.bits, [0xb9, 0xa3]);
        assert_eq!(
            builder.revoke(16),
            Err(NoSuchPlace {
                index: 16,
                last: 15
            })
        );
        let written = write_list(Writer::new(), &builder.bits).finish();
        assert_eq!(
            read_list(&mut Reader::new(Part::Claims, &written)),
            Ok(vec![0xb9, 0xa3])
        );
    }

    #[test]
    fn a_list_that_unpacks_to_too_much_is_refused() {
        let written = write_list(Writer::new(), &vec![0; LARGEST_BYTES + 1]).finish();
        assert!(written.len() < 10_000);
        let refused = read_list(&mut Reader::new(Part::Claims, &written)).unwrap_err();
        assert_eq!(
            refused.expected,
            "a list packed by zlib, at most 4 MiB unpacked"
        );
        let written = write_list(Writer::new(), &vec![0; LARGEST_BYTES]).finish();
        assert!(read_list(&mut Reader::new(Part::Claims, &written)).is_ok());
    }

    #[test]
    fn an_older_list_does_not_replace_a_newer_one() {
        let mut lists = StatusLists::new();
        let list = |second| {
            let day = SignedDuration::from_hours(24);
            StatusListBuilder::new(8).build(at(second), SignedDuration::from_secs(60), day)
        };
        let hangzhou = "330100".parse().unwrap();
        lists.hold(hangzhou, 0, list(100)).unwrap();
        let older = BadStatusList::OlderThanHeld {
            held: at(100),
            offered: at(99),
        };
        assert_eq!(lists.hold(hangzhou, 0, list(99)), Err(older));
        assert_eq!(lists.hold(hangzhou, 0, list(101)), Ok(()));
        assert_eq!(lists.hold(hangzhou, 1, list(99)), Ok(()));
    }
}
