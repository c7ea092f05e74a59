//! Confirming a case and finding its contacts.

use std::time::Duration;

use domain::evidence::{OpenPeriod, Period, Relation, Ring, TestKind, TestResult};
use domain::{Document, DocumentKind, Evidence, Fact, VenueId};
use jiff::SignedDuration;
use service::{
    CaseEntry, CaseReport, Entered, NamedContact, Resident, ServiceError, Subject, TRACER_AUTHORITY,
};

use crate::city::{City, GREEN, Persona, RED, YELLOW, hours};

crate::stories! {
    the_contacts_of_a_case_turn_and_nobody_else
    a_repeated_job_doubles_nothing
    a_repeated_report_that_leaves_the_time_open_is_answered_with_the_first_window
    a_crash_between_diagnosis_and_tracing_loses_no_contact
    a_withdrawn_diagnosis_frees_those_it_led_to
    a_diagnosis_withdrawn_before_it_is_traced_leads_to_nobody
    the_infectious_window_begins_before_onset_or_else_the_first_positive_sample
    workers_trace_a_case_by_themselves_and_stop_when_told
    the_contacts_of_contacts_are_found_over_many_venues
    a_case_of_somebody_whom_nobody_named_is_entered_with_whom_it_names
    a_case_is_entered_whole_or_not_at_all
}

/// Ming had tea with Li; Li sat in the library with Wu; Hu came to the teahouse when Ming had left,
/// and Gao for ten minutes only.
pub struct Afternoon {
    pub ming: Persona,
    pub li: Persona,
    pub wu: Persona,
    pub hu: Persona,
    pub gao: Persona,
    pub teahouse: VenueId,
}

pub async fn afternoon(city: &City) -> Afternoon {
    let teahouse = city.venue("Lake Teahouse", None).await;
    let library = city.venue("City Library", None).await;
    let ming = city.resident("Ming").await;
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    let hu = city.resident("Hu").await;
    let gao = city.resident("Gao").await;
    city.was_at(&ming, teahouse, 26, 60).await;
    city.was_at(&li, teahouse, 26, 45).await;
    city.was_at(&gao, teahouse, 26, 10).await;
    city.was_at(&hu, teahouse, 24, 60).await;
    city.was_at(&li, library, 20, 120).await;
    city.was_at(&wu, library, 19, 120).await;
    Afternoon {
        ming,
        li,
        wu,
        hu,
        gao,
        teahouse,
    }
}

impl Afternoon {
    pub async fn statuses(&self, city: &City) -> Vec<String> {
        let mut statuses = Vec::new();
        for who in [&self.ming, &self.li, &self.wu, &self.hu, &self.gao] {
            statuses.push(format!("{} {}", who.name, city.status(who).await));
        }
        statuses
    }
}

const ALL_GREEN: [&str; 5] = [
    "Ming green",
    "Li green",
    "Wu green",
    "Hu green",
    "Gao green",
];
pub const TRACED: [&str; 5] = ["Ming red", "Li red", "Wu yellow", "Hu green", "Gao green"];

pub async fn contacts_of(city: &City, who: &Resident) -> Vec<Evidence> {
    let evidence = city.service.evidence.own_evidence_of(who).await.unwrap();
    let is_contact = |piece: &Evidence| matches!(piece.fact, Fact::Contact { .. });
    evidence.into_iter().filter(is_contact).collect()
}

