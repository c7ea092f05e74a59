//! Names that files use for people and venues, and the identifiers they stand for.

use std::collections::HashMap;

use domain::{PersonId, VenueId};
use sha2::{Digest, Sha256};

/// The identifier of a person in a file: the name itself if it is an identifier, otherwise the first
/// 128 bits of its SHA-256. The same name is the same person in every file and every run.
pub fn person_id(name: &str) -> PersonId {
    name.parse()
        .unwrap_or_else(|_| PersonId::from_u128(hash("person", name)))
}

/// The identifier of a venue in a file, in the same way as [`person_id`].
pub fn venue_id(name: &str) -> VenueId {
    name.parse()
        .unwrap_or_else(|_| VenueId::from_u128(hash("venue", name)))
}

fn hash(what: &str, name: &str) -> u128 {
    let digest = Sha256::new()
        .chain_update(what)
        .chain_update([0])
        .chain_update(name)
        .finalize();
    digest
        .iter()
        .take(16)
        .fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

/// The names that the people of some files go by.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by_id: HashMap<PersonId, String>,
    by_name: HashMap<String, PersonId>,
}

impl Names {
    /// The identifier of a name, which is remembered.
    pub fn add(&mut self, name: &str) -> PersonId {
        if let Some(id) = self.by_name.get(name) {
            return *id;
        }
        let id = person_id(name);
        self.by_name.insert(name.to_owned(), id);
        self.by_id.entry(id).or_insert_with(|| name.to_owned());
        id
    }

    /// The name by which files call a person; `None` if none does.
    pub fn name(&self, person: PersonId) -> Option<&str> {
        self.by_id.get(&person).map(String::as_str)
    }

    /// The person whom files call `name`; `None` if none does.
    pub fn find(&self, name: &str) -> Option<PersonId> {
        self.by_name.get(name).copied()
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Everybody, in order of name.
    pub fn in_order(&self) -> Vec<(&str, PersonId)> {
        let mut people: Vec<_> = self
            .by_id
            .iter()
            .map(|(id, name)| (name.as_str(), *id))
            .collect();
        people.sort_unstable();
        people
    }
}
