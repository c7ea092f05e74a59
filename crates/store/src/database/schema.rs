//! Migrations: numbered, embedded, only ever added.

use super::{Database, Transaction};
use crate::queries::{SCHEMA_ADVANCE, SCHEMA_CREATE, SCHEMA_EXISTS, SCHEMA_VERSION};
use crate::{Result, StoreError};

/// One migration, in the words of each database. Its number is its place, counted from 1.
struct Migration {
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0001_initial.sql"),
        postgres: include_str!("../../migrations/postgres/0001_initial.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0002_proposals.sql"),
        postgres: include_str!("../../migrations/postgres/0002_proposals.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0003_mirror.sql"),
        postgres: include_str!("../../migrations/postgres/0003_mirror.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0004_statistics.sql"),
        postgres: include_str!("../../migrations/postgres/0004_statistics.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0005_companions.sql"),
        postgres: include_str!("../../migrations/postgres/0005_companions.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0006_changes.sql"),
        postgres: include_str!("../../migrations/postgres/0006_changes.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0007_staff.sql"),
        postgres: include_str!("../../migrations/postgres/0007_staff.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0008_accounts.sql"),
        postgres: include_str!("../../migrations/postgres/0008_accounts.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0009_codes.sql"),
        postgres: include_str!("../../migrations/postgres/0009_codes.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0010_limits.sql"),
        postgres: include_str!("../../migrations/postgres/0010_limits.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0011_log.sql"),
        postgres: include_str!("../../migrations/postgres/0011_log.sql"),
    },
    Migration {
        sqlite: include_str!("../../migrations/sqlite/0012_ends.sql"),
        postgres: include_str!("../../migrations/postgres/0012_ends.sql"),
    },
];

/// The newest schema version this program knows.
pub(crate) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// The schema version of a database; 0 if it was never migrated.
pub(crate) async fn version(tx: &mut Transaction) -> Result<i64> {
    if tx.one_row(&SCHEMA_EXISTS, &[]).await?.int(0)? == 0 {
        return Ok(0);
    }
    Ok(tx
        .one_row(&SCHEMA_VERSION, &[])
        .await?
        .int_or_null(0)?
        .unwrap_or(0))
}

/// Refuses a database of a newer version.
pub(crate) fn refuse_newer(found: i64) -> Result<()> {
    if found > NEWEST {
        return Err(StoreError::NewerSchema {
            found,
            known: NEWEST,
        });
    }
    Ok(())
}

/// Refuses a database of any version but this program's.
pub(crate) fn refuse_other(found: i64) -> Result<()> {
    refuse_newer(found)?;
    if found < NEWEST {
        return Err(StoreError::NotMigrated {
            found,
            known: NEWEST,
        });
    }
    Ok(())
}

/// Applies what is missing, each migration in a transaction of its own. Two programs may do so at
/// once.
pub(crate) async fn migrate(database: &Database) -> Result<()> {
    let found = version_of(database).await?;
    refuse_newer(found)?;
    for number in found + 1..=NEWEST {
        let applied = database.write(number, |tx, number| Box::pin(apply(tx, *number)));
        if let Err(error) = applied.await
            && version_of(database).await? < number
        {
            return Err(error);
        }
        tracing::info!(version = number, "database migrated");
    }
    Ok(())
}

/// The schema version of an open database.
pub(crate) async fn version_of(database: &Database) -> Result<i64> {
    database.read((), |tx, ()| Box::pin(version(tx))).await
}

async fn apply(tx: &mut Transaction, number: i64) -> Result<()> {
    let place = usize::try_from(number - 1).ok();
    let Some(migration) = place.and_then(|place| MIGRATIONS.get(place)) else {
        return Err(StoreError::Database(format!(
            "there is no migration {number}"
        )));
    };
    tx.execute(&SCHEMA_CREATE, &[]).await?;
    tx.execute(&SCHEMA_ADVANCE, &[number.into()]).await?;
    tx.script(migration.sqlite, migration.postgres).await
}
