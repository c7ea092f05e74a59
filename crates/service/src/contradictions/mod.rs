//! What people declared, held against what carriers, hotels and laboratories sent, where the policy asks for
//! it ([`domain::contradictions()`]).
//!
//! What a worker finds is a question: the person is heard first, then an officer confirms it or dismisses it.
//! Confirmed it becomes evidence of its own kind, against which the person may appeal as against any other.
//! What people say is sealed as identities are.
//!
//! | file | holds |
//! |---|---|
//! | `finding` | the worker that compares |
//! | `hearing` | what the person reads, and says |
//! | `settling` | the list of the officers of a region; confirming and dismissing |
//! | `keeping` | sealing anew; whose account is bound to a document takes theirs along |

mod finding;
mod hearing;
mod keeping;
mod settling;

use std::sync::Arc;

use domain::evidence::ContradictionAbout;
use domain::{
    Authority, Clock, ContradictionId, Evidence, EvidenceId, IdSource, PersonId, Pii, Timestamp,
};
use store::contradictions::{self, ContradictionRecord};
use store::{Store, StoreError, evidence};

pub(crate) use self::keeping::move_to;
pub(crate) use self::settling::Settling;
pub use self::settling::{ContradictionToSettle, QueuedContradiction};
use crate::access::Access;
use crate::decisions::Verdicts;
use crate::people::keys::hashed_id;
use crate::people::{Keys, PersonFinder, VaultKeys, part_label};
use crate::publishing::PublishedPolicies;
use crate::settings::Settings;
use crate::{Result, ServiceError, VaultError};

/// Finds, hears and settles contradictions.
pub struct Contradictions {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) people: Arc<PersonFinder>,
}

/// A contradiction, as the person reads it.
#[derive(Clone, Debug)]
pub struct ContradictionView {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub id: ContradictionId,
    /// What it is about.
    pub about: ContradictionAbout,
    /// What the person declared; `None` once it is forgotten.
    pub declared: Option<Evidence>,
    /// What somebody recorded.
    pub recorded: Option<Evidence>,
    /// Who recorded it.
    pub recorded_by: Option<Authority>,
    /// When it was found.
    pub found_at: Timestamp,
    /// Until when the person has time to say something before it is confirmed without.
    pub hear_by: Timestamp,
    /// What the person says.
    pub said: Option<HeardView>,
    /// How it was settled.
    pub settled: Option<SettledView>,
}

/// What the person says about a contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardView {
    /// When they said it.
    pub at: Timestamp,
    /// What.
    pub words: Pii<String>,
    /// Whether an officer wrote it down.
    pub is_written_down: bool,
}

/// How a contradiction was settled, as the person reads it: the office, not who works there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledView {
    /// When.
    pub at: Timestamp,
    /// How.
    pub outcome: ContradictionOutcome,
    /// Whose decision it was; `None` if the program dropped it.
    pub authority: Option<Authority>,
    /// Why.
    pub reasons: Pii<String>,
}

/// How a contradiction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContradictionOutcome {
    /// What was declared was wrong: it is evidence now.
    Confirmed,
    /// It was none.
    Dismissed,
    /// One of the two was taken back, or what was declared was completed: nothing contradicts any more.
    Dropped,
}

impl ContradictionOutcome {
    /// The word in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Dismissed => "dismissed",
            Self::Dropped => "dropped",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "confirmed" => Self::Confirmed,
            "dismissed" => Self::Dismissed,
            _ => Self::Dropped,
        }
    }
}

/// What is sealed of a contradiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// What the person says.
    Heard,
    /// The reasons of the officer who settled it.
    Settled,
}

impl Part {
    /// What the part is sealed for: it opens as no other part, of nothing else.
    fn label(self, id: ContradictionId) -> [u8; 24] {
        let part: [u8; 8] = match self {
            Self::Heard => *b"heard   ",
            Self::Settled => *b"settled ",
        };
        part_label(part, id.to_bytes())
    }
}

/// The contradiction between two pieces of evidence: found again it is the same.
fn id_of(person: PersonId, declared: EvidenceId, recorded: EvidenceId) -> ContradictionId {
    let parts = [person.to_bytes(), declared.to_bytes(), recorded.to_bytes()];
    let id = hashed_id(b"contradiction", &[&parts[0], &parts[1], &parts[2]]);
    ContradictionId::from_u128(id.as_u128())
}

impl Contradictions {
    fn seal(
        &self,
        (person, id): (PersonId, ContradictionId),
        part: Part,
        text: &str,
    ) -> Result<Vec<u8>> {
        let with = (self.clock.now(), &*self.ids);
        let label = part.label(id);
        Ok(self
            .keys
            .vault
            .seal_bytes(person, &label, text.as_bytes(), with)?)
    }

    /// A contradiction of a person, if there is one.
    async fn record(
        &self,
        person: PersonId,
        id: ContradictionId,
    ) -> Result<Option<ContradictionRecord>> {
        let read = self
            .store
            .read("contradictions.find", (person, id), |tx, key| {
                Box::pin(contradictions::find(tx, *key))
            });
        Ok(read.await?)
    }

    async fn view(&self, record: ContradictionRecord) -> Result<ContradictionView> {
        let asked = (record.person, record.declared, record.recorded);
        let read = self.store.read(
            "contradictions.evidence",
            asked,
            |tx, (person, declared, recorded)| {
                Box::pin(async move {
                    let declared = evidence::find(tx, *person, *declared).await?;
                    let recorded = evidence::find(tx, *person, *recorded).await?;
                    Ok::<_, StoreError>((declared, recorded))
                })
            },
        );
        let (declared, recorded) = read.await?;
        let recorded_by = match &recorded {
            Some(piece) => Some(self.access.authority(piece.authority).await?),
            None => None,
        };
        let vault = &self.keys.vault;
        let said = match &record.said {
            Some(said) => Some(HeardView {
                at: said.at,
                words: opened(vault, &record, Part::Heard, &said.said)?,
                is_written_down: said.to.is_some(),
            }),
            None => None,
        };
        let settled = match &record.settled {
            None => None,
            Some(end) => Some(SettledView {
                at: end.at,
                outcome: ContradictionOutcome::from_word(&end.outcome),
                authority: match end.by {
                    Some((_, authority)) => Some(self.access.authority(authority).await?),
                    None => None,
                },
                reasons: match end.reasons.is_empty() {
                    true => Pii::new(String::new()),
                    false => opened(vault, &record, Part::Settled, &end.reasons)?,
                },
            }),
        };
        Ok(ContradictionView {
            person: record.person,
            id: record.id,
            about: about_of(&record)?,
            declared,
            recorded,
            recorded_by,
            found_at: record.found_at,
            hear_by: record.hear_by,
            said,
            settled,
        })
    }
}

fn about_of(record: &ContradictionRecord) -> Result<ContradictionAbout> {
    record.about.parse().map_err(|_| {
        ServiceError::Store(StoreError::Corrupt {
            table: "contradiction",
            row: record.id.to_string(),
            why: "it is about nothing known".to_owned(),
        })
    })
}

fn opened(
    vault: &VaultKeys,
    record: &ContradictionRecord,
    part: Part,
    sealed: &[u8],
) -> Result<Pii<String>> {
    let bytes = vault.open_bytes(record.person, &part.label(record.id), sealed)?;
    let text = String::from_utf8(bytes).map_err(|_| VaultError::UnknownForm)?;
    Ok(Pii::new(text))
}
