//! Restrictions and advice as JSON.

use domain::policy::RuleId;
use domain::{AuthorityId, Colour, EvidenceId, Finding, Restriction, Timestamp, Verdict};
use serde::{Deserialize, Serialize};

use super::plain::{seconds, text, texts};

/// What a verdict found.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireFindings {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    restrictions: Vec<WireRestriction>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    advice: Vec<WireFinding>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRestriction {
    #[serde(with = "text")]
    colour: Colour,
    finding: WireFinding,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFinding {
    rule: String,
    #[serde(with = "seconds")]
    since: Timestamp,
    #[serde(with = "seconds")]
    until: Timestamp,
    #[serde(with = "text")]
    because: EvidenceId,
    #[serde(with = "texts")]
    evidence: Vec<EvidenceId>,
    #[serde(with = "text")]
    authority: AuthorityId,
}

/// How a verdict is stored that found nothing.
pub(crate) const NO_FINDINGS: &str = "{}";

impl WireFindings {
    /// Takes them from a verdict.
    pub(crate) fn of(verdict: &Verdict) -> Self {
        let restriction = |restriction: &Restriction| WireRestriction {
            colour: restriction.colour,
            finding: WireFinding::of(&restriction.finding),
        };
        Self {
            restrictions: verdict.restrictions.iter().map(restriction).collect(),
            advice: verdict.advice.iter().map(WireFinding::of).collect(),
        }
    }

    /// Gives them back.
    pub(crate) fn read(self) -> (Vec<Restriction>, Vec<Finding>) {
        let restriction = |wire: WireRestriction| Restriction {
            colour: wire.colour,
            finding: wire.finding.read(),
        };
        let restrictions = self.restrictions.into_iter().map(restriction).collect();
        (
            restrictions,
            self.advice.into_iter().map(WireFinding::read).collect(),
        )
    }
}

impl WireFinding {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.as_str().to_owned(),
            since: finding.since,
            until: finding.until,
            because: finding.because,
            evidence: finding.evidence.clone(),
            authority: finding.authority,
        }
    }

    fn read(self) -> Finding {
        Finding {
            rule: RuleId::from_checked(self.rule),
            since: self.since,
            until: self.until,
            because: self.because,
            evidence: self.evidence,
            authority: self.authority,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_found_is_stored_as_its_constant_says() {
        let nothing = WireFindings {
            restrictions: Vec::new(),
            advice: Vec::new(),
        };
        assert_eq!(serde_json::to_string(&nothing).unwrap(), NO_FINDINGS);
    }
}
