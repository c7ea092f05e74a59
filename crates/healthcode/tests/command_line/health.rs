//! What `/health` and `doctor` say of a server that does not do its work.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::databases::Schema;
use crate::newcomer::Folder;
use crate::passkey::first_officer;
use crate::server::{Server, identity_card, installation, installation_on, registration};

/// How often a server is asked how it is, and for how long in all: a trace is given a minute.
const PAUSE: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn doctor_says_that_no_server_runs_that_could_say_how_its_workers_are() {
    let folder = installation();
    folder
        .run(&["doctor", "--listen", "127.0.0.1:1"])
        .exits(0)
        .prints(&["good  server", "none answers at http://127.0.0.1:1,"]);
}

/// Takes over a minute, since a trace is given as much.
#[test]
fn health_and_doctor_name_a_trace_that_is_open_for_over_a_minute() {
    let folder = installation();
    let server = Server::start(&folder);
    let listen = server.address().strip_prefix("http://").unwrap();
    let officer = &first_officer(&folder, &server, &[]);
    folder
        .run(&["doctor", "--listen", listen])
        .exits(0)
        .prints(&["works, and so do its workers", "good  traces        0 open"]);

    tamper(
        &folder,
        "ALTER TABLE trace_contact RENAME TO trace_contact_away",
    );
    confirm_somebody(&server, officer);
    let (_, detail) = until(&server, |(status, _)| *status == 503);
    let waits = "the contacts of a case wait to be found since";
    assert!(detail.contains(waits), "{detail}");
    folder
        .run(&["doctor", "--listen", listen])
        .exits(1)
        .prints(&["BAD   server", waits, "BAD   traces", "1 cases wait"]);

    tamper(
        &folder,
        "ALTER TABLE trace_contact_away RENAME TO trace_contact",
    );
    until(&server, |(status, _)| *status == 200);
    folder
        .run(&["doctor", "--listen", listen])
        .exits(0)
        .prints(&["good  traces        0 open"]);
}

#[test]
fn health_and_doctor_name_a_standby() {
    let Some(schema) = Schema::fresh("a standby") else {
        return;
    };
    let url = schema.url();
    let folder = installation_on(&["--database-url", &url]);
    // What the server says of itself is looked up in this schema first.
    schema.run(&format!(
        "CREATE FUNCTION {}.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        schema.name()
    ));
    let standby = format!("{url},pg_catalog");
    let server = Server::start_on(&folder, &["--database-url", &standby]);
    let (status, detail) = health(&server);
    assert_eq!(status, 503, "{detail}");
    assert!(detail.contains("a standby and takes no writes"), "{detail}");
    let listen = server.address().strip_prefix("http://").unwrap();
    folder
        .run(&["doctor", "--listen", listen, "--database-url", &standby])
        .exits(1)
        .prints(&["BAD   server", "BAD   database", "takes no writes"]);
    drop(server);
    schema.remove();
}

fn confirm_somebody(server: &Server, officer: &str) {
    let body = registration(&identity_card(1));
    let key = format!("{:032x}", 1);
    let registered = server.try_post("/api/v1/registrations", &key, None, &body);
    let case = json!({ "person": registered.unwrap()["person"] });
    let key = format!("{:032x}", 2);
    let confirmed = server.try_post("/api/v1/cases", &key, Some(officer), &case);
    confirmed.unwrap();
}

fn tamper(folder: &Folder, statement: &str) {
    let connection = rusqlite::Connection::open(folder.path("healthcode.db")).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    connection.execute_batch(statement).unwrap();
}

/// The status of `/health`, and what it says is wrong.
fn health(server: &Server) -> (u16, String) {
    let asked = ureq::get(format!("{}/health", server.address()))
        .config()
        .http_status_as_error(false)
        .build();
    let mut answer = asked.call().unwrap();
    let status = answer.status().as_u16();
    let asks_again = answer.headers().contains_key("retry-after");
    assert_eq!(asks_again, status == 503, "Retry-After");
    let body: Value = answer.body_mut().read_json().unwrap();
    (
        status,
        body["detail"].as_str().unwrap_or_default().to_owned(),
    )
}

fn until(server: &Server, holds: impl Fn(&(u16, String)) -> bool) -> (u16, String) {
    let mut said = health(server);
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        if holds(&said) {
            return said;
        }
        thread::sleep(PAUSE);
        said = health(server);
    }
    panic!("it still says {said:?}");
}
