//! Requests that come again: at once, a day later, and out of a stolen database.

use domain::evidence::{Symptom, Symptoms};
use domain::{PersonId, RequestKey};
use futures::future::join_all;
use jiff::SignedDuration;
use service::{
    Declaration, Item, Registered, RegistrationRequest, Service, ServiceError, Subject, Submission,
};

use crate::accounts::{again, see};
use crate::city::{City, GREEN, RED, hours, well};

crate::stories! {
    invariant_6_of_many_registrations_at_once_each_is_answered_rightly
    a_request_is_known_for_a_day_and_is_a_new_one_then
    invariant_15_what_is_stored_of_a_request_repeats_nothing
    a_registration_repeated_under_another_name_is_no_repeat
    what_was_said_before_the_proof_is_known_after_it
}

const PEOPLE: [&str; 24] = [
    "An", "Bai", "Cao", "Deng", "Fan", "Gao", "Han", "Jin", "Kong", "Liu", "Ma", "Niu", "Ou",
    "Pan", "Qin", "Ren", "Sun", "Tang", "Wei", "Xu", "Yan", "Zeng", "Zhou", "Zou",
];

async fn invariant_6_of_many_registrations_at_once_each_is_answered_rightly(city: City) {
    let other = city.another_node().await;
    let mut asked: Vec<RegistrationRequest> = Vec::new();
    for name in PEOPLE {
        asked.push(city.registration(name, Some(well())));
    }
    // One document under several keys; one request several times; one key for several documents.
    for _ in 0..7 {
        asked.push(city.registration("Thief", Some(well())));
    }
    let twice = city.registration("Twice", Some(well()));
    asked.extend(vec![twice; 7]);
    let key = city.key();
    for name in &PEOPLE[..7] {
        let mut request = city.registration(name, Some(well()));
        let number = format!("REUSED{}", asked.len());
        let kind = domain::DocumentKind::Passport;
        request.identity.document = domain::Document::new(kind, &number).unwrap();
        request.request = key;
        asked.push(request);
    }
    let nodes: [&Service; 2] = [&city.service, &other];
    let answers = asked
        .iter()
        .enumerate()
        .map(|(place, request)| nodes[place % 2].people.register(request.clone()));
    let mut answers = join_all(answers).await;

    let reused = answers.split_off(PEOPLE.len() + 14);
    let repeated = answers.split_off(PEOPLE.len() + 7);
    let same_document = answers.split_off(PEOPLE.len());
    let (same_document, refused) = parted(same_document);
    assert!(
        refused.is_empty(),
        "everybody may claim a document: {refused:?}"
    );
    let mut registered: Vec<Registered> = answers.into_iter().map(Result::unwrap).collect();
    registered.extend(same_document);
    let (same, refused) = parted(repeated);
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(same.len(), 7);
    let is_same = |one: &Registered| (one.person, &one.token) == (same[0].person, &same[0].token);
    assert!(same.iter().all(is_same), "one person, one token");
    registered.extend(same.into_iter().take(1));
    let (first, refused) = parted(reused);
    assert_eq!((first.len(), refused.len()), (1, 6));
    let is_reused = |error: &ServiceError| matches!(error, ServiceError::RequestKeyReused(reused) if *reused == key);
    assert!(refused.iter().all(is_reused), "{refused:?}");
    registered.extend(first);

    let mut people: Vec<PersonId> = registered.iter().map(|one| one.person).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!(people.len(), PEOPLE.len() + 9, "nobody is two people");
    for one in registered {
        assert_eq!(one.status, GREEN);
        let resident = city.service.access.resident(&one.token).await.unwrap();
        assert_eq!(resident.person(), one.person);
        let evidence = other.evidence.own_evidence_of(&resident).await.unwrap();
        assert_eq!(evidence.len(), 1, "one declaration");
    }
}

fn parted(answers: Vec<Result<Registered, ServiceError>>) -> (Vec<Registered>, Vec<ServiceError>) {
    let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    let good = good.into_iter().map(Result::unwrap);
    let bad = bad.into_iter().filter_map(Result::err);
    (good.collect(), bad.collect())
}

async fn a_request_is_known_for_a_day_and_is_a_new_one_then(city: City) {
    let registration = city.registration("Li", None);
    let registered = city.service.people.register(registration.clone());
    let registered = registered.await.unwrap();
    let li = city
        .service
        .access
        .resident(&registered.token)
        .await
        .unwrap();
    let key = Some(city.key());
    let declare = |declaration| city.service.people.declare(&li, key, declaration, &[]);
    let first = declare(well()).await.unwrap();
    let laboratory_key = Some(city.key());
    let submit = |hours_ago| {
        let submission = Submission {
            request: laboratory_key,
            content: None,
            items: vec![Item {
                subject: Subject::Person(li.person()),
                said: city.contact(hours_ago).into(),
            }],
        };
        city.service
            .evidence
            .submit(city.health.submitter(), submission)
    };
    let submitted = submit(1).await.unwrap();

    city.pass(hours(24));
    city.service.forget_receipts().await.unwrap();
    assert_eq!(declare(well()).await.unwrap().evidence, first.evidence);
    let cough = || Declaration {
        symptoms: Symptoms::from_iter([Symptom::Cough]),
        ..well()
    };
    let refused = declare(cough()).await.unwrap_err();
    assert!(is_reused(&refused), "{refused}");
    let same_contact = submit(25).await.unwrap();
    assert_eq!(same_contact, submitted);
    assert!(is_reused(&submit(1).await.unwrap_err()));
    let again = city
        .service
        .people
        .register(registration.clone())
        .await
        .unwrap();
    assert_eq!(again.token, registered.token);

    city.pass(SignedDuration::from_secs(1));
    city.service.forget_receipts().await.unwrap();
    let second = declare(cough()).await.unwrap();
    assert_ne!(second.evidence, first.evidence);
    submit(1).await.unwrap();
    let evidence = city.service.evidence.own_evidence_of(&li).await.unwrap();
    assert_eq!(evidence.len(), 4, "two declarations and two contacts");
    // Who has the key still has the token.
    let late = city.service.people.register(registration).await.unwrap();
    assert_eq!(
        (late.person, late.token),
        (registered.person, registered.token)
    );
}

