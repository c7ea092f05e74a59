//! Codes: issued, shown, checked, revoked.

use std::sync::Arc;

use credential::{Form, StatusLists};
use domain::{Colour, DeviceId};
use jiff::SignedDuration;
use service::ServiceError;
use tokio::task::JoinSet;

use crate::city::{City, Persona, at, hours};

crate::stories! {
    a_phone_shows_a_live_code_and_a_picture_of_it_is_worth_nothing
    an_acknowledged_restriction_turns_off_every_green_code_at_once
    whichever_comes_first_no_green_code_survives_a_restriction
    nobody_undeclared_gets_a_code
    a_code_never_outlives_the_verdict_it_was_taken_from
    a_code_whose_verdict_has_ended_is_decided_again_before_it_is_signed
    a_plain_code_lives_for_minutes_and_a_card_for_a_week_with_a_masked_name
    a_phone_that_is_not_enrolled_gets_no_code
    a_key_is_enrolled_once_in_either_form
    phones_renew_at_different_times
    renewing_a_code_reads_no_database
    a_checkpoint_without_a_network_learns_of_a_revoked_code_from_the_status_list
    a_code_of_an_unknown_issuer_is_refused
    each_phone_of_a_person_has_a_place_of_its_own
}

async fn turn_red(city: &City, who: &Persona) {
    city.submit(city.health.submitter(), who, city.contact(20))
        .await;
}

async fn a_phone_shows_a_live_code_and_a_picture_of_it_is_worth_nothing(city: City) {
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    let code = city.live_code(&li, &phone).await;
    assert_eq!((code.form, code.colour), (Form::Live, Colour::Green));
    assert!(code.assertion.len() < 1024);
    assert_eq!(
        code.expires_at,
        at("2020-02-18T00:10:00+08:00"),
        "the day of its key is over"
    );
    let shown = city.show(&phone, &code);
    assert_eq!(city.check(&shown), Ok(Colour::Green));
    city.pass(SignedDuration::from_secs(61));
    assert_eq!(city.check(&shown), Err("shown-too-long-ago"));
    assert_eq!(city.check(&city.show(&phone, &code)), Ok(Colour::Green));
    assert_eq!(city.check("https://example.org"), Err("unknown-prefix"));
}

async fn an_acknowledged_restriction_turns_off_every_green_code_at_once(city: City) {
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    let live = city.live_code(&li, &phone).await;
    let plain = city
        .service
        .codes
        .plain_code(&li.resident)
        .await
        .unwrap()
        .text
        .unwrap();
    let card = city
        .service
        .codes
        .card(&li.resident)
        .await
        .unwrap()
        .text
        .unwrap();
    for text in [&city.show(&phone, &live), &plain, &card] {
        assert_eq!(city.check(text), Ok(Colour::Green));
    }
    turn_red(&city, &li).await;
    for text in [&city.show(&phone, &live), &plain, &card] {
        assert_eq!(city.check(text), Err("revoked"));
    }
    let live = city.live_code(&li, &phone).await;
    assert_eq!(city.check(&city.show(&phone, &live)), Ok(Colour::Red));
    let plain = city.service.codes.plain_code(&li.resident).await.unwrap();
    assert_eq!(plain.colour, Colour::Red);
}

async fn whichever_comes_first_no_green_code_survives_a_restriction(city: City) {
    let city = Arc::new(city);
    let mut races = JoinSet::new();
    for name in [
        "An", "Bo", "Cai", "Dan", "En", "Fu", "Gu", "Hu", "Ji", "Kun",
    ] {
        let who = city.resident(name).await;
        let city = Arc::clone(&city);
        races.spawn(async move {
            let phone = city.enrol(&who).await;
            let issuing = async {
                let mut codes = Vec::new();
                for _ in 0..10 {
                    codes.push(city.live_code(&who, &phone).await);
                    let plain = city.service.codes.plain_code(&who.resident).await.unwrap();
                    assert_eq!(plain.form, Form::Plain);
                    codes.push(plain);
                    tokio::task::yield_now().await;
                }
                codes
            };
            let (codes, ()) = tokio::join!(issuing, turn_red(&city, &who));
            let last = city.live_code(&who, &phone).await;
            for code in codes.iter().chain([&last]) {
                let text = code.text.clone().unwrap_or_else(|| city.show(&phone, code));
                let expected = match code.colour {
                    Colour::Green => Err("revoked"),
                    colour => Ok(colour),
                };
                assert_eq!(city.check(&text), expected, "{}", who.name);
            }
            assert_eq!(last.colour, Colour::Red, "{}", who.name);
        });
    }
    while let Some(raced) = races.join_next().await {
        raced.unwrap();
    }
}

