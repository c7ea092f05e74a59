//! Evidence about somebody who was proven to be somebody else since they were looked up.

use std::collections::{BTreeMap, BTreeSet};

use domain::{EvidenceId, Fact, PersonId};
use store::people::{self, Revision};
use store::{StoreError, TraceJob, Transaction};

use super::append::EvidenceBatch;
use crate::accounts::repeated_id;

/// The batches about whom people are by now, if anybody was proven to be somebody else since they were
/// looked up: as if it had been on record before that.
pub(super) async fn follow(
    tx: &mut Transaction,
    batches: &[EvidenceBatch],
    revisions: &mut BTreeMap<PersonId, Revision>,
) -> Result<Option<Vec<EvidenceBatch>>, StoreError> {
    let people: Vec<PersonId> = revisions.keys().copied().collect();
    let moved = people::moved(tx, &people).await?;
    if moved.is_empty() {
        return Ok(None);
    }
    revisions.extend(people::touch(tx, moved.values().copied()).await?);
    let followed = batches.iter().map(|batch| batch.followed(&moved));
    Ok(Some(followed.collect()))
}

impl EvidenceBatch {
    /// The same about whom people are by now. What takes back both what was said and what was repeated of
    /// it stays.
    fn followed(&self, moved: &BTreeMap<PersonId, PersonId>) -> Self {
        let mut batch = self.clone();
        let withdrawn = self.evidence.iter().filter_map(|piece| match piece.fact {
            Fact::Withdrawal { of, .. } => Some(of),
            _ => None,
        });
        let withdrawn: BTreeSet<EvidenceId> = withdrawn.collect();
        for piece in &mut batch.evidence {
            let Some(&to) = moved.get(&piece.person) else {
                continue;
            };
            if let Fact::Withdrawal { of, at } = piece.fact {
                let repeated = repeated_id(of, to);
                if withdrawn.contains(&repeated) {
                    continue;
                }
                piece.fact = Fact::withdrawal(repeated, at);
            }
            let now = (to, repeated_id(piece.id, to));
            let job_for =
                |job: &&mut TraceJob| (job.person, job.diagnosis) == (piece.person, piece.id);
            if let Some(job) = batch.traces.iter_mut().find(job_for) {
                (job.person, job.diagnosis) = now;
            }
            (piece.person, piece.id) = now;
        }
        batch
    }
}
