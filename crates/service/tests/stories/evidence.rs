//! Submitting evidence and withdrawing it.

use domain::evidence::{BadOrder, DiagnosisStatus, OpenPeriod, Order, TestKind, TestResult};
use domain::{Colour, Document, DocumentKind, EvidenceId, Fact, PersonId};
use jiff::SignedDuration;
use service::{Item, ServiceError, Subject, Submission};

use crate::city::{City, GREEN, Persona, RED, at, hours};

crate::stories! {
    a_contact_turns_ming_red_says_why_and_ends_by_itself_at_local_midnight
    evidence_by_document_waits_with_the_documents_person
    bad_items_are_refused_one_by_one_and_the_good_ones_go_in
    a_repeated_submission_counts_once_and_gets_the_same_receipt
    what_is_said_again_counts_once_and_stays_taken_back
    a_repeat_is_answered_as_before_what_was_taken_back
    the_diagnosis_of_a_case_takes_a_passkey_by_whatever_door_it_comes
    an_authority_submits_only_its_kinds_of_evidence
    an_order_needs_two_persons_and_ends_within_72_hours
    withdrawn_evidence_frees
    only_who_submitted_a_record_or_a_health_authority_withdraws_it
    a_withdrawal_cannot_be_withdrawn
    people_are_told_of_a_changed_colour_once
    a_message_that_cannot_be_passed_on_waits
}

async fn a_contact_turns_ming_red_says_why_and_ends_by_itself_at_local_midnight(city: City) {
    let ming = city.resident("Ming").await;
    let contact = city
        .submit(city.health.submitter(), &ming, city.contact(20))
        .await;
    let report = city.report(&ming).await;
    assert_eq!(report.explanation.verdict.status, RED);
    let reason = &report.explanation.restrictions[0];
    assert_eq!(reason.finding.rule.as_str(), "close-contact");
    assert_eq!(reason.finding.evidence, [contact]);
    assert_eq!(reason.finding.until, at("2020-03-02T00:00:00+08:00"));
    assert_eq!(
        report.authority_name(reason.finding.authority),
        Some("City Health Commission")
    );
    assert_eq!(reason.texts.title, "Close contact");
    assert!(
        reason.texts.reason.contains("60 minutes"),
        "{}",
        reason.texts.reason
    );
    assert_eq!(
        report.explanation.verdict.policy.to_string(),
        "story-city v1"
    );
    assert!(report.explanation.contest.contains("12320"));
    let chinese = city
        .service
        .people
        .status(&ming.resident, "zh-CN")
        .await
        .unwrap();
    assert_eq!(
        chinese.explanation.restrictions[0].texts.title,
        "密切接触者"
    );
    let klingon = city
        .service
        .people
        .status(&ming.resident, "tlh")
        .await
        .unwrap();
    assert_eq!(klingon.language.as_str(), "en");

    city.clock.set(at("2020-03-01T23:59:59+08:00"));
    assert_eq!(city.status(&ming).await, RED);
    city.clock.set(at("2020-03-02T00:00:00+08:00"));
    assert_eq!(
        city.status(&ming).await,
        GREEN,
        "nobody swept, and nobody pressed a button"
    );
}

async fn evidence_by_document_waits_with_the_documents_person(city: City) {
    let ming = city.resident("Ming").await;
    let by_document = || Subject::Document(ming.document.clone());
    let by = city.health.submitter();
    let first = city.try_submit(by, by_document(), city.contact(1)).await;
    assert_ne!(first.accepted[0].person, ming.id());
    assert_eq!(
        city.status(&ming).await,
        GREEN,
        "the document is not proven"
    );
    let second = city.try_submit(by, by_document(), city.contact(2)).await;
    assert_eq!(second.accepted[0].person, first.accepted[0].person);
    let contact = first.accepted[0].evidence;
    let subject = by_document();
    let withdrawn = city.service.evidence.withdraw(by, &subject, contact);
    assert_eq!(
        withdrawn.await.unwrap().verdict.status,
        RED,
        "by the other one"
    );

    // Nothing that is not there tells whether a document is known.
    let other = Document::new(DocumentKind::Passport, "X0000001").unwrap();
    let unknown = EvidenceId::from_u128(404);
    for subject in [by_document(), Subject::Document(other)] {
        let refused = city.service.evidence.withdraw(by, &subject, unknown).await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, ServiceError::UnknownEvidence),
            "{refused}"
        );
    }
}

