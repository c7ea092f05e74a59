//! Appeals: filed, seen, answered in time or not, and what they grant meanwhile.

mod attacked;
mod in_time;
mod kept;

use domain::evidence::{OpenPeriod, TestKind, TestResult};
use domain::{AppealId, AuthorityKind, EvidenceId, Fact, Region, Role};
use service::{
    AppealDecision, AppealOutcome, AppealRequest, AppealState, AppealView, Result, Said,
    ServiceError, Staff,
};

use crate::city::{City, GREEN, Persona, RED, YELLOW, hours};
use crate::offices::OFFICER;
use crate::regions::living_in;

crate::stories! {
    red_is_yellow_at_once_and_green_with_the_answer
    an_answer_may_say_that_the_evidence_stays
    an_answer_may_add_what_was_not_known
    an_appeal_is_in_the_queue_of_its_region_at_once
    a_decision_needs_reasons_and_somebody_who_did_not_submit_the_evidence
    who_confirmed_a_case_decides_no_appeal_of_its_contacts
    two_who_answer_at_once_give_one_answer
    an_appeal_against_a_diagnosis_grants_nothing_until_it_is_answered
    only_restrictions_of_ones_own_are_appealed_against_and_each_once
    a_repeated_appeal_counts_once
}

fn request(city: &City, against: &[EvidenceId]) -> AppealRequest {
    AppealRequest {
        request: Some(city.key()),
        against: against.to_vec(),
        why: "I was not in that shop; my sister had my phone.".to_owned(),
        file: None,
    }
}

async fn file(city: &City, who: &Persona, against: &[EvidenceId]) -> AppealView {
    let filed = city
        .service
        .appeals
        .file(&who.resident, request(city, against));
    filed.await.unwrap()
}

fn decision(withdraw: &[EvidenceId], reasons: &str) -> AppealDecision {
    AppealDecision {
        reasons: reasons.to_owned(),
        withdraw: withdraw.to_vec(),
        add: Vec::new(),
    }
}

async fn answer(
    city: &City,
    by: &Staff,
    appeal: &AppealView,
    decision: AppealDecision,
) -> Result<AppealView> {
    let appeals = &city.service.appeals;
    appeals.answer(by, appeal.person, appeal.id, decision).await
}

/// Somebody whom the health office reported as a close contact.
async fn contact(city: &City, name: &'static str) -> (Persona, EvidenceId) {
    let who = city.resident(name).await;
    let id = city
        .submit(city.health.submitter(), &who, city.contact(5))
        .await;
    assert_eq!(city.status(&who).await, RED);
    (who, id)
}

/// An officer who submitted nothing.
async fn another(city: &City) -> Staff {
    city.officer_of("Commission of Appeals").await
}

async fn red_is_yellow_at_once_and_green_with_the_answer(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let phone = city.enrol(&li).await;
    let filed = file(&city, &li, &[met]).await;
    assert_eq!(filed.answer_by, city.now() + hours(24));
    assert_eq!(filed.state, AppealState::Open);
    assert_eq!(filed.restrictions[0].title, "Close contact");
    let report = city.report(&li).await;
    assert_eq!(report.explanation.verdict.status, YELLOW);
    let why = &report.explanation.restrictions[0];
    assert!(
        why.texts.reason.contains("60 minutes"),
        "the reason stays: {why:?}"
    );
    let shown = city.show(&phone, &city.live_code(&li, &phone).await);
    assert_eq!(city.check(&shown).unwrap().as_str(), "yellow");

    let officer = another(&city).await;
    let decided = decision(&[met], "The shop says the phone was your sister's.");
    let answered = answer(&city, &officer, &filed, decided).await.unwrap();
    assert_eq!(answered.state, AppealState::Answered);
    let said = answered.answer.as_ref().unwrap();
    assert_eq!(said.outcome, AppealOutcome::Changed);
    assert_eq!(said.authority.name, "Commission of Appeals");
    assert_eq!(answered.restrictions[0].was_right, Some(true));
    assert_eq!(city.status(&li).await, GREEN);
    let own = city.service.appeals.own(&li.resident).await.unwrap();
    assert_eq!(own, [answered], "what is answered is what is kept");
    let read = own[0].answer.as_ref().unwrap();
    assert!(
        read.reasons.expose().contains("your sister's"),
        "the person reads why"
    );
}

