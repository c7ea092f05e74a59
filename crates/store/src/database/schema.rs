//! Migrations: numbered, embedded, only ever added.

use domain::PersonId;

use super::{Database, Transaction, Value};
use crate::people;
use crate::queries::{
    CURSOR_FIND, CURSOR_PUT, Query, SCHEMA_ADVANCE, SCHEMA_CREATE, SCHEMA_EXISTS, SCHEMA_VERSION,
    STATUS_INDEX_NUMBERS_FILL, VERDICT_NUMBERS_FILL,
};
use crate::{Result, StoreError};

/// People whose rows are rewritten in one transaction.
const PEOPLE_AT_ONCE: u32 = 5_000;

/// Statements, in the words of each database.
struct Script {
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! script {
    ($file:literal) => {
        Script {
            sqlite: include_str!(concat!("../../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../../migrations/postgres/", $file)),
        }
    };
}

/// One migration. Its number is its place, counted from 1.
struct Migration {
    /// Comes first, if rows of everybody are rewritten.
    rewriting: Option<Rewriting>,
    /// Makes the schema of this number, in one transaction with the number.
    script: Script,
}

/// Rewrites rows of everybody, in many transactions: one would hold as much undone as there are rows,
/// and lose all of it if it is cut off.
struct Rewriting {
    /// Makes room, in the first of them.
    begin: Script,
    /// Each rewrites the rows of people after the first value, up to the second; those that are
    /// rewritten already stay.
    statements: [&'static Query; 2],
}

impl Migration {
    const fn at_once(script: Script) -> Self {
        Self {
            rewriting: None,
            script,
        }
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration::at_once(script!("0001_initial.sql")),
    Migration::at_once(script!("0002_proposals.sql")),
    Migration::at_once(script!("0003_mirror.sql")),
    Migration::at_once(script!("0004_statistics.sql")),
    Migration::at_once(script!("0005_companions.sql")),
    Migration {
        rewriting: Some(Rewriting {
            begin: script!("0006_changes.sql"),
            statements: [&VERDICT_NUMBERS_FILL, &STATUS_INDEX_NUMBERS_FILL],
        }),
        script: script!("0006_changes_end.sql"),
    },
    Migration::at_once(script!("0007_staff.sql")),
    Migration::at_once(script!("0008_accounts.sql")),
    Migration::at_once(script!("0009_codes.sql")),
    Migration::at_once(script!("0010_limits.sql")),
    Migration::at_once(script!("0011_held_groups.sql")),
    Migration::at_once(script!("0012_halves.sql")),
    Migration::at_once(script!("0013_keys.sql")),
    Migration::at_once(script!("0014_alarms.sql")),
    Migration::at_once(script!("0015_venue_signs.sql")),
    Migration::at_once(script!("0016_office.sql")),
    Migration::at_once(script!("0017_log.sql")),
    Migration::at_once(script!("0018_ends.sql")),
    Migration::at_once(script!("0019_appeals.sql")),
    Migration::at_once(script!("0020_contradictions.sql")),
    Migration::at_once(script!("0021_looks.sql")),
    Migration::at_once(script!("0022_cases.sql")),
    Migration::at_once(script!("0023_glitches.sql")),
    Migration::at_once(script!("0024_feed_tokens.sql")),
    Migration::at_once(script!("0025_indexes.sql")),
    Migration::at_once(script!("0026_over.sql")),
    Migration::at_once(script!("0027_scanners.sql")),
    Migration::at_once(script!("0028_desk.sql")),
    Migration::at_once(script!("0029_held_at_gates.sql")),
    Migration::at_once(script!("0030_sight.sql")),
];

/// The newest schema version this program knows.
pub(crate) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// How far a database is.
pub(crate) struct Found {
    version: i64,
    /// Whether the next migration was begun.
    is_begun: bool,
}

impl Found {
    /// No database.
    pub(crate) const NOTHING: Self = Self {
        version: 0,
        is_begun: false,
    };

