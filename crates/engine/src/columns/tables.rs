//! The tables. Words are numbers in the order of their type in `domain::evidence`.

use super::Seconds;

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident { $($(#[$cdoc:meta])* $column:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            /// Whose; ascending.
            pub person: Vec<u32>,
            $($(#[$cdoc])* pub $column: Vec<$type>,)*
        }

        impl $name {
            /// Bytes of a row in memory.
            pub(crate) const ROW: u64 = 4 $(+ size_of::<$type>() as u64)*;

            /// How many rows.
            pub fn len(&self) -> usize {
                self.person.len()
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.person.is_empty()
            }

            /// Bytes in memory.
            pub fn bytes(&self) -> usize {
                self.person.capacity() * 4 $(+ self.$column.capacity() * size_of::<$type>())*
            }

            /// Puts some rows of `other` after its own.
            pub fn extend_from(&mut self, other: &Self, rows: std::ops::Range<usize>) {
                self.person.extend_from_slice(&other.person[rows.clone()]);
                $(self.$column.extend_from_slice(&other.$column[rows.clone()]);)*
            }

            /// Puts the rows of `other` after its own.
            pub(super) fn append(&mut self, mut other: Self) {
                if self.person.is_empty() {
                    *self = other;
                    return;
                }
                self.person.append(&mut other.person);
                $(self.$column.append(&mut other.$column);)*
            }

            pub(super) fn reorder(&mut self, order: &[u32]) {
                self.person = order.iter().map(|row| self.person[*row as usize]).collect();
                $(self.$column = order.iter().map(|row| self.$column[*row as usize]).collect();)*
            }
        }
    )*};
}

tables! {
    /// Reports of health.
    Declarations {
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
    Diagnoses {
        /// When.
        at: Seconds,
        /// When the illness began, or `NONE`.
        onset: Seconds,
        /// `DiagnosisStatus`.
        status: u8,
    }
    /// Meetings.
    Contacts {
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
    Stays {
        /// From when.
        arrived: Seconds,
        /// Until when, or `NONE`.
        left: Seconds,
        /// Number in `Columns::regions`.
        region: u16,
        /// `StayMode` in the low four bits, `StaySource` in the high four.
        mode_source: u8,
    }
    /// Samples.
    Tests {
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
    Vaccinations {
        /// When.
        at: Seconds,
        /// Number in `Columns::products`.
        product: u16,
        /// First dose is 1.
        dose: u8,
    }
    /// Time at venues, as evidence.
    Visits {
        /// From when.
        entered: Seconds,
        /// Until when, or `NONE`.
        left: Seconds,
        /// Number in `Columns::categories`, or `NONE_16`.
        category: u16,
    }
    /// Orders.
    Orders {
        /// From when.
        from: Seconds,
        /// Until when.
        until: Seconds,
        /// `Colour`.
        colour: u8,
    }
    /// Contradictions.
    Contradictions {
        /// When found.
        at: Seconds,
        /// `ContradictionAbout`.
        about: u8,
    }
    /// Verdicts of other issuers.
    ForeignVerdicts {
        /// From when.
        at: Seconds,
        /// Until when.
        until: Seconds,
        /// Number in `Columns::regions`.
        issuer: u16,
        /// `Colour`.
        colour: u8,
    }
    /// Withdrawals.
    Withdrawals {
        /// When.
        at: Seconds,
        /// Which table the withdrawn row is in, as `FactKind`.
        kind: u8,
        /// Which row of that table; `NONE` if it is not there.
        row: u32,
    }
}