async fn bad_items_are_refused_one_by_one_and_the_good_ones_go_in(city: City) {
    let ming = city.resident("Ming").await;
    let future = Fact::diagnosis(DiagnosisStatus::Suspected, city.now() + hours(1), None);
    let late_onset = Fact::diagnosis(DiagnosisStatus::Suspected, city.ago(2), Some(city.ago(1)));
    let test = Fact::test(
        TestKind::Pcr,
        TestResult::Negative,
        OpenPeriod::since(city.ago(5)),
        None,
    );
    let visit = Fact::visit(
        domain::VenueId::from_u128(404),
        None,
        OpenPeriod::since(city.ago(1)),
    );
    let withdrawal = Fact::withdrawal(EvidenceId::from_u128(1), city.now());
    let stranger = Subject::Person(PersonId::from_u128(404));
    let item = |fact: Fact| Item {
        subject: ming.subject(),
        said: fact.into(),
    };
    let items = vec![
        item(future),
        item(late_onset),
        item(test),
        item(visit),
        item(withdrawal),
        Item {
            subject: stranger,
            said: city.contact(1).into(),
        },
        item(city.contact(1)),
    ];
    let submission = Submission {
        request: None,
        content: None,
        items,
    };
    let receipt = city
        .service
        .evidence
        .submit(city.health.submitter(), submission)
        .await
        .unwrap();
    let refused: Vec<_> = receipt
        .refused
        .iter()
        .map(|refused| (refused.index, refused.field))
        .collect();
    let expected = [
        (0, "at"),
        (1, "onset"),
        (3, "kind"),
        (4, "kind"),
        (5, "person"),
    ];
    assert_eq!(refused, expected);
    let accepted: Vec<_> = receipt
        .accepted
        .iter()
        .map(|accepted| accepted.index)
        .collect();
    assert_eq!(accepted, [2, 6]);
    assert_eq!(city.status(&ming).await, RED);
}

async fn a_repeated_submission_counts_once_and_gets_the_same_receipt(city: City) {
    let ming = city.resident("Ming").await;
    let items = vec![Item {
        subject: ming.subject(),
        said: city.contact(1).into(),
    }];
    let submission = Submission {
        request: Some(city.key()),
        content: None,
        items,
    };
    let by = city.health.submitter();
    let first = city
        .service
        .evidence
        .submit(by, submission.clone())
        .await
        .unwrap();
    city.pass(hours(1));
    let again = city
        .service
        .evidence
        .submit(by, submission.clone())
        .await
        .unwrap();
    assert_eq!(again, first);
    assert_eq!(
        city.service
            .evidence
            .own_evidence_of(&ming.resident)
            .await
            .unwrap()
            .len(),
        2
    );
    let other = city
        .service
        .evidence
        .submit(&city.community, submission.clone())
        .await
        .unwrap();
    assert_ne!(
        other.accepted, first.accepted,
        "another authority may draw the same key"
    );
    let mut changed = submission;
    changed.items[0].said = city.contact(5).into();
    let refused = city.service.evidence.submit(by, changed).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::RequestKeyReused(_)),
        "{refused}"
    );
}

/// A laboratory sends its whole list every day.
async fn what_is_said_again_counts_once_and_stays_taken_back(city: City) {
    let ming = city.resident("Ming").await;
    let li = city.resident("Li").await;
    let by = city.health.submitter();
    let contact = city.contact(1);
    let item = |who: &Persona| Item {
        subject: who.subject(),
        said: contact.clone().into(),
    };
    let list = || Submission {
        request: Some(city.key()),
        content: None,
        items: vec![item(&ming), item(&ming), item(&li)],
    };
    let evidence = &city.service.evidence;
    let first = evidence.submit(by, list()).await.unwrap();
    city.pass(hours(2));
    let again = evidence.submit(by, list()).await.unwrap();
    assert_eq!(again.accepted, first.accepted);
    assert_eq!((again.changed, again.refused.len()), (0, 0));
    let known = evidence.own_evidence_of(&ming.resident).await.unwrap();
    assert_eq!(known.len(), 2, "a declaration and a contact");

    let taken_back = first.accepted[0].evidence;
    let withdrawn = evidence.withdraw(by, &ming.subject(), taken_back).await;
    withdrawn.unwrap();
    assert_eq!(city.status(&ming).await, GREEN);
    let sent = list();
    let receipt = evidence.submit(by, sent.clone()).await.unwrap();
    let refused: Vec<usize> = receipt.refused.iter().map(|one| one.index).collect();
    assert_eq!(refused, [0, 1], "{receipt:?}");
    assert!(receipt.refused[0].reason.contains("taken back"));
    assert_eq!(receipt.accepted, first.accepted[2..]);
    assert_eq!(city.status(&ming).await, GREEN);
    let repeated = evidence.submit(by, sent).await.unwrap();
    assert_eq!(repeated, receipt);
    // What others say, and what is known better, counts.
    city.submit(&city.community, &ming, contact).await;
    assert_eq!(city.status(&ming).await, RED);
    city.submit(by, &li, city.contact(1)).await;
    let known = evidence.own_evidence_of(&li.resident).await.unwrap();
    assert_eq!(known.len(), 3, "two contacts, two hours apart");
}