async fn an_answer_may_say_that_the_evidence_stays(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    let phone = city.enrol(&li).await;
    let yellow = city.show(&phone, &city.live_code(&li, &phone).await);
    let officer = another(&city).await;
    let decided = decision(&[], "You paid there yourself.");
    let answered = answer(&city, &officer, &filed, decided).await.unwrap();
    assert_eq!(answered.answer.unwrap().outcome, AppealOutcome::Upheld);
    assert_eq!(answered.restrictions[0].was_right, Some(false));
    assert_eq!(city.status(&li).await, RED, "what it granted has ended");
    assert_eq!(
        city.check(&yellow),
        Err("revoked"),
        "and no yellow code is left"
    );
}

async fn an_answer_may_add_what_was_not_known(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    let officer = another(&city).await;
    let sampled = OpenPeriod::new(city.ago(1), Some(city.now())).unwrap();
    let test = Fact::test(TestKind::Pcr, TestResult::Negative, sampled, None);
    let decided = AppealDecision {
        add: vec![Said::Fact(test)],
        ..decision(&[], "Your negative test was not sent to us.")
    };
    let answered = answer(&city, &officer, &filed, decided).await.unwrap();
    assert_eq!(answered.answer.unwrap().outcome, AppealOutcome::Changed);
    let own = city
        .service
        .evidence
        .own_evidence_of(&li.resident)
        .await
        .unwrap();
    assert!(
        own.iter()
            .any(|piece| matches!(piece.fact, Fact::Test { .. }))
    );
    let filed = file_again(&city, &li, 3).await;
    let wrong = AppealDecision {
        add: vec![Said::Fact(Fact::withdrawal(met, city.now()))],
        ..decision(&[], "No.")
    };
    let refused = answer(&city, &officer, &filed, wrong).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::BadField { field: "kind", .. }),
        "{refused:?}"
    );
}

/// Another contact of theirs, appealed against.
async fn file_again(city: &City, who: &Persona, hours_ago: i64) -> AppealView {
    let met = city
        .submit(city.health.submitter(), who, city.contact(hours_ago))
        .await;
    file(city, who, &[met]).await
}

async fn an_appeal_is_in_the_queue_of_its_region_at_once(city: City) {
    let li = living_in(&city, "Li", "330102").await;
    let met = city
        .submit(city.health.submitter(), &li, city.contact(5))
        .await;
    let filed = file(&city, &li, &[met]).await;
    let officer = another(&city).await;
    let queue = city.service.appeals.queue(&officer).await.unwrap();
    assert_eq!(
        queue.iter().map(|one| one.id).collect::<Vec<_>>(),
        [filed.id]
    );
    let read = city
        .service
        .appeals
        .to_answer(&officer, li.id(), filed.id)
        .await
        .unwrap();
    assert_eq!(read.evidence[0].id, met);
    assert!(!read.is_own && read.appeal.why.expose().contains("my sister"));

    // An officer of another district of the city.
    let region: Region = "330106".parse().unwrap();
    let office = city
        .office_in(AuthorityKind::Health, "West Commission", region)
        .await;
    let elsewhere = city.hire(&office, "Dr Xi", &OFFICER).await;
    assert!(
        city.service
            .appeals
            .queue(&elsewhere)
            .await
            .unwrap()
            .is_empty()
    );
    let refused = city
        .service
        .appeals
        .to_answer(&elsewhere, li.id(), filed.id)
        .await;
    assert!(matches!(refused.unwrap_err(), ServiceError::UnknownAppeal));
    let refused = answer(&city, &elsewhere, &filed, decision(&[met], "No.")).await;
    assert!(matches!(refused.unwrap_err(), ServiceError::UnknownAppeal));
    let absent = AppealId::from_u128(9);
    let absent = city
        .service
        .appeals
        .to_answer(&officer, li.id(), absent)
        .await;
    assert!(matches!(absent.unwrap_err(), ServiceError::UnknownAppeal));

    // Somebody without the role.
    let office = city
        .office(AuthorityKind::Community, "North Community Office")
        .await;
    let worker = city
        .hire(&office, "Xiao Bai", &[Role::CommunityWorker])
        .await;
    let refused = city.service.appeals.queue(&worker).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::NotPermitted { .. }),
        "{refused:?}"
    );
}

