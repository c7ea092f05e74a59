//! Names numbered in order of first appearance, held compactly.

use std::collections::HashMap;
use std::hash::BuildHasher;

use engine::parallel::{parallel_map, threads};

/// How names are hashed: fast, and with seeds that differ from run to run, so that nobody can choose
/// names that fall into one place.
pub(crate) type NameHasher = foldhash::quality::RandomState;

/// Something that numbers names which were hashed elsewhere.
pub(crate) trait Numbering {
    /// The number of `name`, new if it was not seen before; `hash` is that of its hasher.
    fn number_of(&mut self, name: &str, hash: u32) -> u32;
}

/// Texts numbered from 0. Each takes its own bytes and some 25 more.
#[derive(Debug, Default)]
pub struct Interned {
    text: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// Open addressing: the hash in the high half, the number and 1 in the low half; 0 is free.
    slots: Vec<u64>,
    hasher: NameHasher,
    /// The number that came out last: names often come in the order in which they came before.
    last: u32,
}

impl Interned {
    /// The number of `name`, new if it was not seen before.
    ///
    /// # Panics
    /// After 2^32 - 2 names.
    pub fn add(&mut self, name: &str) -> u32 {
        self.add_hashed(name, self.hash(name))
    }

    fn add_hashed(&mut self, name: &str, hash: u32) -> u32 {
        let next = self.last.wrapping_add(1);
        if (next as usize) < self.ends.len() && self.name(next) == name {
            self.last = next;
            return next;
        }
        // At most three in four slots are taken, so that a search is short and ends.
        if self.slots.len() * 3 <= self.ends.len() * 4 {
            self.grow();
        }
        let (place, found) = self.place(name, hash);
        self.last = found.unwrap_or_else(|| {
            let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
            assert!(number < u32::MAX - 1, "more names than numbers");
            self.text.push_str(name);
            self.ends.push(self.text.len());
            self.slots[place] = u64::from(hash) << 32 | u64::from(number + 1);
            number
        });
        self.last
    }

    /// How its names are hashed.
    pub(crate) fn hasher(&self) -> NameHasher {
        self.hasher.clone()
    }

    /// The number of `name`; `None` if it was not added.
    pub fn find(&self, name: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        self.place(name, self.hash(name)).1
    }

    /// The name with this number; empty if there is none.
    pub fn name(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| {
            self.ends.get(before).copied().unwrap_or(self.text.len())
        });
        let end = self.ends.get(number).copied().unwrap_or(start);
        &self.text[start..end]
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.text.capacity() + (self.ends.capacity() + self.slots.capacity()) * 8
    }

    /// The numbers in order of name.
    pub fn in_order(&self) -> Vec<u32> {
        self.in_order_of(|number| self.name(number))
    }

    /// The numbers in order of what `shown` makes of them.
    fn in_order_of<'s>(&'s self, shown: impl Fn(u32) -> &'s str + Sync) -> Vec<u32> {
        // Most names differ in their first 16 bytes; comparing those stays within the list.
        let keyed = |number: u32| (first_bytes(shown(number)), number);
        let mut names: Vec<(u128, u32)> = (0..self.ends.len() as u32).map(keyed).collect();
        let order = |(a, one): &(u128, u32), (b, other): &(u128, u32)| {
            a.cmp(b).then_with(|| shown(*one).cmp(shown(*other)))
        };
        if !names.is_sorted_by(|one, other| order(one, other).is_le()) {
            let share = names.len().div_ceil(threads()).max(1);
            parallel_map(names.chunks_mut(share).collect(), |part: &mut [_]| {
                part.sort_unstable_by(order);
            });
            // Runs that are in order are only put together.
            names.sort_by(order);
        }
        names.into_iter().map(|(_, number)| number).collect()
    }

    fn hash(&self, name: &str) -> u32 {
        self.hasher.hash_one(name) as u32
    }

    /// The slot of `name` and its number, or the slot that it would take.
    fn place(&self, name: &str, hash: u32) -> (usize, Option<u32>) {
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots[place];
            if slot == 0 {
                return (place, None);
            }
            let number = slot as u32 - 1;
            if (slot >> 32) as u32 == hash && self.name(number) == name {
                return (place, Some(number));
            }
            place = (place + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![0; (old.len() * 2).max(16)];
        let mask = self.slots.len() - 1;
        for slot in old.into_iter().filter(|slot| *slot != 0) {
            let mut place = (slot >> 32) as usize & mask;
            while self.slots[place] != 0 {
                place = (place + 1) & mask;
            }
            self.slots[place] = slot;
        }
    }
}

