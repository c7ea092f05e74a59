//! What a decision says.

use std::fmt;

use jiff::Timestamp;

use crate::evidence::{UnknownWord, Vocabulary};
use crate::ids::{AuthorityId, EvidenceId};
use crate::policy::RuleId;

/// The three colours, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colour {
    /// Move freely.
    Green,
    /// Usually 7 days at home.
    Yellow,
    /// Usually 14 days at home.
    Red,
}

impl Colour {
    /// Every colour, mildest first.
    pub const ALL: [Self; 3] = [Self::Green, Self::Yellow, Self::Red];
    /// The words for [`Self::ALL`].
    pub const WORDS: &'static [&'static str] = &["green", "yellow", "red"];
    /// The words, and what such a word is called.
    pub const VOCABULARY: Vocabulary = Vocabulary {
        name: "Colour",
        words: Self::WORDS,
        all: Self::WORDS,
    };

    /// The word used in files, policies, the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Colour {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|colour| colour.as_str() == text);
        found.ok_or(UnknownWord {
            expected: Self::WORDS,
        })
    }
}

/// Which policy decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyRef {
    /// The policy's name.
    pub id: String,
    /// Its version.
    pub version: u32,
}

impl fmt::Display for PolicyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.id, self.version)
    }
}

/// A person's status at a timestamp, and for how long it stays so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which policy decided.
    pub policy: PolicyRef,
    /// What the person may do.
    pub status: Status,
    /// Every restriction in force, the one that gives the colour first.
    pub restrictions: Vec<Restriction>,
    /// Advice in force, in the order of the policy's rules. Never blocks anyone.
    pub advice: Vec<Finding>,
    /// Since when the status holds: the first restriction's start, or the valid declaration.
    pub since: Option<Timestamp>,
    /// When the status ends by itself: the first restriction's end, or the declaration's.
    pub until: Option<Timestamp>,
    /// The verdict holds until this timestamp unless evidence, policy or levels change; `None` for
    /// ever. Deciding again at any earlier timestamp gives the same verdict.
    pub next_change: Option<Timestamp>,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nothing restricts the person, and no valid declaration is there. Not a colour.
    Undeclared,
    /// A colour.
    Decided(Colour),
}

impl Status {
    /// The colour, if there is one.
    pub const fn colour(self) -> Option<Colour> {
        match self {
            Self::Undeclared => None,
            Self::Decided(colour) => Some(colour),
        }
    }

    /// The word used in files, the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undeclared => "undeclared",
            Self::Decided(colour) => colour.as_str(),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Status {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        if text == "undeclared" {
            return Ok(Self::Undeclared);
        }
        let expected = UnknownWord {
            expected: &["undeclared", "green", "yellow", "red"],
        };
        text.parse().map(Self::Decided).map_err(|_| expected)
    }
}

/// A finding with a colour (invariant 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// Red or yellow.
    pub colour: Colour,
    /// Why, from when and until when.
    pub finding: Finding,
}

/// A rule applied to evidence: from when until when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule; its texts say why.
    pub rule: RuleId,
    /// Since when: the earliest start of those in force under this rule.
    pub since: Timestamp,
    /// Until when: the latest end of those in force under this rule.
    pub until: Timestamp,
    /// The evidence whose end is the latest; the texts take their dates from it.
    pub because: EvidenceId,
    /// All the evidence under this rule that is in force, in order of identifier.
    pub evidence: Vec<EvidenceId>,
    /// Who submitted [`Self::because`].
    pub authority: AuthorityId,
}
