//! What monitors read of what waits, and of a record that does not answer.

use domain::Timestamp;
use service::{Cap, Caps, Item, NodeFigures, RecordFigures, Service, Submission};

use crate::city::{City, hours};

crate::stories! {
    a_monitor_reads_since_when_things_wait_and_not_for_how_many_people
    figures_that_cannot_be_read_get_older_and_stop_nothing
}

async fn figures(service: &Service) -> NodeFigures {
    service.gather_figures().await;
    service.node_figures()
}

async fn record(city: &City) -> RecordFigures {
    figures(&city.service).await.record.unwrap()
}

async fn a_monitor_reads_since_when_things_wait_and_not_for_how_many_people(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    while city.service.audit.checkpoint().await.unwrap() > 0 {}
    city.service.outbox.deliver().await.unwrap();
    let waits = |record: &RecordFigures| (record.outbox_since, record.log_waits_since);
    assert_eq!(waits(&record(&city).await), (None, None));

    let at = city.now();
    for who in [&li, &wu] {
        city.submit(city.health.submitter(), who, city.contact(1))
            .await;
        city.pass(hours(1));
    }
    let found = record(&city).await;
    assert_eq!(waits(&found), (Some(at), Some(at)), "since the first");
    assert_eq!(found.held_batches, 0);

    city.service.outbox.deliver().await.unwrap();
    while city.service.audit.checkpoint().await.unwrap() > 0 {}
    let found = record(&city).await;
    assert_eq!(waits(&found), (None, None));
    assert_eq!(found.log_signed_at, Some(city.now()));

    let cap = Caps::default().with(Cap::RestrictedByBatch, 1);
    let node = city.another_node_with(|settings| settings.caps = cap).await;
    let items = ["Mei", "Tao"].map(|name| city.resident(name));
    let [mei, tao] = items;
    let item = |subject| Item {
        subject,
        said: city.contact(20).into(),
    };
    let submission = Submission {
        request: Some(city.key()),
        content: None,
        items: vec![item(mei.await.subject()), item(tao.await.subject())],
    };
    let submitter = city.health.submitter();
    let receipt = node.evidence.submit(submitter, submission).await.unwrap();
    assert!(receipt.held.is_some());
    assert_eq!(record(&city).await.held_batches, 1);
}

async fn figures_that_cannot_be_read_get_older_and_stop_nothing(city: City) {
    let before = city.service.node_figures();
    assert_eq!(before.database_answers, None);
    assert!(before.record.is_none() && before.record_age.is_none());
    let good = figures(&city.service).await;
    assert_eq!(good.database_answers, Some(true));

    city.base
        .tamper("ALTER TABLE outbox RENAME TO outbox_away")
        .await;
    let bad = figures(&city.service).await;
    assert_eq!(bad.database_answers, Some(false));
    let signed_at = |figures: &NodeFigures| -> Option<Timestamp> {
        figures
            .record
            .as_ref()
            .and_then(|record| record.log_signed_at)
    };
    assert_eq!(signed_at(&bad), signed_at(&good), "what was known stays");
    assert_eq!(bad.faults, good.faults);

    city.base
        .tamper("ALTER TABLE outbox_away RENAME TO outbox")
        .await;
    let again = figures(&city.service).await;
    assert_eq!(again.database_answers, Some(true));
}
