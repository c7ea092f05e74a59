//! What a health code means: people, evidence, regions, policy, and the one pure function
//! that turns them into a verdict.
//!
//! Nothing here does I/O, reads a clock or draws a random number. Read [`evidence`] for what can
//! be said about a person, [`policy`] for what an authority may make of it, and [`decide()`] for
//! how the two meet.

mod account;
mod appeal;
mod authority;
mod clock;
mod contradiction;
mod decide;
pub mod evidence;
mod explain;
mod identity;
mod ids;
pub mod policy;
mod region;
mod regions;
mod role;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
mod unix_seconds;
mod verdict;

pub use account::Assurance;
pub use appeal::{Appeal, AppealRule, Appeals, Relief};
pub use authority::{Authority, AuthorityKind};
pub use clock::{Clock, ManualClock, MovedClock, SystemClock};
pub use contradiction::{Contradicted, ContradictionRule, contradictions};
pub use decide::{WayOut, decide, decide_appealed};
pub use evidence::{Evidence, Fact, FactKind};
pub use explain::{Explanation, Past, Reason, explain, in_words};
pub use identity::{BadDocument, Document, DocumentKind, Identity, Pii};
pub use ids::{
    AccountId, AlarmId, AppealId, AuthorityId, BadId, ChallengeId, ContradictionId, DeviceId,
    EvidenceId, FeedId, GlitchId, GroupId, IdSource, PersonId, ProposalId, RequestKey, ScannerId,
    SessionId, StaffId, VenueId,
};
pub use jiff::Timestamp;
pub use policy::Policy;
pub use region::{BadRegion, Level, Region, RegionLevel, RegionLevels};
pub use regions::Regions;
pub use role::{BadRole, Role, Roles};
pub use unix_seconds::{FIRST_UNIX_SECOND, NotUnixSeconds, from_unix_seconds};
pub use verdict::{Colour, Finding, PolicyRef, Restriction, Status, Verdict};
