//! Evidence from authorities: submitting it, withdrawing it, and what cannot be.

pub(crate) mod plausible;
mod submit;

pub use submit::{Accepted, Item, Receipt, Refused, Subject, Submission, Submissions, Withdrawn};
pub(crate) use submit::{refusal, withdrawal_of};
