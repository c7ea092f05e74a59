//! Publishing with two persons, and seeing first whom it would change.

use domain::{AuthorityKind, Level, RegionLevel, Role};
use service::{
    ByRule, Move, Operator, Proposal, ProposalDiff, ProposalState, ProposalSubject, Publisher,
    ServiceError,
};

use crate::city::{City, GREEN, POLICY, RED, stayed, well};

crate::stories! {
    levels_are_in_force_once_a_second_person_has_seen_whom_they_change
    few_people_are_kept_back
    the_proposer_may_not_approve
    what_was_published_meanwhile_is_compared_again
    a_rejected_proposal_is_never_in_force
    a_policy_that_does_not_check_cannot_be_proposed
    the_same_proposal_twice_is_one
    proposals_survive_a_crash_at_every_step
    a_pass_that_was_cut_off_goes_on_where_it_stood
    an_operator_alone_publishes_only_while_nobody_is_registered
}

/// Registers people, of whom so many have been in Wuhan.
async fn people(city: &City, were_there: usize, others: usize) {
    for number in 0..were_there + others {
        let name = format!("Resident {number}");
        let mut request = city.registration(Box::leak(name.into_boxed_str()), Some(well()));
        if number < were_there {
            request.stays = vec![stayed("420102", city.ago(100), Some(city.ago(50)))];
        }
        let registered = city.service.people.register(request).await.unwrap();
        assert_eq!(registered.status, GREEN);
    }
}

fn high(city: &City, region: &str) -> [RegionLevel; 1] {
    [RegionLevel {
        region: region.parse().unwrap(),
        level: Level::High,
        from: city.ago(200),
        until: None,
    }]
}

async fn proposed(city: &City, region: &str) -> Proposal {
    let levels = high(city, region);
    let proposal = city
        .service
        .publishing
        .propose_levels(&city.health, &levels)
        .await;
    let proposal = proposal.unwrap();
    assert_eq!(proposal.subject, ProposalSubject::Levels(levels.to_vec()));
    let comparing = ProposalState::Comparing {
        decided: 0,
        people: 0,
    };
    assert_eq!(proposal.state, comparing);
    proposal
}

async fn approve(city: &City, proposal: &Proposal) -> Result<Proposal, ServiceError> {
    let approver = proposal.approver(&city.approver().await, city.now())?;
    city.service
        .publishing
        .approve(approver, "seen and agreed")
        .await
}

async fn difference(city: &City, proposal: &Proposal) -> ProposalDiff {
    city.service.publishing.compare_proposals().await.unwrap();
    let now = city.service.publishing.proposal(proposal.id).await.unwrap();
    match now.state {
        ProposalState::Open { difference, .. } => difference,
        other => panic!("{other:?}"),
    }
}

async fn levels_are_in_force_once_a_second_person_has_seen_whom_they_change(city: City) {
    people(&city, 12, 3).await;
    let li = city.resident("Li").await;
    let stays = [stayed("420102", city.ago(100), Some(city.ago(50)))];
    city.service
        .people
        .declare(&li.resident, None, well(), &stays)
        .await
        .unwrap();
    let proposal = proposed(&city, "42").await;
    let early = approve(&city, &proposal).await.unwrap_err();
    assert!(matches!(early, ServiceError::NotCompared), "{early}");
    let seen = difference(&city, &proposal).await;
    assert_eq!(seen.people, 16);
    assert_eq!((seen.moves[0].before, seen.moves[0].after), (GREEN, RED));
    assert_eq!(seen.moves[0].people, Some(13));
    assert_eq!(seen.moves.len(), 1);
    assert_eq!(city.status(&li).await, GREEN, "nobody approved yet");
    let approved = approve(&city, &proposal).await.unwrap();
    match &approved.state {
        ProposalState::Approved {
            difference,
            by,
            reason,
        } => {
            assert_eq!(*difference, seen);
            assert_eq!(by.name, "Dr Zhao, City Health Commission");
            assert_eq!(reason, "seen and agreed");
        }
        other => panic!("{other:?}"),
    }
    let progress = city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!((progress.decided, progress.changed), (16, 13));
    assert_eq!(city.status(&li).await, RED);
    let again = approve(&city, &approved).await.unwrap();
    assert_eq!(again, approved, "approving again changes nothing");
    assert!(
        city.service
            .reevaluation
            .progress()
            .await
            .unwrap()
            .is_finished
    );
}

async fn few_people_are_kept_back(city: City) {
    people(&city, 3, 9).await;
    let proposal = proposed(&city, "42").await;
    let seen = difference(&city, &proposal).await;
    let rule = seen.moves[0].rules[0].rule.clone();
    assert!(rule.is_some());
    let kept_back = Move {
        before: GREEN,
        after: RED,
        people: None,
        rules: vec![ByRule { rule, people: None }],
    };
    assert_eq!(seen.moves, [kept_back]);
}

async fn the_proposer_may_not_approve(city: City) {
    people(&city, 1, 0).await;
    let proposal = proposed(&city, "42").await;
    difference(&city, &proposal).await;
    let refused = proposal.approver(&city.health, city.now()).unwrap_err();
    assert!(
        matches!(refused, ServiceError::NotPermitted { .. }),
        "{refused}"
    );
    let roles = [Role::PolicyAuthor, Role::Approver];
    let both = city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let both = city.hire(&both, "Dr Sun", &roles).await;
    let levels = high(&city, "43");
    let proposed = city.service.publishing.propose_levels(&both, &levels).await;
    let refused = proposed.unwrap().approver(&both, city.now()).unwrap_err();
    assert!(matches!(refused, ServiceError::SamePerson), "{refused}");
}

