//! The tables: of each kind of evidence what is kept in memory, declared once. Reading files by column,
//! the mirror, joining and sorting follow. What a column holds is what the field of that name holds
//! (`FactKind::fields`); words are numbers in the order of their type in `domain::evidence`.

use std::ops::Range;

use domain::FactKind;

use super::list::{Held, List, ListMut, Named, Number};
use super::{Columns, Renumbering, Seconds};

/// Declares each table: of which kind, called what in [`Columns`], its type, then its columns, of which
/// the first says when a fact begins. After `=` stand the fields that a column holds if they are not
/// called like it, two that share it in the low and the high four bits; in brackets the dictionary that
/// numbers it.
macro_rules! tables {
    ($($(#[$doc:meta])* $kind:ident $table:ident: $name:ident {
        $(#[$first_doc:meta])* $first:ident: Seconds
        $(, $(#[$column_doc:meta])* $column:ident: $type:ty
            $(= $field:ident $(| $second:ident)?)? $([$dictionary:ident])?)* $(,)?
    })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default)]
            pub struct $name {
                /// Whose; ascending.
                pub person: Vec<u32>,
                $(#[$first_doc])*
                pub $first: Vec<Seconds>,
                $($(#[$column_doc])* pub $column: Vec<$type>,)*
            }

            impl $name {
                /// Bytes of a row in memory.
                const ROW: u64 = 8 $(+ size_of::<$type>() as u64)*;

                /// How many rows.
                pub fn len(&self) -> usize {
                    self.person.len()
                }

                /// Whether there are none.
                pub fn is_empty(&self) -> bool {
                    self.person.is_empty()
                }

                /// Bytes in memory.
                fn bytes(&self) -> usize {
                    (self.person.capacity() + self.$first.capacity()) * 4
                        $(+ self.$column.capacity() * size_of::<$type>())*
                }

                /// Puts some rows of `other` after its own.
                fn extend_from(&mut self, other: &Self, rows: Range<usize>) {
                    self.person.extend_from_slice(&other.person[rows.clone()]);
                    self.$first.extend_from_slice(&other.$first[rows.clone()]);
                    $(self.$column.extend_from_slice(&other.$column[rows.clone()]);)*
                }

                /// Puts the rows of `other` after its own.
                fn append(&mut self, mut other: Self) {
                    if self.person.is_empty() {
                        *self = other;
                        return;
                    }
                    self.person.append(&mut other.person);
                    self.$first.append(&mut other.$first);
                    $(self.$column.append(&mut other.$column);)*
                }

                pub(super) fn reorder(&mut self, order: &[u32]) {
                    reorder(&mut self.person, order);
                    reorder(&mut self.$first, order);
                    $(reorder(&mut self.$column, order);)*
                }
            }
        )*

        /// What the lists of a kind hold, in the order of [`Columns::lists`] but for the first, which says
        /// whose each row is.
        pub const fn held(kind: FactKind) -> &'static [Held] {
            match kind {
                $(FactKind::$kind => &[
                    Held { fields: &[stringify!($first)], numbered_by: None }
                    $(, Held {
                        fields: names!($column $(= $field $(| $second)?)?),
                        numbered_by: numbered_by!($($dictionary)?),
                    })*
                ],)*
            }
        }

        /// Bytes of a fact of this kind in the columns.
        pub const fn row_bytes(kind: FactKind) -> u64 {
            match kind {
                $(FactKind::$kind => $name::ROW,)*
            }
        }

        impl Columns {
            /// Bytes of the tables in memory.
            pub fn bytes(&self) -> usize {
                0 $(+ self.$table.bytes())*
            }

            /// The lists of a kind: whose each row is, then those of [`held`].
            pub fn lists(&self, kind: FactKind) -> Vec<List<'_>> {
                match kind {
                    $(FactKind::$kind => vec![
                        u32::list(&self.$table.person),
                        u32::list(&self.$table.$first)
                        $(, <$type>::list(&self.$table.$column))*
                    ],)*
                }
            }

            /// The lists of all kinds, to be filled, in the order of [`Self::lists`].
            pub fn lists_mut(&mut self) -> Vec<(FactKind, Vec<ListMut<'_>>)> {
                vec![$((FactKind::$kind, vec![
                    u32::list_mut(&mut self.$table.person),
                    u32::list_mut(&mut self.$table.$first)
                    $(, <$type>::list_mut(&mut self.$table.$column))*
                ]),)*]
            }

            /// Whose the rows of a table are, in its order.
            pub fn person_mut(&mut self, kind: FactKind) -> &mut Vec<u32> {
                match kind {
                    $(FactKind::$kind => &mut self.$table.person,)*
                }
            }

            /// Puts some rows of a table of `other` after those of the same table. Numbers of
            /// dictionaries stay as they are.
            pub fn extend_from(&mut self, kind: FactKind, other: &Self, rows: Range<usize>) {
                match kind {
                    $(FactKind::$kind => self.$table.extend_from(&other.$table, rows),)*
                }
            }

            /// When the fact that began last began, withdrawals aside; `None` if there is none.
            pub fn last_beginning(&self) -> Option<Seconds> {
                let lists = [$((FactKind::$kind, &self.$table.$first)),*];
                let facts = lists.iter().filter(|(kind, _)| *kind != FactKind::Withdrawal);
                facts.flat_map(|(_, begins)| *begins).max().copied()
            }

            /// Puts all rows of `other` after its own; what dictionaries number is numbered anew.
            pub(super) fn append_rows(&mut self, mut other: Self, numbers: &Renumbering) {
                $($($(numbers.$dictionary.apply(&mut other.$table.$column);)?)*)*
                $(self.$table.append(other.$table);)*
            }
        }
    };
}

