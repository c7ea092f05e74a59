//! Generated files. A test in the crate that owns each of them fails when it is stale.

use anyhow::Result;

use crate::run::{cargo, run, say};
use crate::settings::Settings;

/// What is generated, and the `cargo` command that writes it.
const GENERATED: &[(&str, &[&str])] = &[];

/// Writes every generated file anew.
///
/// # Errors
/// A generator fails.
pub fn generate(settings: &Settings) -> Result<bool> {
    for (what, arguments) in GENERATED {
        say(&format!("\n== {what}"));
        run(&mut cargo(&settings.root, arguments))?;
    }
    Ok(true)
}
