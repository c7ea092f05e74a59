//! What the gate needs besides Rust: the wasm target, PostgreSQL and a browser. Installs what it can.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::{find_program, output, run, say};

const WASM: &str = "wasm32-unknown-unknown";

/// Sees to it that the wasm target is there.
///
/// # Errors
/// It is missing and cannot be installed; says what to do.
pub fn wasm_target() -> Result<()> {
    if wasm_target_is_there()? {
        say(&format!("{WASM}: there"));
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", WASM])).with_context(|| {
        format!("the target {WASM} is missing; install it with `rustup target add {WASM}`")
    })
}

fn wasm_target_is_there() -> Result<bool> {
    let folder =
        output(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]))?;
    Ok(Path::new(folder.trim()).is_dir())
}

/// The folder with `initdb`, `postgres` and `pg_isready`; installs PostgreSQL if it can.
///
/// # Errors
/// PostgreSQL is missing and cannot be installed; says what to do.
pub fn postgres_programs() -> Result<PathBuf> {
    if let Some(folder) = find_postgres() {
        say(&format!("PostgreSQL: {}", folder.display()));
        return Ok(folder);
    }
    if !is_root()? || find_program("apt-get").is_none() {
        bail!(
            "PostgreSQL is missing. Install its server (Debian, Ubuntu: `apt-get install postgresql`; \
             Fedora: `dnf install postgresql-server`; macOS: `brew install postgresql`), or name a \
             running one in HEALTHCODE_TEST_POSTGRES"
        );
    }
    say("PostgreSQL is missing; installing it");
    apt_install(&["postgresql"])?;
    find_postgres()
        .context("PostgreSQL was installed, but its programs are not where they should be")
}

/// `strace`, under which a power cut is tried; installs it if it can, and says so if it cannot.
pub fn strace() -> bool {
    if find_program("strace").is_some() {
        return true;
    }
    if matches!(is_root(), Ok(true)) && find_program("apt-get").is_some() {
        say("strace is missing; installing it");
        if let Err(error) = apt_install(&["strace"]) {
            say(&format!("{error:#}"));
        }
    }
    find_program("strace").is_some()
}

/// The program that drives Chromium; installs both if it can.
///
/// # Errors
/// One of them is missing and cannot be installed; says what to do.
pub fn chromedriver() -> Result<PathBuf> {
    let found = || {
        let is_there = find_program("chromium").or_else(|| find_program("google-chrome"));
        is_there.and_then(|_| find_program("chromedriver"))
    };
    if let Some(driver) = found() {
        say(&format!("Chromium's driver: {}", driver.display()));
        return Ok(driver);
    }
    if !is_root()? || find_program("apt-get").is_none() {
        bail!(
            "Chromium or its driver is missing; the pages are tried in it. Install both (Debian: \
             `apt-get install chromium chromium-driver`; Fedora: `dnf install chromium chromedriver`; \
             macOS: `brew install --cask chromium chromedriver`)"
        );
    }
    say("Chromium is missing; installing it");
    apt_install(&["chromium", "chromium-driver"])?;
    found().context("Chromium was installed, but its driver is not on the path")
}

/// The program that drives Firefox; `None` where it or Firefox is missing. It is not installed: no package of
/// Debian has it, and building it takes minutes.
pub fn geckodriver() -> Option<PathBuf> {
    let is_there = find_program("firefox-esr").or_else(|| find_program("firefox"));
    is_there.and_then(|_| find_program("geckodriver"))
}

fn apt_install(packages: &[&str]) -> Result<()> {
    // A machine whose package lists are partly out of reach may still have these in the rest.
    if let Err(error) = run(&mut apt_get(&["update"])) {
        say(&format!("{error:#}; trying with the lists that are there"));
    }
    let install = ["install", "--yes", "--no-install-recommends"];
    run(&mut apt_get(&[&install[..], packages].concat()))
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command
        .args(["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"])
        .args(arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn find_postgres() -> Option<PathBuf> {
    debian_folders()
        .into_iter()
        .chain(configured_folder())
        .chain(folder_on_path())
        .find(|folder| {
            ["initdb", "postgres", "pg_isready"]
                .iter()
                .all(|name| folder.join(name).is_file())
        })
}

/// Debian keeps each version in a folder of its own, away from `PATH`; the newest first.
fn debian_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut numbered: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    numbered.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    numbered.into_iter().map(|(_, folder)| folder).collect()
}

fn configured_folder() -> Option<PathBuf> {
    let folder = output(Command::new(find_program("pg_config")?).arg("--bindir")).ok()?;
    Some(PathBuf::from(folder.trim()))
}

fn folder_on_path() -> Option<PathBuf> {
    let initdb = find_program("initdb")?;
    let initdb = fs::canonicalize(&initdb).unwrap_or(initdb);
    initdb.parent().map(Path::to_owned)
}

/// Whether this process runs as root.
///
/// # Errors
/// `id` cannot be run.
pub fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}