async fn nobody_undeclared_gets_a_code(city: City) {
    let li = city.register("Li", None).await;
    let phone = city.enrol(&li).await;
    let refused = [
        city.service
            .codes
            .live_code(&li.resident, phone.device)
            .await
            .unwrap_err(),
        city.service
            .codes
            .plain_code(&li.resident)
            .await
            .unwrap_err(),
        city.service.codes.card(&li.resident).await.unwrap_err(),
    ];
    for refused in refused {
        assert!(matches!(refused, ServiceError::Undeclared), "{refused}");
    }
}

async fn a_code_never_outlives_the_verdict_it_was_taken_from(city: City) {
    let li = city.resident("Li").await;
    city.clock.set(at("2020-03-02T20:00:00+08:00"));
    let phone = city.enrol(&li).await;
    let code = city.live_code(&li, &phone).await;
    assert_eq!(
        code.expires_at,
        at("2020-03-03T00:00:00+08:00"),
        "the declaration ends then"
    );
    city.clock.set(at("2020-03-03T00:00:00+08:00"));
    assert_eq!(city.check(&city.show(&phone, &code)), Err("expired"));
    let refused = city
        .service
        .codes
        .live_code(&li.resident, phone.device)
        .await
        .unwrap_err();
    assert!(matches!(refused, ServiceError::Undeclared), "{refused}");
}

async fn a_code_whose_verdict_has_ended_is_decided_again_before_it_is_signed(city: City) {
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    turn_red(&city, &li).await;
    assert_eq!(city.live_code(&li, &phone).await.colour, Colour::Red);
    city.clock.set(at("2020-03-02T12:00:00+08:00"));
    let phone = city.enrol(&li).await;
    let code = city.live_code(&li, &phone).await;
    assert_eq!(code.colour, Colour::Green, "nobody swept");
    assert_eq!(
        city.service.sweep().await.unwrap(),
        0,
        "it is no longer due"
    );
}

async fn a_plain_code_lives_for_minutes_and_a_card_for_a_week_with_a_masked_name(city: City) {
    let li = city.resident("Li").await;
    let plain = city.service.codes.plain_code(&li.resident).await.unwrap();
    assert_eq!(plain.expires_at, city.now() + SignedDuration::from_mins(15));
    let card = city.service.codes.card(&li.resident).await.unwrap();
    assert_eq!(card.expires_at, city.now() + hours(7 * 24));
    let text = card.text.unwrap();
    let settings = credential::Settings::default();
    let accepted = city.service.checks.verify(&text, &settings).unwrap();
    assert_eq!(accepted.form, Form::Card);
    let name = accepted.name.unwrap();
    assert!(
        !name.as_str().contains("Chen") && name.as_str().starts_with('L'),
        "{name:?}"
    );
    city.pass(hours(6 * 24));
    assert_eq!(
        city.check(&text),
        Err("status-unknown"),
        "nobody asked the database for days"
    );
    city.service.notice_other_nodes().await.unwrap();
    assert_eq!(city.check(&text), Ok(Colour::Green));
    assert_eq!(city.check(&plain.text.unwrap()), Err("expired"));
    let refused = city
        .service
        .checks
        .verify(&text, &credential::Settings::live_only())
        .unwrap_err();
    assert_eq!(refused.word(), "form-not-taken");
}

async fn a_phone_that_is_not_enrolled_gets_no_code(city: City) {
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    let phone = city.enrol(&wu).await;
    for device in [phone.device, DeviceId::from_u128(404)] {
        let refused = city
            .service
            .codes
            .live_code(&li.resident, device)
            .await
            .unwrap_err();
        assert!(matches!(refused, ServiceError::UnknownDevice), "{refused}");
    }
}

