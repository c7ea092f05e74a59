//! What one authority or one person cannot do, however it is sent.

use domain::evidence::{GroupKind, Order, Validity};
use domain::{Colour, Fact};
use service::{
    Cap, Caps, Item, NewMembership, Receipt, Result, Scan, Service, ServiceError, Submission,
};

use crate::city::{City, GREEN, Persona, RED, hangzhou, hours};

crate::stories! {
    thirty_visits_at_the_same_hour_are_one_visit
    forty_people_do_not_fit_into_one_household
    a_submission_that_restricts_too_many_restricts_nobody
    orders_of_one_authority_are_few_on_one_day
    a_verdict_of_our_own_issuer_is_not_foreign
    proposals_of_one_authority_do_not_pile_up
}

async fn thirty_visits_at_the_same_hour_are_one_visit(city: City) {
    let wu = city.resident("Wu").await;
    let mut scans = Vec::new();
    for number in 0..30 {
        scans.push(Scan {
            id: city.key(),
            venue: city.venue(&format!("Venue {number}"), None).await,
            entered: city.ago(3),
            left: Some(city.ago(2)),
        });
    }
    let upload = async |scans: &[Scan]| {
        let uploaded = city.service.visits.upload_scans(&wu.resident, scans);
        uploaded.await.unwrap()
    };
    let receipt = upload(&scans).await;
    assert_eq!(receipt.accepted, [scans[0].id]);
    assert_eq!(receipt.refused.len(), 29);
    assert!(receipt.refused.iter().all(|one| one.field == "entered"));
    // Nor do they fit when they come one by one, and the first counts once more as itself.
    assert_eq!(upload(&scans[7..8]).await.accepted, []);
    assert_eq!(upload(&scans[..1]).await.accepted, [scans[0].id]);
}

async fn forty_people_do_not_fit_into_one_household(city: City) {
    const NAMES: [&str; 25] = [
        "Aa", "Ab", "Ac", "Ad", "Ae", "Af", "Ag", "Ah", "Ai", "Aj", "Ak", "Al", "Am", "An", "Ao",
        "Ap", "Aq", "Ar", "As", "At", "Au", "Av", "Aw", "Ax", "Ay",
    ];
    let mut people = Vec::new();
    for name in NAMES {
        people.push(city.resident(name).await);
    }
    let office = city.community.clone().into_group_official().unwrap();
    let put = async |people: &[Persona], kind| {
        let member = |who: &Persona| NewMembership {
            subject: who.subject(),
            group: "flat 1".to_owned(),
            kind,
            from: city.ago(900),
            until: None,
        };
        let members = people.iter().map(member).collect();
        let put = city.service.tracing.put_memberships(&office, members);
        put.await.unwrap()
    };
    let receipt = put(&people, GroupKind::Household).await;
    assert_eq!(receipt.accepted, (0..20).collect::<Vec<_>>());
    assert_eq!(receipt.refused.len(), 5);
    assert!(receipt.refused.iter().all(|one| one.field == "group"));
    let later = put(&people[20..], GroupKind::Household).await;
    assert_eq!((later.accepted.len(), later.changed), (0, 0));
    let repeated = put(&people[..20], GroupKind::Household).await;
    assert_eq!((repeated.accepted.len(), repeated.changed), (20, 0));
    let building = put(&people, GroupKind::Building).await;
    assert_eq!(building.accepted.len(), 25);
}

async fn submit(
    city: &City,
    node: &Service,
    items: Vec<Item>,
    request: Option<domain::RequestKey>,
) -> Result<Receipt> {
    let submission = Submission {
        request,
        content: None,
        items,
    };
    node.evidence
        .submit(city.health.official(), submission)
        .await
}

async fn a_submission_that_restricts_too_many_restricts_nobody(city: City) {
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::RestrictedByBatch, 3);
        })
        .await;
    let mut people = Vec::new();
    for name in ["Li", "Wu", "Mei", "Tao", "Lan"] {
        people.push(city.resident(name).await);
    }
    let items = |people: &[Persona]| -> Vec<Item> {
        let item = |who: &Persona| Item {
            subject: who.subject(),
            fact: city.contact(20),
        };
        people.iter().map(item).collect()
    };
    let key = city.key();
    let refused = submit(&city, &node, items(&people), Some(key)).await;
    let is_named = matches!(
        refused,
        Err(ServiceError::RestrictsTooMany {
            restricted: 5,
            cap: 3
        })
    );
    assert!(is_named, "{refused:?}");
    for who in &people {
        assert_eq!(city.status(who).await, GREEN, "{}", who.name);
    }
    let taken = submit(&city, &node, items(&people[..3]), Some(key)).await;
    assert_eq!(taken.unwrap().changed, 3);
    assert_eq!(city.status(&people[0]).await, RED);
    // Who is red already is not restricted more.
    let again = submit(&city, &node, items(&people), None).await;
    assert_eq!(again.unwrap().changed, 2);
}

async fn orders_of_one_authority_are_few_on_one_day(city: City) {
    let li = city.resident("Li").await;
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::OrdersADay, 2);
        })
        .await;
    let order = || {
        let names = ["Dr Lin", "Dr Wu"].map(str::to_owned);
        let (from, until) = (city.now(), city.now() + hours(24));
        let order = Order::new(Colour::Yellow, from, until, "Law 1".to_owned(), names);
        let fact = Fact::Order(order.unwrap());
        let subject = li.subject();
        vec![Item { subject, fact }]
    };
    let sent = async |request| submit(&city, &node, order(), request).await.unwrap();
    let key = city.key();
    // The same request three times is one order.
    for _ in 0..3 {
        assert_eq!(sent(Some(key)).await.accepted.len(), 1);
    }
    assert_eq!(sent(None).await.accepted.len(), 1);
    let third = sent(None).await;
    assert_eq!((third.accepted.len(), third.refused.len()), (0, 1));
    assert!(third.refused[0].reason.contains("2 of these a day"));
    city.pass(hours(24));
    assert_eq!(sent(None).await.accepted.len(), 1);
}

async fn a_verdict_of_our_own_issuer_is_not_foreign(city: City) {
    let li = city.resident("Li").await;
    let verdict = |issuer: domain::Region| {
        let period = Validity::new(city.ago(1), city.now() + hours(24)).unwrap();
        Fact::foreign_verdict(issuer, Colour::Red, period)
    };
    let own = city.try_submit(city.health.official(), li.subject(), verdict(hangzhou()));
    assert_eq!(own.await.refused[0].field, "issuer");
    let other = verdict("3702".parse().unwrap());
    let taken = city
        .try_submit(city.health.official(), li.subject(), other)
        .await;
    assert_eq!(taken.refused, []);
}

async fn proposals_of_one_authority_do_not_pile_up(city: City) {
    let propose = async |version: u32| {
        let text = crate::city::POLICY.replace("version = 1", &format!("version = {version}"));
        let proposed = city.service.publishing.propose_policy(&city.health, &text);
        proposed.await
    };
    for version in 2..7 {
        propose(version).await.unwrap();
    }
    let refused = propose(7).await.map(drop);
    let is_named = matches!(refused, Err(ServiceError::TooManyWaiting { cap: 5 }));
    assert!(is_named, "{refused:?}");
    propose(3)
        .await
        .expect("what waits already is the same one");
}
