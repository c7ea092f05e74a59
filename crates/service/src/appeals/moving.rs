//! Appeals of a person who was proven to be somebody known already, under that person from then on.

use domain::{EvidenceId, IdSource, PersonId, Timestamp};
use store::appeals::{self, AppealRecord, AppealedRule};
use store::{StoreError, Transaction, evidence};

use super::Part;
use crate::Result;
use crate::accounts::repeated_id;
use crate::people::VaultKeys;

/// Moves the appeals of `own` to `person`, for whom the evidence of `own` is repeated in the same
/// transaction; who submitted that evidence answers no appeal against what is repeated either.
///
/// # Errors
/// [`crate::ServiceError::Vault`]; [`crate::ServiceError::Store`].
pub(crate) async fn move_to(
    tx: &mut Transaction,
    vault: &VaultKeys,
    (own, person): (PersonId, PersonId),
    (now, ids): (Timestamp, &dyn IdSource),
) -> Result<()> {
    let submitted = evidence::staff_about(tx, own).await?;
    let submitted: Vec<_> = submitted
        .into_iter()
        .map(|(id, staff)| ((person, repeated_id(id, person)), staff))
        .collect();
    evidence::note_staff(tx, &submitted).await?;
    for before in appeals::of(tx, own).await? {
        let id = before.id;
        let anew = |part: Part, sealed: &[u8]| {
            let opened = vault.open_bytes(own, &part.label(id), sealed)?;
            vault.seal_bytes(person, &part.label(id), &opened, (now, ids))
        };
        let mut stands = AppealRecord {
            person,
            seal: vault.sealing_with(now),
            said: anew(Part::Said, &before.said)?,
            ..before
        };
        if let Some(answer) = &mut stands.answer {
            answer.reasons = anew(Part::Reasons, &answer.reasons)?;
        }
        let file = appeals::file(tx, own, id).await?;
        let file = file.map(|file| anew(Part::File, &file)).transpose()?;
        let rules = appeals::rules_of(tx, own, id).await?;
        let rules: Vec<_> = rules
            .into_iter()
            .map(|rule| of_repeated(rule, person))
            .collect();
        if !appeals::add_as_it_stands(tx, &stands, &rules, file.as_deref()).await? {
            // Identifiers of what is repeated follow from the first ones, which were appealed against once.
            let corrupt = StoreError::Corrupt {
                table: "appealed_evidence",
                row: id.to_string(),
                why: "what is repeated for another person was appealed against before".to_owned(),
            };
            return Err(corrupt.into());
        }
        appeals::forget(tx, &[(own, id)]).await?;
    }
    Ok(())
}

/// The same rule over what is repeated about `person`.
fn of_repeated(rule: AppealedRule, person: PersonId) -> AppealedRule {
    let evidence = rule.evidence.iter();
    let evidence: Vec<EvidenceId> = evidence.map(|id| repeated_id(*id, person)).collect();
    AppealedRule { evidence, ..rule }
}