    /// Refuses a database of any version but this program's.
    pub(crate) fn check(self) -> Result<()> {
        refuse_newer(self.version)?;
        let (found, known) = (self.version, NEWEST);
        if found == known {
            return Ok(());
        }
        Err(if self.is_begun {
            StoreError::HalfMigrated { found }
        } else {
            StoreError::NotMigrated { found, known }
        })
    }
}

/// How far a database is.
pub(crate) async fn find(tx: &mut Transaction) -> Result<Found> {
    let version = version(tx).await?;
    let is_begun = rewriting(version + 1).is_some() && progress(tx, version + 1).await?.is_some();
    Ok(Found { version, is_begun })
}

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

/// Applies what is missing, each migration in a transaction of its own, or in many if it rewrites
/// rows. One that was cut off goes on. Two programs may do so at once.
pub(crate) async fn migrate(database: &Database) -> Result<()> {
    let found = version_of(database).await?;
    refuse_newer(found)?;
    for number in found + 1..=NEWEST {
        if rewriting(number).is_some() {
            rewrite(database, number).await?;
        }
        let mut repeats = 0;
        let applied = database.write(
            number,
            |tx, number| Box::pin(apply(tx, *number)),
            &mut repeats,
        );
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

fn migration(number: i64) -> Option<&'static Migration> {
    MIGRATIONS.get(usize::try_from(number - 1).ok()?)
}

fn rewriting(number: i64) -> Option<&'static Rewriting> {
    migration(number)?.rewriting.as_ref()
}

async fn apply(tx: &mut Transaction, number: i64) -> Result<()> {
    let script = &migration(number).ok_or_else(|| unknown(number))?.script;
    tx.take_time().await?;
    tx.execute(&SCHEMA_CREATE, &[]).await?;
    tx.execute(&SCHEMA_ADVANCE, &[number.into()]).await?;
    tx.script(script.sqlite, script.postgres).await
}

async fn rewrite(database: &Database, number: i64) -> Result<()> {
    let mut is_begun = false;
    loop {
        let mut repeats = 0;
        let step = database.write(
            number,
            |tx, number| Box::pin(rewrite_next(tx, *number)),
            &mut repeats,
        );
        match step.await {
            Ok(true) => return Ok(()),
            Ok(false) => is_begun = true,
            // Of two programs that begin at once one fails, and goes on with what the other began; one
            // that is behind may find that the other has ended.
            Err(error) => {
                let found = database.read((), |tx, ()| Box::pin(find(tx))).await?;
                if found.version >= number {
                    return Ok(());
                }
                if is_begun || !found.is_begun {
                    return Err(error);
                }
                is_begun = true;
            }
        }
    }
}

/// Begins the rewriting of a migration, or rewrites the rows of the next people; whether all are.
async fn rewrite_next(tx: &mut Transaction, number: i64) -> Result<bool> {
    tx.take_time().await?;
    if version(tx).await? >= number {
        return Ok(true);
    }
    let rewriting = rewriting(number).ok_or_else(|| unknown(number))?;
    let Some(done) = progress(tx, number).await? else {
        note_progress(tx, number, &Progress::default()).await?;
        let begin = &rewriting.begin;
        tx.script(begin.sqlite, begin.postgres).await?;
        return Ok(false);
    };
    let people = people::after(tx, done.after, PEOPLE_AT_ONCE).await?;
    let Some(&last) = people.last() else {
        return Ok(true);
    };
    let after = done.after.map_or_else(|| Value::from([]), Value::from);
    for statement in rewriting.statements {
        tx.execute(statement, &[after.clone(), last.into()]).await?;
    }
    let people = done.people + people.len() as i64;
    tracing::info!(version = number, people, "rows are rewritten");
    let after = Some(last);
    note_progress(tx, number, &Progress { after, people }).await?;
    Ok(false)
}

/// How far a rewriting is.
#[derive(Default)]
struct Progress {
    /// The last person whose rows are rewritten; `None` before the first.
    after: Option<PersonId>,
    people: i64,
}

/// How far the rewriting of a migration is; `None` if it was not begun or is over. It is kept among the
/// passes over everybody, which are older than the first migration that rewrites.
async fn progress(tx: &mut Transaction, number: i64) -> Result<Option<Progress>> {
    let Some(row) = tx.row(&CURSOR_FIND, &[pass(number)]).await? else {
        return Ok(None);
    };
    Ok(Some(Progress {
        after: row.id_or_null(1)?,
        people: row.int(2)?,
    }))
}

async fn note_progress(tx: &mut Transaction, number: i64, done: &Progress) -> Result<()> {
    let (after, people) = (done.after.into(), done.people.into());
    let (in_force, zero) = (Value::from(""), Value::from(0_i64));
    let values = [pass(number), in_force, after, people, zero.clone(), zero];
    tx.execute(&CURSOR_PUT, &values).await.map(drop)
}

/// The name of the pass, which the end of the migration deletes.
fn pass(number: i64) -> Value {
    format!("migration {number}").into()
}

fn unknown(number: i64) -> StoreError {
    StoreError::Database(format!("there is no migration {number}"))
}
