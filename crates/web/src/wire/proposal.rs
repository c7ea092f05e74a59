//! Proposals on the wire: who proposed what, whom it would change, who decided.

use domain::RegionLevel;
use serde::{Deserialize, Serialize};
use service::{Proposal, ProposalDiff, ProposalState, ProposalSubject, Signature};
use utoipa::ToSchema;

use super::{LevelText, ProposalText, RegionText, TimeText, WireText};

/// One region's level for a time.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RegionLevel)]
pub(crate) struct WireLevel {
    /// Where.
    region: RegionText,
    /// How dangerous.
    level: LevelText,
    /// The first instant.
    from: TimeText,
    /// The first instant after; absent until further notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<TimeText>,
}

/// A policy or region levels that wait for a second person, or no longer do.
#[derive(Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(crate) struct WireProposal {
    /// Its identifier.
    id: ProposalText,
    /// The policy, if one is proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<ProposedPolicy>,
    /// The region levels, if such are proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<Vec<WireLevel>>,
    /// The authority that proposed it; another one must approve.
    proposed_by: String,
    /// When.
    proposed_at: TimeText,
    /// `comparing` while it is found out whom it would change, then `open`, then `approved` or
    /// `rejected`.
    state: &'static str,
    /// While `comparing`: people decided so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<u64>,
    /// While `comparing`: how many people there are, 0 until they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<u64>,
    /// Whom it would change, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<WireDifference>,
    /// The authority that approved or rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<TimeText>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The policy that is proposed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProposedPolicy {
    /// Its name.
    id: String,
    /// Its version.
    version: u32,
    /// From when it would be in force.
    effective: TimeText,
    /// The TOML document.
    toml: String,
}

/// Whom a proposal would change. No number from 1 to 9, nor one that would tell such a number.
#[derive(Serialize, ToSchema)]
#[schema(as = Difference)]
pub(crate) struct WireDifference {
    /// How many people were decided; absent if kept back.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<u64>,
    /// Each change of status that would happen to somebody.
    moves: Vec<WireMove>,
}

/// A change of status.
#[derive(Serialize, ToSchema)]
#[schema(as = Move)]
pub(crate) struct WireMove {
    /// The status now: `undeclared`, `green`, `yellow` or `red`.
    before: &'static str,
    /// The status under the proposal.
    after: &'static str,
    /// How many people; absent if kept back.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<u64>,
    /// By rule.
    rules: Vec<WireByRule>,
}

/// How many of a change one rule is the cause of.
#[derive(Serialize, ToSchema)]
#[schema(as = MoveByRule)]
pub(crate) struct WireByRule {
    /// The rule that would restrict them, or no longer would; absent if the declaration decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// How many people; absent if kept back.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<u64>,
}

impl WireLevel {
    /// The level.
    pub(crate) fn into_level(self) -> RegionLevel {
        RegionLevel {
            region: self.region.0,
            level: self.level.0,
            from: self.from.0,
            until: self.until.map(|until| until.0),
        }
    }
}

impl From<RegionLevel> for WireLevel {
    fn from(level: RegionLevel) -> Self {
        Self {
            region: WireText(level.region),
            level: WireText(level.level),
            from: WireText(level.from),
            until: level.until.map(WireText),
        }
    }
}

impl From<Proposal> for WireProposal {
    fn from(proposal: Proposal) -> Self {
        let (policy, levels) = match proposal.subject {
            ProposalSubject::Policy {
                reference,
                effective,
                toml,
            } => {
                let policy = ProposedPolicy {
                    id: reference.id,
                    version: reference.version,
                    effective: WireText(effective),
                    toml,
                };
                (Some(policy), None)
            }
            ProposalSubject::Levels(levels) => {
                (None, Some(levels.into_iter().map(Into::into).collect()))
            }
        };
        let (state, decided, difference, end) = match proposal.state {
            ProposalState::Comparing { decided, people } => {
                ("comparing", Some((decided, people)), None, None)
            }
            ProposalState::Open { difference, .. } => ("open", None, Some(difference), None),
            ProposalState::Approved {
                difference,
                by,
                reason,
            } => ("approved", None, Some(difference), Some((by, reason))),
            ProposalState::Rejected {
                difference,
                by,
                reason,
            } => ("rejected", None, difference, Some((by, reason))),
        };
        let (decided, people) = decided.unzip();
        let (settled, reason): (Option<Signature>, _) = end.unzip();
        Self {
            id: WireText(proposal.id),
            policy,
            levels,
            proposed_by: proposal.proposed.name,
            proposed_at: WireText(proposal.proposed.at),
            state,
            decided,
            people,
            difference: difference.map(Into::into),
            settled_at: settled.as_ref().map(|by| WireText(by.at)),
            settled_by: settled.map(|by| by.name),
            reason,
        }
    }
}

impl From<ProposalDiff> for WireDifference {
    fn from(difference: ProposalDiff) -> Self {
        let moves = difference.moves.into_iter().map(|one| WireMove {
            before: one.before.as_str(),
            after: one.after.as_str(),
            people: one.people,
            rules: one
                .rules
                .into_iter()
                .map(|by| WireByRule {
                    rule: by.rule,
                    people: by.people,
                })
                .collect(),
        });
        Self {
            people: service::unless_small(difference.people),
            moves: moves.collect(),
        }
    }
}
