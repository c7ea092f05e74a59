//! The document's person: to whom evidence by document number goes, made by the first who names it.
//!
//! Who names a document does not learn whether it was known, and it makes no difference whether an
//! account claims it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Evidence, PersonId, Timestamp};
use store::identities::{self, BlindIndex};
use store::{StoreError, Transaction, evidence};

use super::reindex::hold_key;
use crate::Result;
use crate::access::{SELF_AUTHORITY, TRACER_AUTHORITY};
use crate::accounts::repeated;
use crate::decisions::{DecisionContext, Decisions, record};

/// The people who were made.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// Of which document each is the person. A document that is missing had one before.
    pub people: BTreeMap<BlindIndex, PersonId>,
    /// What was decided of them.
    pub decisions: Decisions,
}

/// Makes the people of documents, each under the identifier proposed unless another was first.
///
/// Before there were accounts, what was said of a document went to the person who had registered
/// with it. What authorities said until then is repeated for the document's person; what the
/// registered person said stays theirs.
///
/// # Errors
/// [`crate::ServiceError::Vault`] if people are found under a newer key than this program has;
/// [`crate::ServiceError::Store`].
pub(crate) async fn make(
    tx: &mut Transaction,
    context: &DecisionContext,
    proposed: &[(BlindIndex, PersonId)],
) -> Result<Made> {
    // The key writes until the transaction ends, so that nobody makes another person for a document.
    if let Some((document, _)) = proposed.first() {
        hold_key(tx, document.newest.key()).await?;
    }
    let made: BTreeSet<PersonId> = identities::claim_documents(tx, proposed).await?;
    let made = proposed.iter().filter(|(_, person)| made.contains(person));
    let people: BTreeMap<BlindIndex, PersonId> = made.copied().collect();
    let documents: Vec<BlindIndex> = people.keys().copied().collect();
    let mut said = Vec::new();
    for (document, before) in identities::people_before(tx, &documents).await? {
        if let Some(person) = people.get(&document) {
            said.extend(said_of(tx, before, *person).await?);
        }
    }
    let decisions = match said.is_empty() {
        true => Decisions::default(),
        false => record::decide(tx, context, &said.iter().collect::<Vec<_>>(), &[]).await?,
    };
    Ok(Made { people, decisions })
}

async fn said_of(
    tx: &mut Transaction,
    before: PersonId,
    person: PersonId,
) -> Result<Vec<Evidence>, StoreError> {
    let all = evidence::of(tx, before, Timestamp::MIN).await?;
    let own = [SELF_AUTHORITY, TRACER_AUTHORITY];
    let by_others = all
        .into_iter()
        .filter(|piece| !own.contains(&piece.authority));
    Ok(repeated(&by_others.collect::<Vec<_>>(), person))
}
