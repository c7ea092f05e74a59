use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use domain::{DeviceId, Status};
use futures::FutureExt;
use store::{ColourChange, Device, RevokedSlot, Since, Slot};

use super::{GREEN, RED, YELLOW};
use crate::sample::{
    CHEN, LI, Record, SPAN, WU, at, batch, contact, court, declaration, diagnosis, newcomer,
    withdrawal,
};

pub async fn a_worse_verdict_revokes_every_slot_of_the_person(store: &dyn Record) {
    let phone = DeviceId::from_u128(1);
    for (person, index) in [(LI, 0), (WU, 10)] {
        store
            .register(newcomer(person, 0), &court(at(0, 8)))
            .await
            .unwrap();
        assert!(
            store
                .claim_slot(slot(person, Some(phone), index))
                .await
                .unwrap()
        );
        assert!(
            store
                .claim_slot(slot(person, None, index + 1))
                .await
                .unwrap()
        );
    }
    store
        .append(batch([contact(1, LI, at(0, 9))]), &court(at(0, 10)))
        .await
        .unwrap();
    assert_eq!(store.live_slot(LI, Some(phone)).await.unwrap(), None);
    assert_eq!(store.live_slot(LI, None).await.unwrap(), None);
    assert_eq!(
        store.live_slot(WU, None).await.unwrap(),
        Some(slot(WU, None, 11))
    );
    let revoked_at = at(0, 10);
    let revoked = [0, 1].map(|index| RevokedSlot {
        list: 1,
        index,
        revoked_at,
        expires_at: at(1, 8),
    });
    assert_eq!(store.revoked_slots(at(0, 11)).await.unwrap(), revoked);

    // A yellow code is revoked in turn when its holder turns red.
    assert!(store.claim_slot(slot(LI, Some(phone), 2)).await.unwrap());
    store
        .append(batch([diagnosis(2, LI, at(0, 11))]), &court(at(0, 12)))
        .await
        .unwrap();
    assert_eq!(store.live_slot(LI, Some(phone)).await.unwrap(), None);
}

pub async fn a_better_verdict_leaves_codes_alone(store: &dyn Record) {
    let said = [declaration(1, LI, at(0, 8)), contact(2, LI, at(0, 8))];
    store.append(batch(said), &court(at(0, 9))).await.unwrap();
    assert!(store.claim_slot(slot(LI, None, 0)).await.unwrap());
    let better = batch([withdrawal(3, LI, 2, at(0, 10))]);
    let decided = store.append(better, &court(at(0, 10))).await.unwrap();
    assert_eq!(decided[0].now.verdict.status, GREEN);
    assert_eq!(
        store.live_slot(LI, None).await.unwrap(),
        Some(slot(LI, None, 0))
    );
}

pub async fn a_lapsed_declaration_revokes_a_green_code(store: &dyn Record) {
    store
        .register(newcomer(LI, 0), &court(at(0, 8)))
        .await
        .unwrap();
    let mut slot = slot(LI, None, 0);
    slot.expires_at = at(30, 0);
    assert!(store.claim_slot(slot).await.unwrap());
    let decided = store
        .decide_again(&[LI], &court(at(0, 8) + SPAN))
        .await
        .unwrap();
    assert_eq!(decided[0].before, Some(GREEN));
    assert_eq!(decided[0].now.verdict.status, Status::Undeclared);
    assert_eq!(store.live_slot(LI, None).await.unwrap(), None);
}

pub async fn a_verdict_is_due_when_its_next_change_has_come(store: &dyn Record) {
    for (person, day) in [(LI, 2), (WU, 1), (CHEN, 3)] {
        store
            .register(newcomer(person, day), &court(at(day, 8)))
            .await
            .unwrap();
    }
    assert_eq!(store.due(at(1, 7) + SPAN, 10).await.unwrap(), []);
    assert_eq!(store.due(at(1, 8) + SPAN, 10).await.unwrap(), [WU]);
    assert_eq!(
        store.due(at(9, 8) + SPAN, 10).await.unwrap(),
        [WU, LI, CHEN],
        "longest overdue"
    );
    assert_eq!(store.due(at(9, 8) + SPAN, 2).await.unwrap(), [WU, LI]);

    store
        .decide_again(&[WU, LI], &court(at(9, 8) + SPAN))
        .await
        .unwrap();
    assert_eq!(store.due(at(9, 8) + SPAN, 10).await.unwrap(), [CHEN]);
}

pub async fn an_unchanged_verdict_is_not_written_again(store: &dyn Record) {
    store
        .register(newcomer(LI, 0), &court(at(0, 8)))
        .await
        .unwrap();
    let before = store.verdict_of(LI).await.unwrap().unwrap();
    let decided = store
        .decide_again(&[LI, LI], &court(at(1, 8)))
        .await
        .unwrap();
    assert_eq!(decided.len(), 1);
    assert_eq!(decided[0].now, before);
    assert_eq!(store.verdict_of(LI).await.unwrap(), Some(before));
    assert_eq!(store.outbox(10).await.unwrap(), []);
}

