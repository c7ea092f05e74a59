//! What lies in the database, read past the service.

use std::collections::BTreeMap;

use domain::{Appeal, Evidence, PersonId, Timestamp};
use store::{Store, StoreError, StoredVerdict, Transaction, appeals, evidence, verdicts};

/// Everything that is kept of somebody.
pub struct Kept {
    pub person: PersonId,
    /// Whatever its age, withdrawals and visits included.
    pub evidence: Vec<Evidence>,
    pub verdict: Option<StoredVerdict>,
    pub appeals: Vec<Appeal>,
}

/// Reads what is kept of these people, in one snapshot.
pub async fn read(record: &Store, people: Vec<PersonId>) -> Vec<Kept> {
    let read = record.snapshot("simulator.read", people, |tx, people| {
        Box::pin(kept(tx, people))
    });
    read.await.unwrap()
}

async fn kept(tx: &mut Transaction, people: &[PersonId]) -> Result<Vec<Kept>, StoreError> {
    let mut open = appeals::open_of(tx, people).await?;
    let mut stored: BTreeMap<PersonId, StoredVerdict> = verdicts::of(tx, people).await?;
    let mut all = Vec::new();
    for &person in people {
        all.push(Kept {
            person,
            evidence: evidence::of(tx, person, Timestamp::UNIX_EPOCH).await?,
            verdict: stored.remove(&person),
            appeals: open.remove(&person).unwrap_or_default(),
        });
    }
    Ok(all)
}