/// The fields that a column holds.
macro_rules! names {
    ($column:ident) => {
        &[stringify!($column)]
    };
    ($column:ident = $field:ident $(| $second:ident)?) => {
        &[stringify!($field) $(, stringify!($second))?]
    };
}

/// The dictionary that numbers a column.
macro_rules! numbered_by {
    () => {
        None
    };
    (regions) => {
        Some(Named::Regions)
    };
    (products) => {
        Some(Named::Products)
    };
    (categories) => {
        Some(Named::Categories)
    };
}

fn reorder<T: Copy>(list: &mut Vec<T>, order: &[u32]) {
    *list = order.iter().map(|row| list[*row as usize]).collect();
}

tables! {
    /// Reports of health.
    Declaration declarations: Declarations {
        /// When.
        at: Seconds,
        /// `Symptoms::bits`.
        symptoms: u16,
        /// Tenths of a degree; 0 if not measured.
        temperature: u16,
        /// `ContactAnswer`.
        contact: u8,
    }
    /// Findings.
    Diagnosis diagnoses: Diagnoses {
        /// When.
        at: Seconds,
        /// When the illness began, or `NONE`.
        onset: Seconds,
        /// `DiagnosisStatus`.
        status: u8,
    }
    /// Meetings.
    Contact contacts: Contacts {
        /// The first instant.
        first: Seconds,
        /// The last instant.
        last: Seconds,
        /// Minutes together, or `NONE`.
        minutes: u32,
        /// `Relation`.
        relation: u8,
        /// Distance.
        ring: u8,
    }
    /// Time in regions.
    Stay stays: Stays {
        /// From when.
        arrived: Seconds,
        /// Until when, or `NONE`.
        left: Seconds,
        /// Where.
        region: u16 [regions],
        /// `StayMode` in the low four bits, `StaySource` in the high four.
        mode_source: u8 = mode | source,
    }
    /// Samples.
    Test tests: Tests {
        /// When taken.
        sampled: Seconds,
        /// When reported, or `NONE`.
        reported: Seconds,
        /// `TestKind`.
        kind: u8,
        /// `TestResult`.
        result: u8,
    }
    /// Doses.
    Vaccination vaccinations: Vaccinations {
        /// When.
        at: Seconds,
        /// Of what.
        product: u16 [products],
        /// First dose is 1.
        dose: u8,
    }
    /// Time at venues, as evidence.
    Visit visits: Visits {
        /// From when.
        entered: Seconds,
        /// Until when, or `NONE`.
        left: Seconds,
        /// What sort of place, or `NONE_16`.
        category: u16 [categories],
    }
    /// Orders.
    Order orders: Orders {
        /// From when.
        from: Seconds,
        /// Until when.
        until: Seconds,
        /// `Colour`.
        colour: u8,
    }
    /// Contradictions.
    Contradiction contradictions: Contradictions {
        /// When found.
        at: Seconds,
        /// `ContradictionAbout`.
        about: u8,
    }
    /// Verdicts of other issuers.
    ForeignVerdict foreign_verdicts: ForeignVerdicts {
        /// From when.
        at: Seconds,
        /// Until when.
        until: Seconds,
        /// Whose.
        issuer: u16 [regions],
        /// `Colour`.
        colour: u8,
    }
    /// Withdrawals.
    Withdrawal withdrawals: Withdrawals {
        /// When.
        at: Seconds,
        /// Which table the withdrawn row is in, as `FactKind`.
        kind: u8 = of_kind,
        /// Which row of that table; `NONE` if it is not there.
        row: u32 = of_row,
    }
}