async fn a_key_is_enrolled_once_in_either_form(city: City) {
    // A point of P-256 (the base point), compressed and not.
    let x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    let y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let li = city.resident("Li").await;
    let compressed = hex(&format!("03{x}"));
    let long = hex(&format!("04{x}{y}"));
    let enrol = async |key: &[u8]| {
        let keys = [key.to_vec()];
        city.service.codes.enrol(&li.resident, &keys, 0).await
    };
    let first = enrol(&compressed).await.unwrap();
    assert_eq!(enrol(&long).await.unwrap(), first);
    let mut off_the_curve = long;
    off_the_curve[64] ^= 1;
    for bad in [&off_the_curve[..], &compressed[1..], &[]] {
        match enrol(bad).await {
            Err(ServiceError::BadField { field, .. }) => assert_eq!(field, "public_keys"),
            other => panic!("{other:?}"),
        }
    }
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

async fn phones_renew_at_different_times(city: City) {
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    let mut renewals = Vec::new();
    for _ in 0..20 {
        let code = city.live_code(&li, &phone).await;
        let after = code.renew_at.duration_since(city.now());
        assert!((15..=20).contains(&after.as_mins()), "{after}");
        renewals.push(code.renew_at);
    }
    renewals.sort_unstable();
    renewals.dedup();
    assert!(renewals.len() > 10);
}

async fn renewing_a_code_reads_no_database(city: City) {
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    city.live_code(&li, &phone).await;
    for table in ["slot", "device", "verdict", "resident_session"] {
        city.base
            .tamper(&format!("ALTER TABLE {table} RENAME TO {table}_gone"))
            .await;
    }
    city.pass(SignedDuration::from_mins(15));
    // A worker does so every second, for all accounts at once.
    city.service.notice_ended_sessions().await.unwrap();
    let resident = city.service.access.resident(&li.token).await.unwrap();
    let code = city
        .service
        .codes
        .live_code(&resident, phone.device)
        .await
        .unwrap();
    assert_eq!(city.check(&city.show(&phone, &code)), Ok(Colour::Green));
    let other = city
        .service
        .codes
        .live_code(&resident, DeviceId::from_u128(404))
        .await;
    assert!(
        matches!(other, Err(ServiceError::Store(_))),
        "other phones do read it: {other:?}"
    );
}

async fn a_checkpoint_without_a_network_learns_of_a_revoked_code_from_the_status_list(city: City) {
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    let phones = [city.enrol(&li).await, city.enrol(&wu).await];
    let codes = [
        city.live_code(&li, &phones[0]).await,
        city.live_code(&wu, &phones[1]).await,
    ];
    turn_red(&city, &li).await;
    let trust = city.service.checks.trusted_keys();
    let mut lists = StatusLists::new();
    for number in 0..city.service.codes.status_lists() {
        let list = city.service.codes.status_list(number).unwrap();
        assert!(list.token.len() < 10_000);
        lists.add(&list.token, &trust).unwrap();
    }
    city.pass(hours(1));
    let check = |place: usize| {
        let shown = city.show(&phones[place], &codes[place]);
        let settings = credential::Settings::default();
        credential::verify(&shown, &trust, Some(&lists), city.now(), &settings)
            .map(|accepted| accepted.colour)
            .map_err(|refusal| refusal.word())
    };
    assert_eq!(check(0), Err("revoked"));
    assert_eq!(check(1), Ok(Colour::Green));
    let unknown = city
        .service
        .codes
        .status_list(city.service.codes.status_lists())
        .unwrap_err();
    assert!(matches!(unknown, ServiceError::UnknownStatusList));
    let first = city.service.codes.status_list(0).unwrap();
    assert_eq!(
        city.service.codes.status_list(0).unwrap().token,
        first.token,
        "it is signed once"
    );
    city.pass(SignedDuration::from_mins(2));
    assert_ne!(
        city.service.codes.status_list(0).unwrap().fresh_until,
        first.fresh_until
    );
}

async fn a_code_of_an_unknown_issuer_is_refused(city: City) {
    let li = city.resident("Li").await;
    let code = city.service.codes.plain_code(&li.resident).await.unwrap();
    let claims = credential::Assertion::decode(&code.assertion)
        .unwrap()
        .claims()
        .clone();
    let forger = credential::IssuerKey::from_seed(&[9; 32]).unwrap();
    let forged = credential::plain_code(&forger.sign(&claims).unwrap());
    assert_eq!(city.check(&forged), Err("unknown-issuer"));
}

async fn each_phone_of_a_person_has_a_place_of_its_own(city: City) {
    let li = city.resident("Li").await;
    let phones = [city.enrol(&li).await, city.enrol(&li).await];
    let mut places = Vec::new();
    for phone in &phones {
        for _ in 0..2 {
            let code = city.live_code(&li, phone).await;
            let assertion = credential::Assertion::decode(&code.assertion).unwrap();
            places.push(assertion.claims().status);
        }
    }
    assert_eq!(places[0], places[1]);
    assert_eq!(places[2], places[3]);
    assert_ne!(places[0], places[2]);
}
