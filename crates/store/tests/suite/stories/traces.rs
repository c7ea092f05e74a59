use domain::{EvidenceId, PersonId, StaffId, Timestamp, VenueId};
use store::{Recorded, TraceEnd, TraceJob, TraceRead, TraceRecord, TraceSubject, Visit};

use crate::record::Record;
use crate::sample::{CHEN, LI, WU, at, id};

const MARKET: VenueId = VenueId::from_u128(0x100);
const STATION: VenueId = VenueId::from_u128(0x200);

pub async fn a_case_opens_one_job_that_stays_until_it_is_finished(store: &Record) {
    let job = |person, number, hour| TraceJob {
        person,
        diagnosis: id(number),
        from: at(-4, 0),
        until: at(0, 9),
        opened_at: at(0, hour),
        reopened: 0,
        by: Some(StaffId::from_u128(5)),
    };
    store.touch(vec![LI, WU]).await.unwrap();
    for (person, number, hour) in [(WU, 1, 12), (LI, 2, 11), (LI, 2, 13)] {
        let jobs = vec![job(person, number, hour)];
        store.open_traces(jobs).await.unwrap();
    }
    let open = [job(LI, 2, 11), job(WU, 1, 12)];
    assert_eq!(store.waiting_traces(10).await.unwrap(), open);
    assert_eq!(store.waiting_traces(1).await.unwrap(), open[..1]);

    let found = store.trace(LI, id(2)).await.unwrap();
    assert_eq!(
        found,
        Some(TraceRecord {
            job: open[0].clone(),
            finished: None
        })
    );
    assert_eq!(store.trace(WU, id(2)).await.unwrap(), None);

    assert!(
        store
            .finish_trace(open[0].clone(), 7, at(0, 14))
            .await
            .unwrap()
    );
    assert!(
        !store
            .finish_trace(open[0].clone(), 9, at(0, 15))
            .await
            .unwrap()
    );
    assert_eq!(store.waiting_traces(10).await.unwrap(), open[1..]);
    store.open_traces(vec![job(LI, 2, 16)]).await.unwrap();
    assert_eq!(
        store.waiting_traces(10).await.unwrap(),
        open[1..],
        "a finished job is not reopened"
    );
    let end = store
        .trace(LI, id(2))
        .await
        .unwrap()
        .and_then(|record| record.finished);
    assert_eq!(
        end,
        Some(TraceEnd {
            contacts: 7,
            at: at(0, 14)
        }),
        "the first end counts"
    );
}

pub async fn a_late_visit_opens_the_traces_that_looked_there(store: &Record) {
    let traced = finished(store, LI, 1).await;
    let other = finished(store, WU, 2).await;
    let (from, until) = (at(0, 9), at(0, 11));
    let market = TraceRead {
        what: TraceSubject::Venue(MARKET),
        from,
        until,
    };
    let case = TraceRead {
        what: TraceSubject::Person(LI),
        from: at(-4, 0),
        until: at(0, 9),
    };
    for _ in 0..2 {
        let reads = vec![case, market];
        store.record_reads(traced.clone(), reads).await.unwrap();
    }
    assert_eq!(store.reopen_traces(10).await.unwrap(), 0);

    let closed = |number, person, venue, hour| Visit {
        id: id(number),
        person,
        venue,
        category: None,
        entered: at(0, hour),
        left: Some(at(0, hour + 1)),
    };
    let elsewhere = [
        closed(10, CHEN, STATION, 10),
        closed(11, CHEN, MARKET, 11),
        closed(12, LI, STATION, 9),
    ];
    store
        .put_visits(elsewhere.to_vec(), Recorded::Late)
        .await
        .unwrap();
    assert_eq!(store.reopen_traces(2).await.unwrap(), 2);
    assert_eq!(store.reopen_traces(2).await.unwrap(), 1);
    assert_eq!(store.waiting_traces(10).await.unwrap(), []);

    let live = closed(13, CHEN, MARKET, 10);
    store.put_visits(vec![live], Recorded::Live).await.unwrap();
    assert_eq!(store.reopen_traces(10).await.unwrap(), 0);

    for late in [
        closed(14, CHEN, MARKET, 10),
        Visit {
            entered: at(-3, 9),
            left: None,
            ..closed(15, LI, STATION, 0)
        },
    ] {
        for repeat in [1, 0] {
            store
                .put_visits(vec![late.clone()], Recorded::Late)
                .await
                .unwrap();
            assert_eq!(store.reopen_traces(10).await.unwrap(), repeat);
        }
        let open = store.waiting_traces(10).await.unwrap();
        assert_eq!(
            open.len(),
            1,
            "the trace of {} is not touched",
            other.person
        );
        assert_eq!(open[0].diagnosis, traced.diagnosis);
        assert!(
            !store
                .finish_trace(traced.clone(), 5, at(0, 15))
                .await
                .unwrap(),
            "whoever read the job before it was opened again has not seen the visit"
        );
        assert!(
            store
                .finish_trace(open[0].clone(), 5, at(0, 15))
                .await
                .unwrap()
        );
    }
}

