//! Which column of which file is which list in memory, once for writing and once for reading.

use domain::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Relation, StayMode, StaySource, TestKind,
    TestResult,
};
use domain::{Colour, FactKind};

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

/// The names and contents of the columns of each kind, which list holds each, and their bytes in
/// memory.
macro_rules! layout {
    ($($kind:ident $table:ident { $($list:ident: $width:ident $first:ident = $first_content:expr $(, $second:ident = $second_content:expr)?;)* })*) => {
        /// The columns of the file for `kind`, grouped by list: `person` comes first.
        pub(super) fn fields(kind: FactKind) -> Vec<Vec<Field>> {
            use Content::{Categories, Celsius, HighWords, LowWords, MaybeNumbers, Numbers, Products, Regions, SmallNumbers, Symptoms, Words};
            let field = |name, content| Field { name, content };
            let person = vec![field("person", Numbers)];
            match kind {
                $(FactKind::$kind => vec![person $(, vec![field(stringify!($first), $first_content) $(, field(stringify!($second), $second_content))?])*],)*
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

layout! {
    Declaration declarations {
        at: Wide at = Numbers;
        symptoms: Middle symptoms = Symptoms;
        temperature: Middle temperature = Celsius;
        contact: Narrow contact = Words(ContactAnswer::WORDS);
    }
    Diagnosis diagnoses {
        at: Wide at = Numbers;
        onset: Wide onset = MaybeNumbers;
        status: Narrow status = Words(DiagnosisStatus::WORDS);
    }
    Contact contacts {
        first: Wide first = Numbers;
        last: Wide last = Numbers;
        minutes: Wide minutes = MaybeNumbers;
        relation: Narrow relation = Words(Relation::WORDS);
        ring: Narrow ring = SmallNumbers;
    }
    Stay stays {
        arrived: Wide arrived = Numbers;
        left: Wide left = MaybeNumbers;
        region: Middle region = Regions;
        mode_source: Narrow mode = LowWords(StayMode::WORDS), source = HighWords(StaySource::WORDS);
    }
    Test tests {
        sampled: Wide sampled = Numbers;
        reported: Wide reported = MaybeNumbers;
        kind: Narrow kind = Words(TestKind::WORDS);
        result: Narrow result = Words(TestResult::WORDS);
    }
    Vaccination vaccinations {
        at: Wide at = Numbers;
        product: Middle product = Products;
        dose: Narrow dose = SmallNumbers;
    }
    Visit visits {
        entered: Wide entered = Numbers;
        left: Wide left = MaybeNumbers;
        category: Middle category = Categories;
    }
    Order orders {
        from: Wide from = Numbers;
        until: Wide until = Numbers;
        colour: Narrow colour = Words(Colour::WORDS);
    }
    Contradiction contradictions {
        at: Wide at = Numbers;
        about: Narrow about = Words(ContradictionAbout::WORDS);
    }
    ForeignVerdict foreign_verdicts {
        at: Wide at = Numbers;
        until: Wide until = Numbers;
        issuer: Middle issuer = Regions;
        colour: Narrow colour = Words(Colour::WORDS);
    }
    Withdrawal withdrawals {
        at: Wide at = Numbers;
        kind: Narrow of_kind = Words(FactKind::WORDS);
        row: Wide of_row = MaybeNumbers;
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
