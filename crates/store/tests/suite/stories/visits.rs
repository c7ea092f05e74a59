use domain::{AuthorityId, Evidence, PersonId, ScannerId, Timestamp, VenueId};
use store::held_visits::{Gate, HeldVisit};
use store::{Recorded, Venue, Visit};

use crate::record::Record;
use crate::sample::{CHEN, LI, OFFICE, WU, at, declaration, evidence, id};

const MARKET: VenueId = VenueId::from_u128(0x100);
const STATION: VenueId = VenueId::from_u128(0x200);

pub async fn a_venue_can_be_renamed(store: &Record) {
    let mut venue = Venue {
        id: MARKET,
        name: "East Market".into(),
        category: Some("market".into()),
        region: Some("330106".parse().unwrap()),
        authority: None,
        sign_number: None,
    };
    store.put_venue(venue.clone()).await.unwrap();
    assert_eq!(store.venue(MARKET).await.unwrap(), Some(venue.clone()));
    venue.name = "New East Market".into();
    venue.category = None;
    venue.sign_number = Some(3);
    store.put_venue(venue.clone()).await.unwrap();
    assert_eq!(store.venue(MARKET).await.unwrap(), Some(venue));
    assert_eq!(store.venue(STATION).await.unwrap(), None);
    let both = store.venues(vec![STATION, MARKET]).await.unwrap();
    assert_eq!(both.len(), 1, "those that are there");
}

pub async fn the_first_check_out_wins(store: &Record) {
    let open = visit(1, LI, MARKET, at(0, 9), None);
    let closed = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    let later = visit(1, LI, MARKET, at(0, 9), Some(at(0, 15)));
    // The scan of another venue under the same identifier is a mistake and changes nothing.
    let elsewhere = visit(1, LI, STATION, at(0, 8), Some(at(0, 16)));
    for step in [&open, &open, &closed, &later, &open, &elsewhere] {
        let visits = vec![step.clone()];
        store.put_visits(visits, Recorded::Live).await.unwrap();
    }
    let by_person = store.visits_of(LI, at(0, 0), at(1, 0)).await.unwrap();
    assert_eq!(by_person, std::slice::from_ref(&closed));
    assert_eq!(
        store
            .visits_at(vec![(MARKET, at(0, 0), at(1, 0))])
            .await
            .unwrap(),
        [closed]
    );
    assert_eq!(
        store
            .visits_at(vec![(STATION, at(0, 0), at(1, 0))])
            .await
            .unwrap(),
        []
    );
}

pub async fn a_visit_is_found_by_person_and_by_venue(store: &Record) {
    let visits = [
        visit(1, LI, MARKET, at(0, 9), Some(at(0, 10))),
        visit(2, WU, MARKET, at(0, 8), Some(at(0, 12))),
        visit(3, LI, STATION, at(0, 11), Some(at(0, 12))),
        visit(4, CHEN, MARKET, at(0, 12), None),
    ];
    store
        .put_visits(visits.to_vec(), Recorded::Live)
        .await
        .unwrap();
    let [first, second, third, fourth] = visits;
    let at_market = store
        .visits_at(vec![(MARKET, at(0, 9), at(0, 10))])
        .await
        .unwrap();
    assert_eq!(at_market, [second.clone(), first.clone()], "by entry time");
    assert_eq!(
        store
            .visits_at(vec![(MARKET, at(0, 10), at(0, 12))])
            .await
            .unwrap(),
        [second]
    );
    assert_eq!(
        store
            .visits_at(vec![(MARKET, at(0, 12), at(0, 13))])
            .await
            .unwrap(),
        [fourth]
    );
    assert_eq!(
        store.visits_of(LI, at(0, 0), at(1, 0)).await.unwrap(),
        [first, third.clone()]
    );
    assert_eq!(
        store.visits_of(LI, at(0, 10), at(1, 0)).await.unwrap(),
        [third]
    );
}

pub async fn an_open_visit_counts_twelve_hours(store: &Record) {
    let open = visit(1, LI, MARKET, at(0, 0), None);
    store
        .put_visits(vec![open.clone()], Recorded::Live)
        .await
        .unwrap();
    let end = open.entered + Visit::LONGEST;
    let second = jiff::SignedDuration::from_secs(1);
    for (from, found) in [(end - second, vec![open]), (end, vec![])] {
        assert_eq!(
            store
                .visits_at(vec![(MARKET, from, at(9, 0))])
                .await
                .unwrap(),
            found
        );
        assert_eq!(store.visits_of(LI, from, at(9, 0)).await.unwrap(), found);
    }
}

