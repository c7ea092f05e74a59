//! Generated files. A test in the crate that owns each of them fails when it is stale.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::run::{cargo, run, say};
use crate::settings::Settings;

/// What is generated, and the arguments of `cargo` that write it.
const GENERATED: &[(&str, &str)] = &[
    (
        "docs/policy.schema.json",
        "run --quiet --package domain --example policy_schema",
    ),
    (
        "docs/data-model.md",
        "test --quiet --package tables --lib data_model",
    ),
    (
        "crates/credential/vectors",
        "run --quiet --package credential --example vectors",
    ),
    (
        "docs/api/openapi.json",
        "run --quiet --package healthcode openapi -o docs/api/openapi.json",
    ),
];

/// Writes every generated file anew.
///
/// # Errors
/// A generator fails, or the folder for its file cannot be made.
pub fn generate(settings: &Settings) -> Result<bool> {
    for (what, arguments) in GENERATED {
        say(&format!("\n== {what}"));
        if let Some(folder) = settings.root.join(what).parent() {
            fs::create_dir_all(folder)?;
        }
        let arguments: Vec<&str> = arguments.split(' ').collect();
        // The page of the tables is written by its own test, on request.
        run(cargo(&settings.root, &arguments).env("WRITE_DATA_MODEL", "1"))?;
    }
    scanner(settings)?;
    Ok(true)
}

/// Compiles the scanner for browsers and packs it; a test of `web` notes from which sources, and fails
/// when they are others.
fn scanner(settings: &Settings) -> Result<()> {
    say("\n== crates/web/assets/scanner.wasm.gz");
    let target = "wasm32-unknown-unknown";
    let arguments = [
        "build",
        "--package",
        "scanner",
        "--profile",
        "scanner",
        "--target",
        target,
    ];
    run(cargo(&settings.root, &arguments).env_remove("RUSTFLAGS"))?;
    let compiled = settings.target.join(target).join("scanner/scanner.wasm");
    let packed = settings.root.join("crates/web/assets/scanner.wasm.gz");
    let mut pack = Command::new("gzip");
    pack.args(["-9", "-n", "-c"])
        .stdin(Stdio::from(File::open(compiled)?));
    let output = pack.output()?;
    anyhow::ensure!(output.status.success(), "gzip failed: {}", output.status);
    fs::write(packed, output.stdout)?;
    let note = [
        "test",
        "--quiet",
        "--package",
        "web",
        "--lib",
        "scanner_is_compiled",
    ];
    run(cargo(&settings.root, &note).env("WRITE_SCANNER_SOURCES", "1"))
}
