//! Submitting evidence, without a service around it.

use std::sync::Arc;

use domain::evidence::{DiagnosisStatus, OpenPeriod, TestKind, TestResult};
use domain::{
    AuthorityId, AuthorityKind, Document, DocumentKind, EvidenceId, Fact, PersonId, Timestamp,
};
use jiff::SignedDuration;

use super::{HeldBatches, Item, Subject, Submission, Submissions};
use crate::access::{Operator, Submitter};
use crate::people::PersonFinder;
use crate::people::keys::fact_id;
use crate::testing::Fixture;
use crate::tracing::CaseWindows;
use crate::two_persons::TwoPersons;
use crate::visits::Visits;

/// The room, and the laboratory that submits.
async fn room(fixture: &Fixture) -> (Submissions, Submitter) {
    let (store, settings) = (&fixture.store, &fixture.settings);
    let (policies, sessions) = (fixture.policies().await, fixture.sessions());
    let (access, verdicts) = (fixture.access(&sessions), fixture.verdicts(&policies));
    let operator = Operator::at_the_command_line("the operator");
    let kind = AuthorityKind::Laboratory;
    let added = access.add_authority(&operator, kind, "Laboratory 1", settings.issuer);
    added.await.unwrap();
    let laboratory = access.act_for(&operator, "Laboratory 1").await.unwrap();
    let cases = CaseWindows::new(Arc::clone(store), fixture.clock(), Arc::clone(settings));
    let cases = Arc::new(cases);
    let two_persons = TwoPersons {
        store: Arc::clone(store),
        clock: fixture.clock(),
        ids: fixture.ids(),
        settings: Arc::clone(settings),
        access: Arc::clone(&access),
    };
    let held = HeldBatches {
        store: Arc::clone(store),
        clock: fixture.clock(),
        ids: fixture.ids(),
        keys: fixture.keys.clone(),
        access: Arc::clone(&access),
        verdicts: Arc::clone(&verdicts),
        cases: Arc::clone(&cases),
        two_persons: Arc::new(two_persons),
        wake: Arc::clone(&fixture.wake),
    };
    let people = PersonFinder {
        store: Arc::clone(store),
        ids: fixture.ids(),
        keys: fixture.keys.clone(),
        settings: Arc::clone(settings),
        access: Arc::clone(&access),
        policies: Arc::clone(&policies),
        verdicts: Arc::clone(&verdicts),
    };
    let visits = Visits::new(
        Arc::clone(store),
        fixture.clock(),
        fixture.ids(),
        Arc::clone(settings),
        fixture.keys.clone(),
        Arc::clone(&policies),
        Arc::clone(&verdicts),
        Arc::clone(&fixture.wake),
    );
    let submissions = Submissions {
        store: Arc::clone(store),
        clock: fixture.clock(),
        ids: fixture.ids(),
        keys: fixture.keys.clone(),
        settings: Arc::clone(settings),
        access,
        people: Arc::new(people),
        policies,
        verdicts,
        visits: Arc::new(visits),
        checks: Arc::new(fixture.checks(&Arc::default())),
        held: Arc::new(held),
        cases,
        wake: Arc::clone(&fixture.wake),
    };
    (submissions, laboratory)
}

#[tokio::test]
async fn what_a_laboratory_sends_again_the_next_day_is_the_same_evidence() {
    let fixture = Fixture::new().await;
    let (submissions, laboratory) = room(&fixture).await;
    let document = Document::new(DocumentKind::Passport, "L0000001").unwrap();
    let at = domain::Clock::now(&*fixture.clock) - SignedDuration::from_hours(5);
    let test = |result| Item {
        subject: Subject::Document(document.clone()),
        said: Fact::test(TestKind::Pcr, result, OpenPeriod::since(at), None).into(),
    };
    let list = |items| Submission {
        request: None,
        content: None,
        items,
    };
    let negative = vec![test(TestResult::Negative)];
    let first = submissions
        .submit(&laboratory, list(negative.clone()))
        .await;
    let first = first.unwrap();
    assert_eq!((first.accepted.len(), first.refused.len()), (1, 0));
    fixture.clock.advance(SignedDuration::from_hours(24));
    let longer = [negative, vec![test(TestResult::Positive)]].concat();
    let second = submissions.submit(&laboratory, list(longer)).await.unwrap();
    assert_eq!(second.accepted[0], first.accepted[0]);
    assert_ne!(second.accepted[1].evidence, first.accepted[0].evidence);
    assert_eq!(second.accepted[1].person, first.accepted[0].person);
}

/// What is imported again next year is the same evidence, whatever a type prints by then.
#[test]
fn the_identifier_of_a_fact_stays() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let (authority, person) = (AuthorityId::from_u128(1), PersonId::from_u128(2));
    let of = |onset| {
        let fact = Fact::diagnosis(DiagnosisStatus::Confirmed, at(1_581_904_800), onset);
        fact_id(authority, person, &fact)
    };
    let id = of(Some(at(1_581_573_600)));
    assert_eq!(
        id,
        EvidenceId::from_u128(0x77fa_f70b_653d_1f4c_6380_2714_7b6b_25c2)
    );
    assert_ne!(id, of(None));
}
