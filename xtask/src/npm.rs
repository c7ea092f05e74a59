//! What tests need from npm: the certified OpenID Connect provider that sign-in is tested against, and
//! what looks for barriers on the pages.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::{find_program, run};
use crate::settings::Settings;

/// A folder of the checkout whose `package.json` names packages and versions.
#[derive(Clone, Copy)]
pub struct Packages {
    /// Where the versions stand.
    manifest: &'static str,
    /// Where they are installed, below the target folder.
    folder: &'static str,
}

/// The certified provider.
pub const IDENTITY_PROVIDER: Packages = Packages {
    manifest: "crates/service/tests/providers/package.json",
    folder: "identity-provider",
};

/// axe-core.
pub const AXE: Packages = Packages {
    manifest: "crates/healthcode/tests/command_line/browser/package.json",
    folder: "axe",
};

/// The folder in which the packages are installed, outside the checkout; installs them unless an earlier
/// run did that.
///
/// # Errors
/// Node or npm is missing, or npm's registry cannot be reached.
pub fn installed(settings: &Settings, packages: Packages) -> Result<PathBuf> {
    for program in ["node", "npm"] {
        find_program(program).with_context(|| {
            format!(
                "`{program}` is missing; the packages of {} need Node.js 20 or later (Debian, Ubuntu: \
                 `apt-get install nodejs npm`)",
                packages.manifest
            )
        })?;
    }
    let manifest = settings.root.join(packages.manifest);
    let wanted = fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
    let folder = settings.target.join(packages.folder);
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
