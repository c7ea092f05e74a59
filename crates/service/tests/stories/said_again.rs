//! What is said again, late, or of somebody who was proven meanwhile.

use domain::evidence::{DiagnosisStatus, OpenPeriod, TestKind, TestResult};
use domain::{Fact, PersonId};
use service::{
    AppealDecision, AppealOutcome, AppealRequest, BatchApproval, Cap, Caps, Item, Said, Staff,
    Submission,
};

use crate::accounts::{again, see};
use crate::city::{City, GREEN, Persona, RED, UNDECLARED, YELLOW, hours};

crate::stories! {
    a_list_that_waited_is_about_whom_people_are_when_it_is_approved
    who_sends_a_list_again_did_not_submit_it
    a_look_beforehand_knows_what_was_taken_back
    an_appeal_whose_answer_adds_what_is_known_changes_nothing
    a_proven_case_that_is_sent_again_is_not_traced_again
    a_record_that_cannot_be_read_keeps_nobody_else_waiting
    a_proof_brings_no_visits_into_a_case_unseen
    a_visit_said_at_the_instant_of_a_proof_lies_with_the_proven_person
    what_a_case_says_at_the_instant_of_a_proof_waits_for_a_tracer
    an_appeal_is_answered_at_the_instant_of_a_proof
}

fn item(who: &Persona, said: impl Into<Said>) -> Item {
    Item {
        subject: who.subject(),
        said: said.into(),
    }
}

fn list(items: Vec<Item>) -> Submission {
    Submission {
        request: None,
        content: None,
        items,
    }
}

async fn a_list_that_waited_is_about_whom_people_are_when_it_is_approved(city: City) {
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::RestrictedByBatch, 1);
        })
        .await;
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let items = vec![item(&li, city.contact(5)), item(&wu, city.contact(5))];
    let sent = node.evidence.submit(city.health.submitter(), list(items));
    let held = sent.await.unwrap().held.unwrap();
    see(&city, &li, false).await.unwrap();
    let proven = again(&city, &li).await;
    assert_ne!(proven.id(), li.id());
    assert_eq!(city.status(&proven).await, GREEN);
    let approver = city.approver().await;
    let approved = node.batches.approve(&approver, held, "seen").await;
    assert_eq!(approved.unwrap(), BatchApproval::Taken { changed: 2 });
    city.service.notice_other_nodes().await.unwrap();
    for who in [&proven, &wu] {
        assert_eq!(city.status(who).await, RED, "{}", who.name);
    }
    // It is what the office would have said of the proven person, and goes with it.
    let known = city.service.evidence.own_evidence_of(&proven.resident);
    let known = known.await.unwrap();
    let contact = known
        .iter()
        .find(|one| matches!(one.fact, Fact::Contact { .. }));
    let (by, evidence) = (city.health.submitter(), &city.service.evidence);
    let (whom, contact) = (proven.subject(), contact.unwrap().id);
    evidence.withdraw(by, &whom, contact).await.unwrap();
    assert_eq!(city.status(&proven).await, GREEN);
}

async fn answered(
    city: &City,
    by: &Staff,
    who: &Persona,
    decision: AppealDecision,
) -> AppealOutcome {
    let restrictions = city.report(who).await.explanation.verdict.restrictions;
    let request = AppealRequest {
        request: Some(city.key()),
        against: restrictions[0].finding.evidence.clone(),
        why: "I was not there.".to_owned(),
        file: None,
    };
    let appeals = &city.service.appeals;
    let filed = appeals.file(&who.resident, request).await.unwrap();
    let answer = appeals.answer(by, filed.person, filed.id, decision).await;
    answer.unwrap().answer.unwrap().outcome
}

async fn who_sends_a_list_again_did_not_submit_it(city: City) {
    let li = city.resident("Li").await;
    let contact = city.contact(5);
    let met = city
        .submit(city.health.submitter(), &li, contact.clone())
        .await;
    let colleague = city
        .hire(city.health.authority(), "Dr Mo", &crate::offices::OFFICER)
        .await;
    let sent = city
        .service
        .evidence
        .submit(colleague.submitter(), list(vec![item(&li, contact)]));
    assert_eq!(sent.await.unwrap().accepted[0].evidence, met);
    let decision = AppealDecision {
        reasons: "The shop was closed.".to_owned(),
        withdraw: vec![met],
        add: Vec::new(),
    };
    let outcome = answered(&city, &colleague, &li, decision).await;
    assert_eq!(outcome, AppealOutcome::Changed);
    assert_eq!(city.status(&li).await, GREEN);
}

