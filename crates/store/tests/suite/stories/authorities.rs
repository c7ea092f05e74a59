use domain::{Authority, AuthorityId, AuthorityKind};

use crate::sample::{OFFICE, Record};

pub async fn a_new_token_replaces_the_old_one(store: &dyn Record) {
    let office = Authority {
        id: OFFICE,
        kind: AuthorityKind::Community,
        name: "West Street".into(),
    };
    let laboratory = Authority {
        id: AuthorityId::from_u128(0xb),
        kind: AuthorityKind::Laboratory,
        name: "City Laboratory".into(),
    };
    store.put_authority(&office, [1; 32]).await.unwrap();
    store.put_authority(&laboratory, [2; 32]).await.unwrap();
    assert_eq!(
        store.authority_by_token([1; 32]).await.unwrap(),
        Some(office.clone())
    );

    let renamed = Authority {
        name: "East Street".into(),
        ..office
    };
    store.put_authority(&renamed, [3; 32]).await.unwrap();
    assert_eq!(store.authority_by_token([1; 32]).await.unwrap(), None);
    assert_eq!(
        store.authority_by_token([3; 32]).await.unwrap(),
        Some(renamed.clone())
    );
    assert_eq!(
        store.authorities().await.unwrap(),
        [laboratory.clone(), renamed.clone()]
    );

    let stolen = store.put_authority(&laboratory, [3; 32]).await;
    assert!(stolen.is_err(), "a token belongs to one authority");
    assert_eq!(
        store.authority_by_token([2; 32]).await.unwrap(),
        Some(laboratory)
    );
    assert_eq!(
        store.authority_by_token([3; 32]).await.unwrap(),
        Some(renamed)
    );
}
