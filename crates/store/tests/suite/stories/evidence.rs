use domain::evidence::{OpenPeriod, Order};
use domain::{Colour, Fact};
use store::{EvidenceBatch, StoreError};

use super::{GREEN, RED, YELLOW};
use crate::sample::{
    CHEN, LI, Record, SPAN, WU, at, batch, contact, court, declaration, diagnosis, evidence, id,
    key, withdrawal,
};

pub async fn evidence_out_of_order_gives_the_same_verdict(store: &dyn Record) {
    let said = |person, number| {
        [
            declaration(number, person, at(0, 8)),
            contact(number + 1, person, at(1, 9)),
            diagnosis(number + 2, person, at(2, 10)),
        ]
    };
    for piece in said(LI, 10) {
        store
            .append(batch([piece]), &court(at(3, 0)))
            .await
            .unwrap();
    }
    for piece in said(WU, 10).into_iter().rev() {
        store
            .append(batch([piece]), &court(at(3, 0)))
            .await
            .unwrap();
    }
    store
        .append(batch(said(CHEN, 10)), &court(at(3, 0)))
        .await
        .unwrap();

    let verdict = |person| async move { store.verdict_of(person).await.unwrap().unwrap().verdict };
    assert_eq!(verdict(LI).await.status, RED);
    assert_eq!(verdict(LI).await, verdict(WU).await);
    assert_eq!(verdict(LI).await, verdict(CHEN).await);
    assert_eq!(
        store.evidence_of(WU, at(0, 0)).await.unwrap(),
        said(WU, 10),
        "oldest first"
    );
}

pub async fn evidence_that_is_there_is_left_out(store: &dyn Record) {
    let first = store
        .append(batch([contact(1, LI, at(0, 8))]), &court(at(0, 9)))
        .await
        .unwrap();
    assert_eq!((first[0].appended, first[0].before), (1, None));
    assert_eq!(first[0].now.verdict.status, YELLOW);

    let changed = contact(1, LI, at(5, 8));
    let again = batch([changed, declaration(2, LI, at(0, 8))]);
    let second = store.append(again, &court(at(0, 10))).await.unwrap();
    assert_eq!((second[0].appended, second[0].before), (1, Some(YELLOW)));
    let there = store.evidence(LI, id(1)).await.unwrap();
    assert_eq!(
        there,
        Some(contact(1, LI, at(0, 8))),
        "evidence never changes"
    );
}

pub async fn a_repeated_request_counts_once(store: &dyn Record) {
    let request = |number, now| {
        let mut said = declaration(number, LI, now);
        said.recorded_at = now;
        let met = contact(number + 1, WU, at(0, 7));
        EvidenceBatch {
            request: Some(key(5)),
            evidence: vec![said, met],
            traces: Vec::new(),
        }
    };
    let first = store
        .append(request(1, at(0, 8)), &court(at(0, 8)))
        .await
        .unwrap();
    let statuses: Vec<_> = first
        .iter()
        .map(|decided| decided.now.verdict.status)
        .collect();
    assert_eq!(statuses, [GREEN, YELLOW]);

    // Meanwhile something else happens.
    store
        .append(batch([diagnosis(9, LI, at(0, 9))]), &court(at(0, 9)))
        .await
        .unwrap();

    let second = store
        .append(request(3, at(0, 10)), &court(at(0, 10)))
        .await
        .unwrap();
    assert_eq!(second, first, "the same answer as before");
    let ids: Vec<_> = store.evidence_of(LI, at(0, 0)).await.unwrap();
    assert_eq!(
        ids.iter().map(|piece| piece.id).collect::<Vec<_>>(),
        [id(1), id(9)]
    );
    assert_eq!(
        store.verdict_of(LI).await.unwrap().unwrap().verdict.status,
        RED
    );
}

pub async fn a_request_about_the_very_second_it_came_in_counts_once(store: &dyn Record) {
    let request = |number, now| {
        let mut met = contact(number, WU, at(0, 8));
        met.recorded_at = now;
        EvidenceBatch {
            request: Some(key(5)),
            evidence: vec![met],
            traces: Vec::new(),
        }
    };
    let first = store
        .append(request(1, at(0, 8)), &court(at(0, 8)))
        .await
        .unwrap();
    let second = store
        .append(request(2, at(0, 9)), &court(at(0, 9)))
        .await
        .unwrap();
    assert_eq!(second, first);
    assert_eq!(store.evidence(WU, id(2)).await.unwrap(), None);
}

