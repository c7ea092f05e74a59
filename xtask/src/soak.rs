//! Property tests again and again, each time from a new seed.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::gate::stopwatch;
use crate::postgres::TestPostgres;
use crate::run::{cargo, run, say};
use crate::settings::Settings;

/// Rounds, each with as many cases as the gate's own seed draws.
const ROUNDS: u32 = 100;

/// What the gate draws beside its own seed: so many seeds, and of each so many in a hundred cases.
const NEW_SEEDS: u32 = 3;
const PERCENT: u32 = 10;

/// Runs every property test a hundred times, each time from a new seed, or until the minutes that
/// `words` name are over; whether none failed. The simulator of the whole system is one of them, on
/// SQLite and on PostgreSQL.
///
/// # Errors
/// `words` are not understood, there is no property test, or PostgreSQL cannot be provided.
pub fn soak(settings: &Settings, words: impl Iterator<Item = String>) -> Result<bool> {
    let limit = limit(words)?;
    let names = property_tests(&settings.root)?;
    let database = TestPostgres::provide(settings.postgres.as_deref())?;
    say(&format!("{} property tests", names.len()));
    let mut build = cargo(&settings.root, &["test", "--workspace", "--tests"]);
    run(build.arg("--no-run"))?;
    let started = stopwatch();
    for round in 1..=ROUNDS {
        if limit.is_some_and(|limit| started.elapsed() >= limit) {
            say(&format!("{} rounds without a failure", round - 1));
            return Ok(true);
        }
        say(&format!("\n== round {round} of {ROUNDS}"));
        if let Err(failure) = run_from(new_seed(), 100, &names, settings, &database) {
            say(&format!("{failure:#}\n{REMEDY}"));
            return Ok(false);
        }
    }
    say(&format!("{ROUNDS} rounds without a failure"));
    Ok(true)
}

const REMEDY: &str = "\
The failing case is printed above, and its seed is kept in `proptest-regressions`, so that
`cargo test` draws it first from now on. Mend what it shows, give the case a test of its own with a
name, and commit both.";

/// Runs every property test from a few new seeds, with fewer cases.
///
/// # Errors
/// One fails.
pub fn a_few_new_seeds(settings: &Settings, database: &TestPostgres) -> Result<()> {
    let names = property_tests(&settings.root)?;
    for _ in 0..NEW_SEEDS {
        run_from(new_seed(), PERCENT, &names, settings, database).context(REMEDY)?;
    }
    Ok(())
}

fn run_from(
    seed: u64,
    percent: u32,
    names: &[String],
    settings: &Settings,
    database: &TestPostgres,
) -> Result<()> {
    say(&format!(
        "HEALTHCODE_PROPERTY_SEED={seed} HEALTHCODE_PROPERTY_PERCENT={percent}"
    ));
    let mut tests = cargo(
        &settings.root,
        &[
            "test",
            "--workspace",
            "--tests",
            "--quiet",
            "--no-fail-fast",
        ],
    );
    tests
        .env("HEALTHCODE_PROPERTY_SEED", seed.to_string())
        .env("HEALTHCODE_PROPERTY_PERCENT", percent.to_string())
        .env("HEALTHCODE_TEST_POSTGRES", database.url());
    run(tests.arg("--").args(names))
}

/// A number that nobody chose.
fn new_seed() -> u64 {
    RandomState::new().hash_one("a seed")
}

fn limit(mut words: impl Iterator<Item = String>) -> Result<Option<Duration>> {
    let Some(word) = words.next() else {
        return Ok(None);
    };
    ensure!(
        word == "--minutes",
        "soak does not know `{word}`; it takes --minutes N"
    );
    let number = words.next().context("--minutes takes a number")?;
    let minutes: u32 = number
        .parse()
        .with_context(|| format!("--minutes takes a whole number, not `{number}`"))?;
    if let Some(word) = words.next() {
        bail!("soak does not know `{word}`; it takes --minutes N");
    }
    Ok(Some(Duration::from_secs(u64::from(minutes) * 60)))
}

/// The names of all property tests of the workspace.
fn property_tests(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut folders = vec![root.join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(property_tests_in(&fs::read_to_string(path)?));
            }
        }
    }
    names.sort();
    names.dedup();
    ensure!(!names.is_empty(), "there is no property test in crates/");
    Ok(names)
}

/// The names of the functions in the blocks of `proptest!` of a source file laid out by rustfmt.
fn property_tests_in(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut end = None;
    for line in source.lines() {
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        match &end {
            None if code.ends_with("proptest! {") => end = Some(format!("{indent}}}")),
            Some(end_line) if line == end_line => end = None,
            Some(_) => {
                let name = code
                    .strip_prefix("fn ")
                    .and_then(|rest| rest.split('(').next());
                names.extend(name.map(str::to_owned));
            }
            None => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn property_tests_are_found_in_their_blocks_and_no_others() {
        let source = "fn helper() {}\n\nproptest! {\n    #[test]\n    fn one(a: u8) {\n        x\n    }\n\n    \
                      #[test]\n    fn two(\n        b: u8,\n    ) {\n    }\n}\n\nmod tests {\n    \
                      proptest::proptest! {\n        fn three(c: u8) {}\n    }\n    fn four() {}\n}\n";
        assert_eq!(property_tests_in(source), ["one", "two", "three"]);
    }

    #[test]
    fn every_block_of_the_workspace_is_read() {
        let names = property_tests(&Settings::read().root).unwrap();
        for name in [
            "invariant_1_what_a_policy_asks_for_decides_like_everything",
            "both_verifiers_agree_on_es256",
            "a_search_from_any_guess_finds_the_same_place",
            "invariants_hold_on_sqlite_whatever_happens",
            "invariants_hold_on_postgresql_whatever_happens",
        ] {
            assert!(names.iter().any(|other| other == name), "{name}");
        }
    }

    #[test]
    fn minutes_are_a_whole_number() {
        let read = |words: &[&str]| limit(words.iter().map(|word| (*word).to_owned()));
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(
            read(&["--minutes", "3"]).unwrap(),
            Some(Duration::from_secs(180))
        );
        for words in [
            &["--minutes"][..],
            &["--minutes", "x"],
            &["3"],
            &["--minutes", "3", "4"],
        ] {
            assert!(read(words).is_err(), "{words:?}");
        }
    }
}
