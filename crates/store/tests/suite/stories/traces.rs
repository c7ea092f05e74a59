use store::{EvidenceBatch, TraceEnd, TraceJob, TraceRecord};

use crate::sample::{LI, Record, WU, at, court, diagnosis, id};

pub async fn a_case_opens_one_job_that_stays_until_it_is_finished(store: &dyn Record) {
    let job = |person, number, hour| TraceJob {
        person,
        diagnosis: id(number),
        from: at(-4, 0),
        until: at(0, 9),
        opened_at: at(0, hour),
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

    store.finish_trace(&open[0], 7, at(0, 14)).await.unwrap();
    store.finish_trace(&open[0], 9, at(0, 15)).await.unwrap();
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
