//! What becomes known of a case after it was confirmed waits for a tracer, and what restricts too
//! many waits for a second person, whatever leads to them.

use std::sync::Arc;

use domain::evidence::{DiagnosisStatus, GroupKind};
use domain::{AuthorityKind, Fact, Role};
use service::{
    BatchApproval, Cap, Caps, CasesWaiting, Item, NewMembership, Service, ServiceError, Submission,
};

use crate::city::{City, GREEN, Persona, RED, hours};
use crate::companions::Neighbours;

crate::stories! {
    passengers_that_are_listed_after_the_confirmation_wait_for_a_tracer
    a_second_diagnosis_lets_in_nothing_that_came_after_the_first
    nothing_is_taken_in_that_came_after_a_tracer_looked
    a_household_that_grew_in_steps_waits_as_a_whole
    a_case_whose_contacts_are_too_many_waits_for_a_second_person
    the_rows_of_one_file_lead_to_no_more_contacts_than_one_submission
    what_a_machine_led_to_needs_two_persons
    what_somebody_answered_for_waits_for_somebody_else_when_they_are_gone
    the_cases_of_one_submission_count_together
}

const NAMES: [&str; 9] = ["Ba", "Bb", "Bc", "Bd", "Be", "Bf", "Bg", "Bh", "Bi"];

async fn neighbours(n: &Neighbours, count: usize) -> Vec<Persona> {
    let mut people = Vec::new();
    for name in &NAMES[..count] {
        people.push(n.city.resident(name).await);
    }
    people
}

/// A node with other limits, and the city's node out of the way.
async fn with_cap(n: &mut Neighbours, cap: Cap, most: u32) -> Arc<Service> {
    let node = n.city.another_node_with(|settings| {
        settings.caps = Caps::default().with(cap, most);
    });
    n.city.service = node.await;
    Arc::clone(&n.city.service)
}

async fn are(n: &Neighbours, people: &[Persona], status: domain::Status) {
    for who in people {
        assert_eq!(n.city.status(who).await, status, "{}", who.name);
    }
}

async fn run(n: &Neighbours) {
    n.city.service.tracing.run_traces().await.unwrap();
}

async fn passengers_that_are_listed_after_the_confirmation_wait_for_a_tracer(city: City) {
    let n = Neighbours::of(city).await;
    let ming = n.city.resident("Ming").await;
    let people = neighbours(&n, 9).await;
    assert_eq!(n.traced(&ming).await, 0);
    let tracing = &n.city.service.tracing;
    for (group, is_true) in [("train 9", false), ("train 10", true)] {
        let (from, until) = (n.city.ago(30), Some(n.city.ago(28)));
        let ride = |who: &Persona| n.membership(who, GroupKind::Vehicle, group, from, until);
        let list: Vec<NewMembership> = people.iter().chain([&ming]).map(ride).collect();
        let listed = tracing.put_memberships(&n.railway, list.clone()).await;
        assert_eq!(listed.unwrap().accepted.len(), 10);
        run(&n).await;
        are(&n, &people, GREEN).await;
        let health = &n.city.health;
        let all = CasesWaiting::default();
        let cases = tracing.waiting_cases(health, &all).await.unwrap().lines;
        assert_eq!(
            (cases.len(), cases[0].person, cases[0].groups),
            (1, ming.id(), 1)
        );
        let waiting = tracing.waiting(health, ming.id()).await.unwrap();
        let group = &waiting.groups[0];
        assert_eq!((group.kind, group.people), (GroupKind::Vehicle, 10));
        assert_eq!(group.by.as_ref().unwrap().name, "Railway");
        if is_true {
            assert_eq!(n.take_in(&ming).await, 10);
        } else {
            let refused = tracing.refuse(health, ming.id(), &waiting.state);
            let refused = refused.await.unwrap();
            assert_eq!(refused.memberships, 10);
            // Sent again it is as refused as before.
            tracing.put_memberships(&n.railway, list).await.unwrap();
        }
        run(&n).await;
        let cases = tracing.waiting_cases(health, &all).await.unwrap();
        assert_eq!(cases.lines, []);
        are(&n, &people, if is_true { RED } else { GREEN }).await;
    }
}

