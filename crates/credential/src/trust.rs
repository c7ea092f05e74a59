//! Trust lists: whose keys a verifier believes, for where and from when until when.
//!
//! A root key that verifiers pin signs the list, so that issuer keys can be rotated without
//! touching the verifiers. The root lies in a safe, so a list lives for months; it names a key whose
//! only power is to say each day that the list is still the newest: see [`crate::FreshTrustList`].

use domain::Region;
use jiff::Timestamp;

use crate::cbor::{Reader, Writer, same_bytes};
use crate::claims::{BadClaims, seconds, time};
use crate::cose::Sign1;
use crate::hex;
use crate::key::{Algorithm, KeyId, PublicKey};
use crate::malformed::{Malformed, Part};

#[cfg(feature = "sign")]
use crate::issuer::{IssuerKey, SignError};

/// The type in the protected header.
const TYP: &str = "application/healthcode-trust+cwt";
/// Claim keys: expiry and issued-at of RFC 8392, and one of the private range for the list.
const EXP: i64 = 4;
const IAT: i64 = 6;
const TRUST: i64 = -65538;

/// A key that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// The region that the issuer speaks for.
    pub issuer: Region,
    /// Where the issuer's status lists are: list 7 is at this, a slash and `7`.
    pub status_uri: String,
    /// The key.
    pub key: PublicKey,
    /// The first instant at which it may sign.
    pub from: Timestamp,
    /// The first instant at which it may not sign any more; what it signed before stays good.
    pub until: Timestamp,
}

impl TrustedKey {
    /// Whether it may sign at `at`.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// The address of one of the issuer's status lists.
    pub fn list_uri(&self, number: u32) -> String {
        format!("{}/{number}", self.status_uri)
    }

    /// The number of the status list at this address.
    pub(crate) fn list_number(&self, uri: &str) -> Option<u32> {
        let number = uri
            .strip_prefix(&self.status_uri)?
            .strip_prefix('/')?
            .parse()
            .ok()?;
        (self.list_uri(number) == uri).then_some(number)
    }
}

/// The keys that a verifier believes, as the root signed them. It does not say whether there is a
/// newer list: a [`crate::FreshTrustList`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustList {
    sequence: u64,
    validity: ListValidity,
    keys: Vec<TrustedKey>,
}

/// From when until when a trust list may be used, and who says meanwhile that it is the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListValidity {
    /// When the root signed it.
    pub issued_at: Timestamp,
    /// The first instant at which it must not be used, even if stated to be the newest.
    pub expires_at: Timestamp,
    /// Signs, each day, that the list is still the newest. It can add no key.
    pub freshness_key: PublicKey,
}

/// A trust list that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTrustList {
    /// Not in the format.
    #[error("this is no trust list: {0}")]
    Malformed(#[from] Malformed),
    /// Not signed by a pinned root.
    #[error("the trust list is signed by key {key}, which is not one of the pinned root keys")]
    UnknownRoot {
        /// The key.
        key: KeyId,
    },
    /// The signature is wrong.
    #[error("the signature of the trust list is not by key {key}")]
    BadSignature {
        /// The key.
        key: KeyId,
    },
    /// A later one is held already.
    #[error(
        "trust list {held} is held already; list {offered} is older, or another with the same number"
    )]
    Superseded {
        /// The number of the one held.
        held: u64,
        /// The number of the one offered.
        offered: u64,
    },
    /// Two keys could not be distinguished.
    #[error("two keys of the trust list have the name {key}; generate one of them again")]
    SameName {
        /// The name.
        key: KeyId,
    },
    /// A key would never be valid.
    #[error("key {key} of the trust list is never valid: its end is not after its start")]
    NeverValid {
        /// The key.
        key: KeyId,
    },
    /// Nobody says any more that it is the newest.
    #[error(
        "the trust list ran out at {since}: nobody confirmed since that it is the newest; fetch it again"
    )]
    RanOut {
        /// When.
        since: Timestamp,
    },
    /// The statement that it is the newest is about another list, or by another key.
    #[error("this does not confirm trust list {sequence}; fetch list and statement together")]
    NotConfirmed {
        /// The list's number.
        sequence: u64,
    },
    /// A time has no room in the format.
    #[error(transparent)]
    Time(#[from] BadClaims),
}

