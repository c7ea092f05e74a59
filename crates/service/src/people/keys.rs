//! Secrets of the installation, and what is derived from them.
//!
//! Identifiers that must come out the same when work is repeated are hashes of what they name; they
//! need no secret. A person's token is derived with one, so that a lost answer to a registration can
//! be given again without keeping the token.

use domain::evidence::Relation;
use domain::{AuthorityId, EvidenceId, Fact, IdSource, PersonId, RequestKey, Timestamp, VenueId};
use engine::trace::Contact;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use store::identities::BlindIndex;
use store::receipts::RequestHash;

use super::vault::VaultKeys;
use crate::access::Token;
use crate::decisions::RequestOnce;

/// The secrets that identities and tokens rest on. An operator who loses them loses every identity;
/// one who leaks them leaks the vault. The issuer keys, which sign codes, are kept apart.
#[derive(Clone)]
pub struct Keys {
    /// Seal identities and find documents again.
    pub vault: VaultKeys,
    tokens: [u8; 32],
    requests: [u8; 32],
    credentials: [u8; 32],
    sign_ins: [u8; 32],
    venue_signs: [u8; 32],
}

/// What a credential opens. One of a kind never opens another kind's door, even if two were equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialPurpose {
    /// The API, for a resident's phone.
    ResidentToken,
    /// The pages, for a resident's browser.
    ResidentSession,
    /// A one-time code sent to a phone.
    OneTimeCode,
    /// The pages, for a staff member's browser.
    StaffSession,
    /// The API, for a program of a staff member.
    StaffToken,
    /// An invitation to become a staff member: the first one whole, or who proposed them's half.
    StaffInvitation,
    /// The half of an invitation that the approver was given.
    StaffInvitationApproval,
    /// An account at an identity provider that opens a staff account.
    StaffIdentity,
    /// A question to a passkey of a staff member.
    StaffChallenge,
    /// The API, for a machine of an authority.
    Feed,
    /// The answer to a report of a glitch.
    Glitch,
    /// A square that makes a device a scanner.
    ScannerEnrolment,
    /// What a scanner at a gate presents.
    Scanner,
}

impl CredentialPurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::ResidentToken => b"resident token",
            Self::ResidentSession => b"resident session",
            Self::OneTimeCode => b"one-time code",
            Self::StaffSession => b"staff session",
            Self::StaffToken => b"staff token",
            Self::StaffInvitation => b"staff invitation",
            Self::StaffInvitationApproval => b"staff invitation approval",
            Self::StaffIdentity => b"staff identity",
            Self::StaffChallenge => b"staff challenge",
            Self::Feed => b"feed",
            Self::Glitch => b"glitch",
            Self::ScannerEnrolment => b"scanner enrolment",
            Self::Scanner => b"scanner",
        }
    }
}

