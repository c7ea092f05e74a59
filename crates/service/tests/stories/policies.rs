//! Publishing policies and region levels, and deciding everybody again.

use domain::{Colour, Level, RegionLevel};
use service::{Progress, Publisher, ServiceError};

use crate::city::{City, GREEN, POLICY, RED, YELLOW, at, hours, stayed, well};

crate::stories! {
    a_policy_that_does_not_check_leaves_the_one_in_force
    a_policy_waits_for_its_effective_date_and_then_takes_over
    a_version_is_published_once
    a_level_decides_everybody_again_and_an_unknown_one_restricts_nobody
    a_level_turns_off_the_codes_of_those_it_restricts
    a_level_that_ends_before_it_begins_is_refused
    until_a_pass_reaches_somebody_their_page_decides_for_itself
    a_pass_that_died_is_begun_again_after_a_start
    due_verdicts_are_swept
    without_a_policy_nothing_is_decided
}

fn second_version(effective: &str) -> String {
    let ring = "id = \"second-ring\"\nreads = \"contact\"";
    assert!(POLICY.contains(ring));
    POLICY
        .replace("version = 1", "version = 2")
        .replace("2020-02-01T00:00:00+08:00", effective)
        .replace(
            "gives = \"red\"\nstarts = \"last\"",
            "gives = \"yellow\"\nstarts = \"last\"",
        )
}

async fn publisher(city: &City) -> Publisher {
    city.publisher().await
}

fn high(region: &str, from: domain::Timestamp) -> RegionLevel {
    RegionLevel {
        region: region.parse().unwrap(),
        level: Level::High,
        from,
        until: None,
    }
}