impl TrustList {
    /// A list by its keys. `sequence` goes up with each list that is published.
    ///
    /// # Errors
    /// [`BadTrustList`] if two keys have one name, a key is never valid or a time cannot be written.
    pub fn new(
        sequence: u64,
        validity: ListValidity,
        keys: Vec<TrustedKey>,
    ) -> Result<Self, BadTrustList> {
        if seconds(validity.expires_at)? <= seconds(validity.issued_at)? {
            let ListValidity {
                issued_at,
                expires_at,
                ..
            } = validity;
            return Err(BadTrustList::Time(BadClaims::NeverValid {
                issued_at,
                expires_at,
            }));
        }
        for (position, trusted) in keys.iter().enumerate() {
            let key = trusted.key.id();
            if keys[..position]
                .iter()
                .any(|earlier| earlier.key.id() == key)
            {
                return Err(BadTrustList::SameName { key });
            }
            if seconds(trusted.from)? >= seconds(trusted.until)? {
                return Err(BadTrustList::NeverValid { key });
            }
        }
        Ok(Self {
            sequence,
            validity,
            keys,
        })
    }

    /// Opens a signed list: one of `roots` must have signed it, and it must not be older than the
    /// list `held` so far.
    ///
    /// # Errors
    /// [`BadTrustList`] says why it is not taken; keep the one held.
    pub fn open(
        bytes: &[u8],
        roots: &[PublicKey],
        held: Option<&Self>,
    ) -> Result<Self, BadTrustList> {
        let list = Self::decode(verified_payload(bytes, roots)?)?;
        match held {
            Some(held) if list.sequence < held.sequence || list.contradicts(held) => {
                let (held, offered) = (held.sequence, list.sequence);
                Err(BadTrustList::Superseded { held, offered })
            }
            _ => Ok(list),
        }
    }

    /// Reads what was signed for version 0.1: a list without an end, which no verifier takes any more.
    /// Its number and keys, for a list to be signed in its place.
    ///
    /// # Errors
    /// [`BadTrustList`] if it is none, or none of `roots` signed it.
    pub fn open_endless(
        bytes: &[u8],
        roots: &[PublicKey],
    ) -> Result<(u64, Vec<TrustedKey>), BadTrustList> {
        let payload = verified_payload(bytes, roots)?;
        let mut reader = Reader::new(Part::Claims, payload);
        reader.expect(2, "a map of 2 claims", Reader::map)?;
        reader.expect(IAT, "claim 6 (iat)", Reader::int)?;
        reader.u32("a time in seconds, below 2^32")?;
        reader.expect(TRUST, "claim -65538 (trust list)", Reader::int)?;
        reader.expect(2, "an array of sequence number and keys", Reader::array)?;
        let sequence = reader.uint("a sequence number")?;
        let keys = read_keys(&mut reader)?;
        reader.end()?;
        Ok((sequence, keys))
    }

    /// Signs the list with the root key.
    ///
    /// # Errors
    /// [`SignError`] if the cryptographic library does not sign.
    #[cfg(feature = "sign")]
    pub fn sign(&self, root: &IssuerKey) -> Result<Vec<u8>, SignError> {
        root.sign_payload(Some(TYP), &self.encode()?)
    }

    /// Its number; a later list has a higher one.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When it was made.
    pub const fn issued_at(&self) -> Timestamp {
        self.validity.issued_at
    }

    /// The first instant at which it must not be used any more.
    pub const fn expires_at(&self) -> Timestamp {
        self.validity.expires_at
    }

    /// Who says that it is still the newest.
    pub const fn freshness_key(&self) -> &PublicKey {
        &self.validity.freshness_key
    }

    /// The keys.
    pub fn keys(&self) -> &[TrustedKey] {
        &self.keys
    }

    /// The key with this name.
    pub fn key(&self, id: KeyId) -> Option<&TrustedKey> {
        self.keys.iter().find(|trusted| trusted.key.id() == id)
    }

    /// The list as JSON, for people to read; not signed, so never for a verifier to believe.
    pub fn to_json(&self) -> String {
        let keys = self.keys.iter().map(|trusted| {
            serde_json::json!({
                "issuer": trusted.issuer.to_string(),
                "key_id": trusted.key.id().to_string(),
                "algorithm": trusted.key.algorithm().as_str(),
                "public_key": hex::encode(trusted.key.as_bytes()),
                "from": trusted.from.to_string(),
                "until": trusted.until.to_string(),
                "status_uri": trusted.status_uri,
            })
        });
        let list = serde_json::json!({
            "sequence": self.sequence,
            "issued_at": self.issued_at().to_string(),
            "expires_at": self.expires_at().to_string(),
            "freshness_key": self.freshness_key().to_string(),
            "keys": keys.collect::<Vec<_>>(),
        });
        format!("{list:#}\n")
    }

