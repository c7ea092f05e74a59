//! A log that cannot be written takes nothing down: requests are answered, workers work on.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::newcomer::Folder;
use crate::passkey::first_officer;
use crate::server::{Server, identity_card, installation, registration, serving};

/// How often a worker is asked whether it is done, and for how long in all: far longer than it needs.
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(60);
/// More requests than a pipe has room for in lines about them.
const MANY: u32 = 600;

#[test]
fn a_server_whose_log_is_a_closed_pipe_goes_on() {
    let folder = installation();
    let mut server = Server::start_logging_to(Stdio::piped(), &folder, &["--log", "debug"]);
    drop(server.process.stderr.take());
    goes_on(&server, &folder);
    assert!(server.ends(), "it did not end well");
}

#[test]
fn a_server_whose_log_is_on_a_full_disk_goes_on() {
    let folder = installation();
    let server = Server::start_logging_to(full_disk(), &folder, &["--log", "debug"]);
    goes_on(&server, &folder);
    assert!(server.ends(), "it did not end well");
}

#[test]
fn a_server_whose_log_nobody_reads_goes_on() {
    let folder = installation();
    folder.write("often.toml", "[rates]\nregistrations = \"off\"\n");
    let all = ["--log", "trace", "--log-format", "json"];
    let all = [&["--config", "often.toml"], &all[..]].concat();
    let mut server = Server::start_logging_to(Stdio::piped(), &folder, &all);
    let unread = server.process.stderr.take().unwrap();
    for person in 1000..1000 + MANY {
        register(&server, person);
    }
    goes_on(&server, &folder);
    // Once somebody reads, everything is there: the server kept what there was no room for.
    let read = thread::spawn(move || {
        let mut text = String::new();
        BufReader::new(unread).read_to_string(&mut text).unwrap();
        text
    });
    assert!(server.ends(), "it did not end well");
    let text = read.join().unwrap();
    assert!(
        text.len() > 1 << 16,
        "{} bytes: no more than a pipe holds",
        text.len()
    );
    assert!(text.contains("workers stopped"), "the last line is lost");
}

#[test]
fn a_server_whose_standard_output_is_full_serves_all_the_same() {
    let folder = installation();
    let mut process = serving(&folder, &["--log", "info"])
        .stdout(full_disk())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
    let address = log.find_map(|line| {
        let line = line.unwrap();
        let (_, address) = line.split_once("address=")?;
        Some(address.split_whitespace().next()?.to_owned())
    });
    let server = Server::running(process, format!("http://{}", address.unwrap()));
    goes_on(&server, &folder);
}

#[test]
fn a_log_that_can_be_written_again_says_how_many_lines_it_lost() {
    let folder = installation();
    let pipe = folder.path("log");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    // Linux opens a pipe for both at once without waiting for another end.
    let open = || {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(&pipe)
            .unwrap()
    };
    let reader = open();
    let log = OpenOptions::new().write(true).open(&pipe).unwrap();
    let server = Server::start_logging_to(log.into(), &folder, &["--log", "debug"]);
    drop(reader);
    register(&server, 1);
    let reader = BufReader::new(open());
    let (said, heard) = mpsc::channel();
    thread::spawn(move || {
        let lines = reader.lines().map_while(Result::ok);
        for line in lines.filter(|line| line.contains("lines of the log were lost")) {
            let _nobody_waits_any_more = said.send(line);
        }
    });
    register(&server, 2);
    let line = heard.recv_timeout(PATIENCE).unwrap();
    let lost = line.split_once("lost=").unwrap().1.trim();
    assert!(lost.parse::<u64>().unwrap() > 0, "{line}");
}

#[test]
fn a_command_whose_messages_nobody_reads_ends_as_it_would() {
    let folder = Folder::new();
    let check = Command::new(env!("CARGO_BIN_EXE_healthcode"))
        .args(["policy", "check", "nothing.toml"])
        .current_dir(folder.path(""))
        .env_clear()
        .stderr(full_disk())
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(2), "wrong use");
}

/// Registers people and confirms one of them as a case, whose contacts are then found.
fn goes_on(server: &Server, folder: &Folder) {
    let officer = &first_officer(folder, server, &[]);
    let people: Vec<Value> = (1..=5).map(|person| register(server, person)).collect();
    let case = json!({ "person": people[0]["person"] });
    let key = format!("{:032x}", 77);
    let case = server
        .try_post("/api/v1/cases", &key, Some(officer), &case)
        .unwrap();
    let follow = case["trace"].as_str().unwrap();
    let times = PATIENCE.as_millis() / PAUSE.as_millis();
    let is_found = (0..times).any(|_| {
        thread::sleep(PAUSE);
        server.get(follow, officer).unwrap()["state"] == "finished"
    });
    assert!(is_found, "the contacts of the case are not found");
    server.bytes("/health");
}

fn register(server: &Server, person: u32) -> Value {
    let body = registration(&identity_card(person));
    let key = format!("{person:032x}");
    let registered = server.try_post("/api/v1/registrations", &key, None, &body);
    registered.unwrap()
}

/// Where every write fails for want of room.
fn full_disk() -> Stdio {
    let file: File = OpenOptions::new().write(true).open("/dev/full").unwrap();
    file.into()
}
