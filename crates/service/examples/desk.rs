//! How fast the lists of the desk are: `cargo run --release -p service --example desk --
//! sqlite:PATH|postgres://… [--cases N] [--contacts N]`.
//!
//! An empty database gets N cases of one office, half of them with a first day of illness, spread over 3,000
//! counties; an open appeal of each of these people; and a case whose search found so many contacts. Then an
//! officer of the city and one of a county read the first page of the desk, the curve, pages of cases, of
//! appeals and of contacts, a hundred times each. Prints one JSON object with milliseconds: the slowest but
//! one of the hundred.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use domain::evidence::{DiagnosisStatus, OpenPeriod, Period, Relation, Ring, StayMode, StaySource};
use domain::{
    AppealId, AuthorityId, AuthorityKind, Clock, Evidence, EvidenceId, Fact, IdSource, PersonId,
    Region, Role, SystemClock, Timestamp,
};
use jiff::SignedDuration;
use service::{
    CaseKey, CaseReport, CaseState, CasesAsked, Invitation, NewMember, Operator, QueueAsked,
    SELF_AUTHORITY, Service, Staff, Subject, TRACER_AUTHORITY,
};
use store::appeals::{self, AppealRecord, SealedWith};
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
    founding::run(measure(&database, cases, contacts))
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
    let county = officer_of_the_county(&service, &officer).await?;
    let middle = middle(&service, &officer, cases).await?;
    let mut times = Times::default();
    let mut after = None;
    for _ in 0..READS {
        let Service {
            desk,
            appeals,
            tracing,
            ..
        } = &*service;
        let all = QueueAsked::default();
        let narrow = QueueAsked {
            region: Some(COUNTY.parse()?),
            ..QueueAsked::default()
        };
        let page = |before| CasesAsked {
            before,
            ..FIRST_PAGE
        };
        let done_there = CasesAsked {
            state: Some(CaseState::Done),
            region: Some(COUNTY.parse()?),
            ..FIRST_PAGE
        };
        times
            .of("first_page_of_the_desk", desk.waiting(&officer))
            .await?;
        times
            .of("the_same_of_a_county", desk.waiting(&county))
            .await?;
        times.of("curve", desk.curve(&officer, 28)).await?;
        times
            .of("cases", tracing.cases(&officer, FIRST_PAGE))
            .await?;
        times
            .of("cases_in_the_middle", tracing.cases(&officer, page(middle)))
            .await?;
        times
            .of("cases_of_a_county", tracing.cases(&officer, done_there))
            .await?;
        times.of("appeals", appeals.page(&officer, &all)).await?;
        times
            .of("appeals_in_a_county", appeals.page(&officer, &narrow))
            .await?;
        times
            .of("appeals_of_a_county", appeals.page(&county, &all))
            .await?;
        let chain = tracing.chain(&officer, case, after);
        after = times.of("contacts", chain).await?.next;
    }
    let waiting = service.desk.waiting(&county).await?;
    let line = serde_json::json!({
        "what": "the desk",
        "database": database.split(':').next(),
        "cases": cases,
        "contacts": contacts,
        "appeals_of_the_county": waiting.appeals.map(|found| found.count),
        "p99_ms": times.p99(),
    });
    println!("{line}");
    Ok(())
}

/// A county of the city.
const COUNTY: &str = "330106";
/// So many counties have people.
const COUNTIES: u64 = 3_000;
const FIRST_PAGE: CasesAsked = CasesAsked {
    since: Timestamp::MIN,
    before: (
        Timestamp::MAX,
        PersonId::from_u128(0),
        EvidenceId::from_u128(0),
    ),
    state: None,
    region: None,
};

