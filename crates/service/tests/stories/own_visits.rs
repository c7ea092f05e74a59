//! Where a person is and was, and taking back a mistake.

use jiff::SignedDuration;
use service::ServiceError;

use crate::city::{City, Persona};

crate::stories! {
    a_person_is_where_they_entered_last_and_nowhere_once_they_left
    a_visit_is_taken_back_for_two_minutes
    a_visit_is_not_taken_back_once_contacts_were_looked_for
}

async fn at(city: &City, who: &Persona) -> Option<String> {
    let current = city.service.visits.current(&who.resident).await.unwrap();
    current.map(|visit| visit.venue_name)
}

#[track_caller]
fn is_too_late<T: std::fmt::Debug>(result: Result<T, ServiceError>) {
    match result {
        Err(ServiceError::BadField { field: "visit", .. }) => {}
        other => panic!("{other:?}"),
    }
}

async fn a_person_is_where_they_entered_last_and_nowhere_once_they_left(city: City) {
    let li = city.resident("Li").await;
    let (tea, gym) = (
        city.venue("Tea house", None).await,
        city.venue("Gym", None).await,
    );
    let visits = &city.service.visits;
    assert_eq!(at(&city, &li).await, None);
    visits
        .check_in(&li.resident, tea, city.key())
        .await
        .unwrap();
    city.pass(SignedDuration::from_mins(30));
    assert_eq!(at(&city, &li).await.as_deref(), Some("Tea house"));
    let there = visits
        .check_in(&li.resident, gym, city.key())
        .await
        .unwrap();
    assert_eq!(at(&city, &li).await.as_deref(), Some("Gym"));
    city.pass(SignedDuration::from_mins(30));
    visits.check_out(&li.resident, there.visit).await.unwrap();
    assert_eq!(at(&city, &li).await, None, "the tea house is over as well");
    visits
        .check_in(&li.resident, tea, city.key())
        .await
        .unwrap();
    city.pass(SignedDuration::from_hours(12));
    assert_eq!(at(&city, &li).await, None);
    let own = visits.own(&li.resident).await.unwrap();
    let names: Vec<_> = own
        .iter()
        .map(|(_, name)| name.as_deref().unwrap())
        .collect();
    assert_eq!(names, ["Tea house", "Gym", "Tea house"], "the newest first");
}

async fn a_visit_is_taken_back_for_two_minutes(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let tea = city.venue("Tea house", None).await;
    let visits = &city.service.visits;
    let first = visits
        .check_in(&li.resident, tea, city.key())
        .await
        .unwrap();
    let foreign = visits.take_back(&wu.resident, first.visit).await;
    assert!(
        matches!(foreign, Err(ServiceError::UnknownVisit)),
        "{foreign:?}"
    );
    city.pass(SignedDuration::from_mins(2));
    visits.take_back(&li.resident, first.visit).await.unwrap();
    for table in ["visit_by_person", "visit_by_venue"] {
        let rows = city
            .base
            .bytes(&format!("SELECT visit_id FROM {table}"))
            .await;
        assert_eq!(rows.len(), 0, "{table}");
    }
    let again = visits.take_back(&li.resident, first.visit).await;
    assert!(
        matches!(again, Err(ServiceError::UnknownVisit)),
        "{again:?}"
    );
    let second = visits
        .check_in(&li.resident, tea, city.key())
        .await
        .unwrap();
    city.pass(SignedDuration::from_secs(121));
    is_too_late(visits.take_back(&li.resident, second.visit).await);
    assert_eq!(at(&city, &li).await.as_deref(), Some("Tea house"));
}

async fn a_visit_is_not_taken_back_once_contacts_were_looked_for(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let tea = city.venue("Tea house", None).await;
    let visits = &city.service.visits;
    let ill = visits
        .check_in(&li.resident, tea, city.key())
        .await
        .unwrap();
    let beside = visits
        .check_in(&wu.resident, tea, city.key())
        .await
        .unwrap();
    city.pass(SignedDuration::from_secs(30));
    city.confirm(&li).await;
    city.service.tracing.run_traces().await.unwrap();
    is_too_late(visits.take_back(&li.resident, ill.visit).await);
    is_too_late(visits.take_back(&wu.resident, beside.visit).await);
}
