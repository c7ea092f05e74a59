//! Names as they come in a piece of a file, to be numbered in the order of the pieces.

use std::hash::BuildHasher as _;

use arrow_array::StringArray;
use engine::columns::NONE;

use crate::files::{Interned, NameHasher, Numbering};

/// Stands for a word of a dictionary that is no name yet and has been found fit to be one.
pub(super) const SOUND: u32 = NONE - 1;
/// Stands for a word of a dictionary that the careful reader must look at.
pub(super) const ODD: u32 = NONE - 2;

/// The names of a piece: each row has the number of one, and neighbours that are equal share it.
pub(crate) struct LocalNames {
    text: String,
    ends: Vec<usize>,
    hashes: Vec<u32>,
    hasher: NameHasher,
    /// A dictionary, and for each of its words the number of the name that it became, or [`NONE`],
    /// [`SOUND`] or [`ODD`].
    dictionary: Option<(StringArray, Vec<u32>)>,
}

impl LocalNames {
    pub(super) fn new(hasher: NameHasher) -> Self {
        Self {
            text: String::new(),
            ends: Vec::new(),
            hashes: Vec::new(),
            hasher,
            dictionary: None,
        }
    }

    /// The number of a name in this piece. The same name may have several.
    pub(super) fn add(&mut self, name: &str) -> u32 {
        let last = self.ends.len().wrapping_sub(1);
        if !self.ends.is_empty() && self.name(last) == name {
            return last as u32;
        }
        self.text.push_str(name);
        self.ends.push(self.text.len());
        self.hashes.push(self.hasher.hash_one(name) as u32);
        self.ends.len() as u32 - 1
    }

    /// The numbers of the words of a dictionary, as far as they are known; batches of one page share
    /// their dictionary.
    pub(super) fn known_of(&mut self, words: &StringArray) -> Vec<u32> {
        let known = self.dictionary.take();
        let known = known.filter(|(dictionary, _)| is_same(dictionary, words));
        known.map_or_else(
            || vec![NONE; arrow_array::Array::len(words)],
            |(_, known)| known,
        )
    }

    /// Keeps them for the next batch.
    pub(super) fn keep_known(&mut self, words: &StringArray, known: Vec<u32>) {
        self.dictionary = Some((words.clone(), known));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 8 + self.hashes.capacity() * 4
    }

    /// The numbers of these names among all.
    pub(super) fn numbered(&self, all: &mut impl Numbering) -> Vec<u32> {
        let places = 0..self.ends.len();
        let number = |place| all.number_of(self.name(place), self.hashes[place]);
        places.map(number).collect()
    }

    /// The same among names that are hashed otherwise.
    pub(crate) fn added(&self, all: &mut Interned) -> Vec<u32> {
        let places = 0..self.ends.len();
        places.map(|place| all.add(self.name(place))).collect()
    }

    /// What `find` makes of each name.
    pub(crate) fn map<T>(&self, find: impl Fn(&str) -> T) -> Vec<T> {
        let places = 0..self.ends.len();
        places.map(|place| find(self.name(place))).collect()
    }

    pub(crate) fn name(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[place]]
    }
}

/// Whether two dictionaries lie at the same place; both are alive, so that place is theirs.
fn is_same(one: &StringArray, other: &StringArray) -> bool {
    one.values().ptr_eq(other.values())
        && one
            .offsets()
            .inner()
            .inner()
            .ptr_eq(other.offsets().inner().inner())
}
