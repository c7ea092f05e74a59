//! The folder with the installation's keys.
//!
//! | file | holds |
//! |---|---|
//! | `installation.secret` | 256 random bits from which the vault's keys and people's tokens derive |
//! | `issuer-MADE-NAME.pem` | an Ed25519 key that signs codes, made at MADE |
//!
//! Every file is readable by its owner alone. Two issuer keys live at once while they change: a new
//! one is published in the trust list first and signs once it is [`PUBLISHED_FIRST`] old, when every
//! checkpoint that is ever online has heard of it; the old one stays trusted until it is retired.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use credential::{IssuerKey, KeyId};
use domain::{IdSource, Timestamp};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// A key is in the trust list for so long before it signs: a status list serves a checkpoint for at
/// most a day, so each fetches lists at least daily.
pub const PUBLISHED_FIRST: SignedDuration = SignedDuration::from_hours(24);
/// A printed card, the longest-lived code, outlives its signature by so much at most.
pub const LONGEST_CODE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// An issuer key older than this should be replaced.
pub const SHOULD_CHANGE_AFTER: SignedDuration = SignedDuration::from_hours(180 * 24);

const SECRET: &str = "installation.secret";
const MADE_AT: &str = "%Y%m%dT%H%M%SZ";

/// The folder.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    path: PathBuf,
}

/// An issuer key and when it was made.
#[derive(Debug)]
pub struct StoredKey {
    /// The key.
    pub key: IssuerKey,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its file.
    pub path: PathBuf,
}

impl KeyFolder {
    /// The folder at `path`, whether it exists or not.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the installation's secret is there.
    pub fn has_secret(&self) -> bool {
        self.path.join(SECRET).exists()
    }

    /// Makes the folder, the secret and a first issuer key.
    ///
    /// # Errors
    /// If there is a secret already: replacing it would lose every identity.
    pub fn generate(&self, ids: &dyn IdSource, now: Timestamp) -> Result<KeyId> {
        if self.has_secret() {
            bail!(
                "{}: there are keys already, and replacing the secret would lose every identity; \
                 for a new issuer key run `healthcode keys rotate`",
                self.path.display()
            );
        }
        make_private_folder(&self.path).with_context(|| {
            format!("{}: cannot be made; choose another folder with --keys", self.path.display())
        })?;
        let (_, secret) = service::Keys::generate(ids);
        let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        write_private(&self.path.join(SECRET), &format!("{digits}\n"))?;
        self.add_issuer_key(ids, now)
    }

    /// Makes another issuer key.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add_issuer_key(&self, ids: &dyn IdSource, now: Timestamp) -> Result<KeyId> {
        let key = IssuerKey::generate(ids)?;
        let made = now.to_zoned(TimeZone::UTC).strftime(MADE_AT);
        let name = format!("issuer-{made}-{}.pem", key.id());
        write_private(&self.path.join(name), &key.to_pem()?)?;
        Ok(key.id())
    }

    /// The keys that identities and tokens rest on.
    ///
    /// # Errors
    /// If the file is absent, damaged, or readable by others.
    pub fn secret(&self) -> Result<service::Keys> {
        let path = self.path.join(SECRET);
        refuse_if_others_may_read(&path)?;
        let text = fs::read_to_string(&path).with_context(|| {
            format!(
                "{}: cannot be read; name the right folder with --keys, or make keys with \
                 `healthcode keys generate`",
                path.display()
            )
        })?;
        let secret = bytes_of(text.trim()).with_context(|| {
            format!("{}: expected 64 hexadecimal digits; restore it from the backup", path.display())
        })?;
        Ok(service::Keys::from_secret(&secret))
    }

    /// The issuer keys, newest first.
    ///
    /// # Errors
    /// If there is none, or if one is damaged or readable by others.
    pub fn issuer_keys(&self) -> Result<Vec<StoredKey>> {
        let mut keys = Vec::new();
        let entries = fs::read_dir(&self.path).with_context(|| {
            format!(
                "{}: cannot be read; name the right folder with --keys, or make keys with \
                 `healthcode keys generate`",
                self.path.display()
            )
        })?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let Some(made_at) = name.as_deref().and_then(made_at) else { continue };
            refuse_if_others_may_read(&path)?;
            let pem = fs::read_to_string(&path)
                .with_context(|| format!("{}: cannot be read", path.display()))?;
            let key = IssuerKey::from_pem(&pem)
                .with_context(|| format!("{}: restore it from the backup", path.display()))?;
            keys.push(StoredKey { key, made_at, path });
        }
        if keys.is_empty() {
            bail!(
                "{}: holds no issuer key; make one with `healthcode keys generate`, or with \
                 `healthcode keys rotate` if the secret is there",
                self.path.display()
            );
        }
        keys.sort_by_key(|key| std::cmp::Reverse((key.made_at, key.path.clone())));
        Ok(keys)
    }

    /// The issuer keys as a service takes them: the one that signs first.
    ///
    /// # Errors
    /// As [`Self::issuer_keys`].
    pub fn signing_first(&self, now: Timestamp) -> Result<Vec<IssuerKey>> {
        let mut keys = self.issuer_keys()?;
        let signs = signing(&keys, now);
        keys[..=signs].rotate_right(1);
        Ok(keys.into_iter().map(|stored| stored.key).collect())
    }
}

