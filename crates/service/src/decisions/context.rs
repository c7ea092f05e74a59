//! What a decision needs besides evidence.

use std::sync::Arc;

use domain::{Appeal, Evidence, Timestamp, Verdict};
use jiff::SignedDuration;
use store::PublicationNumber;

/// Decides one person from their evidence and their open appeals; runs inside the transaction that writes
/// them.
pub type DecideFn = Arc<dyn Fn(&[Evidence], &[Appeal]) -> Verdict + Send + Sync>;

/// The rules in force at a time: how much evidence is read, and what is made of it.
#[derive(Clone)]
pub struct DecisionContext {
    /// Evidence that ended before this is not read: it cannot matter under the policy.
    pub look_back_from: Timestamp,
    /// Whether a rule of the policy reads visits; if not they are not read either.
    pub reads_visits: bool,
    /// Whether the policy takes appeals; if not none are read.
    pub takes_appeals: bool,
    /// The present, stored with the verdict.
    pub now: Timestamp,
    /// The last publication that is known: a node that decides under an earlier one than the
    /// database's does not know all rules, and its verdict is due at once.
    pub published: PublicationNumber,
    /// Counts what is in force: a verdict decided under an earlier generation is decided again.
    pub generation: u64,
    /// Decides.
    pub decide: DecideFn,
}

/// Clocks of nodes may differ by so much: a node that differs by more does not serve.
pub const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(5);

impl DecisionContext {
    /// Whether a date lies in the future by more than clocks may differ.
    pub fn is_ahead(&self, at: Timestamp) -> bool {
        is_ahead(at, self.now)
    }
}

/// Whether a date lies further in the future than clocks may differ.
pub(crate) fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > CLOCKS_DIFFER
}
