//! Evidence from authorities: submitting it, withdrawing it, and what cannot be.

mod about_one;
mod admitting;
mod check;
mod day_caps;
mod held_batches;
mod mappings;
mod note;
mod orders;
pub(crate) mod plausible;
mod rehearsal;
mod said;
mod submit;

pub(crate) use held_batches::HeldTrace;
pub use held_batches::{BatchApproval, HeldBatch, HeldBatches};
pub use mappings::{SavedColumns, SavedList, SeenColumns};
pub use orders::{OrderProposal, OrderRequest, Orders, office_of};
pub use said::Said;
pub use submit::{
    Accepted, Item, Receipt, Refused, Subject, Submission, Submissions, Together, Withdrawn,
};
pub(crate) use submit::{refusal, withdrawal_of};

#[cfg(test)]
mod tests;
