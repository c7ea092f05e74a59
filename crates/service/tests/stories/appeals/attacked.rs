//! Appeals by a person who wants more of them than there is: several at once, one key for two, an
//! answer that turns against the person.

use domain::evidence::DiagnosisStatus;
use domain::{Authority, AuthorityKind, Fact, Role};
use jiff::SignedDuration;
use service::{
    AppealDecision, AppealOutcome, Cap, Caps, Item, NewFeed, Said, ServiceError, Submission,
};

use super::{another, answer, contact, decision, file, request};
use crate::city::{City, hours};
use crate::offices::made;

crate::stories! {
    of_appeals_at_the_same_instant_no_more_than_five_are_open
    one_key_files_one_appeal
    an_answer_that_makes_a_case_needs_the_passkey
    who_holds_the_token_of_a_feed_answers_no_appeal_against_what_it_submits
    nor_against_what_two_others_approved
}

async fn of_appeals_at_the_same_instant_no_more_than_five_are_open(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let mut against = vec![met];
    for ago in 1..8 {
        let more = city.contact(ago + 5);
        against.push(city.submit(city.health.submitter(), &li, more).await);
    }
    let appeals = &city.service.appeals;
    let each = against.iter().map(|met| {
        let request = request(&city, &[*met]);
        appeals.file(&li.resident, request)
    });
    let filed = futures::future::join_all(each).await;
    let refused = filed.iter().filter_map(|one| one.as_ref().err());
    let full = |error: &&ServiceError| matches!(error, ServiceError::TooManyAppeals { cap: 5 });
    assert_eq!(refused.filter(full).count(), 3, "{filed:?}");
    assert_eq!(appeals.own(&li.resident).await.unwrap().len(), 5);
}

async fn one_key_files_one_appeal(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let first = request(&city, &[met]);
    let appeals = &city.service.appeals;
    let filed = appeals.file(&li.resident, first.clone()).await.unwrap();
    let mut mended = first.clone();
    mended.why = "It was my brother.".to_owned();
    let mut with_file = first.clone();
    with_file.file = Some(b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n".to_vec());
    for other in [mended, with_file] {
        let refused = appeals.file(&li.resident, other).await.unwrap_err();
        assert!(
            matches!(refused, ServiceError::RequestKeyReused(_)),
            "what it says would be lost: {refused:?}"
        );
    }
    assert_eq!(appeals.file(&li.resident, first).await.unwrap(), filed);
}

async fn an_answer_that_makes_a_case_needs_the_passkey(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    let officer = another(&city).await;
    let ill = || {
        let found = Fact::diagnosis(DiagnosisStatus::Confirmed, city.ago(1), None);
        AppealDecision {
            add: vec![Said::Fact(found)],
            ..decision(&[], "Your test was positive.")
        }
    };
    city.pass(SignedDuration::from_mins(6));
    let refused = answer(&city, &officer, &filed, ill()).await.unwrap_err();
    assert!(matches!(refused, ServiceError::StepUpNeeded), "{refused:?}");
    let officer = city.fresh(officer.id()).await;
    let answered = answer(&city, &officer, &filed, ill()).await.unwrap();
    assert_eq!(answered.answer.unwrap().outcome, AppealOutcome::Changed);
    assert_eq!(
        answered.restrictions[0].was_right,
        Some(false),
        "what speaks against them makes nobody right"
    );
}

/// The machine of a ward.
fn ward(office: &Authority) -> NewFeed {
    NewFeed {
        authority: office.id,
        name: "ward".to_owned(),
        kinds: Vec::new(),
        regions: "".parse().unwrap(),
        rate_per_minute: 60,
        lasts: hours(24),
        public_key: None,
    }
}

async fn who_holds_the_token_of_a_feed_answers_no_appeal_against_what_it_submits(city: City) {
    let office = city.office(AuthorityKind::Health, "Hospital").await;
    let roles = [Role::Administrator, Role::HealthOfficer];
    let maker = city.hire(&office, "Dr Ma", &roles).await;
    let (staff, access) = (&city.service.staff, &city.service.access);
    let (id, first) = made(staff.make_feed(&maker, ward(&office)).await);
    let other = city.hire(&office, "Dr Yi", &roles).await;
    let (_, second) = made(staff.renew_feed(&other, id).await);
    for (token, name, held_by, free) in [
        (first, "Li", &maker, &other),
        (second, "Wu", &other, &maker),
    ] {
        let who = city.resident(name).await;
        let feed = access.submitter(&token).await.unwrap();
        let met = city.submit(&feed, &who, city.contact(5)).await;
        let filed = file(&city, &who, &[met]).await;
        let held_by = city.fresh(held_by.id()).await;
        let own = answer(&city, &held_by, &filed, decision(&[], "No.")).await;
        let own = own.unwrap_err();
        assert!(matches!(own, ServiceError::OwnEvidence), "{name}: {own:?}");
        let free = city.fresh(free.id()).await;
        let answered = answer(&city, &free, &filed, decision(&[met], "A mistake.")).await;
        assert_eq!(city.status(&who).await.as_str(), "green", "{answered:?}");
    }
}

async fn nor_against_what_two_others_approved(city: City) {
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::RestrictedByBatch, 1);
        })
        .await;
    let office = city.office(AuthorityKind::Health, "Hospital").await;
    let roles = [Role::Administrator, Role::HealthOfficer, Role::Approver];
    let maker = city.hire(&office, "Dr Ma", &roles).await;
    let (_, token) = made(city.service.staff.make_feed(&maker, ward(&office)).await);
    let feed = city.service.access.submitter(&token).await.unwrap();
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let items = [&li, &wu].map(|who| Item {
        subject: who.subject(),
        said: city.contact(5).into(),
    });
    let submission = Submission {
        request: None,
        content: None,
        items: items.into(),
    };
    let held = node.evidence.submit(&feed, submission).await.unwrap().held;
    for name in ["Dr Yi", "Dr Er"] {
        let approver = city.hire(&office, name, &roles).await;
        let approved = node.batches.approve(&approver, held.unwrap(), "seen").await;
        approved.unwrap();
    }
    city.service.notice_other_nodes().await.unwrap();
    let filed = file(&city, &li, &[]).await;
    let maker = city.fresh(maker.id()).await;
    let own = answer(&city, &maker, &filed, decision(&[], "No.")).await;
    let own = own.unwrap_err();
    assert!(matches!(own, ServiceError::OwnEvidence), "{own:?}");
}
