//! The demonstration tells its story by itself.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::newcomer::Folder;

#[test]
fn the_story_happens_from_registration_to_refusal() {
    let run = Folder::new().run(&["demo", "--headless", "--people", "600"]);
    run.exits(0);
    for part in [
        "Somebody registers and declares to be well: green",
        "A one-time code proves the newcomer's phone",
        "green without a network too",
        "An officer confirms a case",
        "yellow now",
        "were at the same place for",
        "refuses the old green code: revoked",
        "Whoever met nobody stays green",
        "Dr Zhao, the second person, approves it",
        "The resident appeals; an answer must come by",
        "the resident reads who looked: Harbour City Health Office, for an appeal",
        "the resident is green, and reads why:",
        "Your receipt shows that you were elsewhere.",
        "Dr Lin signs in at the desk",
        "Dr Zhao signs in at the desk",
        "reads who and why: Harbour City Health Office, Epidemic Act",
    ] {
        assert!(run.out.contains(part), "no {part:?} in\n{}", run.out);
    }
    assert!(
        !run.err.contains("WARN"),
        "the city comes without a warning: {}",
        run.err
    );
}

#[test]
fn a_kept_city_is_found_again() {
    let folder = Folder::new();
    let first = folder.run(&[
        "demo",
        "--headless",
        "--people",
        "600",
        "--dir",
        "city",
        "--json",
    ]);
    first.exits(0);
    // The appeal gave the resident the green code back, so the story happens to the same people again,
    // also where time was moved on: phones and checkpoints go by the time of the city.
    let hours = 6 * 3600;
    folder.write("city/city.ahead", &hours.to_string());
    let again = folder.run(&[
        "demo",
        "--headless",
        "--people",
        "600",
        "--dir",
        "city",
        "--json",
    ]);
    again.exits(0);
}

#[test]
fn two_servers_do_not_share_the_database_of_a_city() {
    let folder = Folder::new();
    let city = ["--dir", "city", "--people", "600"];
    let mut running = Command::new(env!("CARGO_BIN_EXE_healthcode"));
    running
        .args(["demo", "--json", "--port", "0"])
        .args(city)
        .current_dir(folder.path(""))
        .env_clear()
        .stdout(Stdio::piped());
    let mut running = running.spawn().unwrap();
    let mut welcome = String::new();
    let out = running.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut welcome).unwrap();
    assert!(
        welcome.contains("\"open\":\"http://127.0.0.1:"),
        "{welcome}"
    );
    let database = [
        "--database-url",
        "sqlite:city/city.db",
        "--keys",
        "city/keys",
    ];
    for second in [
        [&["demo", "--headless"], &city[..]].concat(),
        [&["serve", "--listen", "127.0.0.1:0"], &database[..]].concat(),
    ] {
        folder
            .run(&second)
            .exits(1)
            .says(&["city.db: another server uses this database"]);
    }
    // Another city is not made in its place, and that is said.
    folder
        .run(&["demo", "--headless", "--dir", "city", "--people", "700"])
        .exits(1)
        .says(&[
            "city holds a city of 600 people, which is kept",
            "another folder",
        ]);
    running.kill().unwrap();
    running.wait().unwrap();
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let folder = Folder::new();
    folder.write("home/letter.txt", "Dear …");
    let run = folder.run(&["demo", "--headless", "--people", "600", "--dir", "home"]);
    run.exits(1).says(&["home", "--dir"]);
    assert_eq!(std::fs::read_dir(folder.path("home")).unwrap().count(), 1);
}

#[test]
fn the_demonstrations_policy_passes_its_worked_cases() {
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/policy.toml");
    let folder = Folder::new();
    folder.run(&["policy", "check", policy]).exits(0);
    let run = folder.run(&["policy", "test", policy]);
    run.exits(0);
    let rules = std::fs::read_to_string(policy).unwrap();
    let cases = std::fs::read_to_string(policy.replace(".toml", ".cases.toml")).unwrap();
    let held = run.out.lines().filter(|line| line.starts_with("holds"));
    assert_eq!(held.count(), cases.matches("[[case]]").count());
    for rule in rules
        .lines()
        .filter_map(|line| line.strip_prefix("id = "))
        .skip(1)
    {
        assert!(cases.contains(rule), "no worked case reaches {rule}");
    }
}
