//! A policy: the published, versioned document that turns evidence into verdicts.
//!
//! [`Policy::parse`] reads the TOML text and refuses, with line and remedy, whatever would not
//! decide as its author meant. A rule is data, so that it can be checked, compared, explained and
//! compiled to columns. No field names origin, nationality, sex, age, household registration or
//! any part of a document number (invariant 5): see [`Field`] for all there are.

mod cases;
mod changes;
mod check;
mod conditions;
mod document;
mod fields;
mod json;
mod model;
mod parse;
mod plain;
mod problem;
mod read_set;
mod reader;
mod rules;
mod schema;
mod texts;
mod vocabulary;

pub use cases::{Case, CaseOutcome, Cases, Expectation, Mismatch};
pub use changes::{RuleChange, changes};
pub use fields::Field;
pub use model::{
    Anchor, CodeRule, Comparison, Condition, DateName, DeclarationRule, Duration, EarlyRelease,
    End, FieldType, Language, Number, Outcome, Policy, ReleaseAfter, ReleaseThreshold, Repeated,
    Rule, RuleId, SeriesThreshold, Text, Texts,
};
pub use problem::{PolicyError, Problem};
pub use read_set::ReadSet;
pub use schema::schema;
pub use texts::RenderedTexts;
pub use vocabulary::NumberRange;
