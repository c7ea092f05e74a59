//! COSE_Sign1 around any bytes, written from `docs/credential-format.md` and not by the crate that
//! is tried: so what lies behind a signature is reached too.

use ed25519_dalek::{Signer as _, SigningKey};
use minicbor::Encoder;
use minicbor::data::Tag;

/// The type of a status list token.
pub const STATUS_LIST: &str = "application/statuslist+cwt";
/// The type of a trust list.
pub const TRUST_LIST: &str = "application/healthcode-trust+cwt";

/// The type of a statement that a trust list is the newest.
pub const FRESH: &str = "application/healthcode-trust-fresh+cwt";

/// What is stated about the list of this number and hash, for a day.
pub fn freshness(now: u32, sequence: u64, hash: &[u8; 32]) -> Vec<u8> {
    written(|cbor| {
        cbor.map(3)?.i8(4)?.u32(now + 86_400)?.i8(6)?.u32(now)?;
        cbor.i32(-65_539)?.array(2)?.u64(sequence)?.bytes(hash)?;
        Ok(())
    })
}

/// Signs `payload`, whatever it is. `key_id` names the key to the verifier.
pub fn signed(key: &SigningKey, key_id: [u8; 4], typ: Option<&str>, payload: &[u8]) -> Vec<u8> {
    let header = written(|cbor| {
        cbor.map(if typ.is_some() { 3 } else { 2 })?;
        cbor.i8(1)?.i8(-8)?;
        cbor.i8(4)?.bytes(&key_id)?;
        if let Some(typ) = typ {
            cbor.i8(16)?.str(typ)?;
        }
        Ok(())
    });
    let message = written(|cbor| {
        cbor.array(4)?.str("Signature1")?;
        cbor.bytes(&header)?.bytes(b"")?.bytes(payload)?;
        Ok(())
    });
    let signature = key.sign(&message).to_bytes();
    written(|cbor| {
        cbor.tag(Tag::new(18))?.array(4)?.bytes(&header)?.map(0)?;
        cbor.bytes(payload)?.bytes(&signature)?;
        Ok(())
    })
}

type Failure = minicbor::encode::Error<std::convert::Infallible>;

fn written(write: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> Result<(), Failure>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Encoder::new(&mut bytes)).expect("writing into memory does not fail");
    bytes
}