async fn a_second_diagnosis_lets_in_nothing_that_came_after_the_first(city: City) {
    let n = Neighbours::of(city).await;
    let ming = n.city.resident("Ming").await;
    let people = neighbours(&n, 3).await;
    assert_eq!(n.traced(&ming).await, 0);
    let together: Vec<&Persona> = people.iter().chain([&ming]).collect();
    n.live(GroupKind::Household, "flat 3", &together).await;
    assert_eq!(n.traced(&ming).await, 0, "a hospital says it again");
    are(&n, &people, GREEN).await;
    assert_eq!(n.take_in(&ming).await, 4);
    run(&n).await;
    are(&n, &people, RED).await;
}

async fn nothing_is_taken_in_that_came_after_a_tracer_looked(city: City) {
    let n = Neighbours::of(city).await;
    let ming = n.city.resident("Ming").await;
    let people = neighbours(&n, 3).await;
    n.traced(&ming).await;
    n.live(GroupKind::Household, "flat 3", &[&ming, &people[0]])
        .await;
    run(&n).await;
    let (tracing, health) = (&n.city.service.tracing, &n.city.health);
    let seen = tracing.waiting(health, ming.id()).await.unwrap().state;
    // While the tracer talks to the case, somebody lists more people.
    n.live(GroupKind::Household, "flat 3", &[&people[1], &people[2]])
        .await;
    run(&n).await;
    for decided in [
        tracing.take_in(health, ming.id(), &seen).await,
        tracing.refuse(health, ming.id(), &seen).await,
    ] {
        assert!(
            matches!(decided, Err(ServiceError::WaitingChanged)),
            "{decided:?}"
        );
    }
    let waiting = tracing.waiting(health, ming.id()).await.unwrap();
    assert_eq!(waiting.groups[0].people, 4, "nothing was decided");
    are(&n, &people, GREEN).await;
    let taken = tracing.take_in(health, ming.id(), &waiting.state);
    assert_eq!(taken.await.unwrap().memberships, 4);
    // Sent again, nothing waits: nothing is decided.
    for repeated in [
        tracing.take_in(health, ming.id(), &waiting.state).await,
        tracing.refuse(health, ming.id(), &waiting.state).await,
    ] {
        assert_eq!(repeated.unwrap().memberships, 0);
    }
    run(&n).await;
    are(&n, &people, RED).await;
}

async fn a_household_that_grew_in_steps_waits_as_a_whole(city: City) {
    let mut n = Neighbours::of(city).await;
    let node = with_cap(&mut n, Cap::Household, 4).await;
    let ming = n.city.resident("Ming").await;
    let people = neighbours(&n, 6).await;
    for (flat, three) in [("flat 1", &people[..3]), ("flat 2", &people[3..])] {
        let mut together: Vec<&Persona> = three.iter().collect();
        together.push(&ming);
        n.live(GroupKind::Household, flat, &together).await;
    }
    assert_eq!(n.traced(&ming).await, 0, "nobody has two full households");
    are(&n, &people, GREEN).await;
    let waiting = node.tracing.waiting(&n.city.health, ming.id()).await;
    assert_eq!(waiting.unwrap().groups.len(), 2);
    assert_eq!(n.take_in(&ming).await, 8);
    run(&n).await;
    are(&n, &people, RED).await;
}

async fn a_case_whose_contacts_are_too_many_waits_for_a_second_person(city: City) {
    let mut n = Neighbours::of(city).await;
    let node = with_cap(&mut n, Cap::RestrictedByBatch, 3).await;
    let ming = n.city.resident("Ming").await;
    let people = neighbours(&n, 6).await;
    let together: Vec<&Persona> = people[..5].iter().chain([&ming]).collect();
    n.live(GroupKind::Household, "flat 3", &together).await;
    n.traced(&ming).await;
    run(&n).await;
    are(&n, &people, GREEN).await;
    let approver = n.city.approver().await;
    let held = node.batches.list(&approver).await.unwrap();
    assert_eq!((held.len(), held[0].people, held[0].restricted), (1, 5, 5));
    assert!(held[0].is_trace && held[0].kinds == ["contact"]);
    assert_eq!(
        held[0].submitted.staff,
        Some(n.city.health.id()),
        "who confirmed the case"
    );
    let approve = async || node.batches.approve(&approver, held[0].id, "seen").await;
    for _ in 0..2 {
        let approved = approve().await.unwrap();
        assert_eq!(approved, BatchApproval::Taken { changed: 0 });
    }
    run(&n).await;
    are(&n, &people[..5], RED).await;
    // People who were shown may be restricted, and as many more as a submission may.
    n.live(GroupKind::Household, "flat 3", &[&people[5]]).await;
    run(&n).await;
    n.take_in(&ming).await;
    run(&n).await;
    are(&n, &people, RED).await;
    let held = node.batches.list(&approver).await.unwrap();
    assert_eq!(held.len(), 1, "nothing more waits");
}

