//! The one serialised form of evidence: the table of kinds and their fields.
//!
//! Whatever spells a fact follows this table: the JSON of the database and of the API
//! ([`super::json`]), the files, the worked cases of a policy, and the documents that describe them.
//! A field that is added here is read and written everywhere.

use super::field::{Field, Holds, Vocabulary, field};
use super::parts::{Part, Sink, Source};
use super::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Fact, FactKind, Relation, StayMode,
    StaySource, Symptom, TestKind, TestResult,
};
use crate::verdict::Colour;

/// Declares the fields of each kind under the names of the members of [`Fact`] that they fill; before
/// them the one kind that is a type of its own.
macro_rules! kinds {
    (
        $whole:ident $whole_about:literal [$($whole_field:expr),+ $(,)?]
        $($kind:ident $about:literal { $($member:ident: [$($field:expr),+ $(,)?]),+ $(,)? })*
    ) => {
        impl FactKind {
            /// The fields of this kind, in the order of the documentation.
            pub const fn fields(self) -> &'static [Field] {
                match self {
                    $(Self::$kind => const { &[$($($field),+),+] },)*
                    Self::$whole => const { &[$($whole_field),+] },
                }
            }

            /// What such a record says.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$kind => $about,)*
                    Self::$whole => $whole_about,
                }
            }
        }

        impl Fact {
            /// Reads a fact of `kind`. Every field is asked for even if another was refused, so that
            /// a source may report all that is wrong.
            ///
            /// # Errors
            /// The first refusal of `source`.
            pub fn read<S: Source>(kind: FactKind, source: &mut S) -> Result<Self, S::Error> {
                match kind {
                    $(FactKind::$kind => {
                        $(let $member = Part::read(source, const { &[$($field),+] });)+
                        Ok(Self::$kind { $($member: $member?),+ })
                    })*
                    FactKind::$whole => {
                        Part::read(source, const { &[$($whole_field),+] }).map(Self::$whole)
                    }
                }
            }

            /// Writes every field, in the order of [`FactKind::fields`].
            ///
            /// # Errors
            /// The first failure of `sink`.
            pub fn write<S: Sink>(&self, sink: &mut S) -> Result<(), S::Error> {
                match self {
                    $(Self::$kind { $($member),+ } => {
                        $(Part::write($member, sink, const { &[$($field),+] })?;)+
                    })*
                    Self::$whole(whole) => {
                        Part::write(whole, sink, const { &[$($whole_field),+] })?;
                    }
                }
                Ok(())
            }
        }
    };
}

kinds! {
    Order "A restriction by order of two persons, with a legal basis, for at most 72 hours." [
        field("colour", Holds::Word(RESTRICTING), "red or yellow"),
        field("from", Holds::Past, "the first moment"),
        field("until", Holds::Time, "the first moment after"),
        field("basis", Holds::Text, "the law it rests on"),
        field("signed_by", Holds::Signatures, "the two persons who answer for it").personal(),
    ]
    Declaration "A person's report of their health. Submitted by community offices for people who \
                 cannot." {
        at: [field("at", Holds::Past, "when it was made")],
        symptoms: [
            field("symptoms", Holds::Words(Symptom::VOCABULARY), "what they feel; empty if well")
                .stated()
                .personal(),
        ],
        temperature: [
            field("temperature", Holds::Degrees, "degrees Celsius, 30.0 to 45.0, if measured")
                .optional()
                .personal(),
        ],
        contact: [
            field(
                "contact",
                Holds::Word(ContactAnswer::VOCABULARY),
                "what they say about having met a case",
            ),
        ],
    }
    Diagnosis "A finding about the disease. Submitted by health authorities." {
        status: [
            field("status", Holds::Word(DiagnosisStatus::VOCABULARY), "what was found")
                .such_as("confirmed"),
        ],
        at: [field("at", Holds::Past, "when it was found")],
        onset: [field("onset", Holds::Past, "when the illness began, if known").optional()],
    }
    Contact "The person met a case, or somebody who met one." {
        with: [
            field(
                "with",
                Holds::Person,
                "the case or the contact in between, if known; never shown to anybody",
            )
            .stated()
            .personal(),
        ],
        relation: [
            field("relation", Holds::Word(Relation::VOCABULARY), "how they met").such_as("close"),
        ],
        ring: [field("ring", Holds::Whole(1, 9), "1 met a case, 2 met somebody of ring 1")],
        period: [
            field("first", Holds::Past, "the first moment together"),
            field("last", Holds::Past, "the last moment together"),
        ],
        minutes: [
            field("minutes", Holds::Whole(0, 10_000_000), "minutes together in all, if measured")
                .optional(),
        ],
    }
    Stay "The person was in a region." {
        region: [field("region", Holds::Region, "where")],
        period: [
            field("arrived", Holds::Past, "from when"),
            field("left", Holds::Past, "until when; absent while they are there").optional(),
        ],
        mode: [
            field(
                "mode",
                Holds::Word(StayMode::VOCABULARY),
                "lives there, stopped there, or passed through without stopping",
            ),
        ],
        source: [field("source", Holds::Word(StaySource::VOCABULARY), "who says so")],
    }
    Test "A sample was taken." {
        kind: [
            field("kind", Holds::Word(TestKind::VOCABULARY), "what kind of test").in_json("test"),
        ],
        result: [
            field("result", Holds::Word(TestResult::VOCABULARY), "what it showed")
                .such_as("negative"),
        ],
        period: [
            field("sampled", Holds::Past, "when the sample was taken"),
            field("reported", Holds::Past, "when the result was reported").optional(),
        ],
        lab: [field("lab", Holds::Text, "which laboratory").optional()],
    }
    Vaccination "A dose of a vaccine." {
        product: [field("product", Holds::Text, "product name")],
        dose: [field("dose", Holds::Whole(1, 20), "first dose is 1")],
        at: [field("at", Holds::Past, "when")],
    }
    Visit "The person was at a venue." {
        venue: [field("venue", Holds::Venue, "where")],
        category: [
            field("category", Holds::Text, "what sort of place, such as `port`").optional(),
        ],
        period: [
            field("entered", Holds::Past, "from when"),
            field("left", Holds::Past, "until when; absent while nobody checked out").optional(),
        ],
    }
    Contradiction "An official record contradicts what the person declared." {
        at: [field("at", Holds::Past, "when it was found")],
        about: [
            field(
                "about",
                Holds::Word(ContradictionAbout::VOCABULARY),
                "what was declared wrongly",
            ),
        ],
    }
    ForeignVerdict "Another issuer's verdict on the same person." {
        issuer: [field("issuer", Holds::Region, "whose verdict").such_as("44")],
        colour: [field("colour", Holds::Word(Colour::VOCABULARY), "which colour").such_as("red")],
        period: [
            field("at", Holds::Past, "from when"),
            field("until", Holds::Time, "until when"),
        ],
    }
    Withdrawal "An earlier record was wrong and counts no more." {
        of: [
            field("of", Holds::Evidence, "the record withdrawn")
                .such_as("the id of another piece"),
        ],
        at: [field("at", Holds::Past, "when it was withdrawn")],
    }
}

/// The colours of an order: green restricts nobody.
const RESTRICTING: Vocabulary = Vocabulary {
    name: Colour::VOCABULARY.name,
    words: &["yellow", "red"],
};
