//! Opening the record of a person: who answers for it states a purpose and a case, the person reads of
//! it, and what says who they are is masked unless the passkey was shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use credential::MaskedName;
use domain::{Clock, Colour, Evidence, EvidenceId, Fact, IdSource, Identity, PersonId, Pii};
use store::audit::NewEntry;
use store::{Store, StoreError, evidence, identities};
use tracing::instrument;

use super::{Keys, PersonFinder};
use crate::access::{Action, Staff};
use crate::audit::{AuditEntry, Did, Stated, note_alone};
use crate::decisions::Verdicts;
use crate::evidence::Subject;
use crate::publishing::PublishedPolicies;
use crate::{Result, ServiceError};

/// Whose record is opened, and why.
#[derive(Clone, Debug)]
pub struct RecordRequest {
    /// Whose.
    pub subject: Subject,
    /// What for, and for which case.
    pub why: Stated,
    /// Whether name, document and phones are needed; the passkey must have been shown lately.
    pub unmasked: bool,
}

/// What a record shows of who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownIdentity {
    /// They are known by their identifier alone.
    Unknown,
    /// A name that can be compared and not read off, and the last two characters of the document.
    Masked {
        /// Such as `王*明`.
        name: Pii<String>,
        /// Such as `**34`.
        document: Pii<String>,
    },
    /// All of it.
    Whole(Identity),
}

/// The record of a person.
#[derive(Clone, Debug)]
pub struct PersonRecord {
    /// Whose.
    pub person: PersonId,
    /// Who they are.
    pub identity: ShownIdentity,
    /// What colour they have now; `None` before they declared anything.
    pub colour: Option<Colour>,
    /// What is on record within look-back and counts, oldest first; visits are not in it.
    pub evidence: Vec<Evidence>,
}

/// Opens records.
pub struct Records {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) people: Arc<PersonFinder>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
}

impl Records {
    /// Opens the record of a person of the asker's regions. The entry of the log is written before
    /// anything is read; an attempt that is refused is an entry too.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::UnknownPerson`] also if they are of another
    /// region; [`ServiceError::StepUpNeeded`]; [`ServiceError::BadField`] without a case;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "records.open", skip_all, fields(staff = %by.id()))]
    pub async fn open(&self, by: &Staff, request: &RecordRequest) -> Result<PersonRecord> {
        by.may(Action::OpenRecord)?;
        if request.why.reference().is_none() {
            return Err(ServiceError::field(
                "reference",
                "expected the case that it is for",
            ));
        }
        let person = match self.checked(by, request).await {
            Ok(person) => person,
            Err(refused @ ServiceError::UnknownPerson) => {
                let entry = self.entry(by, Did::OpeningRefused, request);
                self.note(entry.seal(&*self.ids)).await?;
                return Err(refused);
            }
            Err(error) => return Err(error),
        };
        let did = if request.unmasked {
            Did::PersonUnmasked
        } else {
            Did::PersonOpened
        };
        let entry = self.entry(by, did, request).about([person]);
        self.note(entry.seal(&*self.ids)).await?;
        let verdict = self.verdicts.current(person).await?;
        let since = self.policies.context()?.look_back_from;
        let read = self
            .store
            .read("records.open", (person, since), |tx, (person, since)| {
                Box::pin(async move {
                    let found = evidence::since(tx, &[*person], *since, false).await?;
                    Ok::<_, StoreError>((found, identities::find(tx, *person).await?))
                })
            });
        let (mut found, sealed) = read.await?;
        let opened = sealed.map(|sealed| self.keys.vault.open(person, &sealed));
        let mut evidence = found.remove(&person).unwrap_or_default();
        let withdrawn: BTreeSet<EvidenceId> = evidence.iter().filter_map(withdraws).collect();
        evidence.retain(|piece| withdraws(piece).is_none() && !withdrawn.contains(&piece.id));
        Ok(PersonRecord {
            person,
            identity: match opened.transpose()? {
                None => ShownIdentity::Unknown,
                Some(identity) if request.unmasked => ShownIdentity::Whole(identity),
                Some(identity) => masked(&identity),
            },
            colour: verdict.verdict.status.colour(),
            evidence,
        })
    }

    async fn checked(&self, by: &Staff, request: &RecordRequest) -> Result<PersonId> {
        let person = self.people.find(&request.subject).await?;
        let action = if request.unmasked {
            Action::UnmaskRecord
        } else {
            Action::OpenRecord
        };
        let now = self.clock.now();
        self.people.check(by, action, &[person], now).await?;
        Ok(person)
    }

    fn entry(&self, by: &Staff, did: Did, request: &RecordRequest) -> AuditEntry {
        AuditEntry::new(by.into(), did, self.clock.now()).because(request.why.clone())
    }

    async fn note(&self, entry: NewEntry) -> Result<()> {
        Ok(note_alone(&self.store, "records.note", entry).await?)
    }
}

/// What a piece of evidence takes back.
fn withdraws(piece: &Evidence) -> Option<EvidenceId> {
    match piece.fact {
        Fact::Withdrawal { of, .. } => Some(of),
        _ => None,
    }
}

fn masked(identity: &Identity) -> ShownIdentity {
    let name = MaskedName::mask(identity.name.expose());
    let name = name.map_or_else(|_| "*".to_owned(), |name| name.as_str().to_owned());
    let letters: Vec<char> = identity.document.number().expose().chars().collect();
    let last = letters.len().saturating_sub(2);
    let shown: String = letters.iter().skip(last.max(2)).collect();
    ShownIdentity::Masked {
        name: Pii::new(name),
        document: Pii::new(format!("**{shown}")),
    }
}
