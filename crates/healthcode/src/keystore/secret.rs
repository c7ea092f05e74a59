//! The file of the installation's secret: a line of 64 hexadecimal digits, from which everything
//! derives, and then a line for each change of the key that seals the vault.
//!
//! ```text
//! 0123…cdef
//! vault 2 89ab…4567
//! vault 1 dropped
//! ```

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use domain::IdSource;

use super::files::{refuse_if_others_may_read, replace_private};
use super::{KeyFolder, SECRET, Transit};
use crate::hex;

const DROPPED: &str = "dropped";

/// Reads the file.
pub(super) fn read(text: &str) -> Result<service::Keys> {
    let mut lines = text.trim_end().lines();
    let digits = |text: &str| hex::decode_32(text).context("expected 64 hexadecimal digits");
    let secret = digits(lines.next().unwrap_or_default().trim())?;
    let mut keys = service::Keys::from_secret(&secret);
    for line in lines {
        let (number, what) = vault_line(line)?;
        keys.vault = if what == DROPPED {
            keys.vault.without_seal(number)
        } else {
            keys.vault.with_seal(number, digits(what)?)
        };
    }
    Ok(keys)
}

fn vault_line(line: &str) -> Result<(u8, &str)> {
    let mut words = line.split_whitespace();
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("vault"), Some(number), Some(what), None) => Ok((number.parse()?, what)),
        _ => bail!("expected `vault`, a number and a key"),
    }
}

/// The numbers of the keys that are in use.
fn numbers(text: &str) -> Result<BTreeSet<u8>> {
    let mut numbers = BTreeSet::from([1]);
    for line in text.trim_end().lines().skip(1) {
        let (number, what) = vault_line(line)?;
        if what == DROPPED {
            numbers.remove(&number);
        } else {
            numbers.insert(number);
        }
    }
    Ok(numbers)
}

impl KeyFolder {
    /// Adds another key to the vault, which seals from the next start of the servers on; its number.
    ///
    /// # Errors
    /// If the file is absent, damaged or readable by others; if two keys are in use already.
    pub fn rotate_vault(&self, ids: &dyn IdSource) -> Result<u8> {
        let text = self.secret_text()?;
        let numbers = numbers(&text)?;
        ensure!(
            numbers.len() < 2,
            "two keys of the vault are in use already; once all is rewritten, drop the older one with \
             `healthcode keys drop-vault`"
        );
        let number = numbers.last().copied().unwrap_or_default();
        let number = number.checked_add(1).context("there were 255 keys")?;
        let mut key = [0; 32];
        ids.fill(&mut key);
        let line = format!("vault {number} {}\n", hex::encode(&key));
        self.replace_secret(&(text + &line))?;
        Ok(number)
    }

    /// The older of two keys of the vault.
    ///
    /// # Errors
    /// If there is only one; if the file is absent, damaged or readable by others.
    pub fn older_vault_key(&self) -> Result<u8> {
        let numbers = numbers(&self.secret_text()?)?;
        let mut numbers = numbers.iter();
        match (numbers.next(), numbers.next()) {
            (Some(older), Some(_)) => Ok(*older),
            _ => bail!("the vault has one key only; `healthcode keys rotate-vault` adds another"),
        }
    }

    /// Takes the older of two keys out of the vault. Its digits leave the file, except those of key 1,
    /// which follow from the installation's secret.
    ///
    /// # Errors
    /// As [`Self::older_vault_key`].
    pub fn drop_older_vault_key(&self) -> Result<u8> {
        let older = self.older_vault_key()?;
        let text = self.secret_text()?;
        let is_of_older = |line: &&str| vault_line(line).is_ok_and(|(number, _)| number == older);
        let lines = text.lines().filter(|line| !is_of_older(line));
        let mut text: String = lines.map(|line| format!("{line}\n")).collect();
        text.push_str(&format!("vault {older} {DROPPED}\n"));
        self.replace_secret(&text)?;
        Ok(older)
    }

    /// Lets a key service seal the secret from now on.
    ///
    /// # Errors
    /// If the service does not seal it, or does not open it again; if a file cannot be written.
    pub fn seal_secret(&self, transit: &Transit) -> Result<()> {
        ensure!(
            Transit::of(self.path())?.is_none(),
            "a key service seals the secret already; `healthcode keys unwrap` takes it back first"
        );
        let text = self.secret_text()?;
        let sealed = transit.seal(&text)?;
        ensure!(
            transit.open(&sealed)? == text,
            "{}: the key service does not give back what it sealed",
            transit.url
        );
        transit.write(self.path())?;
        replace_private(&self.path().join(SECRET), &format!("{sealed}\n"))
    }

    /// Takes the secret back from the key service: it lies in the file again.
    ///
    /// # Errors
    /// If no service seals it, or it does not open it; if a file cannot be written.
    pub fn unseal_secret(&self) -> Result<()> {
        ensure!(
            Transit::of(self.path())?.is_some(),
            "no key service seals the secret"
        );
        replace_private(&self.path().join(SECRET), &self.secret_text()?)?;
        Transit::forget(self.path())
    }

    /// The text of the file, opened by the key service if that sealed it.
    pub(super) fn opened_secret(&self) -> Result<String> {
        let path = self.path().join(SECRET);
        refuse_if_others_may_read(&path)?;
        let text = self.read(&path)?;
        if !Transit::is_sealed(&text) {
            return Ok(text);
        }
        let transit = Transit::of(self.path())?;
        let transit = transit.with_context(|| {
            format!(
                "{}: a key service sealed it, and transit.toml beside it does not say which; restore \
                 that file from the backup",
                path.display()
            )
        })?;
        transit.open(&text)
    }

    /// Writes the file, sealed if a key service seals it.
    fn replace_secret(&self, text: &str) -> Result<()> {
        let path = self.path().join(SECRET);
        match Transit::of(self.path())? {
            Some(transit) => replace_private(&path, &format!("{}\n", transit.seal(text)?)),
            None => replace_private(&path, text),
        }
    }

    fn secret_text(&self) -> Result<String> {
        let path = self.path().join(SECRET);
        let text = self.opened_secret()?;
        read(&text).with_context(|| format!("{}: restore it from the backup", path.display()))?;
        Ok(text.trim_end().to_owned() + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_version_0_1_has_one_key_and_lines_add_and_drop_others() {
        let first = "ab".repeat(32);
        let second = "cd".repeat(32);
        let of = |text: &str| numbers(text).unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(of(&first), [1]);
        let two = format!("{first}\nvault 2 {second}\n");
        assert_eq!(of(&two), [1, 2]);
        let dropped = format!("{two}vault 1 dropped\n");
        assert_eq!(of(&dropped), [2]);
        for good in [&first, &two, &dropped] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ab",
            &format!("{first}\nseal 2 {second}"),
            &format!("{first}\nvault 2 ab"),
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