async fn a_look_beforehand_knows_what_was_taken_back(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let (by, evidence) = (city.health.submitter(), &city.service.evidence);
    let contact = city.contact(5);
    let met = city.submit(by, &li, contact.clone()).await;
    evidence.withdraw(by, &li.subject(), met).await.unwrap();
    let items = [item(&wu, contact.clone()), item(&li, contact)];
    let refused = evidence.check(by, &items).await.unwrap();
    let refused: Vec<_> = refused.iter().map(|one| (one.index, one.field)).collect();
    assert_eq!(refused, [(1, "item")]);
    let receipt = evidence.submit(by, list(items.to_vec())).await.unwrap();
    assert_eq!(receipt.refused.len(), 1, "as it was said before");
    assert_eq!(receipt.refused[0].index, 1);
}

async fn an_appeal_whose_answer_adds_what_is_known_changes_nothing(city: City) {
    let li = city.resident("Li").await;
    let officer = city.officer_of("Commission of Appeals").await;
    let sampled = OpenPeriod::new(city.ago(1), Some(city.now())).unwrap();
    let test = Fact::test(TestKind::Pcr, TestResult::Negative, sampled, None);
    city.submit(officer.submitter(), &li, test.clone()).await;
    city.submit(city.health.submitter(), &li, city.contact(5))
        .await;
    let decision = AppealDecision {
        reasons: "Your test counts already.".to_owned(),
        withdraw: Vec::new(),
        add: vec![Said::Fact(test)],
    };
    let outcome = answered(&city, &officer, &li, decision).await;
    assert_eq!(outcome, AppealOutcome::Upheld);
    assert_eq!(city.status(&li).await, RED);
}

async fn a_proven_case_that_is_sent_again_is_not_traced_again(city: City) {
    let (case, met) = (city.resident("Case").await, city.resident("Met").await);
    let venue = city.venue("A shop", None).await;
    for who in [&case, &met] {
        city.was_at(who, venue, 5, 120).await;
    }
    let officer = city.fresh(city.health.id()).await;
    let by = officer.submitter();
    let diagnosis = Fact::diagnosis(DiagnosisStatus::Confirmed, city.ago(1), None);
    city.submit(by, &case, diagnosis.clone()).await;
    city.service.tracing.run_traces().await.unwrap();
    let contact = city.report(&met).await.explanation.verdict.restrictions[0].clone();
    let cleared = contact.finding.because;
    let (evidence, whom) = (&city.service.evidence, met.subject());
    evidence.withdraw(by, &whom, cleared).await.unwrap();
    assert_eq!(city.status(&met).await, GREEN);
    see(&city, &case, false).await.unwrap();
    let case = again(&city, &case).await;
    city.submit(by, &case, diagnosis).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(city.status(&met).await, GREEN, "an office cleared them");
}

async fn a_record_that_cannot_be_read_keeps_nobody_else_waiting(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    for who in [&li, &wu] {
        city.submit(city.health.submitter(), who, city.contact(5))
            .await;
    }
    let bytes = li.id().to_bytes();
    let li_bytes: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let of_li = match city.base.url.starts_with("postgres") {
        true => format!("'\\x{li_bytes}'"),
        false => format!("x'{li_bytes}'"),
    };
    let broken = format!(
        "UPDATE evidence SET fact = '{{\"kind\":\"of tomorrow\"}}' WHERE person_id = {of_li}"
    );
    city.base.tamper(&broken).await;
    city.pass(hours(24 * 15));
    for swept in [1, 0] {
        assert_eq!(city.service.sweep().await.unwrap(), swept);
    }
    assert_eq!(city.status(&wu).await, UNDECLARED);
}

/// Who knows that they are a case claims their document on a new account, and says there where they were.
async fn a_proof_brings_no_visits_into_a_case_unseen(city: City) {
    let (case, wu) = (city.resident("Case").await, city.resident("Wu").await);
    is_diagnosed_by_document(&city, &case).await;
    let venue = city.venue("A shop", None).await;
    for who in [&case, &wu] {
        city.was_at(who, venue, 5, 120).await;
    }
    see(&city, &case, false).await.unwrap();
    let proven = again(&city, &case).await;
    one_visit_counts_once_a_tracer_looked(&city, &proven, &wu).await;
}

/// The office knows the document, and nobody has proven yet whose account it is.
async fn is_diagnosed_by_document(city: &City, case: &Persona) {
    let officer = city.fresh(city.health.id()).await;
    let document = domain::Document::clone(&case.document);
    let diagnosis = Fact::diagnosis(DiagnosisStatus::Confirmed, city.ago(1), None);
    let about = service::Subject::Document(document);
    let receipt = city.try_submit(officer.submitter(), about, diagnosis).await;
    assert_eq!(receipt.accepted.len(), 1);
}

