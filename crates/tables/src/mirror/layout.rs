//! Which column of which file is which list in memory, once for writing and once for reading.

use domain::FactKind;
use domain::evidence::{Holds, Requirement, StayMode, StaySource};
use engine::columns::Columns;

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

/// A list in memory, to be written.
#[derive(Clone, Copy)]
pub(super) enum List<'a> {
    Wide(&'a [u32]),
    Middle(&'a [u16]),
    Narrow(&'a [u8]),
}

/// A list in memory, to be filled.
pub(super) enum ListMut<'a> {
    Wide(&'a mut [u32]),
    Middle(&'a mut [u16]),
    Narrow(&'a mut [u8]),
}

impl<'a> ListMut<'a> {
    /// The first `count` entries, and the rest.
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

/// Which list in memory holds which columns of each kind. What a column holds follows from the field of
/// that name, unless it is said here.
macro_rules! layout {
    ($($kind:ident $table:ident {
        $($list:ident: $width:ident $first:ident $(= $first_content:expr)? $(, $second:ident = $second_content:expr)?;)*
    })*) => {
        /// The columns of the file for `kind`, grouped by list: `person` comes first.
        pub(super) fn fields(kind: FactKind) -> Vec<Vec<Field>> {
            use Content::{Categories, HighWords, LowWords, MaybeNumbers, Numbers, Products, Words};
            let field = |name, content| Field { name, content };
            let person = vec![field("person", Numbers)];
            match kind {
                $(FactKind::$kind => vec![person $(, vec![
                    field(stringify!($first), content!($kind $first $(= $first_content)?))
                    $(, field(stringify!($second), $second_content))?
                ])*],)*
            }
        }

        /// The lists, in the order of [`fields`].
        pub(super) fn lists(columns: &Columns, kind: FactKind) -> Vec<List<'_>> {
            match kind {
                $(FactKind::$kind => vec![List::Wide(&columns.$table.person) $(, List::$width(&columns.$table.$list))*],)*
            }
        }

        /// Gives every list `rows` entries of nothing.
        pub(super) fn resize(columns: &mut Columns, kind: FactKind, rows: usize) {
            match kind {
                $(FactKind::$kind => {
                    columns.$table.person = vec![0; rows];
                    $(columns.$table.$list = vec![0; rows];)*
                })*
            }
        }

        /// The lists to be filled, in the order of [`fields`], of all kinds in the order of
        /// [`FactKind::ALL`].
        pub(super) fn lists_mut(columns: &mut Columns) -> Vec<(FactKind, Vec<ListMut<'_>>)> {
            $(let $table = &mut columns.$table;)*
            vec![
                $((FactKind::$kind, vec![ListMut::Wide(&mut $table.person) $(, ListMut::$width(&mut $table.$list))*]),)*
            ]
        }
    };
}

/// What a column holds; a column that is no field of its kind does not compile.
macro_rules! content {
    ($kind:ident $name:ident = $content:expr) => {
        $content
    };
    ($kind:ident $name:ident) => {
        const { Content::of(FactKind::$kind, stringify!($name)) }
    };
}

layout! {
    Declaration declarations {
        at: Wide at;
        symptoms: Middle symptoms;
        temperature: Middle temperature;
        contact: Narrow contact;
    }
    Diagnosis diagnoses {
        at: Wide at;
        onset: Wide onset;
        status: Narrow status;
    }
    Contact contacts {
        first: Wide first;
        last: Wide last;
        minutes: Wide minutes;
        relation: Narrow relation;
        ring: Narrow ring;
    }
    Stay stays {
        arrived: Wide arrived;
        left: Wide left;
        region: Middle region;
        mode_source: Narrow mode = LowWords(StayMode::WORDS), source = HighWords(StaySource::WORDS);
    }
    Test tests {
        sampled: Wide sampled;
        reported: Wide reported;
        kind: Narrow kind;
        result: Narrow result;
    }
    Vaccination vaccinations {
        at: Wide at;
        product: Middle product = Products;
        dose: Narrow dose;
    }
    Visit visits {
        entered: Wide entered;
        left: Wide left;
        category: Middle category = Categories;
    }
    Order orders {
        from: Wide from;
        until: Wide until;
        colour: Narrow colour;
    }
    Contradiction contradictions {
        at: Wide at;
        about: Narrow about;
    }
    ForeignVerdict foreign_verdicts {
        at: Wide at;
        until: Wide until;
        issuer: Middle issuer;
        colour: Narrow colour;
    }
    Withdrawal withdrawals {
        at: Wide at;
        kind: Narrow of_kind = Words(FactKind::WORDS);
        row: Wide of_row = MaybeNumbers;
    }
}

impl Content {
    /// What the column called `name` holds.
    const fn of(kind: FactKind, name: &str) -> Self {
        let Some(field) = kind.field(name) else {
            panic!("evidence of this kind has no such field");
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
            Holds::Region => Self::Regions,
            _ => panic!("such a column is not in the mirror, or under numbers that are said"),
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

/// The times of a kind.
pub(super) fn times(kind: FactKind) -> Times {
    let (begins, ends) = match kind {
        FactKind::Diagnosis => ("at", "onset"),
        FactKind::Contact => ("first", "last"),
        FactKind::Stay => ("arrived", "left"),
        FactKind::Test => ("sampled", "reported"),
        FactKind::Visit => ("entered", "left"),
        FactKind::Order => ("from", "until"),
        FactKind::ForeignVerdict => ("at", "until"),
        FactKind::Declaration
        | FactKind::Vaccination
        | FactKind::Contradiction
        | FactKind::Withdrawal => ("at", "at"),
    };
    Times {
        begins,
        ends,
        may_last: matches!(kind, FactKind::Stay | FactKind::Visit),
    }
}

/// The name of the file for a kind, without its extension.
pub(super) fn table_name(kind: FactKind) -> &'static str {
    crate::files::Table::of_kind(kind).map_or("withdrawals", |table| table.name)
}
