//! What the record keeps of a submission that waits for a second person.

use std::collections::BTreeSet;

use domain::evidence::StoredFact;
use domain::{Evidence, EvidenceId, FactKind, PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use store::proposals::ProposalRecord;
use store::{StoreError, fact_as_json};

use super::HeldBatch;
use crate::Result;
use crate::two_persons::unreadable;

/// What the record keeps of a submission that waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) restricted: usize,
    pub(super) recorded_at: i64,
    pub(super) pieces: Vec<Piece>,
    /// Who was shown the token of the machine that submitted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) behind: Option<String>,
    /// Set if these are the contacts of a case, which are found again once they are approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<Trace>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Trace {
    pub(super) case: String,
    pub(super) diagnosis: String,
    pub(super) contacts: usize,
    pub(super) people: usize,
    pub(super) restricted: usize,
    pub(super) counted_as: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) id: String,
    pub(super) person: String,
    /// In the one serialised form of evidence.
    pub(super) fact: String,
}

impl Content {
    pub(super) fn of(evidence: &[Evidence], restricted: usize) -> Self {
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
            behind: None,
            trace: None,
        }
    }

    pub(super) fn evidence(&self, record: &ProposalRecord) -> Result<Vec<Evidence>> {
        let bad = || unreadable(record.id);
        let recorded_at = Timestamp::from_second(self.recorded_at).map_err(|_| bad())?;
        let pieces = self.pieces.iter().map(|piece| {
            let fact: StoredFact = serde_json::from_str(&piece.fact).map_err(|_| bad())?;
            Ok(Evidence {
                id: piece.id.parse::<EvidenceId>().map_err(|_| bad())?,
                person: piece.person.parse::<PersonId>().map_err(|_| bad())?,
                authority: record.proposed.authority,
                recorded_at,
                fact: fact.0,
            })
        });
        pieces.collect()
    }

    pub(super) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| StoreError::Database(format!("cannot be written: {error}")).into())
    }

    pub(super) fn read(record: &ProposalRecord) -> Result<Self> {
        serde_json::from_str(&record.content).map_err(|_| unreadable(record.id))
    }
}

pub(super) fn view(record: ProposalRecord) -> Result<HeldBatch> {
    let content = Content::read(&record)?;
    let evidence = content.evidence(&record)?;
    let (pieces, people, kinds) = match &content.trace {
        Some(trace) => (
            trace.contacts,
            trace.people,
            vec![FactKind::Contact.as_str()],
        ),
        None => {
            let people: BTreeSet<PersonId> = evidence.iter().map(|piece| piece.person).collect();
            let kinds = evidence.iter().map(|piece| piece.fact.kind().as_str());
            let kinds: BTreeSet<&str> = kinds.collect();
            (evidence.len(), people.len(), kinds.into_iter().collect())
        }
    };
    Ok(HeldBatch {
        id: record.id,
        pieces,
        people,
        restricted: content.restricted,
        kinds,
        is_trace: content.trace.is_some(),
        submitted: record.proposed,
        settled: record.settled,
    })
}
