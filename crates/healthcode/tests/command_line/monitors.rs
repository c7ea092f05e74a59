//! What a monitor reads of a running server, on a good day and on a bad one.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::databases::Schema;
use crate::newcomer::Folder;
use crate::server::{Server, installation, installation_on, serving};

const PAUSE: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn monitors_are_answered_on_a_listener_of_their_own_and_nowhere_else() {
    let folder = installation();
    let monitor = free_address();
    let server = start(&folder, &monitor, &[]);
    let token = server.register();
    assert_eq!(server.status(&token)["status"], "green");
    let page = until(&monitor, |page| has(page, "healthcode_database_answers 1"));
    let registered = "healthcode_answers_total{work=\"registrations\",status=\"2xx\"} 1";
    for line in [
        registered,
        "healthcode_worker_alive{worker=\"sweep\"} 1",
        "healthcode_fault{fault=\"worker_dead\"} 0",
        "healthcode_fault{fault=\"cut_off\"} 0",
    ] {
        assert!(has(&page, line), "{line}\n{page}");
    }
    // Nobody finds it where the public asks, and nothing else is where monitors ask.
    assert_eq!(status(&format!("{}/metrics", server.address())), 404);
    assert_eq!(status(&format!("http://{monitor}/health")), 404);
    assert!(server.ends());
}

#[test]
fn an_address_that_others_reach_is_refused_with_the_remedy() {
    let folder = installation();
    folder.write("public.toml", "[metrics]\nlisten = \"0.0.0.0:9464\"\n");
    folder
        .run(&["serve", "--config", "public.toml"])
        .exits(2)
        .says(&["other machines reach that", "from_other_machines = true"]);
}

#[test]
fn monitors_are_answered_at_localhost_by_its_own_names_alone() {
    let folder = installation();
    let monitor = free_address();
    let port = monitor.rsplit_once(':').unwrap().1;
    let server = start(&folder, &format!("localhost:{port}"), &[]);
    let asked = |host: &str| {
        let asked = ureq::get(format!("http://{monitor}/metrics")).header("Host", host);
        let asked = asked.config().http_status_as_error(false).build().call();
        asked.unwrap().status().as_u16()
    };
    assert_eq!(asked("localhost"), 200);
    assert_eq!(asked("rebound.evil.example"), 421);
    assert!(server.ends());
}

#[test]
fn a_port_of_monitors_that_is_taken_is_named_with_its_file() {
    let folder = installation();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let monitor = taken.local_addr().unwrap();
    folder.write(
        "taken.toml",
        &format!("[metrics]\nlisten = \"{monitor}\"\n"),
    );
    let port = format!("sport = :{}", monitor.port());
    let serve = ["serve", "--listen", "127.0.0.1:0", "--config", "taken.toml"];
    folder.run(&serve).exits(1).says(&[
        &format!("taken.toml: metrics: listen = \"{monitor}\""),
        &port,
        "leave [metrics] out",
    ]);
    let named = "[metrics]\nlisten = \"node1.example:9464\"\n";
    folder.write("taken.toml", named);
    folder
        .run(&serve)
        .exits(2)
        .says(&["taken.toml", "write it in numbers"]);
}

/// The database is cut off, as by a cable: monitors go on reading, and read that it is.
#[test]
fn monitors_are_answered_while_the_database_is_away() {
    let Some(schema) = Schema::fresh("monitors without a database") else {
        return;
    };
    let url = schema.url();
    let Some((before, host, after)) = around_host(&url) else {
        return;
    };
    let cable = Cable::to(host);
    let through = format!("{before}@{}{after}", cable.address);
    let folder = installation_on(&["--database-url", &url]);
    let monitor = free_address();
    let server = start(&folder, &monitor, &["--database-url", &through]);
    until(&monitor, |page| has(page, "healthcode_database_answers 1"));
    cable.cut();
    let page = until(&monitor, |page| has(page, "healthcode_database_answers 0"));
    assert!(
        has(&page, "healthcode_worker_alive{worker=\"figures\"} 1"),
        "{page}"
    );
    assert!(page.contains("\nhealthcode_record_figures_age_seconds "));
    assert_eq!(status(&format!("{}/health", server.address())), 503);
    drop(server);
    schema.remove();
}

pub fn start(folder: &Folder, monitor: &str, more: &[&str]) -> Server {
    folder.write(
        "metrics.toml",
        &format!("[metrics]\nlisten = \"{monitor}\"\n"),
    );
    let more = [&["--config", "metrics.toml", "--log", "off"], more].concat();
    Server::started(serving(folder, &more).stdout(Stdio::piped()))
}

/// An address at which nobody listens.
pub fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn status(address: &str) -> u16 {
    let asked = ureq::get(address).config().http_status_as_error(false);
    asked.build().call().unwrap().status().as_u16()
}

fn has(page: &str, line: &str) -> bool {
    page.lines().any(|found| found == line)
}

/// What the monitor reads once it `holds`.
fn until(monitor: &str, holds: impl Fn(&str) -> bool) -> String {
    let mut page = String::new();
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        let mut answer = ureq::get(format!("http://{monitor}/metrics"))
            .call()
            .unwrap();
        page = answer.body_mut().read_to_string().unwrap();
        if holds(&page) {
            return page;
        }
        thread::sleep(PAUSE);
    }
    panic!("it still says {page}");
}

/// The address of a server, cut around its host; `None` if it is no such address.
fn around_host(url: &str) -> Option<(&str, String, &str)> {
    let (before, rest) = url.split_once('@')?;
    let (host, after) = rest.split_at(rest.find('/')?);
    let host = match host.contains(':') {
        true => host.to_owned(),
        false => format!("{host}:5432"),
    };
    Some((before, host, after))
}

/// Leads to a server until it is cut.
struct Cable {
    address: String,
    /// `None` once it is cut.
    ends: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Cable {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let ends = Arc::new(Mutex::new(Some(Vec::new())));
        let held = Arc::clone(&ends);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mut held = held.lock().unwrap();
                let Some(ends) = held.as_mut() else { continue };
                let there = TcpStream::connect(&server).unwrap();
                ends.extend([client.try_clone().unwrap(), there.try_clone().unwrap()]);
                let back = (there.try_clone().unwrap(), client.try_clone().unwrap());
                for (mut from, mut to) in [(client, there), back] {
                    thread::spawn(move || {
                        drop(io::copy(&mut from, &mut to));
                        drop(to.shutdown(Shutdown::Both));
                    });
                }
            }
        });
        Self { address, ends }
    }

    fn cut(&self) {
        for end in self.ends.lock().unwrap().take().unwrap() {
            drop(end.shutdown(Shutdown::Both));
        }
    }
}
