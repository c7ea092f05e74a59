//! The mirror, as the operator of an installation and a reader of the files meet it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::databases::Schema;
use crate::newcomer::{Folder, POLICY};
use crate::passkey::first_officer;
use crate::server::{Server, identity_card, installation, installation_on, registration};

/// An installation where so many people are registered, every third with a fever. One after the other
/// they come to the market, a minute apart, and stay for half an hour.
pub fn town(database: &[&str], people: u32) -> Folder {
    let folder = installation_on(database);
    let server = Server::start_on(&folder, database);
    let health = first_officer(&folder, &server, database);
    let market = json!({ "name": "Market" });
    let market = server.post("/api/v1/venues", Some(&health), &market);
    let opened = hours_ago(&folder, 2);
    for person in 0..people {
        let mut body = registration(&identity_card(person));
        if person % 3 == 0 {
            body["declaration"] =
                json!({ "symptoms": ["fever"], "temperature": 38.5, "contact": "none" });
        }
        let key = format!("{:032x}", u128::from(person) + 1);
        let registered = server
            .try_post("/api/v1/registrations", &key, None, &body)
            .unwrap();
        let entered = opened + i64::from(person) * 60;
        let scan = json!({
            "id": key,
            "venue": market["id"],
            "entered": spelled(entered),
            "left": spelled(entered + 1800),
        });
        let scans = json!({ "scans": [scan] });
        let token = registered["token"].as_str();
        let key = format!("{:032x}", u128::from(person) + 1_000_000);
        server
            .try_post("/api/v1/me/scans", &key, token, &scans)
            .unwrap();
    }
    folder
}

/// Whole hours ago, in Unix seconds.
fn hours_ago(folder: &Folder, hours: i64) -> i64 {
    folder.an_hour_ago().parse::<i64>().unwrap() - (hours - 1) * 3600
}

fn spelled(second: i64) -> String {
    domain::Timestamp::from_second(second).unwrap().to_string()
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

/// Red for people who were in a place while its level was high.
const AREA_RULE: &str = r#"
[[rule]]
id = "high-risk-area"
reads = "stay"
where = { level = "high", mode = ["resident", "stay"] }
gives = "red"
starts = "last"
lasts = "14d"
title.en = "You were in a high-risk area"
reason.en = "You were in area {region} while its risk was high, last on {last}."
guidance.en = "Stay at home until {until}."
"#;

#[test]
fn a_generation_is_decided_as_the_server_does_with_the_levels_that_are_in_it() {
    let folder = installation();
    let policy = POLICY.replace("version = 1", "version = 2") + AREA_RULE;
    folder.write("policy.toml", &policy);
    folder.run(&["policy", "publish", "policy.toml"]).exits(0);
    let since = hours_ago(&folder, 300);
    folder.write(
        "levels.csv",
        &format!("region,level,from\n4201,low,{since}\n4201,high,{since}\n3301,low,{since}\n"),
    );
    folder.run(&["import", "regions", "levels.csv"]).exits(0);
    let server = Server::start(&folder);
    let mut reported = BTreeMap::<String, usize>::new();
    for (person, region) in ["420102", "330106", "4201", "4202", "3301", "42"]
        .into_iter()
        .enumerate()
    {
        let mut body = registration(&identity_card(person as u32));
        body["stays"] = json!([{
            "region": region,
            "arrived": spelled(hours_ago(&folder, 200)),
            "left": spelled(hours_ago(&folder, 100)),
            "mode": "stay",
        }]);
        let key = format!("{:032x}", person + 1);
        let registered = server
            .try_post("/api/v1/registrations", &key, None, &body)
            .unwrap();
        let token = registered["token"].as_str().unwrap();
        let status = server.status(token)["status"].as_str().unwrap().to_owned();
        *reported.entry(status).or_default() += 1;
    }
    drop(server);
    folder.run(&["mirror", "--mirror", "copies"]).exits(0);
    let decided = folder.run(&[
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "copies/generation-000001",
        "--at",
        &hours_ago(&folder, 0).to_string(),
    ]);
    decided.exits(0);
    let mut found = BTreeMap::<String, usize>::new();
    for line in decided.out.lines().skip(1) {
        let colour = line.split(',').nth(1).unwrap();
        *found.entry(colour.to_owned()).or_default() += 1;
    }
    assert_eq!(found, reported);
    assert_eq!(found["red"], 2, "{}", decided.out);
}

#[test]
fn contacts_are_traced_in_a_generation_by_identifier() {
    let folder = town(&[], 20);
    folder.run(&["mirror", "--mirror", "copies"]).exits(0);
    let generation = "copies/generation-000001";
    let now = hours_ago(&folder, 0).to_string();
    let decided = folder.run(&[
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        generation,
        "--at",
        &now,
    ]);
    decided.exits(0);
    let people: Vec<&str> = decided
        .out
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    let mut met = 0;
    for person in &people {
        let trace = [
            "trace", "--data", generation, "--person", person, "--at", &now,
        ];
        let traced = folder.run(&trace);
        traced.exits(0);
        for line in traced.out.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            assert!(cells[0] == *person && people.contains(&cells[2]), "{line}");
            assert!(
                (15..30).contains(&cells[3].parse::<u32>().unwrap()),
                "{line}"
            );
            met += 1;
        }
    }
    // People who came at most 15 minutes before or after.
    let expected: i32 = (0..20_i32)
        .flat_map(|one| (0..20_i32).map(move |other| (one - other).abs()))
        .map(|apart| i32::from(apart > 0 && apart <= 15))
        .sum();
    assert_eq!(met, expected);
    let stranger = "0".repeat(32);
    folder
        .run(&[
            "trace", "--data", generation, "--person", &stranger, "--at", &now,
        ])
        .exits(1)
        .says(&[&stranger]);
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
    let names = [
        "part",
        "persons.parquet",
        "visits_by_venue.parquet",
        "visits_by_person.parquet",
        "manifest.json",
        "generation-",
    ];
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
    assert_eq!((&read["visits"], &read["venues"]), (&json!(31), &json!(1)));
    let pairs = (0..31_i32).flat_map(|one| (0..one).map(move |other| one - other));
    let met = pairs.filter(|apart| *apart <= 15).count();
    assert_eq!(read["met_for_15_minutes"], met);
    assert_eq!(read["visits_of_the_first"], 1);
}
