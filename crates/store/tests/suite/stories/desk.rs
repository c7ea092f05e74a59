use domain::evidence::{DiagnosisStatus, OpenPeriod, StayMode, StaySource};
use domain::{AuthorityId, Evidence, EvidenceId, Fact, GlitchId, PersonId, StaffId, Timestamp};
use jiff::civil::date;
use store::glitches::{self, GlitchAnswer, GlitchRecord};
use store::import_mappings::{self, ImportMapping, MappingKey};
use store::office_cases::{self, CaseKey, CaseState, CasesAsked, OfficeCase};
use store::statistics::{self, Measure};
use store::{TraceJob, evidence as evidence_of, retention, traces};

use crate::record::Record;
use crate::sample::{CHEN, LI, OFFICE, WU, at, evidence, id};

const OTHER: AuthorityId = AuthorityId::from_u128(0xb);
const LAST: CaseKey = (
    Timestamp::MAX,
    PersonId::from_u128(0),
    EvidenceId::from_u128(0),
);

fn diagnosis(number: u128, person: PersonId, onset: Option<i64>) -> Evidence {
    let onset = onset.map(|day| at(day, 0));
    let fact = Fact::diagnosis(DiagnosisStatus::Confirmed, at(3, 9), onset);
    Evidence {
        recorded_at: at(3, number as i64),
        ..evidence(number, person, fact)
    }
}

fn job(piece: &Evidence) -> TraceJob {
    TraceJob {
        person: piece.person,
        diagnosis: piece.id,
        from: at(0, 0),
        until: at(3, 9),
        opened_at: piece.recorded_at,
        reopened: 0,
        by: None,
    }
}

async fn note(store: &Record, pieces: Vec<Evidence>) {
    let work = store.transaction("note", pieces, |tx, pieces| {
        Box::pin(async move {
            let jobs: Vec<TraceJob> = pieces.iter().map(job).collect();
            let pieces: Vec<&Evidence> = pieces.iter().collect();
            office_cases::note(tx, &jobs, &pieces).await
        })
    });
    work.await.unwrap();
}

async fn list(store: &Record, before: CaseKey, limit: u32) -> Vec<OfficeCase> {
    list_of(store, (before, None, None), limit).await
}

async fn list_of(
    store: &Record,
    (before, state, region): (CaseKey, Option<CaseState>, Option<&str>),
    limit: u32,
) -> Vec<OfficeCase> {
    let asked = CasesAsked {
        since: at(-9, 0),
        before,
        state,
        region: region.map(|code| code.parse().unwrap()),
    };
    let read = store.read("list", (asked, limit), |tx, (asked, limit)| {
        Box::pin(office_cases::of_authority(tx, OFFICE, *asked, *limit))
    });
    read.await.unwrap()
}

async fn counted(store: &Record) -> Vec<(Timestamp, u64, u64)> {
    let read = store.read("counted", (), |tx, ()| {
        Box::pin(office_cases::counted(tx, OFFICE, at(-9, 0)))
    });
    read.await.unwrap()
}

pub async fn the_cases_of_an_office_are_listed_counted_and_go_with_their_diagnoses(store: &Record) {
    let elsewhere = Evidence {
        authority: OTHER,
        ..diagnosis(4, CHEN, None)
    };
    let cases = [
        diagnosis(1, LI, Some(1)),
        diagnosis(2, WU, Some(1)),
        diagnosis(3, CHEN, None),
    ];
    store.touch(vec![LI, WU, CHEN]).await.unwrap();
    note(store, cases.to_vec()).await;
    note(store, vec![elsewhere, cases[0].clone()]).await;
    let page = list(store, LAST, 2).await;
    let ids: Vec<EvidenceId> = page.iter().map(|case| case.diagnosis).collect();
    assert_eq!(
        ids,
        [id(3), id(2)],
        "the newest first, and no other office's"
    );
    let rest = list(store, page[1].key(), 2).await;
    assert_eq!(rest.len(), 1);
    assert_eq!((rest[0].diagnosis, rest[0].onset), (id(1), Some(at(1, 0))));
    let expected = [(at(1, 0), 2, 0), (at(3, 9), 0, 1)];
    assert_eq!(counted(store).await, expected);

    let withdrawal = evidence(9, WU, Fact::withdrawal(id(2), at(4, 0)));
    note(store, vec![withdrawal]).await;
    let case = list(store, LAST, 2).await[1];
    assert_eq!((case.diagnosis, case.withdrawn_at), (id(2), Some(at(4, 0))));
    assert_eq!(counted(store).await[0], (at(1, 0), 1, 0));

    let over = store.transaction("forget", vec![(WU, id(2))], |tx, over| {
        Box::pin(retention::forget_evidence(tx, over))
    });
    over.await.unwrap();
    assert_eq!(list(store, LAST, 9).await.len(), 2);
}

