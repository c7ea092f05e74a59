//! Keys that are rotated, stolen and retired.

use std::process::Command;

use domain::Clock;
use serde_json::json;

use crate::server::{Server, installation};

#[test]
fn keys_change_with_two_of_them_live() {
    let folder = installation();
    folder.run(&["keys", "rotate"]).exits(0).prints(&["signs"]);
    let list = folder.run(&["keys", "list"]);
    list.exits(0).prints(&["signs", "published"]);
    folder
        .run(&["keys", "rotate"])
        .exits(1)
        .says(&["keys retire"]);
    let signing = list
        .out
        .lines()
        .find(|line| line.contains("signs"))
        .unwrap();
    let signing = signing.split_whitespace().next().unwrap();
    folder
        .run(&["keys", "retire", signing])
        .exits(1)
        .says(&["--compromised"]);
    folder
        .run(&["keys", "retire", "00000000"])
        .exits(1)
        .says(&["keys list"]);
}

#[test]
fn a_stolen_key_is_replaced_while_the_server_runs() {
    let folder = installation();
    let server = Server::start(&folder);
    folder.write("token.txt", &server.register());
    let issued = folder.run(&["issue", "--token", "token.txt", "--form", "card"]);
    folder.write("card.txt", &issued.exits(0).out);
    let card = issued.out.trim();
    let check = |code: &str| {
        let body = json!({ "code": code });
        server.post("/api/v1/verifications", None, &body)
    };
    assert_eq!(check(card)["colour"], "green");
    folder
        .run(&["keys", "trust-list", "-o", "before.bin"])
        .exits(0);
    let offline = |list: &str| {
        let arguments = [
            "verify",
            "card.txt",
            "--with-document",
            "--root",
            "keys/root.pub",
        ];
        folder.run(&[&arguments[..], &["--trust-list", list]].concat())
    };
    offline("before.bin").exits(0);

    folder
        .run(&["keys", "rotate", "--now", "--compromised"])
        .exits(0)
        .prints(&["in seconds"]);
    // The server gets a signal; without that it looks every few seconds.
    let id = server.process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-HUP", &id])
            .status()
            .unwrap()
            .success()
    );
    for _ in 0..1200 {
        if check(card)["refusal"]["reason"] == "unknown-issuer" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(check(card)["refusal"]["reason"], "unknown-issuer");
    let fresh = folder.run(&["issue", "--token", "token.txt", "--form", "card"]);
    assert_eq!(check(fresh.exits(0).out.trim())["colour"], "green");

    // A checkpoint that fetched the list once refuses the old key and never goes back.
    std::fs::write(folder.path("after.bin"), server.bytes("/api/v1/trust-list")).unwrap();
    offline("after.bin").exits(1).prints(&["unknown-issuer"]);
    offline("before.bin").exits(1).says(&["is older than 2"]);
}

#[test]
fn a_checkpoint_without_a_network_refuses_everything_a_day_later() {
    let folder = installation();
    let server = Server::start(&folder);
    folder.write("token.txt", &server.register());
    let issued = folder.run(&["issue", "--token", "token.txt", "--form", "card"]);
    folder.write("card.txt", &issued.exits(0).out);
    folder
        .run(&["keys", "trust-list", "-o", "list.bin"])
        .exits(0);
    let later = domain::SystemClock.now() + jiff::SignedDuration::from_hours(25);
    folder
        .run(&[
            "verify",
            "card.txt",
            "--trust-list",
            "list.bin",
            "--root",
            "keys/root.pub",
            "--at",
            &later.to_string(),
        ])
        .exits(1)
        .says(&["ran out", "fetch it again"]);
}
