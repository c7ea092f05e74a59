//! Staff members and feeds: who acts for an authority.
//!
//! | file | holds |
//! |---|---|
//! | `onboarding` | who is to join or to leave: proposed by one, approved by another |
//! | `proposing` | these proposals on their way into the database |
//! | `invitations` | the first one from the command line; everybody else's two halves; taking one up |
//! | `ending` | ending an account: at once, or by two persons; one's own |
//! | `identities` | signing in with an account of an identity provider |
//! | `passkeys` | new passkeys; signing in with one, showing it again |
//! | `sessions` | signing in and out, showing the passkey again |
//! | `authorities` | whose staff members and feeds somebody may read of |
//! | `feeds`, `feed_proposals` | machines: making, renewing, ending; of another office by two persons |

mod authorities;
mod ending;
mod feed_proposals;
mod feeds;
mod identities;
mod invitations;
mod onboarding;
mod passkeys;
mod proposing;
mod sessions;

use std::sync::Arc;

use domain::{Clock, IdSource};
use store::Store;

pub use self::ending::MemberEnd;
pub use self::feed_proposals::{FeedChange, FeedProposal, FeedWish};
pub use self::feeds::{FeedView, NewFeed};
pub use self::identities::BoundIdentity;
pub use self::invitations::Invitation;
pub use self::onboarding::{NewMember, StaffChange, StaffProposal};
pub use self::passkeys::{NewPasskey, PasskeyAnswer, PasskeyQuestion};
pub use self::sessions::StaffProof;
use crate::access::Access;
use crate::people::Keys;
use crate::settings::Settings;
use crate::two_persons::TwoPersons;

/// Accounts of staff members and credentials of feeds.
pub struct StaffAccounts {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) two_persons: Arc<TwoPersons>,
}
