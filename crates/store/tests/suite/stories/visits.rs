use domain::{AuthorityId, Evidence, PersonId, Timestamp, VenueId};
use store::{Recorded, Venue, Visit};

use crate::sample::{
    CHEN, LI, OFFICE, Record, WU, at, batch, court, declaration, evidence, id, withdrawal,
};

const MARKET: VenueId = VenueId::from_u128(0x100);
const STATION: VenueId = VenueId::from_u128(0x200);

pub async fn a_venue_can_be_renamed(store: &dyn Record) {
    let mut venue = Venue {
        id: MARKET,
        name: "East Market".into(),
        category: Some("market".into()),
        region: Some("330106".parse().unwrap()),
    };
    store.put_venue(venue.clone()).await.unwrap();
    assert_eq!(store.venue(MARKET).await.unwrap(), Some(venue.clone()));
    venue.name = "New East Market".into();
    venue.category = None;
    store.put_venue(venue.clone()).await.unwrap();
    assert_eq!(store.venue(MARKET).await.unwrap(), Some(venue));
    assert_eq!(store.venue(STATION).await.unwrap(), None);
}

pub async fn the_first_check_out_wins(store: &dyn Record) {
    let open = visit(1, LI, MARKET, at(0, 9), None);
    let closed = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    let later = visit(1, LI, MARKET, at(0, 9), Some(at(0, 15)));
    // The scan of another venue under the same identifier is a mistake and changes nothing.
    let elsewhere = visit(1, LI, STATION, at(0, 8), Some(at(0, 16)));
    for step in [&open, &open, &closed, &later, &open, &elsewhere] {
        store
            .record_visits(std::slice::from_ref(step), Recorded::Live)
            .await
            .unwrap();
    }
    let by_person = store.visits_of(LI, at(0, 0), at(1, 0)).await.unwrap();
    assert_eq!(by_person, std::slice::from_ref(&closed));
    assert_eq!(
        store.visits_at(MARKET, at(0, 0), at(1, 0)).await.unwrap(),
        [closed]
    );
    assert_eq!(
        store.visits_at(STATION, at(0, 0), at(1, 0)).await.unwrap(),
        []
    );
}

pub async fn a_visit_is_found_by_person_and_by_venue(store: &dyn Record) {
    let visits = [
        visit(1, LI, MARKET, at(0, 9), Some(at(0, 10))),
        visit(2, WU, MARKET, at(0, 8), Some(at(0, 12))),
        visit(3, LI, STATION, at(0, 11), Some(at(0, 12))),
        visit(4, CHEN, MARKET, at(0, 12), None),
    ];
    store.record_visits(&visits, Recorded::Live).await.unwrap();
    let [first, second, third, fourth] = visits;
    let at_market = store.visits_at(MARKET, at(0, 9), at(0, 10)).await.unwrap();
    assert_eq!(at_market, [second.clone(), first.clone()], "by entry time");
    assert_eq!(
        store.visits_at(MARKET, at(0, 10), at(0, 12)).await.unwrap(),
        [second]
    );
    assert_eq!(
        store.visits_at(MARKET, at(0, 12), at(0, 13)).await.unwrap(),
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

pub async fn an_open_visit_counts_twelve_hours(store: &dyn Record) {
    let open = visit(1, LI, MARKET, at(0, 0), None);
    store
        .record_visits(std::slice::from_ref(&open), Recorded::Live)
        .await
        .unwrap();
    let end = open.entered + Visit::LONGEST;
    let second = jiff::SignedDuration::from_secs(1);
    for (from, found) in [(end - second, vec![open]), (end, vec![])] {
        assert_eq!(
            store.visits_at(MARKET, from, at(9, 0)).await.unwrap(),
            found
        );
        assert_eq!(store.visits_of(LI, from, at(9, 0)).await.unwrap(), found);
    }
}

pub async fn a_visit_of_two_days_is_found_on_the_second(store: &dyn Record) {
    let visits = [
        visit(1, LI, STATION, at(0, 9), Some(at(2, 9))),
        visit(2, WU, STATION, at(0, 9), Some(at(0, 21))),
        visit(3, CHEN, STATION, at(1, 20), Some(at(1, 21))),
    ];
    store.record_visits(&visits, Recorded::Live).await.unwrap();
    let [long, short, evening] = visits;
    let second_day = store.visits_at(STATION, at(1, 9), at(2, 0)).await.unwrap();
    assert_eq!(second_day, [long.clone(), evening]);
    let noon = store
        .visits_at(STATION, at(0, 20), at(0, 21))
        .await
        .unwrap();
    assert_eq!(noon, [long.clone(), short], "each visit once, however long");
    assert_eq!(
        store.visits_at(STATION, at(2, 8), at(3, 0)).await.unwrap(),
        [long]
    );
    assert_eq!(
        store.visits_at(STATION, at(2, 9), at(3, 0)).await.unwrap(),
        []
    );
}

pub async fn visits_are_evidence_where_the_policy_reads_them(store: &dyn Record) {
    let there = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    store
        .record_visits(std::slice::from_ref(&there), Recorded::Live)
        .await
        .unwrap();
    let mut court = court(at(0, 11));
    court.reads_visits = false;
    let said = batch([declaration(2, LI, at(0, 11))]);
    let decided = store.append(said, &court).await.unwrap();
    assert_eq!(decided[0].now.verdict.advice, []);

    court.reads_visits = true;
    let decided = store.decide_again(&[LI], &court).await.unwrap();
    assert_eq!(decided[0].now.verdict.advice[0].because, id(1));
    assert_eq!(
        decided[0].now.verdict.advice[0].authority,
        Visit::RECORDED_BY
    );

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
    let all = store.evidence_of(LI, at(0, 10)).await.unwrap();
    assert_eq!(all, [expected, declaration(2, LI, at(0, 11))]);
    assert_eq!(store.evidence_of(LI, at(0, 11)).await.unwrap().len(), 1);

    let withdrawn = batch([withdrawal(3, LI, 1, at(0, 11))]);
    let decided = store.append(withdrawn, &court).await.unwrap();
    assert_eq!(decided[0].now.verdict.advice, []);
}

pub async fn a_submitted_visit_keeps_its_authority(store: &dyn Record) {
    let there = visit(1, LI, MARKET, at(0, 9), Some(at(0, 10)));
    let mut submitted = evidence(1, LI, there.clone().into());
    submitted.recorded_at = at(0, 20);
    let decided = store
        .append(batch([submitted.clone()]), &court(at(0, 20)))
        .await
        .unwrap();
    assert_eq!(decided[0].appended, 1);
    let office: AuthorityId = OFFICE;
    assert_eq!(decided[0].now.verdict.advice[0].authority, office);
    assert_eq!(
        store.evidence(LI, id(1)).await.unwrap(),
        Some(submitted.clone())
    );
    assert_eq!(
        store.visits_at(MARKET, at(0, 0), at(1, 0)).await.unwrap(),
        [there]
    );
    let again = store
        .append(batch([submitted]), &court(at(0, 21)))
        .await
        .unwrap();
    assert_eq!(again[0].appended, 0);
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