pub async fn a_visit_of_two_days_is_found_on_the_second(store: &Record) {
    let visits = [
        visit(1, LI, STATION, at(0, 9), Some(at(2, 9))),
        visit(2, WU, STATION, at(0, 9), Some(at(0, 21))),
        visit(3, CHEN, STATION, at(1, 20), Some(at(1, 21))),
    ];
    store
        .put_visits(visits.to_vec(), Recorded::Live)
        .await
        .unwrap();
    let [long, short, evening] = visits;
    let second_day = store
        .visits_at(vec![(STATION, at(1, 9), at(2, 0))])
        .await
        .unwrap();
    assert_eq!(second_day, [long.clone(), evening]);
    let noon = store
        .visits_at(vec![(STATION, at(0, 20), at(0, 21))])
        .await
        .unwrap();
    assert_eq!(noon, [long.clone(), short], "each visit once, however long");
    assert_eq!(
        store
            .visits_at(vec![(STATION, at(2, 8), at(3, 0))])
            .await
            .unwrap(),
        [long]
    );
    assert_eq!(
        store
            .visits_at(vec![(STATION, at(2, 9), at(3, 0))])
            .await
            .unwrap(),
        []
    );
}

pub async fn visits_are_evidence_where_the_policy_reads_them(store: &Record) {
    let there = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    store
        .put_visits(vec![there.clone()], Recorded::Live)
        .await
        .unwrap();
    let said = declaration(2, LI, at(0, 11));
    store.append(vec![said.clone()]).await.unwrap();
    let expected = Evidence {
        id: id(1),
        person: LI,
        authority: Visit::RECORDED_BY,
        recorded_at: at(0, 9),
        fact: there.into(),
    };
    assert_eq!(
        store.evidence(LI, id(1)).await.unwrap(),
        Some(expected.clone())
    );
    for (since, include_visits, found) in [
        (at(0, 10), true, vec![expected, said.clone()]),
        (at(0, 10), false, vec![said.clone()]),
        (at(0, 11), true, vec![said]),
    ] {
        let evidence = store.evidence_since(vec![LI], since, include_visits);
        assert_eq!(evidence.await, Ok([(LI, found)].into()));
    }
}

pub async fn a_submitted_visit_keeps_its_authority(store: &Record) {
    let there = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    let mut submitted = evidence(1, LI, there.clone().into());
    submitted.recorded_at = at(0, 20);
    let added = store.append(vec![submitted.clone()]).await.unwrap();
    assert_eq!(Vec::from_iter(added), [(LI, id(1))]);
    assert_eq!(submitted.authority, OFFICE);
    let found = store.evidence(LI, id(1)).await;
    assert_eq!(found, Ok(Some(submitted.clone())));
    let span = (MARKET, at(0, 0), at(1, 0));
    assert_eq!(store.visits_at(vec![span]).await, Ok(vec![there]));
    let again = store.append(vec![submitted]).await.unwrap();
    assert_eq!(Vec::from_iter(again), []);
}

pub async fn who_records_visits_hears_what_changed_and_is_stored(store: &Record) {
    let open = visit(1, LI, MARKET, at(0, 9), None);
    let closed = visit(1, LI, MARKET, at(0, 8), Some(at(0, 10)));
    let stored = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    let later = visit(1, LI, STATION, at(0, 9), Some(at(0, 15)));
    for (step, changed) in [
        (&open, Some(&open)),
        (&open, None),
        (&closed, Some(&stored)),
        (&closed, None),
        (&later, None),
    ] {
        let put = store.put_visits(vec![step.clone()], Recorded::Live);
        let changed: Vec<Visit> = changed.into_iter().cloned().collect();
        assert_eq!(put.await, Ok(changed));
    }
    let span = (MARKET, at(0, 0), at(1, 0));
    assert_eq!(store.visits_at(vec![span]).await, Ok(vec![stored]));
}

pub async fn a_visit_may_come_with_its_own_end(store: &Record) {
    let open = visit(1, LI, MARKET, at(0, 9), None);
    let closed = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    let other = visit(2, WU, MARKET, at(0, 9), None);
    let together = vec![open.clone(), other.clone(), closed.clone(), open.clone()];
    let changed = store.put_visits(together, Recorded::Late).await.unwrap();
    assert_eq!(changed, [open, other.clone(), closed.clone()]);
    let span = (MARKET, at(0, 0), at(0, 10));
    let mut found = store.visits_at(vec![span]).await.unwrap();
    found.sort_by_key(|visit| visit.person);
    assert_eq!(found, [closed, other]);
}

