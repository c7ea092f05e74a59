//! A clean Debian in a folder, of the release that this machine runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::Shipped;
use crate::run::{output, run};

/// The folder.
pub(super) struct DebianRoot {
    path: PathBuf,
}

impl DebianRoot {
    /// A fresh one: made by `debootstrap` the first time, a copy of that later.
    ///
    /// # Errors
    /// The packages of Debian cannot be fetched, or the disk is full.
    pub(super) fn fresh(shipped: &Shipped<'_>) -> Result<Self> {
        let release = fs::read_to_string("/etc/os-release")?;
        let mut lines = release.lines();
        let name = lines.find_map(|line| line.strip_prefix("VERSION_CODENAME="));
        let name = name.context("/etc/os-release names no release of Debian")?;
        let kept = shipped
            .settings
            .target
            .join("package")
            .join(format!("debian-{name}"));
        if !kept.exists() {
            let unfinished = shipped.folder("debian-unfinished")?;
            run(Command::new("debootstrap")
                .args([
                    "--variant=minbase",
                    "--include=systemd,ca-certificates",
                    name,
                ])
                .arg(&unfinished))?;
            fs::rename(&unfinished, &kept)?;
        }
        let path = shipped.folder("debian")?;
        fs::remove_dir(&path)?;
        output(Command::new("cp").arg("--archive").arg(&kept).arg(&path))?;
        Ok(Self { path })
    }

    /// Where a file of it lies on this machine.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name.trim_start_matches('/'))
    }

    /// Copies a file into it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn copy(&self, from: &Path, to: &str) -> Result<()> {
        let copied = fs::copy(from, self.path(to));
        copied
            .map(|_| ())
            .with_context(|| format!("cannot copy {}", from.display()))
    }

    /// What a shell in it runs, as `user`, in the folder of the database. Processes and mounts are its
    /// own and end with the command.
    pub(super) fn shell(&self, user: &str, command: &str) -> Command {
        let folder = "cd /var/lib/healthcode 2>/dev/null || cd /";
        let mut shell = Command::new("unshare");
        shell
            .args([
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "--root",
            ])
            .arg(&self.path)
            .args(["--", "runuser", "-u", user, "--", "sh", "-ec"])
            .arg(format!("{folder}; {command}"))
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        shell
    }
}
