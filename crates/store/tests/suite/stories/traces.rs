use domain::{EvidenceId, PersonId, Timestamp, VenueId};
use store::{EvidenceBatch, Reach, Recorded, TraceEnd, TraceJob, TraceRecord, Visit};

use crate::sample::{CHEN, LI, Record, WU, at, court, diagnosis, id};

const MARKET: VenueId = VenueId::from_u128(0x100);
const STATION: VenueId = VenueId::from_u128(0x200);

pub async fn a_case_opens_one_job_that_stays_until_it_is_finished(store: &dyn Record) {
    let job = |person, number, hour| TraceJob {
        person,
        diagnosis: id(number),
        from: at(-4, 0),
        until: at(0, 9),
        opened_at: at(0, hour),
        reopened: 0,
    };
    let case = |person, number, hour| EvidenceBatch {
        request: None,
        evidence: vec![diagnosis(number, person, at(0, 9))],
        traces: vec![job(person, number, hour)],
    };
    store
        .append(case(WU, 1, 12), &court(at(0, 12)))
        .await
        .unwrap();
    store
        .append(case(LI, 2, 11), &court(at(0, 12)))
        .await
        .unwrap();
    store
        .append(case(LI, 2, 13), &court(at(0, 13)))
        .await
        .unwrap();
    let open = [job(LI, 2, 11), job(WU, 1, 12)];
    assert_eq!(store.open_traces(10).await.unwrap(), open);
    assert_eq!(store.open_traces(1).await.unwrap(), open[..1]);

    let found = store.trace(LI, id(2)).await.unwrap();
    assert_eq!(
        found,
        Some(TraceRecord {
            job: open[0].clone(),
            finished: None
        })
    );
    assert_eq!(store.trace(WU, id(2)).await.unwrap(), None);

    assert!(store.finish_trace(&open[0], 7, at(0, 14)).await.unwrap());
    assert!(!store.finish_trace(&open[0], 9, at(0, 15)).await.unwrap());
    assert_eq!(store.open_traces(10).await.unwrap(), open[1..]);
    store
        .append(case(LI, 2, 16), &court(at(0, 16)))
        .await
        .unwrap();
    assert_eq!(
        store.open_traces(10).await.unwrap(),
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

pub async fn a_late_visit_opens_the_traces_that_looked_there(store: &dyn Record) {
    let traced = finished(store, LI, 1).await;
    let other = finished(store, WU, 2).await;
    let (from, until) = (at(0, 9), at(0, 11));
    let market = Reach::Venue {
        venue: MARKET,
        from,
        until,
    };
    let carrier = Reach::Carrier {
        person: LI,
        from: at(-4, 0),
        until: at(0, 9),
    };
    store.note_reach(&traced, &[carrier, market]).await.unwrap();
    store.note_reach(&traced, &[carrier, market]).await.unwrap();
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
        .record_visits(&elsewhere, Recorded::Late)
        .await
        .unwrap();
    assert_eq!(store.reopen_traces(2).await.unwrap(), 2);
    assert_eq!(store.reopen_traces(2).await.unwrap(), 1);
    assert_eq!(store.open_traces(10).await.unwrap(), []);

    let live = closed(13, CHEN, MARKET, 10);
    store.record_visits(&[live], Recorded::Live).await.unwrap();
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
                .record_visits(std::slice::from_ref(&late), Recorded::Late)
                .await
                .unwrap();
            assert_eq!(store.reopen_traces(10).await.unwrap(), repeat);
        }
        let open = store.open_traces(10).await.unwrap();
        assert_eq!(
            open.len(),
            1,
            "the trace of {} is not touched",
            other.person
        );
        assert_eq!(open[0].diagnosis, traced.diagnosis);
        assert!(
            !store.finish_trace(&traced, 5, at(0, 15)).await.unwrap(),
            "whoever read the job before it was opened again has not seen the visit"
        );
        assert!(store.finish_trace(&open[0], 5, at(0, 15)).await.unwrap());
    }
}

pub async fn a_late_end_of_a_visit_opens_the_traces_that_counted_it_longer(store: &dyn Record) {
    let traced = finished(store, LI, 1).await;
    let (from, until) = (at(0, 7), at(0, 9));
    let market = Reach::Venue {
        venue: MARKET,
        from,
        until,
    };
    store.note_reach(&traced, &[market]).await.unwrap();
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
    store.record_visits(&[open], Recorded::Live).await.unwrap();
    store
        .record_visits(&[closed], Recorded::Late)
        .await
        .unwrap();
    assert_eq!(store.reopen_traces(10).await.unwrap(), 1);
    assert_eq!(store.open_traces(10).await.unwrap().len(), 1);
}

pub async fn the_contacts_of_a_diagnosis_are_noted_once_each(store: &dyn Record) {
    let job = finished(store, LI, 1).await;
    let contacts: [(PersonId, EvidenceId); 3] = [(WU, id(5)), (CHEN, id(6)), (WU, id(4))];
    store.note_contacts(&job, &contacts[..2]).await.unwrap();
    store.note_contacts(&job, &contacts).await.unwrap();
    let noted = store.noted_contacts(LI, job.diagnosis).await.unwrap();
    assert_eq!(noted, [contacts[2], contacts[0], contacts[1]]);
    assert_eq!(store.noted_contacts(LI, id(2)).await.unwrap(), []);
    assert_eq!(store.noted_contacts(WU, job.diagnosis).await.unwrap(), []);
}

/// A trace that has run.
pub async fn finished(store: &dyn Record, person: PersonId, number: u128) -> TraceJob {
    let found_at: Timestamp = at(0, 9);
    let job = TraceJob {
        person,
        diagnosis: id(number),
        from: at(-4, 0),
        until: found_at,
        opened_at: at(0, 12),
        reopened: 0,
    };
    let batch = EvidenceBatch {
        request: None,
        evidence: vec![diagnosis(number, person, found_at)],
        traces: vec![job.clone()],
    };
    store.append(batch, &court(at(0, 12))).await.unwrap();
    assert!(store.finish_trace(&job, 0, at(0, 13)).await.unwrap());
    job
}