async fn the_contacts_of_a_case_turn_and_nobody_else(city: City) {
    let people = afternoon(&city).await;
    assert_eq!(people.statuses(&city).await, ALL_GREEN);
    city.confirm(&people.ming).await;
    let summary = city.service.tracing.run_traces().await.unwrap();
    assert_eq!((summary.jobs, summary.contacts, summary.changed), (1, 2, 2));
    assert_eq!(people.statuses(&city).await, TRACED);

    let contacts = contacts_of(&city, &people.li.resident).await;
    assert_eq!(contacts.len(), 1);
    assert_eq!(contacts[0].authority, TRACER_AUTHORITY);
    let expected = Fact::contact(
        Some(people.ming.id()),
        Relation::Venue,
        Ring::FIRST,
        Period::new(city.ago(26), city.ago(26) + SignedDuration::from_mins(45)).unwrap(),
        Some(45),
    );
    assert_eq!(contacts[0].fact, expected);
    let report = city.report(&people.li).await;
    let reason = &report.explanation.restrictions[0];
    assert_eq!(
        report.authority_name(reason.finding.authority),
        Some("Contact tracing")
    );
}

async fn a_repeated_job_doubles_nothing(city: City) {
    let people = afternoon(&city).await;
    let report = CaseReport {
        request: Some(city.key()),
        subject: people.ming.subject(),
        found_at: Some(city.now()),
        onset: None,
        is_asymptomatic: true,
    };
    let first = city
        .service
        .tracing
        .confirm_case(&city.officer().await, report.clone())
        .await
        .unwrap();
    city.service.tracing.run_traces().await.unwrap();
    let before = contacts_of(&city, &people.li.resident).await;
    let again = city
        .service
        .tracing
        .confirm_case(&city.officer().await, report)
        .await
        .unwrap();
    assert_eq!(again, first);
    city.base
        .tamper("UPDATE trace_job SET finished_at = NULL, contacts = NULL")
        .await;
    let summary = city.service.tracing.run_traces().await.unwrap();
    assert_eq!((summary.jobs, summary.contacts, summary.changed), (1, 2, 0));
    assert_eq!(contacts_of(&city, &people.li.resident).await, before);
    assert_eq!(city.service.tracing.run_traces().await.unwrap().jobs, 0);
}

async fn a_repeated_report_that_leaves_the_time_open_is_answered_with_the_first_window(city: City) {
    let ming = city.resident("Ming").await;
    let mut report = CaseReport {
        request: Some(city.key()),
        subject: ming.subject(),
        found_at: None,
        onset: None,
        is_asymptomatic: false,
    };
    let confirm = async |report| {
        city.service
            .tracing
            .confirm_case(&city.officer().await, report)
            .await
    };
    let first = confirm(report.clone()).await.unwrap();
    assert_eq!(first.until, city.now());
    city.pass(hours(1));
    assert_eq!(confirm(report.clone()).await.unwrap(), first);
    report.onset = Some(city.ago(24));
    let refused = confirm(report).await.unwrap_err();
    let is_refused = matches!(refused, ServiceError::RequestKeyReused(_));
    assert!(is_refused, "another report under the same key: {refused}");
}

async fn a_crash_between_diagnosis_and_tracing_loses_no_contact(mut city: City) {
    let people = afternoon(&city).await;
    city.confirm(&people.ming).await;
    city.crash().await;
    assert_eq!(city.status(&people.ming).await, RED);
    assert_eq!(city.status(&people.li).await, GREEN);
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(people.statuses(&city).await, TRACED);

    // It dies again after the contacts were written and before the job was marked as finished.
    city.base
        .tamper("UPDATE trace_job SET finished_at = NULL, contacts = NULL")
        .await;
    city.crash().await;
    let summary = city.service.tracing.run_traces().await.unwrap();
    assert_eq!((summary.jobs, summary.changed), (1, 0));
    assert_eq!(people.statuses(&city).await, TRACED);
}

async fn a_withdrawn_diagnosis_frees_those_it_led_to(city: City) {
    let people = afternoon(&city).await;
    let diagnosis = city.confirm(&people.ming).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(people.statuses(&city).await, TRACED);
    let by = city.health.submitter();
    city.service
        .evidence
        .withdraw(by, &people.ming.subject(), diagnosis)
        .await
        .unwrap();
    let summary = city.service.tracing.run_traces().await.unwrap();
    assert_eq!((summary.jobs, summary.contacts, summary.changed), (1, 0, 2));
    assert_eq!(people.statuses(&city).await, ALL_GREEN);
    city.base
        .tamper("UPDATE trace_job SET finished_at = NULL, contacts = NULL")
        .await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(
        people.statuses(&city).await,
        ALL_GREEN,
        "both jobs may run again, in any order"
    );
}

