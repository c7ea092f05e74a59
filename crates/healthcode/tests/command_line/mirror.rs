//! The mirror, as whoever runs an installation and whoever reads the files meet it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::databases::Schema;
use crate::newcomer::Folder;
use crate::server::{Server, identity_card, installation, installation_on, registration};

/// An installation where so many people are registered, every third with a fever.
pub fn town(database: &[&str], people: u32) -> Folder {
    let folder = installation_on(database);
    let server = Server::start_on(&folder, database);
    for person in 0..people {
        let mut body = registration(&identity_card(person));
        if person % 3 == 0 {
            body["declaration"] =
                json!({ "symptoms": ["fever"], "temperature": 38.5, "contact": "none" });
        }
        let key = format!("{:032x}", u128::from(person) + 1);
        server
            .try_post("/api/v1/registrations", &key, None, &body)
            .unwrap();
    }
    folder
}

#[test]
fn a_mirror_is_written_listed_and_known_to_doctor() {
    let folder = town(&[], 7);
    folder.run(&["mirror"]).exits(2).says(&["--mirror DIR"]);
    folder
        .run(&["mirror", "--list"])
        .exits(0)
        .says(&["no mirror is written yet"]);
    folder.run(&["doctor"]).exits(0).prints(&["none is kept"]);
    let kept = ["--mirror", "copies"];
    folder
        .run(&[&["doctor"], &kept[..]].concat())
        .exits(1)
        .prints(&["none is written yet"]);
    let written = folder.run(&[&["--json", "mirror"], &kept[..]].concat());
    written.exits(0);
    let written: Value = serde_json::from_str(&written.out).unwrap();
    assert_eq!(
        (&written["generation"], &written["people"]),
        (&json!(1), &json!(7))
    );
    let place = written["folder"].as_str().unwrap();
    assert!(
        folder.path(place).join("declarations.parquet").is_file(),
        "{place}"
    );
    folder
        .run(&[&["mirror"], &kept[..]].concat())
        .exits(0)
        .prints(&["generation-000002"]);
    let listed = folder.run(&["--json", "mirror", "--list"]);
    listed.exits(0);
    let numbers: Vec<Value> = listed
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["generation"].clone())
        .collect();
    assert_eq!(numbers, [json!(2), json!(1)]);
    folder
        .run(&[&["doctor"], &kept[..]].concat())
        .exits(0)
        .prints(&["generation 2", "minutes old"]);
}

#[test]
fn everybody_in_a_mirror_is_decided_like_any_folder_of_tables() {
    let folder = town(&[], 7);
    folder.run(&["mirror", "--mirror", "copies"]).exits(0);
    let generation = "copies/generation-000001";
    let now = (folder.an_hour_ago().parse::<i64>().unwrap() + 3600).to_string();
    let decide = [
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        generation,
        "--at",
        &now,
    ];
    let decided = folder.run(&decide);
    decided.exits(0).says(&["no region has a level"]);
    let count = |out: &str, word: &str| out.lines().filter(|line| line.contains(word)).count();
    assert_eq!(count(&decided.out, ",yellow,fever,"), 3, "{}", decided.out);
    assert_eq!(count(&decided.out, ",green,,"), 4, "{}", decided.out);
    let first = decided.out.lines().nth(1).unwrap();
    assert_eq!(
        first.split(',').next().unwrap().len(),
        32,
        "an identifier: {first}"
    );
    // Handed on without saying whose it is.
    fs::remove_file(folder.path(generation).join("persons.parquet")).unwrap();
    let numbered = folder.run(&decide);
    numbered.exits(0);
    assert_eq!(count(&numbered.out, ",yellow,fever,"), 3);
    assert!(numbered.out.contains("\n6,"), "{}", numbered.out);
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let folder = installation();
    folder.write("letters/dear.txt", "Dear Sir or Madam");
    let refused = folder.run(&["mirror", "--mirror", "letters"]);
    refused
        .exits(1)
        .says(&["other files", "Name an empty folder"]);
    assert!(folder.path("letters/dear.txt").is_file());
}

#[cfg(not(feature = "s3"))]
#[test]
fn a_bucket_is_refused_by_a_program_that_was_built_without() {
    let folder = installation();
    let bucket = ["--mirror", "s3://bucket/copies", "--mirror-cache", "cache"];
    let refused = folder.run(&[&["mirror"], &bucket[..]].concat());
    refused.exits(2).says(&["--features s3"]);
    let refused = folder.run(&[&["serve", "--listen", "127.0.0.1:0"], &bucket[..]].concat());
    refused.exits(2).says(&["--features s3"]);
}

