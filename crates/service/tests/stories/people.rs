//! Registering and declaring.

use domain::evidence::{Symptom, Symptoms};
use service::{Declaration, ServiceError, Token};

use crate::city::{City, GREEN, RED, UNDECLARED, at, hours, stayed, well};

crate::stories! {
    whoever_registers_and_declares_is_green
    without_a_declaration_nobody_has_a_colour
    a_lost_answer_to_a_registration_is_given_again
    a_request_key_registers_one_document_only
    a_declaration_lapses_at_the_local_midnight_that_ends_its_last_day
    a_repeated_declaration_counts_once
    an_identity_that_makes_no_sense_is_refused
    several_people_of_a_family_share_a_phone
    people_known_by_their_id_alone_are_decided_too
}

async fn whoever_registers_and_declares_is_green(city: City) {
    let request = city.registration("Li", Some(well()));
    let registered = city.service.people.register(request).await.unwrap();
    assert_eq!(registered.status, GREEN);
    let resident = city
        .service
        .access
        .resident(&registered.token)
        .await
        .unwrap();
    let report = city.service.people.status(&resident, "en").await.unwrap();
    assert_eq!(report.explanation.verdict.status, GREEN);
    assert_eq!(report.explanation.restrictions, []);
}

async fn without_a_declaration_nobody_has_a_colour(city: City) {
    let li = city.register("Li", None).await;
    assert_eq!(city.status(&li).await, UNDECLARED);
    let declared = city
        .service
        .people
        .declare(&li.resident, None, well(), &[])
        .await
        .unwrap();
    assert_eq!(declared.verdict.status, GREEN);
    assert_eq!(city.status(&li).await, GREEN);
}

async fn a_lost_answer_to_a_registration_is_given_again(city: City) {
    let request = city.registration("Li", Some(well()));
    let first = city.service.people.register(request.clone()).await.unwrap();
    city.pass(hours(1));
    let again = city.service.people.register(request).await.unwrap();
    assert_eq!(again.person, first.person);
    assert_eq!(again.token, first.token);
    assert_eq!(
        city.service
            .access
            .resident(&again.token)
            .await
            .unwrap()
            .person(),
        first.person
    );
}

async fn a_request_key_registers_one_document_only(city: City) {
    let li = city.registration("Li", None);
    let mut wu = city.registration("Wu", None);
    wu.request = li.request;
    city.service.people.register(li).await.unwrap();
    let refused = city.service.people.register(wu.clone()).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::RequestKeyReused(_)),
        "{refused}"
    );
    wu.request = city.key();
    city.service.people.register(wu).await.unwrap();
}

async fn a_declaration_lapses_at_the_local_midnight_that_ends_its_last_day(city: City) {
    let li = city.resident("Li").await;
    city.clock.set(at("2020-03-02T23:59:59+08:00"));
    assert_eq!(city.status(&li).await, GREEN);
    city.clock.set(at("2020-03-03T00:00:00+08:00"));
    assert_eq!(city.status(&li).await, UNDECLARED);
}

async fn a_repeated_declaration_counts_once(city: City) {
    let li = city.register("Li", None).await;
    let key = Some(city.key());
    let first = city
        .service
        .people
        .declare(&li.resident, key, well(), &[])
        .await
        .unwrap();
    city.pass(hours(1));
    let again = city
        .service
        .people
        .declare(&li.resident, key, well(), &[])
        .await
        .unwrap();
    assert_eq!(again.evidence, first.evidence);
    assert_eq!(
        city.service
            .evidence
            .own_evidence_of(&li.resident)
            .await
            .unwrap()
            .len(),
        1
    );
    let cough = Declaration {
        symptoms: Symptoms::from_iter([Symptom::Cough]),
        ..well()
    };
    let refused = city
        .service
        .people
        .declare(&li.resident, key, cough, &[])
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServiceError::RequestKeyReused(_)),
        "{refused}"
    );
    let wu = city.register("Wu", None).await;
    let other = city
        .service
        .people
        .declare(&wu.resident, key, well(), &[])
        .await
        .unwrap();
    assert_eq!(
        other.verdict.status, GREEN,
        "two phones may draw the same key"
    );
}

async fn an_identity_that_makes_no_sense_is_refused(city: City) {
    let mut nameless = city.registration("Li", None);
    nameless.identity.name = domain::Pii::new("  ".to_owned());
    let mut phone = city.registration("Li", None);
    phone.identity.phones = vec![domain::Pii::new("call me".to_owned())];
    let mut future = city.registration("Li", None);
    future.stays = vec![stayed("3301", city.now() + hours(1), None)];
    for (request, expected) in [(nameless, "name"), (phone, "phones"), (future, "arrived")] {
        match city.service.people.register(request).await {
            Err(ServiceError::BadField { field, why }) => {
                assert_eq!(field, expected);
                assert!(!why.contains("call me"));
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
    city.resident("Li").await;
}

async fn several_people_of_a_family_share_a_phone(city: City) {
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    assert_ne!(li.id(), wu.id());
    let stranger = Token::generate(&*city.ids);
    let refused = city.service.access.resident(&stranger).await.unwrap_err();
    assert!(matches!(refused, ServiceError::NotAuthenticated));
}

async fn people_known_by_their_id_alone_are_decided_too(city: City) {
    let person = domain::PersonId::from_u128(42);
    city.service
        .people
        .import_people(&city.operator, &[person])
        .await
        .unwrap();
    let subject = service::Subject::Person(person);
    let by = city.health.submitter();
    let receipt = city.try_submit(by, subject, city.contact(1)).await;
    assert_eq!((receipt.refused.len(), receipt.changed), (0, 1));
    let li = city.resident("Li").await;
    city.submit(by, &li, city.contact(1)).await;
    assert_eq!(city.status(&li).await, RED);
}
