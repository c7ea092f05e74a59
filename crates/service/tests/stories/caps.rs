//! What one authority or one person cannot do, however it is sent.

use credential::HolderKey;
use domain::Colour;
use domain::evidence::GroupKind;
use jiff::SignedDuration;
use service::{
    BatchApproval, Cap, Caps, Item, NewMembership, OrderRequest, Receipt, Result, Scan, Service,
    ServiceError, Submission,
};

use crate::city::{City, GREEN, Persona, RED, hours};

crate::stories! {
    thirty_visits_at_the_same_hour_are_one_visit
    visits_that_overlap_their_neighbours_all_day_are_bounded_in_all
    whoever_checks_in_elsewhere_has_left
    whoever_enters_once_more_and_leaves_has_left
    forty_people_do_not_fit_into_one_household
    a_submission_that_restricts_too_many_restricts_nobody
    orders_of_one_authority_are_few_on_one_day
    an_order_that_is_sent_twice_is_proposed_once
    six_hundred_phones_for_one_person_are_eight
    a_live_check_in_counts_among_the_visits_of_the_day
    proposals_of_one_authority_do_not_pile_up
}

async fn thirty_visits_at_the_same_hour_are_one_visit(city: City) {
    let wu = city.resident("Wu").await;
    let mut scans = Vec::new();
    for number in 0..30 {
        scans.push(Scan {
            sign: None,
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

async fn visits_that_overlap_their_neighbours_all_day_are_bounded_in_all(city: City) {
    let wu = city.resident("Wu").await;
    let mut accepted = 0;
    for number in 0..24 {
        let entered = city.ago(10) + SignedDuration::from_mins(10 * number);
        let scan = Scan {
            id: city.key(),
            venue: city.venue(&format!("Venue {number}"), None).await,
            entered,
            left: Some(entered + SignedDuration::from_mins(15)),
            sign: None,
        };
        let uploaded = city
            .service
            .visits
            .upload_scans(&wu.resident, &[scan])
            .await;
        accepted += uploaded.unwrap().accepted.len();
    }
    // Four with three overlaps, then every other one.
    assert_eq!(accepted, 14);
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

async fn whoever_enters_once_more_and_leaves_has_left(city: City) {
    let wu = city.resident("Wu").await;
    let teahouse = city.venue("Teahouse", None).await;
    let visits = &city.service.visits;
    let mut inside = None;
    for _ in 0..2 {
        let entered = visits.check_in(&wu.resident, teahouse, city.key()).await;
        inside = Some(entered.unwrap().visit);
        city.pass(SignedDuration::from_mins(30));
    }
    let left = visits.check_out(&wu.resident, inside.unwrap()).await;
    left.unwrap();
    city.pass(hours(4));
    let (li, mei) = (city.resident("Li").await, city.resident("Mei").await);
    city.was_at(&li, teahouse, 3, 120).await;
    city.was_at(&mei, teahouse, 5, 60).await;
    city.confirm(&wu).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(city.status(&li).await, GREEN, "Wu had left an hour before");
    assert_ne!(city.status(&mei).await, GREEN, "Wu was there all the hour");
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
            said: city.contact(20).into(),
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
        assert_eq!(approved.unwrap(), BatchApproval::Taken { changed: 5 });
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
    // What was settled is proposed again, and not said to wait where nothing does.
    let mut others = Vec::new();
    for name in ["Bai", "Cao", "Deng", "Fan"] {
        others.push(city.resident(name).await);
    }
    let held = async || {
        let receipt = submit(&city, &node, items(&others), Some(city.key())).await;
        receipt.unwrap().held.unwrap()
    };
    let first = held().await;
    assert_eq!(held().await, first, "while it waits it is the same");
    node.batches
        .reject(&approver, first, "a mistake")
        .await
        .unwrap();
    let second = held().await;
    assert_ne!(second, first);
    assert_eq!(held().await, second);
    node.batches
        .approve(&approver, second, "seen")
        .await
        .unwrap();
    assert_eq!(city.status(&others[0]).await, RED);
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
    let approver = city.approver().await;
    let mut proposed = Vec::new();
    // Who only proposes uses up nobody's day.
    for _ in 0..4 {
        let request = OrderRequest {
            request: None,
            people: vec![li.subject()],
            colour: Colour::Yellow,
            from: city.now(),
            until: city.now() + hours(48),
            basis: "Law 1".to_owned(),
        };
        proposed.push(node.orders.propose(&officer, request).await.unwrap().id);
    }
    let approve = async |place: usize| {
        let approved = node.orders.approve(&approver, proposed[place], "seen");
        approved.await.map(drop)
    };
    approve(0).await.unwrap();
    approve(0).await.expect("the same one counts once");
    let rejected = node.orders.reject(&approver, proposed[1], "no").await;
    rejected.unwrap();
    approve(2).await.unwrap();
    let third = approve(3).await;
    let Err(ServiceError::BadField { field, why }) = &third else {
        panic!("{third:?}");
    };
    assert!(*field == "people" && why.contains("2 people"), "{why}");
    city.pass(hours(24));
    let approver = city.approver().await;
    let tomorrow = node.orders.approve(&approver, proposed[3], "seen").await;
    tomorrow.expect("another day");
}

async fn an_order_that_is_sent_twice_is_proposed_once(city: City) {
    let li = city.resident("Li").await;
    let officer = city.fresh(city.health.id()).await;
    let mut request = OrderRequest {
        request: Some(city.key()),
        people: vec![li.subject()],
        colour: Colour::Yellow,
        from: city.now(),
        until: city.now() + hours(48),
        basis: "Law 1".to_owned(),
    };
    let orders = &city.service.orders;
    let at_once = futures::future::join_all([
        orders.propose(&officer, request.clone()),
        orders.propose(&officer, request.clone()),
    ]);
    let at_once = at_once.await;
    let first = at_once[0].as_ref().unwrap().id;
    assert_eq!(at_once[1].as_ref().unwrap().id, first);
    city.pass(SignedDuration::from_mins(1));
    request.from = city.now();
    request.until = city.now() + hours(48);
    let again = orders.propose(&officer, request.clone()).await.unwrap();
    assert_eq!(again.id, first, "the form was sent again later");
    request.basis = "Law 2".to_owned();
    let other = orders.propose(&officer, request).await.unwrap_err();
    assert!(
        matches!(other, ServiceError::RequestKeyReused(_)),
        "what it says would be lost: {other:?}"
    );
}

async fn six_hundred_phones_for_one_person_are_eight(city: City) {
    let li = city.resident("Li").await;
    let enrol = async |number: u32, days: usize| {
        let keys: Vec<Vec<u8>> = (0..days)
            .map(|day| {
                let mut secret = [7; 32];
                secret[..8].copy_from_slice(&(u64::from(number) * 8 + day as u64).to_be_bytes());
                let key = HolderKey::from_bytes(secret).unwrap();
                key.public_key().unwrap().to_bytes().to_vec()
            })
            .collect();
        city.service.codes.enrol(&li.resident, &keys, 0).await
    };
    let mut phones = Vec::new();
    for number in 0..600 {
        match enrol(number, 1).await {
            Ok(keys) => phones.push(keys[0].device),
            Err(ServiceError::TooManyPhones { cap: 8 }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(phones.len(), 8);
    enrol(3, 1).await.expect("a repeat is no other phone");
    // Of keys for several days all are enrolled or none.
    enrol(601, 8).await.unwrap_err();
    let end = city.service.accounts.end_phone(&li.resident, phones[0]);
    end.await.unwrap();
    enrol(601, 8).await.expect("one of them was ended");
    city.pass(hours(24));
    enrol(602, 1).await.expect("another day");
}

async fn a_live_check_in_counts_among_the_visits_of_the_day(city: City) {
    let wu = city.resident("Wu").await;
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::VisitsADay, 3);
        })
        .await;
    let mut venues = Vec::new();
    for number in 0..5 {
        venues.push(city.venue(&format!("Venue {number}"), None).await);
    }
    let uploaded = Scan {
        sign: None,
        id: city.key(),
        venue: venues[0],
        entered: city.ago(2),
        left: Some(city.ago(1)),
    };
    let receipt = node.visits.upload_scans(&wu.resident, &[uploaded]).await;
    assert_eq!(receipt.unwrap().accepted.len(), 1);
    let (second, third) = (city.key(), city.key());
    let check_in = async |place: usize, key| {
        let inside = node.visits.check_in(&wu.resident, venues[place], key).await;
        inside.map(drop)
    };
    check_in(1, second).await.unwrap();
    check_in(2, third).await.unwrap();
    let fourth = check_in(3, city.key()).await;
    assert!(
        matches!(
            fourth,
            Err(ServiceError::BadField {
                field: "entered",
                ..
            })
        ),
        "{fourth:?}"
    );
    check_in(2, third)
        .await
        .expect("a repeat is the same visit");
    let upload = Scan {
        sign: None,
        id: city.key(),
        venue: venues[4],
        entered: city.ago(5),
        left: Some(city.ago(4)),
    };
    let receipt = node.visits.upload_scans(&wu.resident, &[upload]).await;
    assert_eq!(receipt.unwrap().refused.len(), 1);
    city.pass(hours(24));
    check_in(3, city.key()).await.expect("another day");
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
