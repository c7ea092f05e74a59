//! What ends: evidence and entries of the log whose time is over, keys of months, the emergency itself;
//! and disclosures, which end too.
//!
//! | file | holds |
//! |---|---|
//! | `retention` | how long each kind is kept |
//! | `over` | what it finds by a time of its own row: messages, sessions, what waits, what was proposed |
//! | `forgetting` | the worker that deletes what is over, and destroys keys |
//! | `sunset` | ending the emergency, with two persons and a proof |
//! | `disclosure` | what a disclosure is |
//! | `disclosures` | handing data to somebody outside, with two persons |

mod disclosure;
mod disclosures;
mod forgetting;
mod over;
mod retention;
mod sunset;
#[cfg(test)]
mod tests;

pub use self::disclosure::{
    DisclosureProposal, DisclosureRequest, DisclosureView, Extract, ExtractedPerson, HalfYear,
};
pub use self::disclosures::Disclosures;
pub use self::forgetting::Forgetting;
pub use self::retention::Retention;
pub use self::sunset::{NOTICED_AFTER, ProofEntry, Sunset, SunsetProof, SunsetProposal};
