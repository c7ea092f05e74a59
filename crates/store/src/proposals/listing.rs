//! Proposals page by page.

use domain::{ProposalId, Timestamp};

use super::{ProposalKind, ProposalRecord, read, word};
use crate::Result;
use crate::database::Transaction;
use crate::queries::PROPOSALS_PAGE;

/// Which proposals are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProposalsAsked {
    /// Of these kinds; twice the same for one.
    pub kinds: [ProposalKind; 2],
    /// Those that ended so; `None` for all.
    pub state: Option<ProposalOutcome>,
    /// Those that come after this place.
    pub after: Option<ProposalPlace>,
}

/// How a proposal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalOutcome {
    /// It did not.
    Waiting,
    /// It was approved.
    Approved,
    /// It was rejected, or taken back.
    Rejected,
}

/// The place of a proposal in a list: whether it is settled, when it was proposed, which.
pub type ProposalPlace = (bool, Timestamp, ProposalId);

impl ProposalOutcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Approved, Self::Rejected];

    /// The word in addresses and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

impl ProposalRecord {
    /// Where a page goes on after it.
    pub const fn place(&self) -> ProposalPlace {
        (self.settled.is_some(), self.proposed.at, self.id)
    }
}

/// A page of proposals: those that wait first, then the others, each newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn page(
    tx: &mut Transaction,
    asked: ProposalsAsked,
    limit: u32,
) -> Result<Vec<ProposalRecord>> {
    let most = (false, Timestamp::MAX, ProposalId::from_u128(u128::MAX));
    let (is_settled, at, id) = asked.after.unwrap_or(most);
    let [one, other] = asked.kinds.map(word);
    let values = [
        one.into(),
        other.into(),
        asked.state.map_or("", ProposalOutcome::as_str).into(),
        i64::from(is_settled).into(),
        at.into(),
        id.into(),
        limit.into(),
    ];
    let rows = tx.rows(&PROPOSALS_PAGE, &values).await?;
    rows.iter().map(read).collect()
}
