//! Every table that the files of the command line may hold, in one place: the readers, their errors
//! and `docs/data-model.md` all follow it. The columns of evidence are the fields of its kind, which
//! the domain declares.

use domain::FactKind;
pub use domain::evidence::Requirement;
use domain::evidence::{self, Field};

/// A kind of file: its columns and what they mean.
#[derive(Debug)]
pub struct Table {
    /// The name of the file without its extension.
    pub name: &'static str,
    /// What one row says.
    pub about: &'static str,
    /// Which evidence a row is, if it is.
    pub kind: Option<FactKind>,
    /// The columns. A file may have them in any order.
    pub columns: &'static [Column],
}

/// A column of a [`Table`].
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What its values look like.
    pub holds: Holds,
    /// Whether it must be there.
    pub requirement: Requirement,
    /// Whether its values are personal, and shown masked in messages.
    pub personal: bool,
    /// What it means.
    pub about: &'static str,
}

/// What the values of a column look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Any text.
    Text,
    /// A timestamp not in the future.
    Past,
    /// A timestamp that may lie ahead.
    Timestamp,
    /// A calendar day.
    Day,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Some of these words, separated by semicolons; none of them is an empty value.
    Words(&'static [&'static str]),
    /// A whole number in this range, both ends included.
    Whole(u64, u64),
    /// Degrees Celsius.
    Degrees,
    /// A region.
    Region,
}

impl Table {
    /// The position of the column called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl Holds {
    /// What to write in such a column, to finish the sentence "write …".
    pub fn expected(self) -> String {
        match self {
            Self::Text => "any text".into(),
            Self::Past | Self::Timestamp => {
                "a time such as 2020-02-20T08:00:00+08:00, or whole Unix seconds".into()
            }
            Self::Day => "a day such as 2020-02-20".into(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Words(words) => {
                format!(
                    "any of {}, separated by semicolons, or nothing",
                    words.join(", ")
                )
            }
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::Degrees => "degrees Celsius such as 36.8".into(),
            Self::Region => {
                "2, 4, 6 or 9 digits (GB/T 2260) or two capital letters (ISO 3166)".into()
            }
        }
    }
}

pub(super) const fn column(name: &'static str, holds: Holds, about: &'static str) -> Column {
    Column {
        name,
        holds,
        requirement: Requirement::Always,
        personal: false,
        about,
    }
}

impl Column {
    /// The column of a field of evidence.
    const fn of(field: &Field) -> Self {
        let holds = match field.holds {
            evidence::Holds::Past => Holds::Past,
            evidence::Holds::Time => Holds::Timestamp,
            evidence::Holds::Word(vocabulary) => Holds::Word(vocabulary.words),
            evidence::Holds::Words(vocabulary) => Holds::Words(vocabulary.words),
            evidence::Holds::Whole(least, most) => Holds::Whole(least as u64, most as u64),
            evidence::Holds::Degrees => Holds::Degrees,
            evidence::Holds::Region => Holds::Region,
            // People and venues go by any name in files.
            evidence::Holds::Text
            | evidence::Holds::Person
            | evidence::Holds::Venue
            | evidence::Holds::Evidence
            | evidence::Holds::Signatures => Holds::Text,
        };
        Self {
            name: field.name,
            holds,
            requirement: field.requirement,
            personal: field.personal,
            about: field.about,
        }
    }

    const fn may_be_empty(self) -> Self {
        Self {
            requirement: Requirement::MayBeEmpty,
            ..self
        }
    }

    pub(super) const fn optional(self) -> Self {
        Self {
            requirement: Requirement::Optional,
            ..self
        }
    }

