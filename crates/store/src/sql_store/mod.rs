//! [`SqlStore`]: the contract on SQL, each method written once for both databases.
//!
//! The methods only hand over; what they do is in the module of their noun.

mod authorities;
mod companions;
mod evidence;
#[cfg(test)]
mod full_disk;
mod identities;
mod judging;
mod mirror;
mod outbox;
mod people;
mod presences;
mod proposals;
mod publications;
mod requests;
mod slots;
mod statistics;
mod traces;
mod verdicts;
mod visits;

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use async_trait::async_trait;
use domain::{
    Authority, DeviceId, Evidence, EvidenceId, IdSource, PersonId, RegionLevel, Timestamp, VenueId,
};
use sqlx::Connection as _;

use crate::database::{Connection, Database, Session, postgres, schema, sqlite};
use crate::queries::HEALTH;
use crate::{
    ColourChange, Court, Decided, Device, EvidenceBatch, Health, NewPerson, PolicyText,
    Publication, Reach, Recorded, Registration, Result, RevokedSlot, Since, Slot, Store,
    StoreError, StoredVerdict, TraceJob, TraceRecord, Venue, Visit,
};

/// The record in a SQLite file or on a PostgreSQL server.
pub struct SqlStore {
    database: Database,
}

impl SqlStore {
    /// Opens a database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. `randomness`
    /// spreads repeated transactions in time.
    ///
    /// # Errors
    /// [`StoreError::NotMigrated`] if [`Self::migrate`] must come first; [`StoreError::NewerSchema`],
    /// with the database untouched; [`StoreError::BadAddress`]; [`StoreError::Unreachable`].
    pub async fn open(url: &str, randomness: &dyn IdSource) -> Result<Self> {
        let database = match Address::read(url)? {
            Address::Sqlite(path) => {
                schema::refuse_other(sqlite_version(path).await?)?;
                Database::Sqlite(sqlite::SqliteDatabase::open(path).await?)
            }
            Address::Postgres(url) => {
                let database = connect(url, randomness).await?;
                schema::refuse_other(schema::version(&mut database.reader().await?).await?)?;
                database
            }
        };
        Ok(Self { database })
    }

    /// Opens a database as [`Self::open`] does and first brings its schema up to date. Makes the
    /// SQLite file if there is none, readable by its owner only.
    ///
    /// # Errors
    /// As [`Self::open`], and [`StoreError::DiskFull`].
    pub async fn migrate(url: &str, randomness: &dyn IdSource) -> Result<Self> {
        let database = match Address::read(url)? {
            Address::Sqlite(path) => {
                schema::refuse_newer(sqlite_version(path).await?)?;
                create(path).map_err(|error| unreachable_file(path, &error))?;
                Database::Sqlite(sqlite::SqliteDatabase::open(path).await?)
            }
            Address::Postgres(url) => connect(url, randomness).await?,
        };
        schema::migrate(&database).await?;
        Ok(Self { database })
    }

    /// The schema version of the database at `url` without opening it for work; 0 if there is no
    /// database or it was never migrated. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::BadAddress`]; [`StoreError::Unreachable`].
    pub async fn schema_version(url: &str, randomness: &dyn IdSource) -> Result<i64> {
        match Address::read(url)? {
            Address::Sqlite(path) => sqlite_version(path).await,
            Address::Postgres(url) => {
                let database = connect(url, randomness).await?;
                schema::version(&mut database.reader().await?).await
            }
        }
    }

    /// The first thing that is wrong with the database file, if anything is; reads all of it. A
    /// server's files are the server's to check.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`]; [`StoreError::Database`].
    pub async fn damage(&self) -> Result<Option<String>> {
        match &self.database {
            Database::Sqlite(database) => database.damage().await,
            Database::Postgres(_) => Ok(None),
        }
    }

    /// The newest schema version this program knows.
    pub const NEWEST_SCHEMA: i64 = schema::NEWEST;
}

enum Address<'a> {
    Sqlite(&'a Path),
    Postgres(&'a str),
}

impl<'a> Address<'a> {
    fn read(url: &'a str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // A database in memory is a different one for each connection.
            return match path {
                "" | ":memory:" => Err(StoreError::BadAddress),
                path => Ok(Self::Sqlite(Path::new(path))),
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url));
        }
        Err(StoreError::BadAddress)
    }
}

async fn connect(url: &str, randomness: &dyn IdSource) -> Result<Database> {
    let address = postgres::address(url)?;
    // A pool only says that it timed out; a single connection says why.
    drop(postgres::connect(&address).await?.close().await);
    let database = postgres::PostgresDatabase::open(&address, randomness).await?;
    Ok(Database::Postgres(database))
}