async fn a_diagnosis_withdrawn_before_it_is_traced_leads_to_nobody(city: City) {
    let people = afternoon(&city).await;
    let diagnosis = city.confirm(&people.ming).await;
    let by = city.health.submitter();
    city.service
        .evidence
        .withdraw(by, &people.ming.subject(), diagnosis)
        .await
        .unwrap();
    let summary = city.service.tracing.run_traces().await.unwrap();
    assert_eq!((summary.jobs, summary.contacts), (2, 0));
    assert_eq!(people.statuses(&city).await, ALL_GREEN);
}

async fn the_infectious_window_begins_before_onset_or_else_the_first_positive_sample(city: City) {
    let ming = city.resident("Ming").await;
    let report = |onset| CaseReport {
        request: None,
        subject: ming.subject(),
        found_at: None,
        onset,
        is_asymptomatic: false,
    };
    let confirm = async |onset| {
        let case = city
            .service
            .tracing
            .confirm_case(&city.officer().await, report(onset))
            .await
            .unwrap();
        assert_eq!(case.until, city.now());
        case.from
    };
    assert_eq!(confirm(None).await, city.ago(48));
    // The same report at the same second would be the same diagnosis.
    city.pass(SignedDuration::from_secs(1));
    for hours_ago in [30, 20, 24 * 15] {
        let test = Fact::test(
            TestKind::Pcr,
            TestResult::Positive,
            OpenPeriod::new(city.ago(hours_ago), Some(city.ago(1))).unwrap(),
            Some("Lake Laboratory".to_owned()),
        );
        city.submit(&city.laboratory, &ming, test).await;
    }
    assert_eq!(confirm(None).await, city.ago(30 + 48));
    assert_eq!(confirm(Some(city.ago(100))).await, city.ago(100 + 48));
}

async fn workers_trace_a_case_by_themselves_and_stop_when_told(city: City) {
    let people = afternoon(&city).await;
    let workers = city.service.spawn_workers();
    city.confirm(&people.ming).await;
    let turned = async {
        while city.status(&people.wu).await != YELLOW {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), turned)
        .await
        .unwrap();
    workers.stop().await;
    assert_eq!(people.statuses(&city).await, TRACED);
}

async fn the_contacts_of_contacts_are_found_over_many_venues(city: City) {
    let ming = city.resident("Ming").await;
    let names = ["An", "Bo", "Cai", "Dan", "En", "Fu"];
    let mut met = Vec::new();
    for (count, name) in names.into_iter().enumerate() {
        let hours_ago = 10 + 3 * count as i64;
        let venue = city.venue(name, None).await;
        let who = city.resident(name).await;
        city.was_at(&ming, venue, hours_ago, 30).await;
        city.was_at(&who, venue, hours_ago, 30).await;
        let other = city.venue(name, None).await;
        city.was_at(&who, other, hours_ago - 2, 60).await;
        met.push((who, other, hours_ago - 2));
    }
    let wu = city.resident("Wu").await;
    let hu = city.resident("Hu").await;
    for (_, venue, hours_ago) in &met[..2] {
        city.was_at(&wu, *venue, *hours_ago, 20).await;
        city.was_at(&hu, *venue, *hours_ago + 8, 20).await;
    }
    city.confirm(&ming).await;
    assert_eq!(city.service.tracing.run_traces().await.unwrap().contacts, 7);
    for (who, ..) in &met {
        assert_eq!(city.status(who).await, RED, "{}", who.name);
    }
    assert_eq!(city.status(&wu).await, YELLOW);
    assert_eq!(
        city.status(&hu).await,
        GREEN,
        "who was there eight hours earlier met nobody"
    );
    city.pass(hours(24 * 8));
    assert_eq!(city.status(&wu).await, GREEN);
}