    pub(super) const fn personal(self) -> Self {
        Self {
            personal: true,
            ..self
        }
    }
}

pub(super) const PERSON: Column =
    column("person", Holds::Text, "who; any text that is unique").personal();
const LEVELS: &[&str] = &["low", "medium", "high"];
/// Whether a level is meant for everything inside the region.
pub(crate) const SCOPES: &[&str] = &["own", "total"];
const PEOPLE_COUNT: Holds = Holds::Whole(0, 10_000_000_000);

/// The tables of evidence: a person, and the fields that the domain declares for the kind.
macro_rules! evidence {
    ($($(#[$doc:meta])* $table:ident: $kind:ident, $name:literal, $about:literal;)*) => {
        $(
            $(#[$doc])*
            pub static $table: Table = Table {
                name: $name,
                about: $about,
                kind: Some(FactKind::$kind),
                columns: &of_person::<{ 1 + FactKind::$kind.fields().len() }>(FactKind::$kind),
            };
        )*

        impl Table {
            /// The table whose rows are evidence of `kind`; withdrawals are not read from files.
            pub const fn of_kind(kind: FactKind) -> Option<&'static Self> {
                Some(match kind {
                    $(FactKind::$kind => &$table,)*
                    FactKind::Withdrawal => return None,
                })
            }
        }
    };
}

evidence! {
    /// Stays at venues.
    VISITS: Visit, "visits",
        "A person was at a venue. A visit without an end counts as ended 12 hours after entry when \
         contacts are traced.";
    /// Findings of disease.
    DIAGNOSES: Diagnosis, "diagnoses",
        "A doctor or laboratory found that a person has, had or does not have the disease.";
    /// Who met whom.
    CONTACTS: Contact, "contacts", "A person met a case, or somebody who met one.";
    /// Where people were.
    STAYS: Stay, "stays", "A person was in a region.";
    /// Laboratory tests.
    TESTS: Test, "tests", "A sample was taken from a person.";
    /// What people say about their health.
    DECLARATIONS: Declaration, "declarations", "A person reported their health.";
    /// Doses of vaccines.
    VACCINATIONS: Vaccination, "vaccinations", "A person got a dose of a vaccine.";
    /// Restrictions by order.
    ORDERS: Order, "orders",
        "Two officers restrict a person for at most 72 hours, on a legal basis. `signed_by` names \
         both, separated by a semicolon.";
    /// Declarations found wrong.
    CONTRADICTIONS: Contradiction, "contradictions",
        "An official record contradicts what a person declared.";
    /// Verdicts of other issuers.
    FOREIGN_VERDICTS: ForeignVerdict, "foreign_verdicts", "Another issuer's verdict on a person.";
}

/// The columns of a table of evidence.
const fn of_person<const COLUMNS: usize>(kind: FactKind) -> [Column; COLUMNS] {
    let fields = kind.fields();
    let mut columns = [PERSON; COLUMNS];
    let mut place = 0;
    while place < fields.len() {
        columns[place + 1] = Column::of(&fields[place]);
        place += 1;
    }
    columns
}

/// Published risk levels.
pub static REGIONS: Table = Table {
    name: "regions",
    about: "An authority's level for a region. Codes may be padded with zeros to six digits \
            (`420100` is `4201`). Of two levels for one region the one that started last holds. \
            `healthcode risk -o regions.csv` writes such a file.",
    kind: None,
    columns: &[
        column("region", Holds::Region, "where"),
        column("level", Holds::Word(LEVELS), "how dangerous"),
        column("from", Holds::Timestamp, "the first moment"),
        column(
            "until",
            Holds::Timestamp,
            "the first moment after; empty until further notice",
        )
        .optional(),
        column(
            "scope",
            Holds::Word(SCOPES),
            "`own` (or empty): the level of the region and of all in it that has none of its own. \
             `total`: a figure about regions listed separately; not a level of anybody's stay",
        )
        .optional(),
        column("new_14d", PEOPLE_COUNT, "new cases in 14 days; not read").optional(),
        column("cumulative", PEOPLE_COUNT, "cases in all; not read").optional(),
    ],
};

/// Case counts by region and day.
pub static CASE_COUNTS: Table = Table {
    name: "case_counts",
    about: "How many cases a region had had by the end of a day. Codes may be padded with zeros to \
            six digits.",
    kind: None,
    columns: &[
        column("date", Holds::Day, "the day"),
        column("region", Holds::Region, "where"),
        column(
            "confirmed",
            PEOPLE_COUNT,
            "confirmed cases since the beginning",
        ),
    ],
};

/// Case counts as newspapers and ministries collected them in 2020, one file a day.
pub static CASE_COUNTS_BY_CITY: Table = Table {
    name: "case_counts",
    about: "The same as published day by day in 2020: a row for each country, province and city. \
            The smallest code in a row says which; a row that names a place without a code \
            is counted but belongs to no region.",
    kind: None,
    columns: &[
        column("date", Holds::Day, "the day"),
        column("country", Holds::Text, "name of the country").may_be_empty(),
        column("countryCode", Holds::Region, "ISO 3166 country").may_be_empty(),
        column(
            "province",
            Holds::Text,
            "name of the province; empty for a country",
        )
        .may_be_empty(),
        column("provinceCode", Holds::Region, "GB/T 2260, six digits").may_be_empty(),
        column(
            "city",
            Holds::Text,
            "name of the city; empty for a province",
        )
        .may_be_empty(),
        column(
            "cityCode",
            Holds::Region,
            "GB/T 2260, six digits; made-up codes with letters count as none",
        )
        .may_be_empty(),
        column(
            "confirmed",
            PEOPLE_COUNT,
            "confirmed cases since the beginning",
        ),
        column("suspected", Holds::Text, "not read").optional(),
        column("cured", Holds::Text, "not read").optional(),
        column("dead", Holds::Text, "not read").optional(),
    ],
};

/// Cases whose contacts are wanted.
pub static CASES: Table = Table {
    name: "cases",
    about: "A case and its infectious window, for `healthcode trace --cases`.",
    kind: None,
    columns: &[
        PERSON,
        column("from", Holds::Past, "start of the window"),
        column("until", Holds::Timestamp, "the first moment after it"),
    ],
};

/// Who the people are, for reports by group.
pub static PEOPLE: Table = Table {
    name: "people",
    about: "What groups a person belongs to. For reports only: no rule can read any of it.",
    kind: None,
    columns: &[
        PERSON,
        column("region", Holds::Region, "where they live").optional(),
        column("birth_year", Holds::Whole(1880, 2200), "year of birth")
            .personal()
            .optional(),
        column("sex", Holds::Text, "as registered")
            .personal()
            .optional(),
    ],
};

/// What truly happened, for scoring a policy.
pub static TRUTH: Table = Table {
    name: "truth",
    about: "When a person was truly infected or exposed, for `healthcode policy score`.",
    kind: None,
    columns: &[
        PERSON,
        column(
            "infected_at",
            Holds::Timestamp,
            "when they were infected; empty if never",
        )
        .optional(),
        column(
            "exposed_at",
            Holds::Timestamp,
            "when they were exposed; empty if never",
        )
        .optional(),
    ],
};

/// Every table, in the order of the documentation.
pub static TABLES: [&Table; 17] = [
    &VISITS,
    &DIAGNOSES,
    &CONTACTS,
    &super::companions::COMPANIONS,
    &STAYS,
    &TESTS,
    &DECLARATIONS,
    &VACCINATIONS,
    &ORDERS,
    &CONTRADICTIONS,
    &FOREIGN_VERDICTS,
    &REGIONS,
    &CASE_COUNTS,
    &CASE_COUNTS_BY_CITY,
    &CASES,
    &PEOPLE,
    &TRUTH,
];
