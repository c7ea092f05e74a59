//! The folder with the installation's keys.
//!
//! | file | holds |
//! |---|---|
//! | `installation.secret` | 256 random bits from which the vault's keys and people's tokens derive |
//! | `root.pem` | the key that signs the trust list; servers do not need it, keep it in a safe |
//! | `root.pub` | its public half, which checkpoints pin |
//! | `issuer-NAME.pem` | an Ed25519 key that signs codes and status lists |
//! | `trust-list.cwt` | the signed trust list: which issuer keys are believed, from when until when |
//!
//! Secrets are readable by their owner alone. Two issuer keys live at once while they change: a new
//! one is published in the trust list first and signs [`PUBLISHED_FIRST`] later, when every
//! checkpoint that is ever online has heard of it; the old one stays trusted until it is retired.

mod files;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use credential::{IssuerKey, KeyId, PublicKey, TrustList, TrustedKey};
use domain::{IdSource, Region, Timestamp};
use jiff::SignedDuration;

use crate::hex;
use files::{make_private_folder, replace};
pub use files::{refuse_if_others_may_read, write_private};

/// A key is in the trust list for so long before it signs: a status list serves a checkpoint for at
/// most a day, so each fetches lists at least daily.
pub const PUBLISHED_FIRST: SignedDuration = SignedDuration::from_hours(24);
/// A printed card, the longest-lived code, outlives its signature by so much at most.
pub const LONGEST_CODE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// An issuer key may sign for so long.
const KEY_SIGNS_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

const SECRET: &str = "installation.secret";
const ROOT: &str = "root.pem";
const ROOT_PUBLIC: &str = "root.pub";
const TRUST_LIST: &str = "trust-list.cwt";

/// The folder.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    path: PathBuf,
}

