//! Orders: the only evidence that restricts a person directly, and so the business of two staff members
//! (invariant 2). One proposes whom, how, until when and on which legal basis; another approves. Nothing
//! is on record before; the approval and the orders are written in one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::evidence::{BadOrder, Order};
use domain::{Clock, Colour, Evidence, Fact, PersonId, ProposalId, RequestKey, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::StoreError;
use store::proposals::{
    ProposalKind, ProposalOutcome, ProposalPlace, ProposalRecord, Settlement, Signature,
};
use tracing::{info, instrument, warn};

use super::{Subject, plausible};
use crate::access::{Access, Action, Staff};
use crate::audit::{AuditEntry, Did, Purpose, Stated};
use crate::caps::{Cap, Drawing};
use crate::decisions::{Appended, EvidenceBatch, RequestOnce, Verdicts};
use crate::people::keys::hashed_id;
use crate::people::{Keys, PersonFinder};
use crate::queues::QueuePage;
use crate::two_persons::{TwoPersons, unreadable};
use crate::{Result, ServiceError, Settings};

/// A form that is sent again so much later may still be the same press.
const PRESSED_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// Whom an order is to restrict, how and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    /// The same of one staff member proposes one order.
    pub request: Option<RequestKey>,
    /// Whom: one person or more, all of whom must be known.
    pub people: Vec<Subject>,
    /// Red or yellow.
    pub colour: Colour,
    /// From when.
    pub from: Timestamp,
    /// The first instant after, within 72 hours.
    pub until: Timestamp,
    /// The law it rests on.
    pub basis: String,
}

/// An order that waits for a second person, or no longer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderProposal {
    /// Its identifier.
    pub id: ProposalId,
    /// Whom it is to restrict.
    pub people: Vec<PersonId>,
    /// Red or yellow.
    pub colour: Colour,
    /// From when.
    pub from: Timestamp,
    /// The first instant after.
    pub until: Timestamp,
    /// The law it rests on.
    pub basis: String,
    /// Who proposed it.
    pub proposed: Signature,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

/// Takes orders from two staff members.
pub struct Orders {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) people: Arc<PersonFinder>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) two_persons: Arc<TwoPersons>,
}

impl Orders {
    /// Proposes an order. It restricts nobody yet. A person named by their document is ordered as
    /// the document's person: an account that only claims the number neither suffers it nor is rid
    /// of it by claiming another.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`]; [`ServiceError::UnknownPerson`]
    /// also for somebody of another region; [`ServiceError::TooMany`];
    /// [`ServiceError::TooManyWaiting`]; [`ServiceError::BadField`] if it is green, over already, has
    /// no basis or no end within 72 hours; [`ServiceError::RequestKeyReused`]; [`ServiceError::NoPolicy`];
    /// [`ServiceError::Store`].
    #[instrument(name = "orders.propose", skip_all, fields(people = request.people.len()))]
    pub async fn propose(&self, by: &Staff, request: OrderRequest) -> Result<OrderProposal> {
        let now = self.clock.now();
        by.may(Action::ProposeOrders)?;
        let count = request.people.len();
        self.settings.check_count("people", count)?;
        if count == 0 {
            return Err(ServiceError::field("people", "expected one or more"));
        }
        let found = self.people.find_all(&request.people).await?;
        let people: Option<Vec<PersonId>> = found.into_iter().collect();
        let mut people = people.ok_or(ServiceError::UnknownPerson)?;
        people.sort_unstable();
        people.dedup();
        self.people
            .check(by, Action::ProposeOrders, &people, now)
            .await?;
        let content = Content {
            people: people.iter().map(PersonId::to_string).collect(),
            colour: request.colour.as_str().to_owned(),
            from: request.from.as_second(),
            until: request.until.as_second(),
            basis: request.basis.trim().to_owned(),
        };
        // Whatever is wrong with it is said now, not to the approver.
        let order = content.order(["one", "another"].map(str::to_owned))?;
        refuse_past(&order, now)?;
        plausible::check(&Fact::Order(order), now, self.settings.clock_skew)?;
        let text = content.to_json()?;
        let most = self.settings.cap(Cap::OrdersADay);
        if people.len() > most as usize {
            return Err(too_many_orders(most));
        }
        let two_persons = &self.two_persons;
        let kept = two_persons.propose_once(by, ProposalKind::Orders, text, request.request);
        let kept = view(kept.await?)?;
        let says_the_same = kept.people == people
            && kept.colour == request.colour
            && kept.basis == request.basis.trim();
        let is_same_time = (kept.from, kept.until) == (request.from, request.until);
        // A form says for how long, from now on: pressed twice, or sent again, it is a little later.
        let later = request.from.duration_since(kept.from);
        let is_pressed_again = kept.settled.is_none()
            && request.until.duration_since(kept.until) == later
            && later.abs() <= PRESSED_AGAIN;
        let is_same = says_the_same && (is_same_time || is_pressed_again);
        match request.request {
            Some(key) if !is_same => Err(ServiceError::RequestKeyReused(key)),
            _ => Ok(kept),
        }
    }

