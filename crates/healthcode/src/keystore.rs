//! The folder with the installation's keys.
//!
//! | file | holds |
//! |---|---|
//! | `installation.secret` | 256 random bits from which the vault's keys and people's tokens derive; then a line for each further key of the vault |
//! | `transit.toml` | the key service that seals the secret, if one does |
//! | `months.secret` | keys by region and month, which a server destroys when their time is over; never restored from an old copy |
//! | `root.pem` | the key that signs the trust list; servers do not need it, keep it in a safe |
//! | `root.pub` | its public half, which checkpoints pin |
//! | `issuer-NAME.pem` | an Ed25519 key that signs codes and status lists |
//! | `freshness-NAME.pem` | an Ed25519 key that says, day by day, that the trust list is the newest |
//! | `log.pem` | the Ed25519 key that signs the log of what staff members do and see |
//! | `log.pub` | its public half under the log's name, which witnesses and auditors keep |
//! | `trust-list.cwt` | the signed trust list: which issuer keys are believed, from when until when |
//!
//! Secrets are readable by their owner alone. Two issuer keys live at once while they change: a new
//! one is published in the trust list first and signs [`PUBLISHED_FIRST`] later, when every
//! checkpoint that is ever online has heard of it; the old one stays trusted until it is retired. A
//! key in wrong hands is replaced at once: see [`KeyFolder::rotate_now`]. A running server reads the
//! folder again every few seconds; the trust list is written last, and whole.

mod change;
mod files;
mod months;
mod secret;
mod transit;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use credential::log::{LogKey, VerifierKey};
use credential::{IssuerKey, KeyId, ListValidity, PublicKey, TrustList, TrustedKey};
use domain::{IdSource, Region, Timestamp};
use jiff::SignedDuration;
use service::{AuditLog, SigningKeys};

use crate::hex;
use files::{make_private_folder, replace};
pub use files::{refuse_if_others_may_read, write_private};
pub use transit::Transit;

/// A key is in the trust list for so long before it signs: a status list serves a checkpoint for at
/// most a day, so each fetches lists at least daily.
pub const PUBLISHED_FIRST: SignedDuration = SignedDuration::from_hours(24);
/// A printed card, the longest-lived code, outlives its signature by so much at most.
pub const LONGEST_CODE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A trust list may be used for so long; then the root has to sign again. So long at most can
/// somebody who stole the freshness key, and stands between a checkpoint and the network, hold a newer
/// list back.
const LIST_LASTS: SignedDuration = SignedDuration::from_hours(180 * 24);
/// An issuer key may sign for so long.
const KEY_SIGNS_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

const SECRET: &str = "installation.secret";
const ROOT: &str = "root.pem";
const ROOT_PUBLIC: &str = "root.pub";
const TRUST_LIST: &str = "trust-list.cwt";
const LOG: &str = "log.pem";
const LOG_PUBLIC: &str = "log.pub";

/// The folder.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    path: PathBuf,
}

/// Whether and what an issuer key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// In the trust list, and does not sign yet.
    Published,
    /// Signs.
    Signs,
    /// What it signed before is still believed.
    Trusted,
    /// Of another issuer, or its private half is kept elsewhere.
    Foreign,
}

