//! Checkpoints that compare what they saw cannot follow a person from one day to the next.

use std::collections::BTreeSet;

use credential::{Assertion, Bearer};
use jiff::SignedDuration;
use service::{IssuedCode, MOST_KEYS, ServiceError};

use crate::city::{City, Persona, Phone, at, hours};

crate::stories! {
    invariant_14_nothing_that_a_checkpoint_sees_is_common_to_two_days
    invariant_14_a_key_is_for_one_day_only
    a_phone_has_a_code_for_tomorrow_before_it_loses_the_network
    keys_and_places_of_days_that_are_over_are_forgotten
}

/// Enrols keys for so many days, the first for today.
async fn batch(city: &City, who: &Persona, days: usize) -> Vec<Phone> {
    let mut keys = Vec::new();
    for _ in 0..days {
        let mut secret = [0; 32];
        domain::IdSource::fill(&*city.ids, &mut secret);
        keys.push(credential::HolderKey::from_bytes(secret).unwrap());
    }
    let public = |key: &credential::HolderKey| key.public_key().unwrap().to_bytes().to_vec();
    let public: Vec<Vec<u8>> = keys.iter().map(public).collect();
    let enrolled = city.service.codes.enrol(&who.resident, &public, 0).await;
    let enrolled = enrolled.unwrap().into_iter();
    let phone = |(enrolled, key): (service::EnrolledKey, _)| Phone {
        device: enrolled.device,
        key,
    };
    enrolled.zip(keys).map(phone).collect()
}

/// Everything in a code by which two sightings could be joined.
fn traits_of(code: &IssuedCode) -> BTreeSet<String> {
    let assertion = Assertion::decode(&code.assertion).unwrap();
    let claims = assertion.claims();
    let mut traits = BTreeSet::from([
        format!("serial {}", claims.serial),
        format!("place {:?}", claims.status),
        format!("issued {}", claims.issued_at),
    ]);
    if let Bearer::Phone(key) = claims.bearer {
        traits.insert(format!("key {key:?}"));
    }
    traits
}

async fn invariant_14_nothing_that_a_checkpoint_sees_is_common_to_two_days(city: City) {
    let li = city.resident("Li").await;
    let phones = batch(&city, &li, MOST_KEYS).await;
    let mut days: Vec<BTreeSet<String>> = Vec::new();
    for (day, phone) in phones.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for hour in [8, 20] {
            let date = 17 + day;
            city.clock
                .set(at(&format!("2020-02-{date}T{hour:02}:00:00+08:00")));
            city.service.notice_other_nodes().await.unwrap();
            seen.extend(traits_of(&city.live_code(&li, phone).await));
            let plain = city.service.codes.plain_code(&li.resident).await.unwrap();
            seen.extend(traits_of(&plain));
            let card = city.service.codes.card(&li.resident).await.unwrap();
            seen.extend(traits_of(&card));
        }
        days.push(seen);
    }
    for (later, day) in days.iter().enumerate() {
        for earlier in &days[..later] {
            let common: Vec<_> = day.intersection(earlier).collect();
            assert!(common.is_empty(), "{common:?}");
        }
    }
}

async fn invariant_14_a_key_is_for_one_day_only(city: City) {
    let li = city.resident("Li").await;
    let [phone] = batch(&city, &li, 1).await.try_into().ok().unwrap();
    let code = city.live_code(&li, &phone).await;
    assert_eq!(
        code.expires_at,
        at("2020-02-18T00:10:00+08:00"),
        "minutes after the day"
    );
    city.clock.set(at("2020-02-18T00:10:00+08:00"));
    let codes = &city.service.codes;
    let refused = codes
        .live_code(&li.resident, phone.device)
        .await
        .unwrap_err();
    assert!(matches!(refused, ServiceError::UnknownDevice), "{refused}");
    let public = phone.key.public_key().unwrap().to_bytes().to_vec();
    let again = codes.enrol(&li.resident, &[public], 0).await.unwrap_err();
    match again {
        ServiceError::BadField { field, .. } => assert_eq!(field, "public_keys"),
        other => panic!("{other:?}"),
    }
    let too_many = vec![vec![2; 33]; MOST_KEYS + 1];
    let refused = codes.enrol(&li.resident, &too_many, 0).await.unwrap_err();
    assert!(matches!(refused, ServiceError::TooMany { .. }), "{refused}");
}

async fn a_phone_has_a_code_for_tomorrow_before_it_loses_the_network(city: City) {
    let li = city.resident("Li").await;
    let phones = batch(&city, &li, 3).await;
    city.clock.set(at("2020-02-17T22:00:00+08:00"));
    let tomorrow = city.live_code(&li, &phones[1]).await;
    assert_eq!(tomorrow.expires_at, city.now() + hours(24));
    let asked_again = tomorrow.renew_at.duration_since(city.now());
    assert!((60..=120).contains(&asked_again.as_mins()), "{asked_again}");
    let codes = &city.service.codes;
    let too_early = codes.live_code(&li.resident, phones[2].device).await;
    assert!(matches!(too_early, Err(ServiceError::UnknownDevice)));
    // The phone is offline; the checkpoint has news.
    city.clock.set(at("2020-02-18T09:00:00+08:00"));
    city.service.notice_other_nodes().await.unwrap();
    let shown = city.show(&phones[1], &tomorrow);
    assert_eq!(city.check(&shown), Ok(domain::Colour::Green));
}

async fn keys_and_places_of_days_that_are_over_are_forgotten(city: City) {
    let li = city.resident("Li").await;
    let phones = batch(&city, &li, 2).await;
    city.live_code(&li, &phones[0]).await;
    city.service.codes.plain_code(&li.resident).await.unwrap();
    let places = "SELECT person_id FROM slot_claim";
    assert_eq!(city.base.bytes(places).await.len(), 2);
    assert!(!city.service.codes.forget_ended().await.unwrap());
    assert_eq!(city.base.bytes(places).await.len(), 2, "they hold");
    city.pass(hours(24) + SignedDuration::from_mins(1));
    city.service.codes.forget_ended().await.unwrap();
    for (table, left) in [("slot_claim", 0), ("slot", 0), ("device", 1)] {
        let left_over = city
            .base
            .bytes(&format!("SELECT person_id FROM {table}"))
            .await;
        assert_eq!(left_over.len(), left, "{table}");
    }
}
