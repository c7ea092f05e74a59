//! How long deciding everybody again takes after a change of policy, and what codes cost meanwhile:
//! `cargo run --release -p service --example everybody -- sqlite:PATH|postgres://… [--people N]
//! [--mirror DIR]`.
//!
//! An empty database is filled with people who feel well, of whom one in a hundred met somebody whom a
//! second policy counts as a close contact. Everybody is decided, and with `--mirror` a mirror is
//! written into the folder. Then that policy is published. While everybody is decided again, one
//! resident asks for a plain code every 10 ms. Prints one JSON object.

#![expect(clippy::print_stdout, reason = "it reports on the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]

mod founding;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::evidence::{ContactAnswer, Period, Relation, Ring, Symptoms};
use domain::{Clock, Evidence, EvidenceId, Fact, Level, PersonId, RegionLevel, Role, SystemClock};
use jiff::SignedDuration;
use service::{
    Invitation, Mirror, NewMember, Operator, Publisher, SELF_AUTHORITY, Service, TRACER_AUTHORITY,
};
use store::{Store, people};

use founding::{Failure, Founded, Sequence, somebody};

const PEOPLE_PER_WRITE: u64 = 5_000;
const USAGE: &str = "everybody DATABASE_URL [--people N] [--mirror DIR]";

fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let database = words.next().ok_or(USAGE)?;
    let (mut count, mut mirror) = (100_000, None);
    while let Some(word) = words.next() {
        match (word.as_str(), words.next()) {
            ("--people", Some(value)) => count = value.parse()?,
            ("--mirror", Some(value)) => mirror = Some(PathBuf::from(value)),
            _ => return Err(USAGE.into()),
        }
    }
    founding::run(measure(&database, count, mirror))
}

/// Two staff members who publish together.
async fn two_persons(service: &Service) -> Result<Publisher, Failure> {
    let operator = Operator::at_the_command_line("the load generator");
    let first = founding::officer(service).await?;
    let second = NewMember {
        authority: first.authority().id,
        name: "Dr Zhao".to_owned(),
        roles: [Role::Approver].into_iter().collect(),
        regions: first.member().regions.clone(),
    };
    let accounts = &service.staff;
    let (proposed, half) = accounts.propose_member(&first, second).await?;
    let other = accounts.approve_second(&operator, proposed.id).await?;
    let invitation = Invitation::Halves(half, other);
    let id = accounts.accept_at_one_press(&operator, &invitation).await?;
    let session = accounts.sign_in_at_one_press(&operator, id).await?;
    let second = service.access.staff(&session).await?;
    Ok(Publisher::of_two(&first, &second, service.now())?)
}

async fn measure(database: &str, count: u64, mirror: Option<PathBuf>) -> Result<(), Failure> {
    let ids = Arc::new(Sequence::from_clock());
    let store = Arc::new(Store::migrate(database, &*ids).await?);
    let Founded { service } = Founded::on(Arc::clone(&store), Arc::clone(&ids), |_| {}).await?;
    let resident = service.people.register(somebody(&ids)?).await?;
    let resident = service.access.resident(&resident.token).await?;
    fill(&store, count).await?;
    let publisher = two_persons(&service).await?;
    // Nobody was there, so nobody is restricted: it only has everybody decided for the first time.
    let level = RegionLevel {
        region: "659012".parse()?,
        level: Level::Low,
        from: service.now(),
        until: None,
    };
    service
        .publishing
        .publish_levels(&publisher, &[level])
        .await?;
    let begin = Instant::now();
    let first = service.reevaluation.decide_everybody().await?;
    let first_in = begin.elapsed();
    let is_mirrored = mirror.is_some();
    if let Some(folder) = mirror {
        let (store, ids) = (Arc::clone(&store), Arc::clone(&ids));
        let mirror = Arc::new(Mirror::new(store, &folder, Arc::new(SystemClock), ids));
        mirror.write(|_| {}).await?;
        service.mirror.keep(mirror, SignedDuration::from_hours(24));
    }
    let next = founding::POLICY.replace("version = ", "version = 9");
    let next = next.replacen("ring = 1", "ring = 2", 1);
    service.publishing.publish_policy(&publisher, &next).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let page = tokio::spawn({
        let (service, is_over) = (Arc::clone(&service), Arc::clone(&is_over));
        async move {
            let mut took = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let asked = Instant::now();
                service.codes.plain_code(&resident).await?;
                took.push(asked.elapsed());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            took.sort_unstable();
            Ok::<_, Failure>(took)
        }
    });
    let begin = Instant::now();
    let again = service.reevaluation.decide_everybody().await?;
    let again_in = begin.elapsed();
    is_over.store(true, Ordering::Relaxed);
    let codes = page.await??;
    let line = serde_json::json!({
        "what": "everybody decided again after a change of policy",
        "database": database.split(':').next(),
        "is_mirrored": is_mirrored,
        "people": again.decided,
        "changed": again.changed,
        "seconds": again_in.as_secs_f64(),
        "people_per_second": again.decided as f64 / again_in.as_secs_f64(),
        "first_changed": first.changed,
        "first_seconds": first_in.as_secs_f64(),
        "codes_meanwhile": codes.len(),
        "code_p50_ms": milliseconds(&codes, 50),
        "code_p99_ms": milliseconds(&codes, 99),
        "code_longest_ms": milliseconds(&codes, 100),
    });
    println!("{line}");
    Ok(())
}

fn milliseconds(took: &[Duration], percent: usize) -> f64 {
    let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
    took.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
}

/// Writes people with a declaration each; every hundredth met somebody in the second ring.
async fn fill(store: &Store, count: u64) -> Result<(), Failure> {
    let now = SystemClock.now();
    for first in (0..count).step_by(PEOPLE_PER_WRITE as usize) {
        let numbers = first..(first + PEOPLE_PER_WRITE).min(count);
        let evidence: Vec<Evidence> = numbers.flat_map(|number| about(number, now)).collect();
        let write = store.transaction("people.fill", evidence, |tx, evidence| {
            Box::pin(async move {
                people::touch(tx, evidence.iter().map(|piece| piece.person)).await?;
                let pieces: Vec<&Evidence> = evidence.iter().collect();
                store::evidence::add(tx, &pieces).await.map(drop)
            })
        });
        write.await?;
    }
    Ok(())
}

fn about(number: u64, now: domain::Timestamp) -> Vec<Evidence> {
    let person = PersonId::from_u128(1 + u128::from(number));
    let declaration = Fact::declaration(now, Symptoms::NONE, None, ContactAnswer::None);
    let piece = |nth: u128, authority, fact| Evidence {
        id: EvidenceId::from_u128(person.as_u128() << 8 | nth),
        person,
        authority,
        recorded_at: now,
        fact,
    };
    let mut about = vec![piece(0, SELF_AUTHORITY, declaration)];
    if number.is_multiple_of(100) {
        let met = Fact::contact(
            None,
            Relation::Household,
            Ring::mended(2),
            Period::mended(
                now - SignedDuration::from_hours(30),
                now - SignedDuration::from_hours(20),
            ),
            None,
        );
        about.push(piece(1, TRACER_AUTHORITY, met));
    }
    about
}
