//! The log, checked and witnessed by other processes than the one that writes it.

use crate::newcomer::{Folder, Run};
use crate::server::{Server, installation};

#[test]
fn a_changed_entry_is_named_and_a_rolled_back_log_too() {
    let folder = installation();
    let verify = || folder.run(&["audit", "verify", "--state", "seen.checkpoint"]);
    // The entry of the policy gets its place when a program starts on the database.
    folder.run(&["policy", "publish", "policy.toml"]).exits(0);
    verify().exits(0).prints(&["all as they were written"]);
    let database = folder.path("healthcode.db");
    let tamper = |statement: &str| {
        let connection = rusqlite::Connection::open(&database).unwrap();
        connection.execute_batch(statement).unwrap();
    };
    tamper("CREATE TABLE kept AS SELECT * FROM audit_entry");
    tamper("UPDATE audit_entry SET recorded_at = recorded_at - 60 WHERE leaf_index = 0");
    verify().exits(1).prints(&["entry 0"]);
    tamper("DELETE FROM audit_entry; INSERT INTO audit_entry SELECT * FROM kept");
    verify().exits(0);
    tamper("DELETE FROM audit_entry; DELETE FROM audit_tile; DELETE FROM audit_head");
    verify().exits(1).prints(&["rolled back"]);
}

#[test]
fn a_witness_in_another_process_signs_what_only_grew() {
    let folder = installation();
    let witness = |server: &Server| -> Run {
        let address = format!("{}/log", server.address());
        let log = ["--log", &address, "--key", "keys/log.pub"];
        let own = ["--name", "uni.example/w1", "--witness-key", "witness.pem"];
        let rest = ["--state", "witness.checkpoint", "--once"];
        folder.run(&[&["audit", "witness"], &log[..], &own, &rest].concat())
    };
    let server = Server::start(&folder);
    let unknown = witness(&server);
    unknown
        .exits(1)
        .says(&["is this witness in its configuration"]);
    assert!(server.ends());
    let key = unknown
        .out
        .lines()
        .find_map(|line| line.strip_prefix("The key of this witness: "));
    folder.write(
        "healthcode.toml",
        &format!("witnesses = [\"{}\"]\n", key.unwrap()),
    );

    let server = Server::start_on(&folder, &["--config", "healthcode.toml"]);
    witness(&server).exits(0).prints(&["Signed"]);
    let checkpoint = String::from_utf8(server.bytes("/log/checkpoint")).unwrap();
    assert!(checkpoint.contains("— uni.example/w1 "), "{checkpoint}");
    let tiles = format!("{}/log", server.address());
    let outside = ["--tiles", &tiles, "--key", "keys/log.pub"];
    let verified = folder.run(&[&["audit", "verify"], &outside[..]].concat());
    verified.exits(0).prints(&["all as they were written"]);
}

#[test]
fn a_log_that_another_key_signed_is_refused() {
    let folder = installation();
    let other = Folder::new();
    let issuer = ["--issuer", "3301", "--url", "http://localhost"];
    other
        .run(&[&["keys", "generate"], &issuer[..]].concat())
        .exits(0);
    let key = std::fs::read_to_string(other.path("keys/log.pub")).unwrap();
    folder.write("other.pub", &key);
    let verified = folder.run(&["audit", "verify", "--key", "other.pub"]);
    verified.exits(1).prints(&["is not signed by the key"]);
}
