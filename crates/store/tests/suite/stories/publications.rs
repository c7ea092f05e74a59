use std::sync::Arc;
use std::time::Duration;

use domain::{Level, PolicyRef, RegionLevel};
use store::{PolicyText, Publication, PublicationNumber, StoreError};

use crate::record::Record;
use crate::sample::at;

pub async fn levels_come_back_in_order_of_publication(store: &Record) {
    let level = |region: &str, level, day, until| RegionLevel {
        region: region.parse().unwrap(),
        level,
        from: at(day, 0),
        until,
    };
    let first = [
        level("42", Level::High, 0, None),
        level("330106", Level::Medium, -3, Some(at(4, 0))),
        level("42", Level::Low, 0, None),
    ];
    let second = [level("IT", Level::High, -9, None)];
    for levels in [&first[..], &second, &[]] {
        let publish = store.publish_levels(levels.to_vec(), published(0));
        publish.await.unwrap();
    }
    let all = [&first[..], &second].concat();
    assert_eq!(store.levels().await, Ok(all));
}

pub async fn publications_are_numbered_and_wait_for_whoever_holds_the_last(store: &Record) {
    assert_eq!(store.last_publication().await, Ok(PublicationNumber::NONE));
    let level = RegionLevel {
        region: "42".parse().unwrap(),
        level: Level::High,
        from: at(0, 0),
        until: None,
    };
    let publish = store.publish_levels(vec![level], published(0));
    publish.await.unwrap();
    let first = store.last_publication().await.unwrap();
    assert_ne!(first, PublicationNumber::NONE);
    let holder = Record(Arc::clone(&store.0));
    let holder = tokio::spawn(async move { holder.hold_publication_for_a_while().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let publish = store.publish_policy(policy("hangzhou", 1, "a = 1"), published(1));
    publish.await.unwrap();
    let (at_first, at_last) = holder.await.unwrap().unwrap();
    assert_eq!(at_first, at_last, "nothing was published meanwhile");
    assert_ne!(store.last_publication().await, Ok(at_last));
}

pub async fn a_policy_version_is_published_once(store: &Record) {
    store
        .publish_policy(policy("hangzhou", 1, "a = 1"), published(0))
        .await
        .unwrap();
    store
        .publish_policy(policy("hangzhou", 1, "a = 1"), published(1))
        .await
        .unwrap();
    let refused = store
        .publish_policy(policy("hangzhou", 1, "a = 2"), published(2))
        .await;
    let reference = PolicyRef {
        id: "hangzhou".into(),
        version: 1,
    };
    assert_eq!(refused, Err(StoreError::PolicyExists(reference)));
    assert_eq!(
        store.policies().await.unwrap(),
        [policy("hangzhou", 1, "a = 1")]
    );
}

pub async fn policies_come_back_newest_publication_last(store: &Record) {
    let all = [
        policy("hangzhou", 2, "b"),
        policy("hangzhou", 1, "a"),
        policy("chongqing", 1, "c"),
    ];
    for policy in &all {
        store
            .publish_policy(policy.clone(), published(0))
            .await
            .unwrap();
    }
    store
        .publish_policy(all[0].clone(), published(5))
        .await
        .unwrap();
    assert_eq!(store.policies().await.unwrap(), all);
}

fn policy(id: &str, version: u32, toml: &str) -> PolicyText {
    let reference = PolicyRef {
        id: id.into(),
        version,
    };
    PolicyText {
        reference,
        toml: toml.into(),
        effective: at(0, 0),
    }
}

fn published(day: i64) -> Publication {
    Publication {
        by: "Health commission".into(),
        at: at(day, 9),
    }
}