pub async fn a_key_used_for_another_request_is_refused_and_nothing_is_written(store: &dyn Record) {
    let request = |evidence| EvidenceBatch {
        request: Some(key(5)),
        evidence: vec![evidence],
        traces: Vec::new(),
    };
    store
        .append(request(contact(1, LI, at(0, 8))), &court(at(0, 9)))
        .await
        .unwrap();
    for other in [
        contact(2, WU, at(0, 8)),
        contact(2, LI, at(0, 7)),
        declaration(2, LI, at(0, 8)),
    ] {
        let refused = store.append(request(other), &court(at(0, 9))).await;
        assert_eq!(refused, Err(StoreError::KeyReused(key(5))));
    }
    assert_eq!(store.evidence(LI, id(2)).await.unwrap(), None);
    assert_eq!(store.verdict_of(WU).await.unwrap(), None);
}

pub async fn withdrawn_evidence_counts_no_more(store: &dyn Record) {
    let said = [declaration(1, LI, at(0, 8)), contact(2, LI, at(0, 9))];
    store.append(batch(said), &court(at(1, 0))).await.unwrap();
    let withdrawn = batch([withdrawal(3, LI, 2, at(1, 8))]);
    let decided = store.append(withdrawn, &court(at(1, 8))).await.unwrap();
    assert_eq!(
        (decided[0].before, decided[0].now.verdict.status),
        (Some(YELLOW), GREEN)
    );
    let all = store.evidence_of(LI, at(0, 0)).await.unwrap();
    assert_eq!(all.len(), 3, "what was withdrawn stays on record");
}

pub async fn a_judge_reads_what_had_not_ended_and_every_withdrawal(store: &dyn Record) {
    let stay = |number, arrived, left| {
        evidence(
            number,
            LI,
            Fact::stay(
                "3301".parse().unwrap(),
                OpenPeriod::new(arrived, left).unwrap(),
                domain::evidence::StayMode::Resident,
                domain::evidence::StaySource::Declared,
            ),
        )
    };
    let order = Order::new(
        Colour::Red,
        at(-1, 0),
        at(1, 0),
        "Article 39".into(),
        ["Dr Chen".into(), "Dr Ma".into()],
    );
    let pieces = [
        stay(1, at(-90, 0), None),
        stay(2, at(-90, 0), Some(at(0, 0))),
        stay(3, at(-90, 0), Some(at(-1, 23))),
        withdrawal(4, LI, 1, at(-80, 0)),
        contact(5, LI, at(-1, 23)),
        evidence(6, LI, Fact::Order(order.unwrap())),
    ];
    let mut court = court(at(0, 0) + SPAN);
    assert_eq!(court.look_back_from, at(0, 0));
    let read = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (noted, judge) = (std::sync::Arc::clone(&read), court.judge);
    court.judge = std::sync::Arc::new(move |evidence| {
        *noted.lock().unwrap() = evidence.iter().map(|piece| piece.id).collect();
        judge(evidence)
    });
    store.append(batch(pieces), &court).await.unwrap();
    let read: Vec<_> = read.lock().unwrap().clone();
    assert_eq!(read, [id(1), id(2), id(4), id(6)]);
}

pub async fn one_batch_decides_many_people(store: &dyn Record) {
    let mixed = [
        contact(1, WU, at(0, 8)),
        declaration(2, LI, at(0, 8)),
        diagnosis(3, WU, at(0, 9)),
        declaration(4, CHEN, at(0, 8)),
    ];
    let decided = store.append(batch(mixed), &court(at(0, 10))).await.unwrap();
    let shown: Vec<_> = decided
        .iter()
        .map(|d| (d.now.person, d.appended, d.now.verdict.status))
        .collect();
    assert_eq!(shown, [(LI, 1, GREEN), (WU, 2, RED), (CHEN, 1, GREEN)]);
    assert_eq!(
        store.append(batch([]), &court(at(0, 11))).await.unwrap(),
        []
    );
}

pub async fn every_field_of_an_order_comes_back(store: &dyn Record) {
    let order = Order::new(
        Colour::Yellow,
        at(0, 8),
        at(2, 8),
        "Article 39 of the Law on Infectious Diseases".into(),
        ["Dr Chen".into(), "Dr Ma".into()],
    );
    let order = evidence(1, LI, Fact::Order(order.unwrap()));
    store
        .append(batch([order.clone()]), &court(at(0, 9)))
        .await
        .unwrap();
    assert_eq!(store.evidence(LI, id(1)).await.unwrap(), Some(order));
    assert_eq!(
        store.evidence(WU, id(1)).await.unwrap(),
        None,
        "evidence belongs to one person"
    );
}
