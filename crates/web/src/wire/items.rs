//! Lists whose items are read one by one, so that a bad item keeps no good one out.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use service::Refused;
use utoipa::ToSchema;

use super::{Unfit, read};
use crate::problem::{FieldError, Problem};

/// An item that was refused.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedItem {
    /// Which item, from 0.
    item: usize,
    /// What is wrong with it.
    errors: Vec<FieldError>,
}

/// Where in the list the items that could be read stood, and what is wrong with the others.
pub(crate) struct Places {
    places: Vec<usize>,
    refused: Vec<RefusedItem>,
}

/// Every item that can be read, and the places of all of them.
pub(crate) fn read_each<W: DeserializeOwned, T>(
    list: &[Box<RawValue>],
    into_item: impl Fn(W) -> Result<T, Unfit>,
) -> (Vec<T>, Places) {
    let (mut items, mut places, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (place, raw) in list.iter().enumerate() {
        let wire = read::<W>(raw.get().as_bytes());
        match wire.and_then(|wire| Ok(into_item(wire)?)) {
            Ok(item) => {
                items.push(item);
                places.push(place);
            }
            Err(problem) => refused.push(RefusedItem {
                item: place,
                errors: problem.errors().to_vec(),
            }),
        }
    }
    (items, Places { places, refused })
}

impl Places {
    /// Where in the list the item stood that is at `index` of those that could be read.
    pub(crate) fn of(&self, index: usize) -> usize {
        self.places[index]
    }

    /// Every refused item, those that the service refused included, in order.
    pub(crate) fn refused(self, by_service: Vec<Refused>) -> Vec<RefusedItem> {
        let mut refused = self.refused;
        refused.extend(by_service.into_iter().map(|one| RefusedItem {
            item: self.places[one.index],
            errors: vec![FieldError::new(one.field, one.reason)],
        }));
        refused.sort_by_key(|one| one.item);
        refused
    }
}

impl From<Unfit> for Problem {
    fn from(unfit: Unfit) -> Self {
        Self::invalid(unfit.field, unfit.reason)
    }
}