async fn a_policy_that_does_not_check_leaves_the_one_in_force(city: City) {
    let li = city.resident("Li").await;
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    let endless =
        second_version("2020-02-02T00:00:00+08:00").replacen("lasts = \"14d\"\ntitle", "title", 1);
    match city
        .service
        .publishing
        .publish_policy(&publisher(&city).await, &endless)
        .await
    {
        Err(ServiceError::PolicyRefused { problems }) => {
            assert!(
                problems
                    .iter()
                    .any(|problem| problem.path.contains("lasts")),
                "{problems:?}"
            );
            assert!(
                problems.iter().all(|problem| problem.line > 1),
                "{problems:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(city.service.policies.all().await.unwrap().len(), 1);
    assert_eq!(
        city.service.policies.policy().unwrap().reference().version,
        1
    );
    city.service.policies.reload().await.unwrap();
    assert_eq!(city.status(&li).await, RED);
}

async fn a_policy_waits_for_its_effective_date_and_then_takes_over(city: City) {
    let li = city.resident("Li").await;
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    let text = second_version("2020-02-18T00:00:00+08:00");
    let policy = city
        .service
        .publishing
        .publish_policy(&publisher(&city).await, &text)
        .await
        .unwrap();
    assert_eq!(policy.reference().version, 2);
    city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!(
        city.service.policies.policy().unwrap().reference().version,
        1
    );
    assert_eq!(city.status(&li).await, RED);
    city.clock.set(at("2020-02-17T23:59:59+08:00"));
    assert_eq!(city.status(&li).await, RED);
    city.clock.set(at("2020-02-18T00:00:00+08:00"));
    assert_eq!(
        city.service.policies.policy().unwrap().reference().version,
        2
    );
    let progress = city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!(
        progress,
        Progress {
            decided: 1,
            changed: 1,
            people: 1,
            is_finished: true
        }
    );
    let report = city.report(&li).await;
    assert_eq!(report.explanation.verdict.status, YELLOW);
    assert_eq!(report.explanation.verdict.policy.version, 2);
}

async fn a_version_is_published_once(city: City) {
    let same = city
        .service
        .publishing
        .publish_policy(&publisher(&city).await, POLICY)
        .await
        .unwrap();
    assert_eq!(same.reference().version, 1);
    assert_eq!(city.service.policies.all().await.unwrap().len(), 1);
    let other = POLICY.replace("lasts = \"7d\"", "lasts = \"8d\"");
    let refused = city
        .service
        .publishing
        .publish_policy(&publisher(&city).await, &other)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServiceError::PolicyExists(_)),
        "{refused}"
    );
}

async fn a_level_decides_everybody_again_and_an_unknown_one_restricts_nobody(city: City) {
    let mut request = city.registration("Li", Some(well()));
    request.stays = vec![stayed("420102", city.ago(100), Some(city.ago(50)))];
    let li = city.service.people.register(request).await.unwrap();
    assert_eq!(
        li.status, GREEN,
        "nobody has published a level for that region"
    );
    let others = ["An", "Bo", "Cai", "Dan", "En", "Fu", "Gu"];
    for name in others {
        city.resident(name).await;
    }
    city.service
        .publishing
        .publish_levels(&publisher(&city).await, &[high("42", city.ago(200))])
        .await
        .unwrap();
    let progress = city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!(
        progress,
        Progress {
            decided: 8,
            changed: 1,
            people: 8,
            is_finished: true
        }
    );
    let resident = city.service.access.resident(&li.token).await.unwrap();
    let report = city.service.people.status(&resident, "en").await.unwrap();
    assert_eq!(report.explanation.verdict.status, RED);
    let again = city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!(again, progress, "a finished pass is not begun again");
}

async fn a_level_turns_off_the_codes_of_those_it_restricts(city: City) {
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    let stays = [stayed("420102", city.ago(100), Some(city.ago(50)))];
    city.service
        .people
        .declare(&li.resident, None, well(), &stays)
        .await
        .unwrap();
    let code = city
        .service
        .codes
        .plain_code(&li.resident)
        .await
        .unwrap()
        .text
        .unwrap();
    let other = city
        .service
        .codes
        .plain_code(&wu.resident)
        .await
        .unwrap()
        .text
        .unwrap();
    city.service
        .publishing
        .publish_levels(&publisher(&city).await, &[high("42", city.ago(200))])
        .await
        .unwrap();
    city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!(city.check(&code), Err("revoked"));
    assert_eq!(city.check(&other), Ok(Colour::Green));
}

async fn a_level_that_ends_before_it_begins_is_refused(city: City) {
    let good = high("42", city.ago(200));
    let bad = RegionLevel {
        until: Some(city.ago(300)),
        ..good
    };
    match city
        .service
        .publishing
        .publish_levels(&publisher(&city).await, &[good, bad])
        .await
    {
        Err(ServiceError::BadField { field, .. }) => assert_eq!(field, "until"),
        other => panic!("{other:?}"),
    }
    assert!(
        city.service.policies.region_levels().unwrap().is_empty(),
        "all or none"
    );
}

async fn until_a_pass_reaches_somebody_their_page_decides_for_itself(city: City) {
    let li = city.resident("Li").await;
    let stays = [stayed("420102", city.ago(100), Some(city.ago(50)))];
    city.service
        .people
        .declare(&li.resident, None, well(), &stays)
        .await
        .unwrap();
    assert_eq!(city.status(&li).await, GREEN);
    city.pass(hours(1));
    city.service
        .publishing
        .publish_levels(&publisher(&city).await, &[high("42", city.ago(200))])
        .await
        .unwrap();
    assert!(
        !city
            .service
            .reevaluation
            .progress()
            .await
            .unwrap()
            .is_finished
    );
    assert_eq!(city.status(&li).await, RED);
}

async fn a_pass_that_died_is_begun_again_after_a_start(mut city: City) {
    let li = city.resident("Li").await;
    let stays = [stayed("420102", city.ago(100), Some(city.ago(50)))];
    city.service
        .people
        .declare(&li.resident, None, well(), &stays)
        .await
        .unwrap();
    city.service
        .publishing
        .publish_levels(&publisher(&city).await, &[high("42", city.ago(200))])
        .await
        .unwrap();
    city.crash().await;
    assert!(
        !city
            .service
            .reevaluation
            .progress()
            .await
            .unwrap()
            .is_finished
    );
    let progress = city.service.reevaluation.decide_everybody().await.unwrap();
    assert_eq!((progress.decided, progress.changed), (1, 1));
    assert_eq!(city.status(&li).await, RED);
}

async fn due_verdicts_are_swept(city: City) {
    let li = city.resident("Li").await;
    city.submit(city.health.submitter(), &li, city.contact(20))
        .await;
    assert_eq!(city.service.sweep().await.unwrap(), 0);
    city.service.outbox.deliver().await.unwrap();
    city.clock.set(at("2020-03-02T00:00:00+08:00"));
    assert_eq!(city.service.sweep().await.unwrap(), 1);
    assert_eq!(city.service.sweep().await.unwrap(), 0);
    city.service.outbox.deliver().await.unwrap();
    let change = city
        .messages
        .changes
        .lock()
        .unwrap()
        .last()
        .cloned()
        .unwrap();
    assert_eq!((change.before, change.after), (Some(RED), GREEN));
}

async fn without_a_policy_nothing_is_decided(city: City) {
    city.clock.set(at("2020-01-31T00:00:00+08:00"));
    let li = city.registration("Li", Some(well()));
    let service = city.another_node().await;
    let refused = service.people.register(li.clone()).await.unwrap_err();
    assert!(matches!(refused, ServiceError::NoPolicy), "{refused}");
    city.clock.set(at("2020-02-01T00:00:00+08:00"));
    assert_eq!(service.people.register(li).await.unwrap().status, GREEN);
}