impl Numbering for Interned {
    fn number_of(&mut self, name: &str, hash: u32) -> u32 {
        self.add_hashed(name, hash)
    }
}

/// The first bytes as a number that compares as they do.
fn first_bytes(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = text.len().min(bytes.len());
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

/// The people whom files name, numbered. As with [`super::person_id`], a name that is an identifier
/// is the same person however its letters are written; the first spelling is the one shown.
#[derive(Debug, Default)]
pub struct PersonIndex {
    names: Interned,
    /// The spelling of those identifiers that are not written in small letters.
    spelled: HashMap<u32, String>,
}

impl PersonIndex {
    /// The number of a person, new if they were not named before.
    pub fn add(&mut self, name: &str) -> u32 {
        let Some(plain) = respelled(name) else {
            return self.names.add(name);
        };
        let before = self.names.len();
        let number = self.names.add(&plain);
        if self.names.len() > before {
            self.spelled.insert(number, name.to_owned());
        }
        number
    }

    /// How its names are hashed.
    pub(crate) fn hasher(&self) -> NameHasher {
        self.names.hasher()
    }

    /// The number of a person; `None` if nobody is called so.
    pub fn find(&self, name: &str) -> Option<u32> {
        match respelled(name) {
            Some(plain) => self.names.find(&plain),
            None => self.names.find(name),
        }
    }

    /// What a person is called.
    pub fn name(&self, number: u32) -> &str {
        let spelled = self.spelled.get(&number).map(String::as_str);
        spelled.unwrap_or_else(|| self.names.name(number))
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.names.bytes()
    }

    /// The numbers in order of name.
    pub fn in_order(&self) -> Vec<u32> {
        self.names.in_order_of(|number| self.name(number))
    }
}

impl Numbering for PersonIndex {
    fn number_of(&mut self, name: &str, hash: u32) -> u32 {
        match respelled(name) {
            Some(_) => self.add(name),
            None => self.names.add_hashed(name, hash),
        }
    }
}

/// An identifier in small letters, if it is one and not written so.
fn respelled(name: &str) -> Option<String> {
    let is_identifier = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_capitals = || name.bytes().any(|byte| byte.is_ascii_uppercase());
    (is_identifier && has_capitals()).then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(domain::testing::property_cases(256))]

        #[test]
        fn a_name_keeps_its_number_and_the_order_is_that_of_the_names(
            names in prop::collection::vec("[a-c\u{0}é]{0,3}|person-000000000[0-9]{1,3}", 0..300),
        ) {
            let mut interned = Interned::default();
            let numbers: Vec<u32> = names.iter().map(|name| interned.add(name)).collect();
            for (name, number) in names.iter().zip(&numbers) {
                prop_assert_eq!(interned.find(name), Some(*number));
                prop_assert_eq!(interned.name(*number), name);
            }
            let distinct: BTreeSet<&str> = names.iter().map(String::as_str).collect();
            prop_assert_eq!(interned.len(), distinct.len());
            let order = interned.in_order();
            let order = order.iter().map(|number| interned.name(*number));
            prop_assert!(order.eq(distinct));
            prop_assert_eq!(interned.find("nobody"), None);
        }
    }

    #[test]
    fn an_identifier_is_one_person_in_either_spelling() {
        let (mut person_index, small) =
            (PersonIndex::default(), "0123456789abcdef0123456789abcdef");
        let capital = small.to_ascii_uppercase();
        assert_eq!(
            [&capital, small, "AB", "ab"].map(|name| person_index.add(name)),
            [0, 0, 1, 2]
        );
        assert_eq!(
            (person_index.name(0), person_index.find(small)),
            (capital.as_str(), Some(0))
        );
        assert_eq!(person_index.in_order(), [0, 1, 2]);
    }
}
