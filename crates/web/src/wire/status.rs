//! A person's status in JSON, with every reason spelled out (invariant 4).

use domain::evidence::Order;
use domain::policy::Outcome;
use domain::{AuthorityId, Past, Reason};
use serde::Serialize;
use service::{StatusReport, office_of};
use utoipa::ToSchema;

use super::wire_text::{ColourText, EvidenceText, PersonText, TimeText, WireText};

/// What a person reads about their code.
#[derive(Serialize, ToSchema)]
#[schema(as = Status)]
pub(crate) struct WireStatus {
    /// The person.
    person: PersonText,
    /// `green`, `yellow`, `red` or `undeclared`.
    status: &'static str,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<TimeText>,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<TimeText>,
    /// When it may next change by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_change: Option<TimeText>,
    /// As of when this was decided.
    at: TimeText,
    /// The policy that decided: `hangzhou v3`.
    policy: String,
    /// The language of the texts.
    language: String,
    /// Every restriction in force, the one that gives the colour first.
    restrictions: Vec<WireReason>,
    /// Advice in force. Never blocks anybody.
    advice: Vec<WireReason>,
    /// What the rules made of the evidence earlier, or will make of it later.
    not_in_force: Vec<WirePast>,
    /// How to contest a restriction.
    contest: String,
}

/// A rule in force, and why.
#[derive(Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct WireReason {
    /// Red or yellow; absent for advice.
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<ColourText>,
    /// The rule's name in the policy.
    rule: String,
    /// What the rule is called.
    title: String,
    /// What happened.
    reason: String,
    /// What to do, and until when.
    guidance: String,
    /// From when.
    since: TimeText,
    /// Until when.
    until: TimeText,
    /// Who reported what this rests on.
    authority: String,
    /// The evidence it rests on.
    evidence: Vec<EvidenceText>,
    /// The orders among the evidence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    orders: Vec<WireOrderInForce>,
}

/// An order: who answers for it, and by which law.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderInForce)]
pub(crate) struct WireOrderInForce {
    /// The offices of the two persons who answer for it.
    offices: [String; 2],
    /// The law it rests on.
    basis: String,
    /// From when.
    from: TimeText,
    /// Until when.
    until: TimeText,
}

/// A rule that applied once or will apply.
#[derive(Serialize, ToSchema)]
#[schema(as = PastReason)]
pub(crate) struct WirePast {
    /// The rule's name in the policy.
    rule: String,
    /// What the rule is called.
    title: String,
    /// From when.
    since: TimeText,
    /// Until when.
    until: TimeText,
    /// Who reported what this rested on.
    authority: String,
    /// The evidence it rested on.
    evidence: EvidenceText,
    /// The evidence that ended it early.
    lifted_by: Vec<EvidenceText>,
}

impl From<StatusReport> for WireStatus {
    fn from(report: StatusReport) -> Self {
        let explanation = &report.explanation;
        let verdict = &explanation.verdict;
        let reasons = |reasons: &[Reason]| {
            reasons
                .iter()
                .map(|reason| WireReason::new(reason, &report))
                .collect()
        };
        let past = explanation
            .not_in_force
            .iter()
            .map(|past| WirePast::new(past, &report));
        Self {
            person: WireText(report.person),
            status: verdict.status.as_str(),
            since: verdict.since.map(WireText),
            until: verdict.until.map(WireText),
            next_change: verdict.next_change.map(WireText),
            at: WireText(report.at),
            policy: verdict.policy.to_string(),
            language: report.language.as_str().to_owned(),
            restrictions: reasons(&explanation.restrictions),
            advice: reasons(&explanation.advice),
            not_in_force: past.collect(),
            contest: explanation.contest.clone(),
        }
    }
}

impl WireReason {
    fn new(reason: &Reason, report: &StatusReport) -> Self {
        Self {
            colour: match reason.gives {
                Outcome::Restriction(colour) => Some(WireText(colour)),
                Outcome::Advice => None,
            },
            rule: reason.finding.rule.to_string(),
            title: reason.texts.title.clone(),
            reason: reason.texts.reason.clone(),
            guidance: reason.texts.guidance.clone(),
            since: WireText(reason.finding.since),
            until: WireText(reason.finding.until),
            authority: name(report, reason.finding.authority),
            evidence: reason
                .finding
                .evidence
                .iter()
                .copied()
                .map(WireText)
                .collect(),
            orders: report
                .orders_of(&reason.finding)
                .map(WireOrderInForce::from)
                .collect(),
        }
    }
}

impl From<&Order> for WireOrderInForce {
    fn from(order: &Order) -> Self {
        let offices = order.signed_by().each_ref();
        Self {
            offices: offices.map(|signer| office_of(signer).to_owned()),
            basis: order.basis().to_owned(),
            from: WireText(order.from()),
            until: WireText(order.until()),
        }
    }
}

impl WirePast {
    fn new(past: &Past, report: &StatusReport) -> Self {
        Self {
            rule: past.rule.to_string(),
            title: past.title.clone(),
            since: WireText(past.since),
            until: WireText(past.until),
            authority: name(report, past.authority),
            evidence: WireText(past.evidence),
            lifted_by: past.lifted_by.iter().copied().map(WireText).collect(),
        }
    }
}

fn name(report: &StatusReport, authority: AuthorityId) -> String {
    report
        .authority_name(authority)
        .unwrap_or_default()
        .to_owned()
}
