//! What a field of evidence is called, what it holds and what it means: the words in which
//! [`super::form`] declares every kind once.

use super::FactKind;

/// A field of a kind of evidence, wherever it is spelled: in JSON, in a file, in a worked case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in files and worked cases.
    pub name: &'static str,
    /// Its name in JSON, where `kind` says which kind of evidence it is.
    pub json: &'static str,
    /// What its values are.
    pub holds: Holds,
    /// Whether there must be a value.
    pub requirement: Requirement,
    /// Whether its values are personal, and shown masked in messages.
    pub personal: bool,
    /// What it means, to be read after its name.
    pub about: &'static str,
    /// A value that is often written.
    pub example: &'static str,
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Any text.
    Text,
    /// A time that has passed when it is submitted.
    Past,
    /// A time that may lie ahead.
    Time,
    /// One of these words.
    Word(Vocabulary),
    /// Some of these words, or none.
    Words(Vocabulary),
    /// A whole number in this range, both ends included.
    Whole(u32, u32),
    /// Degrees Celsius with one decimal.
    Degrees,
    /// A region.
    Region,
    /// Somebody.
    Person,
    /// A place where visits are recorded.
    Venue,
    /// Another record.
    Evidence,
    /// The names of two different persons.
    Signatures,
}

/// The words that a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// What such a word is called, for example `TestKind`.
    pub name: &'static str,
    /// The words that the field takes.
    pub words: &'static [&'static str],
    /// Every such word, in the order by which they are numbered where they are kept as numbers.
    pub all: &'static [&'static str],
}

/// Whether there must be a value, and in a file a column for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Always.
    Always,
    /// The value may be unknown, but a file says so: the column is there.
    MayBeEmpty,
    /// The value may be unknown, and the column left out.
    Optional,
}

pub(super) const fn field(name: &'static str, holds: Holds, about: &'static str) -> Field {
    let example = match holds {
        Holds::Past | Holds::Time => "2020-02-17T08:30:00",
        Holds::Word(vocabulary) => vocabulary.words[0],
        Holds::Region => "4201",
        Holds::Whole(..) => "1",
        _ => "name",
    };
    Field {
        name,
        json: name,
        holds,
        requirement: Requirement::Always,
        personal: false,
        about,
        example,
    }
}

impl Field {
    /// Goes by another name in JSON.
    pub(super) const fn in_json(self, json: &'static str) -> Self {
        Self { json, ..self }
    }

    pub(super) const fn optional(self) -> Self {
        Self {
            requirement: Requirement::Optional,
            ..self
        }
    }

    pub(super) const fn stated(self) -> Self {
        Self {
            requirement: Requirement::MayBeEmpty,
            ..self
        }
    }

    pub(super) const fn personal(self) -> Self {
        Self {
            personal: true,
            ..self
        }
    }

    pub(super) const fn such_as(self, example: &'static str) -> Self {
        Self { example, ..self }
    }
}

impl FactKind {
    /// The field of this kind that is called `name` in files.
    pub const fn field(self, name: &str) -> Option<&'static Field> {
        let fields = self.fields();
        let mut place = 0;
        while place < fields.len() {
            if are_equal(fields[place].name, name) {
                return Some(&fields[place]);
            }
            place += 1;
        }
        None
    }
}

const fn are_equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}
