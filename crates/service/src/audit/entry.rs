//! What an entry of the log says, and how it is written: a version byte, then JSON without spaces
//! whose fields have a fixed order. What is committed to is SHA-256 of a random salt and those bytes.

use std::fmt;

use domain::{AuthorityId, FeedId, IdSource, PersonId, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::audit::{Commitment, EntryRecord, NewEntry};
use store::proposals::{ProposalKind, Signature};

use super::deeds::Did;
use super::{Purpose, Stated};
use crate::access::{CommunityOfficial, Staff, Submitter};

/// The version of the form that is written.
const VERSION: u8 = 1;

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A staff member.
    Staff {
        /// Who.
        id: StaffId,
        /// For which authority.
        authority: AuthorityId,
    },
    /// A machine of an authority.
    Feed {
        /// Which.
        id: FeedId,
        /// For which authority.
        authority: AuthorityId,
    },
    /// The operator, for an authority or for the installation.
    Operator {
        /// For which authority, if for one.
        authority: Option<AuthorityId>,
    },
    /// Somebody who could not show who they are.
    Nobody,
    /// The person themselves, or who acts for them.
    Resident,
    /// The program itself, in the background.
    Program,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// What.
    pub did: Did,
    /// To what, in one word; nothing personal.
    pub what: Option<String>,
    /// How many.
    pub count: Option<u64>,
    /// About whom.
    pub people: Vec<PersonId>,
    /// Why.
    pub why: Option<Stated>,
}

/// What an entry says cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEntry {
    /// It is not what was committed to.
    #[error("it is not what was written: its content or its salt was changed")]
    Changed,
    /// A newer program wrote it.
    #[error("it has a form that this program does not know; install the newer program")]
    Unknown,
}

impl AuditEntry {
    /// That somebody did something.
    pub const fn new(by: Actor, did: Did, at: Timestamp) -> Self {
        Self {
            at,
            by,
            did,
            what: None,
            count: None,
            people: Vec::new(),
            why: None,
        }
    }

    /// Says to what.
    #[must_use]
    pub fn what(mut self, what: impl fmt::Display) -> Self {
        self.what = Some(what.to_string());
        self
    }

    /// Says how many.
    #[must_use]
    pub fn count(mut self, count: usize) -> Self {
        self.count = Some(count as u64);
        self
    }

    /// Says about whom: they will read it.
    #[must_use]
    pub fn about(mut self, people: impl IntoIterator<Item = PersonId>) -> Self {
        self.people.extend(people);
        self
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, why: Stated) -> Self {
        self.why = Some(why);
        self
    }

    /// What is done with a proposal.
    pub(crate) fn of_proposal(
        did: Did,
        kind: ProposalKind,
        id: domain::ProposalId,
        by: &Signature,
    ) -> Self {
        let kind = match kind {
            ProposalKind::Policy => "policy",
            ProposalKind::Levels => "levels",
            ProposalKind::Orders => "orders",
            ProposalKind::Batch => "batch",
            ProposalKind::Onboarding => "onboarding",
            ProposalKind::Disclosure => "disclosure",
            ProposalKind::Sunset => "sunset",
            ProposalKind::Feed => "feed",
        };
        Self::new(Actor::of_signature(by), did, by.at).what(format_args!("{kind} {id}"))
    }

    /// Says which content was signed: its SHA-256, so that nothing else is carried out later.
    #[must_use]
    pub(crate) fn signing(mut self, content: &str) -> Self {
        let what = self.what.take().unwrap_or_default();
        self.what = Some(format!("{what} {}", digest(content)));
        self
    }

    /// The kind and the identifier of a proposal that was approved, with the content that was.
    pub(crate) fn approved(&self) -> Option<(&str, &str)> {
        let what = self.what.as_deref().filter(|_| self.did == Did::Approved)?;
        what.rsplit_once(' ')
            .filter(|(_, digest)| digest.len() == 64)
    }

    /// Whether what it says is never erased: what was erased, and how it all ended. It names nobody but
    /// those who ended it.
    pub(crate) fn is_kept(&self) -> bool {
        let is_of_sunset = |what: &String| what.starts_with("sunset ");
        matches!(
            self.did,
            Did::EntriesErased
                | Did::DataErased
                | Did::KeysDestroyed
                | Did::SunsetBegun
                | Did::SunsetFinished
        ) || self.what.as_ref().is_some_and(is_of_sunset)
    }

