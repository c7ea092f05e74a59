//! What an authority says about a person, before it is a fact.

use domain::{Fact, Pii};

use super::{Receipt, Submissions, refusal};
use crate::codes::ForeignVerdict;
use crate::people::canonical::Canonical;
use crate::{Result, ServiceError};

/// What is said about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A fact, in the authority's own words. A foreign verdict is none of those.
    Fact(Fact),
    /// A fact of which the authority left a timestamp open: that of the request was filled in.
    FactNow(Fact),
    /// A foreign verdict: the text of the code that its issuer signed, which holds now.
    ForeignCode(Pii<String>),
}

impl Said {
    /// The fact, if it is not read from a code.
    pub(crate) const fn fact(&self) -> Option<&Fact> {
        match self {
            Self::Fact(fact) | Self::FactNow(fact) => Some(fact),
            Self::ForeignCode(_) => None,
        }
    }

    /// Whether the same words make the same fact, whenever they come.
    pub(super) const fn is_whole(&self) -> bool {
        matches!(self, Self::Fact(_))
    }
}

impl From<Fact> for Said {
    fn from(fact: Fact) -> Self {
        Self::Fact(fact)
    }
}

impl Canonical {
    /// Adds what is said.
    pub(super) fn said(self, said: &Said) -> Self {
        match said {
            Said::Fact(fact) | Said::FactNow(fact) => self.fact(fact),
            Said::ForeignCode(code) => self.text("foreign code").text(code.expose()),
        }
    }
}

impl Submissions {
    /// The facts that are said; `None` for what was refused, as the receipt tells.
    pub(super) fn facts_said(
        &self,
        said: impl Iterator<Item = Said>,
        receipt: &mut Receipt,
    ) -> Vec<Option<Fact>> {
        let facts = said.enumerate().map(|(index, said)| {
            let fact = self.fact_said(said);
            fact.map_err(|error| receipt.refused.push(refusal(index, error)))
                .ok()
        });
        facts.collect()
    }

    fn fact_said(&self, said: Said) -> Result<Fact> {
        match said {
            Said::Fact(Fact::ForeignVerdict { .. })
            | Said::FactNow(Fact::ForeignVerdict { .. }) => {
                let why = "another issuer's verdict is its own word: send the code that it signed, as \
                           `code`, while the code holds";
                Err(ServiceError::field("code", why))
            }
            Said::Fact(fact) | Said::FactNow(fact) => Ok(fact),
            Said::ForeignCode(code) => {
                let read = self.checks.foreign_verdict(code.expose());
                let verdict = read.and_then(ForeignVerdict::into_fact);
                verdict.map_err(|why| ServiceError::field("code", why.to_string()))
            }
        }
    }
}
