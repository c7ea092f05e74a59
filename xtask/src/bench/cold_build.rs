//! How long a newcomer waits: clone, build with nothing downloaded yet, run the demonstration.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::table::bytes;
use crate::run::{cargo, run};
use crate::settings::Settings;

/// Builds a fresh clone with an empty cargo home, and measures the binary.
///
/// # Errors
/// A step fails.
pub fn measure(settings: &Settings) -> Result<String> {
    let folder = settings.bench_data.join("cold-build");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let home = folder.join("cargo-home");
    fs::create_dir_all(&home)?;
    // Where crates are downloaded from is the machine's choice and stays.
    for name in ["config.toml", "config"] {
        let own = settings.cargo_home.join(name);
        if own.is_file() {
            fs::copy(&own, home.join(name))
                .with_context(|| format!("cannot copy {}", own.display()))?;
        }
    }
    let checkout = folder.join("checkout");
    let clone = seconds(
        Command::new("git")
            .args(["clone", "--quiet", "--no-hardlinks"])
            .arg(&settings.root)
            .arg(&checkout),
    )?;
    let target = folder.join("target");
    let within = |command: &mut Command| {
        seconds(
            command
                .env("CARGO_HOME", &home)
                .env("CARGO_TARGET_DIR", &target),
        )
    };
    let arguments = ["build", "--release", "--package", "healthcode"];
    let build = within(&mut cargo(&checkout, &arguments))?;
    let binary = target.join("release/healthcode");
    let demo = within(
        Command::new(&binary)
            .args(["demo", "--headless"])
            .current_dir(&checkout),
    )?;
    let size = size_of_file(&binary)?;
    fs::remove_dir_all(&folder)?;
    Ok(format!(
        "## Cold build\n\n\
         | step | took |\n|---|---|\n\
         | clone | {clone:.0} s |\n\
         | `cargo build --release --package healthcode`, empty cargo home | {build:.0} s |\n\
         | `healthcode demo --headless` | {demo:.0} s |\n\n\
         The binary has {}.",
        bytes(size)
    ))
}

fn size_of_file(file: &Path) -> Result<u64> {
    let about = fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(about.len())
}

/// Runs a command and says how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]
fn seconds(command: &mut Command) -> Result<f64> {
    let started = Instant::now();
    run(command)?;
    Ok(started.elapsed().as_secs_f64())
}
