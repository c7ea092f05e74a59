//! Submitting evidence and withdrawing it.

use domain::evidence::DiagnosisStatus;
use domain::{
    AuthorityKind, Document, Evidence, EvidenceId, Fact, FactKind, PersonId, RequestKey, Timestamp,
    Verdict,
};
use store::{EvidenceBatch, Recorded, Visit};
use tracing::{info, instrument};

use crate::access::{Official, Resident};
use crate::keys::{scoped_request, withdrawal_id};
use crate::service::Service;
use crate::{Result, ServiceError};

/// Evidence from an authority.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Drawn by the sender and kept for repeats: a repeated submission counts once.
    pub request: Option<RequestKey>,
    /// The evidence, about any number of people.
    pub items: Vec<Item>,
}

/// One fact about one person.
#[derive(Clone, Debug)]
pub struct Item {
    /// About whom.
    pub subject: Subject,
    /// What.
    pub fact: Fact,
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

impl Service {
    /// Takes in evidence. Bad items are refused one by one; the good ones go in together, in one
    /// transaction with the verdicts that follow from them. A confirmed case among them is traced
    /// as by [`Service::confirm_case`].
    ///
    /// # Errors
    /// [`ServiceError::TooMany`]; [`ServiceError::RequestKeyReused`]; [`ServiceError::NoPolicy`];
    /// [`ServiceError::Store`].
    #[instrument(name = "evidence.submit", skip_all, fields(items = submission.items.len()))]
    pub async fn submit(&self, by: &Official, submission: Submission) -> Result<Receipt> {
        let limit = self.settings.most_items;
        if submission.items.len() > limit {
            let count = submission.items.len();
            return Err(ServiceError::TooMany {
                field: "items",
                count,
                limit,
            });
        }
        let now = self.clock.now();
        let scope = by.authority().id.as_u128();
        let mut receipt = Receipt::default();
        let mut batch = EvidenceBatch {
            request: submission.request.map(|key| scoped_request(scope, key)),
            ..EvidenceBatch::default()
        };
        let mut visits = Vec::new();
        for (index, item) in submission.items.into_iter().enumerate() {
            let id = self.evidence_id(scope, submission.request, index);
            match self.admit(by, id, item, now).await {
                Ok(Admitted::Evidence(evidence)) => {
                    receipt.accepted.push(Accepted {
                        index,
                        evidence: id,
                        person: evidence.person,
                    });
                    batch
                        .traces
                        .extend(self.trace_job_for(&evidence, now).await?);
                    batch.evidence.push(evidence);
                }
                Ok(Admitted::Visit(visit)) => {
                    receipt.accepted.push(Accepted {
                        index,
                        evidence: id,
                        person: visit.person,
                    });
                    visits.push(visit);
                }
                Err(error) if error.is_ours() => return Err(error),
                Err(error) => receipt.refused.push(refusal(index, error)),
            }
        }
        if !batch.evidence.is_empty() {
            let opens_trace = !batch.traces.is_empty();
            let decided = self.append(batch).await?;
            let changed = decided
                .iter()
                .filter(|one| one.before != Some(one.now.verdict.status));
            receipt.changed += changed.count();
            if opens_trace {
                self.wake.traces.notify_one();
            }
        }
        if !visits.is_empty() {
            receipt.changed += self.take_visits(&visits, Recorded::Late).await?;
        }
        let (accepted, refused) = (receipt.accepted.len(), receipt.refused.len());
        info!(authority = %by.authority().kind, accepted, refused, "evidence submitted");
        Ok(receipt)
    }

