//! Every table that the files of the command line may hold, in one place: the readers, their errors
//! and `docs/data-model.md` all follow it.

use domain::FactKind;
use domain::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Relation, StayMode, StaySource, Symptom,
    TestKind, TestResult,
};

/// A kind of file: its columns and what they mean.
#[derive(Debug)]
pub struct Table {
    /// The name of the file without its extension.
    pub name: &'static str,
    /// What one row says.
    pub about: &'static str,
    /// The columns. A file may have them in any order.
    pub columns: &'static [Column],
}

/// A column of a [`Table`].
#[derive(Debug)]
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
    /// A moment that has happened.
    Past,
    /// A moment that may lie ahead.
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

/// Whether a column must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// In every file, with a value in every row.
    Always,
    /// In every file; the value may be empty.
    MayBeEmpty,
    /// The column may be left out.
    Optional,
}

impl Table {
    /// The table whose rows are evidence of `kind`; withdrawals are not read from files.
    pub const fn of_kind(kind: FactKind) -> Option<&'static Self> {
        Some(match kind {
            FactKind::Declaration => &DECLARATIONS,
            FactKind::Diagnosis => &DIAGNOSES,
            FactKind::Contact => &CONTACTS,
            FactKind::Stay => &STAYS,
            FactKind::Test => &TESTS,
            FactKind::Vaccination => &VACCINATIONS,
            FactKind::Visit => &VISITS,
            FactKind::Order => &ORDERS,
            FactKind::Contradiction => &CONTRADICTIONS,
            FactKind::ForeignVerdict => &FOREIGN_VERDICTS,
            FactKind::Withdrawal => return None,
        })
    }

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
const COLOURS: &[&str] = &["yellow", "red"];
const FOREIGN_COLOURS: &[&str] = &["green", "yellow", "red"];
/// Whether a level is meant for everything inside the region.
pub(crate) const SCOPES: &[&str] = &["own", "total"];
const MINUTES: Holds = Holds::Whole(0, 10_000_000);
const PEOPLE_COUNT: Holds = Holds::Whole(0, 10_000_000_000);

/// Stays at venues.
pub static VISITS: Table = Table {
    name: "visits",
    about: "A person was at a venue. A visit without an end counts as ended 12 hours after entry \
            when contacts are traced.",
    columns: &[
        PERSON,
        column("venue", Holds::Text, "where; any text that is unique"),
        column("entered", Holds::Past, "from when"),
        column(
            "left",
            Holds::Past,
            "until when; empty while nobody checked out",
        )
        .optional(),
        column(
            "category",
            Holds::Text,
            "what sort of place, such as `port`",
        )
        .optional(),
    ],
};

/// Findings of disease.
pub static DIAGNOSES: Table = Table {
    name: "diagnoses",
    about: "A doctor or laboratory found that a person has, had or does not have the disease.",
    columns: &[
        PERSON,
        column(
            "status",
            Holds::Word(DiagnosisStatus::WORDS),
            "what was found",
        ),
        column("at", Holds::Past, "when it was found"),
        column("onset", Holds::Past, "when the illness began").optional(),
    ],
};

/// Who met whom.
pub static CONTACTS: Table = Table {
    name: "contacts",
    about: "A person met a case, or somebody who met one.",
    columns: &[
        PERSON,
        column("with", Holds::Text, "the case, or the contact in between")
            .personal()
            .may_be_empty(),
        column("relation", Holds::Word(Relation::WORDS), "how they met"),
        column(
            "ring",
            Holds::Whole(1, 9),
            "1 met a case, 2 met somebody of ring 1",
        ),
        column("first", Holds::Past, "the first moment together"),
        column("last", Holds::Past, "the last moment together"),
        column("minutes", MINUTES, "minutes together in all").optional(),
    ],
};

/// Where people were.
pub static STAYS: Table = Table {
    name: "stays",
    about: "A person was in a region.",
    columns: &[
        PERSON,
        column("region", Holds::Region, "where"),
        column("arrived", Holds::Past, "from when"),
        column(
            "left",
            Holds::Past,
            "until when; empty while they are there",
        )
        .optional(),
        column(
            "mode",
            Holds::Word(StayMode::WORDS),
            "lives there, stays, or passes through",
        ),
        column("source", Holds::Word(StaySource::WORDS), "who says so"),
    ],
};

/// Laboratory tests.
pub static TESTS: Table = Table {
    name: "tests",
    about: "A sample was taken from a person.",
    columns: &[
        PERSON,
        column("kind", Holds::Word(TestKind::WORDS), "what kind of test"),
        column("result", Holds::Word(TestResult::WORDS), "what it showed"),
        column("sampled", Holds::Past, "when the sample was taken"),
        column("reported", Holds::Past, "when the result was reported").optional(),
        column("lab", Holds::Text, "which laboratory").optional(),
    ],
};

/// What people say about their health.
pub static DECLARATIONS: Table = Table {
    name: "declarations",
    about: "A person reported their health.",
    columns: &[
        PERSON,
        column("at", Holds::Past, "when"),
        column("symptoms", Holds::Words(Symptom::WORDS), "what they feel")
            .personal()
            .may_be_empty(),
        column("temperature", Holds::Degrees, "body temperature")
            .personal()
            .optional(),
        column(
            "contact",
            Holds::Word(ContactAnswer::WORDS),
            "whether they met a case",
        ),
    ],
};

/// Doses of vaccines.
pub static VACCINATIONS: Table = Table {
    name: "vaccinations",
    about: "A person got a dose of a vaccine.",
    columns: &[
        PERSON,
        column("product", Holds::Text, "name of the product"),
        column("dose", Holds::Whole(1, 20), "1 is the first"),
        column("at", Holds::Past, "when"),
    ],
};

/// Restrictions by order.
pub static ORDERS: Table = Table {
    name: "orders",
    about: "Two officers restrict a person for at most 72 hours, on a legal basis.",
    columns: &[
        PERSON,
        column("colour", Holds::Word(COLOURS), "which colour"),
        column("from", Holds::Past, "the first moment"),
        column(
            "until",
            Holds::Timestamp,
            "the first moment after; at most 72 hours later",
        ),
        column("basis", Holds::Text, "the law it rests on"),
        column(
            "signed_by",
            Holds::Text,
            "two different officers, separated by a semicolon",
        )
        .personal(),
    ],
};

/// Declarations found wrong.
pub static CONTRADICTIONS: Table = Table {
    name: "contradictions",
    about: "An official record contradicts what a person declared.",
    columns: &[
        PERSON,
        column("at", Holds::Past, "when it was found"),
        column(
            "about",
            Holds::Word(ContradictionAbout::WORDS),
            "what was declared wrongly",
        ),
    ],
};

/// Verdicts of other issuers.
pub static FOREIGN_VERDICTS: Table = Table {
    name: "foreign_verdicts",
    about: "Another issuer's verdict on a person.",
    columns: &[
        PERSON,
        column("issuer", Holds::Region, "whose verdict"),
        column("colour", Holds::Word(FOREIGN_COLOURS), "which colour"),
        column("at", Holds::Past, "from when"),
        column("until", Holds::Timestamp, "until when"),
    ],
};

/// Published risk levels.
pub static REGIONS: Table = Table {
    name: "regions",
    about: "An authority's level for a region. Codes may be padded with zeros to six digits \
            (`420100` is `4201`). Of two levels for one region the one that started last holds. \
            `healthcode risk -o regions.csv` writes such a file.",
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
