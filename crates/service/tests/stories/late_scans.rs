//! Scans that come in after a case was traced.

use domain::evidence::{OpenPeriod, Period, Relation, Ring};
use domain::{Evidence, Fact, Role, VenueId};
use jiff::SignedDuration;
use service::{Did, Scan, ServiceError, TRACER_AUTHORITY, TakenIn};

use crate::audit::{auditor, entries};
use crate::cases::{TRACED, afternoon, contacts_of};
use crate::city::{City, GREEN, Persona, RED, YELLOW};
use crate::ends::rows;

crate::stories! {
    a_scan_uploaded_after_the_trace_makes_a_contact_once
    a_scan_of_the_case_itself_finds_those_who_were_there
    two_tracers_who_decide_at_once_decide_once
    a_scan_of_a_contact_finds_the_contacts_of_that_contact
    a_scan_where_nobody_looked_opens_no_trace
    a_crash_after_the_upload_loses_no_contact
    a_longer_time_together_replaces_the_shorter_one
    who_meets_the_case_after_all_is_in_one_ring_only
    a_check_out_that_comes_late_frees_whoever_had_left_before
    a_contact_that_an_authority_withdrew_stays_withdrawn
    a_scan_after_the_diagnosis_was_withdrawn_restricts_nobody
    visits_that_an_authority_reports_late_are_traced_too
}

/// Contacts that were not withdrawn.
pub async fn standing(city: &City, who: &Persona) -> Vec<Fact> {
    let all = city
        .service
        .evidence
        .own_evidence_of(&who.resident)
        .await
        .unwrap();
    let withdrawn: Vec<_> = all
        .iter()
        .filter_map(|piece| match piece.fact {
            Fact::Withdrawal { of, .. } => Some(of),
            _ => None,
        })
        .collect();
    let contacts = contacts_of(city, &who.resident).await.into_iter();
    let stands = contacts.filter(|piece: &Evidence| !withdrawn.contains(&piece.id));
    stands.map(|piece| piece.fact).collect()
}

/// Ring and minutes of the only contact that stands.
async fn contact(city: &City, who: &Persona) -> (u8, Option<u32>) {
    match standing(city, who).await[..] {
        [Fact::Contact { ring, minutes, .. }] => (ring.get(), minutes),
        ref other => panic!("{} has {other:?}", who.name),
    }
}

async fn traced(city: &City) -> crate::cases::Afternoon {
    let people = afternoon(city).await;
    city.confirm(&people.ming).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(people.statuses(city).await, TRACED);
    people
}

async fn a_scan_uploaded_after_the_trace_makes_a_contact_once(city: City) {
    let people = traced(&city).await;
    let tao = city.resident("Tao").await;
    let scan = Scan {
        sign: None,
        id: city.key(),
        venue: people.teahouse,
        entered: city.ago(26),
        left: Some(city.ago(25)),
    };
    let scans = std::slice::from_ref(&scan);
    city.service
        .visits
        .upload_scans(&tao.resident, scans)
        .await
        .unwrap();
    assert_eq!(city.status(&tao).await, GREEN);
    let summary = city.service.tracing.run_traces().await.unwrap();
    assert_eq!((summary.jobs, summary.contacts, summary.changed), (1, 3, 1));
    assert_eq!(city.status(&tao).await, RED);
    assert_eq!(contact(&city, &tao).await, (1, Some(60)));
    assert_eq!(people.statuses(&city).await, TRACED, "nobody else");

    city.service
        .visits
        .upload_scans(&tao.resident, scans)
        .await
        .unwrap();
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 0);
    city.base
        .tamper("UPDATE trace_job SET finished_at = NULL, contacts = NULL")
        .await;
    let again = city.service.tracing.run_traces().await.unwrap();
    assert_eq!((again.jobs, again.contacts, again.changed), (1, 3, 0));
    for who in [&people.li, &people.wu, &tao] {
        assert_eq!(contacts_of(&city, &who.resident).await.len(), 1);
    }
}

