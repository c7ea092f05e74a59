//! Which column of which file is which list in memory, for writing and reading: what
//! `engine::columns` keeps of each kind, as the fields of evidence say what it holds.

use domain::FactKind;
use domain::evidence::{Holds, Requirement};
use engine::columns::{Held, ListMut, Named, held};

/// What a column of a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Numbers or seconds.
    Numbers,
    /// The same, or NULL.
    MaybeNumbers,
    /// Degrees Celsius, or NULL.
    Celsius,
    /// Numbers below 256.
    SmallNumbers,
    /// Words, as their place in this list.
    Words(&'static [&'static str]),
    /// Two columns of words in one list: this one in the low four bits …
    LowWords(&'static [&'static str]),
    /// … and this one in the high four.
    HighWords(&'static [&'static str]),
    /// Symptoms separated by semicolons.
    Symptoms,
    /// Regions, numbered.
    Regions,
    /// Names of products, numbered.
    Products,
    /// Categories of venues, numbered, or NULL.
    Categories,
}

/// Rows of a list in memory, to be filled.
pub(super) enum Rows<'a> {
    Wide(&'a mut [u32]),
    Middle(&'a mut [u16]),
    Narrow(&'a mut [u8]),
}

impl<'a> From<ListMut<'a>> for Rows<'a> {
    fn from(list: ListMut<'a>) -> Self {
        match list {
            ListMut::Wide(list) => Self::Wide(list),
            ListMut::Middle(list) => Self::Middle(list),
            ListMut::Narrow(list) => Self::Narrow(list),
        }
    }
}

impl Rows<'_> {
    /// The first `count` rows, and the rest.
    pub(super) fn split_at(self, count: usize) -> (Self, Self) {
        match self {
            Self::Wide(list) => {
                let (first, rest) = list.split_at_mut(count);
                (Self::Wide(first), Self::Wide(rest))
            }
            Self::Middle(list) => {
                let (first, rest) = list.split_at_mut(count);
                (Self::Middle(first), Self::Middle(rest))
            }
            Self::Narrow(list) => {
                let (first, rest) = list.split_at_mut(count);
                (Self::Narrow(first), Self::Narrow(rest))
            }
        }
    }
}

/// A column of a file.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) content: Content,
}

/// The columns of the file for `kind`, grouped by the lists in memory that hold them: `person` comes
/// first. What a column holds is what the field of that name holds.
pub(super) fn fields(kind: FactKind) -> Vec<Vec<Field>> {
    let person = Field {
        name: "person",
        content: Content::Numbers,
    };
    let of_list = |list: &Held| {
        let fields = list.fields.iter().enumerate();
        let is_shared = list.fields.len() > 1;
        let field = |(place, name): (usize, &&'static str)| Field {
            name,
            content: match Content::of(kind, name, list.numbered_by) {
                Content::Words(words) if is_shared && place == 0 => Content::LowWords(words),
                Content::Words(words) if is_shared => Content::HighWords(words),
                alone => alone,
            },
        };
        fields.map(field).collect()
    };
    let lists = held(kind).iter().map(of_list);
    std::iter::once(vec![person]).chain(lists).collect()
}

impl Content {
    /// What the column called `name` holds.
    ///
    /// # Panics
    /// If nobody says what a column holds that was declared in memory; a test asks for each.
    fn of(kind: FactKind, name: &str, numbered_by: Option<Named>) -> Self {
        match (name, numbered_by) {
            // Which row was withdrawn lies in two columns.
            ("of_kind", _) => return Self::Words(FactKind::WORDS),
            ("of_row", _) => return Self::MaybeNumbers,
            (_, Some(Named::Regions)) => return Self::Regions,
            (_, Some(Named::Products)) => return Self::Products,
            (_, Some(Named::Categories)) => return Self::Categories,
            (_, None) => {}
        }
        let Some(field) = kind.field(name) else {
            panic!("evidence of this kind has no field {name}");
        };
        match field.holds {
            Holds::Past | Holds::Time if matches!(field.requirement, Requirement::Always) => {
                Self::Numbers
            }
            Holds::Past | Holds::Time => Self::MaybeNumbers,
            Holds::Whole(_, most) if most <= u8::MAX as u32 => Self::SmallNumbers,
            Holds::Whole(..) => Self::MaybeNumbers,
            Holds::Degrees => Self::Celsius,
            Holds::Word(vocabulary) => Self::Words(vocabulary.all),
            Holds::Words(_) => Self::Symptoms,
            Holds::Region
            | Holds::Text
            | Holds::Person
            | Holds::Venue
            | Holds::Evidence
            | Holds::Signatures => panic!("{name} is no number, and no dictionary numbers it"),
        }
    }
}

/// Which column says when a fact begins, and which one when it ends.
pub(super) struct Times {
    pub(super) begins: &'static str,
    pub(super) ends: &'static str,
    /// Whether no end means that it lasts.
    pub(super) may_last: bool,
}

/// The times of a kind: the first two columns that hold any.
pub(super) fn times(kind: FactKind) -> Times {
    let names = held(kind).iter().flat_map(|list| list.fields).copied();
    let holds = |name: &str| kind.field(name).map(|field| field.holds);
    let is_time = |name: &&str| matches!(holds(name), Some(Holds::Past | Holds::Time));
    let mut times = names.filter(is_time);
    let begins = times.next().unwrap_or("at");
    Times {
        begins,
        ends: times.next().unwrap_or(begins),
        may_last: matches!(kind, FactKind::Stay | FactKind::Visit),
    }
}

/// The name of the file for a kind, without its extension.
pub(super) fn table_name(kind: FactKind) -> &'static str {
    crate::files::Table::of_kind(kind).map_or("withdrawals", |table| table.name)
}
