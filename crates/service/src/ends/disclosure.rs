//! What a disclosure is: asked for, waiting, made, and read of.

use domain::{Evidence, FactKind, Identity, PersonId, ProposalId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::proposals::{ProposalRecord, Settlement, Signature};

use crate::Result;
use crate::evidence::Subject;
use crate::two_persons::unreadable;

/// What is to be handed out, to whom and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosureRequest {
    /// About whom: all of them must be known.
    pub people: Vec<Subject>,
    /// The law it rests on.
    pub basis: String,
    /// To whom.
    pub recipient: String,
    /// Which kinds of evidence, one or more.
    pub kinds: Vec<FactKind>,
    /// Facts that began in this period, and no others.
    pub from: Timestamp,
    /// The first instant after the period.
    pub until: Timestamp,
    /// Whether names and document numbers are handed out too.
    pub with_identity: bool,
    /// How much later than the approval the people in it read of it.
    pub delay: SignedDuration,
    /// The first instant at which no extract is made any more.
    pub ends: Timestamp,
}

/// A disclosure that waits for a second person, or no longer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosureProposal {
    /// Its identifier.
    pub id: ProposalId,
    /// About whom.
    pub people: Vec<PersonId>,
    /// The law it rests on.
    pub basis: String,
    /// To whom.
    pub recipient: String,
    /// Which kinds of evidence.
    pub kinds: Vec<FactKind>,
    /// Facts that began in this period.
    pub from: Timestamp,
    /// The first instant after the period.
    pub until: Timestamp,
    /// Whether names and document numbers are in it.
    pub with_identity: bool,
    /// How much later the people in it read of it.
    pub delay: SignedDuration,
    /// The first instant at which no extract is made any more.
    pub ends: Timestamp,
    /// Who proposed it.
    pub proposed: Signature,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

/// What is handed out.
#[derive(Clone, Debug)]
pub struct Extract {
    /// The disclosure.
    pub id: ProposalId,
    /// Each person in it.
    pub people: Vec<ExtractedPerson>,
}

/// What is handed out about a person.
#[derive(Clone, Debug)]
pub struct ExtractedPerson {
    /// Who.
    pub person: PersonId,
    /// Name and document, if they were asked for and approved, and the vault has them.
    pub identity: Option<Identity>,
    /// The facts, oldest first.
    pub evidence: Vec<Evidence>,
}

/// A disclosure as a person in it reads of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosureView {
    /// When it was approved.
    pub at: Timestamp,
    /// The office that proposed it.
    pub office: String,
    /// To whom.
    pub recipient: String,
    /// The law it rests on.
    pub basis: String,
}

/// Half a year of disclosures, as everybody may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfYear {
    /// The year.
    pub year: i16,
    /// 1 until the end of June, then 2.
    pub half: u8,
    /// How many disclosures.
    pub disclosures: u64,
    /// About how many people, counted anew in each.
    pub people: u64,
}

/// What the record keeps of a disclosure that waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub people: Vec<String>,
    pub basis: String,
    pub recipient: String,
    pub kinds: Vec<String>,
    pub from: i64,
    pub until: i64,
    pub with_identity: bool,
    pub delay: i64,
    pub ends: i64,
}

impl Content {
    fn to_view(&self, record: &ProposalRecord) -> Option<DisclosureProposal> {
        let people = self.people.iter().map(|person| person.parse().ok());
        let kinds = self.kinds.iter().map(|kind| kind.parse().ok());
        Some(DisclosureProposal {
            id: record.id,
            people: people.collect::<Option<_>>()?,
            basis: self.basis.clone(),
            recipient: self.recipient.clone(),
            kinds: kinds.collect::<Option<_>>()?,
            from: Timestamp::from_second(self.from).ok()?,
            until: Timestamp::from_second(self.until).ok()?,
            with_identity: self.with_identity,
            delay: SignedDuration::from_secs(self.delay),
            ends: Timestamp::from_second(self.ends).ok()?,
            proposed: record.proposed.clone(),
            settled: record.settled.clone(),
        })
    }
}

/// A disclosure as the record keeps it.
pub(super) fn view(record: ProposalRecord) -> Result<DisclosureProposal> {
    let content: Option<Content> = serde_json::from_str(&record.content).ok();
    let view = content.and_then(|content| content.to_view(&record));
    view.ok_or_else(|| unreadable(record.id))
}