    /// Orders of the asker's authority and of those in their regions, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "orders.list", skip_all)]
    pub async fn list(&self, by: &Staff) -> Result<Vec<OrderProposal>> {
        let found = self.two_persons.list(by, ProposalKind::Orders).await?;
        self.looked_at(by, found).await
    }

    /// A page of them, in the same order.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "orders.page", skip_all)]
    pub async fn page(
        &self,
        by: &Staff,
        state: Option<ProposalOutcome>,
        after: Option<ProposalPlace>,
    ) -> Result<QueuePage<OrderProposal, ProposalPlace>> {
        let asked = (state, after);
        let found = self
            .two_persons
            .page(by, ProposalKind::Orders, asked)
            .await?;
        Ok(QueuePage {
            lines: self.looked_at(by, found.lines).await?,
            next: found.next,
        })
    }

    /// Orders as they are shown, with an entry of the log about everybody in them.
    async fn looked_at(
        &self,
        by: &Staff,
        found: Vec<ProposalRecord>,
    ) -> Result<Vec<OrderProposal>> {
        let orders: Vec<OrderProposal> = found.into_iter().map(view).collect::<Result<_>>()?;
        let people = orders.iter().flat_map(|order| order.people.iter().copied());
        let people: BTreeSet<PersonId> = people.collect();
        if !people.is_empty() {
            let entry = AuditEntry::new(by.into(), Did::OrderRead, self.clock.now());
            let entry = entry.count(orders.len()).about(people);
            let why = Stated::of(Purpose::Order);
            self.two_persons.note_read(entry.because(why)).await?;
        }
        Ok(orders)
    }

    /// An order.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::Store`].
    #[instrument(name = "orders.find", skip_all)]
    pub async fn order(&self, by: &Staff, id: ProposalId) -> Result<OrderProposal> {
        let kind = ProposalKind::Orders;
        let record = self.two_persons.theirs(by, Action::ReadOrders, id, kind);
        let order = view(record.await?)?;
        let entry = AuditEntry::new(by.into(), Did::OrderRead, self.clock.now()).what(id);
        let entry = entry.about(order.people.iter().copied());
        let why = Stated::of(Purpose::Order);
        self.two_persons.note_read(entry.because(why)).await?;
        Ok(order)
    }

