use store::{EvidenceBatch, SqlStore, Store, StoreError, TraceJob};

use crate::bases::Base;
use crate::sample::{Counting, LI, at, court, diagnosis, id, newcomer};

pub async fn a_newer_database_is_refused_untouched(base: Base) {
    base.tamper("INSERT INTO schema_version (version) VALUES (999)")
        .await;
    let before = base.picture().await;
    let newer = StoreError::NewerSchema {
        found: 999,
        known: SqlStore::NEWEST_SCHEMA,
    };
    assert_eq!(
        SqlStore::open(&base.url, &Counting).await.err(),
        Some(newer.clone())
    );
    assert_eq!(
        SqlStore::migrate(&base.url, &Counting).await.err(),
        Some(newer)
    );
    assert_eq!(
        SqlStore::schema_version(&base.url, &Counting).await,
        Ok(999)
    );
    assert!(base.picture().await == before, "the database was changed");
    base.remove().await;
}

pub async fn everything_is_there_after_opening_again(base: Base) {
    base.store
        .register(newcomer(LI, 0), &court(at(0, 8)))
        .await
        .unwrap();
    let job = TraceJob {
        person: LI,
        diagnosis: id(1),
        from: at(-2, 0),
        until: at(0, 9),
        opened_at: at(0, 9),
        reopened: 0,
    };
    let case = EvidenceBatch {
        request: None,
        evidence: vec![diagnosis(1, LI, at(0, 9))],
        traces: vec![job.clone()],
    };
    base.store.append(case, &court(at(0, 9))).await.unwrap();
    let verdict = base.store.verdict_of(LI).await.unwrap();

    let again = SqlStore::open(&base.url, &Counting).await.unwrap();
    assert_eq!(again.verdict_of(LI).await.unwrap(), verdict);
    assert_eq!(again.open_traces(10).await.unwrap(), [job]);
    assert_eq!(again.outbox(10).await.unwrap().len(), 1);
    // A second migration finds nothing to do.
    let migrated = SqlStore::migrate(&base.url, &Counting).await.unwrap();
    let health = migrated.health().await.unwrap();
    assert_eq!(health.schema, SqlStore::NEWEST_SCHEMA);
    assert!(health.bytes > Some(0), "{health:?}");
    drop((again, migrated));
    base.remove().await;
}

pub async fn an_empty_database_asks_to_be_migrated(base: Base) {
    let url = base.never_migrated().await;
    let Err(refused) = SqlStore::open(&url, &Counting).await else {
        panic!("opened")
    };
    assert_eq!(
        refused,
        StoreError::NotMigrated {
            found: 0,
            known: SqlStore::NEWEST_SCHEMA
        }
    );
    assert!(
        refused.to_string().contains("healthcode migrate"),
        "{refused}"
    );
    assert_eq!(SqlStore::schema_version(&url, &Counting).await, Ok(0));
    let both = [
        SqlStore::migrate(&url, &Counting),
        SqlStore::migrate(&url, &Counting),
    ];
    for migrated in futures::future::join_all(both).await {
        assert_eq!(
            migrated.unwrap().health().await.unwrap().schema,
            SqlStore::NEWEST_SCHEMA
        );
    }
    drop(SqlStore::open(&url, &Counting).await.unwrap());
    base.remove().await;
}
