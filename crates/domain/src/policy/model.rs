//! The policy as checked types.

use std::collections::BTreeMap;
use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::fields::Field;
use crate::account::Assurance;
use crate::appeal::AppealRule;
use crate::contradiction::ContradictionRule;
use crate::evidence::FactKind;
use crate::region::Region;
use crate::verdict::{Colour, PolicyRef};

/// A checked policy. Built by [`Policy::parse`] only, so code that holds one may rely on it.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(super) reference: PolicyRef,
    pub(super) issuer: Region,
    pub(super) time_zone: TimeZone,
    pub(super) effective: Timestamp,
    pub(super) look_back: Duration,
    pub(super) approved_by: Vec<String>,
    pub(super) languages: Vec<Language>,
    pub(super) contest: Text,
    pub(super) declaration: DeclarationRule,
    pub(super) code: CodeRule,
    pub(super) appeal: Option<AppealRule>,
    pub(super) contradictions: Option<ContradictionRule>,
    pub(super) rules: Vec<Rule>,
}

impl Policy {
    /// Name and version.
    pub fn reference(&self) -> &PolicyRef {
        &self.reference
    }

    /// The region whose authority issued it.
    pub fn issuer(&self) -> Region {
        self.issuer
    }

    /// The zone in which its days are counted.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// From when it may be in force.
    pub fn effective(&self) -> Timestamp {
        self.effective
    }

    /// How far back evidence can matter. Older evidence never changes a verdict: parsing refuses
    /// rules that would reach further.
    pub fn look_back(&self) -> Duration {
        self.look_back
    }

    /// Who approved it.
    pub fn approved_by(&self) -> &[String] {
        &self.approved_by
    }

    /// The languages in which every text exists, the preferred first.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// How to contest a restriction.
    pub fn contest(&self) -> &Text {
        &self.contest
    }

    /// How long a declaration is good for.
    pub fn declaration(&self) -> &DeclarationRule {
        &self.declaration
    }

    /// What a code needs.
    pub fn code(&self) -> CodeRule {
        self.code
    }

    /// What is promised to those who appeal; `None` if the policy takes no appeals.
    pub fn appeal(&self) -> Option<AppealRule> {
        self.appeal
    }

    /// What is held against what people declare; `None` if nothing is.
    pub fn contradictions(&self) -> Option<ContradictionRule> {
        self.contradictions
    }

    /// The rules, in the order of the document.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule called `id`.
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }
}

/// A language tag such as `en` or `zh`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(pub(super) String);

impl Language {
    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a rule within its policy: lower-case words joined by hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) String);

impl RuleId {
    /// Takes a name that was checked before, for example read from a database.
    pub fn from_checked(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One text in every published language. May hold placeholders in braces: a date of the evidence
/// by its name (`{last}`), `{since}`, `{until}`, or a field of the evidence (`{minutes}`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub(super) BTreeMap<Language, String>);

impl Text {
    /// The text in `language`, if that is a published one.
    pub fn in_language(&self, language: &Language) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }
}

/// What a person reads about a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// What the rule is called.
    pub title: Text,
    /// What happened.
    pub reason: Text,
    /// What to do, and until when.
    pub guidance: Text,
}

/// What a code needs besides a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRule {
    /// How far an account must be proven to be the person, at least.
    pub needs: Assurance,
}

/// How long a declaration is good for. After that a person whom nothing restricts is `undeclared`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclarationRule {
    /// Counted from the declaration.
    pub lasts: Duration,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// The kind of evidence it reads.
    pub reads: FactKind,
    /// What must hold of the evidence, all of it. A condition on something unknown does not hold
    /// (invariant 3).
    pub conditions: Vec<Condition>,
    /// If present, the rule starts only with the piece of evidence that completes a series.
    pub repeated: Option<Repeated>,
    /// What follows.
    pub gives: Outcome,
    /// When it starts.
    pub starts: Anchor,
    /// When it ends by itself.
    pub ends: End,
    /// What ends it early; any one suffices.
    pub lifted_by: Vec<EarlyRelease>,
    /// What a person reads about it.
    pub texts: Texts,
}

/// What a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A red or yellow restriction.
    Restriction(Colour),
    /// Advice; never blocks anyone.
    Advice,
}

/// A span of time in a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Duration {
    /// `"14d"`: local days. The day of the event is day 0; the span ends at the local midnight that
    /// ends day N. This is the one rule for days everywhere in a policy.
    Days(u16),
    /// `"72h"`: exactly so many hours.
    Hours(u16),
}

impl Duration {
    /// The end of the span that begins at `start`, with days counted in `zone`.
    pub fn after(self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Hours(hours) => start
                .checked_add(SignedDuration::from_hours(i64::from(hours)))
                .unwrap_or(Timestamp::MAX),
            Self::Days(days) => {
                let day = start.to_zoned(zone.clone()).date();
                let end = day.checked_add(jiff::Span::new().days(i64::from(days) + 1));
                end.ok()
                    .and_then(|end| end.to_zoned(zone.clone()).ok())
                    .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
            }
        }
    }

    /// The longest that the span can be, in exact time: a day of the week the clocks go back has
    /// 25 hours, and day 0 may be nearly a whole one.
    pub fn at_most(self) -> SignedDuration {
        match self {
            Self::Hours(hours) => SignedDuration::from_hours(i64::from(hours)),
            Self::Days(days) => SignedDuration::from_hours((i64::from(days) + 1) * 24 + 2),
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}d"),
            Self::Hours(hours) => write!(f, "{hours}h"),
        }
    }
}

