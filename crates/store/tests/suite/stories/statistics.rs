use domain::evidence::{OpenPeriod, StayMode, StaySource};
use domain::{Colour, Fact, Region};
use jiff::civil::{Date, date};
use store::statistics::{CountCursor, CountKey, CountStep, Counted, Measure};
use store::{ChangeCursor, ChangeNumber};

use super::{GREEN, RED};
use crate::record::Record;
use crate::sample::{CHEN, LI, WU, at, evidence, newcomer, withdrawal};

const MONDAY: Date = date(2020, 2, 17);
const TUESDAY: Date = date(2020, 2, 18);

pub async fn a_counting_begins_once(store: &Record) {
    assert_eq!(store.counting().await.unwrap(), None);
    store.begin_counting(MONDAY).await.unwrap();
    store.begin_counting(TUESDAY).await.unwrap();
    let begun = store.counting().await.unwrap().unwrap();
    assert_eq!((begun.began, begun.open), (MONDAY, MONDAY));
    assert_eq!(begun.cursor.after, None);
}

pub async fn a_step_that_is_taken_twice_counts_once(store: &Record) {
    let from = begun(store).await;
    assert!(store.advance(green_people(from)).await.unwrap());
    assert!(!store.advance(green_people(from)).await.unwrap());
    assert_eq!(store.day_counts(MONDAY).await.unwrap(), [(green(), 2)]);
    let after = store.counting().await.unwrap().unwrap();
    assert_eq!(after.cursor, cursor());
    // Li turns red and leaves the green; nothing is left of what became zero.
    let restricted = Counted {
        region: hangzhou(),
        status: RED,
        restrictions: vec![
            (Colour::Red, "case".into()),
            (Colour::Yellow, "port".into()),
        ],
    };
    let step = CountStep {
        from: after,
        cursor: cursor(),
        people: vec![(LI, restricted.clone())],
        changes: vec![(green(), -2), (red(), 1)],
    };
    assert!(store.advance(step).await.unwrap());
    assert_eq!(store.day_counts(MONDAY).await.unwrap(), [(red(), 1)]);
    let people = store.counted_people(vec![LI, CHEN]).await.unwrap();
    assert_eq!(people[0].counted, Some(restricted));
    assert_eq!(people[1].counted, None);
}

pub async fn a_closed_day_hands_its_people_on_and_keeps_what_happened(store: &Record) {
    let from = begun(store).await;
    let mut step = green_people(from);
    step.changes.push((registered(), 2));
    assert!(store.advance(step).await.unwrap());
    let full = store.counting().await.unwrap().unwrap();
    assert!(!store.close_day(from).await.unwrap(), "a step came between");
    assert!(store.close_day(full).await.unwrap());
    assert!(!store.close_day(full).await.unwrap(), "once");
    let open = store.counting().await.unwrap().unwrap();
    assert_eq!((open.began, open.open), (MONDAY, TUESDAY));
    let monday = store.day_counts(MONDAY).await.unwrap();
    assert_eq!(monday, [(registered(), 2), (green(), 2)]);
    assert_eq!(store.day_counts(TUESDAY).await.unwrap(), [(green(), 2)]);
}

pub async fn checks_that_come_in_late_count_on_the_open_day(store: &Record) {
    let checks = |day, count| vec![(day, "revoked".to_owned(), count)];
    store.add_checks(checks(MONDAY, 3)).await.unwrap();
    let from = begun(store).await;
    assert!(store.close_day(from).await.unwrap());
    store.add_checks(checks(MONDAY, 4)).await.unwrap();
    store.add_checks(checks(TUESDAY, 5)).await.unwrap();
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

pub async fn counting_somebody_needs_where_they_live_and_since_when_they_are_known(store: &Record) {
    store.register(newcomer(LI, 0)).await.unwrap();
    let home = Fact::stay(
        hangzhou().unwrap(),
        OpenPeriod::mended(at(-300, 0), None),
        StayMode::Resident,
        StaySource::Declared,
    );
    let pieces = vec![evidence(7, LI, home), withdrawal(8, LI, 7, at(0, 9))];
    store.append(pieces).await.unwrap();
    let people = store.counted_people(vec![LI, WU]).await.unwrap();
    let stays: Vec<u128> = people[0].stays.iter().map(|e| e.id.as_u128()).collect();
    assert_eq!(stays, [7, 8]);
    assert_eq!(people[0].known_since, Some(at(0, 8)));
    assert_eq!((people[1].stays.len(), people[1].known_since), (0, None));
}

async fn begun(store: &Record) -> CountCursor {
    store.begin_counting(MONDAY).await.unwrap();
    store.counting().await.unwrap().unwrap()
}

fn green_people(from: CountCursor) -> CountStep {
    let counted = Counted {
        region: hangzhou(),
        status: GREEN,
        restrictions: Vec::new(),
    };
    CountStep {
        from,
        cursor: cursor(),
        people: vec![(LI, counted.clone()), (WU, counted)],
        changes: vec![(green(), 2)],
    }
}

fn cursor() -> ChangeCursor<domain::PersonId> {
    ChangeCursor {
        number: ChangeNumber::from_i64(10_000_000_007),
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
