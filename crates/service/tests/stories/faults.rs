//! Workers that break down, and what a node says is wrong with it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::SignedDuration;
use service::{Fault, Service};

use crate::city::City;

crate::stories! {
    a_worker_whose_turn_panics_goes_on
    a_worker_that_does_its_work_no_more_is_a_fault
    a_trace_that_stays_open_for_over_a_minute_is_a_fault
}

async fn a_worker_whose_turn_panics_goes_on(city: City) {
    let li = city.resident("Li").await;
    city.messages.breakdowns.store(2, Ordering::SeqCst);
    let workers = city.service.spawn_workers();
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    until("the notifier was tried until it worked", || {
        city.messages.changes.lock().unwrap().len() == 1
    })
    .await;
    assert_eq!(city.messages.breakdowns.load(Ordering::SeqCst), 0);
    assert_eq!(dead(&city.service), Vec::<&str>::new());
    workers.stop().await;
    assert_eq!(dead(&city.service), Vec::<&str>::new(), "stopped, not dead");
}

/// Takes over a minute, since a worker is given as much.
async fn a_worker_that_does_its_work_no_more_is_a_fault(city: City) {
    let li = city.resident("Li").await;
    let workers = city.service.spawn_workers();
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    until("the outbox was delivered", || {
        city.messages.changes.lock().unwrap().len() == 1
    })
    .await;
    // All of them end without having been asked to.
    drop(workers);
    until("dead workers are named", || {
        dead(&city.service).contains(&"outbox")
    })
    .await;
    let again = city.service.spawn_workers();
    until("workers that live are not", || {
        !dead(&city.service).contains(&"outbox")
    })
    .await;
    again.stop().await;
    assert_eq!(dead(&city.service), Vec::<&str>::new());
}

async fn a_trace_that_stays_open_for_over_a_minute_is_a_fault(city: City) {
    let (li, wu) = (city.resident("Li").await, city.resident("Wu").await);
    let market = city.venue("East Market", None).await;
    for person in [&li, &wu] {
        city.was_at(person, market, 3, 60).await;
    }
    let away = "ALTER TABLE trace_contact RENAME TO trace_contact_away";
    city.base.tamper(away).await;
    city.confirm(&li).await;
    let opened_at = city.now();
    city.service.tracing.run_traces().await.unwrap_err();
    assert_eq!(waits(&city.service), None, "it waits for a moment only");

    city.pass(SignedDuration::from_secs(61));
    city.service.tracing.run_traces().await.unwrap_err();
    let fault = waits(&city.service).unwrap();
    assert_eq!(fault, Fault::TraceWaits { since: opened_at });
    assert!(
        fault.to_string().contains("2020-02-17T00:00:00Z"),
        "{fault}"
    );

    let back = "ALTER TABLE trace_contact_away RENAME TO trace_contact";
    city.base.tamper(back).await;
    city.service.tracing.run_traces().await.unwrap();
    assert_eq!(waits(&city.service), None);
    assert_eq!(city.status(&wu).await, crate::city::RED);
}

fn dead(service: &Service) -> Vec<&'static str> {
    let faults = service.faults().into_iter();
    let dead = faults.filter_map(|fault| match fault {
        Fault::WorkerDead { worker } => Some(worker),
        _ => None,
    });
    dead.collect()
}

fn waits(service: &Service) -> Option<Fault> {
    let mut faults = service.faults().into_iter();
    faults.find(|fault| matches!(fault, Fault::TraceWaits { .. }))
}

/// Waits until something holds; fails if it never does.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(300), waiting).await;
    assert!(waited.is_ok(), "{what}");
}
