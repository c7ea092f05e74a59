//! Texts with signatures (C2SP signed-note), and the keys that verify them.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use crate::hex;
use crate::key::{Algorithm, PublicKey};

/// Bytes of the longest note that is read.
const LONGEST: usize = 1 << 16;
/// What a line with a signature begins with.
const DASH: &str = "— ";

/// A text and its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed; it ends with a line feed.
    pub text: String,
    /// By whom.
    pub signatures: Vec<NoteSignature>,
}

/// One signature of a note, by any key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key.
    pub name: String,
    /// The first four bytes of its hash.
    pub id: [u8; 4],
    /// What it signed with it.
    pub bytes: Vec<u8>,
}

/// What a signature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureKind {
    /// The log itself signed.
    Log,
    /// A witness signed, and says when.
    Witness,
}

/// A public key that signs notes, under a name. As text it is name, identifier and key, joined by
/// plus signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: SignatureKind,
    key: PublicKey,
}

/// A text that is no note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no signed note: expected a text, an empty line and a line for each signature")]
pub struct BadNote;

/// A text that is no key for notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the public key of a log or of a witness: NAME+IDENTIFIER+KEY, in one line")]
pub struct BadVerifierKey;

impl Note {
    /// The signatures by a key.
    pub fn signatures_by(&self, key: &VerifierKey) -> Vec<&NoteSignature> {
        let id = key.id();
        let is_by = |one: &&NoteSignature| one.name == key.name && one.id == id;
        self.signatures.iter().filter(is_by).collect()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|one| writeln!(f, "{one}"))
    }
}

impl FromStr for Note {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let is_control = |c: char| c < ' ' && c != '\n';
        if text.len() > LONGEST || text.contains(is_control) {
            return Err(BadNote);
        }
        let end = text.rfind("\n\n").ok_or(BadNote)?;
        let (text, signatures) = (&text[..=end], &text[end + 2..]);
        let lines = signatures.strip_suffix('\n').ok_or(BadNote)?.split('\n');
        Ok(Self {
            text: text.to_owned(),
            signatures: lines.map(str::parse).collect::<Result<_, _>>()?,
        })
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id[..], &self.bytes].concat();
        write!(f, "{DASH}{} {}", self.name, BASE64.encode(bytes))
    }
}

impl FromStr for NoteSignature {
    type Err = BadNote;

    fn from_str(line: &str) -> Result<Self, BadNote> {
        let (name, signature) = line
            .strip_prefix(DASH)
            .and_then(|rest| rest.split_once(' '))
            .filter(|(name, _)| is_name(name))
            .ok_or(BadNote)?;
        let bytes = BASE64.decode(signature).map_err(|_| BadNote)?;
        let (id, bytes) = bytes.split_first_chunk::<4>().ok_or(BadNote)?;
        Ok(Self {
            name: name.to_owned(),
            id: *id,
            bytes: bytes.to_vec(),
        })
    }
}

impl SignatureKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }
}

impl VerifierKey {
    /// A key under a name.
    ///
    /// # Errors
    /// [`BadVerifierKey`] unless it is an Ed25519 key, and the name has neither spaces nor plus signs.
    pub fn new(name: &str, kind: SignatureKind, key: PublicKey) -> Result<Self, BadVerifierKey> {
        if !is_name(name) || key.algorithm() != Algorithm::Ed25519 {
            return Err(BadVerifierKey);
        }
        let name = name.to_owned();
        Ok(Self { name, kind, key })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its signatures say.
    pub const fn kind(&self) -> SignatureKind {
        self.kind
    }

    /// Its identifier: the first four bytes of the hash of name, kind and key.
    pub fn id(&self) -> [u8; 4] {
        let hash = Sha256::new_with_prefix(&self.name)
            .chain_update([b'\n', self.kind.byte()])
            .chain_update(self.key.as_bytes())
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verifies(message, signature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.byte()][..], self.key.as_bytes()].concat();
        let (name, id) = (&self.name, hex::encode(&self.id()));
        write!(f, "{name}+{id}+{}", BASE64.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = BadVerifierKey;

    fn from_str(text: &str) -> Result<Self, BadVerifierKey> {
        let bad = BadVerifierKey;
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad);
        };
        let key = BASE64.decode(key).map_err(|_| bad)?;
        let kinds = [SignatureKind::Log, SignatureKind::Witness];
        let (kind, key) = key.split_first().ok_or(bad)?;
        let kind = kinds
            .into_iter()
            .find(|one| one.byte() == *kind)
            .ok_or(bad)?;
        let key = PublicKey::new(Algorithm::Ed25519, key).map_err(|_| bad)?;
        let key = Self::new(name, kind, key)?;
        (hex::decode(id).as_deref() == Some(&key.id()[..]))
            .then_some(key)
            .ok_or(bad)
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_reads_back() {
        let text = "first\n\nlast\n\n— one.example/a MTIzNDU2\n— two MTIzNDU3\n";
        let note: Note = text.parse().unwrap();
        assert_eq!(note.text, "first\n\nlast\n");
        assert_eq!(note.signatures[0].name, "one.example/a");
        assert_eq!(
            (&note.signatures[1].id, &*note.signatures[1].bytes),
            (b"1234", &b"57"[..])
        );
        assert_eq!(note.to_string(), text);
        for bad in [
            "",
            "text\n",
            "text\n\n",
            "text\n\n— a MTIzNDU2",
            "text\n\n- a MTIzNDU2\n",
            "text\n\n— a b MTIzNDU2\n",
            "text\n\n— a+b MTIzNDU2\n",
            "text\n\n— a MTIz\n",
            "te\txt\n\n— a MTIzNDU2\n",
        ] {
            assert_eq!(bad.parse::<Note>(), Err(BadNote), "{bad:?}");
        }
    }

    #[test]
    fn a_key_of_the_specification_reads() {
        // The key of the Go checksum database.
        let text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        let key: VerifierKey = text.parse().unwrap();
        assert_eq!(
            (key.name(), key.kind()),
            ("sum.golang.org", SignatureKind::Log)
        );
        assert_eq!(key.to_string(), text);
        let other_name = text.replace("sum.", "som.");
        assert_eq!(other_name.parse::<VerifierKey>(), Err(BadVerifierKey));
        assert_eq!("".parse::<VerifierKey>(), Err(BadVerifierKey));
    }
}