/// Which of `keys`, newest first, signs at `now`: the newest that has been published for long
/// enough, else the oldest.
pub fn signing(keys: &[StoredKey], now: Timestamp) -> usize {
    let published = |key: &StoredKey| now.duration_since(key.made_at) >= PUBLISHED_FIRST;
    keys.iter().position(published).unwrap_or(keys.len() - 1)
}

/// The moment in a file name `issuer-MADE-NAME.pem`; `None` for other files.
fn made_at(name: &str) -> Option<Timestamp> {
    let rest = name.strip_prefix("issuer-")?.strip_suffix(".pem")?;
    let (made, _) = rest.split_once('-')?;
    let civil = jiff::civil::DateTime::strptime(MADE_AT, made).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn bytes_of(digits: &str) -> Option<[u8; 32]> {
    let pairs = digits.as_bytes();
    if pairs.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(pairs.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(unix)]
fn make_private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Writes a new file that its owner alone may read; durable when it returns.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.with_context(|| {
        format!("{}: cannot be written; check the folder and its free space", path.display())
    })
}

#[cfg(unix)]
fn refuse_if_others_may_read(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(metadata) = fs::metadata(path)
        && metadata.permissions().mode() & 0o077 != 0
    {
        bail!(
            "{}: others may read this key; run `chmod 600 {}` and think about who may have",
            path.display(),
            path.display()
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_others_may_read(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemIds;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_new_key_signs_only_after_checkpoints_could_learn_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::at(dir.path().join("keys"));
        let first = folder.generate(&SystemIds, at("2020-02-01T00:00:00Z")).unwrap();
        let second = folder.add_issuer_key(&SystemIds, at("2020-03-01T00:00:00Z")).unwrap();
        let names = |now| {
            let keys = folder.signing_first(at(now)).unwrap();
            keys.iter().map(IssuerKey::id).collect::<Vec<_>>()
        };
        assert_eq!(names("2020-03-01T23:59:59Z"), [first, second]);
        assert_eq!(names("2020-03-02T00:00:00Z"), [second, first]);
    }

    #[test]
    fn keys_are_never_replaced_by_accident() {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::at(dir.path().join("keys"));
        let now = at("2020-02-01T00:00:00Z");
        folder.generate(&SystemIds, now).unwrap();
        let refused = folder.generate(&SystemIds, now).unwrap_err().to_string();
        assert!(refused.contains("keys rotate"), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::at(dir.path().join("keys"));
        folder.generate(&SystemIds, at("2020-02-01T00:00:00Z")).unwrap();
        let path = folder.path().join(SECRET);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refused = folder.secret().unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
    }
}
