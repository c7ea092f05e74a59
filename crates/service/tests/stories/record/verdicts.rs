use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use domain::{DeviceId, PersonId, Status};
use futures::FutureExt;
use jiff::SignedDuration;
use store::{ColourChange, StatusIndex};

use super::sample::{
    CHEN, LI, SPAN, WU, at, contact, context, declaration, diagnosis, newcomer, withdrawal,
};
use super::{GREEN, RED, Record, YELLOW};

const PHONE: DeviceId = DeviceId::from_u128(1);

pub(super) async fn a_worse_verdict_revokes_every_index_of_the_person(record: &Record) {
    for (person, first) in [(LI, 0), (WU, 10)] {
        record
            .register(newcomer(person, 0), &context(at(0, 8)))
            .await;
        record.claim(index(person, Some(PHONE), first)).await;
        record.claim(index(person, None, first + 1)).await;
    }
    let met = [contact(1, LI, at(0, 9))];
    record.decided(met, &context(at(0, 10))).await;
    assert_eq!(record.live_index(LI, Some(PHONE)).await, None);
    assert_eq!(record.live_index(LI, None).await, None);
    let untouched = record.live_index(WU, None).await;
    assert_eq!(untouched, Some(index(WU, None, 11)));
    let change = record.verdict(LI).await.unwrap().change;
    let revoked = record.revoked_indexes(at(0, 11)).await;
    let shown: Vec<_> = revoked
        .iter()
        .map(|one| (one.list, one.index, one.revoked_at, one.change))
        .collect();
    let expected = [0, 1].map(|index| (1, index, at(0, 10), change));
    assert_eq!(
        shown, expected,
        "with the change that made the verdict worse"
    );

    // A yellow code is revoked in turn when its holder turns red.
    record.claim(index(LI, Some(PHONE), 2)).await;
    let ill = [diagnosis(2, LI, at(0, 11))];
    record.decided(ill, &context(at(0, 12))).await;
    assert_eq!(record.live_index(LI, Some(PHONE)).await, None);
}

pub(super) async fn a_better_verdict_leaves_codes_alone(record: &Record) {
    let said = [declaration(1, LI, at(0, 8)), contact(2, LI, at(0, 8))];
    record.decided(said, &context(at(0, 9))).await;
    record.claim(index(LI, None, 0)).await;
    let better = [withdrawal(3, LI, 2, at(0, 10))];
    let decided = record.decided(better, &context(at(0, 10))).await;
    assert_eq!(decided[0].now.verdict.status, GREEN);
    let live = record.live_index(LI, None).await;
    assert_eq!(live, Some(index(LI, None, 0)));
}

pub(super) async fn a_lapsed_declaration_revokes_a_green_code(record: &Record) {
    record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    let mut index = index(LI, None, 0);
    index.expires_at = at(30, 0);
    record.claim(index).await;
    let decisions = record.decide_again(&[LI], &context(at(0, 8) + SPAN)).await;
    assert_eq!(decisions.decided[0].before, Some(GREEN));
    let now = &decisions.decided[0].now;
    assert_eq!(now.verdict.status, Status::Undeclared);
    assert_eq!(decisions.revoked.len(), 1, "whoever decided hears of it");
    assert_eq!(record.live_index(LI, None).await, None);
}

pub(super) async fn whoever_does_not_know_the_last_publication_decides_for_now_only(
    record: &Record,
) {
    record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    record.publish_levels(at(0, 9)).await;
    let known = record.published().await;
    let behind = context(at(0, 10));
    assert_ne!(behind.published, known);
    // Decided, but not for long.
    let said = [declaration(1, LI, at(0, 9))];
    let decided = record.decided(said, &behind).await;
    assert_eq!(decided[0].now.verdict.status, GREEN);
    assert_eq!(decided[0].now.verdict.next_change, Some(at(0, 10)));
    let stored = record.verdict(LI).await.unwrap();
    assert_eq!(stored, decided[0].now);
    assert_eq!(record.due(at(0, 10), 10).await, [LI]);

    let mut ahead = context(at(0, 10));
    ahead.published = known;
    record.decide_again(&[LI], &ahead).await;
    assert_eq!(record.due(at(0, 10), 10).await, []);
}

