use domain::{AlarmId, StaffId};
use store::alarms::AlarmRecord;

use crate::record::Record;
use crate::sample::{OFFICE, at};

pub async fn an_alarm_is_raised_once_a_day_and_seen_by_somebody(store: &Record) {
    let alarm = |id: u128, day, number| AlarmRecord {
        id: AlarmId::from_u128(id),
        kind: "cap-near".to_owned(),
        about: "orders_a_day".to_owned(),
        authority: (id == 1).then_some(OFFICE),
        raised_at: at(day, 8),
        number,
        acknowledged: None,
    };
    for (id, day, number) in [(1, 0, 40), (2, 1, 5), (1, 0, 45), (1, 0, 41)] {
        store.raise_alarm(alarm(id, day, number)).await.unwrap();
    }
    let both = [alarm(2, 1, 5), alarm(1, 0, 45)];
    assert_eq!(store.alarms(10).await.unwrap(), both, "newest first");
    assert_eq!(store.alarms(1).await.unwrap(), both[..1]);
    assert_eq!(store.open_alarms().await, Ok(2));

    let (lin, zhao) = (StaffId::from_u128(1), StaffId::from_u128(2));
    for (by, hour) in [(lin, 9), (zhao, 10)] {
        let seen = store.acknowledge_alarm(both[1].id, at(1, hour), by);
        assert_eq!(seen.await, Ok(hour == 9));
    }
    let seen = store.alarm(both[1].id).await.unwrap().unwrap();
    assert_eq!(seen.acknowledged, Some((at(1, 9), lin)), "who was first");
    assert_eq!(store.open_alarms().await, Ok(1));
    assert_eq!(store.alarm(AlarmId::from_u128(9)).await, Ok(None));

    store.forget_alarms(at(5, 0)).await.unwrap();
    assert_eq!(store.alarms(10).await.unwrap(), both[..1], "not seen yet");
}