pub async fn cases_are_listed_by_what_their_search_does_and_by_where_people_stayed(store: &Record) {
    let cases = [
        diagnosis(1, LI, Some(1)),
        diagnosis(2, WU, Some(1)),
        diagnosis(3, CHEN, None),
    ];
    store.touch(vec![LI, WU, CHEN]).await.unwrap();
    note(store, cases.to_vec()).await;
    let stay = |number, person, region: &str| {
        let period = OpenPeriod::new(at(-2, 0), None).unwrap();
        let region = region.parse().unwrap();
        let (mode, source) = (StayMode::Resident, StaySource::Declared);
        evidence(number, person, Fact::stay(region, period, mode, source))
    };
    let pieces = vec![
        stay(11, LI, "330106"),
        stay(12, WU, "3302"),
        evidence(13, WU, Fact::withdrawal(id(12), at(0, 0))),
    ];
    let work = store.transaction("prepare", (cases, pieces), |tx, (cases, pieces)| {
        Box::pin(async move {
            let jobs: Vec<TraceJob> = cases.iter().map(job).collect();
            traces::open(tx, &jobs).await?;
            traces::finish(tx, &jobs[0], 0, at(3, 10)).await?;
            let pieces: Vec<&Evidence> = pieces.iter().collect();
            evidence_of::add(tx, &pieces).await?;
            Ok::<_, store::StoreError>(())
        })
    });
    work.await.unwrap();
    let listed = async |state, region| {
        let found = list_of(store, (LAST, state, region), 9).await;
        let ids = found.iter().map(|case| case.diagnosis);
        ids.collect::<Vec<EvidenceId>>()
    };
    assert_eq!(listed(None, None).await, [id(3), id(2), id(1)]);
    assert_eq!(listed(Some(CaseState::Done), None).await, [id(1)]);
    let running = listed(Some(CaseState::Running), None).await;
    assert_eq!(running, [id(3), id(2)]);
    for near in ["33", "3301", "330106", "330106001", "CN"] {
        assert_eq!(listed(None, Some(near)).await, [id(1)], "{near}");
    }
    for elsewhere in ["3302", "330102", "DE"] {
        assert_eq!(listed(None, Some(elsewhere)).await, [], "{elsewhere}");
    }
    let withdrawal = evidence(9, WU, Fact::withdrawal(id(2), at(4, 0)));
    note(store, vec![withdrawal]).await;
    let withdrawn = Some(CaseState::Withdrawn);
    assert_eq!(listed(withdrawn, None).await, [id(2)]);
    assert_eq!(listed(Some(CaseState::Running), None).await, [id(3)]);

    let searches = async |authority, limit| {
        let read = store.read("searches", (authority, limit), |tx, (authority, limit)| {
            Box::pin(office_cases::searches(tx, *authority, *limit))
        });
        read.await.unwrap()
    };
    let opened = [2, 3].map(|number| diagnosis(number, WU, None).recorded_at);
    assert_eq!(searches(OFFICE, 9).await, opened, "the oldest first");
    assert_eq!(searches(OFFICE, 1).await.len(), 1);
    assert_eq!(searches(OTHER, 9).await, []);
}