async fn what_was_published_meanwhile_is_compared_again(city: City) {
    people(&city, 12, 0).await;
    let (first, second) = (proposed(&city, "42").await, proposed(&city, "4201").await);
    difference(&city, &first).await;
    let alone = difference(&city, &second).await;
    assert_eq!(alone.moves.len(), 1);
    approve(&city, &first).await.unwrap();
    let stale = approve(&city, &second).await.unwrap_err();
    assert!(matches!(stale, ServiceError::NotCompared), "{stale}");
    let after_the_first = difference(&city, &second).await;
    assert_eq!(after_the_first.moves, [], "all of them are red already");
    approve(&city, &second).await.unwrap();
}

async fn a_rejected_proposal_is_never_in_force(city: City) {
    people(&city, 1, 0).await;
    let proposal = proposed(&city, "42").await;
    let silent = city
        .service
        .publishing
        .reject(&city.health, proposal.id, "  ")
        .await;
    assert!(matches!(
        silent,
        Err(ServiceError::BadField {
            field: "reason",
            ..
        })
    ));
    let rejected = city
        .service
        .publishing
        .reject(&city.health, proposal.id, "a slip")
        .await
        .unwrap();
    assert!(matches!(
        &rejected.state,
        ProposalState::Rejected { difference: None, reason, .. } if reason == "a slip"
    ));
    let too_late = approve(&city, &rejected).await.unwrap_err();
    assert!(matches!(too_late, ServiceError::ProposalSettled));
    assert_eq!(
        city.service.publishing.compare_proposals().await.unwrap(),
        0
    );
    assert_eq!(
        city.service.publishing.proposals().await.unwrap(),
        [rejected]
    );
}

async fn a_policy_that_does_not_check_cannot_be_proposed(city: City) {
    let text = POLICY
        .replace("version = 1", "version = 2")
        .replace("lasts = ", "lastz = ");
    let refused = city
        .service
        .publishing
        .propose_policy(&city.health, &text)
        .await;
    assert!(matches!(refused, Err(ServiceError::PolicyRefused { .. })));
    let other_text = POLICY.replace("lasts = \"7d\"", "lasts = \"8d\"");
    let refused = city
        .service
        .publishing
        .propose_policy(&city.health, &other_text)
        .await;
    assert!(matches!(refused, Err(ServiceError::PolicyExists(_))));
    assert_eq!(city.service.publishing.proposals().await.unwrap(), []);
}

async fn the_same_proposal_twice_is_one(city: City) {
    let first = proposed(&city, "42").await;
    let again = proposed(&city, "42").await;
    assert_eq!(first.id, again.id);
    let other = proposed(&city, "43").await;
    assert_eq!(city.service.publishing.proposals().await.unwrap().len(), 2);
    assert_ne!(first.id, other.id);
}

async fn proposals_survive_a_crash_at_every_step(mut city: City) {
    people(&city, 12, 0).await;
    let text = POLICY.replace("version = 1", "version = 2");
    let proposal = city
        .service
        .publishing
        .propose_policy(&city.health, &text)
        .await;
    let proposal = proposal.unwrap();
    city.crash().await;
    assert_eq!(difference(&city, &proposal).await.moves, []);
    city.crash().await;
    approve(&city, &proposal).await.unwrap();
    city.crash().await;
    assert_eq!(
        city.service.policies.policy().unwrap().reference().version,
        2
    );
    let progress = city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!((progress.decided, progress.changed), (12, 0));
}

async fn a_pass_that_was_cut_off_goes_on_where_it_stood(mut city: City) {
    people(&city, 12, 0).await;
    let levels = high(&city, "42");
    city.service
        .publishing
        .publish_levels(&city.publisher().await, &levels)
        .await
        .unwrap();
    let half = city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!((half.decided, half.changed), (12, 12));
    // As if the process had died after seven of them.
    city.base
        .tamper(
            "UPDATE walk SET is_finished = 0, decided = 7, changed = 7, after_id = \
             (SELECT person_id FROM person ORDER BY person_id LIMIT 1 OFFSET 6)",
        )
        .await;
    city.crash().await;
    let rest = city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!(
        (rest.decided, rest.changed),
        (12, 7),
        "five more, as they were"
    );
}

async fn an_operator_alone_publishes_only_while_nobody_is_registered(city: City) {
    let alone = Publisher::from(&Operator::at_the_command_line("Zhang San"));
    let levels = high(&city, "42");
    city.service
        .publishing
        .publish_levels(&alone, &levels)
        .await
        .unwrap();
    city.resident("Li").await;
    let refused = city
        .service
        .publishing
        .publish_levels(&alone, &levels)
        .await;
    assert!(matches!(refused, Err(ServiceError::NeedsTwoPersons)));
    let second = POLICY.replace("version = 1", "version = 2");
    let refused = city
        .service
        .publishing
        .publish_policy(&alone, &second)
        .await;
    assert!(matches!(refused, Err(ServiceError::NeedsTwoPersons)));
    let again = city.service.publishing.publish_policy(&alone, POLICY).await;
    assert!(again.is_ok(), "what is published already changes nothing");
    let approver = city.approver().await;
    let alone = Publisher::of_two(&approver, &approver, city.now());
    assert!(matches!(alone, Err(ServiceError::SamePerson)));
    let two = city.publisher().await;
    assert!(
        two.name()
            .ends_with("approved by Dr Zhao, City Health Commission")
    );
    city.service
        .publishing
        .publish_policy(&two, &second)
        .await
        .unwrap();
}
