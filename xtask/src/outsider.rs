//! A Python with DuckDB, which reads the mirror as somebody would who knows nothing of this program.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::run;
use crate::settings::Settings;

/// The Python of an environment with the version of DuckDB that the benchmarks use; installed from
/// PyPI unless an earlier run did that.
///
/// # Errors
/// Python 3 with `venv` is missing, or PyPI cannot be reached.
pub fn duckdb(settings: &Settings) -> Result<PathBuf> {
    let requirements = settings.root.join("benches/peers/requirements.txt");
    let requirements =
        fs::read_to_string(&requirements).with_context(|| requirements.display().to_string())?;
    let wanted = requirements
        .lines()
        .find(|line| line.starts_with("duckdb=="));
    let wanted = wanted.context("benches/peers/requirements.txt names no version of duckdb")?;
    let environment = settings.target.join("outsider");
    let python = environment.join("bin/python");
    let installed = environment.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run(Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment))
    .context(
        "reading the mirror with DuckDB needs Python 3 with venv (Debian, Ubuntu: `apt-get install \
         python3-venv`)",
    )?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", wanted]))?;
    fs::write(installed, wanted)?;
    Ok(python)
}
