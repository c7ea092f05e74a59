//! Codes: the phones that show them, issuing them, the status lists, and verifying them.
//!
//! | file | holds |
//! |---|---|
//! | `days` | what is new each day |
//! | `devices` | phones and their keys |
//! | `issue` | assertions for phones, plain codes, cards |
//! | `revocations` | which indexes of the status lists are revoked |
//! | `lists` | the signed status lists that checkpoints fetch |
//! | `at_gates` | verifying as of an earlier time, for scanners that had no network |
//! | `checks`, `trust` | verifying a code on this server, and whom it trusts |
//! | `key_keeper` | reading the keys again, and watching their ends |
//! | `foreign` | what other issuers signed |

mod at_gates;
mod checks;
mod days;
mod devices;
mod foreign;
mod issue;
mod key_keeper;
mod lists;
mod revocations;
mod trust;

use std::sync::Arc;

use domain::{Clock, IdSource};
use store::Store;

pub use self::checks::Checks;
pub use self::devices::{EnrolledKey, MOST_KEYS};
pub use self::foreign::{ForeignVerdict, NoForeignVerdict};
pub use self::issue::IssuedCode;
pub(crate) use self::key_keeper::KeyKeeper;
pub use self::lists::SignedList;
pub(crate) use self::lists::StatusLists;
pub(crate) use self::revocations::{KNOWLEDGE_LASTS, Revocations};
pub(crate) use self::trust::Trust;
pub use self::trust::{KeySource, SigningKeys};
use crate::decisions::Verdicts;
use crate::people::People;
use crate::publishing::PublishedPolicies;
use crate::settings::Settings;

/// Issues what is shown at a checkpoint.
pub struct Codes {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) trust: Arc<Trust>,
    pub(crate) people: Arc<People>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) revocations: Arc<Revocations>,
    pub(crate) lists: StatusLists,
}
