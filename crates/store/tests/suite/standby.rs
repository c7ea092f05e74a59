//! A PostgreSQL server that only follows another one.

use store::StoreError;

use crate::bases;
use crate::record::Record;
use crate::sample::{LI, at, contact};

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_told_by_health() {
    let base = bases::postgres().await;
    let schema = base.schema();
    // What the server says of itself is looked up in this schema first.
    let says_so = format!(
        "CREATE FUNCTION {schema}.pg_is_in_recovery() RETURNS boolean LANGUAGE sql \
         AS 'SELECT true'"
    );
    base.tamper(&says_so).await;
    let url = format!("{},pg_catalog", base.url);
    let standby = Record::open(&url).await.unwrap();
    assert!(standby.health().await.unwrap().is_standby);
    assert!(!base.store.health().await.unwrap().is_standby);
    drop(standby);
    base.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_is_read_and_says_so() {
    let base = bases::postgres().await;
    base.store
        .append(vec![contact(1, LI, at(0, 8))])
        .await
        .unwrap();
    let url = format!("{}%20-cdefault_transaction_read_only%3Don", base.url);
    let standby = Record::open(&url).await.unwrap();
    assert_eq!(standby.evidence_of(LI, at(0, 0)).await.unwrap().len(), 1);
    let refused = standby.append(vec![contact(2, LI, at(0, 8))]).await;
    let Err(StoreError::Unreachable(said)) = refused else {
        panic!("{refused:?}");
    };
    assert!(said.contains("write to the primary"), "{said}");
    drop(standby);
    base.remove().await;
}
