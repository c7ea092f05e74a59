//! Who looked at a person, for that person to read; and entries as an auditor reads them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{AuthorityId, Role, Roles, StaffId, Timestamp};
use store::audit::{self, EntryRecord};
use store::{StoreError, people, staff};
use tracing::{error, instrument};

use super::deeds::Did;
use super::entry::{Actor, AuditEntry, BadEntry};
use super::journal::AuditLog;
use super::note_alone;
use super::purpose::Stated;
use crate::access::{Action, Resident, Resource, Staff};
use crate::{Result, ServiceError};

/// Entries on a page of an auditor.
const MOST_SHOWN: u32 = 100;
/// Looks at one person that are read, the newest first.
const MOST_READ: u32 = 10_000;
/// Looks that a person is shown, once the same ones of a day are one.
const MOST_LOOKS: usize = 500;

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
    /// How often on that day, in the same words.
    pub times: u32,
}

/// An entry as an auditor reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place.
    pub index: u64,
    /// What it says; `None` if it was erased.
    pub entry: Option<AuditEntry>,
    /// The office of the staff member who did it.
    pub office: Option<String>,
}

impl AuditLog {
    /// Who looked at a resident, the newest first: also at whom they were before they were bound. What
    /// one office member did often on a day for the same reason is said once, with how often, so that
    /// nothing is pushed out of sight.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`]; [`ServiceError::Store`].
    #[instrument(name = "audit.looks", skip_all)]
    pub async fn looks(&self, resident: &Resident) -> Result<Vec<Look>> {
        resident.check_whole()?;
        let read = self
            .store
            .read("audit.about", resident.person(), |tx, person| {
                Box::pin(async move {
                    let mut theirs = people::earlier(tx, *person).await?;
                    theirs.push(*person);
                    let found = audit::about_many(tx, &theirs, MOST_READ).await?;
                    Ok::<_, StoreError>((theirs, found))
                })
            });
        let (theirs, found) = read.await?;
        let mut looks = Vec::<Look>::new();
        let mut places = HashMap::new();
        let mut seen = HashSet::new();
        let mut known = BTreeMap::<Actor, (Option<String>, Vec<Role>)>::new();
        for record in found {
            let Some(entry) = self.readable(&record)? else {
                continue;
            };
            // Somebody put it there by hand.
            if !entry.people.iter().any(|person| theirs.contains(person)) {
                continue;
            }
            // A disclosure is read of where its delay is kept: `Disclosures::own`.
            if !entry.did.is_a_look() || entry.did == Did::Disclosed {
                continue;
            }
            // One entry may be about both whom they are and whom they were.
            if !seen.insert(record.commitment) {
                continue;
            }
            let day = entry.at.as_second().div_euclid(24 * 60 * 60);
            let same = (entry.by, entry.did, entry.why.clone(), day);
            if let Some(place) = places.get(&same) {
                let look: &mut Look = &mut looks[*place];
                look.at = look.at.max(entry.at);
                look.times += 1;
                continue;
            }
            places.insert(same, looks.len());
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
                times: 1,
            });
        }
        looks.sort_by_key(|look| Reverse(look.at));
        // A look at name and document stays in sight, whatever came since.
        let mut others = MOST_LOOKS;
        looks.retain(|look| {
            let is_kept = others > 0 || look.did == Did::PersonUnmasked;
            others = others.saturating_sub(1);
            is_kept
        });
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
        let entry = entry.seal(&*self.ids);
        Ok(note_alone(&self.store, "audit.note", entry).await?)
    }

    /// What a record says. One that was changed goes to the program's log, and is an error: a
    /// person must not be shown something else than was written.
    fn readable(&self, record: &EntryRecord) -> Result<Option<AuditEntry>> {
        AuditEntry::read(record).map_err(|why| {
            error!(index = record.index, %why, "an entry of the log cannot be read");
            let place = record
                .index
                .map_or("(no place yet)".to_owned(), |n| n.to_string());
            ServiceError::Store(StoreError::Corrupt {
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
