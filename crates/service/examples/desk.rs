//! How fast the lists of the desk are: `cargo run --release -p service --example desk --
//! sqlite:PATH|postgres://… [--cases N] [--contacts N]`.
//!
//! An empty database gets N cases of one office, half of them with a first day of illness, and a case whose
//! search found so many contacts. Then an officer reads the first page of the desk, the curve, the first
//! page of the list of cases and one in its middle, and pages of the contacts, a hundred times each. Prints
//! one JSON object with milliseconds.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::sync::Arc;
use std::time::Instant;

use domain::evidence::{DiagnosisStatus, Period, Relation, Ring};
use domain::{
    AuthorityId, Clock, Evidence, EvidenceId, Fact, IdSource, PersonId, SystemClock, Timestamp,
};
use jiff::SignedDuration;
use service::{CaseReport, Service, Staff, Subject, TRACER_AUTHORITY};
use store::{Store, StoreError, TraceJob, evidence, office_cases, people, traces};

use founding::{Failure, Founded, Sequence, somebody};

const AT_ONCE: u64 = 2_000;
const READS: usize = 100;
const USAGE: &str = "desk DATABASE_URL [--cases N] [--contacts N]";

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let database = arguments.next().ok_or(USAGE)?;
    let (mut cases, mut contacts) = (10_000, 100_000);
    while let Some(name) = arguments.next() {
        let value: u64 = arguments.next().ok_or(USAGE)?.parse()?;
        match &*name {
            "--cases" => cases = value,
            "--contacts" => contacts = value,
            _ => return Err(USAGE.into()),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(&database, cases, contacts))
}

async fn measure(database: &str, cases: u64, contacts: u64) -> Result<(), Failure> {
    let ids = Arc::new(Sequence::from_clock());
    let store = Arc::new(Store::migrate(database, &*ids).await?);
    let city = Founded::on(Arc::clone(&store), Arc::clone(&ids), |_| {}).await?;
    let service = city.service;
    let officer = founding::officer(&service).await?;
    let office = officer.authority().id;
    for begin in (0..cases).step_by(AT_ONCE as usize) {
        let count = AT_ONCE.min(cases - begin);
        fill_cases(&store, &ids, office, count).await?;
    }
    let case = a_case(&service, &officer, &ids).await?;
    for begin in (0..contacts).step_by(AT_ONCE as usize) {
        let count = AT_ONCE.min(contacts - begin);
        fill_contacts(&store, &*ids, case, count).await?;
    }
    let end = (
        Timestamp::MAX,
        PersonId::from_u128(0),
        EvidenceId::from_u128(0),
    );
    let mut middle = end;
    for _ in 0..cases / 100 {
        let list = service
            .tracing
            .cases(&officer, Timestamp::MIN, middle)
            .await?;
        middle = list.next.unwrap_or(end);
    }
    let (mut waiting, mut curve, mut first, mut later, mut chain) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut after = None;
    for _ in 0..READS {
        let began = Instant::now();
        service.desk.waiting(&officer).await?;
        waiting.push(milliseconds(began));
        let began = Instant::now();
        service.desk.curve(&officer, 28).await?;
        curve.push(milliseconds(began));
        for (from, times) in [(end, &mut first), (middle, &mut later)] {
            let began = Instant::now();
            service
                .tracing
                .cases(&officer, Timestamp::MIN, from)
                .await?;
            times.push(milliseconds(began));
        }
        let began = Instant::now();
        after = service.tracing.chain(&officer, case, after).await?.next;
        chain.push(milliseconds(began));
    }
    let line = serde_json::json!({
        "what": "the desk",
        "database": database.split(':').next(),
        "cases": cases,
        "contacts": contacts,
        "waiting_p99_ms": p99(&mut waiting),
        "curve_p99_ms": p99(&mut curve),
        "first_page_p99_ms": p99(&mut first),
        "middle_page_p99_ms": p99(&mut later),
        "contacts_p99_ms": p99(&mut chain),
    });
    println!("{line}");
    Ok(())
}

async fn fill_cases(
    store: &Store,
    ids: &Sequence,
    office: AuthorityId,
    count: u64,
) -> Result<(), Failure> {
    let now = SystemClock.now();
    let pieces: Vec<Evidence> = (0..count)
        .map(|number| {
            let hours = SignedDuration::from_hours((number % (27 * 24)) as i64);
            let found = now - hours;
            let onset = number
                .is_multiple_of(2)
                .then(|| found - SignedDuration::from_hours(48));
            Evidence {
                id: EvidenceId::generate(ids),
                person: PersonId::generate(ids),
                authority: office,
                recorded_at: found,
                fact: Fact::diagnosis(DiagnosisStatus::Confirmed, found, onset),
            }
        })
        .collect();
    let filled = store.transaction("fill.cases", pieces, |tx, pieces| {
        Box::pin(async move {
            people::touch(tx, pieces.iter().map(|piece| piece.person)).await?;
            let jobs: Vec<TraceJob> = pieces.iter().map(job).collect();
            let all: Vec<&Evidence> = pieces.iter().collect();
            traces::open(tx, &jobs).await?;
            for job in &jobs {
                traces::finish(tx, job, 0, job.opened_at).await?;
            }
            office_cases::note(tx, &jobs, &all).await
        })
    });
    Ok(filled.await?)
}

fn job(piece: &Evidence) -> TraceJob {
    TraceJob {
        person: piece.person,
        diagnosis: piece.id,
        from: piece.recorded_at,
        until: piece.recorded_at,
        opened_at: piece.recorded_at,
        reopened: 0,
        by: None,
    }
}

/// A case whose search is over.
async fn a_case(
    service: &Service,
    officer: &Staff,
    ids: &Sequence,
) -> Result<(PersonId, EvidenceId), Failure> {
    let registered = service.people.register(somebody(ids)?).await?;
    let resident = service.access.resident(&registered.token).await?;
    let report = CaseReport {
        request: None,
        subject: Subject::Person(resident.person()),
        found_at: None,
        onset: None,
        is_asymptomatic: false,
    };
    let case = service.tracing.confirm_case(officer, report).await?;
    service.tracing.run_traces().await?;
    Ok((case.person, case.diagnosis))
}

async fn fill_contacts(
    store: &Store,
    ids: &dyn IdSource,
    (person, diagnosis): (PersonId, EvidenceId),
    count: u64,
) -> Result<(), Failure> {
    let now = SystemClock.now();
    let period = Period::new(now - SignedDuration::from_hours(30), now)?;
    let pieces: Vec<Evidence> = (0..count)
        .map(|_| Evidence {
            id: EvidenceId::generate(ids),
            person: PersonId::generate(ids),
            authority: TRACER_AUTHORITY,
            recorded_at: now,
            fact: Fact::contact(None, Relation::Venue, Ring::FIRST, period, Some(30)),
        })
        .collect();
    let filled = store.transaction(
        "fill.contacts",
        (person, diagnosis, pieces),
        |tx, (person, diagnosis, pieces)| {
            Box::pin(async move {
                people::touch(tx, pieces.iter().map(|piece| piece.person)).await?;
                let all: Vec<&Evidence> = pieces.iter().collect();
                evidence::add(tx, &all).await?;
                let found: Vec<_> = pieces
                    .iter()
                    .map(|piece| (piece.person, piece.id))
                    .collect();
                if let Some(case) = traces::find(tx, *person, *diagnosis).await? {
                    traces::note_contacts(tx, &case.job, &found).await?;
                }
                Ok::<_, StoreError>(())
            })
        },
    );
    Ok(filled.await?)
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

fn p99(times: &mut [f64]) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 99 / 100).copied()
}
