//! What an assertion says, and how that is written as CWT claims (RFC 8392).

use std::fmt;

use domain::{Assurance, Colour, IdSource};
use jiff::Timestamp;

use crate::cbor::{Reader, Writer, same_bytes};
use crate::hex;
use crate::holder::HolderPublicKey;
use crate::malformed::{Malformed, Part};
use crate::name::MaskedName;
use crate::verify::Form;

/// Claim keys: expiry, issued-at and token id of RFC 8392, confirmation of RFC 8747, and one of
/// the private range for the rest.
const EXP: i64 = 4;
const IAT: i64 = 6;
const CTI: i64 = 7;
const CNF: i64 = 8;
const VERDICT: i64 = -65537;

/// Form and assurance share one item: the form and so many times the assurance. A card with a name
/// would not have a byte to spare for another.
const FORMS: u64 = 4;

/// What the issuer says about the person who shows the code.
///
/// There is no assertion for somebody undeclared: that is not a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Tells assertions apart without naming anybody.
    pub serial: Serial,
    /// The colour.
    pub colour: Colour,
    /// When it was signed; whole seconds.
    pub issued_at: Timestamp,
    /// The first instant at which it no longer holds; whole seconds.
    pub expires_at: Timestamp,
    /// Where to look up whether it still holds.
    pub status: StatusRef,
    /// How far the person who shows it is proven to be its holder.
    pub assurance: Assurance,
    /// How it is to be shown.
    pub bearer: Bearer,
}

/// 8 random bytes that stand for an assertion.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial([u8; 8]);

impl Serial {
    /// Takes 8 bytes that are already unique.
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Draws a fresh serial.
    pub fn generate(source: &dyn IdSource) -> Self {
        let mut bytes = [0; 8];
        source.fill(&mut bytes);
        Self(bytes)
    }

    /// The 8 bytes.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({self})")
    }
}

/// A place in one of the issuer's status lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatusRef {
    /// Which list.
    pub list: u32,
    /// Which bit.
    pub index: u32,
}

/// How an assertion is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// By a phone that signs the present time with this key; worth nothing without that.
    Phone(HolderPublicKey),
    /// As it is: short-lived, for a phone that runs no script.
    Plain,
    /// Printed: long-lived, for people without a phone.
    Card {
        /// For a guard to compare with a document.
        name: MaskedName,
    },
}

impl Bearer {
    /// The form in which it is shown.
    pub const fn form(&self) -> Form {
        match self {
            Self::Phone(_) => Form::Live,
            Self::Plain => Form::Plain,
            Self::Card { .. } => Form::Card,
        }
    }
}

/// Claims that cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadClaims {
    /// A time before 1970 or after 2106-02-07 has no room in the format.
    #[error("{0} cannot be written: a code holds times from 1970 to 2106-02-07")]
    TimeOutOfRange(Timestamp),
    /// It would never hold.
    #[error(
        "an assertion must expire after it was issued: issued {issued_at}, expires {expires_at}"
    )]
    NeverValid {
        /// Issue.
        issued_at: Timestamp,
        /// Expiry.
        expires_at: Timestamp,
    },
}

impl Claims {
    /// The payload of the assertion.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, BadClaims> {
        let (issued_at, expires_at) = (seconds(self.issued_at)?, seconds(self.expires_at)?);
        if expires_at <= issued_at {
            let Self {
                issued_at,
                expires_at,
                ..
            } = *self;
            return Err(BadClaims::NeverValid {
                issued_at,
                expires_at,
            });
        }
        let (form, name) = match &self.bearer {
            Bearer::Plain => (0, None),
            Bearer::Card { name } => (1, Some(name)),
            Bearer::Phone(_) => (2, None),
        };
        let shown = form + FORMS * assurance_number(self.assurance);
        let holder = match self.bearer {
            Bearer::Phone(key) => Some(key),
            Bearer::Plain | Bearer::Card { .. } => None,
        };
        let mut writer = Writer::new().map(if holder.is_some() { 5 } else { 4 });
        writer = writer
            .int(EXP)
            .uint(expires_at.into())
            .int(IAT)
            .uint(issued_at.into());
        writer = writer.int(CTI).bytes(&self.serial.0);
        if let Some(key) = holder {
            writer = write_confirmation(writer.int(CNF), key);
        }
        writer = writer
            .int(VERDICT)
            .array(if name.is_some() { 5 } else { 4 });
        writer = writer.uint(shown).uint(number_of(self.colour));
        writer = writer
            .uint(self.status.list.into())
            .uint(self.status.index.into());
        if let Some(name) = name {
            writer = writer.text(name.as_str());
        }
        Ok(writer.finish())
    }

    /// Reads a payload; takes nothing but what [`Self::encode`] writes.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(Part::Claims, bytes);
        let pairs = reader.map("a map of 4 or 5 claims")?;
        if !(4..=5).contains(&pairs) {
            return Err(reader.malformed(0, "a map of 4 or 5 claims"));
        }
        reader.expect(EXP, "claim 4 (exp)", Reader::int)?;
        let expires_at = time(reader.u32("a time in seconds, below 2^32")?);
        reader.expect(IAT, "claim 6 (iat)", Reader::int)?;
        let at = reader.position();
        let issued_at = time(reader.u32("a time in seconds, below 2^32")?);
        if expires_at <= issued_at {
            return Err(reader.malformed(at, "an issue time before the expiry"));
        }
        reader.expect(CTI, "claim 7 (cti)", Reader::int)?;
        let serial = Serial(reader.exactly("a serial of 8 bytes")?);
        let holder = if pairs == 5 {
            reader.expect(CNF, "claim 8 (cnf)", Reader::int)?;
            Some(read_confirmation(&mut reader)?)
        } else {
            None
        };
        reader.expect(VERDICT, "claim -65537 (verdict)", Reader::int)?;
        let (colour, status, assurance, bearer) = read_verdict(&mut reader, holder)?;
        reader.end()?;
        let claims = Self {
            serial,
            colour,
            issued_at,
            expires_at,
            status,
            assurance,
            bearer,
        };
        let at = Malformed {
            part: Part::Claims,
            at: 0,
            expected: "claims that can be written",
        };
        same_bytes(Part::Claims, bytes, &claims.encode().map_err(|_| at)?)?;
        Ok(claims)
    }
}

