//! Visits for whoever holds them in memory.

use domain::{PersonId, Timestamp, VenueId};
use futures::future::join_all;
use store::presences::{Presence, VisitClaim};
use store::{Recorded, Visit};

use crate::sample::{CHEN, LI, Record, WU, at, batch, court, evidence, id};

const MARKET: VenueId = VenueId::from_u128(0x100);
const STATION: VenueId = VenueId::from_u128(0x200);

pub async fn presences_are_listed_page_by_page_as_they_are_stored(store: &dyn Record) {
    let visits = [
        visit(1, LI, MARKET, at(0, 9), Some(at(0, 10))),
        visit(2, WU, MARKET, at(0, 9), None),
        visit(3, CHEN, MARKET, at(1, 9), None),
        visit(4, LI, STATION, at(0, 1), Some(at(2, 12))),
        visit(5, WU, STATION, at(1, 8), Some(at(1, 9))),
    ];
    store.record_visits(&visits, Recorded::Late).await.unwrap();
    for limit in [1, 2, 5, 100] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = store.presences_after(after, at(0, 0), limit).await.unwrap();
            assert!(page.len() <= limit as usize);
            let Some(last) = page.last() else { break };
            after = Some(*last);
            listed.extend(page);
        }
        assert_eq!(listed, visits.each_ref().map(presence));
    }
    let later = store.presences_after(None, at(0, 21), 100).await.unwrap();
    let reaching = [&visits[2], &visits[3], &visits[4]].map(presence);
    assert_eq!(later, reaching, "an open visit counts twelve hours");
}

pub async fn who_records_visits_under_a_claim_is_told_what_is_stored(store: &dyn Record) {
    let claim = VisitClaim::default();
    store.claim_visits(&claim).await.unwrap();
    let open = visit(1, LI, MARKET, at(0, 9), None);
    let closed = visit(1, LI, MARKET, at(0, 8), Some(at(0, 10)));
    let stored = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    let later = visit(1, LI, STATION, at(0, 9), Some(at(0, 15)));
    for (step, told) in [
        (&open, Some(&open)),
        (&open, None),
        (&closed, Some(&stored)),
        (&closed, None),
        (&later, None),
    ] {
        let visits = std::slice::from_ref(step);
        let changed = store.record_claimed(&claim, visits, Recorded::Live);
        let told: Vec<_> = told.into_iter().map(presence).collect();
        assert_eq!(changed.await.unwrap(), told);
    }
    assert_eq!(
        store.visits_at(MARKET, at(0, 0), at(1, 0)).await.unwrap(),
        [stored]
    );
}

pub async fn a_claim_stands_until_anybody_else_writes_a_visit(store: &dyn Record) {
    let claim = VisitClaim::default();
    assert!(!store.is_claim_standing(&claim).await.unwrap());
    assert!(!store.is_any_claim_standing().await.unwrap());
    let there = |number| [visit(number, LI, MARKET, at(0, 9), None)];
    let other = VisitClaim::default();
    for round in 0..3_u128 {
        store.claim_visits(&claim).await.unwrap();
        let own = there(10 + round);
        let told = store.record_claimed(&claim, &own, Recorded::Live).await;
        assert_eq!(told.unwrap().len(), 1);
        assert!(store.is_claim_standing(&claim).await.unwrap());
        assert!(!store.is_claim_standing(&other).await.unwrap());
        assert!(store.is_any_claim_standing().await.unwrap());
        let number = 20 + round;
        match round {
            0 => drop(store.record_visits(&there(number), Recorded::Live).await),
            1 => drop(
                store
                    .record_claimed(&other, &there(number), Recorded::Late)
                    .await,
            ),
            _ => {
                let [visit] = there(number);
                let submitted = evidence(number, LI, visit.into());
                let court = court(at(0, 20));
                store.append(batch([submitted]), &court).await.unwrap();
            }
        }
        assert!(!store.is_claim_standing(&claim).await.unwrap(), "{round}");
        assert!(!store.is_any_claim_standing().await.unwrap(), "{round}");
        let own = there(30 + round);
        let told = store.record_claimed(&claim, &own, Recorded::Live).await;
        assert_eq!(told.unwrap().len(), 1);
        assert!(!store.is_claim_standing(&claim).await.unwrap(), "{round}");
    }
}

pub async fn a_later_claim_ends_an_earlier_one(store: &dyn Record) {
    let [first, second] = [VisitClaim::default(), VisitClaim::default()];
    store.claim_visits(&first).await.unwrap();
    store.claim_visits(&second).await.unwrap();
    assert!(!store.is_claim_standing(&first).await.unwrap());
    assert!(store.is_claim_standing(&second).await.unwrap());
    store.claim_visits(&first).await.unwrap();
    assert!(store.is_claim_standing(&first).await.unwrap());
    assert!(!store.is_claim_standing(&second).await.unwrap());
    store.end_claim(&second).await.unwrap();
    assert!(store.is_claim_standing(&first).await.unwrap());
    store.end_claim(&first).await.unwrap();
    assert!(!store.is_any_claim_standing().await.unwrap());
}

pub async fn claims_under_many_writers_at_once_stay_right(store: &dyn Record) {
    let claim = VisitClaim::default();
    let own = (0..40_u128).map(|number| {
        let claim = &claim;
        async move {
            if number == 20 {
                store.claim_visits(claim).await.unwrap();
            }
            let visits = [visit(number, LI, MARKET, at(0, 9), None)];
            let told = store.record_claimed(claim, &visits, Recorded::Live).await;
            assert_eq!(told.unwrap().len(), 1);
        }
    });
    join_all(own).await;
    assert!(
        store.is_claim_standing(&claim).await.unwrap(),
        "one's own visits end no claim, not even while it is made"
    );
    let others = (100..110_u128).map(|number| async move {
        let visits = [visit(number, LI, MARKET, at(0, 9), None)];
        store.record_visits(&visits, Recorded::Live).await.unwrap();
    });
    join_all(others).await;
    assert!(!store.is_any_claim_standing().await.unwrap());
}

fn presence(visit: &Visit) -> Presence {
    Presence {
        visit: visit.id,
        person: visit.person,
        venue: visit.venue,
        entered: visit.entered,
        left: visit.left,
    }
}

fn visit(
    number: u128,
    person: PersonId,
    venue: VenueId,
    entered: Timestamp,
    left: Option<Timestamp>,
) -> Visit {
    Visit {
        id: id(number),
        person,
        venue,
        category: None,
        entered,
        left,
    }
}
