//! What submissions would do, before any of them is taken in.

use std::collections::{BTreeMap, BTreeSet};

use domain::{EvidenceId, PersonId};
use tracing::instrument;

use super::{Submission, Submissions};
use crate::Result;
use crate::access::{Action, Submitter};
use crate::caps::Cap;
use crate::decisions::{EvidenceBatch, RequestOnce};

impl Submissions {
    /// So many people one batch of evidence may restrict before it waits for a second person.
    pub fn most_restricted(&self) -> u32 {
        self.settings.cap(Cap::RestrictedByBatch)
    }

    /// Whom these submissions would restrict more than they are, all of them together. Nothing of them
    /// is taken in, and what was taken in before counts no more. Visits restrict nobody by themselves.
    ///
    /// # Errors
    /// As [`Submissions::submit`], but for a request key that was used for something else.
    #[instrument(name = "evidence.rehearse", skip_all, fields(submissions = submissions.len()))]
    pub async fn rehearse(
        &self,
        by: &Submitter,
        submissions: Vec<Submission>,
    ) -> Result<BTreeSet<PersonId>> {
        by.may(Action::SubmitEvidence)?;
        let (mut batches, mut items, mut of_item) = (Vec::new(), Vec::new(), Vec::new());
        for submission in submissions {
            let once = submission.request.map(|key| RequestOnce {
                request: self.keys.request(by.scope(), key),
                content: self.content(&submission),
            });
            of_item.extend(submission.items.iter().map(|_| batches.len()));
            items.extend(submission.items);
            batches.push(EvidenceBatch {
                once,
                ..EvidenceBatch::default()
            });
        }
        let now = self.clock.now();
        let admitted = self.admit_in_mind(by, items, now).await?;
        let accepted = admitted.receipt.accepted.iter();
        let places: BTreeMap<EvidenceId, usize> = accepted
            .map(|one| (one.evidence, of_item[one.index]))
            .collect();
        for piece in admitted.evidence {
            if let Some(place) = places.get(&piece.id) {
                batches[*place].evidence.push(piece);
            }
        }
        batches.retain(|batch| !batch.evidence.is_empty());
        self.verdicts.rehearse(batches).await
    }
}
