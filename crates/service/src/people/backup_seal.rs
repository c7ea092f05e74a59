//! The keys of backups. A backup of the database is sealed as a whole, under the vault's key and that of
//! its month: once that is destroyed, it opens no more (ADR 41).

use domain::{Region, Timestamp};

use super::months::Month;
use super::vault::{VaultError, VaultKeys};

const BACKUP: &[u8] = b"healthcode backup v1";

/// Which keys open a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupSeal {
    /// The vault's key.
    pub vault_key: u8,
    /// The region of the other key.
    pub region: Region,
    /// Its month.
    pub month: Month,
}

impl VaultKeys {
    /// With which keys a backup of now is sealed.
    ///
    /// # Errors
    /// [`VaultError::MonthDestroyed`] once everything has ended, or without keys of months.
    pub fn backup_seal(&self, now: Timestamp) -> Result<BackupSeal, VaultError> {
        let month = Month::of(now);
        let found = self.month_of(now)?;
        let (region, month) = found.ok_or(VaultError::MonthDestroyed { month })?;
        Ok(BackupSeal {
            vault_key: self.newest_seal(),
            region,
            month,
        })
    }

    /// The key of the one backup that begins with `head`, in which something is random.
    ///
    /// # Errors
    /// [`VaultError::KeyAbsent`]; [`VaultError::MonthDestroyed`].
    pub fn backup_key(&self, seal: BackupSeal, head: &[u8]) -> Result<[u8; 32], VaultError> {
        self.key_of_both(seal.vault_key, (seal.region, seal.month), &[BACKUP, head])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::months::{MonthChain, MonthKeeper, MonthKeys};
    use super::*;

    struct Kept;

    impl MonthKeeper for Kept {
        fn keep(&self, _: &[MonthChain]) -> Result<(), String> {
            Ok(())
        }
    }

    #[test]
    fn a_backup_has_a_key_of_its_own_until_its_month_is_destroyed() {
        let region: Region = "3301".parse().unwrap();
        let chain = MonthChain {
            region,
            first: "2020-02".parse().unwrap(),
            secret: [7; 32],
        };
        let months = MonthKeys::new(vec![chain], Arc::new(Kept));
        let keys = VaultKeys::new([1; 32], [2; 32]);
        let now: Timestamp = "2020-03-31T23:00:00Z".parse().unwrap();
        let month = "2020-03".parse().unwrap();
        let without = keys.backup_seal(now);
        assert_eq!(without, Err(VaultError::MonthDestroyed { month }));

        let keys = keys.with_months(months.clone(), region);
        let seal = keys.backup_seal(now).unwrap();
        assert_eq!(
            (seal.vault_key, seal.region, seal.month),
            (1, region, month)
        );
        let key = |head: &[u8]| keys.backup_key(seal, head);
        assert!(key(b"one").is_ok() && key(b"one") == key(b"one") && key(b"one") != key(b"two"));
        months
            .destroy_before(None, "2020-04".parse().unwrap())
            .unwrap();
        assert_eq!(key(b"one"), Err(VaultError::MonthDestroyed { month }));
    }
}
