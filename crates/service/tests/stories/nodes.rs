//! Several processes on one database.

use std::time::Duration;

use domain::Colour;

use jiff::SignedDuration;

use crate::city::{City, POLICY, RED};

crate::stories! {
    another_node_notices_a_published_policy
    a_restriction_reaches_the_checks_of_another_node
    a_node_whose_memory_is_old_signs_no_code_that_holds
}

async fn another_node_notices_a_published_policy(city: City) {
    let other = city.another_node().await;
    let text = POLICY.replace("version = 1", "version = 2");
    city.service
        .publishing
        .publish_policy(&city.publisher().await, &text)
        .await
        .unwrap();
    assert_eq!(other.policies.policy().unwrap().reference().version, 1);
    other.policies.reload().await.unwrap();
    assert_eq!(
        other.policies.policy().unwrap().reference().version,
        2,
        "of equal dates the later counts"
    );
}

async fn a_restriction_reaches_the_checks_of_another_node(city: City) {
    let other = city.another_node().await;
    let workers = other.spawn_workers();
    let li = city.resident("Li").await;
    let card = city
        .service
        .codes
        .card(&li.resident)
        .await
        .unwrap()
        .text
        .unwrap();
    let settings = credential::Settings::default();
    assert_eq!(
        other.checks.verify(&card, &settings).unwrap().colour,
        Colour::Green
    );
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    assert_eq!(city.check(&card), Err("revoked"));
    let noticed = async {
        while other.checks.verify(&card, &settings).is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), noticed)
        .await
        .unwrap();
    workers.stop().await;
}

async fn a_node_whose_memory_is_old_signs_no_code_that_holds(city: City) {
    let other = city.another_node().await;
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    let old = other
        .codes
        .live_code(&li.resident, phone.device)
        .await
        .unwrap();
    assert_eq!(old.colour, Colour::Green);
    city.pass(SignedDuration::from_mins(10));
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    let stale = other
        .codes
        .live_code(&li.resident, phone.device)
        .await
        .unwrap();
    assert_eq!(
        stale.colour,
        Colour::Green,
        "the other node has not noticed yet"
    );
    assert_eq!(city.check(&city.show(&phone, &stale)), Err("revoked"));
    assert_eq!(city.status(&li).await, RED);
}
