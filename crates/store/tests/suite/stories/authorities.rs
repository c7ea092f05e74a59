use domain::{Authority, AuthorityId, AuthorityKind};

use crate::record::Record;
use crate::sample::OFFICE;

pub async fn an_authority_can_be_renamed(store: &Record) {
    let office = Authority {
        id: OFFICE,
        kind: AuthorityKind::Community,
        name: "West Street".into(),
        region: "330106".parse().unwrap(),
    };
    let laboratory = Authority {
        id: AuthorityId::from_u128(0xb),
        kind: AuthorityKind::Laboratory,
        name: "City Laboratory".into(),
        region: "3301".parse().unwrap(),
    };
    store.put_authority(office.clone()).await.unwrap();
    store.put_authority(laboratory.clone()).await.unwrap();
    let renamed = Authority {
        name: "East Street".into(),
        ..office
    };
    store.put_authority(renamed.clone()).await.unwrap();
    store.fill_regions("42".parse().unwrap()).await.unwrap();
    let all = vec![laboratory, renamed];
    assert_eq!(store.authorities().await, Ok(all), "each keeps its region");
}
