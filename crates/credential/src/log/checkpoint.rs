//! Checkpoints: the size and root of a tree, signed by the log (C2SP tlog-checkpoint) and by
//! witnesses (C2SP tlog-cosignature).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;

use super::note::{BadNote, BadVerifierKey, Note, NoteSignature, SignatureKind, VerifierKey};
use super::tree::Hash;
use crate::issuer::{IssuerKey, SignError};

/// The state of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
}

/// A checkpoint with the signature of its log, and perhaps with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

/// That a witness saw a checkpoint, and that the log had only grown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness.
    pub witness: String,
    /// When it looked.
    pub at: Timestamp,
}

/// A checkpoint that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// Not a note.
    #[error(transparent)]
    Note(#[from] BadNote),
    /// Not the three lines of a checkpoint.
    #[error("expected the three lines of a checkpoint: the log's name, a size and a root")]
    Lines,
    /// Another log's.
    #[error("this is the checkpoint of the log {0}, which is another one")]
    OtherLog(String),
    /// Not signed by the key that is expected.
    #[error("the checkpoint is not signed by the key {0}")]
    NotSigned(String),
    /// Signed by nobody who is known as a witness.
    #[error("no witness that is known here signed this checkpoint")]
    NoWitness,
}

/// The key of a log.
#[derive(Debug)]
pub struct LogKey {
    key: IssuerKey,
    verifier: VerifierKey,
}

/// The key of a witness.
#[derive(Debug)]
pub struct WitnessKey {
    key: IssuerKey,
    verifier: VerifierKey,
}

impl LogKey {
    /// The key of the log that is called `origin`.
    ///
    /// # Errors
    /// [`BadVerifierKey`] if the name has spaces or plus signs.
    pub fn new(origin: &str, key: IssuerKey) -> Result<Self, BadVerifierKey> {
        let verifier = VerifierKey::new(origin, SignatureKind::Log, key.public_key().clone())?;
        Ok(Self { key, verifier })
    }

    /// The public half.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs the state of the log.
    ///
    /// # Errors
    /// [`SignError::Refused`] if the cryptographic library does not sign.
    pub fn sign(&self, size: u64, root: Hash) -> Result<SignedCheckpoint, SignError> {
        let checkpoint = Checkpoint {
            origin: self.verifier.name().to_owned(),
            size,
            root,
        };
        let text = checkpoint.to_string();
        let signature = NoteSignature {
            name: self.verifier.name().to_owned(),
            id: self.verifier.id(),
            bytes: self.key.sign_bytes(text.as_bytes())?.to_vec(),
        };
        let signatures = vec![signature];
        let note = Note { text, signatures };
        Ok(SignedCheckpoint { checkpoint, note })
    }
}

impl WitnessKey {
    /// The key of the witness that is called `name`.
    ///
    /// # Errors
    /// [`BadVerifierKey`] if the name has spaces or plus signs.
    pub fn new(name: &str, key: IssuerKey) -> Result<Self, BadVerifierKey> {
        let verifier = VerifierKey::new(name, SignatureKind::Witness, key.public_key().clone())?;
        Ok(Self { key, verifier })
    }

    /// The public half.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a checkpoint, as of now. Whether the log had only grown is for the caller to find out
    /// before.
    ///
    /// # Errors
    /// [`SignError`] if the cryptographic library does not sign, or the time is before 1970.
    pub fn cosign(
        &self,
        checkpoint: &SignedCheckpoint,
        now: Timestamp,
    ) -> Result<NoteSignature, SignError> {
        let second = u64::try_from(now.as_second()).map_err(|_| SignError::Refused)?;
        let message = cosigned(second, &checkpoint.note.text);
        let signature = self.key.sign_bytes(message.as_bytes())?;
        Ok(NoteSignature {
            name: self.verifier.name().to_owned(),
            id: self.verifier.id(),
            bytes: [&second.to_be_bytes()[..], &signature].concat(),
        })
    }
}

impl SignedCheckpoint {
    /// Reads a checkpoint that the log with this key signed. Signatures of others are kept unread.
    ///
    /// # Errors
    /// [`BadCheckpoint`] says why it is not taken.
    pub fn open(text: &str, key: &VerifierKey) -> Result<Self, BadCheckpoint> {
        let note: Note = text.parse()?;
        let checkpoint: Checkpoint = note.text.parse()?;
        if checkpoint.origin != key.name() {
            return Err(BadCheckpoint::OtherLog(checkpoint.origin));
        }
        let is_good = |one: &&NoteSignature| {
            let signature: Option<&[u8; 64]> = one.bytes.as_slice().try_into().ok();
            signature.is_some_and(|signature| key.verifies(note.text.as_bytes(), signature))
        };
        let theirs = note.signatures_by(key);
        let is_signed = !theirs.is_empty() && theirs.iter().all(is_good);
        if key.kind() != SignatureKind::Log || !is_signed {
            return Err(BadCheckpoint::NotSigned(key.name().to_owned()));
        }
        Ok(Self { checkpoint, note })
    }