fn read_verdict(
    reader: &mut Reader<'_>,
    holder: Option<HolderPublicKey>,
) -> Result<(Colour, StatusRef, Assurance, Bearer), Malformed> {
    let start = reader.position();
    let items = reader.array("an array of 4 or 5 items")?;
    let at = reader.position();
    let shown = reader.uint("a form and an assurance")?;
    let (form, assurance) = (shown % FORMS, shown / FORMS);
    let assurance = Assurance::ALL
        .into_iter()
        .find(|known| assurance_number(*known) == assurance)
        .ok_or_else(|| reader.malformed(at, "assurance 0 (claimed), 1 (phone) or 2 (seen)"))?;
    let colour = colour_at(reader.position(), reader.uint("a colour")?, reader)?;
    let list = reader.u32("the number of a status list")?;
    let index = reader.u32("a place in the status list")?;
    let bearer = match (form, holder, items) {
        (0, None, 4) => Bearer::Plain,
        (1, None, 5) => {
            let at = reader.position();
            let expected = "a masked name of 1 to 12 bytes without control characters";
            let name = MaskedName::new(reader.text(expected)?);
            Bearer::Card {
                name: name.map_err(|_| reader.malformed(at, expected))?,
            }
        }
        (2, Some(key), 4) => Bearer::Phone(key),
        (0..=2, ..) if !(4..=5).contains(&items) => {
            return Err(reader.malformed(start, "an array of 4 or 5 items"));
        }
        _ => {
            let expected =
                "form 2 with a holder's key and only then, form 1 with a name and only then";
            return Err(reader.malformed(at, expected));
        }
    };
    Ok((colour, StatusRef { list, index }, assurance, bearer))
}

fn colour_at(at: usize, number: u64, reader: &Reader<'_>) -> Result<Colour, Malformed> {
    let found = Colour::ALL
        .into_iter()
        .find(|colour| number_of(*colour) == number);
    found.ok_or_else(|| reader.malformed(at, "colour 0 (green), 1 (yellow) or 2 (red)"))
}

const fn assurance_number(assurance: Assurance) -> u64 {
    match assurance {
        Assurance::Claimed => 0,
        Assurance::Phone => 1,
        Assurance::Seen => 2,
    }
}

const fn number_of(colour: Colour) -> u64 {
    match colour {
        Colour::Green => 0,
        Colour::Yellow => 1,
        Colour::Red => 2,
    }
}

/// The key as RFC 8747 wants it: a COSE_Key (RFC 9053 section 7.1.1), EC2 on P-256, y by its sign.
fn write_confirmation(writer: Writer, key: HolderPublicKey) -> Writer {
    let [sign, x @ ..] = key.to_bytes();
    let writer = writer.map(1).int(1).map(4).int(1).int(2).int(-1).int(1);
    writer.int(-2).bytes(&x).int(-3).bool(sign == 3)
}

fn read_confirmation(reader: &mut Reader<'_>) -> Result<HolderPublicKey, Malformed> {
    reader.expect(1, "a map of 1 confirmation method", Reader::map)?;
    reader.expect(1, "method 1 (COSE_Key)", Reader::int)?;
    reader.expect(4, "a COSE_Key of 4 parameters", Reader::map)?;
    reader.expect(1, "parameter 1 (kty)", Reader::int)?;
    reader.expect(2, "key type 2 (EC2)", Reader::int)?;
    reader.expect(-1, "parameter -1 (crv)", Reader::int)?;
    reader.expect(1, "curve 1 (P-256)", Reader::int)?;
    reader.expect(-2, "parameter -2 (x)", Reader::int)?;
    let x: [u8; 32] = reader.exactly("x of 32 bytes")?;
    reader.expect(-3, "parameter -3 (y)", Reader::int)?;
    let is_odd = reader.bool("the sign of y as true or false")?;
    Ok(HolderPublicKey::from_x_and_sign(x, is_odd))
}

/// Seconds since 1970 as the format holds them.
pub(crate) fn seconds(at: Timestamp) -> Result<u32, BadClaims> {
    u32::try_from(at.as_second()).map_err(|_| BadClaims::TimeOutOfRange(at))
}

/// The timestamp of so many Unix seconds.
pub(crate) fn time(seconds: u32) -> Timestamp {
    Timestamp::constant(0, 0) + jiff::SignedDuration::from_secs(seconds.into())
}
