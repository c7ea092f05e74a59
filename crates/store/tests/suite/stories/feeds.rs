use domain::{AuthorityId, FactKind, FeedId, StaffId};
use store::feeds::{FeedCredential, FeedRecord};

use crate::record::Record;
use crate::sample::at;

fn feed() -> FeedRecord {
    FeedRecord {
        id: FeedId::from_u128(5),
        authority: AuthorityId::from_u128(1),
        name: "analyser".into(),
        kinds: vec![FactKind::Test, FactKind::Vaccination],
        regions: "3301".parse().unwrap(),
        rate_per_minute: 60,
        created_at: at(0, 1),
        ends_at: at(9, 0),
        ended_at: None,
        public_key: Some([9; 32]),
    }
}

pub async fn a_credential_takes_the_place_of_the_one_before(store: &Record) {
    store.add_feed(feed()).await.unwrap();
    let credential = |hash, created_at, shown_to| FeedCredential {
        hash,
        created_at,
        ends_at: feed().ends_at,
        shown_to,
    };
    let first = credential([1; 32], at(0, 1), Some(StaffId::from_u128(7)));
    let second = credential([2; 32], at(1, 0), None);
    for (credential, earlier_end) in [(first, at(0, 1)), (second, at(2, 0))] {
        let added = store.add_feed_credential(feed().id, credential, earlier_end);
        added.await.unwrap();
    }
    let ended = FeedCredential {
        ends_at: at(2, 0),
        ..first
    };
    let found = store.feed_by_credential([1; 32]).await.unwrap();
    assert_eq!(found, Some((feed(), ended)), "works for a day more");
    let found = store.feed_by_credential([2; 32]).await.unwrap();
    assert_eq!(found, Some((feed(), second)));
    assert_eq!(store.feed_by_credential([3; 32]).await, Ok(None));
    assert_eq!(store.end_feed(feed().id, at(3, 0)).await, Ok(true));
    assert_eq!(store.end_feed(feed().id, at(4, 0)).await, Ok(false));
    let ended = FeedRecord {
        ended_at: Some(at(3, 0)),
        ..feed()
    };
    assert_eq!(store.feeds().await, Ok(vec![ended]));
}

pub async fn what_a_feed_signed_counts_once(store: &Record) {
    let (feed, other) = (feed().id, FeedId::from_u128(6));
    let note = async |feed, signed| store.note_signature(feed, signed, at(1, 0)).await;
    assert_eq!(note(feed, [1; 32]).await, Ok(true));
    assert_eq!(note(feed, [1; 32]).await, Ok(false));
    assert_eq!(note(feed, [2; 32]).await, Ok(true));
    assert_eq!(note(other, [1; 32]).await, Ok(true));
    store.drop_old_signatures(at(1, 0)).await.unwrap();
    assert_eq!(note(feed, [1; 32]).await, Ok(false), "still counts");
    store.drop_old_signatures(at(1, 1)).await.unwrap();
    assert_eq!(note(feed, [1; 32]).await, Ok(true));
}