    /// Makes it ready to be written: draws its salt and commits to both.
    pub fn seal(self, ids: &dyn IdSource) -> NewEntry {
        let mut salt = [0; 16];
        ids.fill(&mut salt);
        let content = self.to_bytes();
        NewEntry {
            commitment: commitment(&salt, &content),
            salt,
            content,
            people: self.people,
            at: self.at,
        }
    }

    /// Reads what a record says; `None` if it is erased.
    ///
    /// # Errors
    /// [`BadEntry`].
    pub fn read(record: &EntryRecord) -> Result<Option<Self>, BadEntry> {
        let Some((salt, content)) = &record.kept else {
            return Ok(None);
        };
        if commitment(salt, content) != record.commitment {
            return Err(BadEntry::Changed);
        }
        let entry = Self::of_content(content).ok_or(BadEntry::Unknown)?;
        // The record's own time is for finding it; this one is committed to.
        if entry.at != record.at {
            return Err(BadEntry::Changed);
        }
        Ok(Some(entry))
    }

    /// What a content says, as it was written; `None` if it has another form.
    pub(crate) fn of_content(content: &[u8]) -> Option<Self> {
        let written = content.strip_prefix(&[VERSION])?;
        let written: Written = serde_json::from_slice(written).ok()?;
        written.to_entry()
    }

    /// What the log holds of a salt and a content.
    pub(crate) fn commitment_of(salt: &[u8; 16], content: &[u8]) -> Commitment {
        commitment(salt, content)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let written = Written::of(self);
        let mut bytes = vec![VERSION];
        // Writing to memory cannot fail, and every value has a form.
        let _ = serde_json::to_writer(&mut bytes, &written);
        bytes
    }
}

fn commitment(salt: &[u8; 16], content: &[u8]) -> Commitment {
    let digest = Sha256::new_with_prefix(salt).chain_update(content);
    digest.finalize().into()
}

/// An entry as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    at: i64,
    by: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    office: Option<String>,
    did: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    what: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    people: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reference: Option<String>,
}

impl Written {
    fn of(entry: &AuditEntry) -> Self {
        let (by, office) = match entry.by {
            Actor::Staff { id, authority } => (format!("staff {id}"), Some(authority)),
            Actor::Feed { id, authority } => (format!("feed {id}"), Some(authority)),
            Actor::Operator { authority } => ("operator".to_owned(), authority),
            Actor::Nobody => ("nobody".to_owned(), None),
            Actor::Resident => ("resident".to_owned(), None),
            Actor::Program => ("program".to_owned(), None),
        };
        let why = entry.why.as_ref();
        Self {
            at: entry.at.as_second(),
            by,
            office: office.map(|office| office.to_string()),
            did: entry.did.to_string(),
            what: entry.what.clone(),
            count: entry.count,
            people: entry.people.iter().map(PersonId::to_string).collect(),
            purpose: why.map(|why| why.purpose().to_string()),
            reference: why.and_then(|why| why.reference().map(str::to_owned)),
        }
    }

    fn to_entry(&self) -> Option<AuditEntry> {
        let office = || self.office.as_ref()?.parse().ok();
        let by = match self.by.split_once(' ') {
            Some(("staff", id)) => Actor::Staff {
                id: id.parse().ok()?,
                authority: office()?,
            },
            Some(("feed", id)) => Actor::Feed {
                id: id.parse().ok()?,
                authority: office()?,
            },
            None if self.by == "operator" => Actor::Operator {
                authority: office(),
            },
            None if self.by == "nobody" => Actor::Nobody,
            None if self.by == "resident" => Actor::Resident,
            None if self.by == "program" => Actor::Program,
            _ => return None,
        };
        let purpose: Option<Purpose> = match &self.purpose {
            Some(word) => Some(word.parse().ok()?),
            None => None,
        };
        let people = self.people.iter().map(|person| person.parse().ok());
        Some(AuditEntry {
            at: Timestamp::from_second(self.at).ok()?,
            by,
            did: *Did::ALL.iter().find(|did| did.as_str() == self.did)?,
            what: self.what.clone(),
            count: self.count,
            people: people.collect::<Option<_>>()?,
            why: purpose.map(|purpose| Stated::from_log(purpose, self.reference.clone())),
        })
    }
}

impl Actor {
    /// The principal that signed in the record.
    pub(crate) fn of_signature(by: &Signature) -> Self {
        match by.staff {
            Some(id) => Self::Staff {
                id,
                authority: by.authority,
            },
            None => Self::Operator {
                authority: Some(by.authority),
            },
        }
    }