pub async fn a_late_end_of_a_visit_opens_the_traces_that_counted_it_longer(store: &Record) {
    let traced = finished(store, LI, 1).await;
    let (from, until) = (at(0, 7), at(0, 9));
    let market = TraceRead {
        what: TraceSubject::Venue(MARKET),
        from,
        until,
    };
    store.record_reads(traced, vec![market]).await.unwrap();
    let open = Visit {
        id: id(10),
        person: CHEN,
        venue: MARKET,
        category: None,
        entered: at(0, 5),
        left: None,
    };
    let closed = Visit {
        left: Some(at(0, 6)),
        ..open.clone()
    };
    store.put_visits(vec![open], Recorded::Live).await.unwrap();
    store
        .put_visits(vec![closed], Recorded::Late)
        .await
        .unwrap();
    assert_eq!(store.reopen_traces(10).await.unwrap(), 1);
    assert_eq!(store.waiting_traces(10).await.unwrap().len(), 1);
}

pub async fn the_contacts_of_a_diagnosis_are_noted_once_each(store: &Record) {
    let job = finished(store, LI, 1).await;
    let contacts: [(PersonId, EvidenceId); 3] = [(WU, id(5)), (CHEN, id(6)), (WU, id(4))];
    for contacts in [&contacts[..2], &contacts] {
        let noted = store.note_contacts(job.clone(), contacts.to_vec());
        noted.await.unwrap();
    }
    let noted = store.noted_contacts(LI, job.diagnosis).await.unwrap();
    assert_eq!(noted, [contacts[2], contacts[0], contacts[1]]);
    assert_eq!(store.noted_contacts(LI, id(2)).await.unwrap(), []);
    assert_eq!(store.noted_contacts(WU, job.diagnosis).await.unwrap(), []);
}

pub async fn a_job_that_ended_can_be_opened_again(store: &Record) {
    let job = finished(store, LI, 1).await;
    assert_eq!(store.waiting_traces(10).await.unwrap(), []);
    store.reopen_trace(LI, job.diagnosis).await.unwrap();
    let again = TraceJob { reopened: 1, ..job };
    assert_eq!(store.waiting_traces(10).await.unwrap(), [again]);
}

/// A trace that has run.
pub async fn finished(store: &Record, person: PersonId, number: u128) -> TraceJob {
    let found_at: Timestamp = at(0, 9);
    let job = TraceJob {
        person,
        diagnosis: id(number),
        from: at(-4, 0),
        until: found_at,
        opened_at: at(0, 12),
        reopened: 0,
        by: Some(StaffId::from_u128(5)),
    };
    store.touch(vec![person]).await.unwrap();
    store.open_traces(vec![job.clone()]).await.unwrap();
    assert!(store.finish_trace(job.clone(), 0, at(0, 13)).await.unwrap());
    job
}
