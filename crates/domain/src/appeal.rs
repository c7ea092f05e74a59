//! An objection to restrictions, and what the policy grants while nobody has answered it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::evidence::FactKind;
use crate::ids::EvidenceId;
use crate::policy::{Duration, Policy};
use crate::verdict::Colour;

/// A person's objection to the evidence behind restrictions of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// The evidence objected to.
    pub evidence: Vec<EvidenceId>,
    /// When it was filed. Before, it plays no part.
    pub filed_at: Timestamp,
    /// When somebody answered it. From then on it grants nothing: what follows from the answer is
    /// evidence, withdrawn or added.
    pub answered_at: Option<Timestamp>,
}

/// What a policy promises to those who appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppealRule {
    /// How long an answer may take.
    pub answer_within: Duration,
    /// What the restrictions give until there is an answer.
    pub relief: Relief,
    /// Whether they give nothing once twice that time has passed without an answer.
    pub suspends: bool,
}

/// What restrictions give while an appeal against their evidence is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relief {
    /// What they gave before.
    None,
    /// Yellow at most.
    Yellow,
}

impl Relief {
    /// Every relief.
    pub const ALL: [Self; 2] = [Self::None, Self::Yellow];

    /// The word in a policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Yellow => "yellow",
        }
    }
}

impl AppealRule {
    /// By when `appeal` must be answered, with days counted in `zone`.
    pub fn answer_by(&self, appeal: &Appeal, zone: &TimeZone) -> Timestamp {
        self.answer_within.after(appeal.filed_at, zone)
    }

    /// When the restrictions end until there is an answer, if the policy says that they do: after twice
    /// the time that an answer may take.
    pub fn suspended_from(&self, appeal: &Appeal, zone: &TimeZone) -> Option<Timestamp> {
        let answer_by = self.answer_by(appeal, zone);
        self.suspends
            .then(|| self.answer_within.after(answer_by, zone))
    }

    /// The worst colour that the evidence of `appeal` gives at `now`; green is none at all.
    fn at_most(&self, appeal: &Appeal, zone: &TimeZone, now: Timestamp) -> Colour {
        let is_open = appeal.filed_at <= now && appeal.answered_at.is_none_or(|at| now < at);
        if !is_open {
            return Colour::Red;
        }
        match (self.suspended_from(appeal, zone), self.relief) {
            (Some(from), _) if from <= now => Colour::Green,
            (_, Relief::Yellow) => Colour::Yellow,
            (_, Relief::None) => Colour::Red,
        }
    }
}

/// A person's appeals, and what the policy grants to them.
#[derive(Clone, Copy, Debug)]
pub struct Appeals<'a> {
    /// What the policy promises.
    pub rule: AppealRule,
    /// Every appeal of the person that may be open.
    pub filed: &'a [Appeal],
}

impl<'a> Appeals<'a> {
    /// What `policy` grants to these; `None` if that is nothing, because it takes no appeals or there are
    /// none.
    pub fn under(policy: &Policy, filed: &'a [Appeal]) -> Option<Self> {
        let rule = policy.appeal().filter(|_| !filed.is_empty())?;
        Some(Self { rule, filed })
    }
}

impl Appeals<'_> {
    /// The colour that a rule which reads `kind` and gives `colour` draws from `evidence` at `now`; green
    /// is none at all. A diagnosis gives what it gives.
    pub(crate) fn relieved(
        &self,
        (kind, colour): (FactKind, Colour),
        evidence: EvidenceId,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Colour {
        if kind == FactKind::Diagnosis {
            return colour;
        }
        let against = self
            .filed
            .iter()
            .filter(|appeal| appeal.evidence.contains(&evidence));
        against
            .map(|appeal| self.rule.at_most(appeal, zone, now))
            .fold(colour, Colour::min)
    }

    /// Every instant at which what is granted changes.
    pub(crate) fn changes(&self, zone: &TimeZone) -> impl Iterator<Item = Timestamp> {
        self.filed.iter().flat_map(move |appeal| {
            let suspended = self.rule.suspended_from(appeal, zone);
            [Some(appeal.filed_at), suspended, appeal.answered_at]
                .into_iter()
                .flatten()
        })
    }
}
