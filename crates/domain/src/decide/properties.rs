//! What holds of every policy and all evidence.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::evidence::{Evidence, Fact};
use crate::testing::{any_evidence, any_levels, any_policy, any_timestamp};
use crate::{Colour, Policy, RegionLevels, Status, Verdict, decide};

fn severity(verdict: &Verdict) -> Option<Colour> {
    verdict
        .restrictions
        .first()
        .map(|restriction| restriction.colour)
}

/// Forgets what may be unknown about a fact.
fn forget(evidence: &Evidence) -> Evidence {
    let mut evidence = evidence.clone();
    match &mut evidence.fact {
        Fact::Declaration { temperature, .. } => *temperature = None,
        Fact::Contact { minutes, .. } => *minutes = None,
        Fact::Visit { category, .. } => *category = None,
        _ => {}
    }
    evidence
}

proptest! {
    #![proptest_config(crate::testing::property_cases(512))]

    #[test]
    fn invariant_1_the_order_of_evidence_and_repetition_do_not_matter(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(8),
        order in any::<u64>(),
        now in any_timestamp(),
    ) {
        let mut mixed: Vec<Evidence> = evidence.iter().chain(&evidence).cloned().collect();
        mixed.sort_by_key(|e| (e.id.as_u128() as u64).wrapping_mul(order | 1).rotate_left(7));
        prop_assert_eq!(
            decide(&policy, &levels, &evidence, now),
            decide(&policy, &levels, &mixed, now)
        );
    }

    #[test]
    fn invariant_1_a_verdict_holds_until_its_next_change(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(8),
        now in any_timestamp(),
        part in 0.0..1.0_f64,
    ) {
        let verdict = decide(&policy, &levels, &evidence, now);
        let end = verdict.next_change.unwrap_or(now + SignedDuration::from_hours(24 * 365));
        prop_assert!(end > now);
        let ahead = end.as_second() - now.as_second() - 1;
        for later in [1.min(ahead), (ahead as f64 * part) as i64, ahead] {
            let later = now + SignedDuration::from_secs(later);
            prop_assert_eq!(&decide(&policy, &levels, &evidence, later), &verdict, "at {}", later);
        }
    }

    #[test]
    fn evidence_that_ended_before_the_look_back_does_not_matter(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(8),
        days in 0..150_i64,
    ) {
        let now = Timestamp::from_second(crate::testing::NOON + days * 86_400).unwrap();
        let edge = now - policy.look_back().at_most();
        let recent: Vec<Evidence> = evidence
            .iter()
            .filter(|e| matches!(e.fact, Fact::Withdrawal { .. }) || e.fact.ends().is_none_or(|end| end >= edge))
            .cloned()
            .collect();
        prop_assert_eq!(
            decide(&policy, &levels, &evidence, now),
            decide(&policy, &levels, &recent, now)
        );
    }

    #[test]
    fn invariant_3_what_is_unknown_never_makes_a_code_worse(
        policy in any_policy().prop_filter("nothing lifts", |p| p.rules().iter().all(|r| r.lifted_by.is_empty())),
        levels in any_levels(),
        evidence in any_evidence(8),
        now in any_timestamp(),
    ) {
        let known = decide(&policy, &levels, &evidence, now);
        let unknown: Vec<Evidence> = evidence.iter().map(forget).collect();
        let less = decide(&policy, &RegionLevels::default(), &unknown, now);
        prop_assert!(severity(&less) <= severity(&known), "{:?} after {:?}", less, known);
    }

    #[test]
    fn invariant_4_every_finding_has_a_rule_with_texts_evidence_an_authority_and_an_end(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(8),
        now in any_timestamp(),
    ) {
        let verdict = decide(&policy, &levels, &evidence, now);
        let restrictions = verdict.restrictions.iter().map(|restriction| &restriction.finding);
        for finding in restrictions.chain(&verdict.advice) {
            let rule = policy.rule(&finding.rule).unwrap();
            for language in policy.languages() {
                prop_assert!(rule.texts.reason.in_language(language).is_some());
            }
            prop_assert!(finding.since <= now && now < finding.until);
            prop_assert!(finding.evidence.contains(&finding.because));
            for id in &finding.evidence {
                let piece = evidence.iter().find(|piece| piece.id == *id).unwrap();
                prop_assert_eq!(piece.fact.kind(), rule.reads);
            }
            let because = evidence.iter().find(|piece| piece.id == finding.because).unwrap();
            prop_assert_eq!(because.authority, finding.authority);
        }
        prop_assert_eq!(verdict.policy, policy.reference().clone());
    }

    #[test]
    fn withdrawn_evidence_is_as_if_it_had_never_been(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(6),
        now in any_timestamp(),
    ) {
        let withdrawn: Vec<_> = evidence
            .iter()
            .filter_map(|e| match e.fact {
                Fact::Withdrawal { of, at } if at <= now => Some(of),
                _ => None,
            })
            .collect();
        let left: Vec<Evidence> =
            evidence.iter().filter(|e| !withdrawn.contains(&e.id)).cloned().collect();
        let with = decide(&policy, &levels, &evidence, now);
        let without = decide(&policy, &levels, &left, now);
        prop_assert_eq!((with.status, with.restrictions), (without.status, without.restrictions));
    }

    #[test]
    fn the_status_is_the_highest_restriction_or_else_the_declaration(
        policy in any_policy(),
        levels in any_levels(),
        evidence in any_evidence(8),
        now in any_timestamp(),
    ) {
        let verdict = decide(&policy, &levels, &evidence, now);
        let highest = verdict.restrictions.iter().map(|r| r.colour).max();
        match (highest, verdict.status) {
            (Some(colour), status) => prop_assert_eq!(status, Status::Decided(colour)),
            (None, Status::Undeclared) => prop_assert_eq!(verdict.until, None),
            (None, status) => prop_assert_eq!(status, Status::Decided(Colour::Green)),
        }
        prop_assert!(verdict.restrictions.iter().all(|r| r.colour != Colour::Green));
    }
}

#[test]
fn most_random_policies_load() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = crate::testing::any_policy_text();
    let texts: Vec<String> = (0..200)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect();
    let refusals: Vec<String> = texts
        .iter()
        .filter_map(|text| Policy::parse(text).err())
        .map(|refusals| refusals[0].to_string())
        .collect();
    assert!(
        refusals.len() < 100,
        "{} of 200 are refused: {refusals:#?}",
        refusals.len()
    );
}
