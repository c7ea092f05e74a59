//! Submissions that would restrict more people than one person may restrict: they wait for a staff
//! member who has looked at them, and restrict nobody before. The approval and the evidence are written
//! in one transaction. The same holds for what tracing finds because of a submission.

mod content;

use std::sync::Arc;

use domain::{
    AuthorityId, Clock, Evidence, EvidenceId, IdSource, PersonId, ProposalId, RequestKey, StaffId,
};
use sha2::{Digest, Sha256};
use store::alarms::AlarmRecord;
use store::audit;
use store::proposals::{
    self, ProposalKind, ProposalOutcome, ProposalPlace, ProposalRecord, Settlement, Signature,
};
use store::{Store, StoreError, Transaction, counters, traces};
use tracing::{instrument, warn};

use self::content::{Content, Trace, view};
use crate::access::{Access, Action, Staff, Submitter};
use crate::alarms::AlarmKind;
use crate::audit::{AuditEntry, Did};
use crate::caps::Cap;
use crate::decisions::{EvidenceBatch, RequestOnce, Verdicts};
use crate::people::Keys;
use crate::people::keys::hashed_id;
use crate::queues::QueuePage;
use crate::tracing::CaseWindows;
use crate::two_persons::{Approving, TwoPersons, checked, unreadable};
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
    /// Whether these are the contacts of a case that tracing found, rather than what somebody submitted.
    pub is_trace: bool,
    /// Who submitted it; of a trace, whose case it is. No staff member if a machine did, until somebody
    /// answers for it.
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
    /// Keeps a submission. While the same evidence waits, it is the same one; once that was settled, it
    /// is proposed again.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub(crate) async fn hold(
        &self,
        by: &Submitter,
        evidence: &[Evidence],
        restricted: usize,
    ) -> Result<ProposalId> {
        let content = Content {
            behind: by.behind().map(|staff| staff.to_string()),
            ..Content::of(evidence, restricted)
        };
        let pieces = evidence.iter().map(|piece| piece.id.to_bytes());
        let pieces = pieces.fold(Sha256::new(), |hash, id| hash.chain_update(id));
        let now = self.clock.now();
        let about = Cap::RestrictedByBatch.name();
        let (authority, number) = (by.authority().id, restricted as u64);
        let held = HeldSubmission {
            pieces: pieces.finalize().into(),
            content: content.to_json()?,
            by: by.signature(now),
            alarm: AlarmKind::BatchHeld.record(about, Some(authority), number, now),
            entry: AuditEntry::new(by.into(), Did::Proposed, now),
            ids: Arc::clone(&self.ids),
        };
        let kept = self
            .store
            .transaction("batches.hold", held, |tx, held| Box::pin(held.keep(tx)));
        let id = kept.await?;
        warn!(batch = %id, restricted, "a submission waits for a second person");
        Ok(id)
    }

    /// Keeps that the trace of a case restricts more people than a submission may. While that waits, it
    /// is the same one.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub(crate) async fn hold_trace(&self, authority: AuthorityId, held: HeldTrace) -> Result<()> {
        let office = self.access.authority(authority).await?;
        let by = Signature {
            staff: held.by,
            authority,
            name: office.name,
            at: self.clock.now(),
        };
        let (restricted, ids) = (held.restricted, Arc::clone(&self.ids));
        let kept = self.store.transaction(
            "batches.hold_trace",
            (held, by, ids),
            |tx, (held, by, ids)| Box::pin(hold_trace(tx, held, by, &**ids)),
        );
        if let Some(id) = kept.await? {
            warn!(batch = %id, restricted, "the contacts of a case wait for a second person");
        }
        Ok(())
    }

    /// Submissions of the asker's authority and of those in their regions: those that wait first, then
    /// the others, each newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "batches.list", skip_all)]
    pub async fn list(&self, by: &Staff) -> Result<Vec<HeldBatch>> {
        let found = self.two_persons.list(by, ProposalKind::Batch).await?;
        found.into_iter().map(view).collect()
    }

    /// A page of them, in the same order.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "batches.page", skip_all)]
    pub async fn page(
        &self,
        by: &Staff,
        state: Option<ProposalOutcome>,
        after: Option<ProposalPlace>,
    ) -> Result<QueuePage<HeldBatch, ProposalPlace>> {
        let asked = (state, after);
        let found = self
            .two_persons
            .page(by, ProposalKind::Batch, asked)
            .await?;
        let lines: Result<_> = found.lines.into_iter().map(view).collect();
        Ok(QueuePage {
            lines: lines?,
            next: found.next,
        })
    }

    /// Approves a submission and takes it in as it came, about everybody at once. What a machine
    /// submitted has nobody who answers for it: the first who approves becomes that, and another one
    /// approves after them. Approving again what one approved changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::SamePerson`];
    /// [`ServiceError::ProposalSettled`]; [`ServiceError::BadField`] without a reason;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "batches.approve", skip_all, fields(batch = %id))]
    pub async fn approve(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<BatchApproval> {
        by.may(Action::ApproveOrders)?;
        checked(reason)?;
        let kind = ProposalKind::Batch;
        let record = self.two_persons.theirs(by, Action::ApproveOrders, id, kind);
        let record = record.await?;
        if record.proposed.staff.is_none() && record.settled.is_none() {
            self.two_persons.vouch(&record, by, reason).await?;
            return Ok(BatchApproval::AnsweredFor);
        }
        let approving = self.two_persons.approving(&record, by, reason)?;
        let content = Content::read(&record)?;
        let changed = match &content.trace {
            Some(trace) => self.let_trace(&record, approving, trace).await?,
            None => self.take_in(&record, approving, &content).await?,
        };
        warn!(batch = %id, changed, "a submission above the cap was approved");
        Ok(BatchApproval::Taken { changed })
    }

    /// Answers for what a machine submitted, as the first of two persons, and approves nothing. Again by the
    /// same one changes nothing.
    ///
    /// # Errors
    /// As [`Self::approve`]; [`ServiceError::ProposalSettled`] also if somebody else answers for it already.
    #[instrument(name = "batches.answer_for", skip_all, fields(batch = %id))]
    pub async fn answer_for(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<()> {
        by.may(Action::ApproveOrders)?;
        checked(reason)?;
        let record = self
            .two_persons
            .theirs(by, Action::ApproveOrders, id, ProposalKind::Batch)
            .await?;
        match record.proposed.staff {
            None if record.settled.is_none() => self.two_persons.vouch(&record, by, reason).await,
            Some(first) if first == by.id() => Ok(()),
            _ => Err(ServiceError::ProposalSettled),
        }
    }

    /// Rejects a submission: nobody is restricted by it.
    ///
    /// # Errors
    /// As [`Self::approve`], but for the same person.
    #[instrument(name = "batches.reject", skip_all, fields(batch = %id))]
    pub async fn reject(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<HeldBatch> {
        let two_persons = &self.two_persons;
        let rejected = two_persons.reject_theirs(by, id, ProposalKind::Batch, reason);
        view(rejected.await?)
    }

    /// Takes in a submission as it came; how many people's status changed.
    async fn take_in(
        &self,
        record: &ProposalRecord,
        approving: Approving,
        content: &Content,
    ) -> Result<usize> {
        let evidence = content.evidence(record)?;
        let mut traces = Vec::new();
        for piece in &evidence {
            traces.extend(self.cases.job_for(piece, record.proposed.staff).await?);
        }
        let opens_trace = !traces.is_empty();
        let key = RequestKey::from_u128(record.id.as_u128());
        let once = RequestOnce {
            request: self.keys.request(record.id.as_u128(), key),
            content: Sha256::digest(record.content.as_bytes()).into(),
        };
        let behind = content.behind.as_deref();
        let behind = behind.map(|staff| staff.parse().map_err(|_| unreadable(record.id)));
        let behind: Option<StaffId> = behind.transpose()?;
        let submitted_by = record.proposed.staff.into_iter().chain(approving.staff());
        let submitted_by = submitted_by.chain(behind);
        let batch = EvidenceBatch {
            once: Some(once),
            submitted_by: submitted_by.collect(),
            evidence,
            traces,
            approving: Some(approving),
            ..EvidenceBatch::default()
        };
        let changed = self.verdicts.append(batch).await?.changed()?;
        if opens_trace {
            self.wake.traces.notify_one();
        }
        Ok(changed)
    }

    /// Lets the trace of a case restrict as many people as were shown, and runs it again: what it finds
    /// then is written, not what it found when it was held.
    async fn let_trace(
        &self,
        record: &ProposalRecord,
        approving: Approving,
        trace: &Trace,
    ) -> Result<usize> {
        if record.settled.is_some() {
            return Ok(0);
        }
        let bad = || unreadable(record.id);
        let let_through = LetThrough {
            approving,
            case: trace.case.parse().map_err(|_| bad())?,
            diagnosis: trace.diagnosis.parse().map_err(|_| bad())?,
            counted_as: trace.counted_as.clone(),
            restricted: trace.restricted,
        };
        let done = self
            .store
            .transaction("batches.let_trace", let_through, |tx, let_through| {
                Box::pin(let_through.run(tx))
            });
        if !done.await? {
            return Err(ServiceError::ProposalSettled);
        }
        self.wake.traces.notify_one();
        Ok(0)
    }
}

/// What became of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchApproval {
    /// A machine submitted it: this was the first of two persons.
    AnsweredFor,
    /// It is taken in.
    Taken {
        /// How many people's status changed already. Contacts of a case are written in the background.
        changed: usize,
    },
}

/// The trace of a case that restricts too many.
#[derive(Clone, Debug)]
pub(crate) struct HeldTrace {
    pub case: PersonId,
    pub diagnosis: EvidenceId,
    /// Who confirmed the case.
    pub by: Option<StaffId>,
    /// How many contacts it found that are not on record.
    pub contacts: usize,
    /// About how many people.
    pub people: usize,
    /// How many people all that was submitted with the case would restrict by its contacts.
    pub restricted: usize,
    /// Under which counter they are counted.
    pub counted_as: String,
}

/// A submission above the cap, to be kept.
struct HeldSubmission {
    /// SHA-256 of the identifiers of its evidence.
    pieces: [u8; 32],
    content: String,
    by: Signature,
    alarm: AlarmRecord,
    entry: AuditEntry,
    ids: Arc<dyn IdSource>,
}

impl HeldSubmission {
    /// Keeps it, unless it waits already.
    async fn keep(&self, tx: &mut Transaction) -> Result<ProposalId, StoreError> {
        let mut round = 0_u32;
        let id = loop {
            let id = hashed_id(b"held batch", &[&self.pieces, &round.to_be_bytes()]);
            let id = ProposalId::from_u128(id.as_u128());
            match proposals::find(tx, id).await? {
                None => break id,
                Some(known) if known.settled.is_none() => return Ok(id),
                Some(_) => round += 1,
            }
        };
        let entry = self.entry.clone().what(format_args!("batch {id}"));
        audit::append(tx, &[entry.seal(&*self.ids)]).await?;
        store::alarms::raise(tx, &self.alarm).await?;
        proposals::add(tx, id, ProposalKind::Batch, &self.content, &self.by).await?;
        Ok(id)
    }
}

async fn hold_trace(
    tx: &mut Transaction,
    held: &HeldTrace,
    by: &Signature,
    ids: &dyn IdSource,
) -> Result<Option<ProposalId>> {
    let content = Content {
        restricted: held.restricted,
        recorded_at: 0,
        pieces: Vec::new(),
        behind: None,
        trace: Some(Trace {
            case: held.case.to_string(),
            diagnosis: held.diagnosis.to_string(),
            contacts: held.contacts,
            people: held.people,
            restricted: held.restricted,
            counted_as: held.counted_as.clone(),
        }),
    };
    let content = content.to_json()?;
    for round in 0_u32.. {
        let diagnosis = held.diagnosis.to_bytes();
        let hashed = hashed_id(b"held trace", &[&diagnosis, &round.to_be_bytes()]);
        let id = ProposalId::from_u128(hashed.as_u128());
        match proposals::find(tx, id).await? {
            Some(known) if known.settled.is_some() => {}
            Some(_) => return Ok(None),
            None => {
                let kind = ProposalKind::Batch;
                let entry = AuditEntry::of_proposal(Did::Proposed, kind, id, by).seal(ids);
                audit::append(tx, &[entry]).await?;
                proposals::add(tx, id, kind, &content, by).await?;
                return Ok(Some(id));
            }
        }
    }
    Ok(None)
}

/// An approval that lets a trace restrict more people.
struct LetThrough {
    approving: Approving,
    case: PersonId,
    diagnosis: EvidenceId,
    counted_as: String,
    restricted: usize,
}

impl LetThrough {
    async fn run(&self, tx: &mut Transaction) -> Result<bool> {
        if !self.approving.write(tx).await? {
            return Ok(false);
        }
        let seen = i64::try_from(self.restricted).unwrap_or(i64::MAX);
        counters::add(tx, &self.counted_as, -seen).await?;
        traces::reopen_one(tx, self.case, self.diagnosis).await?;
        Ok(true)
    }
}
