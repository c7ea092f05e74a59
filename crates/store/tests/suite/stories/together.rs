use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{PersonId, RegionLevel};
use futures::future::join_all;
use store::{
    Publication, Recorded, RecordedVisit, Result, StatusIndex, Transaction, evidence, receipts,
    visits,
};
use tokio::sync::Barrier;

use crate::record::{self, Record};
use crate::sample::{CHEN, LI, WU, at, contact, diagnosis, id, receipt};

pub async fn writers_of_one_person_see_each_other(store: &Record) {
    let writers = (1..=20_u128).map(|number| {
        store.transaction("one more", number, |tx, number| {
            Box::pin(one_more(tx, *number))
        })
    });
    let mut seen: Vec<usize> = join_all(writers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    seen.sort_unstable();
    let expected: Vec<_> = (1..=20).collect();
    assert_eq!(seen, expected, "each found one piece more");
    let revisions = store.touch(vec![LI]).await.unwrap();
    assert_eq!(revisions[&LI], 21);
}

async fn one_more(tx: &mut Transaction, number: u128) -> Result<usize> {
    record::append(tx, &[contact(number, LI, at(0, 8))]).await?;
    Ok(evidence::of(tx, LI, at(0, 0)).await?.len())
}

pub async fn transactions_over_the_same_people_do_not_block_each_other(store: &Record) {
    let people = [LI, WU, CHEN];
    let writers = (0..30).map(|turn: usize| async move {
        let mut order = people;
        order.rotate_left(turn % 3);
        if turn.is_multiple_of(2) {
            order.reverse();
        }
        let piece = |person| diagnosis(turn as u128, person, at(0, 8));
        store.append(order.map(piece).to_vec()).await.unwrap()
    });
    let added = join_all(writers).await;
    assert!(added.iter().all(|added| added.len() == 3));
    for person in people {
        assert_eq!(store.evidence_of(person, at(0, 0)).await.unwrap().len(), 30);
    }
}

pub async fn transactions_that_collide_are_run_again(store: &Record) {
    // Two halves of a transaction in either order, so that two of them wait for each other.
    let writers = (0..4).map(|turn: u128| {
        let order = match turn % 2 {
            0 => [LI, WU],
            _ => [WU, LI],
        };
        store.transaction("crossing", (turn, order), |tx, (turn, order)| {
            Box::pin(async move {
                for person in order {
                    record::append(tx, &[contact(*turn, *person, at(0, 8))]).await?;
                }
                Ok(())
            })
        })
    });
    let outcomes: Result<Vec<()>> = join_all(writers).await.into_iter().collect();
    assert_eq!(outcomes.map(|done| done.len()), Ok(4));
    for person in [LI, WU] {
        assert_eq!(store.evidence_of(person, at(0, 0)).await.unwrap().len(), 4);
    }
}

/// PostgreSQL ends one of two transactions that wait for each other (40P01). On SQLite one writes after the
/// other, so none waits.
pub async fn of_two_that_wait_for_each_other_one_is_run_again_as_a_whole(store: &Record) {
    let is_postgres = store.health().await.unwrap().engine;
    let is_postgres = is_postgres.starts_with("postgresql");
    let begun = Arc::new(AtomicU32::new(0));
    let meeting = is_postgres.then(|| Arc::new(Barrier::new(2)));
    let writers = [[LI, WU], [WU, LI]]
        .into_iter()
        .enumerate()
        .map(|(turn, order)| {
            let arguments = (turn as u128, order, Arc::clone(&begun), meeting.clone());
            store.transaction(
                "crossing",
                arguments,
                |tx, (turn, order, begun, meeting)| {
                    Box::pin(async move {
                        let [first, second] = order;
                        let attempt = begun.fetch_add(1, Ordering::SeqCst);
                        record::append(tx, &[contact(*turn, *first, at(0, 8))]).await?;
                        // Each holds one person before it asks for the other's.
                        if let Some(meeting) = meeting.as_ref().filter(|_| attempt < 2) {
                            meeting.wait().await;
                        }
                        record::append(tx, &[contact(*turn, *second, at(0, 8))]).await?;
                        Ok(attempt)
                    })
                },
            )
        });
    let outcomes: Result<Vec<u32>> = join_all(writers).await.into_iter().collect();
    let last = outcomes.unwrap().into_iter().max();
    let expected = if is_postgres { 2 } else { 1 };
    assert_eq!(
        last,
        Some(expected),
        "one more attempt than transactions, if they waited"
    );
    for person in [LI, WU] {
        assert_eq!(store.evidence_of(person, at(0, 0)).await.unwrap().len(), 2);
        assert_eq!(store.touch(vec![person]).await.unwrap()[&person], 3);
    }
}

pub async fn one_document_claimed_at_once_is_claimed_once(store: &Record) {
    let document = crate::sample::newcomer(LI, 0).document;
    let people = (1..=10).map(PersonId::from_u128);
    let attempts = people.map(|person| store.claim_documents(vec![(document, person)]));
    let outcomes = join_all(attempts).await;
    let claimed: Vec<_> = outcomes.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(claimed.len(), 1);
    let holder = store.person_by_document(document).await;
    assert_eq!(holder, Ok(Some(claimed[0])));
}

pub async fn one_index_claimed_at_once_has_one_holder(store: &Record) {
    let people = (1..=10).map(PersonId::from_u128);
    let claims = people.map(|person| {
        store.claim_index(StatusIndex {
            person,
            device: None,
            list: 0,
            index: 7,
            claimed_at: at(0, 9),
            expires_at: at(1, 9),
        })
    });
    let outcomes = join_all(claims).await;
    let claimed = outcomes.iter().filter(|outcome| **outcome == Ok(true));
    assert_eq!(claimed.count(), 1);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

pub async fn one_request_sent_at_once_counts_once(store: &Record) {
    let requests = (1..=10_u128).map(|number| {
        store.transaction("request", number, |tx, number| Box::pin(once(tx, *number)))
    });
    let answers: Vec<String> = join_all(requests)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(store.evidence_of(LI, at(0, 0)).await.unwrap().len(), 1);
}

/// Appends evidence under one request; answers which was appended.
async fn once(tx: &mut Transaction, number: u128) -> Result<String> {
    let request = receipt(1).request;
    if receipts::claim(tx, &[receipt(1)]).await?.is_empty() {
        let earlier = receipts::find(tx, request).await?;
        return Ok(earlier.unwrap().outcome);
    }
    record::append(tx, &[contact(number, LI, at(0, 8))]).await?;
    let answer = number.to_string();
    receipts::finish(tx, &[(request, answer.clone())]).await?;
    Ok(answer)
}

pub async fn visits_that_end_at_once_end_once(store: &Record) {
    let market = domain::VenueId::from_u128(9);
    let ends = (0..10).map(|hour| {
        let left = (hour > 0).then(|| at(0, 8 + hour));
        let visits = [LI, WU, CHEN].map(|person| {
            RecordedVisit::own(store::Visit {
                id: id(person.as_u128()),
                person,
                venue: market,
                category: None,
                entered: at(0, 8),
                left,
            })
        });
        store.transaction("ends", visits, |tx, visits| {
            Box::pin(visits::put(tx, visits, Recorded::Late))
        })
    });
    let changed: Vec<_> = join_all(ends)
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    for person in [LI, WU, CHEN] {
        let ends = changed
            .iter()
            .filter(|visit| visit.person == person && visit.left.is_some());
        let ends: Vec<_> = ends.cloned().collect();
        let stored = store.visits_of(person, at(0, 0), at(1, 0)).await;
        assert_eq!(stored, Ok(ends), "one end, the one that was told");
    }
    let there = store.visits_at(vec![(market, at(0, 0), at(1, 0))]).await;
    assert_eq!(there.unwrap().len(), 3);
}

pub async fn levels_published_at_once_are_all_there(store: &Record) {
    let publications = (0..10).map(|number| {
        let level = |region: String| RegionLevel {
            region: region.parse().unwrap(),
            level: domain::Level::High,
            from: at(0, 0),
            until: None,
        };
        let levels = vec![
            level(format!("33010{number}")),
            level(format!("33020{number}")),
        ];
        let by = Publication {
            by: "Province".into(),
            at: at(0, 9),
        };
        store.publish_levels(levels, by)
    });
    let outcomes = join_all(publications).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
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
