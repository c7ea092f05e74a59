//! A city whose last server was version 0.1 goes on: its database is migrated, and everybody finds
//! themselves, their colour with its reasons, what is over, and a code.
//!
//! The fixtures lie with the store, whose own tests look at every row of them; their README lists who
//! lives there.

use std::sync::Arc;

use credential::StatusLists;
use domain::{Assurance, Colour, ManualClock};
use service::{AskedFrom, Resident, Service, ServiceError, StatusReport, Token};

use crate::base::{self, Base};
use crate::city::{Seeded, at, hangzhou, hours};
use crate::founding::{settings, start};
use crate::keys::KeyFolder;
use crate::told::Told;

const SQLITE: &str = include_str!("../../../store/tests/fixtures/version_0_1.sqlite.sql");
const POSTGRES: &str = include_str!("../../../store/tests/fixtures/version_0_1.postgres.sql");
const README: &str = include_str!("../../../store/tests/fixtures/README.md");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_city_of_version_0_1_goes_on_on_sqlite() {
    a_city_of_version_0_1_goes_on(&base::sqlite(), SQLITE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_city_of_version_0_1_goes_on_on_postgresql() {
    if let Some(base) = base::postgresql().await {
        a_city_of_version_0_1_goes_on(&base, POSTGRES).await;
        base.remove().await;
    }
}

/// Somebody of the README's table.
struct Neighbour {
    name: &'static str,
    id: &'static str,
    status: &'static str,
    token: Token,
    resident: Resident,
}

async fn a_city_of_version_0_1_goes_on(base: &Base, fixture: &str) {
    base.tamper(fixture).await;
    // Ten minutes after the last thing that version 0.1 wrote.
    let clock = Arc::new(ManualClock::new(at("2020-02-18T12:10:00+08:00")));
    let told = Arc::new(Told::default());
    let service = server(base, &clock, 11, &told).await;

    let people = neighbours(&service).await;
    assert_eq!(people.len(), 11);
    for person in &people {
        let identity = service.people.own_identity(&person.resident).await.unwrap();
        assert_eq!(identity.name.expose(), person.name);
        assert_eq!(person.resident.person().to_string(), person.id);
        let report = report(&service, person).await;
        let status = report.explanation.verdict.status;
        assert_eq!(status.as_str(), person.status, "{}", person.name);
    }
    let named = |name: &str| people.iter().find(|one| one.name == name).unwrap();
    reasons_and_history(&service, named("安静"), named("李雪")).await;
    for (name, colour) in [("安静", Colour::Red), ("Daniel Okafor", Colour::Yellow)] {
        shows_a_code(&service, &told, named(name), colour).await;
    }
    // Somebody without a phone goes to an office.
    let en = &named("恩宁").resident;
    let asked = service.accounts.send_phone_code(en, AskedFrom::HERE, "zh");
    assert!(matches!(asked.await, Err(ServiceError::NoPhone)));
    what_was_revoked_stays_revoked(&service);

    // The case that 0.1 left open is traced, and a second start finds what the first one left.
    let summary = service.tracing.run_traces().await.unwrap();
    assert!(summary.contacts > 0, "{summary:?}");
    drop(service);
    clock.advance(hours(1));
    let service = server(base, &clock, 12, &told).await;
    for person in neighbours(&service).await {
        let status = report(&service, &person).await.explanation.verdict.status;
        // Contacts of the second case are red already, but for whoever was not near anybody.
        assert_eq!(status.as_str(), person.status, "{}", person.name);
    }
}

async fn server(
    base: &Base,
    clock: &Arc<ManualClock>,
    seed: u64,
    told: &Arc<Told>,
) -> Arc<Service> {
    let ids = Arc::new(Seeded::new(seed));
    start(base, clock, &ids, told, &KeyFolder::new(), settings()).await
}

/// Why somebody is red, and what is over and is shown all the same.
async fn reasons_and_history(service: &Service, an: &Neighbour, li: &Neighbour) {
    let of_an = report(service, an).await;
    let [reason] = &of_an.explanation.restrictions[..] else {
        panic!("{:?}", of_an.explanation.restrictions);
    };
    assert_eq!(reason.finding.rule.to_string(), "close-contact");
    assert_eq!(reason.finding.until, at("2020-03-02T16:00:00Z"));
    assert!(
        reason
            .texts
            .reason
            .contains("near a confirmed case for 60 minutes"),
        "{}",
        reason.texts.reason
    );
    let office = of_an.authority_name(reason.finding.authority);
    assert_eq!(office, Some("Contact tracing"));

    let of_li = report(service, li).await;
    let past = &of_li.explanation.not_in_force;
    let port = past.iter().find(|one| one.rule.to_string() == "port");
    let port = port.unwrap();
    assert_eq!(port.title, "Arrived at a port");
    assert_eq!(port.since, at("2020-02-14T13:00:00Z"));
    assert_eq!(port.until, at("2020-02-17T16:00:00Z"));
}

/// A policy of version 0.1 says nothing of proofs, so a code needs a proven phone: the one that was
/// sealed then gets a one-time code. Then what the person shows is taken.
async fn shows_a_code(service: &Service, told: &Told, person: &Neighbour, colour: Colour) {
    let unproven = service.codes.plain_code(&person.resident).await;
    assert!(
        matches!(
            unproven,
            Err(ServiceError::NeedsProof {
                needs: Assurance::Phone,
                ..
            })
        ),
        "{unproven:?}"
    );
    let accounts = &service.accounts;
    let asked = accounts.send_phone_code(&person.resident, AskedFrom::HERE, "zh");
    let challenge = asked.await.unwrap();
    let (_, code) = told.codes.lock().unwrap().pop().unwrap();
    let proven = accounts.prove_phone(&person.resident, challenge, &code);
    assert_eq!(proven.await.unwrap(), Assurance::Phone);

    let resident = service.access.resident(&person.token).await.unwrap();
    let code = service.codes.plain_code(&resident).await.unwrap();
    let settings = credential::Settings::default();
    let checked = service.checks.verify(&code.text.unwrap(), &settings);
    let shown = checked.map(|accepted| accepted.colour);
    assert_eq!(shown.map_err(|refusal| refusal.word()), Ok(colour));
}

fn what_was_revoked_stays_revoked(service: &Service) {
    let list = service.codes.status_list(0).unwrap();
    let mut lists = StatusLists::new();
    let trust = service.checks.trusted_keys();
    lists.add(&list.token, &trust).unwrap();
    let list = lists.list(hangzhou(), 0).unwrap();
    // As the tables `slot` and `slot_claim` of the fixture have them.
    assert_eq!(list.is_revoked(111_776), Some(false));
    for index in [601_337, 898_878, 1_042_698] {
        assert_eq!(list.is_revoked(index), Some(true), "{index}");
    }
}

async fn report(service: &Service, person: &Neighbour) -> StatusReport {
    let report = service.people.status(&person.resident, "en").await;
    report.unwrap()
}

/// Everybody of the README's table, by the token that version 0.1 gave them.
async fn neighbours(service: &Service) -> Vec<Neighbour> {
    let mut people = Vec::new();
    let rows = README.lines().filter(|line| line.starts_with("| "));
    for row in rows {
        let cells: Vec<&str> = row
            .split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .collect();
        let [_, name, id, status, token, _] = cells[..] else {
            panic!("{row}");
        };
        if name == "person" {
            continue;
        }
        let token: Token = token.parse().unwrap();
        let resident = service.access.resident(&token).await.unwrap();
        people.push(Neighbour {
            name,
            id,
            status,
            token,
            resident,
        });
    }
    people
}
