use domain::{Authority, AuthorityId, AuthorityKind};

use crate::record::Record;
use crate::sample::OFFICE;

pub async fn a_new_token_replaces_the_old_one(store: &Record) {
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
    store.put_authority(office.clone(), [1; 32]).await.unwrap();
    let other = laboratory.clone();
    store.put_authority(other, [2; 32]).await.unwrap();
    let found = store.authority_by_token([1; 32]).await;
    assert_eq!(found, Ok(Some(office.clone())));

    let renamed = Authority {
        name: "East Street".into(),
        ..office
    };
    store.put_authority(renamed.clone(), [3; 32]).await.unwrap();
    assert_eq!(store.authority_by_token([1; 32]).await, Ok(None));
    let found = store.authority_by_token([3; 32]).await;
    assert_eq!(found, Ok(Some(renamed.clone())));
    let all = vec![laboratory.clone(), renamed.clone()];
    assert_eq!(store.authorities().await, Ok(all));

    let stolen = store.put_authority(laboratory.clone(), [3; 32]).await;
    assert!(stolen.is_err(), "a token belongs to one authority");
    let found = store.authority_by_token([2; 32]).await;
    assert_eq!(found, Ok(Some(laboratory)));
    let found = store.authority_by_token([3; 32]).await;
    assert_eq!(found, Ok(Some(renamed)));
}
