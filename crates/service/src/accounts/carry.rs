//! Repeating one person's evidence for another, because both are the same: nothing is lost, and
//! nothing is edited.

use std::collections::BTreeSet;

use domain::{Evidence, EvidenceId, Fact, PersonId};

use crate::people::keys::hashed_id;

/// `evidence` again, about `to`: the same facts of the same authorities, under identifiers that follow
/// from theirs. A withdrawal among it withdraws what was repeated.
pub(crate) fn repeated(evidence: &[Evidence], to: PersonId) -> Vec<Evidence> {
    let ids: BTreeSet<EvidenceId> = evidence.iter().map(|piece| piece.id).collect();
    let repeat = |piece: &Evidence| {
        let fact = match &piece.fact {
            Fact::Withdrawal { of, at } if ids.contains(of) => {
                Fact::withdrawal(repeated_id(*of, to), *at)
            }
            other => other.clone(),
        };
        Evidence {
            id: repeated_id(piece.id, to),
            person: to,
            authority: piece.authority,
            recorded_at: piece.recorded_at,
            fact,
        }
    };
    evidence.iter().map(repeat).collect()
}

/// What a piece of evidence is called when it is repeated about `to`.
pub(crate) fn repeated_id(id: EvidenceId, to: PersonId) -> EvidenceId {
    hashed_id(b"repeated", &[&id.to_bytes(), &to.to_bytes()])
}
