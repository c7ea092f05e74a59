//! The one function that turns evidence into a verdict (invariant 1).

use jiff::Timestamp;

use crate::evidence::Evidence;
use crate::policy::Policy;
use crate::region::RegionLevels;
use crate::verdict::{Status, Verdict};

/// Decides a person's status at `now` from the evidence about them.
pub fn decide(
    policy: &Policy,
    _levels: &RegionLevels,
    _evidence: &[Evidence],
    _now: Timestamp,
) -> Verdict {
    Verdict {
        policy: policy.reference().clone(),
        status: Status::Undeclared,
        restrictions: Vec::new(),
        advice: Vec::new(),
        since: None,
        until: None,
        next_change: None,
    }
}
