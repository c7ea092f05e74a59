//! How appeals against each rule went: how many, how long answers took, how often they were right.
//!
//! No number of 1 to 9 people is shown, nor one from which such a number follows (invariant 13): as in all
//! statistics, [`lab::suppress`] hides them.

use std::sync::PoisonError;

use domain::{PolicyRef, Timestamp};
use jiff::SignedDuration;
use lab::suppress::LinkedFigures;
use store::appeals::{self, RuleAppeals};
use tracing::instrument;

use super::Appeals;
use crate::{Result, ServiceError};

/// Figures are counted again after so long.
const COUNTED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// From so many answers on a rule that loses half of its appeals is pointed out.
const ENOUGH: u64 = 10;

/// How appeals against a rule of the policy in force went. A figure that is `None` is kept back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealsByRule {
    /// The rule.
    pub rule: String,
    /// Appeals are kept for so many days once they were answered: what is counted here are those that wait,
    /// and those that were answered in these days.
    pub days: u32,
    /// How many there were.
    pub filed: Option<u64>,
    /// How many of them were answered.
    pub answered: Option<u64>,
    /// How many of those were right.
    pub right: Option<u64>,
    /// How many hours an answer took on average.
    pub hours: Option<u64>,
    /// Whether half or more of at least ten answers said that the appeal was right: the rule, or the
    /// evidence that it reads, needs another look.
    pub loses_half: bool,
}

/// What was counted, of which policy and when.
pub(crate) struct Counted {
    of: PolicyRef,
    at: Timestamp,
    rules: Vec<AppealsByRule>,
}

impl Appeals {
    /// How appeals against each rule of the policy in force went, by name of rule; as of at most a minute
    /// ago. A rule may be older than what is kept of its appeals: see [`AppealsByRule::days`].
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "appeals.by_rule", level = "debug", skip_all)]
    pub async fn by_rule(&self) -> Result<Vec<AppealsByRule>> {
        let policy = self.policies.policy().ok_or(ServiceError::NoPolicy)?;
        let (of, now) = (policy.reference().clone(), self.clock.now());
        {
            let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = counted.as_ref().filter(|counted| {
                counted.of == of && now.duration_since(counted.at).abs() < COUNTED_FOR
            });
            if let Some(counted) = fresh {
                return Ok(counted.rules.clone());
            }
        }
        let read = self.store.read("appeals.by_rule", of.clone(), |tx, of| {
            Box::pin(appeals::by_rule(tx, of))
        });
        let rules = shown(&read.await?, self.settings.retention.appeal_days());
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted = Some(Counted {
            of,
            at: now,
            rules: rules.clone(),
        });
        Ok(rules)
    }
}

fn shown(counts: &[RuleAppeals], days: u32) -> Vec<AppealsByRule> {
    let mut figures = LinkedFigures::default();
    let places: Vec<_> = counts
        .iter()
        .map(|count| {
            let filed = figures.count(count.filed);
            let answered = figures.count(count.answered);
            let open = figures.implied(count.filed.saturating_sub(count.answered));
            figures.sum(filed, [answered, open]);
            let right = figures.count(count.right);
            let upheld = figures.implied(count.answered.saturating_sub(count.right));
            figures.sum(answered, [right, upheld]);
            (filed, answered, right)
        })
        .collect();
    figures.hide();
    let rules = counts.iter().zip(places);
    rules
        .map(|(count, (filed, answered, right))| {
            let shown = figures.shown(answered).filter(|answered| *answered > 0);
            AppealsByRule {
                rule: count.rule.clone(),
                days,
                filed: figures.shown(filed),
                answered: figures.shown(answered),
                right: figures.shown(right),
                hours: shown.map(|answered| count.seconds / answered / 3600),
                loses_half: count.answered >= ENOUGH && count.right * 2 >= count.answered,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(filed: u64, answered: u64, right: u64) -> AppealsByRule {
        let counts = RuleAppeals {
            rule: "contact".to_owned(),
            filed,
            answered,
            right,
            seconds: answered * 7200,
        };
        shown(&[counts], 180).remove(0)
    }

    #[test]
    fn no_number_from_1_to_9_is_shown_nor_can_be_computed() {
        let figures = |filed, answered, right| {
            let shown = counted(filed, answered, right);
            (shown.filed, shown.answered, shown.right)
        };
        assert_eq!(figures(0, 0, 0), (Some(0), Some(0), Some(0)));
        assert_eq!(figures(9, 0, 0).0, None);
        assert_eq!(figures(40, 20, 10), (Some(40), Some(20), Some(10)));
        let (filed, answered, _) = figures(40, 35, 15);
        assert!(
            filed.is_none() || answered.is_none(),
            "40 - 35 would tell 5"
        );
        let (_, answered, right) = figures(100, 50, 45);
        assert!(
            answered.is_none() || right.is_none(),
            "50 - 45 would tell 5"
        );
        assert_eq!(figures(100, 50, 3).2, None);
    }

    #[test]
    fn a_rule_that_loses_half_of_ten_appeals_or_more_is_pointed_out() {
        for (answered, right, is_pointed_out) in [
            (0, 0, false),
            (9, 9, false),
            (10, 4, false),
            (10, 5, true),
            (100, 51, true),
        ] {
            let found = counted(200, answered, right).loses_half;
            assert_eq!(found, is_pointed_out, "{right} of {answered}");
        }
    }
}