fn entry(city: &City, who: Subject, contacts: Vec<Subject>) -> CaseEntry {
    let named = |subject| NamedContact {
        subject,
        relation: Relation::Close,
        period: Period::new(city.ago(30), city.ago(29)).unwrap(),
        minutes: Some(60),
        ends_now: false,
    };
    CaseEntry {
        case: CaseReport {
            request: Some(city.key()),
            subject: who,
            found_at: None,
            onset: Some(city.ago(48)),
            is_asymptomatic: false,
        },
        contacts: contacts.into_iter().map(named).collect(),
        content: None,
        is_another_illness: false,
    }
}

async fn a_case_of_somebody_whom_nobody_named_is_entered_with_whom_it_names(city: City) {
    let li = city.resident("Li").await;
    let stranger = Document::new(DocumentKind::Passport, "NEVERSEEN1").unwrap();
    let entry = entry(&city, Subject::Document(stranger), vec![li.subject()]);
    let officer = city.fresh(city.health.id()).await;
    let tracing = &city.service.tracing;
    let first = tracing.enter_case(&officer, entry.clone()).await.unwrap();
    assert!(matches!(first, Entered::Done(_, 1)), "{first:?}");
    assert_eq!(city.status(&li).await, RED);
    let same = entry.clone();
    let again = tracing.enter_case(&officer, entry).await.unwrap();
    assert_eq!(again, first, "the form was sent twice");
    assert_eq!(contacts_of(&city, &li.resident).await.len(), 1);
    // Another form that says the same, an hour later.
    city.pass(hours(1));
    let mut later = same;
    later.case.request = Some(city.key());
    let officer = city.fresh(city.health.id()).await;
    let known = tracing.enter_case(&officer, later.clone()).await.unwrap();
    let Entered::Done(case, _) = &first else {
        panic!("{first:?}")
    };
    assert!(
        matches!(known, Entered::Known(known) if known.diagnosis == case.diagnosis),
        "the office has this case: {known:?}"
    );
    // Of what another office found nothing is told.
    let other = city.officer_of("Commission of Records").await;
    let other = city.fresh(other.id()).await;
    let mut theirs = later.clone();
    theirs.contacts.clear();
    theirs.case.request = Some(city.key());
    let entered = tracing.enter_case(&other, theirs).await.unwrap();
    assert!(matches!(entered, Entered::Done(_, 0)), "{entered:?}");
    later.is_another_illness = true;
    let entered = tracing.enter_case(&officer, later).await.unwrap();
    assert!(matches!(entered, Entered::Done(_, 1)), "{entered:?}");
    assert_eq!(contacts_of(&city, &li.resident).await.len(), 1);
}

async fn a_case_is_entered_whole_or_not_at_all(city: City) {
    let li = city.resident("Li").await;
    // Nobody has this identifier.
    let nobody = Subject::Person(domain::PersonId::from_u128(77));
    let stranger = Document::new(DocumentKind::Passport, "NEVERSEEN2").unwrap();
    let mut entry = entry(
        &city,
        Subject::Document(stranger),
        vec![li.subject(), nobody],
    );
    let officer = city.fresh(city.health.id()).await;
    let tracing = &city.service.tracing;
    let refused = tracing.enter_case(&officer, entry.clone()).await.unwrap();
    assert!(
        matches!(&refused, Entered::Refused(lines) if lines[0].line == Some(1)),
        "{refused:?}"
    );
    assert_eq!(
        city.status(&li).await,
        GREEN,
        "nobody turns for a case that is not there"
    );
    // Its key is not used up.
    entry.contacts.pop();
    let done = tracing.enter_case(&officer, entry).await.unwrap();
    assert!(matches!(done, Entered::Done(_, 1)), "{done:?}");
}
