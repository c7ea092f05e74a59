//! Signing and verifying codes, and how large they are.

use anyhow::Result;

use crate::run::{cargo, output, say};
use crate::settings::Settings;

/// Runs the example that measures them.
///
/// # Errors
/// It does not build or fails.
pub fn measure(settings: &Settings) -> Result<String> {
    say("codes");
    let arguments = ["run", "--quiet", "--release", "--package", "credential"];
    let mut command = cargo(&settings.root, &arguments);
    let speeds = output(command.args(["--features", "server", "--example", "speed"]))?;
    Ok(format!(
        "## Codes\n\nThe sizes are held by the tests in `crates/credential/tests/sizes.rs`.\n\n```\n{}\n```",
        speeds.trim()
    ))
}
