//! A Python with DuckDB, Polars and pyarrow, which reads the mirror and writes tables as somebody would
//! who knows nothing of this program.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use crate::python;
use crate::settings::Settings;

/// The Python of an environment with the versions of [`PACKAGES`] that the benchmarks use; installed
/// from PyPI unless an earlier run did that.
///
/// # Errors
/// Python 3 with `venv` is missing, or PyPI cannot be reached.
pub fn python(settings: &Settings) -> Result<PathBuf> {
    let requirements = settings.root.join("benches/peers/requirements.txt");
    let requirements =
        fs::read_to_string(&requirements).with_context(|| requirements.display().to_string())?;
    let version = |package: &&str| {
        let mut lines = requirements.lines();
        lines.find(|line| line.split("==").next() == Some(*package))
    };
    let wanted: Vec<&str> = PACKAGES.iter().filter_map(version).collect();
    ensure!(
        wanted.len() == PACKAGES.len(),
        "benches/peers/requirements.txt names no version of one of {}",
        PACKAGES.join(", ")
    );
    let environment = settings.target.join("outsider");
    let who = "reading the mirror with DuckDB";
    python::install(&environment, who, &wanted.join("\n"), &wanted)?;
    Ok(environment.join("bin/python"))
}

/// What it has.
const PACKAGES: [&str; 3] = ["duckdb", "polars", "pyarrow"];
