//! Venues, check-in and check-out, scans without a network.

use domain::evidence::OpenPeriod;
use domain::{Fact, VenueId};
use jiff::SignedDuration;
use service::{NewVenue, Scan, ServiceError, VisitReceipt};
use store::Visit;

use crate::city::{City, GREEN, Persona, YELLOW, hours};

crate::stories! {
    a_check_in_and_a_check_out_make_one_visit
    the_first_check_out_wins
    scans_uploaded_twice_count_once
    bad_scans_are_refused_one_by_one
    a_check_in_at_a_port_turns_the_code_and_a_test_turns_it_back
    a_venue_is_changed_by_its_id
}

async fn visits(city: &City, who: &Persona) -> Vec<Visit> {
    let evidence = city
        .service
        .evidence
        .own_evidence_of(&who.resident)
        .await
        .unwrap();
    let visit = evidence.into_iter().filter_map(|piece| match piece.fact {
        Fact::Visit {
            venue,
            category,
            period,
            ..
        } => {
            let (id, person) = (piece.id, piece.person);
            Some(Visit {
                id,
                person,
                venue,
                category,
                entered: period.begin(),
                left: period.end(),
            })
        }
        _ => None,
    });
    visit.collect()
}

async fn a_check_in_and_a_check_out_make_one_visit(city: City) {
    let li = city.resident("Li").await;
    let library = city.venue("City Library", None).await;
    let scan = city.key();
    let entered = city.now();
    let inside = city
        .service
        .visits
        .check_in(&li.resident, library, scan)
        .await
        .unwrap();
    city.pass(SignedDuration::from_mins(5));
    let again = city
        .service
        .visits
        .check_in(&li.resident, library, scan)
        .await
        .unwrap();
    assert_eq!(again, inside, "a repeat is answered with the first visit");
    city.pass(hours(2));
    let outside = city
        .service
        .visits
        .check_out(&li.resident, inside.visit)
        .await
        .unwrap();
    let expected = VisitReceipt {
        visit: inside.visit,
        venue: library,
        venue_name: "City Library".to_owned(),
        entered,
        left: Some(city.now()),
        is_by_door: false,
    };
    assert_eq!(outside, expected);
    let visits = visits(&city, &li).await;
    assert_eq!(visits.len(), 1);
    assert_eq!(
        (visits[0].entered, visits[0].left),
        (entered, Some(city.now()))
    );
}

async fn the_first_check_out_wins(city: City) {
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    let library = city.venue("City Library", None).await;
    let inside = city
        .service
        .visits
        .check_in(&li.resident, library, city.key())
        .await
        .unwrap();
    city.pass(hours(1));
    let first = city
        .service
        .visits
        .check_out(&li.resident, inside.visit)
        .await
        .unwrap();
    city.pass(hours(1));
    let second = city
        .service
        .visits
        .check_out(&li.resident, inside.visit)
        .await
        .unwrap();
    assert_eq!(second.left, first.left);
    let refused = city
        .service
        .visits
        .check_out(&wu.resident, inside.visit)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServiceError::UnknownVisit),
        "it is another person's: {refused}"
    );
    let nowhere = VenueId::from_u128(404);
    let refused = city
        .service
        .visits
        .check_in(&li.resident, nowhere, city.key())
        .await
        .unwrap_err();
    assert!(matches!(refused, ServiceError::UnknownVenue), "{refused}");
}

async fn scans_uploaded_twice_count_once(city: City) {
    let li = city.resident("Li").await;
    let library = city.venue("City Library", None).await;
    let scan = |hours_ago, left| Scan {
        sign: None,
        id: city.key(),
        venue: library,
        entered: city.ago(hours_ago),
        left,
    };
    let scans = [scan(30, Some(city.ago(29))), scan(20, None)];
    let first = city
        .service
        .visits
        .upload_scans(&li.resident, &scans)
        .await
        .unwrap();
    assert_eq!(first.accepted, scans.clone().map(|scan| scan.id));
    let again = city
        .service
        .visits
        .upload_scans(&li.resident, &scans)
        .await
        .unwrap();
    assert_eq!(again, first);
    assert_eq!(visits(&city, &li).await.len(), 2);
    let wu = city.resident("Wu").await;
    city.service
        .visits
        .upload_scans(&wu.resident, &scans)
        .await
        .unwrap();
    assert_eq!(
        visits(&city, &wu).await.len(),
        2,
        "another phone may draw the same identifiers"
    );
    assert_eq!(visits(&city, &li).await.len(), 2);
}

async fn bad_scans_are_refused_one_by_one(city: City) {
    let li = city.resident("Li").await;
    let library = city.venue("City Library", None).await;
    let scan = |venue, entered, left| Scan {
        sign: None,
        id: city.key(),
        venue,
        entered,
        left,
    };
    let scans = [
        scan(VenueId::from_u128(404), city.ago(1), None),
        scan(library, city.now() + hours(1), None),
        scan(library, city.ago(1), Some(city.ago(2))),
        scan(library, city.ago(24 * 22), None),
        scan(library, city.ago(1), None),
    ];
    let receipt = city
        .service
        .visits
        .upload_scans(&li.resident, &scans)
        .await
        .unwrap();
    let refused: Vec<_> = receipt
        .refused
        .iter()
        .map(|refused| (refused.id, refused.field))
        .collect();
    let expected = ["venue", "entered", "left", "entered"];
    let expected: Vec<_> = scans.iter().map(|scan| scan.id).zip(expected).collect();
    assert_eq!(refused, expected);
    assert_eq!(receipt.accepted, [scans[4].id]);
    assert_eq!(visits(&city, &li).await.len(), 1);
}

async fn a_check_in_at_a_port_turns_the_code_and_a_test_turns_it_back(city: City) {
    let li = city.resident("Li").await;
    let port = city.venue("East Railway Station", Some("port")).await;
    city.service
        .visits
        .check_in(&li.resident, port, city.key())
        .await
        .unwrap();
    assert_eq!(city.status(&li).await, YELLOW);
    city.pass(hours(2));
    let sample = Fact::test(
        domain::evidence::TestKind::Pcr,
        domain::evidence::TestResult::Pending,
        OpenPeriod::since(city.now()),
        None,
    );
    city.submit(&city.laboratory, &li, sample).await;
    assert_eq!(city.status(&li).await, GREEN);
}

async fn a_venue_is_changed_by_its_id(city: City) {
    let venue = |id, name: &str, category: Option<&str>| NewVenue {
        sign: None,
        id,
        name: name.to_owned(),
        category: category.map(str::to_owned),
        region: Some("330106".parse().unwrap()),
    };
    let old = city
        .service
        .visits
        .put_venue(&city.health, venue(None, "Old Name", None))
        .await
        .unwrap();
    let new = venue(Some(old.id), "New Name", Some("restaurant"));
    city.service
        .visits
        .put_venue(&city.health, new)
        .await
        .unwrap();
    assert_eq!(
        city.service.visits.venue(old.id).await.unwrap().name,
        "New Name"
    );
    for (bad, field) in [
        (venue(None, " ", None), "name"),
        (venue(None, "A", Some("Port")), "category"),
    ] {
        match city.service.visits.put_venue(&city.health, bad).await {
            Err(ServiceError::BadField { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{other:?}"),
        }
    }
}