impl Keys {
    /// Derives all of them from one secret of 256 random bits.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        let derive = |label: &[u8]| hmac(secret, &[label]);
        Self {
            vault: VaultKeys::new(
                derive(b"healthcode vault seal v1"),
                derive(b"healthcode vault index v1"),
            ),
            tokens: derive(b"healthcode person tokens v1"),
            requests: derive(b"healthcode request keys v1"),
            credentials: derive(b"healthcode credentials at rest v1"),
            sign_ins: derive(b"healthcode sign-ins at providers v1"),
            venue_signs: derive(b"healthcode venue signs v1"),
        }
    }

    /// Keys of a fresh secret, and the secret to be kept.
    pub fn generate(source: &dyn IdSource) -> (Self, [u8; 32]) {
        let mut secret = [0; 32];
        source.fill(&mut secret);
        (Self::from_secret(&secret), secret)
    }

    /// The token of the person that `request` registers with `document`.
    pub(crate) fn person_token(&self, request: RequestKey, document: &BlindIndex) -> Token {
        Token::from_bytes(hmac(&self.tokens, &[&request.to_bytes(), &document.stable]))
    }

    /// What is kept of a credential: who reads it in the database cannot present the credential, nor
    /// try candidates against it (invariant 15). `secret` is a token's bytes, or whatever else its
    /// holder presents, together with whom it was made for if it is short.
    pub(crate) fn at_rest(&self, purpose: CredentialPurpose, secret: &[u8]) -> [u8; 32] {
        let label = purpose.label();
        let length = [label.len() as u8];
        hmac(&self.credentials, &[&length, label, secret])
    }

    /// Under what one-time codes of a kind are counted: what is kept says neither for whom nor from where.
    pub(crate) fn count_of_codes(&self, kind: &[u8], whose: &[u8], from: &[u8]) -> [u8; 32] {
        let lengths = [kind.len() as u8, whose.len() as u8];
        let parts: [&[u8]; 5] = [b"count of codes", &lengths, kind, whose, from];
        hmac(&self.credentials, &parts)
    }

    /// What is kept of the headings of a list of a kind.
    pub(crate) fn headings(&self, kind: &str, headings: &[String]) -> [u8; 32] {
        let lengths: Vec<u8> = headings
            .iter()
            .flat_map(|heading| (heading.len() as u64).to_be_bytes())
            .collect();
        let kind_length = [kind.len() as u8];
        let parts = [b"headings", &kind_length[..], kind.as_bytes(), &lengths];
        let parts: Vec<&[u8]> = parts
            .into_iter()
            .chain(headings.iter().map(String::as_bytes))
            .collect();
        hmac(&self.credentials, &parts)
    }

    /// Seals what a browser keeps while somebody signs in at an identity provider.
    pub(crate) const fn sign_in_seal(&self) -> [u8; 32] {
        self.sign_ins
    }

    /// Seals what a screen at the door of a venue shows, or what opens such a screen: `label` tells
    /// which, and `number` under which signs of the venue.
    pub(crate) fn venue_seal(
        &self,
        label: &[u8; 6],
        venue: VenueId,
        number: u32,
        at: Timestamp,
    ) -> [u8; 32] {
        let (number, at) = (number.to_be_bytes(), at.as_second().to_be_bytes());
        hmac(&self.venue_signs, &[label, &venue.to_bytes(), &number, &at])
    }

    /// What is kept of a request key: two callers who draw the same key do not meet, and who reads it
    /// in the database cannot send the request again (invariant 15).
    pub(crate) fn request(&self, scope: u128, request: RequestKey) -> RequestHash {
        let parts: [&[u8]; 2] = [&scope.to_be_bytes(), &request.to_bytes()];
        RequestHash(hmac(&self.requests, &parts))
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

/// The identifier of piece `index` of what `request` asks for: the same for a repeat, however late;
/// another if the key comes again with something else; fresh without a key.
pub(crate) fn evidence_id(
    ids: &dyn IdSource,
    request: Option<&RequestOnce>,
    index: usize,
) -> EvidenceId {
    let Some(RequestOnce { request, content }) = request else {
        return EvidenceId::generate(ids);
    };
    let index = (index as u64).to_be_bytes();
    hashed_id(b"evidence", &[&request.0, content, &index])
}

/// What an authority says of a person: the same whenever it says the same, so that it counts once.
pub(crate) fn fact_id(authority: AuthorityId, person: PersonId, fact: &Fact) -> EvidenceId {
    let said = store::fact_as_json(fact);
    let whose = (authority.to_bytes(), person.to_bytes());
    hashed_id(b"fact", &[&whose.0, &whose.1, said.as_bytes()])
}

/// The contact that tracing `diagnosis` finds. Follows from all that the contact says, so that one
/// found again is the same and one that says something else is another; `round` tells apart what was
/// taken back and is found again.
pub(crate) fn contact_id(
    diagnosis: EvidenceId,
    contact: &Contact<PersonId>,
    round: u64,
) -> EvidenceId {
    // Each relation has a label of its own, so that somebody may be a contact in several ways.
    let label = match contact.relation {
        Relation::Venue => "contact",
        other => other.as_str(),
    };
    hashed_id(
        label.as_bytes(),
        &[
            &diagnosis.to_bytes(),
            &contact.person.to_bytes(),
            &[contact.ring],
            &contact.through.to_bytes(),
            &contact.first.as_second().to_be_bytes(),
            &contact.last.as_second().to_be_bytes(),
            &contact.minutes.to_be_bytes(),
            &round.to_be_bytes(),
        ],
    )
}

/// The withdrawal of a piece of evidence; there is at most one.
pub(crate) fn withdrawal_id(of: EvidenceId) -> EvidenceId {
    hashed_id(b"withdrawal", &[&of.to_bytes()])
}

/// The visit that a person's phone calls `scan`.
pub(crate) fn visit_id(person: PersonId, scan: RequestKey) -> EvidenceId {
    hashed_id(b"visit", &[&person.to_bytes(), &scan.to_bytes()])
}

/// The first 128 bits of SHA-256 over a label and parts, of which all but the last have a fixed length.
pub(crate) fn hashed_id(label: &[u8], parts: &[&[u8]]) -> EvidenceId {
    let mut hasher = Sha256::new();
    hasher.update((label.len() as u64).to_be_bytes());
    hasher.update(label);
    for part in parts {
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let bits = digest[..16]
        .iter()
        .fold(0, |bits: u128, byte| bits << 8 | u128::from(*byte));
    EvidenceId::from_u128(bits)
}

/// HMAC-SHA-256 over parts, of which all but the last have a fixed length.
pub(crate) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