pub async fn the_columns_of_a_list_are_kept_for_an_office(store: &Record) {
    let key = |authority, header| MappingKey {
        authority,
        kind: "test",
        header: [header; 32],
    };
    let mapping = |name: &str, hour| ImportMapping {
        name: name.to_owned(),
        fields: "number,,sampled".to_owned(),
        by: StaffId::from_u128(5),
        saved_at: at(0, hour),
    };
    let put = async |key, mapping| {
        let work = store.transaction("put", (key, mapping), |tx, (key, mapping)| {
            Box::pin(import_mappings::put(tx, key, mapping))
        });
        work.await.unwrap();
    };
    let find = async |key| {
        let read = store.read("find", key, |tx, key| {
            Box::pin(import_mappings::find(tx, key))
        });
        read.await.unwrap()
    };
    put(key(OFFICE, 1), mapping("Lab of the North", 1)).await;
    put(key(OFFICE, 2), mapping("Lab of the South", 2)).await;
    put(key(OFFICE, 1), mapping("Northern laboratory", 3)).await;
    let found = find(key(OFFICE, 1)).await;
    assert_eq!(found, Some(mapping("Northern laboratory", 3)));
    assert_eq!(find(key(OTHER, 1)).await, None, "another office's");
    let read = store.read("count", (), |tx, ()| {
        Box::pin(import_mappings::count(tx, OFFICE))
    });
    assert_eq!(read.await.unwrap(), 2);
    let work = store.transaction("drop", key(OFFICE, 1), |tx, key| {
        Box::pin(import_mappings::drop(tx, key))
    });
    assert!(work.await.unwrap());
    assert_eq!(find(key(OFFICE, 1)).await, None);
    assert!(find(key(OFFICE, 2)).await.is_some());
}

pub async fn a_report_waits_until_it_is_answered_once_and_can_be_erased(store: &Record) {
    let glitch = |number, hour| GlitchRecord {
        id: GlitchId::from_u128(number),
        reported_at: at(0, hour),
        page: "/me".to_owned(),
        said: Some(vec![7; 40]),
        answer: None,
    };
    let all = vec![glitch(1, 9), glitch(2, 8), glitch(3, 10)];
    let added = store.transaction("add", all.clone(), |tx, all| {
        Box::pin(async move {
            for one in all.iter() {
                glitches::add(tx, one).await?;
            }
            Ok::<_, store::StoreError>(())
        })
    });
    added.await.unwrap();
    let waiting = async |after, limit| {
        let read = store.read("waiting", (after, limit), |tx, (after, limit)| {
            Box::pin(glitches::waiting(tx, *after, *limit))
        });
        read.await.unwrap()
    };
    let first = waiting((Timestamp::MIN, GlitchId::from_u128(0)), 2).await;
    assert_eq!(first, [all[1].clone(), all[0].clone()]);
    let place = (first[1].reported_at, first[1].id);
    assert_eq!(waiting(place, 2).await, [all[2].clone()]);

    let answer = GlitchAnswer {
        at: at(1, 0),
        by: StaffId::from_u128(5),
        outcome: "mended".to_owned(),
        words: "Since noon.".to_owned(),
    };
    for is_first in [true, false] {
        let done = store.transaction("answer", answer.clone(), |tx, answer| {
            Box::pin(glitches::answer(tx, GlitchId::from_u128(1), answer))
        });
        assert_eq!(done.await.unwrap(), is_first);
        let done = store.transaction("erase", (), |tx, ()| {
            Box::pin(glitches::erase(tx, GlitchId::from_u128(1)))
        });
        assert_eq!(done.await.unwrap(), is_first);
    }
    let read = store.read("find", (), |tx, ()| {
        Box::pin(glitches::find(tx, GlitchId::from_u128(1)))
    });
    let found = read.await.unwrap().unwrap();
    assert_eq!((found.said, found.answer), (None, Some(answer)));
    let counted = store.read("count", (), |tx, ()| Box::pin(glitches::count_waiting(tx)));
    assert_eq!(counted.await.unwrap(), 2);
    let dropped = store.transaction("forget", at(0, 10), |tx, before| {
        Box::pin(glitches::forget(tx, *before))
    });
    assert_eq!(dropped.await.unwrap(), 2);
}

pub async fn what_happened_on_some_days_is_read_at_once(store: &Record) {
    let (first, last) = (date(2020, 2, 17), date(2020, 2, 19));
    let checks = vec![
        (first, "green".to_owned(), 3),
        (first, "red".to_owned(), 4),
        (last, "green".to_owned(), 5),
        (date(2020, 3, 1), "green".to_owned(), 6),
    ];
    let added = store.transaction("add", checks, |tx, checks| {
        Box::pin(statistics::add_checks(tx, checks))
    });
    added.await.unwrap();
    let read = store.read("days", (first, last), |tx, (first, last)| {
        Box::pin(statistics::counts_of_days(tx, *first, *last))
    });
    let expected = [(first, Measure::Check, 7), (last, Measure::Check, 5)];
    assert_eq!(read.await.unwrap(), expected);
}
