//! More clients than the system has files for.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::newcomer::Folder;
use crate::server::{Server, identity_card, installation, registration, serving};

/// The usual limit of files of a process, and more clients than that.
const FILES: &str = "1024";
const CLIENTS: usize = 1100;

#[test]
fn eleven_hundred_silent_connections_stop_nothing_under_the_usual_limit_of_files() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = maximum;
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
    let folder = installation();
    let server = start_with_few_files(&folder);
    let token = server.register();

    let address = server.address().strip_prefix("http://").unwrap();
    let connect = |_| TcpStream::connect(address).unwrap();
    let silent: Vec<TcpStream> = (0..CLIENTS).map(connect).collect();

    // It writes, it reads, and what needs no database goes on too.
    let person = registration(&identity_card(1));
    let key = "00112233445566778899aabbccddee01";
    let registered = server.try_post("/api/v1/registrations", key, None, &person);
    assert_eq!(registered.unwrap()["status"], "green");
    assert_eq!(server.status(&token)["status"], "green");
    let health = ureq::get(format!("{}/health", server.address())).call();
    assert_eq!(health.unwrap().status(), 200);
    drop(silent);
    assert!(server.ends());
}

/// A server that may hold as many files as a process usually may, and no more.
fn start_with_few_files(folder: &Folder) -> Server {
    let command = serving(folder, &["--log", "error"]);
    let limit = format!("ulimit -n {FILES}; exec \"$0\" \"$@\"");
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", &limit]).arg(command.get_program());
    limited.args(command.get_args());
    limited.current_dir(folder.path("")).env_clear();
    Server::started(limited.stdout(Stdio::piped()).stderr(Stdio::inherit()))
}
