//! The demonstration tells its story by itself.

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
    // The appeal gave the resident the green code back, so the story happens to the same people again.
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
