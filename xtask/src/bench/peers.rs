//! The other engines: Python packages of fixed versions in an environment of their own, and
//! PostgreSQL in a cluster of its own.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::kernels::Data;
use super::measured::{Measured, Question, Storage};
use super::options::{Options, Part};
use crate::postgres::Cluster;
use crate::prerequisites::postgres_programs;
use crate::python;
use crate::run::{output, run, say};
use crate::settings::Settings;

const ENGINES: [&str; 4] = ["duckdb", "polars", "chdb", "datafusion"];

/// All sides run so many threads.
const THREADS: &str = "2";

/// Room for everything that is read, and plans as for a disk that seeks for nothing. The data is
/// thrown away, so nothing waits for the disk.
const POSTGRES_SETTINGS: &[&str] = &[
    "shared_buffers=5GB",
    "effective_cache_size=14GB",
    "max_wal_size=8GB",
    "wal_level=minimal",
    "max_wal_senders=0",
    "random_page_cost=1.1",
    "fsync=off",
    "full_page_writes=off",
];

/// The peers, installed.
pub struct Peers {
    python: PathBuf,
    runner: PathBuf,
}

impl Peers {
    /// Installs the packages, unless an earlier run installed the same versions.
    ///
    /// # Errors
    /// Python 3 with `venv` is missing, or the packages cannot be installed.
    pub fn install(settings: &Settings) -> Result<Self> {
        let folder = settings.root.join("benches/peers");
        let environment = settings.bench_data.join("venv");
        let peers = Self {
            python: environment.join("bin/python"),
            runner: folder.join("run.py"),
        };
        let wanted = fs::read_to_string(folder.join("requirements.txt"))
            .context("cannot read benches/peers/requirements.txt")?;
        let list = folder.join("requirements.txt");
        let arguments = [OsStr::new("--requirement"), list.as_os_str()];
        python::install(&environment, "a peer", &wanted, arguments)?;
        Ok(peers)
    }

    /// The Python that has them.
    pub fn python(&self) -> &Path {
        &self.python
    }

    /// The versions of everything that is compared.
    ///
    /// # Errors
    /// A program does not say its version.
    pub fn versions(&self) -> Result<String> {
        let mut pip = Command::new(&self.python);
        let packages = output(pip.args(["-m", "pip", "freeze", "--disable-pip-version-check"]))?;
        let mut versions: Vec<String> = packages
            .lines()
            .filter(|line| {
                ENGINES
                    .iter()
                    .any(|engine| line.starts_with(&format!("{engine}==")))
            })
            .map(|line| line.replace("==", " "))
            .collect();
        let postgres =
            output(Command::new(postgres_programs()?.join("postgres")).arg("--version"))?;
        versions.push(postgres.trim().to_owned());
        Ok(format!("Peers: {}.", versions.join(", ")))
    }

    /// Makes what the peers read from what our side generated.
    ///
    /// # Errors
    /// The data cannot be read or there is no room for it.
    pub fn prepare(&self, name: &str, data: &Path) -> Result<()> {
        let mut command = Command::new(&self.python);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.arg(self.runner.with_file_name("prepare.py"));
        run(command.arg(name).arg(data))
    }

    /// Asks every peer all questions of one part; each engine in a process of its own.
    ///
    /// # Errors
    /// One of them fails.
    pub fn ask(
        &self,
        data: &Data,
        part: Part,
        storage: Storage,
        options: &Options,
    ) -> Result<Vec<Measured>> {
        let mut measured = Vec::new();
        for engine in ENGINES {
            say(&format!("{engine}: {} {}", data.name(), storage.title()));
            let mut command = self.command(engine, data, part, storage, options);
            measured.extend(Measured::read_all(&output(&mut command)?)?);
        }
        if part == Part::Trace && storage == Storage::Memory {
            say(&format!("postgres: {}", data.name()));
            let cluster = Cluster::start(&postgres_programs()?, POSTGRES_SETTINGS)?;
            let mut command = self.command("postgres", data, part, storage, options);
            command.env("BENCH_POSTGRES", cluster.url());
            // Its own processes hold the memory, not the one that asks.
            measured.extend(Measured::read_all(&output(&mut command)?)?.into_iter().map(
                |measured| Measured {
                    peak_bytes: None,
                    ..measured
                },
            ));
        }
        Ok(measured)
    }

    fn command(
        &self,
        engine: &str,
        data: &Data,
        part: Part,
        storage: Storage,
        options: &Options,
    ) -> Command {
        let questions: Vec<&str> = Question::of(part).iter().map(|q| q.word()).collect();
        let mut command = Command::new(&self.python);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.arg(&self.runner).arg(engine).args(questions);
        command.arg("--data").arg(&data.folder);
        command.args(["--storage", storage.word(), "--threads", THREADS]);
        command.args(["--repeat", &options.repeat.to_string()]);
        command
    }
}
