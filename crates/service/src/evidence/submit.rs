//! Submitting evidence and withdrawing it.

use std::sync::Arc;

use domain::{
    AuthorityId, AuthorityKind, Clock, Document, Evidence, EvidenceId, Fact, FactKind, IdSource,
    PersonId, RequestKey, Timestamp, Verdict,
};
use serde::{Deserialize, Serialize};
use store::receipts::{self, RequestHash};
use store::{Recorded, Store, StoreError, Transaction, Visit};
use tracing::{info, instrument, warn};

use super::plausible;
use crate::access::{Official, Resident};
use crate::caps::{Cap, Drawing};
use crate::decisions::{Appended, Decided, EvidenceBatch, RequestOnce, Verdicts};
use crate::people::canonical::Canonical;
use crate::people::keys::{evidence_id, withdrawal_id};
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
    /// SHA-256 of what is asked for, if the items alone do not tell: a time that the sender left open
    /// is another in each repeat.
    pub content: Option<[u8; 32]>,
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

/// Takes in what authorities submit.
pub struct Submissions {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) people: Arc<PersonFinder>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) visits: Arc<Visits>,
    pub(crate) cases: Arc<CaseWindows>,
    pub(crate) wake: Arc<Wake>,
}

impl Submissions {
    /// Takes in evidence. Bad items are refused one by one; the good ones go in together, in one
    /// transaction with the verdicts that follow from them. The contacts of a confirmed case among
    /// them are found in the background.
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
        let request = submission.request;
        let once = request.map(|key| RequestOnce {
            request: self.keys.request(scope, key),
            content: self.content(&submission),
        });
        let admitted = self
            .admit_all(by, once.as_ref(), submission.items, now)
            .await?;
        let mut visits = admitted.visits;
        let note = Note::of(&admitted.receipt).to_json()?;
        let opens_trace = !admitted.traces.is_empty();
        let mut receipt = admitted.receipt;
        // A request of visits alone has a receipt too.
        if !admitted.evidence.is_empty() || once.is_some() {
            let batch = EvidenceBatch {
                once,
                note,
                evidence: admitted.evidence,
                traces: admitted.traces,
            };
            let cap = self.settings.cap(Cap::RestrictedByBatch);
            let appended = self.verdicts.append_within(batch, cap).await;
            match (appended.inspect_err(note_cap)?, request) {
                (Appended::KeyReused, Some(key)) => {
                    return Err(ServiceError::RequestKeyReused(key));
                }
                (Appended::KeyReused, None) => return Err(unanswered()),
                (Appended::New(decisions), _) => {
                    let changed = decisions.decided.iter().filter(|one| one.is_changed());
                    receipt.changed += changed.count();
                }
                (Appended::Repeated { changed, note }, _) => {
                    // The visits of the first time may not have been written before it broke off.
                    receipt = Note::from_json(&note)?.restore(receipt, changed);
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

    /// Takes back a record that was wrong; it counts no more. What contact tracing found because of
    /// a withdrawn diagnosis is taken back as well, in the background.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] for an identifier that is nobody's,
    /// [`ServiceError::UnknownEvidence`], [`ServiceError::NotWithdrawable`] for a withdrawal, [`ServiceError::NotYours`] unless the same
    /// authority or a health authority asks; [`ServiceError::Store`].
    #[instrument(name = "evidence.withdraw", skip_all)]
    pub async fn withdraw(
        &self,
        by: &Official,
        subject: &Subject,
        evidence: EvidenceId,
    ) -> Result<Withdrawn> {
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
        let is_health = by.authority().kind == AuthorityKind::Health;
        if record.authority != by.authority().id && !is_health {
            return Err(ServiceError::NotYours);
        }
        let now = self.clock.now();
        let id = withdrawal_id(record.id);
        let mut batch = EvidenceBatch::default();
        for record in &records {
            let withdrawal = withdrawal_of(record, by.authority().id, now);
            let trace = self.cases.job_against(record, withdrawal.id).await?;
            batch.traces.extend(trace);
            batch.evidence.push(withdrawal);
        }
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

    fn content(&self, submission: &Submission) -> [u8; 32] {
        if let Some(content) = submission.content {
            return content;
        }
        let count = submission.items.len() as u64;
        let items = submission.items.iter();
        let begun = Canonical::new("submit").bytes(&count.to_be_bytes());
        let canonical = items.fold(begun, |canonical, item| {
            self.subject(canonical, &item.subject).fact(&item.fact)
        });
        canonical.hash()
    }

    /// Adds a subject to what a request asks for.
    pub(crate) fn subject(&self, canonical: Canonical, subject: &Subject) -> Canonical {
        match subject {
            Subject::Person(person) => canonical.text("person").bytes(&person.to_bytes()),
            Subject::Document(document) => {
                let index = self.keys.vault.document(document);
                canonical.text("document").bytes(&index.0)
            }
        }
    }

    /// Checks each item; the good ones become evidence or visits.
    async fn admit_all(
        &self,
        by: &Official,
        once: Option<&RequestOnce>,
        items: Vec<Item>,
        now: Timestamp,
    ) -> Result<Admitted> {
        let subjects: Vec<Subject> = items.iter().map(|item| item.subject.clone()).collect();
        let people = self.people.find_all(&subjects).await?;
        let mut admitted = Admitted::default();
        let items = self
            .within_the_day(by, once, items, now, &mut admitted.receipt)
            .await?;
        for (index, (item, person)) in items.into_iter().zip(people).enumerate() {
            let id = evidence_id(&*self.ids, once, index);
            let Some(item) = item else { continue };
            let admit = self.admit(by, id, item.fact, person, now, &mut admitted);
            match admit.await {
                Ok(person) => admitted.receipt.accepted.push(Accepted {
                    index,
                    evidence: id,
                    person,
                }),
                Err(error) if error.is_ours() => return Err(error),
                Err(error) => admitted.receipt.refused.push(refusal(index, error)),
            }
        }
        Ok(admitted)
    }

    /// Leaves out orders and foreign verdicts, if the authority may send no more of them on this day:
    /// all that came together, so that nobody has to find out which went in. A repeated request counts
    /// once.
    async fn within_the_day(
        &self,
        by: &Official,
        once: Option<&RequestOnce>,
        items: Vec<Item>,
        now: Timestamp,
        receipt: &mut Receipt,
    ) -> Result<Vec<Option<Item>>> {
        let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
        for (kind, cap) in [
            (FactKind::Order, Cap::OrdersADay),
            (FactKind::ForeignVerdict, Cap::ForeignVerdictsADay),
        ] {
            let is_of_kind = |item: &Option<Item>| {
                let item = item.as_ref();
                item.is_some_and(|item| item.fact.kind() == kind)
            };
            let count = items.iter().filter(|item| is_of_kind(item)).count();
            if count == 0 {
                continue;
            }
            let (most, authority) = (self.settings.cap(cap), by.authority().id);
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            let request = once.map(|once| once.request);
            let drawn = self.store.transaction(
                "caps.draw",
                (
                    request,
                    Drawing {
                        cap,
                        most,
                        authority,
                        now,
                        count,
                    },
                ),
                |tx, (request, drawing)| Box::pin(draw_once(tx, *request, drawing)),
            );
            if drawn.await? {
                continue;
            }
            warn!(cap = cap.name(), most, "an authority has used up its day");
            for (index, item) in items.iter_mut().enumerate() {
                if is_of_kind(item) {
                    *item = None;
                    let why = format!(
                        "one authority may send {most} of these a day; send the rest tomorrow, or have \
                         whoever runs this raise `{}`",
                        cap.name()
                    );
                    receipt
                        .refused
                        .push(refusal(index, ServiceError::field("kind", why)));
                }
            }
        }
        Ok(items)
    }

    async fn admit(
        &self,
        by: &Official,
        id: EvidenceId,
        fact: Fact,
        person: Option<PersonId>,
        now: Timestamp,
        admitted: &mut Admitted,
    ) -> Result<PersonId> {
        let authority = by.authority();
        let kind = fact.kind();
        if kind == FactKind::Withdrawal {
            let why = "a withdrawal is not submitted; withdraw the record by its id";
            return Err(ServiceError::field("kind", why));
        }
        if !authority.kind.may_submit(kind) {
            let why = format!("a {} authority may not submit {kind}", authority.kind);
            return Err(ServiceError::field("kind", why));
        }
        plausible::check(&fact, now, self.settings.clock_skew)?;
        if let Fact::ForeignVerdict { issuer, .. } = &fact
            && *issuer == self.settings.issuer
        {
            let why = "this is our own issuer; a foreign verdict comes from another one";
            return Err(ServiceError::field("issuer", why));
        }
        let person = person.ok_or(ServiceError::UnknownPerson)?;
        if let Fact::Visit { venue, period, .. } = fact {
            let venue = self.visits.venue(venue).await?;
            let (category, venue) = (venue.category, venue.id);
            admitted.visits.push(Visit {
                id,
                person,
                venue,
                category,
                entered: period.begin(),
                left: period.end(),
            });
            return Ok(person);
        }
        let evidence = Evidence {
            id,
            person,
            authority: authority.id,
            recorded_at: now,
            fact,
        };
        admitted.traces.extend(self.cases.job_for(&evidence).await?);
        admitted.evidence.push(evidence);
        Ok(person)
    }
}

/// What of a submission may go in. Visits are kept by person and by venue, apart from other evidence.
#[derive(Default)]
struct Admitted {
    receipt: Receipt,
    evidence: Vec<Evidence>,
    traces: Vec<store::TraceJob>,
    visits: Vec<Visit>,
}

/// What is kept of a receipt, to be given again: everything but what follows from the request.
#[derive(Serialize, Deserialize)]
struct Note {
    refused: Vec<(usize, String, String)>,
}

impl Note {
    fn of(receipt: &Receipt) -> Self {
        let refused = receipt.refused.iter();
        let refused = refused.map(|one| (one.index, one.field.to_owned(), one.reason.clone()));
        Self {
            refused: refused.collect(),
        }
    }

    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|_| unanswered())
    }

    fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|_| unanswered())
    }