    /// For which authority they acted.
    pub const fn authority(&self) -> Option<AuthorityId> {
        match *self {
            Self::Staff { authority, .. } | Self::Feed { authority, .. } => Some(authority),
            Self::Operator { authority } => authority,
            Self::Nobody | Self::Resident | Self::Program => None,
        }
    }
}

impl From<&Staff> for Actor {
    fn from(staff: &Staff) -> Self {
        Self::Staff {
            id: staff.id(),
            authority: staff.authority().id,
        }
    }
}

impl From<&CommunityOfficial> for Actor {
    fn from(official: &CommunityOfficial) -> Self {
        Self::Staff {
            id: official.staff(),
            authority: official.authority(),
        }
    }
}

impl From<&Submitter> for Actor {
    fn from(submitter: &Submitter) -> Self {
        let authority = submitter.authority().id;
        match (submitter.staff(), submitter.feed_and_rate()) {
            (Some(id), _) => Self::Staff { id, authority },
            (None, Some((id, _))) => Self::Feed { id, authority },
            (None, None) => Self::Operator {
                authority: Some(authority),
            },
        }
    }
}

/// What stands in the log for a content.
pub(crate) fn digest(content: &str) -> String {
    let hash = Sha256::digest(content.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl IdSource for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn sample() -> AuditEntry {
        let by = Actor::Staff {
            id: StaffId::from_u128(1),
            authority: AuthorityId::from_u128(2),
        };
        let at = "2020-02-17T00:00:00Z".parse().unwrap();
        AuditEntry::new(by, Did::PersonOpened, at)
            .about([PersonId::from_u128(3)])
            .because(Stated::new(Purpose::CaseInvestigation, "case 12").unwrap())
    }

    fn record(entry: NewEntry) -> EntryRecord {
        EntryRecord {
            commitment: entry.commitment,
            kept: Some((entry.salt, entry.content)),
            at: entry.at,
            index: Some(0),
        }
    }

    #[test]
    fn the_form_of_an_entry_is_fixed() {
        let sealed = sample().seal(&Sevens);
        let id = |n: u128| PersonId::from_u128(n);
        let expected = format!(
            "\u{1}{{\"at\":1581897600,\"by\":\"staff {}\",\"office\":\"{}\",\"did\":\"person_opened\",\
             \"people\":[\"{}\"],\"purpose\":\"case_investigation\",\"reference\":\"case 12\"}}",
            id(1),
            id(2),
            id(3)
        );
        assert_eq!(String::from_utf8(sealed.content.clone()).unwrap(), expected);
        let digest = Sha256::digest([&[7; 16][..], expected.as_bytes()].concat());
        assert_eq!(sealed.commitment, <[u8; 32]>::from(digest));
        assert_eq!(sealed.people, [id(3)]);
    }

    #[test]
    fn every_entry_reads_back() {
        let authority = AuthorityId::from_u128(2);
        let actors = [
            sample().by,
            Actor::Feed {
                id: FeedId::from_u128(4),
                authority,
            },
            Actor::Operator { authority: None },
            Actor::Operator {
                authority: Some(authority),
            },
            Actor::Nobody,
            Actor::Resident,
            Actor::Program,
        ];
        for by in actors {
            for did in Did::ALL {
                let did = *did;
                let entry = AuditEntry {
                    by,
                    did,
                    ..sample()
                }
                .what("x y")
                .count(7);
                let read = AuditEntry::read(&record(entry.clone().seal(&Sevens)));
                assert_eq!(read, Ok(Some(entry)));
            }
        }
    }

    #[test]
    fn a_changed_entry_does_not_read() {
        let sound = record(sample().seal(&Sevens));
        let mut changed = sound.clone();
        changed.kept.as_mut().unwrap().1[20] ^= 1;
        assert_eq!(AuditEntry::read(&changed), Err(BadEntry::Changed));
        let mut other_salt = sound.clone();
        other_salt.kept.as_mut().unwrap().0[0] ^= 1;
        assert_eq!(AuditEntry::read(&other_salt), Err(BadEntry::Changed));
        let mut other_time = sound.clone();
        other_time.at = Timestamp::UNIX_EPOCH;
        assert_eq!(AuditEntry::read(&other_time), Err(BadEntry::Changed));
        let erased = EntryRecord {
            kept: None,
            ..sound
        };
        assert_eq!(AuditEntry::read(&erased), Ok(None));
    }
}
