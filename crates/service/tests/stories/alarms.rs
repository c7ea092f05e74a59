//! What somebody should look at is raised where it happens, and seen by somebody.

use domain::{AlarmId, Colour, Role};
use jiff::SignedDuration;
use service::{Alarm, AlarmKind, Cap, Caps, GlitchReport, OrderRequest, ServiceError, Staff};

use crate::city::{City, hours};

crate::stories! {
    an_authority_that_comes_near_its_cap_raises_one_alarm_a_day
    alarms_are_seen_by_an_administrator_and_read_by_an_auditor_and_nobody_else
    a_key_that_ends_soon_raises_an_alarm
    many_reports_without_an_answer_raise_an_alarm
}

async fn of(city: &City, by: &Staff) -> Vec<Alarm> {
    city.service.alarms.list(by).await.unwrap()
}

async fn an_authority_that_comes_near_its_cap_raises_one_alarm_a_day(city: City) {
    let li = city.resident("Li").await;
    let node = city
        .another_node_with(|settings| {
            settings.caps = Caps::default().with(Cap::OrdersADay, 5);
        })
        .await;
    let administrator = city.administrator().await;
    let approver = city.approver().await;
    for done in 1..=5 {
        let officer = city.fresh(city.health.id()).await;
        let request = OrderRequest {
            request: None,
            people: vec![li.subject()],
            colour: Colour::Yellow,
            from: city.now(),
            until: city.now() + hours(24),
            basis: "Law 1".to_owned(),
        };
        let proposed = node.orders.propose(&officer, request).await.unwrap().id;
        let approved = node.orders.approve(&approver, proposed, "seen").await;
        approved.unwrap();
        let alarms = of(&city, &administrator).await;
        if done < 4 {
            assert!(alarms.is_empty(), "{done}");
            continue;
        }
        let [alarm] = &alarms[..] else {
            panic!("{done}: {alarms:?}");
        };
        assert_eq!((alarm.kind, alarm.number), (AlarmKind::CapNear, done));
        assert_eq!(alarm.about, "orders_a_day");
        let office = city.health.authority().id;
        assert_eq!(alarm.authority.as_ref().map(|one| one.id), Some(office));
    }
}

async fn alarms_are_seen_by_an_administrator_and_read_by_an_auditor_and_nobody_else(city: City) {
    let alarms = &city.service.alarms;
    alarms.raise(AlarmKind::SignInsFail, "", 10).await;
    alarms.raise(AlarmKind::SignInsFail, "", 12).await;
    let administrator = city.administrator().await;
    let office = city.health.authority().clone();
    let auditor = city.hire(&office, "Ms Audit", &[Role::Auditor]).await;
    for who in [&administrator, &auditor] {
        let seen = of(&city, who).await;
        assert_eq!((seen.len(), seen[0].number), (1, 12), "one for each day");
    }
    let alarm = of(&city, &administrator).await[0].id;
    for (who, what) in [(&auditor, "changes nothing"), (&city.health, "not theirs")] {
        let refused = alarms.acknowledge(who, alarm).await.unwrap_err();
        assert!(
            matches!(refused, ServiceError::NotPermitted { .. }),
            "{what}: {refused}"
        );
    }
    let refused = alarms.list(&city.health).await.unwrap_err();
    assert!(matches!(refused, ServiceError::NotPermitted { .. }));
    let nowhere = alarms.acknowledge(&administrator, AlarmId::from_u128(1));
    let nowhere = nowhere.await.unwrap_err();
    assert!(matches!(nowhere, ServiceError::UnknownAlarm), "{nowhere}");

    assert_eq!(alarms.count_open().await.unwrap(), 1);
    alarms.acknowledge(&administrator, alarm).await.unwrap();
    assert_eq!(alarms.count_open().await.unwrap(), 0);
    let seen = of(&city, &administrator).await;
    assert_eq!(seen[0].acknowledged_at, Some(city.now()));
    city.pass(SignedDuration::from_hours(91 * 24));
    city.service.forget_receipts().await.unwrap();
    let administrator = city.administrator().await;
    assert_eq!(of(&city, &administrator).await, []);
}

async fn a_key_that_ends_soon_raises_an_alarm(city: City) {
    let administrator = city.administrator().await;
    city.service.watch_keys().await.unwrap();
    let before = of(&city, &administrator).await.len();
    let mut ends = false;
    for _ in 0..60 {
        city.pass(SignedDuration::from_hours(7 * 24));
        city.service.watch_keys().await.unwrap();
        let administrator = city.administrator().await;
        let alarms = of(&city, &administrator).await;
        let about = alarms
            .iter()
            .filter(|alarm| alarm.kind == AlarmKind::KeyEnds);
        ends = about.clone().count() > before && about.clone().all(|alarm| alarm.number < 30);
        if ends {
            break;
        }
    }
    assert!(ends);
}

/// Strangers send them, so that nobody else's is taken in.
async fn many_reports_without_an_answer_raise_an_alarm(city: City) {
    let report = GlitchReport {
        request: None,
        wanted: "to see my code".to_owned(),
        happened: "an empty page".to_owned(),
        page: "/me".to_owned(),
    };
    let administrator = city.administrator().await;
    let waiting = async || {
        let alarms = of(&city, &administrator).await.into_iter();
        let waiting = alarms.filter(|one| one.kind == AlarmKind::ReportsWait);
        waiting.map(|one| one.number).collect::<Vec<_>>()
    };
    for _ in 0..10 {
        let sent = (0..100).map(|_| city.service.glitches.report(&report));
        futures::future::try_join_all(sent).await.unwrap();
    }
    assert_eq!(waiting().await, [0; 0]);
    city.service.glitches.report(&report).await.unwrap();
    assert_eq!(waiting().await, [1000]);
    city.service.glitches.report(&report).await.unwrap();
    assert_eq!(
        waiting().await,
        [1001],
        "one alarm a day, with what it is now"
    );
}
