use domain::DeviceId;
use domain::PersonId;
use store::{ChangeCursor, ChangeNumber, Device, RevokedIndex, StatusIndex};

use crate::record::Record;
use crate::sample::{LI, WU, at, newcomer};

const PHONE: DeviceId = DeviceId::from_u128(1);
const OLD_PHONE: DeviceId = DeviceId::from_u128(2);

pub async fn a_phone_is_enrolled_once(store: &Record) {
    store.register(newcomer(LI, 0)).await.unwrap();
    let phone = Device {
        person: LI,
        id: PHONE,
        public_key: [2; 33],
        enrolled_at: at(0, 9),
        from: at(0, 0),
        until: at(1, 0),
    };
    store.enrol(phone.clone()).await.unwrap();
    let mut again = phone.clone();
    again.public_key = [3; 33];
    store.enrol(again).await.unwrap();
    let found = store.device(LI, PHONE).await;
    assert_eq!(found, Ok(Some(phone)), "a key is never exchanged");
    assert_eq!(store.device(WU, PHONE).await, Ok(None));
    assert_eq!(store.device(LI, OLD_PHONE).await, Ok(None));
    assert_eq!(store.forget_devices(at(1, 0)).await, Ok(0), "it is its day");
    assert_eq!(store.forget_devices(at(1, 1)).await, Ok(1));
    assert_eq!(store.device(LI, PHONE).await, Ok(None));
}

pub async fn the_number_of_the_newest_trust_list_only_grows(store: &Record) {
    assert_eq!(store.newest_trust_list().await, Ok(0));
    for (noted, newest) in [(3, 3), (2, 3), (3, 3), (7, 7)] {
        store.note_trust_list(noted).await.unwrap();
        assert_eq!(store.newest_trust_list().await, Ok(newest));
    }
}

pub async fn an_index_has_one_holder_who_may_move_its_expiry(store: &Record) {
    let mine = index(LI, Some(PHONE), 1);
    assert_eq!(store.claim_index(mine.clone()).await, Ok(true));
    for other in [
        index(WU, Some(PHONE), 1),
        index(LI, Some(OLD_PHONE), 1),
        index(LI, None, 1),
    ] {
        assert_eq!(store.claim_index(other).await, Ok(false));
    }
    let live = store.live_index(LI, Some(PHONE)).await;
    assert_eq!(live, Ok(Some(mine.clone())));

    let longer = StatusIndex {
        expires_at: at(5, 0),
        ..mine.clone()
    };
    assert_eq!(store.claim_index(longer.clone()).await, Ok(true));
    assert_eq!(store.claim_index(mine).await, Ok(true));
    let live = store.live_index(LI, Some(PHONE)).await;
    assert_eq!(live, Ok(Some(longer)));
}

pub async fn every_live_index_of_a_person_is_revoked(store: &Record) {
    for (person, number) in [(LI, 0), (WU, 10)] {
        claim(store, index(person, Some(PHONE), number)).await;
        claim(store, index(person, None, number + 1)).await;
    }
    let mut expired = index(LI, Some(PHONE), 2);
    expired.expires_at = at(0, 10);
    claim(store, expired).await;

    let mut revoked = store.revoke(vec![LI], at(0, 10)).await.unwrap();
    revoked.sort_by_key(|one| one.index);
    let change = store.last_change().await.unwrap();
    let expected = [0, 1].map(|index| RevokedIndex {
        list: 1,
        index,
        revoked_at: at(0, 10),
        expires_at: at(1, 8),
        change,
    });
    assert_eq!(revoked, expected);
    assert_eq!(store.revoked_indexes(at(0, 11)).await, Ok(revoked));
    assert_eq!(store.live_index(LI, None).await, Ok(None));
    let other = store.live_index(WU, None).await;
    assert_eq!(other, Ok(Some(index(WU, None, 11))));

    let again = store.revoke(vec![LI], at(0, 11)).await;
    assert_eq!(again, Ok(vec![]), "once");
    assert_eq!(store.revoke(vec![], at(0, 11)).await, Ok(vec![]));
    let others = store.revoke(vec![LI, WU], at(0, 11)).await.unwrap();
    assert_eq!(others.len(), 2);
}

