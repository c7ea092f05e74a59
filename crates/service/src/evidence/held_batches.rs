//! Submissions that would restrict more people than one person may restrict: they wait for a staff
//! member who has looked at them, and restrict nobody before. The approval and the evidence are written
//! in one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::evidence::SentFact;
use domain::{Clock, Evidence, EvidenceId, IdSource, PersonId, ProposalId, RequestKey, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::audit;
use store::proposals::{self, ProposalKind, ProposalRecord, Settlement, Signature};
use store::{Store, StoreError, fact_as_json};
use tracing::{instrument, warn};

use crate::access::{Access, Action, Staff, Submitter};
use crate::audit::{AuditEntry, Did};
use crate::decisions::{Appended, EvidenceBatch, RequestOnce, Verdicts};
use crate::people::Keys;
use crate::tracing::CaseWindows;
use crate::two_persons::{TwoPersons, checked, unreadable};
use crate::wake::Wake;
use crate::{Result, ServiceError};

/// A submission that waits for a second person, or no longer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBatch {
    /// Its identifier.
    pub id: ProposalId,
    /// How many pieces of evidence are in it.
    pub pieces: usize,
    /// About how many people.
    pub people: usize,
    /// How many of them it would restrict more than they are, when it was submitted.
    pub restricted: usize,
    /// Which kinds of evidence are in it.
    pub kinds: Vec<&'static str>,
    /// Who submitted it.
    pub submitted: Signature,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

/// Keeps submissions above the cap, and takes them in once a second person approves.
pub struct HeldBatches {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) access: Arc<Access>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) cases: Arc<CaseWindows>,
    pub(crate) two_persons: Arc<TwoPersons>,
    pub(crate) wake: Arc<Wake>,
}