async fn a_decision_needs_reasons_and_somebody_who_did_not_submit_the_evidence(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    let submitter = city.fresh(city.health.id()).await;
    let read = city
        .service
        .appeals
        .to_answer(&submitter, li.id(), filed.id)
        .await;
    assert!(read.unwrap().is_own, "and the page says so before");
    let own = answer(&city, &submitter, &filed, decision(&[met], "Fine.")).await;
    assert!(matches!(own.unwrap_err(), ServiceError::OwnEvidence));
    let officer = another(&city).await;
    for reasons in ["", "  \n "] {
        let silent = answer(&city, &officer, &filed, decision(&[met], reasons)).await;
        let silent = silent.unwrap_err();
        assert!(
            matches!(
                silent,
                ServiceError::BadField {
                    field: "reasons",
                    ..
                }
            ),
            "{silent:?}"
        );
    }
    let other = city
        .submit(city.health.submitter(), &li, city.contact(2))
        .await;
    let beside = answer(&city, &officer, &filed, decision(&[other], "Fine.")).await;
    let beside = beside.unwrap_err();
    assert!(
        matches!(
            beside,
            ServiceError::BadField {
                field: "withdraw",
                ..
            }
        ),
        "{beside:?}"
    );
    assert_eq!(
        city.status(&li).await,
        RED,
        "the second contact was not appealed against"
    );

    // Two persons answer for an order, and neither of them decides about it.
    let wu = city.resident("Wu").await;
    city.ordered(&wu, 24).await;
    let filed = file(&city, &wu, &[]).await;
    let approver = city.approver().await;
    let refused = answer(&city, &approver, &filed, decision(&[], "No.")).await;
    assert!(matches!(
        refused.unwrap_err(),
        ServiceError::NotPermitted { .. }
    ));
    let refused = answer(&city, &submitter, &filed, decision(&[], "No.")).await;
    assert!(matches!(refused.unwrap_err(), ServiceError::OwnEvidence));
}

async fn who_confirmed_a_case_decides_no_appeal_of_its_contacts(city: City) {
    let (case, li) = (city.resident("Case").await, city.resident("Li").await);
    let venue = city.venue("Noodle bar", None).await;
    for who in [&case, &li] {
        city.was_at(who, venue, 5, 60).await;
    }
    city.confirm(&case).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(city.status(&li).await, RED);
    let filed = file(&city, &li, &[]).await;
    let own = city.fresh(city.health.id()).await;
    let refused = answer(&city, &own, &filed, decision(&[], "No.")).await;
    assert!(matches!(refused.unwrap_err(), ServiceError::OwnEvidence));
    let evidence: Vec<EvidenceId> = filed.evidence().collect();
    let officer = another(&city).await;
    let decided = decision(&evidence, "The phone lay in the kitchen.");
    answer(&city, &officer, &filed, decided).await.unwrap();
    assert_eq!(city.status(&li).await, GREEN);
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(
        city.status(&li).await,
        GREEN,
        "the tracer does not say it again"
    );
}

