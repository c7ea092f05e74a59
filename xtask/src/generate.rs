//! Generated files. A test in the crate that owns each of them fails when it is stale.

use std::fs;

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
        // The page of the tables is written by its own test, when it is told to.
        run(cargo(&settings.root, &arguments).env("WRITE_DATA_MODEL", "1"))?;
    }
    Ok(true)
}
