//! Submitting evidence and withdrawing it.

use std::sync::Arc;

use domain::{
    AuthorityId, Clock, Document, Evidence, EvidenceId, Fact, FactKind, IdSource, PersonId,
    ProposalId, RequestKey, Timestamp, Verdict,
};
use sha2::{Digest, Sha256};
use store::audit::NewEntry;
use store::{Recorded, Store, receipts};
use tracing::{info, instrument};

use super::about_one::opens_search;
use super::note::{Note, unanswered};
use super::{HeldBatches, Said};
use crate::access::{Access, Action, Resident, Submitter};
use crate::audit::{AuditEntry, Did, Stated};
use crate::caps::Cap;
use crate::codes::Checks;
use crate::decisions::{Appended, Decided, EvidenceBatch, RequestOnce, RestrictionCap, Verdicts};
use crate::people::canonical::Canonical;
use crate::people::keys::withdrawal_id;
use crate::people::{Keys, PersonFinder};
use crate::publishing::PublishedPolicies;
use crate::tracing::CaseWindows;
use crate::visits::Visits;
use crate::wake::Wake;
use crate::{Result, ServiceError, Settings};

/// Evidence from an authority.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Drawn by the sender and kept for repeats: a repeated submission counts once.
    pub request: Option<RequestKey>,
    /// SHA-256 of what is asked for, if the items alone do not tell: a timestamp that the sender left
    /// open is another in each repeat.
    pub content: Option<[u8; 32]>,
    /// The evidence, about any number of people.
    pub items: Vec<Item>,
}

/// What is said about one person.
#[derive(Clone, Debug)]
pub struct Item {
    /// About whom.
    pub subject: Subject,
    /// What.
    pub said: Said,
}

/// How an authority names a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// By the id that the system gave them.
    Person(PersonId),
    /// By their document.
    Document(Document),
}

/// What became of a submission. The same submission with the same request key gets the same receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Items that are durable, in order.
    pub accepted: Vec<Accepted>,
    /// Items that were refused, in order. They kept nothing good out.
    pub refused: Vec<Refused>,
    /// People whose status changed.
    pub changed: usize,
    /// Set if it would restrict more people than one submission may: then nothing of it is accepted
    /// yet, and it waits under this identifier for a staff member who approves it.
    pub held: Option<ProposalId>,
}

/// An item that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Which item, from 0.
    pub index: usize,
    /// Its identifier as evidence; a withdrawal names it.
    pub evidence: EvidenceId,
    /// Whom it is about.
    pub person: PersonId,
}

/// An item that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which item, from 0.
    pub index: usize,
    /// Which field of it.
    pub field: &'static str,
    /// Why, and what to do. Holds no personal data.
    pub reason: String,
}

/// A withdrawal that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// The withdrawal itself; a repeated one has the same identifier.
    pub evidence: EvidenceId,
    /// Whom it is about.
    pub person: PersonId,
    /// Their verdict now.
    pub verdict: Verdict,
}

/// Submissions that belong together, as the rows of one file do: the contacts that searches find for the
/// cases among them count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Together(Timestamp);

/// Takes in what authorities submit.
pub struct Submissions {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) people: Arc<PersonFinder>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) visits: Arc<Visits>,
    pub(crate) checks: Arc<Checks>,
    pub(crate) held: Arc<HeldBatches>,
    pub(crate) cases: Arc<CaseWindows>,
    pub(crate) wake: Arc<Wake>,
}

