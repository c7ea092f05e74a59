//! Columns decide as `domain::decide` does.

use domain::testing::{any_evidence, any_levels, any_policy, any_timestamp};
use domain::{Evidence, EvidenceId, Fact, Policy, RegionLevels, Status, Timestamp, decide};
use proptest::prelude::*;

use super::*;
use crate::columns::ColumnsBuilder;

/// Evidence drawn for each person alone, with identifiers that are the person's own.
fn population(people: Vec<Vec<Evidence>>) -> Vec<Vec<Evidence>> {
    let own = |person: usize, id: EvidenceId| {
        EvidenceId::from_u128((person as u128) << 64 | id.as_u128())
    };
    let adopt = |(person, evidence): (usize, Vec<Evidence>)| {
        let adopt = |mut piece: Evidence| {
            piece.id = own(person, piece.id);
            if let Fact::Withdrawal { of, .. } = &mut piece.fact {
                *of = own(person, *of);
            }
            piece
        };
        evidence.into_iter().map(adopt).collect()
    };
    people.into_iter().enumerate().map(adopt).collect()
}

fn columns(people: &[Vec<Evidence>]) -> Columns {
    let mut builder = ColumnsBuilder::new(people.len() as u32);
    for (person, evidence) in people.iter().enumerate() {
        for piece in evidence {
            builder.push(person as u32, piece.id, &piece.fact).unwrap();
        }
    }
    builder.finish()
}

fn seconds(at: Option<Timestamp>) -> Seconds {
    at.map_or(NONE, |at| at.as_second() as Seconds)
}

/// Status, rule, since, until, next change, and whether there is advice.
type Decided = (Status, Option<RuleId>, Seconds, Seconds, Seconds, bool);

/// What the domain decides.
fn expected(
    policy: &Policy,
    levels: &RegionLevels,
    evidence: &[Evidence],
    now: Timestamp,
) -> Decided {
    let verdict = decide(policy, levels, evidence, now);
    let rule = verdict.restrictions.first();
    (
        verdict.status,
        rule.map(|first| first.finding.rule.clone()),
        seconds(verdict.since),
        seconds(verdict.until),
        seconds(verdict.next_change),
        !verdict.advice.is_empty(),
    )
}

/// What was decided from columns.
fn found(policy: &Policy, decisions: &Decisions, person: usize) -> Decided {
    (
        decisions.status(policy, person as u32),
        decisions.rule(policy, person as u32).cloned(),
        decisions.since[person],
        decisions.until[person],
        decisions.next_change[person],
        decisions.is_advised[person],
    )
}

proptest! {
    #![proptest_config(domain::testing::property_cases(1024))]

    #[test]
    fn invariant_1_columns_decide_as_the_domain_does(
        policy in any_policy(),
        levels in any_levels(),
        people in prop::collection::vec(any_evidence(6), 1..12),
        now in any_timestamp(),
    ) {
        let people = population(people);
        let decisions = decide_columns(&policy, &levels, &columns(&people), now).unwrap();
        for (person, evidence) in people.iter().enumerate() {
            assert_eq!(
                found(&policy, &decisions, person),
                expected(&policy, &levels, evidence, now),
                "person {person} with {evidence:#?} at {now}"
            );
        }
    }
}

proptest! {
    #![proptest_config(domain::testing::property_cases(12))]

    /// More people than a block has, and more rows than are looked at together: the same few people
    /// over and over.
    #[test]
    fn invariant_1_holds_where_blocks_meet(
        policy in any_policy(),
        levels in any_levels(),
        few in prop::collection::vec(any_evidence(6), 1..30),
        now in any_timestamp(),
    ) {
        let decided: Vec<Decided> = few
            .iter()
            .map(|evidence| expected(&policy, &levels, evidence, now))
            .collect();
        let many = few.iter().cycle().take(BLOCK + 3_001).cloned().collect();
        let columns = columns(&population(many));
        let mut decisions = decide_columns(&policy, &levels, &columns, now).unwrap();
        // Once more over what stands there already.
        decisions.renew(&policy, &levels, &columns, now).unwrap();
        for person in 0..decisions.outcome.len() {
            assert_eq!(
                found(&policy, &decisions, person),
                decided[person % few.len()],
                "person {person} with {:#?} at {now}",
                few[person % few.len()]
            );
        }
    }
}

#[test]
fn somebody_about_whom_nothing_is_known_is_undeclared() {
    let policy = include_str!("../../../../policies/hangzhou.toml");
    let policy = Policy::parse(policy).unwrap();
    let now = Timestamp::from_second(domain::testing::NOON).unwrap();
    let columns = ColumnsBuilder::new(70_000).finish();
    let decisions = decide_columns(&policy, &RegionLevels::default(), &columns, now).unwrap();
    assert!((0..70_000).all(|person| decisions.status(&policy, person) == Status::Undeclared));
    assert!(decisions.next_change.iter().all(|next| *next == NONE));
}
