//! Under which keys what people say is sealed, and under which person it is kept.

use domain::{ContradictionId, IdSource, PersonId, Timestamp};
use store::Transaction;
use store::contradictions::{self, ContradictionRecord};
use tracing::{instrument, warn};

use super::{Contradictions, Part, id_of};
use crate::accounts::repeated_id;
use crate::people::VaultKeys;
use crate::{Result, ServiceError, VaultError};

/// So many are sealed anew at once.
const AT_ONCE: u32 = 100;

impl Contradictions {
    /// Seals the next contradictions with the newest key, if an older one sealed them or they are sealed in a
    /// month whose key is to be destroyed; whether there may be more. What does not open stays as it is.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "contradictions.reseal", level = "debug", skip_all)]
    pub async fn reseal_next(&self) -> Result<bool> {
        let mut after = None;
        loop {
            let page = self.sealed_before(after).await?;
            let mut resealed = 0;
            for record in &page {
                match self.reseal(record).await {
                    Ok(()) => resealed += 1,
                    Err(ServiceError::Vault(error)) => {
                        warn!(contradiction = %record.id, %error, "it does not open and stays as it is");
                    }
                    Err(error) => return Err(error),
                }
            }
            let is_last = page.len() < AT_ONCE as usize;
            if is_last || resealed > 0 {
                return Ok(!is_last);
            }
            // Nothing of this page opens: what comes after it may.
            after = page.last().map(|last| (last.person, last.id));
        }
    }

    async fn sealed_before(
        &self,
        after: Option<(PersonId, ContradictionId)>,
    ) -> Result<Vec<ContradictionRecord>> {
        let oldest = self.settings.retention.oldest_month(self.clock.now());
        let seal = self.keys.vault.oldest_to_keep(oldest);
        let read = self.store.read(
            "contradictions.sealed_before",
            (seal, after),
            |tx, (seal, after)| Box::pin(contradictions::sealed_before(tx, *seal, *after, AT_ONCE)),
        );
        Ok(read.await?)
    }

    async fn reseal(&self, before: &ContradictionRecord) -> Result<()> {
        let (vault, now) = (&self.keys.vault, self.clock.now());
        let of = (before.person, before.id);
        let fresh = sealed_for(vault, before, of, (now, &*self.ids))?;
        let done = self.store.transaction(
            "contradictions.reseal",
            (before.clone(), fresh),
            |tx, (before, fresh)| Box::pin(contradictions::reseal(tx, before, fresh)),
        );
        Ok(done.await?)
    }
}

/// Moves the contradictions of `own` to `person`, for whom the evidence of `own` is repeated in the same
/// transaction.
///
/// # Errors
/// [`ServiceError::Vault`]; [`ServiceError::Store`].
pub(crate) async fn move_to(
    tx: &mut Transaction,
    vault: &VaultKeys,
    (own, person): (PersonId, PersonId),
    with: (Timestamp, &dyn IdSource),
) -> Result<()> {
    let known = contradictions::of(tx, &[own]).await?;
    let mut moved = Vec::with_capacity(known.len());
    for record in &known {
        let declared = repeated_id(record.declared, person);
        let recorded = repeated_id(record.recorded, person);
        let id = id_of(person, declared, recorded);
        moved.push(ContradictionRecord {
            declared,
            recorded,
            ..sealed_for(vault, record, (person, id), with)?
        });
    }
    contradictions::add(tx, &moved).await?;
    let keys: Vec<_> = known.iter().map(|record| (own, record.id)).collect();
    contradictions::forget(tx, &keys).await?;
    Ok(())
}

/// The same, sealed now for a person and under an identifier.
fn sealed_for(
    vault: &VaultKeys,
    before: &ContradictionRecord,
    (person, id): (PersonId, ContradictionId),
    (now, ids): (Timestamp, &dyn IdSource),
) -> Result<ContradictionRecord> {
    let anew = |part: Part, sealed: &[u8]| {
        match vault.open_bytes(before.person, &part.label(before.id), sealed) {
            Ok(opened) => vault.seal_bytes(person, &part.label(id), &opened, (now, ids)),
            // Forgotten already, as in a database that was put back from an old backup: no key is waited for.
            Err(VaultError::MonthDestroyed { .. }) => Ok(sealed.to_vec()),
            Err(error) => Err(error),
        }
    };
    let mut fresh = ContradictionRecord {
        person,
        id,
        seal: vault.sealing_with(now),
        ..before.clone()
    };
    if let Some(said) = &mut fresh.said {
        said.said = anew(Part::Heard, &said.said)?;
    }
    if let Some(end) = &mut fresh.settled
        && !end.reasons.is_empty()
    {
        end.reasons = anew(Part::Settled, &end.reasons)?;
    }
    Ok(fresh)
}