/// A request that was answered stays answered as it was, whatever is taken back since.
async fn a_repeat_is_answered_as_before_what_was_taken_back(city: City) {
    let ming = city.resident("Ming").await;
    let by = city.health.submitter();
    let submission = Submission {
        request: Some(city.key()),
        content: None,
        items: vec![Item {
            subject: ming.subject(),
            said: city.contact(1).into(),
        }],
    };
    let evidence = &city.service.evidence;
    let first = evidence.submit(by, submission.clone()).await.unwrap();
    let contact = first.accepted[0].evidence;
    evidence
        .withdraw(by, &ming.subject(), contact)
        .await
        .unwrap();
    let repeated = evidence.submit(by, submission).await.unwrap();
    assert_eq!(repeated, first);
    assert_eq!(city.status(&ming).await, GREEN);
}

async fn the_diagnosis_of_a_case_takes_a_passkey_by_whatever_door_it_comes(city: City) {
    let ming = city.resident("Ming").await;
    let officer = city.fresh(city.health.id()).await;
    let diagnosis = |status| Submission {
        request: None,
        content: None,
        items: vec![Item {
            subject: ming.subject(),
            said: Fact::diagnosis(status, city.ago(1), None).into(),
        }],
    };
    city.pass(SignedDuration::from_mins(6));
    let evidence = &city.service.evidence;
    for case in [DiagnosisStatus::Confirmed, DiagnosisStatus::Asymptomatic] {
        let stale = evidence.submit(officer.submitter(), diagnosis(case)).await;
        assert!(
            matches!(stale, Err(ServiceError::StepUpNeeded)),
            "{case}: {stale:?}"
        );
    }
    assert_eq!(city.status(&ming).await, GREEN);
    let suspected = diagnosis(DiagnosisStatus::Suspected);
    let taken = evidence.submit(officer.submitter(), suspected).await;
    assert_eq!(taken.unwrap().refused, []);
    let fresh = city.fresh(city.health.id()).await;
    let case = diagnosis(DiagnosisStatus::Confirmed);
    let taken = evidence.submit(fresh.submitter(), case).await;
    assert_eq!(taken.unwrap().refused, []);
    assert_eq!(city.status(&ming).await, RED);
}

async fn an_authority_submits_only_its_kinds_of_evidence(city: City) {
    let ming = city.resident("Ming").await;
    let receipt = city
        .try_submit(&city.laboratory, ming.subject(), city.contact(1))
        .await;
    assert_eq!(receipt.refused[0].field, "kind");
    assert!(
        receipt.refused[0].reason.contains("laboratory"),
        "{}",
        receipt.refused[0].reason
    );
    let order = order(&city, ["Officer Gao", "Officer Hu"]).unwrap();
    let receipt = city
        .try_submit(&city.community, ming.subject(), Fact::Order(order))
        .await;
    assert_eq!(receipt.refused[0].field, "kind");
    assert_eq!(city.status(&ming).await, GREEN);
}