/// The second staff member, of a health office of the county.
async fn officer_of_the_county(service: &Service, first: &Staff) -> Result<Staff, Failure> {
    let operator = Operator::at_the_command_line("the measurement");
    let (access, accounts) = (&service.access, &service.staff);
    let region: Region = COUNTY.parse()?;
    let name = format!("Health Commission of {region}, {}", service.now());
    let office = access.add_authority(&operator, AuthorityKind::Health, &name, region);
    let member = NewMember {
        authority: office.await?.id,
        name: "Dr Wu".to_owned(),
        roles: Role::ALL.into_iter().collect(),
        regions: [region].into_iter().collect(),
    };
    let (proposed, half) = accounts.propose_member(first, member).await?;
    let other = accounts.approve_second(&operator, proposed.id).await?;
    let invitation = Invitation::Halves(half, other);
    let id = accounts.accept_at_one_press(&operator, &invitation).await?;
    let session = accounts.sign_in_at_one_press(&operator, id).await?;
    Ok(access.staff(&session).await?)
}

/// How long each thing took, each time.
#[derive(Default)]
struct Times(BTreeMap<&'static str, Vec<f64>>);

impl Times {
    async fn of<T>(
        &mut self,
        what: &'static str,
        work: impl Future<Output = service::Result<T>>,
    ) -> Result<T, Failure> {
        let began = Instant::now();
        let done = work.await?;
        let taken = began.elapsed().as_secs_f64() * 1000.0;
        self.0.entry(what).or_default().push(taken);
        Ok(done)
    }

    fn p99(mut self) -> BTreeMap<&'static str, f64> {
        let slowest = self.0.iter_mut().filter_map(|(what, times)| {
            times.sort_by(f64::total_cmp);
            let time = times.get(times.len() * 99 / 100 - 1)?;
            Some((*what, (time * 10.0).round() / 10.0))
        });
        slowest.collect()
    }
}

/// A place in the middle of the list of cases.
async fn middle(service: &Service, officer: &Staff, cases: u64) -> Result<CaseKey, Failure> {
    let mut middle = FIRST_PAGE.before;
    for _ in 0..cases / 100 {
        let asked = CasesAsked {
            before: middle,
            ..FIRST_PAGE
        };
        let list = service.tracing.cases(officer, asked).await?;
        middle = list.next.unwrap_or(FIRST_PAGE.before);
    }
    Ok(middle)
}

/// One of the counties of thirty cities of the province.
fn county(number: u64) -> Result<Region, Failure> {
    let number = number % COUNTIES;
    Ok(format!("33{:02}{:02}", 1 + number / 100, number % 100).parse()?)
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
    let (mut stays, mut filed) = (Vec::new(), Vec::new());
    for (number, piece) in (0_i64..).zip(&pieces) {
        let period = OpenPeriod::new(now - SignedDuration::from_hours(24 * 300), None)?;
        let home = county(number.unsigned_abs())?;
        stays.push(Evidence {
            id: EvidenceId::generate(ids),
            authority: SELF_AUTHORITY,
            fact: Fact::stay(home, period, StayMode::Resident, StaySource::Declared),
            ..piece.clone()
        });
        filed.push(AppealRecord {
            person: piece.person,
            id: AppealId::generate(ids),
            filed_at: piece.recorded_at,
            answer_by: now + SignedDuration::from_mins(number),
            seal: SealedWith { key: 0, month: 0 },
            said: vec![0; 200],
            file_form: None,
            reminded_at: None,
            escalated_at: None,
            answer: None,
        });
    }
    let written = (pieces, stays, filed);
    let filled = store.transaction("fill.cases", written, |tx, (pieces, stays, filed)| {
        Box::pin(async move {
            people::touch(tx, pieces.iter().map(|piece| piece.person)).await?;
            let jobs: Vec<TraceJob> = pieces.iter().map(job).collect();
            let all: Vec<&Evidence> = pieces.iter().collect();
            traces::open(tx, &jobs).await?;
            for job in &jobs {
                traces::finish(tx, job, 0, job.opened_at).await?;
            }
            let stays: Vec<&Evidence> = stays.iter().collect();
            evidence::add(tx, &stays).await?;
            for one in filed.iter() {
                appeals::add(tx, one, &[], None).await?;
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
