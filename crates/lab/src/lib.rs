//! The policy lab: what a policy would do to people, before it does it.
//!
//! [`compare`] decides everybody under two policies at one timestamp and says whose colour would
//! change ([`PolicyDiff`]). [`score`](score()) replays days of a known epidemic and says whom each
//! policy would have restricted in time ([`Score`]). Regions, age bands and sexes only group the
//! report: they lie in [`People`], beside the columns that rules read, and reach no rule (invariant
//! 5).
//!
//! [`Census`] is no experiment: the statistics of a day, which are made public under the same rules.
//!
//! What leaves this crate shows no number of people from 1 to 9, and none from which such a number
//! can be computed (invariant 13). `docs/policy-lab.md` states the method; [`suppress`] is the one place that
//! does it.

mod census;
#[cfg(test)]
mod city;
mod diff;
mod groups;
mod html;
mod known;
mod page;
mod people;
mod score;
pub mod suppress;
mod text;

pub use census::{Census, CensusFigures, Place, PlaceFigures, Residents};
pub use diff::{PolicyDiff, compare};
pub use html::html;
pub use page::{Column, Page, Row, Section, Shown};
pub use people::{Belonging, People};
pub use score::{BadPeriod, Period, Score, Terms, Truth, score};
pub use suppress::{FEWEST_SHOWN, ROUNDED_TO};
