//! What the mirror reads and notes in the database.

use domain::PersonId;
use store::mirror::{self, Generation, Noted, PersonEvidence};
use store::{Visit, appeals, visits};

use super::{Mirror, MirrorError};

impl Mirror {
    /// The complete generations, newest first.
    ///
    /// # Errors
    /// [`MirrorError::Store`].
    pub async fn generations(&self) -> Result<Vec<Generation>, MirrorError> {
        let generations = self.store.read("mirror.generations", (), |tx, ()| {
            Box::pin(mirror::generations(tx))
        });
        Ok(generations.await?)
    }

    /// The identifier of the database's mirror: `fresh`, unless there was one before.
    pub(super) async fn claim_id(&self, fresh: [u8; 16]) -> Result<[u8; 16], MirrorError> {
        let claim = self.store.transaction("mirror.claim", fresh, |tx, fresh| {
            Box::pin(mirror::claim(tx, *fresh))
        });
        Ok(claim.await?)
    }

    /// Lists a generation that is complete; `false` if another one has its number.
    pub(super) async fn list(&self, generation: &Generation) -> Result<bool, MirrorError> {
        let listed = self.store.transaction(
            "mirror.add_generation",
            generation.clone(),
            |tx, generation| Box::pin(mirror::add_generation(tx, generation)),
        );
        Ok(listed.await?)
    }

    /// Takes a generation and all older ones from the list.
    pub(super) async fn unlist(&self, up_to: u64) -> Result<(), MirrorError> {
        let dropped = self
            .store
            .transaction("mirror.drop_generations", up_to, |tx, up_to| {
                Box::pin(mirror::drop_generations(tx, *up_to))
            });
        Ok(dropped.await?)
    }

    /// One page of everybody with all their evidence. Pages are read as snapshots, since a large one from
    /// a disk that nobody read from for days takes longer than other reading may.
    pub(super) async fn people_after(
        &self,
        after: Option<PersonId>,
    ) -> Result<Vec<PersonEvidence>, MirrorError> {
        let page = self.store.snapshot(
            "mirror.people_with_evidence",
            (after, self.people_at_once),
            |tx, (after, limit)| Box::pin(mirror::people_with_evidence(tx, *after, *limit)),
        );
        Ok(page.await?)
    }

    /// One page of all visits, in the order of tracing.
    pub(super) async fn visits_after(
        &self,
        after: Option<Visit>,
    ) -> Result<Vec<Visit>, MirrorError> {
        let page = self.store.snapshot(
            "mirror.visits",
            (after, self.visits_at_once),
            |tx, (after, limit)| Box::pin(visits::after(tx, after.as_ref(), *limit)),
        );
        Ok(page.await?)
    }

    /// One page of the people whose evidence grew.
    pub(super) async fn noted_after(
        &self,
        after: Option<PersonId>,
    ) -> Result<Vec<Noted>, MirrorError> {
        let page = self.store.snapshot(
            "mirror.noted",
            (after, self.people_at_once),
            |tx, (after, limit)| Box::pin(mirror::noted(tx, *after, *limit)),
        );
        Ok(page.await?)
    }

    /// One page of the people who have an open appeal.
    pub(super) async fn appealing_after(
        &self,
        after: Option<PersonId>,
    ) -> Result<Vec<PersonId>, MirrorError> {
        let page = self.store.read(
            "mirror.appealing",
            (after, self.people_at_once),
            |tx, (after, limit)| Box::pin(appeals::appealing(tx, *after, *limit)),
        );
        Ok(page.await?)
    }

    /// Forgets people whose evidence a generation holds.
    pub(super) async fn forget(&self, held: Vec<Noted>) -> Result<(), MirrorError> {
        let forgotten = self.store.transaction("mirror.forget", held, |tx, held| {
            Box::pin(mirror::forget(tx, held))
        });
        Ok(forgotten.await?)
    }
}
