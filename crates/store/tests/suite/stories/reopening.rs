use domain::StaffId;
use store::{ColourChange, Store, StoreError, TraceJob};

use super::{GREEN, RED};
use crate::bases::Base;
use crate::record::Record;
use crate::sample::{Counting, LI, at, id, newcomer, verdict};

pub async fn a_newer_database_is_refused_untouched(base: Base) {
    base.tamper("INSERT INTO schema_version (version) VALUES (999)")
        .await;
    let before = base.picture().await;
    let newer = StoreError::NewerSchema {
        found: 999,
        known: Store::NEWEST_SCHEMA,
    };
    let opened = Store::open(&base.url, &Counting).await;
    assert_eq!(opened.err(), Some(newer.clone()));
    let migrated = Store::migrate(&base.url, &Counting).await;
    assert_eq!(migrated.err(), Some(newer));
    let version = Store::schema_version(&base.url, &Counting).await;
    assert_eq!(version, Ok(999));
    assert!(base.picture().await == before, "the database was changed");
    base.remove().await;
}

pub async fn an_older_database_is_refused_untouched(base: Base) {
    let (newest, older) = (Store::NEWEST_SCHEMA, Store::NEWEST_SCHEMA - 1);
    base.tamper(&format!(
        "DELETE FROM schema_version WHERE version = {newest}"
    ))
    .await;
    let before = base.picture().await;
    let older = StoreError::NotMigrated {
        found: older,
        known: newest,
    };
    let opened = Store::open(&base.url, &Counting).await;
    assert_eq!(opened.err(), Some(older));
    assert!(base.picture().await == before, "the database was changed");
    base.remove().await;
}

pub async fn everything_is_there_after_opening_again(base: Base) {
    let store = &base.store;
    let li = newcomer(LI, 0);
    store.register(li.clone()).await.unwrap();
    let change = store.draw_change().await.unwrap();
    let red = verdict(LI, RED, at(0, 9), change);
    store.put_verdicts(vec![red.clone()]).await.unwrap();
    let job = TraceJob {
        person: LI,
        diagnosis: id(1),
        from: at(-2, 0),
        until: at(0, 9),
        opened_at: at(0, 9),
        reopened: 0,
        by: Some(StaffId::from_u128(5)),
    };
    store.open_traces(vec![job.clone()]).await.unwrap();
    let message = ColourChange {
        person: LI,
        id: id(2),
        before: Some(GREEN),
        after: RED,
        at: at(0, 9),
    };
    store.add_messages(vec![message.clone()]).await.unwrap();

    let again = Record::open(&base.url).await.unwrap();
    assert_eq!(again.person_by_document(li.document).await, Ok(Some(LI)));
    assert_eq!(again.evidence_of(LI, at(0, 0)).await, Ok(vec![li.said]));
    assert_eq!(again.verdict(LI).await, Ok(Some(red)));
    assert_eq!(again.waiting_traces(10).await, Ok(vec![job]));
    assert_eq!(again.outbox(10).await, Ok(vec![message]));
    assert!(again.draw_change().await.unwrap() > change);
    // A second migration finds nothing to do.
    let migrated = Record::migrate(&base.url).await.unwrap();
    let health = migrated.health().await.unwrap();
    assert_eq!(health.schema, Store::NEWEST_SCHEMA);
    drop((again, migrated));
    base.remove().await;
}

pub async fn an_empty_database_asks_to_be_migrated(base: Base) {
    let url = base.never_migrated().await;
    let Err(refused) = Store::open(&url, &Counting).await else {
        panic!("opened")
    };
    let none = StoreError::NotMigrated {
        found: 0,
        known: Store::NEWEST_SCHEMA,
    };
    assert_eq!(refused, none);
    let said = refused.to_string();
    assert!(said.contains("healthcode migrate"), "{said}");
    let version = Store::schema_version(&url, &Counting).await;
    assert_eq!(version, Ok(0));
    let both = [
        Store::migrate(&url, &Counting),
        Store::migrate(&url, &Counting),
    ];
    for migrated in futures::future::join_all(both).await {
        let health = migrated.unwrap().health().await.unwrap();
        assert_eq!(health.schema, Store::NEWEST_SCHEMA);
    }
    drop(Store::open(&url, &Counting).await.unwrap());
    base.remove().await;
}
