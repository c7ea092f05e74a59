//! What is kept of a receipt, so that a repeated request is answered as the first.

use domain::FactKind;
use serde::{Deserialize, Serialize};
use store::StoreError;

use super::{Accepted, Receipt, Refused};
use crate::{Result, ServiceError};

/// What is kept of a receipt, to be given again: everything but what follows from the request.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    refused: Vec<(usize, String, String)>,
}

impl Note {
    pub fn of(receipt: &Receipt) -> Self {
        let refused = receipt.refused.iter();
        let refused = refused.map(|one| (one.index, one.field.to_owned(), one.reason.clone()));
        Self {
            refused: refused.collect(),
        }
    }

    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|_| unanswered())
    }

    pub fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(|_| unanswered())
    }

    /// The first receipt, derived from that of the repeat. `lapsed` are items that the repeat
    /// refused because of the time at which it came.
    pub fn restore(self, mut repeated: Receipt, lapsed: Vec<Accepted>, changed: usize) -> Receipt {
        let was_refused = |index: usize| self.refused.iter().any(|(refused, ..)| *refused == index);
        repeated.accepted.extend(lapsed);
        repeated.accepted.sort_by_key(|one| one.index);
        repeated.accepted.retain(|one| !was_refused(one.index));
        let refused = self.refused.iter().map(|(index, field, reason)| Refused {
            index: *index,
            field: field_named(field),
            reason: reason.clone(),
        });
        repeated.refused = refused.collect();
        repeated.changed = changed;
        repeated
    }
}

/// The fields that a refusal of an item may name: those of every kind of evidence, and what stands
/// beside the fact.
fn field_named(name: &str) -> &'static str {
    const BESIDE: [&str; 6] = ["kind", "person", "venue", "region", "item", "code"];
    let kinds = FactKind::ALL.iter();
    let fields = kinds.flat_map(|kind| kind.fields()).map(|field| field.json);
    let mut known = BESIDE.into_iter().chain(fields);
    known.find(|field| *field == name).unwrap_or("item")
}

/// A receipt that cannot be written or read.
pub(super) fn unanswered() -> ServiceError {
    ServiceError::Store(StoreError::Database(
        "the receipt of a submission cannot be written or read".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_can_be_refused_is_named_again() {
        for kind in FactKind::ALL {
            for field in kind.fields() {
                assert_eq!(field_named(field.json), field.json);
            }
        }
        assert_eq!(field_named("code"), "code");
        assert_eq!(field_named("of another version"), "item");
    }
}
