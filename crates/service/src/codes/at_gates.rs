//! Verifying a code as of an earlier time: a scanner without a network sends later whom it let in.

use credential::{Accepted, Refusal};
use domain::Timestamp;
use jiff::SignedDuration;

use super::Checks;
use crate::Result;

/// A code may be older by so much than the clock of the scanner says.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// A live code may have been shown for so long.
const LIVE_FOR: SignedDuration = SignedDuration::from_secs(90);

impl Checks {
    /// Verifies the text of a code as it was at `at`: signatures and times. What was revoked since, or was
    /// and a scanner without a network could not know, does not matter: the person was let in. `None` if
    /// another issuer signed it.
    ///
    /// # Errors
    /// [`crate::ServiceError`] while this node may not know which keys count.
    pub(crate) fn verify_as_of(
        &self,
        text: &str,
        at: Timestamp,
    ) -> Result<std::result::Result<Option<Accepted>, Refusal>> {
        self.trust.check_newest()?;
        let trust = self.trust.current(self.clock.now());
        let settings = credential::Settings {
            live_for: LIVE_FOR,
            skew: SKEW,
            fresh_for: SignedDuration::MAX,
            ..credential::Settings::default()
        };
        let checked = credential::verify(text.trim(), &trust.list, None, at, &settings);
        let own = trust.own().issuer;
        Ok(checked.map(|accepted| Some(accepted).filter(|accepted| accepted.issuer == own)))
    }
}