async fn a_scan_of_the_case_itself_finds_those_who_were_there(city: City) {
    let people = traced(&city).await;
    let market = city.venue("West Market", None).await;
    city.was_at(&people.hu, market, 15, 60).await;
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 0);
    // Ming knows of the diagnosis: what the phone says now waits until a tracer has talked to Ming.
    city.was_at(&people.ming, market, 15, 30).await;
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 0);
    assert_eq!(city.status(&people.hu).await, GREEN);
    let tracing = &city.service.tracing;
    let waiting = tracing.waiting(&city.health, people.ming.id()).await;
    let waiting = waiting.unwrap();
    assert_eq!(waiting.visits[0].venue, market);
    for expected in [1, 0] {
        let taken = tracing.take_in(&city.health, people.ming.id(), &waiting.state);
        let taken = taken.await;
        assert_eq!(taken.unwrap().visits, expected);
    }
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 1);
    assert_eq!(city.status(&people.hu).await, RED);
    assert_eq!(contact(&city, &people.hu).await, (1, Some(30)));
}

async fn two_tracers_who_decide_at_once_decide_once(city: City) {
    let people = traced(&city).await;
    let office = city.health.authority().clone();
    let colleague = city.hire(&office, "Xiao Bai", &[Role::Tracer]).await;
    let market = city.venue("West Market", None).await;
    let tracing = &city.service.tracing;
    let taken_in = async || rows(&city, "SELECT visit_id FROM visit_by_venue").await;
    for hour in 1..=4 {
        city.was_at(&people.ming, market, 15 + hour, 30).await;
        let seen = tracing.waiting(&city.health, people.ming.id()).await;
        let (seen, before) = (seen.unwrap().state, taken_in().await);
        let (taken, refused) = tokio::join!(
            tracing.take_in(&city.health, people.ming.id(), &seen),
            tracing.refuse(&colleague, people.ming.id(), &seen),
        );
        let decided = |result: &service::Result<TakenIn>| match result {
            Ok(decided) => decided.visits,
            Err(ServiceError::WaitingChanged) => 0,
            Err(error) => panic!("{error}"),
        };
        let (taken, refused) = (decided(&taken), decided(&refused));
        assert_eq!(taken + refused, 1, "one of them decided");
        assert_eq!(taken_in().await - before, taken, "and that came of it");
    }
    let log = entries(&city, &auditor(&city).await).await;
    let log: Vec<Did> = log
        .iter()
        .filter_map(|one| Some(one.entry.as_ref()?.did))
        .collect();
    let of = |did: Did| log.iter().filter(|one| **one == did).count();
    let decided = of(Did::WaitingVisitsTakenIn) + of(Did::WaitingVisitsRefused);
    assert_eq!(decided, 4, "nobody is said to have decided who did not");
}

async fn a_scan_of_a_contact_finds_the_contacts_of_that_contact(city: City) {
    let people = traced(&city).await;
    let market = city.venue("West Market", None).await;
    city.was_at(&people.hu, market, 15, 60).await;
    city.was_at(&people.li, market, 15, 30).await;
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 1);
    assert_eq!(city.status(&people.hu).await, YELLOW);
    assert_eq!(contact(&city, &people.hu).await, (2, Some(30)));
}

async fn a_scan_where_nobody_looked_opens_no_trace(city: City) {
    let people = traced(&city).await;
    let market = city.venue("West Market", None).await;
    city.was_at(&people.gao, market, 20, 60).await;
    city.was_at(&people.gao, people.teahouse, 60, 60).await;
    city.was_at(&people.gao, people.teahouse, 2, 60).await;
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 0);
    let entered = city
        .service
        .visits
        .check_in(&people.gao.resident, people.teahouse, city.key())
        .await
        .unwrap();
    city.pass(SignedDuration::from_mins(90));
    city.service
        .visits
        .check_out(&people.gao.resident, entered.visit)
        .await
        .unwrap();
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 0);
    assert_eq!(people.statuses(&city).await, TRACED);
}

async fn a_crash_after_the_upload_loses_no_contact(mut city: City) {
    let people = traced(&city).await;
    let tao = city.resident("Tao").await;
    city.was_at(&tao, people.teahouse, 26, 30).await;
    city.crash().await;
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 1);
    assert_eq!(city.status(&tao).await, RED);
}

