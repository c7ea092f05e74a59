//! Publishing: the policy and the region levels in force, deciding everybody again after a change, and
//! proposals that wait for a second person.

mod compare;
mod difference;
mod kept_levels;
mod operator;
mod policies;
mod proposals;
mod reevaluation;

pub use difference::{ByRule, Difference, Move};
pub use policies::PublishedPolicies;
pub(crate) use policies::{ActivePolicy, reads_visits};
pub use proposals::{Approver, Proposal, ProposalState, ProposalSubject, Proposals};
pub use reevaluation::{Progress, Reevaluation};
