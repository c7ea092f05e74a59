//! Staff members and feeds: who acts for an authority.
//!
//! | file | holds |
//! |---|---|
//! | `onboarding` | inviting: the first from the command line, everybody after that by two persons |
//! | `passkeys` | new passkeys; signing in with one, showing it again |
//! | `sessions` | signing in and out, showing the passkey again, ending an account |
//! | `identities` | accounts at identity providers with which they sign in |
//! | `feeds` | machines: making, renewing, ending |

mod feeds;
mod identities;
mod onboarding;
mod passkeys;
mod sessions;

use std::sync::Arc;

use domain::{Clock, IdSource};
use store::Store;

pub use self::feeds::{FeedView, NewFeed};
pub use self::onboarding::{NewMember, Onboarding};
pub use self::passkeys::{NewPasskey, PasskeyAnswer, PasskeyQuestion};
pub use self::sessions::Proof;
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