    /// Takes back a record that was wrong; it counts no more. What contact tracing found because of
    /// a withdrawn diagnosis is taken back as well, in the background.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`], [`ServiceError::UnknownEvidence`],
    /// [`ServiceError::NotWithdrawable`] for a withdrawal, [`ServiceError::NotYours`] unless the same
    /// authority or a health authority asks; [`ServiceError::Store`].
    #[instrument(name = "evidence.withdraw", skip_all)]
    pub async fn withdraw(
        &self,
        by: &Official,
        subject: &Subject,
        evidence: EvidenceId,
    ) -> Result<Withdrawn> {
        let person = self.person(subject).await?;
        let record = self.store.evidence(person, evidence).await?;
        let record = record.ok_or(ServiceError::UnknownEvidence)?;
        if record.fact.kind() == FactKind::Withdrawal {
            return Err(ServiceError::NotWithdrawable);
        }
        let is_health = by.authority().kind == AuthorityKind::Health;
        if record.authority != by.authority().id && !is_health {
            return Err(ServiceError::NotYours);
        }
        let now = self.clock.now();
        let withdrawal = self.withdrawal_of(&record, by.authority().id, now);
        let id = withdrawal.id;
        let traces = self.trace_job_against(&record, id, now).await?;
        let opens_trace = traces.is_some();
        let batch = EvidenceBatch {
            request: None,
            evidence: vec![withdrawal],
            traces: traces.into_iter().collect(),
        };
        self.append(batch).await?;
        if opens_trace {
            self.wake.traces.notify_one();
        }
        Ok(Withdrawn {
            evidence: id,
            person,
            verdict: self.current(person).await?.verdict,
        })
    }

    /// What a person may read about themselves: their evidence within the policy's look-back, oldest
    /// first.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "evidence.own", skip_all)]
    pub async fn own_evidence_of(&self, resident: &Resident) -> Result<Vec<Evidence>> {
        let since = self.court()?.look_back_from;
        Ok(self.store.evidence_of(resident.person(), since).await?)
    }

    /// The person whom an authority means.
    pub(crate) async fn person(&self, subject: &Subject) -> Result<PersonId> {
        let person = match subject {
            Subject::Person(person) => self.is_registered(*person).await?.then_some(*person),
            Subject::Document(document) => {
                let index = self.keys.vault.document(document);
                self.identities.person_by_document(index).await?
            }
        };
        person.ok_or(ServiceError::UnknownPerson)
    }

    pub(crate) fn withdrawal_of(
        &self,
        record: &Evidence,
        authority: domain::AuthorityId,
        now: Timestamp,
    ) -> Evidence {
        Evidence {
            id: withdrawal_id(record.id),
            person: record.person,
            authority,
            recorded_at: now,
            fact: Fact::withdrawal(record.id, now),
        }
    }

    async fn admit(
        &self,
        by: &Official,
        id: EvidenceId,
        item: Item,
        now: Timestamp,
    ) -> Result<Admitted> {
        let authority = by.authority();
        let kind = item.fact.kind();
        if kind == FactKind::Withdrawal {
            let why = "a withdrawal is not submitted; withdraw the record by its id";
            return Err(ServiceError::field("kind", why));
        }
        if !authority.kind.may_submit(kind) {
            let why = format!("a {} authority may not submit {kind}", authority.kind);
            return Err(ServiceError::field("kind", why));
        }
        self.check_plausible(&item.fact, now)?;
        let person = self.person(&item.subject).await?;
        if let Fact::Visit { venue, period, .. } = item.fact {
            let venue = self.venue(venue).await?;
            let (category, venue) = (venue.category, venue.id);
            return Ok(Admitted::Visit(Visit {
                id,
                person,
                venue,
                category,
                entered: period.begin(),
                left: period.end(),
            }));
        }
        let evidence = Evidence {
            id,
            person,
            authority: authority.id,
            recorded_at: now,
            fact: item.fact,
        };
        Ok(Admitted::Evidence(evidence))
    }
}

/// An item that may go in.
enum Admitted {
    Evidence(Evidence),
    /// Visits are kept by person and by venue, apart from other evidence.
    Visit(Visit),
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

/// Whether a finding makes the person a case whose contacts are sought.
pub(crate) const fn is_case(status: DiagnosisStatus) -> bool {
    matches!(
        status,
        DiagnosisStatus::Confirmed | DiagnosisStatus::Asymptomatic
    )
}
