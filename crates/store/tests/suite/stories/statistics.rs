use domain::evidence::{OpenPeriod, StayMode, StaySource};
use domain::{Colour, Fact, Region};
use jiff::civil::{Date, date};
use store::Since;
use store::statistics::{CountKey, Counted, Measure, Tally, TallyStep};

use super::{GREEN, RED};
use crate::sample::{CHEN, LI, Record, WU, at, batch, court, evidence, newcomer, withdrawal};

const MONDAY: Date = date(2020, 2, 17);
const TUESDAY: Date = date(2020, 2, 18);

pub async fn a_counting_begins_once(store: &dyn Record) {
    assert_eq!(store.tally().await.unwrap(), None);
    store.begin_tally(MONDAY).await.unwrap();
    store.begin_tally(TUESDAY).await.unwrap();
    let begun = store.tally().await.unwrap().unwrap();
    assert_eq!((begun.began, begun.open), (MONDAY, MONDAY));
    assert_eq!(begun.cursor.after, None);
}

pub async fn a_step_that_is_taken_twice_counts_once(store: &dyn Record) {
    let from = begun(store).await;
    assert!(store.take_step(green_people(from)).await.unwrap());
    assert!(!store.take_step(green_people(from)).await.unwrap());
    assert_eq!(store.day_counts(MONDAY).await.unwrap(), [(green(), 2)]);
    let after = store.tally().await.unwrap().unwrap();
    assert_eq!(after.cursor, cursor());
    // Li turns red and leaves the green; nothing is left of what became nought.
    let restricted = Counted {
        region: hangzhou(),
        status: RED,
        restrictions: vec![
            (Colour::Red, "case".into()),
            (Colour::Yellow, "port".into()),
        ],
    };
    let step = TallyStep {
        from: after,
        cursor: cursor(),
        people: vec![(LI, restricted.clone())],
        changes: vec![(green(), -2), (red(), 1)],
    };
    assert!(store.take_step(step).await.unwrap());
    assert_eq!(store.day_counts(MONDAY).await.unwrap(), [(red(), 1)]);
    let people = store.counted_people(&[LI, CHEN]).await.unwrap();
    assert_eq!(people[0].counted, Some(restricted));
    assert_eq!(people[1].counted, None);
}

pub async fn a_closed_day_hands_its_people_on_and_keeps_what_happened(store: &dyn Record) {
    let from = begun(store).await;
    let mut step = green_people(from);
    step.changes.push((registered(), 2));
    assert!(store.take_step(step).await.unwrap());
    let full = store.tally().await.unwrap().unwrap();
    assert!(
        !store.close_day(&from).await.unwrap(),
        "a step came between"
    );
    assert!(store.close_day(&full).await.unwrap());
    assert!(!store.close_day(&full).await.unwrap(), "once");
    let open = store.tally().await.unwrap().unwrap();
    assert_eq!((open.began, open.open), (MONDAY, TUESDAY));
    let monday = store.day_counts(MONDAY).await.unwrap();
    assert_eq!(monday, [(registered(), 2), (green(), 2)]);
    assert_eq!(store.day_counts(TUESDAY).await.unwrap(), [(green(), 2)]);
}

pub async fn checks_that_come_in_late_count_on_the_open_day(store: &dyn Record) {
    let checks = |day, count| [(day, "revoked".to_owned(), count)];
    store.add_checks(&checks(MONDAY, 3)).await.unwrap();
    let from = begun(store).await;
    assert!(store.close_day(&from).await.unwrap());
    store.add_checks(&checks(MONDAY, 4)).await.unwrap();
    store.add_checks(&checks(TUESDAY, 5)).await.unwrap();
    let revoked = CountKey {
        measure: Measure::Check,
        region: None,
        word: "revoked".into(),
    };
    let monday = store.day_counts(MONDAY).await.unwrap();
    assert_eq!(monday, [(revoked.clone(), 3)]);
    let tuesday = store.day_counts(TUESDAY).await.unwrap();
    assert_eq!(tuesday, [(revoked, 9)]);
}

pub async fn counting_somebody_needs_where_they_live_and_since_when_they_are_known(
    store: &dyn Record,
) {
    let court = court(at(0, 9));
    store.register(newcomer(LI, 0), &court).await.unwrap();
    let home = Fact::stay(
        hangzhou().unwrap(),
        OpenPeriod::since(at(-300, 0)),
        StayMode::Resident,
        StaySource::Declared,
    );
    let batch = batch([evidence(7, LI, home), withdrawal(8, LI, 7, at(0, 9))]);
    store.append(batch, &court).await.unwrap();
    let people = store.counted_people(&[LI, WU]).await.unwrap();
    let stays: Vec<u128> = people[0].stays.iter().map(|e| e.id.as_u128()).collect();
    assert_eq!(stays, [7, 8]);
    assert_eq!(people[0].known_since, Some(at(0, 8)));
    assert_eq!((people[1].stays.len(), people[1].known_since), (0, None));
}

async fn begun(store: &dyn Record) -> Tally {
    store.begin_tally(MONDAY).await.unwrap();
    store.tally().await.unwrap().unwrap()
}

fn green_people(from: Tally) -> TallyStep {
    let counted = Counted {
        region: hangzhou(),
        status: GREEN,
        restrictions: Vec::new(),
    };
    TallyStep {
        from,
        cursor: cursor(),
        people: vec![(LI, counted.clone()), (WU, counted)],
        changes: vec![(green(), 2)],
    }
}

fn cursor() -> Since<domain::PersonId> {
    Since {
        at: at(0, 9),
        after: Some(WU),
    }
}

fn hangzhou() -> Option<Region> {
    "330106".parse().ok()
}

fn registered() -> CountKey {
    CountKey {
        measure: Measure::Registered,
        region: hangzhou(),
        word: String::new(),
    }
}

fn green() -> CountKey {
    CountKey {
        measure: Measure::Status,
        word: "green".into(),
        ..registered()
    }
}

fn red() -> CountKey {
    CountKey {
        word: "red".into(),
        ..green()
    }
}