    /// The first receipt, told from that of the repeat.
    fn restore(self, mut repeated: Receipt, changed: usize) -> Receipt {
        let was_refused = |index: usize| self.refused.iter().any(|(refused, ..)| *refused == index);
        repeated.accepted.retain(|one| !was_refused(one.index));
        let refused = self.refused.iter().map(|(index, field, reason)| Refused {
            index: *index,
            field: field_named(field),
            reason: reason.clone(),
        });
        repeated.refused = refused.collect();
        repeated.changed = changed;
        repeated
    }
}

/// The fields that a refusal of an item may name.
fn field_named(name: &str) -> &'static str {
    const FIELDS: [&str; 22] = [
        "kind",
        "person",
        "venue",
        "item",
        "at",
        "onset",
        "first",
        "last",
        "ring",
        "arrived",
        "left",
        "sampled",
        "reported",
        "lab",
        "product",
        "dose",
        "entered",
        "from",
        "until",
        "basis",
        "issuer",
        "signed_by",
    ];
    let found = FIELDS.into_iter().find(|field| *field == name);
    found.unwrap_or("item")
}

/// Draws, unless the request was carried out before.
async fn draw_once(
    tx: &mut Transaction,
    request: Option<RequestHash>,
    drawing: &Drawing,
) -> Result<bool, StoreError> {
    if let Some(request) = request
        && receipts::find(tx, request).await?.is_some()
    {
        return Ok(true);
    }
    drawing.draw(tx).await
}

/// A line for whoever watches: a cap was hit.
fn note_cap(error: &ServiceError) {
    if let ServiceError::RestrictsTooMany { restricted, cap } = error {
        warn!(
            restricted,
            cap, "a submission would restrict too many people"
        );
    }
}

fn unanswered() -> ServiceError {
    ServiceError::Store(StoreError::Database(
        "the receipt of a submission cannot be written or read".to_owned(),
    ))
}

fn decided_of(appended: Appended, person: PersonId) -> Option<Decided> {
    match appended {
        Appended::New(decisions) => {
            let mut decided = decisions.decided.into_iter();
            decided.find(|one| one.now.person == person)
        }
        Appended::Repeated { .. } | Appended::KeyReused => None,
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