    /// Approves an order and puts it on record, about everybody at once. How many people's status
    /// changed. Approving again what one approved changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::SamePerson`];
    /// [`ServiceError::ProposalSettled`]; [`ServiceError::BadField`] without a reason, or if the
    /// authority that proposed it has used up its day;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "orders.approve", skip_all, fields(proposal = %id))]
    pub async fn approve(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<usize> {
        let kind = ProposalKind::Orders;
        let record = self.two_persons.theirs(by, Action::ApproveOrders, id, kind);
        let record = record.await?;
        let approving = self.two_persons.approving(&record, by, reason)?;
        let proposer = record.proposed.staff.ok_or(ServiceError::NeedsTwoPersons)?;
        let office = self.access.authority(record.proposed.authority).await?;
        let signed_by = [
            signer(&office.name, proposer),
            signer(&by.authority().name, by.id()),
        ];
        let content = Content::read(&record)?;
        let order = content.order(signed_by)?;
        let now = self.clock.now();
        if record.settled.is_none() {
            refuse_past(&order, now)?;
        }
        let fact = Fact::Order(order);
        let people = self.as_they_are_now(content.people(&record)?).await?;
        let evidence = people.iter().map(|person| Evidence {
            id: hashed_id(b"order", &[&id.to_bytes(), &person.to_bytes()]),
            person: *person,
            authority: office.id,
            recorded_at: now,
            fact: fact.clone(),
        });
        let once = RequestOnce {
            request: self
                .keys
                .request(id.as_u128(), RequestKey::from_u128(id.as_u128())),
            content: Sha256::digest(record.content.as_bytes()).into(),
        };
        let cap = Cap::OrdersADay;
        let drawing = Drawing {
            cap,
            most: self.settings.cap(cap),
            authority: office.id,
            now,
            count: u32::try_from(people.len()).unwrap_or(u32::MAX),
        };
        let batch = EvidenceBatch {
            once: Some(once),
            evidence: evidence.collect(),
            submitted_by: vec![proposer, by.id()],
            approving: Some(approving),
            drawing: Some(drawing),
            ..EvidenceBatch::default()
        };
        let changed = match self.verdicts.append(batch).await? {
            Appended::UsedUp => {
                let most = drawing.most;
                warn!(cap = cap.name(), most, "an authority has used up its day");
                return Err(too_many_orders(most));
            }
            appended => appended.changed()?,
        };
        info!(proposal = %id, by = %by.id(), "an order was approved");
        Ok(changed)
    }

    /// Rejects an order, or takes one's own back.
    ///
    /// # Errors
    /// As [`Self::approve`], but for the same person.
    #[instrument(name = "orders.reject", skip_all, fields(proposal = %id))]
    pub async fn reject(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<OrderProposal> {
        let two_persons = &self.two_persons;
        let rejected = two_persons.reject_theirs(by, id, ProposalKind::Orders, reason);
        view(rejected.await?)
    }

    /// Each as who that person is by now: an account may have been proven since the order was proposed.
    async fn as_they_are_now(&self, people: Vec<PersonId>) -> Result<Vec<PersonId>> {
        let moved = self.people.moved(&people).await?;
        let people = people.into_iter();
        let mut people: Vec<PersonId> = people
            .map(|person| moved.get(&person).copied().unwrap_or(person))
            .collect();
        people.sort_unstable();
        people.dedup();
        Ok(people)
    }
}

fn refuse_past(order: &Order, now: Timestamp) -> Result<()> {
    if order.until() <= now {
        let why = "the order would be over already; propose one that ends after now";
        return Err(ServiceError::field("until", why));
    }
    Ok(())
}

fn too_many_orders(most: u32) -> ServiceError {
    let why = format!(
        "one authority may restrict {most} people by order a day; have these approved tomorrow"
    );
    ServiceError::field("people", why)
}

/// How an order names somebody who answers for it: the person concerned reads the office, the record
/// tells which of its staff members.
fn signer(office: &str, id: domain::StaffId) -> String {
    let id = id.to_string();
    format!("{office} ({})", &id[..8])
}

/// The office among who signed; the whole text if it was signed before staff members had accounts.
pub fn office_of(signer: &str) -> &str {
    let parts = signer
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("));
    match parts {
        Some((office, id)) if id.len() == 8 && id.bytes().all(|one| one.is_ascii_hexdigit()) => {
            office
        }
        _ => signer,
    }
}

/// What the record keeps of an order that waits.
#[derive(Serialize, Deserialize)]
struct Content {
    people: Vec<String>,
    colour: String,
    from: i64,
    until: i64,
    basis: String,
}

impl Content {
    fn order(&self, signed_by: [String; 2]) -> Result<Order> {
        let colour = [Colour::Yellow, Colour::Red].into_iter();
        let mut colour = colour.filter(|colour| colour.as_str() == self.colour);
        let colour = colour.next().unwrap_or(Colour::Green);
        let time = |field, second| {
            Timestamp::from_second(second).map_err(|_| ServiceError::field(field, "out of range"))
        };
        let (from, until) = (time("from", self.from)?, time("until", self.until)?);
        Order::new(colour, from, until, self.basis.clone(), signed_by).map_err(|error| {
            let field = match error {
                BadOrder::Green => "colour",
                BadOrder::Duration { .. } => "until",
                BadOrder::NoBasis => "basis",
                BadOrder::NotTwoPersons => "signed_by",
            };
            ServiceError::field(field, error.to_string())
        })
    }

    fn people(&self, record: &ProposalRecord) -> Result<Vec<PersonId>> {
        let people = self.people.iter().map(|person| person.parse());
        let people: Result<Vec<PersonId>, _> = people.collect();
        people.map_err(|_| unreadable(record.id))
    }

    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| StoreError::Database(format!("cannot be written: {error}")).into())
    }

    fn read(record: &ProposalRecord) -> Result<Self> {
        serde_json::from_str(&record.content).map_err(|_| unreadable(record.id))
    }
}

fn view(record: ProposalRecord) -> Result<OrderProposal> {
    let content = Content::read(&record)?;
    let people = content.people(&record)?;
    let order = content.order(["one", "another"].map(str::to_owned))?;
    Ok(OrderProposal {
        id: record.id,
        people,
        colour: order.colour(),
        from: order.from(),
        until: order.until(),
        basis: order.basis().to_owned(),
        proposed: record.proposed,
        settled: record.settled,
    })
}