/// What a server needs of the folder.
pub struct ServerKeys {
    /// The keys that identities and tokens rest on.
    pub secret: service::Keys,
    /// Signs codes and status lists now.
    pub issuer_key: IssuerKey,
    /// The region for which it signs.
    pub issuer: Region,
    /// The signed trust list.
    pub trust_list: Vec<u8>,
    /// One of these signed it.
    pub roots: Vec<PublicKey>,
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
        self.publish(&TrustList::new(1, now, vec![trusted])?, &root)?;
        // The secret last: whatever fails before can be repeated.
        let (_, secret) = service::Keys::generate(ids);
        write_private(
            &self.path.join(SECRET),
            &format!("{}\n", hex::encode(&secret)),
        )?;
        Ok(stored)
    }

    /// Makes another issuer key and puts it into the trust list; it signs [`PUBLISHED_FIRST`] later.
    /// Returns its name and when that is.
    ///
    /// # Errors
    /// If two keys are live already; if the root is not in the folder.
    pub fn rotate(&self, ids: &dyn IdSource, now: Timestamp) -> Result<(KeyId, Timestamp)> {
        let list = self.trust_list()?;
        let own: Vec<&TrustedKey> = list
            .keys()
            .iter()
            .filter(|key| self.issuer_file(key.key.id()).exists())
            .collect();
        let Some(newest) = own.iter().max_by_key(|key| key.from) else {
            bail!(
                "{}: holds no issuer key of its own to follow",
                self.path.display()
            );
        };
        if own.len() > 1 {
            let oldest = own
                .iter()
                .min_by_key(|key| key.from)
                .unwrap_or(newest)
                .key
                .id();
            bail!(
                "two issuer keys are live already; retire the older one first with \
                 `healthcode keys retire {oldest}`"
            );
        }
        let root = self.root()?;
        let from = now + PUBLISHED_FIRST;
        let (id, trusted) = self.new_issuer_key(newest.issuer, &newest.status_uri, ids, from)?;
        let keys = list.keys().iter().cloned().chain([trusted]).collect();
        self.publish(&TrustList::new(list.sequence() + 1, now, keys)?, &root)?;
        Ok((id, from))
    }

    /// Takes an issuer key out of the trust list; its file is kept under another name.
    ///
    /// # Errors
    /// If the root is not in the folder, the key is not in the list, or it is the only one.
    pub fn retire(&self, id: KeyId, now: Timestamp) -> Result<()> {
        let list = self.trust_list()?;
        let root = self.root()?;
        let keys: Vec<TrustedKey> = list
            .keys()
            .iter()
            .filter(|key| key.key.id() != id)
            .cloned()
            .collect();
        self.publish(&TrustList::new(list.sequence() + 1, now, keys)?, &root)?;
        let file = self.issuer_file(id);
        if file.exists() {
            fs::rename(&file, file.with_extension("pem.retired"))?;
        }
        Ok(())
    }

    /// Everything that a server needs.
    ///
    /// # Errors
    /// If a file is absent, damaged or readable by others; if no issuer key may sign now.
    pub fn for_server(&self, now: Timestamp) -> Result<ServerKeys> {
        let list = self.trust_list()?;
        let signs = self.signing(&list, now).ok_or_else(|| {
            anyhow!(
                "{}: no issuer key may sign now; `healthcode keys list` shows from when until when \
                 each may, `healthcode keys rotate` makes another",
                self.path.display()
            )
        })?;
        let file = self.issuer_file(signs.key.id());
        refuse_if_others_may_read(&file)?;
        let pem = self.read(&file)?;
        let issuer_key = IssuerKey::from_pem(&pem)
            .with_context(|| format!("{}: restore it from the backup", file.display()))?;
        Ok(ServerKeys {
            secret: self.secret()?,
            issuer_key,
            issuer: signs.issuer,
            trust_list: self.signed_trust_list()?,
            roots: self.roots()?,
        })
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
        TrustList::open(&signed, &self.roots()?, None)
            .with_context(|| format!("{}", self.path.join(TRUST_LIST).display()))
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
    /// If the file is absent, damaged, or readable by others.
    pub fn secret(&self) -> Result<service::Keys> {
        let path = self.path.join(SECRET);
        refuse_if_others_may_read(&path)?;
        let secret = hex::decode_32(self.read(&path)?.trim()).with_context(|| {
            format!(
                "{}: expected 64 hexadecimal digits; restore it from the backup",
                path.display()
            )
        })?;
        Ok(service::Keys::from_secret(&secret))
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

    fn publish(&self, list: &TrustList, root: &IssuerKey) -> Result<()> {
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
mod tests {
    use super::*;
    use crate::system::SystemIds;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn fresh(dir: &tempfile::TempDir) -> (KeyFolder, KeyId) {
        let folder = KeyFolder::at(dir.path().join("keys"));
        let issuer = "3301".parse().unwrap();
        let uri = "https://codes.example/api/v1/status-lists";
        let now = at("2020-02-01T00:00:00Z");
        let first = folder.generate(issuer, uri, &SystemIds, now).unwrap();
        (folder, first)
    }

    #[test]
    fn a_new_key_signs_only_after_checkpoints_could_learn_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, first) = fresh(&dir);
        let (second, _) = folder
            .rotate(&SystemIds, at("2020-03-01T00:00:00Z"))
            .unwrap();
        let signs = |now| folder.for_server(at(now)).unwrap().issuer_key.id();
        assert_eq!(signs("2020-03-01T23:59:59Z"), first);
        assert_eq!(signs("2020-03-02T00:00:00Z"), second);
        let roles = folder.roles(at("2020-03-03T00:00:00Z")).unwrap();
        assert_eq!(
            roles.iter().map(|(_, role)| *role).collect::<Vec<_>>(),
            [Role::Trusted, Role::Signs]
        );
        let third = folder.rotate(&SystemIds, at("2020-04-01T00:00:00Z"));
        assert!(
            third
                .unwrap_err()
                .to_string()
                .contains(&format!("keys retire {first}"))
        );
    }

    #[test]
    fn a_retired_key_is_trusted_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, first) = fresh(&dir);
        let (second, _) = folder
            .rotate(&SystemIds, at("2020-03-01T00:00:00Z"))
            .unwrap();
        folder.retire(first, at("2020-03-20T00:00:00Z")).unwrap();
        let list = folder.trust_list().unwrap();
        assert_eq!(
            list.keys()
                .iter()
                .map(|key| key.key.id())
                .collect::<Vec<_>>(),
            [second]
        );
        assert_eq!(list.sequence(), 3);
    }

    #[test]
    fn keys_are_never_replaced_by_accident() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, _) = fresh(&dir);
        let again = folder.generate(
            "3301".parse().unwrap(),
            "x",
            &SystemIds,
            at("2020-02-01T00:00:00Z"),
        );
        assert!(again.unwrap_err().to_string().contains("keys rotate"));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (folder, first) = fresh(&dir);
        for path in [folder.path().join(SECRET), folder.issuer_file(first)] {
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            let refused = folder.for_server(at("2020-02-02T00:00:00Z")).err().unwrap();
            assert!(refused.to_string().contains("chmod 600"), "{refused}");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}
