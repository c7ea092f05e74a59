use domain::{DeviceId, PersonId};
use store::{Device, RevokedSlot, Since, Slot};

use crate::sample::{LI, Record, WU, at, batch, contact, court, newcomer};

const PHONE: DeviceId = DeviceId::from_u128(1);
const OLD_PHONE: DeviceId = DeviceId::from_u128(2);

pub async fn a_phone_is_enrolled_once(store: &dyn Record) {
    register(store, LI).await;
    let phone = Device {
        person: LI,
        id: PHONE,
        public_key: [2; 33],
        enrolled_at: at(0, 9),
    };
    store.enrol_device(phone.clone()).await.unwrap();
    let mut again = phone.clone();
    again.public_key = [3; 33];
    store.enrol_device(again).await.unwrap();
    assert_eq!(
        store.device(LI, PHONE).await.unwrap(),
        Some(phone),
        "a key is never exchanged"
    );
    assert_eq!(store.device(WU, PHONE).await.unwrap(), None);
    assert_eq!(store.device(LI, OLD_PHONE).await.unwrap(), None);
}

pub async fn a_slot_has_one_holder_who_may_move_its_expiry(store: &dyn Record) {
    register(store, LI).await;
    register(store, WU).await;
    let mine = slot(LI, Some(PHONE), 1);
    assert!(store.claim_slot(mine.clone()).await.unwrap());
    assert!(!store.claim_slot(slot(WU, Some(PHONE), 1)).await.unwrap());
    assert!(
        !store
            .claim_slot(slot(LI, Some(OLD_PHONE), 1))
            .await
            .unwrap()
    );
    assert!(!store.claim_slot(slot(LI, None, 1)).await.unwrap());
    assert_eq!(
        store.live_slot(LI, Some(PHONE)).await.unwrap(),
        Some(mine.clone())
    );

    let longer = Slot {
        expires_at: at(5, 0),
        ..mine.clone()
    };
    assert!(store.claim_slot(longer.clone()).await.unwrap());
    assert!(store.claim_slot(mine).await.unwrap());
    assert_eq!(
        store.live_slot(LI, Some(PHONE)).await.unwrap(),
        Some(longer)
    );
}

pub async fn a_revoked_slot_is_never_claimed_again(store: &dyn Record) {
    register(store, LI).await;
    assert!(store.claim_slot(slot(LI, Some(PHONE), 1)).await.unwrap());
    store
        .append(batch([contact(1, LI, at(0, 9))]), &court(at(0, 10)))
        .await
        .unwrap();
    assert!(!store.claim_slot(slot(LI, Some(PHONE), 1)).await.unwrap());
    assert!(store.claim_slot(slot(LI, Some(PHONE), 2)).await.unwrap());
}

pub async fn each_phone_has_its_own_newest_slot(store: &dyn Record) {
    register(store, LI).await;
    let mut newer = slot(LI, Some(PHONE), 2);
    newer.claimed_at = at(0, 12);
    let (plain, old) = (slot(LI, None, 3), slot(LI, Some(OLD_PHONE), 4));
    for slot in [
        newer.clone(),
        slot(LI, Some(PHONE), 5),
        plain.clone(),
        old.clone(),
    ] {
        assert!(store.claim_slot(slot).await.unwrap());
    }
    assert_eq!(store.live_slot(LI, Some(PHONE)).await.unwrap(), Some(newer));
    assert_eq!(
        store.live_slot(LI, Some(OLD_PHONE)).await.unwrap(),
        Some(old)
    );
    assert_eq!(store.live_slot(LI, None).await.unwrap(), Some(plain));
    assert_eq!(store.live_slot(WU, None).await.unwrap(), None);
}

pub async fn a_slot_leaves_the_list_when_its_codes_have_expired(store: &dyn Record) {
    register(store, LI).await;
    let mut expired = slot(LI, Some(PHONE), 1);
    expired.expires_at = at(0, 10);
    assert!(store.claim_slot(expired).await.unwrap());
    assert!(store.claim_slot(slot(LI, Some(PHONE), 2)).await.unwrap());
    store
        .append(batch([contact(1, LI, at(0, 9))]), &court(at(0, 10)))
        .await
        .unwrap();
    let revoked = RevokedSlot {
        list: 1,
        index: 2,
        revoked_at: at(0, 10),
        expires_at: at(1, 8),
    };
    assert_eq!(store.revoked_slots(at(1, 7)).await.unwrap(), [revoked]);
    assert_eq!(store.revoked_slots(at(1, 8)).await.unwrap(), []);
}

pub async fn revoked_slots_can_be_followed_in_the_order_of_revocation(store: &dyn Record) {
    let places = [(LI, 5), (LI, 3), (LI, 9), (WU, 1), (WU, 7)];
    for person in [LI, WU] {
        register(store, person).await;
    }
    for (person, index) in places {
        assert!(store.claim_slot(slot(person, None, index)).await.unwrap());
    }
    for (person, hour) in [(LI, 11), (WU, 10)] {
        let met = batch([contact(1, person, at(0, 9))]);
        store.append(met, &court(at(0, hour))).await.unwrap();
    }
    let in_order = [1, 7, 3, 5, 9];
    for limit in [1, 2, 10] {
        let mut since = Since::moment(at(0, 10));
        let mut read = Vec::new();
        loop {
            let page = store.revoked_slots_since(since, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= limit as usize);
            since = last.cursor();
            read.extend(page.iter().map(|slot| slot.index));
        }
        assert_eq!(read, in_order, "{limit} at once");
    }
    let later = store.revoked_slots_since(Since::moment(at(0, 11)), 10);
    let later: Vec<u32> = later.await.unwrap().iter().map(|slot| slot.index).collect();
    assert_eq!(later, [3, 5, 9]);
}

async fn register(store: &dyn Record, person: PersonId) {
    store
        .register(newcomer(person, 0), &court(at(0, 8)))
        .await
        .unwrap();
}

fn slot(person: PersonId, device: Option<DeviceId>, index: u32) -> Slot {
    Slot {
        person,
        device,
        list: 1,
        index,
        claimed_at: at(0, 8),
        expires_at: at(1, 8),
    }
}