async fn a_longer_time_together_replaces_the_shorter_one(city: City) {
    let people = traced(&city).await;
    assert_eq!(contact(&city, &people.li).await, (1, Some(45)));
    let market = city.venue("West Market", None).await;
    city.was_at(&people.li, market, 15, 60).await;
    city.was_at(&people.ming, market, 15, 60).await;
    let tracing = &city.service.tracing;
    let waiting = tracing.waiting(&city.health, people.ming.id()).await;
    let seen = waiting.unwrap().state;
    let taken = tracing.take_in(&city.health, people.ming.id(), &seen).await;
    assert_eq!(taken.unwrap().visits, 1, "it waited for a tracer");
    city.service.tracing.run_traces().await.unwrap();
    let stands = standing(&city, &people.li).await;
    let expected = Fact::contact(
        Some(people.ming.id()),
        Relation::Venue,
        Ring::FIRST,
        Period::new(city.ago(26), city.ago(14)).unwrap(),
        Some(105),
    );
    assert_eq!(stands, [expected]);
    assert_eq!(people.statuses(&city).await, TRACED);
}

async fn who_meets_the_case_after_all_is_in_one_ring_only(city: City) {
    let people = traced(&city).await;
    assert_eq!(contact(&city, &people.wu).await.0, 2);
    city.was_at(&people.wu, people.teahouse, 26, 60).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(contact(&city, &people.wu).await, (1, Some(60)));
    assert_eq!(city.status(&people.wu).await, RED);
}

async fn a_check_out_that_comes_late_frees_whoever_had_left_before(city: City) {
    let people = afternoon(&city).await;
    let id = city.key();
    let scan = |venue: VenueId, left| Scan {
        sign: None,
        id,
        venue,
        entered: city.ago(27),
        left,
    };
    let open = scan(people.teahouse, None);
    let tao = city.resident("Tao").await;
    city.service
        .visits
        .upload_scans(&tao.resident, &[open])
        .await
        .unwrap();
    city.confirm(&people.ming).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(
        city.status(&tao).await,
        RED,
        "an open visit lasts for hours"
    );
    let closed = scan(
        people.teahouse,
        Some(city.ago(26) - SignedDuration::from_mins(5)),
    );
    city.service
        .visits
        .upload_scans(&tao.resident, &[closed])
        .await
        .unwrap();
    let summary = city.service.tracing.run_traces().await.unwrap();
    assert_eq!(
        (summary.jobs, summary.changed),
        (1, 2),
        "and Hu, who met Tao only as long as Tao seemed to be there"
    );
    assert_eq!(city.status(&tao).await, GREEN);
    assert_eq!(people.statuses(&city).await, TRACED);
}

async fn a_contact_that_an_authority_withdrew_stays_withdrawn(city: City) {
    let people = traced(&city).await;
    let found = contacts_of(&city, &people.li.resident).await;
    assert_eq!(found[0].authority, TRACER_AUTHORITY);
    let health = city.health.submitter();
    city.service
        .evidence
        .withdraw(health, &people.li.subject(), found[0].id)
        .await
        .unwrap();
    assert_eq!(city.status(&people.li).await, GREEN);
    let market = city.venue("West Market", None).await;
    city.was_at(&people.li, market, 15, 60).await;
    city.was_at(&people.ming, market, 15, 60).await;
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 1);
    assert_eq!(city.status(&people.li).await, GREEN);
    assert_eq!(standing(&city, &people.li).await, []);
}

async fn a_scan_after_the_diagnosis_was_withdrawn_restricts_nobody(city: City) {
    let people = afternoon(&city).await;
    let diagnosis = city.confirm(&people.ming).await;
    city.service.tracing.run_traces().await.unwrap();
    let health = city.health.submitter();
    city.service
        .evidence
        .withdraw(health, &people.ming.subject(), diagnosis)
        .await
        .unwrap();
    city.service.tracing.run_traces().await.unwrap();
    let tao = city.resident("Tao").await;
    city.was_at(&tao, people.teahouse, 26, 60).await;
    city.service.tracing.run_traces().await.unwrap();
    for who in [&people.li, &people.wu, &tao] {
        assert_eq!(city.status(who).await, GREEN, "{}", who.name);
    }
}

async fn visits_that_an_authority_reports_late_are_traced_too(city: City) {
    let people = traced(&city).await;
    let tao = city.resident("Tao").await;
    let visit = Fact::visit(
        people.teahouse,
        None,
        OpenPeriod::new(city.ago(26), Some(city.ago(25))).unwrap(),
    );
    let by = city
        .service
        .access
        .act_for(&city.operator, "Contact tracing")
        .await
        .unwrap();
    city.submit(&by, &tao, visit).await;
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 1);
    assert_eq!(city.status(&tao).await, RED);
}
