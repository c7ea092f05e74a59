//! What one authority or one person cannot do, however it is sent.

use domain::evidence::{GroupKind, Validity};
use domain::{Colour, Fact};
use jiff::SignedDuration;
use service::{
    Cap, Caps, Item, NewMembership, OrderRequest, Receipt, Result, Scan, Service, ServiceError,
    Submission,
};

use crate::city::{City, GREEN, Persona, RED, hangzhou, hours};

crate::stories! {
    thirty_visits_at_the_same_hour_are_one_visit
    whoever_checks_in_elsewhere_has_left
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

async fn whoever_checks_in_elsewhere_has_left(city: City) {
    let (wu, li) = (city.resident("Wu").await, city.resident("Li").await);
    let mut venues = Vec::new();
    for name in ["Teahouse", "Market", "Library"] {
        venues.push(city.venue(name, None).await);
    }
    for venue in &venues {
        let inside = city
            .service
            .visits
            .check_in(&wu.resident, *venue, city.key());
        inside.await.unwrap();
        city.pass(SignedDuration::from_mins(2));
    }
    city.pass(hours(3));
    city.was_at(&li, venues[0], 3, 120).await;
    let mei = city.resident("Mei").await;
    city.was_at(&mei, venues[2], 3, 120).await;
    city.confirm(&wu).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(city.status(&li).await, GREEN, "Wu had left the teahouse");
    assert_ne!(city.status(&mei).await, GREEN, "Wu stayed in the library");
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
    let put = async |people: &[Persona], kind| {
        let member = |who: &Persona| NewMembership {
            subject: who.subject(),
            group: "flat 1".to_owned(),
            kind,
            from: city.ago(900),
            until: None,
        };
        let members = people.iter().map(member).collect();
        let put = city
            .service
            .tracing
            .put_memberships(&city.community, members);
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
        .submit(city.health.submitter(), submission)
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
    let receipt = submit(&city, &node, items(&people), Some(key))
        .await
        .unwrap();
    assert_eq!((receipt.accepted.len(), receipt.changed), (0, 0));
    let held = receipt.held.unwrap();
    let again = submit(&city, &node, items(&people), Some(key))
        .await
        .unwrap();
    assert_eq!(again.held, Some(held), "the same request waits once");
    for who in &people {
        assert_eq!(city.status(who).await, GREEN, "{}", who.name);
    }
    let approver = city.approver().await;
    let listed = node.batches.list(&approver).await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].people, listed[0].restricted),
        (1, 5, 5)
    );
    for _ in 0..2 {
        let approved = node.batches.approve(&approver, held, "seen").await;
        assert_eq!(approved.unwrap(), 5);
    }
    city.service.notice_other_nodes().await.unwrap();
    for who in &people {
        assert_eq!(city.status(who).await, RED, "{}", who.name);
    }
    let rejected = node.batches.reject(&approver, held, "too late").await;
    assert!(
        matches!(rejected, Err(ServiceError::ProposalSettled)),
        "{rejected:?}"
    );
    // Who is red already is not restricted more.
    let again = submit(&city, &node, items(&people), None).await.unwrap();
    assert_eq!((again.held, again.changed), (None, 0));
}

async fn orders_of_one_authority_are_few_on_one_day(city: City) {
    let li = city.resident("Li").await;
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::OrdersADay, 2);
        })
        .await;
    let officer = city.fresh(city.health.id()).await;
    let propose = async || {
        let request = OrderRequest {
            people: vec![li.subject()],
            colour: Colour::Yellow,
            from: city.now(),
            until: city.now() + hours(24),
            basis: "Law 1".to_owned(),
        };
        node.orders.propose(&officer, request).await.map(drop)
    };
    for _ in 0..2 {
        propose().await.unwrap();
    }
    let third = propose().await;
    let Err(ServiceError::BadField { field, why }) = &third else {
        panic!("{third:?}");
    };
    assert!(*field == "people" && why.contains("2 orders"), "{why}");
}

async fn a_verdict_of_our_own_issuer_is_not_foreign(city: City) {
    let li = city.resident("Li").await;
    let verdict = |issuer: domain::Region| {
        let period = Validity::new(city.ago(1), city.now() + hours(24)).unwrap();
        Fact::foreign_verdict(issuer, Colour::Red, period)
    };
    let own = city.try_submit(city.health.submitter(), li.subject(), verdict(hangzhou()));
    assert_eq!(own.await.refused[0].field, "issuer");
    let other = verdict("3702".parse().unwrap());
    let taken = city
        .try_submit(city.health.submitter(), li.subject(), other)
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
