//! A server that is killed in the middle of its work has kept what it acknowledged (invariant 6).

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::databases::Schema;
use crate::newcomer::Folder;
use crate::server::{Server, identity_card, installation, installation_on, registration};

const ROUNDS: u32 = 2;
const WRITERS: usize = 6;
/// The server is killed once so many answers have come.
const ENOUGH: usize = 200;

/// What a client got as an answer.
struct Acknowledged {
    person: u32,
    token: String,
    /// Whether a declaration of a fever was acknowledged as well.
    has_fever: bool,
}

#[test]
fn a_killed_server_has_kept_all_that_it_acknowledged() {
    is_all_there_after_kill_9(&installation(), &[]);
}

#[test]
fn a_killed_server_has_kept_all_that_it_acknowledged_on_postgresql() {
    let Some(schema) = Schema::fresh("a killed server on PostgreSQL") else {
        return;
    };
    let url = schema.url();
    let database = ["--database-url", &url];
    is_all_there_after_kill_9(&installation_on(&database), &database);
    schema.remove();
}

fn is_all_there_after_kill_9(folder: &Folder, database: &[&str]) {
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let mut server = Server::start_on(folder, database);
        let answers = write_until_killed(&server, round);
        assert!(answers.len() >= ENOUGH / 2, "{} people", answers.len());
        assert!(!server.process.wait().unwrap().success(), "it was killed");
        all.extend(answers);

        let server = Server::start_on(folder, database);
        for answered in &all {
            let status = server.status(&answered.token);
            if answered.has_fever {
                assert_eq!(status["status"], "yellow", "{status}");
                assert_eq!(status["restrictions"][0]["rule"], "fever");
            } else {
                // The declaration that followed may have been kept; nobody got that answer.
                let kept = ["green", "yellow"].map(serde_json::Value::from);
                assert!(kept.contains(&status["status"]), "{status}");
            }
        }
        for answered in all.iter().rev().take(20) {
            let again = register(&server, answered.person).unwrap();
            assert_eq!(again, answered.token, "a repeated registration counts once");
        }
    }
}

/// Registers people, of whom each then reports a fever, until the server is gone.
fn write_until_killed(server: &Server, round: u32) -> Vec<Acknowledged> {
    let answers = Mutex::new(Vec::new());
    let (next, count) = (AtomicU32::new(round * 100_000), AtomicU32::new(0));
    let write = || {
        loop {
            let person = next.fetch_add(1, Ordering::Relaxed);
            let Ok(token) = register(server, person) else {
                return;
            };
            count.fetch_add(1, Ordering::Relaxed);
            let has_fever = declare_fever(server, person, &token).is_ok();
            count.fetch_add(u32::from(has_fever), Ordering::Relaxed);
            answers.lock().unwrap().push(Acknowledged {
                person,
                token,
                has_fever,
            });
        }
    };
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(write)).collect();
        while count.load(Ordering::Relaxed) < ENOUGH as u32 {
            assert!(
                writers.iter().any(|writer| !writer.is_finished()),
                "the server refused"
            );
            thread::sleep(Duration::from_millis(1));
        }
        let id = server.process.id().to_string();
        let killed = Command::new("kill").args(["-KILL", &id]).status();
        assert!(killed.unwrap().success());
    });
    answers.into_inner().unwrap()
}

fn register(server: &Server, person: u32) -> Result<String, ureq::Error> {
    let key = format!("{:032x}", u128::from(person) + (1 << 100));
    let body = registration(&identity_card(person));
    let registered = server.try_post("/api/v1/registrations", &key, None, &body)?;
    Ok(registered["token"].as_str().unwrap().to_owned())
}

fn declare_fever(server: &Server, person: u32, token: &str) -> Result<(), ureq::Error> {
    let body = json!({
        "declaration": { "symptoms": ["fever"], "temperature": 38.5, "contact": "none" },
    });
    let key = format!("fever-{person}");
    let path = "/api/v1/me/declarations";
    server.try_post(path, &key, Some(token), &body).map(drop)
}
