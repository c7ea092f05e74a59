//! What a batch of evidence answers.

use domain::PersonId;
use store::{StoreError, Transaction};

use crate::{appeals, contradictions};

/// The answer that a batch carries out, written in the transaction of its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answering {
    /// To an appeal.
    Appeal(appeals::Answering),
    /// To whether a contradiction is one.
    Contradiction(contradictions::Settling),
}

impl Answering {
    /// Whom it is about: they are decided, whether or not there is evidence.
    pub(super) const fn person(&self) -> PersonId {
        match self {
            Self::Appeal(answer) => answer.person,
            Self::Contradiction(settling) => settling.person,
        }
    }

    /// Writes it; `false` if somebody else was quicker.
    pub(super) async fn write(&self, tx: &mut Transaction) -> Result<bool, StoreError> {
        match self {
            Self::Appeal(answer) => answer.write(tx).await,
            Self::Contradiction(settling) => settling.write(tx).await,
        }
    }
}