    /// What it says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The cosignatures by these witnesses that verify.
    pub fn cosignatures(&self, witnesses: &[VerifierKey]) -> Vec<Cosignature> {
        let of = |key: &VerifierKey| {
            let mut theirs = self.note.signatures_by(key).into_iter();
            theirs.find_map(|one| verified(&self.note.text, key, one))
        };
        let witnesses = witnesses.iter();
        witnesses
            .filter(|key| key.kind() == SignatureKind::Witness)
            .filter_map(of)
            .collect()
    }

    /// The lines with the signatures of a witness.
    pub fn lines_of(&self, witness: &VerifierKey) -> Vec<String> {
        let theirs = self.note.signatures_by(witness);
        theirs.into_iter().map(ToString::to_string).collect()
    }

    /// Adds a signature.
    pub fn add(&mut self, signature: NoteSignature) {
        self.note.signatures.push(signature);
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, size, root } = self;
        writeln!(f, "{origin}\n{size}\n{}", BASE64.encode(root.0))
    }
}

impl FromStr for Checkpoint {
    type Err = BadCheckpoint;

    fn from_str(text: &str) -> Result<Self, BadCheckpoint> {
        let bad = || BadCheckpoint::Lines;
        let lines: Vec<&str> = text.lines().collect();
        let [origin, size, root] = lines[..] else {
            return Err(bad());
        };
        let root = BASE64.decode(root).map_err(|_| bad())?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| bad())?,
            root: Hash(root.try_into().map_err(|_| bad())?),
        };
        // One checkpoint has one text.
        (checkpoint.to_string() == text)
            .then_some(checkpoint)
            .ok_or_else(bad)
    }
}

fn verified(text: &str, key: &VerifierKey, signature: &NoteSignature) -> Option<Cosignature> {
    let (second, signature) = signature.bytes.split_first_chunk::<8>()?;
    let second = u64::from_be_bytes(*second);
    let message = cosigned(second, text);
    let is_good = key.verifies(message.as_bytes(), signature.try_into().ok()?);
    is_good.then(|| {
        Some(Cosignature {
            witness: key.name().to_owned(),
            at: Timestamp::from_second(i64::try_from(second).ok()?).ok()?,
        })
    })?
}

/// What a witness signs.
fn cosigned(second: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {second}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> LogKey {
        LogKey::new("healthcode/330100", IssuerKey::from_seed(&[1; 32]).unwrap()).unwrap()
    }

    fn witness() -> WitnessKey {
        WitnessKey::new(
            "university.example/w",
            IssuerKey::from_seed(&[2; 32]).unwrap(),
        )
        .unwrap()
    }

    fn noon() -> Timestamp {
        "2020-02-17T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_checkpoint_is_opened_with_the_key_of_its_log_only() {
        let signed = log().sign(7, Hash([3; 32])).unwrap();
        let text = signed.to_string();
        assert_eq!(SignedCheckpoint::open(&text, log().verifier()), Ok(signed));
        let changed = text.replacen("\n7\n", "\n8\n", 1);
        let not_signed = BadCheckpoint::NotSigned("healthcode/330100".to_owned());
        assert_eq!(
            SignedCheckpoint::open(&changed, log().verifier()),
            Err(not_signed.clone())
        );
        let other = IssuerKey::from_seed(&[9; 32]).unwrap();
        let other = LogKey::new("healthcode/330100", other).unwrap();
        assert_eq!(
            SignedCheckpoint::open(&text, other.verifier()),
            Err(not_signed)
        );
        let elsewhere = LogKey::new("elsewhere", IssuerKey::from_seed(&[1; 32]).unwrap());
        let opened = SignedCheckpoint::open(&text, elsewhere.unwrap().verifier());
        assert!(matches!(opened, Err(BadCheckpoint::OtherLog(_))));
    }

    #[test]
    fn a_cosignature_says_which_witness_looked_when() {
        let mut signed = log().sign(7, Hash([3; 32])).unwrap();
        let line = witness().cosign(&signed, noon()).unwrap();
        signed.add(line);
        let text = signed.to_string();
        let opened = SignedCheckpoint::open(&text, log().verifier()).unwrap();
        let known = [witness().verifier().clone()];
        let seen = Cosignature {
            witness: "university.example/w".to_owned(),
            at: noon(),
        };
        assert_eq!(opened.cosignatures(&known), [seen]);
        assert_eq!(opened.cosignatures(&[]), []);
        // The line of another checkpoint says nothing about this one.
        let mut other = log().sign(8, Hash([3; 32])).unwrap();
        other.add(witness().cosign(&signed, noon()).unwrap());
        assert_eq!(other.cosignatures(&known), []);
    }

    #[test]
    fn the_cosignature_in_the_specification_is_of_its_form() {
        let line = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB\
                    9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
        let signature: NoteSignature = line.parse().unwrap();
        assert_eq!(signature.bytes.len(), 8 + 64);
        assert_eq!(&signature.bytes[..8], &1_679_315_147_u64.to_be_bytes());
        assert_eq!(
            cosigned(1_679_315_147, "a\n1\nx\n"),
            "cosignature/v1\ntime 1679315147\na\n1\nx\n"
        );
    }
}