pub(super) async fn deciding_again_takes_a_verdict_off_those_that_are_due(record: &Record) {
    for (person, day) in [(LI, 2), (WU, 1), (CHEN, 3)] {
        let context = context(at(day, 8));
        record.register(newcomer(person, day), &context).await;
    }
    assert_eq!(record.due(at(1, 7) + SPAN, 10).await, []);
    assert_eq!(record.due(at(1, 8) + SPAN, 10).await, [WU]);
    let now = at(9, 8) + SPAN;
    assert_eq!(record.due(now, 10).await, [WU, LI, CHEN], "longest overdue");
    record.decide_again(&[WU, LI], &context(now)).await;
    assert_eq!(record.due(now, 10).await, [CHEN]);
}

pub(super) async fn an_unchanged_verdict_is_not_written_again(record: &Record) {
    record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    let before = record.verdict(LI).await.unwrap();
    let decisions = record.decide_again(&[LI, LI], &context(at(1, 8))).await;
    assert_eq!(decisions.decided.len(), 1);
    assert_eq!(decisions.decided[0].now, before);
    assert_eq!(record.verdict(LI).await, Some(before));
    assert_eq!(record.outbox(10).await, []);
}

pub(super) async fn a_verdict_of_the_future_is_written_again(record: &Record) {
    record.register(newcomer(LI, 0), &context(at(0, 8))).await;
    let before = record.verdict(LI).await.unwrap();
    let little = SignedDuration::from_secs(5);
    record
        .decide_again(&[LI], &context(at(0, 8) - little))
        .await;
    let same = record.verdict(LI).await.unwrap();
    assert_eq!(same, before, "clocks differ a little");
    let set_right = at(0, 8) - SignedDuration::from_secs(6);
    record.decide_again(&[LI], &context(set_right)).await;
    let now = record.verdict(LI).await.unwrap();
    assert_eq!(now.decided_at, set_right);
    assert_eq!(now.verdict, before.verdict);
    assert!(now.change > before.change, "other nodes hear of it");
    assert_eq!(record.outbox(10).await, [], "people do not");
}

pub(super) async fn changes_of_colour_wait_in_the_outbox_until_delivered(record: &Record) {
    for person in [LI, WU] {
        record
            .register(newcomer(person, 0), &context(at(0, 8)))
            .await;
    }
    for (hour, piece) in [
        (10, diagnosis(1, WU, at(0, 9))),
        (11, contact(2, LI, at(0, 9))),
        (12, diagnosis(3, LI, at(0, 9))),
        (13, contact(4, CHEN, at(0, 9))),
    ] {
        record.decided([piece], &context(at(0, hour))).await;
    }
    let waiting = record.outbox(10).await;
    let shown = |change: &ColourChange| (change.person, change.before, change.after, change.at);
    let expected = [
        (WU, Some(GREEN), RED, at(0, 10)),
        (LI, Some(GREEN), YELLOW, at(0, 11)),
        (LI, Some(YELLOW), RED, at(0, 12)),
        (CHEN, None, YELLOW, at(0, 13)),
    ];
    assert_eq!(waiting.iter().map(shown).collect::<Vec<_>>(), expected);

    let delivered = [2, 0].map(|place: usize| (waiting[place].person, waiting[place].id));
    record.delivered(&delivered, at(0, 14)).await;
    record.delivered(&delivered, at(0, 15)).await;
    let left = [waiting[1].clone(), waiting[3].clone()];
    assert_eq!(record.outbox(10).await, left);
}

pub(super) async fn a_decision_that_panics_leaves_nothing_behind(record: &Record) {
    let mut broken = context(at(0, 9));
    broken.decide = Arc::new(|_, _| panic!("this decision is broken on purpose"));
    let attempt = record.decided([contact(1, LI, at(0, 8))], &broken);
    let outcome = AssertUnwindSafe(attempt).catch_unwind().await;
    assert!(outcome.is_err(), "nothing was acknowledged");
    assert_eq!(record.evidence_of(LI, at(0, 0)).await, []);
    assert_eq!(record.everybody().await, []);

    let met = [contact(1, LI, at(0, 8))];
    let decided = record.decided(met, &context(at(0, 9))).await;
    let status = decided[0].now.verdict.status;
    assert_eq!(status, YELLOW, "the record works on");
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