pub async fn changes_of_colour_wait_in_the_outbox_until_delivered(store: &dyn Record) {
    for person in [LI, WU] {
        store
            .register(newcomer(person, 0), &court(at(0, 8)))
            .await
            .unwrap();
    }
    store
        .append(batch([diagnosis(1, WU, at(0, 9))]), &court(at(0, 10)))
        .await
        .unwrap();
    store
        .append(batch([contact(2, LI, at(0, 9))]), &court(at(0, 11)))
        .await
        .unwrap();
    store
        .append(batch([diagnosis(3, LI, at(0, 9))]), &court(at(0, 12)))
        .await
        .unwrap();
    store
        .append(batch([contact(4, CHEN, at(0, 9))]), &court(at(0, 13)))
        .await
        .unwrap();

    let waiting = store.outbox(10).await.unwrap();
    let shown = |change: &ColourChange| (change.person, change.before, change.after, change.at);
    let expected = [
        (WU, Some(GREEN), RED, at(0, 10)),
        (LI, Some(GREEN), YELLOW, at(0, 11)),
        (LI, Some(YELLOW), RED, at(0, 12)),
        (CHEN, None, YELLOW, at(0, 13)),
    ];
    assert_eq!(waiting.iter().map(shown).collect::<Vec<_>>(), expected);
    assert_eq!(store.outbox(1).await.unwrap(), waiting[..1]);

    let delivered = [
        (waiting[2].person, waiting[2].id),
        (waiting[0].person, waiting[0].id),
    ];
    store.delivered(&delivered, at(0, 14)).await.unwrap();
    store.delivered(&delivered, at(0, 15)).await.unwrap();
    let left = [waiting[1].clone(), waiting[3].clone()];
    assert_eq!(store.outbox(10).await.unwrap(), left);
}

pub async fn verdicts_can_be_followed_in_the_order_of_decision(store: &dyn Record) {
    for (person, hour) in [(CHEN, 8), (LI, 9), (WU, 9)] {
        store
            .register(newcomer(person, 0), &court(at(0, hour)))
            .await
            .unwrap();
    }
    let from = |hour| Since::moment(at(0, hour));
    assert_eq!(decided(store, from(8), 10).await, [CHEN, LI, WU]);
    assert_eq!(decided(store, from(9), 10).await, [LI, WU]);
    assert_eq!(decided(store, from(8), 2).await, [CHEN, LI]);
    store
        .append(batch([contact(1, CHEN, at(0, 9))]), &court(at(0, 10)))
        .await
        .unwrap();
    assert_eq!(decided(store, from(10), 10).await, [CHEN]);
}

pub async fn verdicts_of_one_second_are_followed_page_by_page(store: &dyn Record) {
    let people: Vec<_> = (0x40..0x49).map(domain::PersonId::from_u128).collect();
    for person in &people {
        store
            .register(newcomer(*person, 0), &court(at(0, 9)))
            .await
            .unwrap();
    }
    let mut since = Since::moment(at(0, 9));
    let mut read = Vec::new();
    loop {
        let page = store.verdicts_since(since, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2);
        since = last.cursor();
        read.extend(page.iter().map(|stored| stored.person));
    }
    assert_eq!(read, people, "each once, in order");
}

async fn decided(
    store: &dyn Record,
    since: Since<domain::PersonId>,
    limit: u32,
) -> Vec<domain::PersonId> {
    let verdicts = store.verdicts_since(since, limit).await.unwrap();
    verdicts.iter().map(|stored| stored.person).collect()
}

pub async fn a_judge_that_panics_leaves_nothing_behind(store: &dyn Record) {
    let mut broken = court(at(0, 9));
    broken.judge = Arc::new(|_| panic!("this judge is broken on purpose"));
    let attempt = store.append(batch([contact(1, LI, at(0, 8))]), &broken);
    let outcome = AssertUnwindSafe(attempt).catch_unwind().await;
    assert!(!matches!(outcome, Ok(Ok(_))), "nothing was acknowledged");
    assert_eq!(store.evidence_of(LI, at(0, 0)).await.unwrap(), []);
    assert_eq!(store.people_after(None, 10).await.unwrap(), []);

    let decided = store
        .append(batch([contact(1, LI, at(0, 8))]), &court(at(0, 9)))
        .await
        .unwrap();
    assert_eq!(decided[0].now.verdict.status, YELLOW, "the store works on");
    let phone = Device {
        person: LI,
        id: DeviceId::from_u128(1),
        public_key: [2; 33],
        enrolled_at: at(0, 9),
    };
    store.enrol_device(phone).await.unwrap();
}

fn slot(person: domain::PersonId, device: Option<DeviceId>, index: u32) -> Slot {
    Slot {
        person,
        device,
        list: 1,
        index,
        claimed_at: at(0, 8),
        expires_at: at(1, 8),
    }
}
