use futures::future::join_all;
use store::ChangeNumber;

use crate::record::Record;

pub async fn what_is_drawn_later_is_greater(store: &Record) {
    let mut before = store.last_change().await.unwrap();
    assert!(before > ChangeNumber::BEFORE_ALL);
    for _ in 0..3 {
        let drawn = store.draw_change().await.unwrap();
        assert!(drawn > before, "{drawn:?} after {before:?}");
        assert_eq!(store.last_change().await, Ok(drawn));
        before = drawn;
    }
    // A verdict of version 0.1 has the second of its decision; every change comes after.
    let year_2200 = 7_258_118_400;
    assert!(before > ChangeNumber::from_i64(year_2200));
    assert_eq!(ChangeNumber::from_i64(before.as_i64()), before);
}

pub async fn no_two_changes_have_one_number(store: &Record) {
    let mut drawn = join_all((0..40).map(|_| store.draw_change())).await;
    drawn.sort_by_key(|number| *number.as_ref().unwrap());
    drawn.dedup();
    assert_eq!(drawn.len(), 40);
    let last = store.last_change().await;
    assert_eq!(drawn.last(), Some(&last));
}

pub async fn what_was_drawn_from_caps_is_listed_and_dropped(store: &Record) {
    let names = ["cap b 2 x", "cap a 1 x", "other"].map(str::to_owned);
    for name in &names {
        assert_eq!(store.add_to_counter(name.clone(), 3).await, Ok(3));
    }
    let listed = store.names_of_caps().await;
    assert_eq!(listed, Ok(vec![names[1].clone(), names[0].clone()]));
    store.drop_counters(vec![names[1].clone()]).await.unwrap();
    assert_eq!(store.names_of_caps().await, Ok(vec![names[0].clone()]));
    assert_eq!(
        store.add_to_counter(names[1].clone(), 1).await,
        Ok(1),
        "from nothing"
    );
    assert_eq!(
        store.add_to_counter(names[2].clone(), 1).await,
        Ok(4),
        "left alone"
    );
}
