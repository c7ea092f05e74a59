//! A client that asks too often learns when to ask again, and no other is refused.

use domain::ManualClock;
use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::testing::City;

fn rates(class: RateClass, rate: &str) -> (Rates, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new("2020-02-20T04:00:00Z".parse().unwrap()));
    let mut settings = RateSettings::UNLIMITED;
    settings.set_named(class.name(), rate).unwrap();
    let rates = Rates::new(&settings, Arc::clone(&clock) as Arc<dyn Clock>);
    (rates, clock)
}

#[test]
fn so_many_are_taken_at_once_and_then_as_many_again_over_the_time() {
    let (rates, clock) = rates(RateClass::SignIns, "6 in 1m");
    let ask = |number| rates.check(RateClass::SignIns, RateKey::Number(number));
    for _ in 0..6 {
        assert!(ask(1).is_ok());
    }
    assert!(ask(1).is_err());
    assert!(ask(2).is_ok(), "somebody else");
    clock.advance(SignedDuration::from_secs(10));
    assert!(ask(1).is_ok());
    assert!(ask(1).is_err());
    assert!(rates.check(RateClass::Evidence, RateKey::Number(1)).is_ok());
}

#[test]
fn an_ipv6_customer_is_one_client_and_a_mapped_address_is_its_ipv4() {
    let key = |address: &str| RateKey::address(address.parse().unwrap());
    assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
    assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
    assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
}

#[test]
fn memory_is_bounded_and_quiet_keys_make_room() {
    let (rates, clock) = rates(RateClass::Verifications, "2 in 1m");
    let ask = |number| rates.check(RateClass::Verifications, RateKey::Number(number));
    for number in 0..MOST_KEYS as u128 {
        assert!(ask(number).is_ok());
    }
    // The others share one count.
    let fresh = u128::MAX - 9;
    assert!(ask(fresh).is_ok() && ask(fresh + 1).is_ok());
    assert!(ask(fresh + 2).is_err());
    let limiter = rates.limiters[RateClass::Verifications as usize].as_ref();
    assert!(limiter.unwrap().len() <= MOST_KEYS + 1);
    clock.advance(SignedDuration::from_mins(3));
    assert!(ask(fresh + 2).is_ok());
    assert!(limiter.unwrap().len() < 10);
}

#[test]
fn a_rate_reads_as_it_is_written() {
    for text in ["60 in 1m", "1 in 1s", "5 in 2h", "1000 in 1d"] {
        assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
    }
    for bad in [
        "",
        "60",
        "0 in 1m",
        "60 in 0m",
        "60 in m",
        "60 in 1w",
        "-1 in 1m",
        "1 in 367d",
        "1 in 999999999h",
    ] {
        assert_eq!(bad.parse::<Rate>(), Err(BadRate), "{bad}");
    }
    let mut settings = RateSettings::default();
    assert!(
        settings
            .set_named("nothing", "off")
            .unwrap_err()
            .contains("sign_ins")
    );
    settings.set_named("sign_ins", "off").unwrap();
    assert_eq!(settings.of(RateClass::SignIns), None);
}

#[test]
fn what_an_address_costs_is_known_by_its_pattern() {
    let table = [
        ("/api/v1/registrations", Some(RateClass::Registrations)),
        ("/checkpoint", Some(RateClass::Verifications)),
        ("/api/v1/me/scans", Some(RateClass::Writes)),
        ("/api/v1/me/phones/{device}/assertion", None),
        ("/api/v1/me/phones/{device}/end", None),
        ("/officer/sign-out", None),
        ("/api/v1/evidence/batches", Some(RateClass::Evidence)),
        ("/officer/propose/policy", Some(RateClass::Proposals)),
        ("/officer/propose/policy/check", Some(RateClass::Evidence)),
    ];
    for (route, class) in table {
        assert_eq!(class_of(&Method::POST, route), class, "{route}");
        assert_eq!(class_of(&Method::GET, route), None, "{route}");
    }
}