/// Looks at the version without changing the file or making one.
async fn sqlite_version(path: &Path) -> Result<i64> {
    if !path
        .try_exists()
        .map_err(|error| unreachable_file(path, &error))?
    {
        return Ok(0);
    }
    let connection = sqlite::look_into(path).await?;
    let mut session = Session::new(Connection::Sqlite(connection));
    schema::version(&mut session).await
}

fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn unreachable_file(path: &Path, error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull => StoreError::DiskFull,
        _ => StoreError::Unreachable(format!("{}: {error}", path.display())),
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn register(&self, person: NewPerson, court: &Court) -> Result<Registration> {
        let work = self
            .database
            .write((person, court.clone()), |session, (person, court)| {
                Box::pin(people::register(session, person, court))
            });
        work.await
    }

    async fn person_by_token(&self, token_hash: [u8; 32]) -> Result<Option<PersonId>> {
        people::by_token(&mut self.database.reader().await?, token_hash).await
    }

    async fn people_after(&self, after: Option<PersonId>, limit: u32) -> Result<Vec<PersonId>> {
        people::after(&mut self.database.reader().await?, after, limit).await
    }

    async fn append(&self, batch: EvidenceBatch, court: &Court) -> Result<Vec<Decided>> {
        let work = self
            .database
            .write((batch, court.clone()), |session, (batch, court)| {
                Box::pin(judging::append(session, batch, court))
            });
        work.await
    }

    async fn evidence_of(&self, person: PersonId, since: Timestamp) -> Result<Vec<Evidence>> {
        evidence::of(&mut self.database.reader().await?, person, since).await
    }

    async fn evidence(&self, person: PersonId, id: EvidenceId) -> Result<Option<Evidence>> {
        evidence::one(&mut self.database.reader().await?, person, id).await
    }

    async fn decide_again(&self, people: &[PersonId], court: &Court) -> Result<Vec<Decided>> {
        let arguments = (people.to_vec(), court.clone());
        let work = self.database.write(arguments, |session, (people, court)| {
            Box::pin(judging::decide_again(session, people, court))
        });
        work.await
    }

    async fn verdict_of(&self, person: PersonId) -> Result<Option<StoredVerdict>> {
        verdicts::of(&mut self.database.reader().await?, person).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<PersonId>> {
        verdicts::due(&mut self.database.reader().await?, now, limit).await
    }

    async fn verdicts_since(
        &self,
        since: Since<PersonId>,
        limit: u32,
    ) -> Result<Vec<StoredVerdict>> {
        verdicts::since(&mut self.database.reader().await?, since, limit).await
    }

    async fn outbox(&self, limit: u32) -> Result<Vec<ColourChange>> {
        outbox::waiting(&mut self.database.reader().await?, limit).await
    }

    async fn delivered(&self, messages: &[(PersonId, EvidenceId)], at: Timestamp) -> Result<()> {
        let work = self
            .database
            .write((messages.to_vec(), at), |session, (messages, at)| {
                Box::pin(outbox::delivered(session, messages, *at))
            });
        work.await
    }

    async fn publish_levels(&self, levels: &[RegionLevel], published: Publication) -> Result<()> {
        let work = self
            .database
            .write((levels.to_vec(), published), |session, (levels, by)| {
                Box::pin(publications::publish_levels(session, levels, by))
            });
        work.await
    }

    async fn levels(&self) -> Result<Vec<RegionLevel>> {
        publications::levels(&mut self.database.reader().await?).await
    }

    async fn publish_policy(&self, policy: PolicyText, published: Publication) -> Result<()> {
        let work = self
            .database
            .write((policy, published), |session, (policy, by)| {
                Box::pin(publications::publish_policy(session, policy, by))
            });
        work.await
    }

    async fn policies(&self) -> Result<Vec<PolicyText>> {
        publications::policies(&mut self.database.reader().await?).await
    }

    async fn put_venue(&self, venue: Venue) -> Result<()> {
        let put = self.database.write(venue, |session, venue| {
            Box::pin(visits::put_venue(session, venue))
        });
        put.await
    }

    async fn venue(&self, id: VenueId) -> Result<Option<Venue>> {
        visits::venue(&mut self.database.reader().await?, id).await
    }

    async fn record_visits(&self, visits: &[Visit], recorded: Recorded) -> Result<()> {
        let work = self.database.write(
            (visits.to_vec(), recorded),
            |session, (visits, recorded)| {
                Box::pin(visits::record(session, visits, *recorded, None))
            },
        );
        work.await.map(drop)
    }

    async fn visits_of(
        &self,
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Visit>> {
        visits::of(&mut self.database.reader().await?, person, from, until).await
    }

    async fn visits_at(
        &self,
        venue: VenueId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Visit>> {
        visits::at(&mut self.database.reader().await?, venue, from, until).await
    }

    async fn open_traces(&self, limit: u32) -> Result<Vec<TraceJob>> {
        traces::open(&mut self.database.reader().await?, limit).await
    }

    async fn trace(&self, person: PersonId, diagnosis: EvidenceId) -> Result<Option<TraceRecord>> {
        traces::find(&mut self.database.reader().await?, person, diagnosis).await
    }

    async fn note_reach(&self, job: &TraceJob, reach: &[Reach]) -> Result<()> {
        let arguments = (job.clone(), reach.to_vec());
        let work = self.database.write(arguments, |session, (job, reach)| {
            Box::pin(traces::note_reach(session, job, reach))
        });
        work.await
    }

    async fn note_contacts(
        &self,
        job: &TraceJob,
        contacts: &[(PersonId, EvidenceId)],
    ) -> Result<()> {
        let arguments = (job.clone(), contacts.to_vec());
        let work = self.database.write(arguments, |session, (job, contacts)| {
            Box::pin(traces::note_contacts(session, job, contacts))
        });
        work.await
    }

    async fn noted_contacts(
        &self,
        person: PersonId,
        diagnosis: EvidenceId,
    ) -> Result<Vec<(PersonId, EvidenceId)>> {
        traces::noted_contacts(&mut self.database.reader().await?, person, diagnosis).await
    }

    async fn reopen_traces(&self, limit: u32) -> Result<u32> {
        self.database
            .write(limit, |session, limit| {
                Box::pin(traces::reopen(session, *limit))
            })
            .await
    }

    async fn finish_trace(&self, job: &TraceJob, contacts: u32, at: Timestamp) -> Result<bool> {
        let arguments = (job.clone(), contacts, at);
        let work = self
            .database
            .write(arguments, |session, (job, contacts, at)| {
                Box::pin(traces::finish(session, job, *contacts, *at))
            });
        work.await
    }

    async fn enrol_device(&self, device: Device) -> Result<()> {
        let work = self.database.write(device, |session, device| {
            Box::pin(slots::enrol_device(session, device))
        });
        work.await
    }

    async fn device(&self, person: PersonId, id: DeviceId) -> Result<Option<Device>> {
        slots::device(&mut self.database.reader().await?, person, id).await
    }

    async fn claim_slot(&self, slot: Slot) -> Result<bool> {
        self.database
            .write(slot, |session, slot| Box::pin(slots::claim(session, slot)))
            .await
    }

    async fn live_slot(&self, person: PersonId, device: Option<DeviceId>) -> Result<Option<Slot>> {
        slots::live(&mut self.database.reader().await?, person, device).await
    }

    async fn revoked_slots(&self, now: Timestamp) -> Result<Vec<RevokedSlot>> {
        slots::revoked(&mut self.database.reader().await?, now).await
    }

    async fn revoked_slots_since(
        &self,
        since: Since<(u32, u32)>,
        limit: u32,
    ) -> Result<Vec<RevokedSlot>> {
        slots::revoked_since(&mut self.database.reader().await?, since, limit).await
    }

    async fn put_authority(&self, authority: &Authority, token_hash: [u8; 32]) -> Result<()> {
        let arguments = (authority.clone(), token_hash);
        let work = self
            .database
            .write(arguments, |session, (authority, token_hash)| {
                Box::pin(authorities::put(session, authority, *token_hash))
            });
        work.await
    }

    async fn authority_by_token(&self, token_hash: [u8; 32]) -> Result<Option<Authority>> {
        authorities::by_token(&mut self.database.reader().await?, token_hash).await
    }

    async fn authorities(&self) -> Result<Vec<Authority>> {
        authorities::all(&mut self.database.reader().await?).await
    }

    async fn health(&self) -> Result<Health> {
        let mut session = self.database.reader().await?;
        let row = session.one_row(&HEALTH, &[]).await?;
        let engine = match self.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgresql",
        };
        Ok(Health {
            engine: format!("{engine} {}", row.text(0)?),
            schema: schema::version(&mut session).await?,
            bytes: Some(row.number(1)?),
        })
    }
}
