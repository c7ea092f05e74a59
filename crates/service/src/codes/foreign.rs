//! Verdicts of other issuers, as far as one of them signed it.

use credential::Refusal;
use domain::evidence::{BadValidity, Validity};
use domain::{Assurance, Colour, Fact, Region, Timestamp};

use super::Checks;

/// What another issuer signed about the person who showed it. It names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignVerdict {
    /// Who signed it.
    pub issuer: Region,
    /// The colour.
    pub colour: Colour,
    /// How far its issuer knows who showed it.
    pub assurance: Assurance,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// When it no longer holds; the home policy may end it sooner.
    pub ends_at: Timestamp,
}

/// Why something is no foreign verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoForeignVerdict {
    /// The code is not taken.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// This installation signed it.
    #[error("{0} is the issuer of this installation, whose verdicts come from evidence")]
    Own(Region),
    /// It holds at no time, or for too long.
    #[error("{0}")]
    Period(#[from] BadValidity),
}

impl ForeignVerdict {
    /// What is recorded of it: it holds as long as its issuer said, and the home policy may end it
    /// sooner.
    ///
    /// # Errors
    /// [`NoForeignVerdict::Period`].
    pub fn into_fact(self) -> Result<Fact, NoForeignVerdict> {
        let period = Validity::new(self.issued_at, self.ends_at)?;
        Ok(Fact::foreign_verdict(self.issuer, self.colour, period))
    }
}

impl Checks {
    /// Reads the text of a code that another issuer signed, now: in any form, shown live if it is a
    /// live code, and not revoked as far as that issuer's status lists are known here.
    ///
    /// # Errors
    /// [`NoForeignVerdict`]: nothing is to be recorded.
    pub fn foreign_verdict(&self, text: &str) -> Result<ForeignVerdict, NoForeignVerdict> {
        let now = self.clock.now();
        let accepted = self.verify_at(text, &credential::Settings::default(), now)?;
        if accepted.issuer == self.issuer(now) {
            return Err(NoForeignVerdict::Own(accepted.issuer));
        }
        Ok(ForeignVerdict {
            issuer: accepted.issuer,
            colour: accepted.colour,
            assurance: accepted.assurance,
            issued_at: accepted.issued_at,
            ends_at: accepted.expires_at,
        })
    }
}