fn is_reused(error: &ServiceError) -> bool {
    matches!(error, ServiceError::RequestKeyReused(_))
}

async fn a_registration_repeated_under_another_name_is_no_repeat(city: City) {
    let registration = city.registration("Li", None);
    let people = &city.service.people;
    let registered = people.register(registration.clone()).await.unwrap();
    let mut renamed = registration.clone();
    renamed.identity.name = domain::Pii::new("Li Wang".to_owned());
    for _ in 0..2 {
        let refused = people.register(renamed.clone()).await.unwrap_err();
        assert!(is_reused(&refused), "{refused}");
        let again = people.register(registration.clone()).await.unwrap();
        assert_eq!(again.token, registered.token);
        // Also when the receipt is gone.
        city.pass(hours(25));
        city.service.forget_receipts().await.unwrap();
    }
    let li = city.service.access.resident(&registered.token).await;
    let known = people.own_identity(&li.unwrap()).await.unwrap();
    assert_eq!(known.name.expose(), "Li Chen");
}

async fn invariant_15_what_is_stored_of_a_request_repeats_nothing(city: City) {
    let registration = city.registration("Li", Some(well()));
    let registered = city.service.people.register(registration.clone());
    let registered = registered.await.unwrap();
    let key = registration.request.to_bytes();
    let mut stolen = city.base.bytes("SELECT request_hash FROM receipt").await;
    stolen.extend(city.base.bytes("SELECT content_hash FROM receipt").await);
    stolen.extend(
        city.base
            .bytes("SELECT session_hash FROM session_token")
            .await,
    );
    assert_eq!(stolen.len(), 3);
    // A thief of this knows the document as well.
    for bytes in stolen {
        assert!(!bytes.windows(key.len()).any(|part| part == key));
        for half in bytes.chunks_exact(key.len()) {
            let half: [u8; 16] = half.try_into().unwrap();
            let mut replayed = registration.clone();
            replayed.request = RequestKey::from_u128(u128::from_be_bytes(half));
            let other = city.service.people.register(replayed).await.unwrap();
            assert_ne!(other.person, registered.person);
            assert_ne!(other.token, registered.token);
        }
    }
    let again = city.service.people.register(registration).await.unwrap();
    assert_eq!(
        again.token, registered.token,
        "the phone that has the key may"
    );
}

/// An office sends its list again, once before and once after the person of an account is proven.
async fn what_was_said_before_the_proof_is_known_after_it(city: City) {
    let li = city.resident("Li").await;
    let (by, evidence) = (city.health.submitter(), &city.service.evidence);
    let (stays, goes, late) = (city.contact(5), city.contact(9), city.contact(7));
    let stays_id = city.submit(by, &li, stays.clone()).await;
    let goes_id = city.submit(by, &li, goes.clone()).await;
    let late_id = city.submit(by, &li, late.clone()).await;
    let withdrawn = evidence.withdraw(by, &li.subject(), goes_id).await;
    withdrawn.unwrap();
    let before = li.subject();
    see(&city, &li, false).await.unwrap();
    let li = again(&city, &li).await;
    let known = evidence.own_evidence_of(&li.resident).await.unwrap().len();
    let withdrawn = evidence.withdraw(by, &li.subject(), late_id).await;
    withdrawn.unwrap();
    for subject in [before, li.subject(), Subject::Document(li.document.clone())] {
        let again = city.try_submit(by, subject.clone(), stays.clone()).await;
        assert_eq!((again.accepted.len(), again.changed), (1, 0), "{again:?}");
        for taken_back in [&goes, &late] {
            let again = city
                .try_submit(by, subject.clone(), taken_back.clone())
                .await;
            assert_eq!(again.refused.len(), 1, "{again:?}");
        }
    }
    let now = evidence.own_evidence_of(&li.resident).await.unwrap().len();
    assert_eq!(now, known + 1, "the late withdrawal and nothing else");
    assert_eq!(city.status(&li).await, RED);
    let again = city.try_submit(by, li.subject(), stays).await;
    let named = again.accepted[0].evidence;
    assert_ne!(named, stays_id, "it was repeated under the person's own");
    let withdrawn = evidence.withdraw(by, &li.subject(), named).await;
    withdrawn.unwrap();
    assert_eq!(city.status(&li).await, GREEN);
}