#[tokio::test]
async fn a_thousand_registrations_a_second_from_one_address_are_few() {
    let city = City::start().await;
    let mut taken = 0;
    for number in 0..400 {
        let body = json!({ "name": "Nobody", "document": { "kind": "99", "number": number } });
        let ask = city.post("/api/v1/registrations").json(&body).await;
        if ask.status != 429 {
            taken += 1;
            continue;
        }
        assert_eq!(ask.json["type"], "/problems/too-many-requests");
        let wait: u64 = ask.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=60).contains(&wait), "{ask:?}");
    }
    assert_eq!(taken, 120);
    city.later(1);
    let page = city.post("/register").form("a=b").await;
    assert_ne!(page.status, 429);
}

#[tokio::test]
async fn an_authority_and_an_account_are_counted_alone() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    let declare = async || {
        city.declare(&ming, &json!({ "declaration": {} }))
            .await
            .status
    };
    let mut answers = Vec::new();
    for _ in 0..80 {
        answers.push(declare().await);
    }
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 21);
    let lan = city.well_resident("Lan").await;
    assert_eq!(city.status(&lan).await, "green");
    let propose = async |token: &str| {
        let ask = city.post("/api/v1/policies").token(token);
        ask.text("no policy").await.status
    };
    for _ in 0..20 {
        assert_eq!(propose(&city.health).await, 422);
    }
    assert_eq!(propose(&city.health).await, 429);
    let other = city.another_officer().await;
    assert_eq!(propose(&other).await, 422);
}

#[tokio::test]
async fn a_thousand_refusals_raise_one_alarm_whoever_was_refused() {
    let city = City::start().await;
    let administrator = city.administrator().await;
    let ming = city.well_resident("Ming").await;
    let refuse = async |wanted: u32| {
        let mut refused = 0;
        while refused < wanted {
            let answer = city.declare(&ming, &json!({ "declaration": {} })).await;
            refused += u32::from(answer.status == 429);
        }
    };
    let alarms = async || {
        let ask = city.get("/api/v1/alarms").token(&administrator);
        ask.await.json
    };
    refuse(999).await;
    assert_eq!(alarms().await, json!([]));
    refuse(2).await;
    let listed = alarms().await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed[0]["about"], "writes");
    assert_eq!(listed[0]["number"], 1000);
    refuse(999).await;
    assert_eq!(alarms().await[0]["number"], 2000, "at each doubling");
}

#[tokio::test]
async fn a_feed_has_the_rate_that_it_was_made_with() {
    let city = City::start().await;
    let submit = async |token: &str| {
        let ask = city.post("/api/v1/evidence").token(token);
        ask.json(&json!({})).await
    };
    for _ in 0..1000 {
        assert_eq!(submit(&city.laboratory).await.status, 422);
    }
    let refused = submit(&city.laboratory).await;
    assert_eq!(refused.status, 429, "{refused:?}");
    assert!(refused.text.contains("1000 requests"), "{refused:?}");
    assert_eq!(submit(&city.transport).await.status, 422);
    city.later(1);
    assert_eq!(submit(&city.laboratory).await.status, 422);
}

#[tokio::test]
async fn a_phone_that_fetches_its_code_is_never_told_to_wait() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    let phone = city.phone(&ming, 7).await;
    let address = format!("/api/v1/me/phones/{}/assertion", phone.device);
    for _ in 0..2000 {
        assert_eq!(city.post(&address).token(&ming.token).await.status, 200);
    }
}

#[test]
fn the_way_to_an_identity_provider_is_counted_and_the_way_back_is_not() {
    let class = |route| class_of(&Method::GET, route);
    for route in ["/sign-in/{provider}/start", "/sign-in/{provider}/bind"] {
        assert_eq!(class(route), Some(RateClass::Registrations), "{route}");
    }
    for route in ["/sign-in/{provider}", "/sign-in/{provider}/callback", "/"] {
        assert_eq!(class(route), None, "{route}");
    }
}