impl Role {
    /// The word that `keys list` prints.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Signs => "signs",
            Self::Trusted => "trusted",
            Self::Foreign => "foreign",
        }
    }
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

    /// Makes the folder, the secret, a root and a first issuer key for `issuer`, whose status lists
    /// are found under `status_uri`.
    ///
    /// # Errors
    /// If there is a secret already: replacing it would lose every identity.
    pub fn generate(
        &self,
        issuer: Region,
        status_uri: &str,
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Result<KeyId> {
        let folder = self.path.display();
        if self.has_secret() {
            bail!(
                "{folder}: there are keys already, and replacing the secret would lose every \
                 identity; for a new issuer key run `healthcode keys rotate`"
            );
        }
        make_private_folder(&self.path).with_context(|| {
            format!("{folder}: cannot be made; choose another folder with --keys")
        })?;
        let root = IssuerKey::generate(ids)?;
        write_private(&self.path.join(ROOT), &root.to_pem()?)?;
        replace(
            &self.path.join(ROOT_PUBLIC),
            format!("{}\n", root.public_key()).as_bytes(),
        )?;
        let (stored, trusted) = self.new_issuer_key(issuer, status_uri, ids, now)?;
        let freshness = self.new_freshness_key(ids)?;
        self.log_key(issuer, ids)?;
        self.publish(1, now, freshness, vec![trusted], &root)?;
        // The secret last: whatever fails before can be repeated.
        let (_, secret) = service::Keys::generate(ids);
        write_private(
            &self.path.join(SECRET),
            &format!("{}\n", hex::encode(&secret)),
        )?;
        Ok(stored)
    }

    /// The region for which a server with this folder signs, and with what. Asks no key service.
    ///
    /// # Errors
    /// If a file is absent, damaged or readable by others; if no issuer key may sign now.
    pub fn signing_keys(&self, now: Timestamp) -> Result<(Region, SigningKeys)> {
        let list = self.trust_list()?;
        let signs = self.signing(&list, now).ok_or_else(|| {
            anyhow!(
                "{}: no issuer key may sign now; `healthcode keys list` shows from when until when \
                 each may, `healthcode keys rotate` makes another",
                self.path.display()
            )
        })?;
        let signing = SigningKeys {
            issuer_key: self.private_key(&self.issuer_file(signs.key.id()))?,
            freshness_key: self.freshness_key(&list)?,
            trust_list: self.signed_trust_list()?,
            roots: self.roots()?,
        };
        Ok((signs.issuer, signing))
    }

    /// The key that signs the log of the installation of `issuer`. A folder of before there was a log
    /// gets one.
    ///
    /// # Errors
    /// If it is damaged or readable by others, or is absent and cannot be written.
    pub fn log_key(&self, issuer: Region, ids: &dyn IdSource) -> Result<IssuerKey> {
        let file = self.path.join(LOG);
        if !file.exists() {
            let key = IssuerKey::generate(ids)?;
            write_private(&file, &key.to_pem()?)?;
            let key = LogKey::new(&AuditLog::origin(issuer), key)?;
            let public = format!("{}\n", key.verifier());
            replace(&self.path.join(LOG_PUBLIC), public.as_bytes())?;
        }
        self.private_key(&file)
    }

    /// The key that verifies the log.
    ///
    /// # Errors
    /// If the file is absent or holds no key.
    pub fn log_verifier(&self) -> Result<VerifierKey> {
        let file = self.path.join(LOG_PUBLIC);
        let key = self.read(&file)?.parse::<VerifierKey>();
        key.with_context(|| format!("{}", file.display()))
    }

    /// The trust list as a server hands it out: with the statement that it is the newest, as of now.
    ///
    /// # Errors
    /// If a file is absent or damaged.
    pub fn handed_out(&self, now: Timestamp) -> Result<Vec<u8>> {
        let list = self.trust_list()?;
        let statement = list.confirm(&self.freshness_key(&list)?, now)?;
        Ok(TrustList::join(&self.signed_trust_list()?, &statement))
    }

    fn freshness_key(&self, list: &TrustList) -> Result<IssuerKey> {
        self.private_key(&self.freshness_file(list.freshness_key().id()))
    }

    fn private_key(&self, file: &Path) -> Result<IssuerKey> {
        refuse_if_others_may_read(file)?;
        IssuerKey::from_pem(&self.read(file)?)
            .with_context(|| format!("{}: restore it from the backup", file.display()))
    }

    /// The region for which a server with this folder signs.
    ///
    /// # Errors
    /// As [`Self::signing_keys`].
    pub fn issuer(&self, now: Timestamp) -> Result<Region> {
        Ok(self.signing_keys(now)?.0)
    }

    /// The keys of the trust list, in its order, and what each does now.
    ///
    /// # Errors
    /// If the trust list does not open.
    pub fn roles(&self, now: Timestamp) -> Result<Vec<(TrustedKey, Role)>> {
        let list = self.trust_list()?;
        let signs = self.signing(&list, now).map(|key| key.key.id());
        let role = |key: &TrustedKey| match key {
            key if signs == Some(key.key.id()) => Role::Signs,
            key if !self.issuer_file(key.key.id()).exists() => Role::Foreign,
            key if now < key.from => Role::Published,
            _ => Role::Trusted,
        };
        Ok(list
            .keys()
            .iter()
            .map(|key| (key.clone(), role(key)))
            .collect())
    }

    /// The trust list, opened with the pinned roots.
    ///
    /// # Errors
    /// If it is absent, or no root signed it.
    pub fn trust_list(&self) -> Result<TrustList> {
        let signed = self.signed_trust_list()?;
        let roots = self.roots()?;
        TrustList::open(&signed, &roots, None).with_context(|| {
            let path = self.path.join(TRUST_LIST);
            let hint = match TrustList::open_endless(&signed, &roots) {
                Ok(_) => {
                    ": it is of version 0.1 and has no end; bring the root back and run \
                     `healthcode keys renew`"
                }
                Err(_) => "",
            };
            format!("{}{hint}", path.display())
        })
    }

    /// The keys that checkpoints pin.
    ///
    /// # Errors
    /// If the file is absent or holds no keys.
    pub fn roots(&self) -> Result<Vec<PublicKey>> {
        read_roots(&self.read(&self.path.join(ROOT_PUBLIC))?)
            .with_context(|| format!("{}", self.path.join(ROOT_PUBLIC).display()))
    }

    /// The keys that identities and tokens rest on.
    ///
    /// # Errors
    /// If the file is absent, damaged, or readable by others; if a key service seals it and does not
    /// open it.
    pub fn secret(&self) -> Result<service::Keys> {
        let path = self.path.join(SECRET);
        secret::read(&self.opened_secret()?).with_context(|| {
            format!(
                "{}: expected 64 hexadecimal digits, and then only lines of vault keys; restore it from \
                 the backup",
                path.display()
            )
        })
    }

    fn signing<'l>(&self, list: &'l TrustList, now: Timestamp) -> Option<&'l TrustedKey> {
        let may_sign =
            |key: &&TrustedKey| key.is_valid_at(now) && self.issuer_file(key.key.id()).exists();
        list.keys()
            .iter()
            .filter(may_sign)
            .max_by_key(|key| key.from)
    }

    fn new_issuer_key(
        &self,
        issuer: Region,
        status_uri: &str,
        ids: &dyn IdSource,
        from: Timestamp,
    ) -> Result<(KeyId, TrustedKey)> {
        let key = IssuerKey::generate(ids)?;
        write_private(&self.issuer_file(key.id()), &key.to_pem()?)?;
        let trusted = TrustedKey {
            issuer,
            status_uri: status_uri.to_owned(),
            key: key.public_key().clone(),
            from,
            until: from + KEY_SIGNS_FOR,
        };
        Ok((key.id(), trusted))
    }

    fn new_freshness_key(&self, ids: &dyn IdSource) -> Result<PublicKey> {
        let key = IssuerKey::generate(ids)?;
        write_private(&self.freshness_file(key.id()), &key.to_pem()?)?;
        Ok(key.public_key().clone())
    }

    fn publish(
        &self,
        sequence: u64,
        now: Timestamp,
        freshness_key: PublicKey,
        keys: Vec<TrustedKey>,
        root: &IssuerKey,
    ) -> Result<()> {
        let validity = ListValidity {
            issued_at: now,
            expires_at: now + LIST_LASTS,
            freshness_key,
        };
        let list = TrustList::new(sequence, validity, keys)?;
        replace(&self.path.join(TRUST_LIST), &list.sign(root)?)
    }

    fn root(&self) -> Result<IssuerKey> {
        let path = self.path.join(ROOT);
        refuse_if_others_may_read(&path)?;
        let pem = fs::read_to_string(&path).with_context(|| {
            format!(
                "{}: cannot be read; bring the root key back from the safe",
                path.display()
            )
        })?;
        IssuerKey::from_pem(&pem)
            .with_context(|| format!("{}: restore it from the backup", path.display()))
    }

    fn signed_trust_list(&self) -> Result<Vec<u8>> {
        let path = self.path.join(TRUST_LIST);
        fs::read(&path).with_context(|| absent(&path))
    }

    fn read(&self, path: &Path) -> Result<String> {
        fs::read_to_string(path).with_context(|| absent(path))
    }

    fn freshness_file(&self, id: KeyId) -> PathBuf {
        self.path.join(format!("freshness-{id}.pem"))
    }

    fn issuer_file(&self, id: KeyId) -> PathBuf {
        self.path.join(format!("issuer-{id}.pem"))
    }
}

/// Reads public keys, one a line.
///
/// # Errors
/// If a line is no key, or if there is none.
pub fn read_roots(text: &str) -> Result<Vec<PublicKey>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys = lines
        .map(str::parse)
        .collect::<Result<Vec<PublicKey>, _>>()?;
    if keys.is_empty() {
        bail!("expected public keys, one a line");
    }
    Ok(keys)
}

fn absent(path: &Path) -> String {
    format!(
        "{}: cannot be read; name the right folder with --keys, or make keys with `healthcode keys \
         generate`",
        path.display()
    )
}

#[cfg(test)]
mod tests;
