use domain::{PersonId, RegionLevel};
use futures::future::join_all;
use store::{EvidenceBatch, Publication, Registration, Slot};

use crate::sample::{
    CHEN, LI, Record, WU, at, batch, contact, court, diagnosis, id, key, newcomer,
};

pub async fn writers_of_one_person_see_each_other(store: &dyn Record) {
    let writers = (1..=20).map(|number| async move {
        let now = court(at(0, 9));
        store
            .append(batch([contact(number, LI, at(0, 8))]), &now)
            .await
            .unwrap()
    });
    let mut seen: Vec<usize> = join_all(writers)
        .await
        .iter()
        .map(|decided| {
            decided[0].now.verdict.restrictions[0]
                .finding
                .evidence
                .len()
        })
        .collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        (1..=20).collect::<Vec<_>>(),
        "each decided on one piece more"
    );
    let verdict = store.verdict_of(LI).await.unwrap().unwrap().verdict;
    assert_eq!(
        verdict.restrictions[0].finding.evidence,
        (1..=20).map(id).collect::<Vec<_>>()
    );
}

pub async fn batches_over_the_same_people_do_not_block_each_other(store: &dyn Record) {
    let people = [LI, WU, CHEN];
    let writers = (0..30).map(|turn: usize| async move {
        let mut order = people;
        order.rotate_left(turn % 3);
        if turn.is_multiple_of(2) {
            order.reverse();
        }
        let evidence: Vec<_> = order
            .iter()
            .map(|person| diagnosis(turn as u128, *person, at(0, 8)))
            .collect();
        store
            .append(batch(evidence), &court(at(0, 9)))
            .await
            .unwrap()
    });
    let decided = join_all(writers).await;
    assert!(
        decided
            .iter()
            .flatten()
            .all(|decided| decided.appended == 1)
    );
    for person in people {
        assert_eq!(store.evidence_of(person, at(0, 0)).await.unwrap().len(), 30);
    }
}

pub async fn one_document_registered_at_once_registers_once(store: &dyn Record) {
    let document = newcomer(LI, 0).document;
    let attempts = (1..=10).map(|number| async move {
        let mut person = newcomer(PersonId::from_u128(number), 0);
        person.document = document;
        store.register(person, &court(at(0, 9))).await.unwrap()
    });
    let outcomes = join_all(attempts).await;
    let new = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Registration::New(_)))
        .count();
    let taken = outcomes
        .iter()
        .filter(|o| matches!(o, Registration::DocumentTaken))
        .count();
    assert_eq!((new, taken), (1, 9));
    assert_eq!(store.people_after(None, 20).await.unwrap().len(), 1);
}

pub async fn one_slot_claimed_at_once_has_one_holder(store: &dyn Record) {
    let people = (1..=10).map(PersonId::from_u128);
    let evidence: Vec<_> = people
        .clone()
        .map(|person| contact(1, person, at(0, 8)))
        .collect();
    store
        .append(batch(evidence), &court(at(0, 9)))
        .await
        .unwrap();
    let claims = people.map(|person| async move {
        let slot = Slot {
            person,
            device: None,
            list: 0,
            index: 7,
            claimed_at: at(0, 9),
            expires_at: at(1, 9),
        };
        store.claim_slot(slot).await.unwrap()
    });
    let claimed = join_all(claims)
        .await
        .into_iter()
        .filter(|claimed| *claimed)
        .count();
    assert_eq!(claimed, 1);
}

pub async fn one_request_sent_at_once_counts_once(store: &dyn Record) {
    let requests = (1..=10).map(|number| async move {
        let evidence = vec![contact(number, LI, at(0, 8))];
        let request = EvidenceBatch {
            request: Some(key(1)),
            evidence,
            traces: Vec::new(),
        };
        store.append(request, &court(at(0, 9))).await.unwrap()
    });
    let outcomes = join_all(requests).await;
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
    assert_eq!(store.evidence_of(LI, at(0, 0)).await.unwrap().len(), 1);
}

pub async fn levels_published_at_once_are_all_there(store: &dyn Record) {
    let publications = (0..10).map(|number| async move {
        let level = |region: String| RegionLevel {
            region: region.parse().unwrap(),
            level: domain::Level::High,
            from: at(0, 0),
            until: None,
        };
        let levels = [
            level(format!("33010{number}")),
            level(format!("33020{number}")),
        ];
        let by = Publication {
            by: "Province".into(),
            at: at(0, 9),
        };
        store.publish_levels(&levels, by).await.unwrap();
    });
    join_all(publications).await;
    let levels = store.levels().await.unwrap();
    assert_eq!(levels.len(), 20);
    for pair in levels.chunks(2) {
        let [first, second] = [pair[0].region.to_string(), pair[1].region.to_string()];
        assert_eq!(
            first.replace("3301", "3302"),
            second,
            "a publication stays together"
        );
    }
}