async fn one_visit_counts_once_a_tracer_looked(city: &City, case: &Persona, met: &Persona) {
    let tracing = &city.service.tracing;
    tracing.run_traces().await.unwrap();
    assert_eq!(city.status(met).await, GREEN, "no tracer has looked");
    let tracer = city.fresh(city.health.id()).await;
    let waiting = tracing.waiting(&tracer, case.id()).await.unwrap();
    assert_eq!(waiting.visits.len(), 1);
    let taken = tracing.take_in(&tracer, case.id(), &waiting.state).await;
    taken.unwrap();
    tracing.run_traces().await.unwrap();
    assert_ne!(city.status(met).await, GREEN);
}

/// The requests of a phone were begun before the proof, so they name the number that the person had.
async fn a_visit_said_at_the_instant_of_a_proof_lies_with_the_proven_person(city: City) {
    let (li, visits) = (city.resident("Li").await, &city.service.visits);
    let (shop, gym) = (
        city.venue("A shop", None).await,
        city.venue("A gym", None).await,
    );
    let scan = city.key();
    let before = visits.check_in(&li.resident, shop, scan).await.unwrap();
    let mistaken = visits.check_in(&li.resident, gym, city.key()).await;
    let mistaken = mistaken.unwrap().visit;
    see(&city, &li, false).await.unwrap();
    let proven = again(&city, &li).await;
    assert_ne!(proven.id(), li.id());
    visits.take_back(&li.resident, mistaken).await.unwrap();
    city.pass(hours(1));
    let left = visits.check_out(&li.resident, before.visit).await.unwrap();
    assert_eq!(left.left, Some(city.now()));
    let second = visits.check_in(&li.resident, gym, city.key()).await;
    city.was_at(&li, shop, 5, 30).await;
    let own = visits.own(&proven.resident).await.unwrap();
    let places: Vec<_> = own.iter().map(|(visit, _)| visit.venue).collect();
    assert_eq!(places, [gym, shop, shop]);
    assert_eq!(own[1].0.left, left.left, "the visit that was repeated");
    let entered = second.unwrap().visit;
    assert_eq!(entered, own[0].0.id);
    visits.take_back(&proven.resident, entered).await.unwrap();
    let third = city.key();
    visits.check_in(&proven.resident, gym, third).await.unwrap();
    let before = at_number(&city, li.id()).await;
    assert_eq!(before, 2, "nothing but what was repeated");
}

/// How many visits lie with a number.
async fn at_number(city: &City, person: PersonId) -> usize {
    let people = city.base.bytes("SELECT person_id FROM visit_by_person");
    let people = people.await;
    let theirs = people.iter().filter(|id| **id == person.to_bytes());
    theirs.count()
}

async fn what_a_case_says_at_the_instant_of_a_proof_waits_for_a_tracer(city: City) {
    let (case, wu) = (city.resident("Case").await, city.resident("Wu").await);
    is_diagnosed_by_document(&city, &case).await;
    let venue = city.venue("A shop", None).await;
    city.was_at(&wu, venue, 5, 120).await;
    see(&city, &case, false).await.unwrap();
    let proven = again(&city, &case).await;
    city.was_at(&case, venue, 5, 120).await;
    assert_eq!(at_number(&city, case.id()).await, 0);
    one_visit_counts_once_a_tracer_looked(&city, &proven, &wu).await;
}

async fn an_appeal_is_answered_at_the_instant_of_a_proof(city: City) {
    let li = city.resident("Li").await;
    let contact = city.contact(5);
    let met = city.submit(city.health.submitter(), &li, contact).await;
    let request = AppealRequest {
        request: Some(city.key()),
        against: vec![met],
        why: "I was not there.".to_owned(),
        file: None,
    };
    let appeals = &city.service.appeals;
    let filed = appeals.file(&li.resident, request).await.unwrap();
    see(&city, &li, false).await.unwrap();
    let proven = again(&city, &li).await;
    assert_ne!(proven.id(), filed.person);
    assert_eq!(
        city.status(&proven).await,
        YELLOW,
        "relief until it is answered"
    );
    // The officer read it before the proof.
    let officer = city.officer_of("Commission of Appeals").await;
    let decision = AppealDecision {
        reasons: "The shop was closed.".to_owned(),
        withdraw: vec![met],
        add: Vec::new(),
    };
    let answer = appeals.answer(&officer, filed.person, filed.id, decision.clone());
    let answer = answer.await.unwrap();
    assert_eq!(answer.person, proven.id());
    assert_eq!(answer.answer.unwrap().outcome, AppealOutcome::Changed);
    assert_eq!(city.status(&proven).await, GREEN);
    let twice = appeals.answer(&officer, filed.person, filed.id, decision);
    let twice = twice.await;
    let is_answered = matches!(twice, Err(service::ServiceError::AppealAnswered));
    assert!(is_answered, "{twice:?}");
}