/// A timestamp counted from a date of the evidence: `"last"` or `"last + 7d"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Which date.
    pub date: DateName,
    /// How much later.
    pub offset: Option<Duration>,
}

/// The dates that evidence has.
///
/// | kind | dates |
/// |---|---|
/// | declaration, vaccination, contradiction | `at` |
/// | diagnosis | `at`, `onset` (or `at` when unknown) |
/// | contact | `first`, `last` |
/// | stay | `arrived`, `left`; in a rule with a condition on `level`, `first` and `last` of the time at that level |
/// | test | `sampled`, `reported` (or `sampled` when unknown) |
/// | visit | `entered`, `left` |
/// | order | `from`, `until` |
/// | foreign_verdict | `at`, `until` |
///
/// A stay or visit that has not ended counts as ending now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateName {
    /// Of a fact of one instant.
    At,
    /// When an illness began.
    Onset,
    /// When a contact, or the time at a level, began.
    First,
    /// When a contact, or the time at a level, ended.
    Last,
    /// When a stay began.
    Arrived,
    /// When a stay or visit ended.
    Left,
    /// When a sample was taken.
    Sampled,
    /// When a result was reported.
    Reported,
    /// When a visit began.
    Entered,
    /// When an order begins.
    From,
    /// When an order or a foreign verdict ends.
    Until,
}

/// When a rule's restriction ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// So long after its start.
    After(Duration),
    /// At the end that the evidence itself names (orders, foreign verdicts): `lasts = "until"`.
    OfEvidence,
}

/// A rule starts only if evidence repeats within a window. The piece that completes the series
/// gives the dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// What must come together.
    pub need: SeriesThreshold,
    /// Within how long, from the start of the first piece to the start of the last, exact hours
    /// (a day is 24 of them).
    pub within: SignedDuration,
}

/// How much must come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesThreshold {
    /// So many pieces of evidence.
    Count(u16),
    /// So many minutes in all: the `minutes` of contacts, the length of stays and visits.
    Minutes(u32),
}

/// What ends a restriction early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlyRelease {
    /// The kind of evidence.
    pub evidence: FactKind,
    /// What must hold of each piece.
    pub conditions: Vec<Condition>,
    /// How many pieces.
    pub need: ReleaseThreshold,
    /// Only pieces that begin strictly after this timestamp count. Defaults to the restriction's
    /// start, inclusive there.
    pub after: ReleaseAfter,
}

/// How many pieces of evidence lift a restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseThreshold {
    /// So many, each so long after the one before, all within a window.
    Count {
        /// How many.
        count: u16,
        /// At least this long from one counted piece to the next.
        apart: SignedDuration,
        /// At most this long from the first counted piece to the last.
        within: Option<SignedDuration>,
    },
    /// At least one on each of so many consecutive local days.
    ConsecutiveDays(u16),
}

/// From when evidence counts towards a lift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseAfter {
    /// From the restriction's start plus an offset: `"starts"`, `"starts + 7d"`. Inclusive.
    Starts(Option<Duration>),
    /// Strictly after a date of the evidence that the rule read: `"at"`, `"last + 24h"`.
    Date(Anchor),
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Which field.
    pub field: Field,
    /// What must hold of it.
    pub comparison: Comparison,
}

/// What must hold of a field. A field whose value is unknown satisfies none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `= "x"` or `= ["x", "y"]`: the value is one of these words; of a set, at least one is in it.
    OneOf(Vec<String>),
    /// `= 1` or `= [1, 2]`: the number is one of these.
    Equals(Vec<Number>),
    /// `= { at_least = 37.3 }`; both bounds may be given.
    Between {
        /// The least value that satisfies it.
        at_least: Option<Number>,
        /// The greatest value that satisfies it.
        at_most: Option<Number>,
    },
    /// `= { within = ["4201", "IT"] }`: the region is one of these or lies inside one.
    Within(Vec<Region>),
    /// `= { outside = ["CN"] }`: the region lies inside none of these.
    Outside(Vec<Region>),
}

/// A number in thousandths, so that comparing is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub(crate) i64);

impl Number {
    /// Takes thousandths.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// Takes a whole number.
    pub const fn whole(number: i64) -> Self {
        Self(number.saturating_mul(1000))
    }

    /// Thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A set of such words.
    Words(&'static [&'static str]),
    /// Any word.
    FreeWord,
    /// A number.
    Number,
    /// A region.
    Region,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, decimals) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        write!(f, "{sign}{whole}")?;
        if decimals != 0 {
            write!(f, ".{}", format!("{decimals:03}").trim_end_matches('0'))?;
        }
        Ok(())
    }
}