#[test]
fn a_server_keeps_its_mirror() {
    let folder = town(&[], 3);
    let server = Server::start_on(&folder, &["--mirror", "copies"]);
    let generation = folder.path("copies/generation-000001");
    wait_for(&generation);
    drop(server);
    folder.run(&["mirror", "--mirror", "copies"]).exits(0);
}

#[test]
fn a_killed_writer_leaves_a_mirror_that_is_right() {
    is_right_after_kill_9(&[]);
}

#[test]
fn a_killed_writer_leaves_a_mirror_that_is_right_on_postgresql() {
    let Some(schema) = Schema::fresh("a killed writer of the mirror on PostgreSQL") else {
        return;
    };
    is_right_after_kill_9(&["--database-url", &schema.url()]);
    schema.remove();
}

/// Kills the writer when its folder is first seen under each of its names, and a little later.
fn is_right_after_kill_9(database: &[&str]) {
    let folder = town(database, 40);
    let copies = folder.path("copies");
    let write = [&["--quiet", "mirror", "--mirror", "copies"], database].concat();
    let list = [&["--json", "mirror", "--list"], database].concat();
    let names = ["part", "persons.parquet", "manifest.json", "generation-"];
    for name in names {
        let mut writer = Command::new(env!("CARGO_BIN_EXE_healthcode"))
            .args(&write)
            .current_dir(folder.path(""))
            .env_clear()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !holds(&copies, name) && writer.try_wait().unwrap().is_none() {}
        writer.kill().unwrap();
        writer.wait().unwrap();

        // Whatever is listed is there and whole; the next writer removes the rest.
        let listed = folder.run(&list);
        listed.exits(0);
        let generations = |out: &str| -> Vec<String> {
            let folders = out.lines().map(|line| {
                let line: Value = serde_json::from_str(line).unwrap();
                line["folder"].as_str().unwrap().to_owned()
            });
            let mut folders: Vec<String> = folders.collect();
            folders.sort_unstable();
            folders
        };
        for generation in generations(&listed.out) {
            assert!(
                folder.path(&generation).join("manifest.json").is_file(),
                "{generation}"
            );
        }
        folder.run(&write).exits(0);
        let listed = generations(&folder.run(&list).out);
        let there = fs::read_dir(&copies)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let mut there: Vec<String> = there
            .filter(|name| name != "healthcode-mirror")
            .map(|name| copies.join(name).display().to_string())
            .collect();
        there.sort_unstable();
        assert_eq!(there, listed, "after a kill at {name}");
    }
}

/// Whether a new file or folder of a generation has this in its name.
fn holds(copies: &Path, name: &str) -> bool {
    let entries = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten();
        entries.flatten().map(|entry| entry.path()).collect()
    };
    let is_part = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "part")
    };
    let has = |path: &PathBuf| {
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        own.contains(name)
    };
    let all = entries(copies);
    match name {
        "generation-" => !all.iter().any(is_part) && all.len() > 1,
        _ => all
            .iter()
            .filter(|path| is_part(path))
            .any(|part| has(part) || entries(part).iter().any(has)),
    }
}

pub fn wait_for(path: &Path) {
    for _ in 0..600 {
        if path.is_dir() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{} does not appear", path.display());
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "only the machine knows its Python"
)]
fn an_outsider_reads_the_mirror_with_duckdb() {
    let Ok(python) = std::env::var("HEALTHCODE_TEST_DUCKDB") else {
        eprintln!("SKIPPED: HEALTHCODE_TEST_DUCKDB names no Python that has DuckDB");
        return;
    };
    let folder = town(&[], 31);
    folder.run(&["mirror", "--mirror", "copies"]).exits(0);
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/command_line/outsider.py"
    );
    let read = Command::new(python)
        .arg(script)
        .arg(folder.path("copies/generation-000001"))
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{complaint}");
    let read: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(read["people"], 31);
    assert_eq!(read["fevers"], 11);
    assert_eq!(read["declarations"], 31);
    assert_eq!(read["warmest"], 38.5);
    assert_eq!(read["not_measured"], 20);
    let columns = json!({
        "person": "UINTEGER",
        "at": "UINTEGER",
        "symptoms": "VARCHAR",
        "temperature": "FLOAT",
        "contact": "VARCHAR",
    });
    assert_eq!(read["columns"], columns, "as docs/data-model.md says");
    assert_eq!(read["is_recent"], true);
}
