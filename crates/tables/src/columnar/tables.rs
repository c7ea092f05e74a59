//! The columns of each table of evidence.

use std::ops::Range;

use domain::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Relation, StayMode, StaySource, TestKind,
    TestResult,
};
use domain::{Colour, FactKind};
use engine::columns::{
    Columns, Contacts, Contradictions, Declarations, Diagnoses, ForeignVerdicts, Stays, Tests,
    Vaccinations, Visits,
};

use super::plain::Plain;

/// Rows of one table.
pub(super) trait AppendRows {
    /// Says whose each row is.
    fn set_person(&mut self, person: Vec<u32>);
    /// Puts these rows after those of the same table.
    fn append_to(&self, columns: &mut Columns, rows: Range<usize>);
}

macro_rules! append {
    ($($name:ident => $table:ident),*) => {$(
        impl AppendRows for $name {
            fn set_person(&mut self, person: Vec<u32>) {
                self.person = person;
            }

            fn append_to(&self, columns: &mut Columns, rows: Range<usize>) {
                columns.$table.extend_from(self, rows);
            }
        }
    )*};
}

append! {
    Declarations => declarations, Diagnoses => diagnoses, Contacts => contacts, Stays => stays,
    Tests => tests, Vaccinations => vaccinations, Visits => visits,
    Contradictions => contradictions, ForeignVerdicts => foreign_verdicts
}

/// Nothing that is read in bulk.
struct Nothing;

impl AppendRows for Nothing {
    fn set_person(&mut self, _: Vec<u32>) {}

    fn append_to(&self, _: &mut Columns, _: Range<usize>) {}
}

/// The rows of a batch as evidence of `kind`, nobody's yet. Rows that are odd hold nothing that means
/// anything.
pub(super) fn facts_of(
    kind: FactKind,
    plain: &mut Plain<'_>,
    columns: &mut Columns,
) -> Box<dyn AppendRows> {
    match kind {
        FactKind::Declaration => Box::new(Declarations {
            person: Vec::new(),
            at: plain.timestamps("at"),
            symptoms: plain.symptoms("symptoms"),
            temperature: plain.temperatures("temperature"),
            contact: plain.words("contact", |word| number(ContactAnswer::ALL, word)),
        }),
        FactKind::Diagnosis => Box::new(Diagnoses {
            person: Vec::new(),
            at: plain.timestamps("at"),
            onset: plain.timestamps("onset"),
            status: plain.words("status", |word| number(DiagnosisStatus::ALL, word)),
        }),
        FactKind::Contact => {
            let first = plain.timestamps("first");
            Box::new(Contacts {
                person: Vec::new(),
                last: plain.ends("last", &first),
                first,
                minutes: plain.wholes("minutes"),
                relation: plain.words("relation", |word| number(Relation::ALL, word)),
                ring: bytes(&plain.wholes("ring")),
            })
        }
        FactKind::Stay => {
            let arrived = plain.timestamps("arrived");
            let mode = plain.words("mode", |word| number(StayMode::ALL, word));
            let source = plain.words("source", |word| number(StaySource::ALL, word));
            let both = mode
                .iter()
                .zip(&source)
                .map(|(mode, source)| mode | source << 4);
            Box::new(Stays {
                person: Vec::new(),
                left: plain.ends("left", &arrived),
                arrived,
                region: plain.regions("region", &mut columns.regions),
                mode_source: both.collect(),
            })
        }
        FactKind::Test => {
            let sampled = plain.timestamps("sampled");
            Box::new(Tests {
                person: Vec::new(),
                reported: plain.ends("reported", &sampled),
                sampled,
                kind: plain.words("kind", |word| number(TestKind::ALL, word)),
                result: plain.words("result", |word| number(TestResult::ALL, word)),
            })
        }
        FactKind::Vaccination => Box::new(Vaccinations {
            person: Vec::new(),
            at: plain.timestamps("at"),
            product: plain.texts("product", &mut columns.products),
            dose: bytes(&plain.wholes("dose")),
        }),
        FactKind::Visit => {
            plain.present("venue");
            let entered = plain.timestamps("entered");
            Box::new(Visits {
                person: Vec::new(),
                left: plain.ends("left", &entered),
                entered,
                category: plain.texts("category", &mut columns.categories),
            })
        }
        FactKind::Contradiction => Box::new(Contradictions {
            person: Vec::new(),
            at: plain.timestamps("at"),
            about: plain.words("about", |word| number(ContradictionAbout::ALL, word)),
        }),
        FactKind::ForeignVerdict => {
            let at = plain.timestamps("at");
            Box::new(ForeignVerdicts {
                person: Vec::new(),
                until: plain.validity_ends("until", &at),
                at,
                issuer: plain.regions("issuer", &mut columns.regions),
                colour: plain.words("colour", |word| number(&Colour::ALL, word)),
            })
        }
        // Orders are few, and valid or not as a whole.
        FactKind::Order | FactKind::Withdrawal => {
            plain.odd.fill(true);
            Box::new(Nothing)
        }
    }
}

/// The place of a word among all.
pub(super) fn number<T: PartialEq + std::str::FromStr>(all: &[T], word: &str) -> Option<u8> {
    let value = word.parse::<T>().ok()?;
    let place = all.iter().position(|other| *other == value)?;
    u8::try_from(place).ok()
}

fn bytes(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().map(|number| *number as u8).collect()
}
