//! Publishing: the policy and the region levels in force, deciding everybody again after a change, and
//! proposals that wait for a second person.
//!
//! | file | holds |
//! |---|---|
//! | `policies` | what is in force |
//! | `proposal`, `proposals` | a proposal; proposing, approving, rejecting |
//! | `compare`, `difference` | whom a proposal would change |
//! | `operator` | publishing at once, by the operator |
//! | `reevaluation` | deciding everybody again: progress, page by page |
//! | `from_mirror`, `from_record` | whose verdict may have changed, by the mirror and by the database |
//! | `kept_levels` | region levels as a proposal keeps them |

mod compare;
mod difference;
mod from_mirror;
mod from_record;
mod kept_levels;
mod operator;
mod policies;
mod proposal;
mod proposals;
mod reevaluation;

pub use self::difference::{ByRule, Move, ProposalDiff};
pub use self::policies::PublishedPolicies;
pub(crate) use self::policies::{ActivePolicy, reads_visits};
pub use self::proposal::{Approver, Proposal, ProposalState, ProposalSubject};
pub use self::proposals::Proposals;
pub use self::reevaluation::{Progress, Reevaluation};
use crate::ServiceError;
use crate::settings::Settings;

/// People whose evidence is read together. Reading holds nobody up, so there may be more of them than
/// in a transaction that writes.
fn people_per_page(settings: &Settings) -> u32 {
    settings.people_per_batch.max(1).saturating_mul(4)
}

fn interrupted(error: tokio::task::JoinError) -> ServiceError {
    ServiceError::Interrupted(error.to_string())
}

#[cfg(test)]
mod tests;