    /// Whether it says something else than another list of the same number.
    fn contradicts(&self, held: &Self) -> bool {
        self.sequence == held.sequence && self != held
    }

    /// The claims that the root signs.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, BadClaims> {
        let key = self.freshness_key();
        let mut writer = Writer::new()
            .map(3)
            .int(EXP)
            .uint(seconds(self.expires_at())?.into())
            .int(IAT)
            .uint(seconds(self.issued_at())?.into());
        writer = writer
            .int(TRUST)
            .array(4)
            .uint(self.sequence)
            .int(key.algorithm().cose())
            .bytes(key.as_bytes())
            .array(self.keys.len() as u64);
        for trusted in &self.keys {
            writer = writer
                .array(6)
                .text(&trusted.issuer.to_string())
                .text(&trusted.status_uri);
            writer = writer
                .int(trusted.key.algorithm().cose())
                .bytes(trusted.key.as_bytes());
            writer = writer.uint(seconds(trusted.from)?.into());
            writer = writer.uint(seconds(trusted.until)?.into());
        }
        Ok(writer.finish())
    }

    fn decode(payload: &[u8]) -> Result<Self, BadTrustList> {
        let mut reader = Reader::new(Part::Claims, payload);
        reader.expect(3, "a map of 3 claims", Reader::map)?;
        reader.expect(EXP, "claim 4 (exp)", Reader::int)?;
        let expires_at = time(reader.u32("a time in seconds, below 2^32")?);
        reader.expect(IAT, "claim 6 (iat)", Reader::int)?;
        let issued_at = time(reader.u32("a time in seconds, below 2^32")?);
        reader.expect(TRUST, "claim -65538 (trust list)", Reader::int)?;
        reader.expect(4, "an array of 4 items", Reader::array)?;
        let sequence = reader.uint("a sequence number")?;
        let validity = ListValidity {
            issued_at,
            expires_at,
            freshness_key: read_public_key(&mut reader)?,
        };
        let keys = read_keys(&mut reader)?;
        reader.end()?;
        let list = Self::new(sequence, validity, keys)?;
        same_bytes(Part::Claims, payload, &list.encode()?)?;
        Ok(list)
    }
}

/// The claims of a list that one of `roots` signed.
fn verified_payload<'b>(bytes: &'b [u8], roots: &[PublicKey]) -> Result<&'b [u8], BadTrustList> {
    let sign1 = Sign1::decode(Part::TrustList, bytes)?;
    if sign1.header.typ != Some(TYP) {
        let expected = "the type application/healthcode-trust+cwt";
        return Err(Malformed {
            part: Part::Header,
            at: 0,
            expected,
        }
        .into());
    }
    let key = sign1.header.key;
    let root = roots.iter().find(|root| root.id() == key);
    let root = root.ok_or(BadTrustList::UnknownRoot { key })?;
    if root.algorithm() != sign1.header.algorithm
        || !root.verifies(&sign1.signed_bytes(), &sign1.signature)
    {
        return Err(BadTrustList::BadSignature { key });
    }
    Ok(sign1.payload)
}

fn read_keys(reader: &mut Reader<'_>) -> Result<Vec<TrustedKey>, Malformed> {
    let mut keys = Vec::new();
    for _ in 0..reader.array("an array of keys")? {
        keys.push(read_key(reader)?);
    }
    Ok(keys)
}

fn read_key(reader: &mut Reader<'_>) -> Result<TrustedKey, Malformed> {
    reader.expect(6, "an array of 6 items", Reader::array)?;
    let at = reader.position();
    let issuer = reader.text("a region as text")?.parse();
    let issuer = issuer.map_err(|_| reader.malformed(at, "a region (GB/T 2260 or ISO 3166)"))?;
    let status_uri = reader.text("a URI as text")?.to_owned();
    let key = read_public_key(reader)?;
    let from = time(reader.u32("a time in seconds, below 2^32")?);
    let until = time(reader.u32("a time in seconds, below 2^32")?);
    Ok(TrustedKey {
        issuer,
        status_uri,
        key,
        from,
        until,
    })
}

fn read_public_key(reader: &mut Reader<'_>) -> Result<PublicKey, Malformed> {
    let at = reader.position();
    let algorithm = Algorithm::from_cose(reader.int("an algorithm")?)
        .ok_or_else(|| reader.malformed(at, "algorithm -8 (EdDSA) or -7 (ES256)"))?;
    let at = reader.position();
    PublicKey::new(algorithm, reader.bytes("a public key as a byte string")?)
        .map_err(|_| reader.malformed(at, "a public key that can be trusted"))
}
