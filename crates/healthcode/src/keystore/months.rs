//! The file of the keys by region and month, a line for each region: region, month, 64 hexadecimal
//! digits. From a line follow the keys of its month and of every later one; an earlier one is gone.
//!
//! ```text
//! 330100 2020-02 0123…cdef
//! ```
//!
//! An empty file says that every key was destroyed, and is not filled again.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use domain::{IdSource, Region, Timestamp};
use service::{MonthChain, MonthKeeper, MonthKeys};

use super::files::{refuse_if_others_may_read, replace_private, write_private};
use super::{KeyFolder, SECRET};
use crate::hex;

const MONTHS: &str = "months.secret";

/// Writes the file.
struct MonthFile {
    path: PathBuf,
}

impl MonthKeeper for MonthFile {
    fn keep(&self, chains: &[MonthChain]) -> Result<(), String> {
        let kept = write_over(&self.path, &to_text(chains));
        kept.map_err(|error| format!("{error:#}"))
    }
}

impl KeyFolder {
    /// The keys of months. A folder of before there were any gets some, for `home` alone.
    ///
    /// # Errors
    /// If the file is damaged or readable by others, or is absent and cannot be written.
    pub fn months(&self, home: Region, now: Timestamp, ids: &dyn IdSource) -> Result<MonthKeys> {
        let path = self.path().join(MONTHS);
        if !path.exists() {
            let chains = [MonthChain::generate(home, now, ids)];
            write_private(&path, &to_text(&chains))?;
        }
        refuse_if_others_may_read(&path)?;
        let chains = read(&self.read(&path)?);
        let chains = chains.with_context(|| {
            format!(
                "{}: copy the newest one from another server; an older one opens what is to be \
                 forgotten",
                path.display()
            )
        })?;
        Ok(MonthKeys::new(chains, Arc::new(MonthFile { path })))
    }

    /// Whether there are keys of months.
    pub fn has_months(&self) -> bool {
        self.path().join(MONTHS).exists()
    }

    /// The files with private keys, but that of the log and that of the months: what the end of the
    /// emergency destroys.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn private_files(&self) -> Result<Vec<String>> {
        let files = fs::read_dir(self.path())
            .with_context(|| format!("{}: cannot be read", self.path().display()))?;
        let mut names = Vec::new();
        for file in files {
            let name = file?.file_name().to_string_lossy().into_owned();
            let is_private = [SECRET, super::ROOT].contains(&&*name)
                || name.starts_with("issuer-")
                || name.starts_with("freshness-");
            if is_private {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Destroys files with private keys.
    ///
    /// # Errors
    /// If one cannot be written over or removed; those before it are gone. May be repeated.
    pub fn destroy(&self, names: &[String]) -> Result<()> {
        names
            .iter()
            .try_for_each(|name| destroy(&self.path().join(name)))
    }

    /// Destroys the key of the log: nothing is ever added to it again. Its public half stays.
    ///
    /// # Errors
    /// If the file cannot be written over or removed.
    pub fn destroy_log_key(&self) -> Result<()> {
        let path = self.path().join(super::LOG);
        if path.exists() {
            destroy(&path)?;
        }
        Ok(())
    }
}

/// Puts a new content in the place of an old one, whole or not at all, and then writes zeros over the
/// old one. A disk that moves what it writes, and a file system that keeps copies, may still have it: see
/// `docs/operating/ends.md`.
fn write_over(path: &Path, text: &str) -> Result<()> {
    let not_opened = || format!("{}: cannot be written over", path.display());
    let mut old = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .with_context(not_opened)?;
    let mut before = String::new();
    old.read_to_string(&mut before).with_context(not_opened)?;
    // Another process may have ended everything meanwhile.
    if before.is_empty() && !text.is_empty() {
        bail!("{}: every key was destroyed", path.display());
    }
    replace_private(path, text)?;
    blank(&mut old).with_context(not_opened)
}

fn destroy(path: &Path) -> Result<()> {
    let done = OpenOptions::new()
        .write(true)
        .open(path)
        .and_then(|mut file| blank(&mut file))
        .and_then(|()| fs::remove_file(path));
    done.with_context(|| format!("{}: cannot be written over and removed", path.display()))
}

/// Writes zeros over a file, to the disk.
fn blank(file: &mut fs::File) -> io::Result<()> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&vec![0; usize::try_from(length).unwrap_or_default()])?;
    file.sync_all()
}

fn to_text(chains: &[MonthChain]) -> String {
    let lines = chains.iter().map(|chain| {
        let secret = hex::encode(&chain.secret);
        format!("{} {} {secret}\n", chain.region, chain.first)
    });
    lines.collect()
}

fn read(text: &str) -> Result<Vec<MonthChain>> {
    text.lines().map(line).collect()
}

fn line(line: &str) -> Result<MonthChain> {
    let mut words = line.split_whitespace();
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(region), Some(first), Some(secret), None) => Ok(MonthChain {
            region: region.parse()?,
            first: first.parse()?,
            secret: hex::decode_32(secret).context("expected 64 hexadecimal digits")?,
        }),
        _ => bail!("expected a region, a month and a key in each line"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemIds;

    #[test]
    fn what_is_destroyed_is_gone_from_the_file_and_stays_gone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::at(dir.path());
        let home: Region = "330100".parse().unwrap();
        let now: Timestamp = "2020-02-17T00:00:00Z".parse().unwrap();
        let months = folder.months(home, now, &SystemIds).unwrap();
        let path = dir.path().join(MONTHS);
        let before = fs::read_to_string(&path).unwrap();
        assert!(before.contains(" 2020-02 "), "{before}");
        let same = folder.months(home, now, &SystemIds).unwrap();
        assert_eq!(same.earliest(), months.earliest());

        months
            .destroy_before(None, "2020-05".parse().unwrap())
            .unwrap();
        let after = fs::read_to_string(&path).unwrap();
        assert!(after.contains(" 2020-05 "), "{after}");
        let secret = before.split_whitespace().last().unwrap();
        assert!(!after.contains(secret));

        months.destroy_all().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        // Another process that knows them still does not bring them back.
        assert!(
            same.destroy_before(None, "2020-06".parse().unwrap())
                .is_err()
        );
        // The next start makes no new ones.
        let ended = folder.months(home, now, &SystemIds).unwrap();
        assert_eq!(ended.earliest(), None);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let key = "ab".repeat(32);
        assert!(read(&format!("330100 2020-02 {key}\nCN 2020-03 {key}\n")).is_ok());
        for bad in [
            "330100 2020-02",
            &format!("33x 2020-02 {key}"),
            &format!("33 2020-13 {key}"),
            "33 2020-02 abc",
            "\0\0\0",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