async fn two_who_answer_at_once_give_one_answer(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let filed = file(&city, &li, &[met]).await;
    let officer = another(&city).await;
    let (first, second) = tokio::join!(
        answer(
            &city,
            &officer,
            &filed,
            decision(&[met], "It was your sister.")
        ),
        answer(&city, &officer, &filed, decision(&[], "You paid yourself.")),
    );
    assert_ne!(first.is_ok(), second.is_ok(), "{first:?} {second:?}");
    let refused = if first.is_ok() { second } else { first };
    assert!(matches!(refused.unwrap_err(), ServiceError::AppealAnswered));
    let late = answer(&city, &officer, &filed, decision(&[], "Again.")).await;
    assert!(matches!(late.unwrap_err(), ServiceError::AppealAnswered));
}

async fn an_appeal_against_a_diagnosis_grants_nothing_until_it_is_answered(city: City) {
    let li = city.resident("Li").await;
    let diagnosis = city.confirm(&li).await;
    let filed = file(&city, &li, &[diagnosis]).await;
    assert_eq!(city.status(&li).await, RED);
    city.pass(hours(49));
    assert_eq!(city.status(&li).await, RED, "nor is it suspended");
    let officer = another(&city).await;
    let decided = decision(&[diagnosis], "The laboratory mixed up two samples.");
    answer(&city, &officer, &filed, decided).await.unwrap();
    assert_eq!(city.status(&li).await, GREEN);
}

async fn only_restrictions_of_ones_own_are_appealed_against_and_each_once(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let (wu, _) = contact(&city, "Wu").await;
    let appeals = &city.service.appeals;
    let try_file = async |who: &Persona, against: &[EvidenceId]| {
        let filed = appeals.file(&who.resident, request(&city, against)).await;
        filed.map(|_| ()).unwrap_err()
    };
    let others = try_file(&wu, &[met]).await;
    assert!(
        matches!(others, ServiceError::UnknownRestriction),
        "{others:?}"
    );
    let nothing = try_file(&wu, &[EvidenceId::from_u128(1)]).await;
    assert_eq!(others.to_string(), nothing.to_string(), "nothing is learnt");
    let green = city.resident("Green").await;
    assert!(matches!(
        try_file(&green, &[]).await,
        ServiceError::UnknownRestriction
    ));
    let mut silent = request(&city, &[met]);
    silent.why = " ".to_owned();
    let silent = appeals.file(&li.resident, silent).await.unwrap_err();
    assert!(
        matches!(silent, ServiceError::BadField { field: "why", .. }),
        "{silent:?}"
    );

    let filed = file(&city, &li, &[met]).await;
    assert!(matches!(
        try_file(&li, &[met]).await,
        ServiceError::AppealedBefore
    ));
    let officer = another(&city).await;
    answer(&city, &officer, &filed, decision(&[], "You were there."))
        .await
        .unwrap();
    let again = try_file(&li, &[met]).await;
    assert!(
        matches!(again, ServiceError::AppealedBefore),
        "relief is no subscription: {again:?}"
    );
    assert!(matches!(
        try_file(&li, &[]).await,
        ServiceError::UnknownRestriction
    ));
    for hours_ago in 6..11 {
        file_again(&city, &li, hours_ago).await;
    }
    let one_more = city
        .submit(city.health.submitter(), &li, city.contact(1))
        .await;
    let many = try_file(&li, &[one_more]).await;
    assert!(
        matches!(many, ServiceError::TooManyAppeals { cap: 5 }),
        "{many:?}"
    );
    let theirs = city.service.appeals.own_file(&wu.resident, filed.id).await;
    assert!(matches!(theirs.unwrap_err(), ServiceError::UnknownAppeal));
}

async fn a_repeated_appeal_counts_once(city: City) {
    let (li, met) = contact(&city, "Li").await;
    let request = request(&city, &[met]);
    let appeals = &city.service.appeals;
    let (first, second) = tokio::join!(
        appeals.file(&li.resident, request.clone()),
        appeals.file(&li.resident, request.clone()),
    );
    let known = [first, second].into_iter().flatten().next().unwrap();
    let again = appeals.file(&li.resident, request).await.unwrap();
    assert_eq!(again, known);
    assert_eq!(appeals.own(&li.resident).await.unwrap().len(), 1);
}
