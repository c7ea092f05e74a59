//! A server of ours: keys, a database, a policy in force, and the process.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::run::{cargo, output, run, say};
use crate::settings::Settings;

/// How often the same one may ask, for measurements: as often as they like.
pub const UNLIMITED: &str = "[rates]
registrations = \"off\"
verifications = \"off\"
sign_ins = \"off\"
one_time_codes = \"off\"
writes = \"off\"
evidence = \"off\"
proposals = \"off\"
";

/// The built program.
pub struct Server {
    program: PathBuf,
    policy: PathBuf,
}

/// One that runs. Dropping it ends it.
pub struct Running {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Builds the program.
    ///
    /// # Errors
    /// It does not build.
    pub fn build(settings: &Settings) -> Result<Self> {
        let arguments = ["build", "--release", "--package", "healthcode"];
        Self::built_by(settings, &arguments, "release/healthcode")
    }

    /// Builds the program as those who work on it do.
    ///
    /// # Errors
    /// It does not build.
    pub fn build_for_development(settings: &Settings) -> Result<Self> {
        let arguments = ["build", "--package", "healthcode"];
        Self::built_by(settings, &arguments, "debug/healthcode")
    }

    /// One that is built already.
    pub fn of(settings: &Settings, program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            policy: settings.root.join("policies/hangzhou.toml"),
        }
    }

    fn built_by(settings: &Settings, arguments: &[&str], program: &str) -> Result<Self> {
        run(&mut cargo(&settings.root, arguments))?;
        Ok(Self::of(settings, &settings.target.join(program)))
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// A policy.
    pub fn policy(&self) -> &Path {
        &self.policy
    }

    /// Starts it in `folder`, which is emptied first, on an embedded database, with the default
    /// settings; its log goes into a file there.
    ///
    /// # Errors
    /// A step fails.
    pub fn start(&self, folder: &Path) -> Result<Running> {
        // The load comes from one address, and from few people and authorities.
        self.start_with(folder, UNLIMITED)
    }

    /// The same, with settings of its own.
    ///
    /// # Errors
    /// A step fails.
    pub fn start_with(&self, folder: &Path, config: &str) -> Result<Running> {
        if folder.exists() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(folder)?;
        let database = format!("sqlite:{}", folder.join("city.db").display());
        let keys = folder.join("keys");
        let command = |words: &[&str]| {
            let mut command = Command::new(&self.program);
            command.args(words).arg("--keys").arg(&keys);
            command
        };
        output(&mut command(&[
            "keys",
            "generate",
            "--issuer",
            "3301",
            "--url",
            "https://codes.example.org",
        ]))?;
        let of_database = ["--database-url", database.as_str()];
        output(command(&["migrate"]).args(of_database))?;
        // Proving phones is not what is measured: everybody gets a code at once.
        let policy = fs::read_to_string(&self.policy)?;
        let policy = policy.replace("needs = \"phone\"", "needs = \"claimed\"");
        let published = folder.join("policy.toml");
        fs::write(&published, policy)?;
        output(
            command(&["policy", "publish"])
                .arg(&published)
                .args(of_database),
        )?;
        let written = folder.join("healthcode.toml");
        fs::write(&written, config)?;
        let log = File::create(folder.join("log"))?;
        let mut process = command(&["serve", "--json", "--listen", "127.0.0.1:0"])
            .arg("--config")
            .arg(&written)
            .args(of_database)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("cannot start the server")?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        match listening(&line) {
            Ok(address) => Ok(Running { process, address }),
            Err(error) => {
                let _ = process.kill();
                let _ = process.wait();
                let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
                Err(error.context(log))
            }
        }
    }
}

impl Running {
    /// The memory it holds now, in bytes.
    ///
    /// # Errors
    /// It has ended.
    pub fn memory(&self) -> Result<u64> {
        let status = format!("/proc/{}/status", self.process.id());
        let status = fs::read_to_string(status).context("the server has ended")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes: u64 = line
            .and_then(|line| line.split_whitespace().next())
            .context("the system does not say how much memory a process holds")?
            .parse()?;
        Ok(kibibytes * 1024)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let process = self.process.id().to_string();
        if output(Command::new("kill").args(["-TERM", &process])).is_err() {
            let _ = self.process.kill();
        }
        if let Err(error) = self.process.wait() {
            say(&format!("the server did not end: {error}"));
        }
    }
}

fn listening(line: &str) -> Result<SocketAddr> {
    let said: Value = serde_json::from_str(line)
        .with_context(|| format!("the server said `{line}` instead of where it listens"))?;
    let url = said["listening"].as_str().unwrap_or_default();
    let address = url.strip_prefix("http://").unwrap_or(url);
    address
        .parse()
        .with_context(|| format!("`{url}` is no address"))
}
