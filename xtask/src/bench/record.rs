//! How much becomes durable in a second: registrations and visits, on both databases.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::options::Options;
use super::table::count;
use crate::postgres::Cluster;
use crate::prerequisites::postgres_programs;
use crate::run::{cargo, output, run, say};
use crate::settings::Settings;

/// What the design asks for on two cores.
const ASKED: [(&str, &str, u64); 6] = [
    ("registration with declaration", "sqlite", 8_000),
    ("registration with declaration", "postgres", 5_000),
    ("visit", "sqlite", 30_000),
    ("visit", "postgres", 30_000),
    ("batch of 1,000 test results", "sqlite", 20),
    ("batch of 1,000 test results", "postgres", 20),
];

/// A cluster that syncs every commit to the disk, as in real life.
const DURABLE: &[&str] = &[
    "max_connections=100",
    "shared_buffers=2GB",
    "max_wal_size=8GB",
    "synchronous_commit=on",
];

/// Runs the load on SQLite and on PostgreSQL.
///
/// # Errors
/// The example does not build, or one of the databases fails.
pub fn measure(settings: &Settings, options: &Options) -> Result<String> {
    let arguments = ["build", "--release", "--package", "service"];
    run(cargo(&settings.root, &arguments).args(["--example", "load"]))?;
    let mut text = "## Durable writes\n\n\
        The clients run in the same process and wait for each answer before they ask again.\n\n\
        | what | database | clients | a second | median | 99 % within | asked for |\n\
        |---|---|---|---|---|---|---|\n"
        .to_owned();

    let folder = settings.bench_data.join("record");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let file = folder.join("city.db");
    text += &load(settings, options, &format!("sqlite:{}", file.display()))?;
    fs::remove_dir_all(&folder)?;

    let cluster = Cluster::start(&postgres_programs()?, DURABLE)?;
    text += &load(settings, options, &cluster.url())?;
    Ok(text)
}

/// The rows of one database.
fn load(settings: &Settings, options: &Options, database: &str) -> Result<String> {
    say(&format!(
        "load on {}",
        database.split(':').next().unwrap_or_default()
    ));
    let mut command = Command::new(settings.target.join("release/examples/load"));
    command.arg(database);
    let printed = output(command.args(["--seconds", &options.seconds.to_string()]))?;
    let mut rows = String::new();
    for line in printed.lines() {
        let measured: Value = serde_json::from_str(line)
            .with_context(|| format!("the load printed `{line}` instead of a result"))?;
        let word = |name: &str| measured[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| measured[name].as_f64().unwrap_or_default();
        let rate = measured["per_second"].as_u64().unwrap_or_default();
        let what = word("what");
        let asked = ASKED
            .iter()
            .find(|(name, database, _)| *name == what && *database == word("database"))
            .map_or(0, |(_, _, rate)| *rate);
        let verdict = if rate >= asked {
            "reached"
        } else {
            "not reached"
        };
        let _ = writeln!(
            rows,
            "| {what} | {} | {} | {} | {:.1} ms | {:.1} ms | {}, {verdict} |",
            word("database"),
            measured["clients"],
            count(rate),
            number("p50_ms"),
            number("p99_ms"),
            count(asked),
        );
    }
    Ok(rows)
}
