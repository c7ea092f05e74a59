//! The certified OpenID Connect provider that sign-in is tested against, as it comes from npm.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::{find_program, run};
use crate::settings::Settings;

/// The folder in which the versions of `crates/service/tests/providers/package.json` are installed,
/// outside the checkout; installs them unless an earlier run did that.
///
/// # Errors
/// Node or npm is missing, or npm's registry cannot be reached.
pub fn installed(settings: &Settings) -> Result<PathBuf> {
    for program in ["node", "npm"] {
        find_program(program).with_context(|| {
            format!(
                "`{program}` is missing; sign-in is tested against a provider that runs on Node.js 20 \
                 or later (Debian, Ubuntu: `apt-get install nodejs npm`)"
            )
        })?;
    }
    let manifest = settings
        .root
        .join("crates/service/tests/providers/package.json");
    let wanted = fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
    let folder = settings.target.join("identity-provider");
    let stamp = folder.join("installed.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), &wanted)?;
    // What comes from a registry runs only when the test starts it.
    run(Command::new("npm")
        .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
        .arg("--prefix")
        .arg(&folder))?;
    fs::write(stamp, wanted)?;
    Ok(folder)
}