async fn the_rows_of_one_file_lead_to_no_more_contacts_than_one_submission(city: City) {
    let mut n = Neighbours::of(city).await;
    let node = with_cap(&mut n, Cap::RestrictedByBatch, 3).await;
    let people = neighbours(&n, 6).await;
    let mut cases = Vec::new();
    for (place, (name, flat)) in [("Ming", "flat 1"), ("Tao", "flat 2"), ("Bo", "flat 3")]
        .into_iter()
        .enumerate()
    {
        let case = n.city.resident(name).await;
        let two = &people[place * 2..place * 2 + 2];
        n.live(GroupKind::Household, flat, &[&case, &two[0], &two[1]])
            .await;
        cases.push(case);
    }
    let row = |case: &Persona| Submission {
        request: None,
        content: None,
        items: vec![Item {
            subject: case.subject(),
            said: Fact::diagnosis(DiagnosisStatus::Confirmed, n.city.ago(1), None).into(),
        }],
    };
    // A file takes a while: its rows come at different seconds.
    n.city.pass(hours(1));
    let together = node.evidence.together();
    for case in &cases[..2] {
        n.city.pass(hours(1));
        let officer = n.city.fresh(n.city.health.id()).await;
        let by = officer.submitter();
        let sent = node.evidence.submit_together(by, row(case), together);
        assert_eq!(sent.await.unwrap().accepted.len(), 1);
    }
    run(&n).await;
    let (red, green) = (&people[..2], &people[2..]);
    let statuses = (n.city.status(&red[0]).await, n.city.status(&green[0]).await);
    assert_ne!(statuses.0, statuses.1, "the second case waits");
    let approver = n.city.approver().await;
    let held = node.batches.list(&approver).await.unwrap();
    assert_eq!((held.len(), held[0].people), (1, 2));
    // What was sent alone counts alone.
    n.city.pass(hours(1));
    let officer = n.city.fresh(n.city.health.id()).await;
    let alone = node.evidence.submit(officer.submitter(), row(&cases[2]));
    let alone = alone.await;
    assert_eq!(alone.unwrap().accepted.len(), 1);
    run(&n).await;
    are(&n, &people[4..6], RED).await;
    assert_eq!(node.batches.list(&approver).await.unwrap().len(), 1);
}

async fn what_a_machine_led_to_needs_two_persons(city: City) {
    let mut n = Neighbours::of(city).await;
    let node = with_cap(&mut n, Cap::RestrictedByBatch, 3).await;
    let ming = n.city.resident("Ming").await;
    let people = neighbours(&n, 5).await;
    let together: Vec<&Persona> = people.iter().chain([&ming]).collect();
    n.live(GroupKind::Household, "flat 3", &together).await;
    let hospital = n.city.feed(AuthorityKind::Health, "City Health Commission");
    let found = Fact::diagnosis(DiagnosisStatus::Confirmed, n.city.now(), None);
    n.city.submit(&hospital.await, &ming, found).await;
    run(&n).await;
    let approver = n.city.approver().await;
    let held = node.batches.list(&approver).await.unwrap();
    let (id, submitted) = (held[0].id, &held[0].submitted);
    assert_eq!(
        (held.len(), submitted.staff),
        (1, None),
        "a machine is nobody"
    );
    let silent = node.batches.approve(&approver, id, " ").await;
    assert!(matches!(
        silent,
        Err(ServiceError::BadField {
            field: "reason",
            ..
        })
    ));
    // Two press at once that they answer for it: the later one approves nothing by that.
    let office = n
        .city
        .office(AuthorityKind::Health, "City Health Commission")
        .await;
    let second = n.city.hire(&office, "Dr Ren", &[Role::Approver]).await;
    node.batches
        .answer_for(&approver, id, "seen")
        .await
        .unwrap();
    node.batches
        .answer_for(&approver, id, "seen")
        .await
        .unwrap();
    let late = node.batches.answer_for(&second, id, "seen").await;
    assert!(
        matches!(late, Err(ServiceError::ProposalSettled)),
        "{late:?}"
    );
    let same = node.batches.approve(&approver, id, "seen again").await;
    assert!(matches!(same, Err(ServiceError::SamePerson)), "{same:?}");
    run(&n).await;
    are(&n, &people, GREEN).await;
    let listed = node.batches.list(&approver).await.unwrap();
    assert_eq!(listed[0].submitted.staff, Some(approver.id()));
    let approved = node.batches.approve(&second, id, "seen too").await;
    assert_eq!(approved.unwrap(), BatchApproval::Taken { changed: 0 });
    run(&n).await;
    are(&n, &people, RED).await;
}