impl Submissions {
    /// Takes in evidence. Bad items are refused one by one; the good ones go in together, in one
    /// transaction with the verdicts that follow from them. What an authority said of a person before
    /// is accepted and counts once; what was taken back since is refused. The contacts of a confirmed case among
    /// them are found in the background.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`] of a staff member who states the
    /// diagnosis of a case; [`ServiceError::TooMany`]; [`ServiceError::RequestKeyReused`];
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "evidence.submit", skip_all, fields(items = submission.items.len()))]
    pub async fn submit(&self, by: &Submitter, submission: Submission) -> Result<Receipt> {
        by.answer_evenly(self.take_in(by, submission, false, None))
            .await
    }

    /// The same, of what belongs together: if anything of it is refused, nothing is taken in.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub(crate) async fn submit_whole(
        &self,
        by: &Submitter,
        submission: Submission,
    ) -> Result<Receipt> {
        by.answer_evenly(self.take_in(by, submission, true, None))
            .await
    }

    /// Begins submissions that belong together.
    pub fn together(&self) -> Together {
        Together(self.clock.now())
    }

    /// As [`Self::submit`], of one of several submissions that belong together.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn submit_together(
        &self,
        by: &Submitter,
        submission: Submission,
        together: Together,
    ) -> Result<Receipt> {
        by.answer_evenly(self.take_in(by, submission, false, Some(together)))
            .await
    }

    async fn take_in(
        &self,
        by: &Submitter,
        submission: Submission,
        is_whole: bool,
        together: Option<Together>,
    ) -> Result<Receipt> {
        by.may(Action::SubmitEvidence)?;
        self.settings.check_count("items", submission.items.len())?;
        let now = self.clock.now();
        if submission.items.iter().any(|item| opens_search(&item.said)) {
            by.check_step_up(Action::ConfirmCase, now)?;
        }
        let scope = by.scope();
        let request = submission.request;
        let once = request.map(|key| RequestOnce {
            request: self.keys.request(scope, key),
            content: self.content(&submission),
        });
        let admitted = self
            .admit_all(by, once.as_ref(), submission.items, now)
            .await?;
        let came_before = match &once {
            Some(once) if is_whole => self.came_before(once).await?,
            _ => false,
        };
        if is_whole && !came_before && !admitted.receipt.refused.is_empty() {
            return Ok(Receipt {
                refused: admitted.receipt.refused,
                ..Receipt::default()
            });
        }
        let mut visits = admitted.visits;
        let mut traces = admitted.traces;
        if let Some(Together(began)) = together {
            for job in &mut traces {
                job.opened_at = began.min(job.opened_at);
            }
        }
        let note = Note::of(&admitted.receipt).to_json()?;
        let opens_trace = !traces.is_empty();
        let mut receipt = admitted.receipt;
        // A request of visits alone has a receipt too, and an entry in the log.
        if !receipt.accepted.is_empty() || once.is_some() {
            let batch = EvidenceBatch {
                once,
                note,
                evidence: admitted.evidence,
                traces,
                entry: Some(self.entry(by, &receipt.accepted, now)),
                submitted_by: by.behind().into_iter().collect(),
                ..EvidenceBatch::default()
            };
            let cap = RestrictionCap::alone(self.settings.cap(Cap::RestrictedByBatch));
            // Only a submission about more people than that can be above the cap.
            let is_large = batch.evidence.len() > cap.most as usize;
            let kept = if is_large {
                batch.evidence.clone()
            } else {
                Vec::new()
            };
            let appended = match self.verdicts.append_within(batch, &cap).await {
                Err(ServiceError::RestrictsTooMany { restricted, .. }) if visits.is_empty() => {
                    let held = self.held.hold(by, &kept, restricted).await?;
                    return Ok(Receipt {
                        accepted: Vec::new(),
                        refused: receipt.refused,
                        changed: 0,
                        held: Some(held),
                    });
                }
                appended => appended?,
            };
            match (appended, request) {
                (Appended::KeyReused, Some(key)) => {
                    return Err(ServiceError::RequestKeyReused(key));
                }
                (Appended::KeyReused, None) | (Appended::Settled | Appended::UsedUp, _) => {
                    return Err(unanswered());
                }
                (Appended::New(decisions), _) => {
                    let changed = decisions.decided.iter().filter(|one| one.is_changed());
                    receipt.changed += changed.count();
                }
                (Appended::Repeated { changed, note }, _) => {
                    // The visits of the first time may not have been written before it broke off.
                    receipt = Note::from_json(&note)?.restore(receipt, admitted.lapsed, changed);
                    let accepted: Vec<EvidenceId> =
                        receipt.accepted.iter().map(|one| one.evidence).collect();
                    visits.retain(|visit| accepted.contains(&visit.id));
                }
            }
            if opens_trace {
                self.wake.traces.notify_one();
            }
        }
        if !visits.is_empty() {
            receipt.changed += self.visits.take_visits(&visits, Recorded::Late).await?;
        }
        let (accepted, refused) = (receipt.accepted.len(), receipt.refused.len());
        info!(authority = %by.authority().kind, accepted, refused, "evidence submitted");
        Ok(receipt)
    }

    /// Whether the same was asked for before.
    async fn came_before(&self, once: &RequestOnce) -> Result<bool> {
        let read = self
            .store
            .read("receipts.find", once.request, |tx, request| {
                Box::pin(receipts::find(tx, *request))
            });
        Ok(read.await?.is_some())
    }

    /// Takes back a record that was wrong; it counts no more. What contact tracing found because of
    /// a withdrawn diagnosis is taken back as well, in the background.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] for an identifier that is nobody's,
    /// [`ServiceError::UnknownEvidence`], [`ServiceError::NotWithdrawable`] for a withdrawal, [`ServiceError::NotYours`] unless the same
    /// authority asks, or a health officer of its region; [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "evidence.withdraw", skip_all)]
    pub async fn withdraw(
        &self,
        by: &Submitter,
        subject: &Subject,
        evidence: EvidenceId,
    ) -> Result<Withdrawn> {
        by.answer_evenly(self.take_back(by, subject, evidence, None))
            .await
    }

    /// The same, with a reason that the log keeps.
    ///
    /// # Errors
    /// As [`Self::withdraw`].
    #[instrument(name = "evidence.withdraw_because", skip_all)]
    pub async fn withdraw_because(
        &self,
        by: &Submitter,
        subject: &Subject,
        evidence: EvidenceId,
        why: Stated,
    ) -> Result<Withdrawn> {
        by.answer_evenly(self.take_back(by, subject, evidence, Some(why)))
            .await
    }

    async fn take_back(
        &self,
        by: &Submitter,
        subject: &Subject,
        evidence: EvidenceId,
        why: Option<Stated>,
    ) -> Result<Withdrawn> {
        by.may(Action::WithdrawEvidence)?;
        let person = match (subject, self.people.find(subject).await) {
            // Whether a document is known is nobody's business.
            (Subject::Document(_), Err(ServiceError::UnknownPerson)) => {
                return Err(ServiceError::UnknownEvidence);
            }
            (_, found) => found?,
        };
        let records = self.people.records(subject, person, evidence).await?;
        let record = records.first().ok_or(ServiceError::UnknownEvidence)?;
        if record.fact.kind() == FactKind::Withdrawal {
            return Err(ServiceError::NotWithdrawable);
        }
        by.may_withdraw(&self.access.authority(record.authority).await?)?;
        let now = self.clock.now();
        let id = withdrawal_id(record.id);
        let mut batch = EvidenceBatch::default();
        for record in &records {
            let withdrawal = withdrawal_of(record, by.authority().id, now);
            let trace = self.cases.job_against(record, withdrawal.id).await?;
            batch.traces.extend(trace);
            batch.evidence.push(withdrawal);
        }
        let entry = AuditEntry::new(by.into(), Did::EvidenceWithdrawn, now).what(record.id);
        let entry = match why {
            Some(why) => entry.because(why),
            None => entry,
        };
        batch.entry = Some(entry.seal(&*self.ids));
        let opens_trace = !batch.traces.is_empty();
        let appended = self.verdicts.append(batch).await?;
        if opens_trace {
            self.wake.traces.notify_one();
        }
        let verdict = match decided_of(appended, person) {
            Some(decided) => decided.now.verdict,
            None => self.verdicts.current(person).await?.verdict,
        };
        Ok(Withdrawn {
            evidence: id,
            person,
            verdict,
        })
    }

    /// What a person may read about themselves: their evidence within the policy's look-back, oldest
    /// first.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "evidence.own", skip_all)]
    pub async fn own_evidence_of(&self, resident: &Resident) -> Result<Vec<Evidence>> {
        let since = self.policies.context()?.look_back_from;
        let read = self.store.read(
            "evidence.of",
            (resident.person(), since),
            |tx, (person, since)| Box::pin(store::evidence::of(tx, *person, *since)),
        );
        Ok(read.await?)
    }

    /// What the log says of a submission: how many pieces, and the SHA-256 of their identifiers.
    fn entry(&self, by: &Submitter, accepted: &[Accepted], now: Timestamp) -> NewEntry {
        let ids = accepted.iter().map(|one| one.evidence.to_bytes());
        let hash = ids.fold(Sha256::new(), |hash, id| hash.chain_update(id));
        let hash: String = hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let entry = AuditEntry::new(by.into(), Did::EvidenceSubmitted, now);
        entry.what(hash).count(accepted.len()).seal(&*self.ids)
    }

    pub(super) fn content(&self, submission: &Submission) -> [u8; 32] {
        if let Some(content) = submission.content {
            return content;
        }
        let count = submission.items.len() as u64;
        let items = submission.items.iter();
        let begun = Canonical::new("submit").bytes(&count.to_be_bytes());
        let canonical = items.fold(begun, |canonical, item| {
            self.subject(canonical, &item.subject).said(&item.said)
        });
        canonical.hash()
    }

    /// Adds a subject to what a request asks for.
    pub(crate) fn subject(&self, canonical: Canonical, subject: &Subject) -> Canonical {
        match subject {
            Subject::Person(person) => canonical.text("person").bytes(&person.to_bytes()),
            Subject::Document(document) => {
                let index = self.keys.vault.document(document);
                canonical.text("document").bytes(&index.stable)
            }
        }
    }
}

fn decided_of(appended: Appended, person: PersonId) -> Option<Decided> {
    match appended {
        Appended::New(decisions) => {
            let mut decided = decisions.decided.into_iter();
            decided.find(|one| one.now.person == person)
        }
        Appended::Repeated { .. } | Appended::KeyReused | Appended::Settled | Appended::UsedUp => {
            None
        }
    }
}

/// The withdrawal of a record.
pub(crate) fn withdrawal_of(record: &Evidence, authority: AuthorityId, now: Timestamp) -> Evidence {
    Evidence {
        id: withdrawal_id(record.id),
        person: record.person,
        authority,
        recorded_at: now,
        fact: Fact::withdrawal(record.id, now),
    }
}

pub(crate) fn refusal(index: usize, error: ServiceError) -> Refused {
    let (field, reason) = match error {
        ServiceError::BadField { field, why } => (field, why),
        ServiceError::UnknownVenue => ("venue", error.to_string()),
        ServiceError::UnknownPerson => ("person", error.to_string()),
        other => ("item", other.to_string()),
    };
    Refused {
        index,
        field,
        reason,
    }
}
