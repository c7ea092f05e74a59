//! Who looked at a person, for that person to read; and entries as an auditor reads them.

use std::collections::BTreeMap;

use domain::{AuthorityId, Role, Roles, StaffId, Timestamp};
use store::audit::{self, EntryRecord};
use store::staff;
use tracing::{error, instrument};

use super::deeds::Did;
use super::entry::{Actor, AuditEntry, BadEntry};
use super::journal::AuditLog;
use super::purpose::Stated;
use crate::access::{Action, Resident, Resource, Staff};
use crate::{Result, ServiceError};

/// Looks that a person is shown, and entries on a page of an auditor.
const MOST_SHOWN: u32 = 100;

/// That somebody looked at a person, as the person reads it: office and role, never the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// The office that they acted for, or nobody's if the operator did.
    pub office: Option<String>,
    /// What they are there to do.
    pub roles: Vec<Role>,
    /// What they did.
    pub did: Did,
    /// Why.
    pub why: Option<Stated>,
}

/// An entry as an auditor reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place.
    pub index: u64,
    /// What it says; `None` if it was erased.
    pub entry: Option<AuditEntry>,
    /// The office of whoever did it.
    pub office: Option<String>,
}

impl AuditLog {
    /// Who looked at anybody on the account of a resident, the newest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "audit.looks", skip_all)]
    pub async fn looks(&self, resident: &Resident) -> Result<Vec<Look>> {
        let read = self
            .store
            .read("audit.about", resident.person(), |tx, person| {
                Box::pin(audit::about(tx, *person, MOST_SHOWN))
            });
        let mut looks = Vec::new();
        let mut known = BTreeMap::<Actor, (Option<String>, Vec<Role>)>::new();
        for record in read.await? {
            let Some(entry) = self.readable(&record)? else {
                continue;
            };
            // A disclosure is read of where its delay is kept: `Disclosures::own`.
            if !entry.did.is_a_look() || entry.did == Did::Disclosed {
                continue;
            }
            let (office, roles) = match known.get(&entry.by) {
                Some(known) => known.clone(),
                None => {
                    let office = self.office(entry.by.authority()).await?;
                    let read = (office, self.roles(&entry.by).await?);
                    known.insert(entry.by, read.clone());
                    read
                }
            };
            looks.push(Look {
                at: entry.at,
                office,
                roles,
                did: entry.did,
                why: entry.why,
            });
        }
        Ok(looks)
    }

    /// Entries before a place, the newest first; from the newest on if no place is given.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "audit.entries", skip_all)]
    pub async fn entries(&self, by: &Staff, before: Option<u64>) -> Result<Vec<LogEntry>> {
        by.check(Action::ReadLog, &Resource::NOBODYS, by.stepped_up_at())?;
        let read = AuditEntry::new(by.into(), Did::LogRead, self.clock.now());
        let read = match before {
            Some(before) => read.what(format_args!("before {before}")),
            None => read.what("newest"),
        };
        self.note(read).await?;
        let before = before.unwrap_or(u64::MAX);
        let read = self.store.read("audit.before", before, |tx, before| {
            Box::pin(audit::before(tx, *before, MOST_SHOWN))
        });
        let mut entries = Vec::new();
        for record in read.await? {
            let entry = self.readable(&record)?;
            let authority = entry.as_ref().and_then(|entry| entry.by.authority());
            entries.push(LogEntry {
                index: record.index.unwrap_or_default(),
                office: self.office(authority).await?,
                entry,
            });
        }
        Ok(entries)
    }

    /// Notes that a staff member asked for something that none of their roles may do.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn note_refused(&self, by: &Staff, action: Action) -> Result<()> {
        let entry = AuditEntry::new(by.into(), Did::Refused, self.clock.now());
        let entry = entry.what(format_args!("{action:?}"));
        self.note(entry).await
    }

    async fn note(&self, entry: AuditEntry) -> Result<()> {
        let entry = [entry.seal(&*self.ids)];
        let noted = self.store.transaction("audit.note", entry, |tx, entry| {
            Box::pin(audit::append(tx, entry))
        });
        Ok(noted.await?)
    }

    /// What a record says. One that was changed is told to whoever reads the program's log, and is an
    /// error: a person must not be shown something else than was written.
    fn readable(&self, record: &EntryRecord) -> Result<Option<AuditEntry>> {
        AuditEntry::read(record).map_err(|why| {
            error!(index = record.index, %why, "an entry of the log cannot be read");
            let place = record
                .index
                .map_or("(no place yet)".to_owned(), |n| n.to_string());
            ServiceError::Store(store::StoreError::Corrupt {
                table: "audit_entry",
                row: place,
                why: match why {
                    BadEntry::Changed => "it was changed; run `healthcode audit verify`".to_owned(),
                    BadEntry::Unknown => why.to_string(),
                },
            })
        })
    }

    async fn office(&self, authority: Option<AuthorityId>) -> Result<Option<String>> {
        let Some(authority) = authority else {
            return Ok(None);
        };
        let known = self.access.known_authorities(&[authority]).await?;
        Ok(known.into_iter().next().map(|office| office.name))
    }

    async fn roles(&self, actor: &Actor) -> Result<Vec<Role>> {
        let Actor::Staff { id, .. } = actor else {
            return Ok(Vec::new());
        };
        let roles: Roles = self.roles_of(*id).await?;
        Ok(roles.iter().collect())
    }

    async fn roles_of(&self, id: StaffId) -> Result<Roles> {
        let read = self
            .store
            .read("staff.find", id, |tx, id| Box::pin(staff::find(tx, *id)));
        Ok(read
            .await?
            .map(|member| member.grant.roles)
            .unwrap_or_default())
    }
}
