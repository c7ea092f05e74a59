//! Contradictions in JSON.

use domain::Evidence;
use domain::evidence::StoredFact;
use serde::Serialize;
use service::{ContradictionToSettle, ContradictionView, QueuedContradiction, SettledView};
use utoipa::ToSchema;

use super::{ContradictionText, EvidenceText, PersonText, TimeText, WireText};

/// Something declared and something recorded that do not fit each other.
#[derive(Serialize, ToSchema)]
#[schema(as = Contradiction)]
pub(crate) struct WireContradiction {
    /// Which.
    id: ContradictionText,
    /// Whose.
    person: PersonText,
    /// What it is about: `stay` or `symptoms`.
    about: &'static str,
    /// What the person declared; left out once it is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<WireComparedEvidence>,
    /// What somebody recorded; left out once it is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<WireComparedEvidence>,
    /// Which office recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_by: Option<String>,
    /// When it was found.
    found_at: TimeText,
    /// Until when the person has time to say something before it is confirmed without.
    hear_by: TimeText,
    /// What the person says.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    /// When they said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    said_at: Option<TimeText>,
    /// Whether an officer wrote it down.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_written_down: Option<bool>,
    /// How it was settled; left out while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<WireSettled>,
}

/// One of the two pieces of evidence.
#[derive(Serialize, ToSchema)]
#[schema(as = ComparedEvidence)]
pub(crate) struct WireComparedEvidence {
    /// Which.
    id: EvidenceText,
    /// When it was taken in.
    recorded_at: TimeText,
    /// What it says, with times in Unix seconds.
    #[schema(value_type = Object)]
    fact: StoredFact,
}

/// How a contradiction was settled.
#[derive(Serialize, ToSchema)]
#[schema(as = ContradictionSettled)]
pub(crate) struct WireSettled {
    /// When.
    at: TimeText,
    /// `confirmed`: it is evidence now. `dismissed`: it was none. `dropped`: nothing contradicts any more.
    outcome: &'static str,
    /// Which office settled it; left out if it was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    /// Why; empty if it was dropped.
    reasons: String,
}

/// A contradiction in the list.
#[derive(Serialize, ToSchema)]
#[schema(as = QueuedContradiction)]
pub(crate) struct WireQueuedContradiction {
    /// Which.
    id: ContradictionText,
    /// Whose.
    person: PersonText,
    /// When it was found.
    found_at: TimeText,
    /// Until when the person has time to say something.
    hear_by: TimeText,
    /// Whether they said something.
    is_heard: bool,
}

/// A contradiction, as shown to an officer who may settle it.
#[derive(Serialize, ToSchema)]
#[schema(as = ContradictionToSettle)]
pub(crate) struct WireContradictionToSettle {
    /// What it is, and what the person says.
    contradiction: WireContradiction,
    /// Whether it may be confirmed: the person said something, or had the time to.
    is_ripe: bool,
    /// Whether the reader submitted what was recorded: then somebody else must settle it.
    is_own: bool,
}

impl From<ContradictionView> for WireContradiction {
    fn from(found: ContradictionView) -> Self {
        let said = found.said.as_ref();
        Self {
            id: WireText(found.id),
            person: WireText(found.person),
            about: found.about.as_str(),
            declared: found.declared.map(Into::into),
            recorded: found.recorded.map(Into::into),
            recorded_by: found.recorded_by.map(|office| office.name),
            found_at: WireText(found.found_at),
            hear_by: WireText(found.hear_by),
            words: said.map(|said| said.words.expose().clone()),
            said_at: said.map(|said| WireText(said.at)),
            is_written_down: said.map(|said| said.is_written_down),
            settled: found.settled.map(Into::into),
        }
    }
}

impl From<Evidence> for WireComparedEvidence {
    fn from(piece: Evidence) -> Self {
        Self {
            id: WireText(piece.id),
            recorded_at: WireText(piece.recorded_at),
            fact: StoredFact(piece.fact),
        }
    }
}

impl From<SettledView> for WireSettled {
    fn from(settled: SettledView) -> Self {
        Self {
            at: WireText(settled.at),
            outcome: settled.outcome.as_str(),
            authority: settled.authority.map(|office| office.name),
            reasons: settled.reasons.expose().clone(),
        }
    }
}

impl From<QueuedContradiction> for WireQueuedContradiction {
    fn from(queued: QueuedContradiction) -> Self {
        Self {
            id: WireText(queued.id),
            person: WireText(queued.person),
            found_at: WireText(queued.found_at),
            hear_by: WireText(queued.hear_by),
            is_heard: queued.is_heard,
        }
    }
}

impl From<ContradictionToSettle> for WireContradictionToSettle {
    fn from(found: ContradictionToSettle) -> Self {
        Self {
            is_ripe: found.is_ripe,
            is_own: found.is_own,
            contradiction: found.contradiction.into(),
        }
    }
}