pub async fn visits_of_many_come_in_the_order_asked(store: &Record) {
    let visits = [
        visit(1, LI, MARKET, at(0, 9), Some(at(0, 10))),
        visit(2, WU, STATION, at(0, 8), Some(at(0, 9))),
        visit(3, CHEN, STATION, at(0, 7), Some(at(0, 8))),
    ];
    let [market, late, early] = visits.clone();
    let put = store.put_visits(visits.to_vec(), Recorded::Live);
    put.await.unwrap();
    let day = |venue| (venue, at(0, 0), at(1, 0));
    let spans = vec![day(STATION), day(VenueId::from_u128(7)), day(MARKET)];
    let found = store.visits_at(spans).await;
    assert_eq!(found, Ok(vec![early, late, market]));
    assert_eq!(store.visits_at(vec![]).await, Ok(vec![]));
    let day = |person| (person, at(0, 0), at(1, 0));
    let spans = vec![day(WU), day(PersonId::from_u128(7)), day(LI)];
    let found = store.visits_of_many(spans).await.unwrap();
    let found: Vec<PersonId> = found.iter().map(|visit| visit.person).collect();
    assert_eq!(found, [WU, LI]);
}

pub async fn everybodys_visits_are_listed_page_by_page(store: &Record) {
    let visits = [
        visit(1, LI, MARKET, at(0, 9), Some(at(0, 10))),
        visit(2, WU, MARKET, at(0, 9), None),
        visit(3, CHEN, MARKET, at(1, 9), None),
        visit(4, LI, STATION, at(0, 1), Some(at(2, 12))),
        visit(5, WU, STATION, at(1, 8), Some(at(1, 9))),
    ];
    let shuffled = [4, 0, 3, 2, 1].map(|place| visits[place].clone());
    let put = store.put_visits(shuffled.to_vec(), Recorded::Late);
    put.await.unwrap();
    for limit in [1, 2, 5, 100] {
        let mut listed: Vec<Visit> = Vec::new();
        loop {
            let after = listed.last().cloned();
            let page = store.visits_after(after, limit).await.unwrap();
            assert!(page.len() <= limit as usize);
            if page.is_empty() {
                break;
            }
            listed.extend(page);
        }
        assert_eq!(listed, visits);
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
        category: Some("market".into()),
        entered,
        left,
    }
}

pub async fn visits_of_a_case_wait_until_they_are_taken_in(store: &Record) {
    let gate = |temperature: Option<&str>| Gate {
        scanner: ScannerId::from_u128(7),
        authority: AuthorityId::from_u128(8),
        temperature: temperature.map(|measured| measured.parse().unwrap()),
    };
    let held = [
        (visit(1, LI, MARKET, at(0, 9), Some(at(0, 10))), None),
        (
            visit(2, LI, STATION, at(0, 11), None),
            Some(gate(Some("37.4"))),
        ),
        (visit(3, WU, MARKET, at(0, 9), None), Some(gate(None))),
    ];
    let held = held.map(|(visit, gate)| HeldVisit {
        visit,
        held_at: at(0, 12),
        gate,
    });
    store.hold_visits(held.to_vec()).await.unwrap();
    let again = held.clone().map(|one| HeldVisit {
        held_at: at(0, 13),
        gate: None,
        ..one
    });
    store.hold_visits(again.to_vec()).await.unwrap();
    let mut cases = [LI, WU];
    cases.sort_unstable();
    let cases = cases.map(|person| (person, if person == LI { 2 } else { 1 }));
    let listed = async |after, limit| store.cases_with_visits(after, limit).await.unwrap();
    assert_eq!(listed(None, 10).await, cases);
    assert_eq!(listed(None, 1).await, cases[..1]);
    assert_eq!(listed(Some(cases[0].0), 10).await, cases[1..]);
    for (who, theirs) in [(LI, &held[..2]), (WU, &held[2..])] {
        assert_eq!(store.held_visits(who).await.unwrap(), theirs);
    }
    let looked_at = held[..1].to_vec();
    for still_waited in [1, 0] {
        let dropped = store.drop_held_visits(looked_at.clone());
        assert_eq!(dropped.await, Ok(still_waited));
    }
    assert_eq!(store.held_visits(LI).await.unwrap(), held[1..2]);
    assert_eq!(
        store.visits_of(LI, at(0, 0), at(1, 0)).await.unwrap(),
        [],
        "none is taken in here"
    );
}