async fn the_cases_of_one_submission_count_together(city: City) {
    let mut n = Neighbours::of(city).await;
    let node = with_cap(&mut n, Cap::RestrictedByBatch, 3).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    let people = neighbours(&n, 4).await;
    n.live(
        GroupKind::Household,
        "flat 1",
        &[&ming, &people[0], &people[1]],
    )
    .await;
    n.live(
        GroupKind::Household,
        "flat 2",
        &[&lan, &people[2], &people[3]],
    )
    .await;
    let item = |who: &Persona| Item {
        subject: who.subject(),
        said: Fact::diagnosis(DiagnosisStatus::Confirmed, n.city.now(), None).into(),
    };
    let submission = Submission {
        request: None,
        content: None,
        items: vec![item(&ming), item(&lan)],
    };
    let by = n.city.health.submitter();
    let receipt = node.evidence.submit(by, submission).await.unwrap();
    assert_eq!(receipt.accepted.len(), 2);
    run(&n).await;
    let mut red = 0;
    for who in &people {
        red += usize::from(n.city.status(who).await == RED);
    }
    assert_eq!(
        red, 2,
        "the contacts of one of both, the others would be a fourth"
    );
    let approver = n.city.approver().await;
    let held = node.batches.list(&approver).await.unwrap();
    assert_eq!((held.len(), held[0].people, held[0].restricted), (1, 2, 4));
    node.batches
        .approve(&approver, held[0].id, "seen")
        .await
        .unwrap();
    run(&n).await;
    are(&n, &people, RED).await;
}

async fn what_somebody_answered_for_waits_for_somebody_else_when_they_are_gone(city: City) {
    let mut n = Neighbours::of(city).await;
    let node = with_cap(&mut n, Cap::RestrictedByBatch, 3).await;
    let ming = n.city.resident("Ming").await;
    let people = neighbours(&n, 5).await;
    let together: Vec<&Persona> = people.iter().chain([&ming]).collect();
    n.live(GroupKind::Household, "flat 3", &together).await;
    let (kind, name) = (AuthorityKind::Health, "City Health Commission");
    let hospital = n.city.feed(kind, name).await;
    let found = Fact::diagnosis(DiagnosisStatus::Confirmed, n.city.now(), None);
    n.city.submit(&hospital, &ming, found).await;
    run(&n).await;
    let office = n.city.office(kind, name).await;
    let gone = n.city.hire(&office, "Dr Ou", &[Role::Approver]).await;
    let waits = node.batches.list(&gone).await.unwrap().remove(0);
    let answered = node.batches.approve(&gone, waits.id, "seen").await;
    assert_eq!(answered.unwrap(), BatchApproval::AnsweredFor);
    n.city.service.staff.end_own_account(&gone).await.unwrap();
    let approver = n.city.approver().await;
    let again = node.batches.list(&approver).await.unwrap().remove(0);
    assert_eq!(again.submitted, waits.submitted, "a machine's, as before");
    let answered = node.batches.approve(&approver, waits.id, "seen").await;
    assert_eq!(answered.unwrap(), BatchApproval::AnsweredFor);
    are(&n, &people, GREEN).await;
}