async fn an_order_needs_two_persons_and_ends_within_72_hours(city: City) {
    let ming = city.resident("Ming").await;
    assert_eq!(
        order(&city, ["Officer Gao", "Officer Gao "]),
        Err(BadOrder::NotTwoPersons)
    );
    assert_eq!(
        order(&city, ["Officer Gao", ""]),
        Err(BadOrder::NotTwoPersons)
    );
    let order = order(&city, ["Officer Gao", "Officer Hu"]).unwrap();
    let by = city.health.submitter();
    let receipt = city
        .try_submit(by, ming.subject(), Fact::Order(order))
        .await;
    assert_eq!(receipt.refused[0].field, "kind");
    assert_eq!(
        city.status(&ming).await,
        GREEN,
        "two names are not two persons"
    );
    city.ordered(&ming, 72).await;
    assert_eq!(city.status(&ming).await, RED);
    city.pass(hours(71));
    assert_eq!(city.status(&ming).await, RED);
    city.pass(hours(1));
    assert_eq!(city.status(&ming).await, GREEN);
}

fn order(city: &City, signed_by: [&str; 2]) -> Result<Order, BadOrder> {
    let signed_by = signed_by.map(str::to_owned);
    let basis = "Epidemic Act, article 39".to_owned();
    Order::new(
        Colour::Red,
        city.now(),
        city.now() + hours(72),
        basis,
        signed_by,
    )
}

async fn withdrawn_evidence_frees(city: City) {
    let ming = city.resident("Ming").await;
    let by = city.health.submitter();
    let contact = city.submit(by, &ming, city.contact(1)).await;
    assert_eq!(city.status(&ming).await, RED);
    let withdrawn = city
        .service
        .evidence
        .withdraw(by, &ming.subject(), contact)
        .await
        .unwrap();
    assert_eq!(withdrawn.verdict.status, GREEN);
    assert_eq!(city.status(&ming).await, GREEN);
    let again = city
        .service
        .evidence
        .withdraw(by, &ming.subject(), contact)
        .await
        .unwrap();
    assert_eq!(
        again.evidence, withdrawn.evidence,
        "a repeated withdrawal counts once"
    );
}

async fn only_who_submitted_a_record_or_a_health_authority_withdraws_it(city: City) {
    let ming = city.resident("Ming").await;
    let contact = city.submit(&city.community, &ming, city.contact(1)).await;
    let of = ming.subject();
    let refused = city
        .service
        .evidence
        .withdraw(&city.laboratory, &of, contact)
        .await
        .unwrap_err();
    assert!(matches!(refused, ServiceError::NotYours), "{refused}");
    assert_eq!(city.status(&ming).await, RED);
    let unknown = EvidenceId::from_u128(404);
    let refused = city
        .service
        .evidence
        .withdraw(&city.community, &of, unknown)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServiceError::UnknownEvidence),
        "{refused}"
    );
    city.service
        .evidence
        .withdraw(city.health.submitter(), &of, contact)
        .await
        .unwrap();
    assert_eq!(city.status(&ming).await, GREEN);
}

async fn a_withdrawal_cannot_be_withdrawn(city: City) {
    let ming = city.resident("Ming").await;
    let by = city.health.submitter();
    let contact = city.submit(by, &ming, city.contact(1)).await;
    let withdrawn = city
        .service
        .evidence
        .withdraw(by, &ming.subject(), contact)
        .await
        .unwrap();
    let refused = city
        .service
        .evidence
        .withdraw(by, &ming.subject(), withdrawn.evidence)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServiceError::NotWithdrawable),
        "{refused}"
    );
    assert_eq!(city.status(&ming).await, GREEN);
}

async fn people_are_told_of_a_changed_colour_once(city: City) {
    let ming = city.resident("Ming").await;
    city.submit(city.health.submitter(), &ming, city.contact(1))
        .await;
    assert_eq!(city.service.outbox.deliver().await.unwrap(), 1);
    assert_eq!(city.service.outbox.deliver().await.unwrap(), 0);
    let changes = city.messages.changes.lock().unwrap().clone();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].person, changes[0].before, changes[0].after),
        (ming.id(), Some(GREEN), RED)
    );
}

async fn a_message_that_cannot_be_passed_on_waits(city: City) {
    let ming = city.resident("Ming").await;
    city.submit(city.health.submitter(), &ming, city.contact(1))
        .await;
    *city.messages.is_out_of_order.lock().unwrap() = true;
    let failed = city.service.outbox.deliver().await.unwrap_err();
    assert!(matches!(failed, ServiceError::Notify(_)), "{failed}");
    *city.messages.is_out_of_order.lock().unwrap() = false;
    assert_eq!(city.service.outbox.deliver().await.unwrap(), 1);
}