impl HeldBatches {
    /// Keeps a submission. The same evidence is kept once.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub(crate) async fn hold(
        &self,
        by: &Submitter,
        evidence: &[Evidence],
        restricted: usize,
    ) -> Result<ProposalId> {
        let content = Content::of(evidence, restricted).to_json()?;
        let ids = evidence.iter().map(|piece| piece.id.to_bytes());
        let hash = ids.fold(Sha256::new(), |hash, id| hash.chain_update(id));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        let id = ProposalId::from_u128(u128::from_be_bytes(bytes));
        let now = self.clock.now();
        let signature = by.signature(now);
        let entry = AuditEntry::new(by.into(), Did::Proposed, now).what(format_args!("batch {id}"));
        let entry = entry.seal(&*self.ids);
        let kept = self.store.transaction(
            "batches.hold",
            (id, content, signature, [entry]),
            |tx, (id, content, by, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    proposals::add(tx, *id, ProposalKind::Batch, content, by).await
                })
            },
        );
        kept.await?;
        warn!(batch = %id, restricted, "a submission waits for a second person");
        Ok(id)
    }

    /// Submissions of the asker's authority and of those in their regions, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "batches.list", skip_all)]
    pub async fn list(&self, by: &Staff) -> Result<Vec<HeldBatch>> {
        by.may(Action::ReadOrders)?;
        let mut theirs = Vec::new();
        for record in self.two_persons.newest(ProposalKind::Batch).await? {
            match self.check(by, Action::ReadOrders, &record).await {
                Ok(()) => theirs.push(view(record)?),
                Err(ServiceError::UnknownProposal) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(theirs)
    }

    /// Approves a submission and takes it in as it came, about everybody at once. How many people's
    /// status changed. Approving again what one approved changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::SamePerson`];
    /// [`ServiceError::ProposalSettled`]; [`ServiceError::BadField`] without a reason;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "batches.approve", skip_all, fields(batch = %id))]
    pub async fn approve(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<usize> {
        by.may(Action::ApproveOrders)?;
        checked(reason)?;
        let record = self.two_persons.find(id, ProposalKind::Batch).await?;
        self.check(by, Action::ApproveOrders, &record).await?;
        let approving = self.two_persons.approving(&record, by, reason)?;
        let evidence = Content::read(&record)?.evidence(&record)?;
        let mut traces = Vec::new();
        for piece in &evidence {
            traces.extend(self.cases.job_for(piece).await?);
        }
        let opens_trace = !traces.is_empty();
        let key = RequestKey::from_u128(id.as_u128());
        let once = RequestOnce {
            request: self.keys.request(id.as_u128(), key),
            content: Sha256::digest(record.content.as_bytes()).into(),
        };
        let batch = EvidenceBatch {
            once: Some(once),
            evidence,
            traces,
            approving: Some(approving),
            ..EvidenceBatch::default()
        };
        let changed = match self.verdicts.append(batch).await? {
            Appended::New(decisions) => {
                let changed = decisions.decided.iter().filter(|one| one.is_changed());
                changed.count()
            }
            Appended::Repeated { changed, .. } => changed,
            Appended::KeyReused | Appended::Settled => return Err(ServiceError::ProposalSettled),
        };
        if opens_trace {
            self.wake.traces.notify_one();
        }
        warn!(batch = %id, changed, "a submission above the cap was approved");
        Ok(changed)
    }

    /// Rejects a submission: nobody is restricted by it.
    ///
    /// # Errors
    /// As [`Self::approve`], but for the same person.
    #[instrument(name = "batches.reject", skip_all, fields(batch = %id))]
    pub async fn reject(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<HeldBatch> {
        by.may(Action::RejectOrders)?;
        checked(reason)?;
        let record = self.two_persons.find(id, ProposalKind::Batch).await?;
        self.check(by, Action::RejectOrders, &record).await?;
        if record.proposed.staff != Some(by.id()) {
            self.check(by, Action::ApproveOrders, &record).await?;
        }
        view(self.two_persons.reject(&record, by, reason).await?)
    }

    async fn check(&self, by: &Staff, action: Action, record: &ProposalRecord) -> Result<()> {
        self.access.check_proposal(by, action, record).await
    }
}

/// What the record keeps of a submission that waits.
#[derive(Serialize, Deserialize)]
struct Content {
    restricted: usize,
    recorded_at: i64,
    pieces: Vec<Piece>,
}

#[derive(Serialize, Deserialize)]
struct Piece {
    id: String,
    person: String,
    /// In the one serialised form of evidence.
    fact: String,
}

impl Content {
    fn of(evidence: &[Evidence], restricted: usize) -> Self {
        let pieces = evidence.iter().map(|piece| Piece {
            id: piece.id.to_string(),
            person: piece.person.to_string(),
            fact: fact_as_json(&piece.fact),
        });
        let first = evidence.first();
        Self {
            restricted,
            recorded_at: first.map_or(0, |piece| piece.recorded_at.as_second()),
            pieces: pieces.collect(),
        }
    }

    fn evidence(&self, record: &ProposalRecord) -> Result<Vec<Evidence>> {
        let bad = || unreadable(record.id);
        let recorded_at = Timestamp::from_second(self.recorded_at).map_err(|_| bad())?;
        let pieces = self.pieces.iter().map(|piece| {
            let fact: SentFact = serde_json::from_str(&piece.fact).map_err(|_| bad())?;
            Ok(Evidence {
                id: piece.id.parse::<EvidenceId>().map_err(|_| bad())?,
                person: piece.person.parse::<PersonId>().map_err(|_| bad())?,
                authority: record.proposed.authority,
                recorded_at,
                fact: fact.into_fact().map_err(|_| bad())?,
            })
        });
        pieces.collect()
    }

    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| StoreError::Database(format!("cannot be written: {error}")).into())
    }

    fn read(record: &ProposalRecord) -> Result<Self> {
        serde_json::from_str(&record.content).map_err(|_| unreadable(record.id))
    }
}

fn view(record: ProposalRecord) -> Result<HeldBatch> {
    let content = Content::read(&record)?;
    let evidence = content.evidence(&record)?;
    let people: BTreeSet<PersonId> = evidence.iter().map(|piece| piece.person).collect();
    let kinds: BTreeSet<&str> = evidence
        .iter()
        .map(|piece| piece.fact.kind().as_str())
        .collect();
    Ok(HeldBatch {
        id: record.id,
        pieces: evidence.len(),
        people: people.len(),
        restricted: content.restricted,
        kinds: kinds.into_iter().collect(),
        submitted: record.proposed,
        settled: record.settled,
    })
}
