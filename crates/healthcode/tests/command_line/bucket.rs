//! A mirror in a bucket, on a server that speaks S3. Only in a program that is built with the feature
//! `s3`, and where `HEALTHCODE_TEST_S3` names a stand-in that takes any credentials, for example
//! `http://127.0.0.1:5000` of `moto_server`.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::mirror::{town, wait_for};
use crate::newcomer::Folder;
use crate::server::installation;

const SECRET: &str = "5ecret5ecret5ecret";
const KEY: &str = "AKIATESTTESTTEST";

/// The program, as on a machine whose environment names a bucket's server.
fn healthcode(folder: &Folder, server: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_healthcode"));
    command
        .current_dir(folder.path(""))
        .env_clear()
        .env("AWS_ENDPOINT_URL", server)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET);
    command
}

fn said(run: &Output) -> String {
    let said = [run.stdout.as_slice(), run.stderr.as_slice()].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(!said.contains(SECRET) && !said.contains(KEY), "{said}");
    said
}

#[test]
fn a_bucket_needs_a_folder_of_this_machine() {
    let refused = installation().run(&["mirror", "--mirror", "s3://bucket/copies"]);
    refused.exits(2).says(&["--mirror-cache DIR"]);
}

#[test]
fn a_bucket_that_does_not_answer_is_named_and_no_credentials_are() {
    let folder = installation();
    // Nobody listens on the discard port.
    let run = healthcode(&folder, "http://127.0.0.1:9")
        .args([
            "mirror",
            "--mirror",
            "s3://copies/town",
            "--mirror-cache",
            "one",
        ])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1));
    let said = said(&run);
    assert!(said.contains("s3://copies/town: "), "{said}");
    assert!(said.contains("AWS_*"), "{said}");
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "only the machine knows its stand-in"
)]
fn another_machine_reads_what_lies_in_the_bucket() {
    let Ok(server) = std::env::var("HEALTHCODE_TEST_S3") else {
        eprintln!("SKIPPED: HEALTHCODE_TEST_S3 names no server that speaks S3");
        return;
    };
    let bucket = format!("copies-{}", std::process::id());
    ureq::put(format!("{server}/{bucket}"))
        .send_empty()
        .unwrap();
    let place = format!("s3://{bucket}/town");
    let folder = town(&[], 40);
    for number in 1..=3 {
        let run = healthcode(&folder, &server)
            .args([
                "--json",
                "mirror",
                "--mirror",
                &place,
                "--mirror-cache",
                "one",
            ])
            .output()
            .unwrap();
        let said = said(&run);
        assert!(run.status.success(), "{said}");
        let written: Value = serde_json::from_slice(&run.stdout).unwrap();
        let at = written["folder"].as_str().unwrap();
        assert!(
            at.starts_with(&format!("{place}/generation-00000{number}-")),
            "{at}"
        );
        assert_eq!(written["people"], 40);
    }
    let objects = ureq::get(format!("{server}/{bucket}")).call().unwrap();
    let objects = objects.into_body().read_to_string().unwrap();
    assert!(objects.contains("town/healthcode-mirror"), "{objects}");
    assert!(objects.contains("town/generation-000002-"), "{objects}");
    assert!(objects.contains("town/generation-000003-"), "{objects}");
    assert!(!objects.contains("town/generation-000001-"), "{objects}");

    // A machine with an empty folder downloads the generation and writes none.
    let mut other = healthcode(&folder, &server)
        .args(["serve", "--listen", "127.0.0.1:0", "--plain-http"])
        .args(["--mirror", &place, "--mirror-cache", "two"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let copy = folder.path("two/generation-000003");
    wait_for(&copy);
    other.kill().unwrap();
    other.wait().unwrap();
    let original = folder.path("one/generation-000003/manifest.json");
    let original = std::fs::read(original).unwrap();
    assert_eq!(std::fs::read(copy.join("manifest.json")).unwrap(), original);
}
