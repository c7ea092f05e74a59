//! Live figures of a running server in a terminal.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::monitors::{free_address, start};
use crate::newcomer::Folder;
use crate::server::installation;

#[test]
fn top_shows_once_what_a_server_is_asked_and_how_it_is() {
    let folder = installation();
    let monitor = free_address();
    let server = start(&folder, &monitor, &[]);
    server.register();
    // Where the configuration says, or where it is told.
    let once = ["top", "--config", "metrics.toml", "--once"];
    let here = format!(
        "healthcode {} at {monitor}, running for ",
        env!("CARGO_PKG_VERSION")
    );
    folder.run(&once).exits(0).prints(&[
        &here,
        "WELL: no fault is named",
        "issuer-key ",
        "\nregistrations ",
        "\nverdicts whose time came ",
    ]);
    let named = ["--json", "top", "--monitor", &monitor, "--once"];
    let found: Value = serde_json::from_str(&folder.run(&named).exits(0).out).unwrap();
    assert_eq!(found["good"], true);
    assert_eq!(found["work"][0]["work"], "codes");
    assert!(server.ends());
    folder
        .run(&once)
        .exits(1)
        .says(&[&monitor, "systemctl status healthcode"]);
}

#[test]
fn top_ends_quietly_when_nobody_reads_on() {
    let folder = installation();
    let monitor = free_address();
    let server = start(&folder, &monitor, &[]);
    let mut top = Command::new(env!("CARGO_BIN_EXE_healthcode"))
        .args(["top", "--monitor", &monitor, "--every", "1"])
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut pages = BufReader::new(top.stdout.take().unwrap());
    pages.read_line(&mut first).unwrap();
    assert!(first.starts_with("healthcode "), "{first}");
    assert!(!first.contains('\x1b'), "a pipe is no terminal");
    drop(pages);
    let ended = top.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
    assert!(server.ends());
}

#[test]
fn top_says_what_to_write_where_no_monitor_is_configured() {
    Folder::new().run(&["top"]).exits(2).says(&[
        "[metrics]",
        "listen = \"127.0.0.1:9464\"",
        "--monitor",
    ]);
}