pub async fn a_revoked_index_is_never_claimed_again(store: &Record) {
    claim(store, index(LI, Some(PHONE), 1)).await;
    store.revoke(vec![LI], at(0, 10)).await.unwrap();
    let again = store.claim_index(index(LI, Some(PHONE), 1)).await;
    assert_eq!(again, Ok(false));
    claim(store, index(LI, Some(PHONE), 2)).await;
}

pub async fn each_phone_has_its_own_newest_index(store: &Record) {
    let mut newer = index(LI, Some(PHONE), 2);
    newer.claimed_at = at(0, 12);
    let (plain, old) = (index(LI, None, 3), index(LI, Some(OLD_PHONE), 4));
    let older = index(LI, Some(PHONE), 5);
    for index in [newer.clone(), older, plain.clone(), old.clone()] {
        claim(store, index).await;
    }
    for (device, newest) in [(Some(PHONE), newer), (Some(OLD_PHONE), old), (None, plain)] {
        assert_eq!(store.live_index(LI, device).await, Ok(Some(newest)));
    }
    assert_eq!(store.live_index(WU, None).await, Ok(None));
}

pub async fn an_index_leaves_the_list_when_its_codes_have_expired(store: &Record) {
    claim(store, index(LI, Some(PHONE), 2)).await;
    store.revoke(vec![LI], at(0, 10)).await.unwrap();
    let listed = store.revoked_indexes(at(1, 7)).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(store.revoked_indexes(at(1, 8)).await, Ok(vec![]));
}

pub async fn revoked_indexes_can_be_followed_in_the_order_of_change(store: &Record) {
    for (person, number) in [(LI, 5), (LI, 3), (LI, 9), (WU, 1), (WU, 7)] {
        claim(store, index(person, None, number)).await;
    }
    // A clock that goes wrong does not change the order.
    store.revoke(vec![WU], at(0, 11)).await.unwrap();
    let first = store.last_change().await.unwrap();
    store.revoke(vec![LI], at(0, 10)).await.unwrap();
    let second = store.last_change().await.unwrap();
    for limit in [1, 2, 10] {
        for from in [ChangeNumber::BEFORE_ALL, first] {
            let read = follow(store, from, limit).await;
            assert_eq!(read, [1, 7, 3, 5, 9], "{limit} at once");
        }
        assert_eq!(follow(store, second, limit).await, [3, 5, 9]);
    }
}

pub async fn an_index_is_free_again_once_its_codes_have_ended(store: &Record) {
    for number in [1, 2, 3] {
        claim(store, index(LI, Some(PHONE), number)).await;
    }
    assert_eq!(store.newest_list().await, Ok(1));
    assert_eq!(store.forget_indexes(at(1, 8), 10).await, Ok(0), "they hold");
    assert_eq!(store.claim_index(index(WU, None, 2)).await, Ok(false));
    let after = at(1, 9);
    assert_eq!(store.forget_indexes(after, 2).await, Ok(2), "page by page");
    assert_eq!(store.forget_indexes(after, 2).await, Ok(1));
    claim(store, index(WU, None, 2)).await;
    assert_eq!(store.live_index(LI, Some(PHONE)).await, Ok(None));
}

async fn follow(store: &Record, from: ChangeNumber, limit: u32) -> Vec<u32> {
    let mut since = ChangeCursor::at(from);
    let mut read = Vec::new();
    loop {
        let page = store.revoked_since(since, limit).await.unwrap();
        let Some(last) = page.last() else { return read };
        assert!(page.len() <= limit as usize);
        since = last.cursor();
        read.extend(page.iter().map(|one| one.index));
    }
}

async fn claim(store: &Record, index: StatusIndex) {
    assert_eq!(store.claim_index(index).await, Ok(true));
}

fn index(person: PersonId, device: Option<DeviceId>, index: u32) -> StatusIndex {
    StatusIndex {
        person,
        device,
        list: 1,
        index,
        claimed_at: at(0, 8),
        expires_at: at(1, 8),
    }
}
