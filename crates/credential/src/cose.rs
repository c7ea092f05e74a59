//! COSE_Sign1 (RFC 9052 section 4.2) in the one profile that is used here: algorithm, key id and
//! optionally a type in the protected header, nothing in the unprotected one, one encoding each.

use crate::cbor::{Reader, Writer, same_bytes};
use crate::key::{Algorithm, KeyId, is_low_s};
use crate::malformed::{Malformed, Part};

/// The tag of COSE_Sign1.
const TAG: u64 = 18;
/// Header parameters: `alg` and `kid` (RFC 9052 section 3.1), `typ` (RFC 9596).
const ALG: i64 = 1;
const KID: i64 = 4;
const TYP: i64 = 16;

/// What is expected of an ECDSA signature.
pub(crate) const LOW_S: &str = "a signature whose s is in the lower half";

/// The protected header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header<'b> {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: KeyId,
    /// What the payload is; absent in assertions, where every byte counts.
    pub(crate) typ: Option<&'b str>,
}

impl Header<'_> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let pairs = if self.typ.is_some() { 3 } else { 2 };
        let writer = Writer::new().map(pairs).int(ALG).int(self.algorithm.cose());
        let writer = writer.int(KID).bytes(&self.key.to_bytes());
        match self.typ {
            Some(typ) => writer.int(TYP).text(typ).finish(),
            None => writer.finish(),
        }
    }
}

/// A decoded COSE_Sign1. Nothing is verified yet.
#[derive(Debug)]
pub(crate) struct Sign1<'b> {
    pub(crate) header: Header<'b>,
    pub(crate) payload: &'b [u8],
    pub(crate) signature: [u8; 64],
}

impl<'b> Sign1<'b> {
    /// Reads `bytes`; `part` names them in errors.
    pub(crate) fn decode(part: Part, bytes: &'b [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(part, bytes);
        reader.expect(TAG, "the tag 18 of COSE_Sign1", Reader::tag)?;
        reader.expect(4, "an array of 4 items", Reader::array)?;
        let protected = reader.bytes("the protected header as a byte string")?;
        reader.expect(0, "an empty unprotected header", Reader::map)?;
        let payload = reader.bytes("the claims as a byte string")?;
        let signature = reader.exactly("a signature of 64 bytes")?;
        reader.end()?;
        let header = decode_header(protected)?;
        if header.algorithm == Algorithm::Es256 && !is_low_s(&signature) {
            return Err(reader.malformed(bytes.len() - 32, LOW_S));
        }
        let sign1 = Self {
            header,
            payload,
            signature,
        };
        same_bytes(Part::Header, protected, &sign1.header.encode())?;
        same_bytes(part, bytes, &sign1.encode())?;
        Ok(sign1)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let writer = Writer::new()
            .tag(TAG)
            .array(4)
            .bytes(&self.header.encode())
            .map(0);
        writer.bytes(self.payload).bytes(&self.signature).finish()
    }

    /// The bytes that the signature covers.
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        signed_bytes(&self.header, self.payload)
    }
}

/// The `Sig_structure` of RFC 9052 section 4.4, without external data.
pub(crate) fn signed_bytes(header: &Header<'_>, payload: &[u8]) -> Vec<u8> {
    let writer = Writer::new()
        .array(4)
        .text("Signature1")
        .bytes(&header.encode());
    writer.bytes(b"").bytes(payload).finish()
}

fn decode_header(bytes: &[u8]) -> Result<Header<'_>, Malformed> {
    let mut reader = Reader::new(Part::Header, bytes);
    let pairs = reader.map("a map")?;
    if !(2..=3).contains(&pairs) {
        return Err(reader.malformed(0, "2 or 3 header parameters"));
    }
    reader.expect(ALG, "parameter 1 (alg)", Reader::int)?;
    let at = reader.position();
    let algorithm = Algorithm::from_cose(reader.int("an algorithm")?)
        .ok_or_else(|| reader.malformed(at, "algorithm -8 (EdDSA) or -7 (ES256)"))?;
    reader.expect(KID, "parameter 4 (kid)", Reader::int)?;
    let key = KeyId::from_bytes(reader.exactly("a key id of 4 bytes")?);
    let typ = if pairs == 3 {
        reader.expect(TYP, "parameter 16 (typ)", Reader::int)?;
        Some(reader.text("a type as text")?)
    } else {
        None
    };
    reader.end()?;
    Ok(Header {
        algorithm,
        key,
        typ,
    })
}
