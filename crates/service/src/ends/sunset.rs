//! The end of the emergency: agreed on by two staff members, carried out by the operator, and proven by
//! the end of the log.

use std::sync::Arc;

use domain::{Clock, IdSource, ProposalId, Timestamp, text};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::proposals::{ProposalKind, ProposalRecord, Settlement, Signature};
use store::sunset::{self, ERASED, ErasedTable, SunsetRecord};
use store::{Store, StoreError, audit};
use tracing::{info, instrument};

use super::forgetting::{Stretch, append};
use crate::access::{Access, Action, Operator, Resource, Staff};
use crate::audit::{Actor, AuditEntry, AuditLog, Did};
use crate::people::Keys;
use crate::publishing::PublishedPolicies;
use crate::two_persons::{TwoPersons, unreadable};
use crate::{Result, ServiceError, Settings};

/// An approval counts for so long.
const APPROVED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// After so long every other server has noticed that the emergency has ended.
pub const NOTICED_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// Characters of the name of a law.
const LONGEST_LAW: usize = 300;
/// Entries read at once.
const ENTRIES_AT_ONCE: u32 = 1_000;

/// An end of the emergency that waits for a second person, or no longer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SunsetProposal {
    /// Its identifier.
    pub id: ProposalId,
    /// The law that ends it.
    pub law: String,
    /// Who proposed it.
    pub proposed: Signature,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

/// An entry of the log with what it says, for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofEntry {
    /// Its place.
    pub index: u64,
    /// What was mixed in, so that nobody could guess it.
    pub salt: [u8; 16],
    /// What it says.
    pub content: Vec<u8>,
}

/// What proves the end: entries from its beginning to the last of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SunsetProof {
    /// The law.
    pub law: String,
    /// The checkpoint over the whole log, signed.
    pub checkpoint: String,
    /// The entries that say what was erased and destroyed, in their order.
    pub entries: Vec<ProofEntry>,
}

/// Ends the emergency.
pub struct Sunset {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) two_persons: Arc<TwoPersons>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    law: String,
}

impl Sunset {
    /// Proposes to end the emergency. Nothing ends yet.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::NotOfTheWhole`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::BadField`]
    /// without a law; [`ServiceError::Store`].
    #[instrument(name = "sunset.propose", skip_all)]
    pub async fn propose(&self, by: &Staff, law: &str) -> Result<SunsetProposal> {
        by.check(Action::ProposeSunset, &Resource::NOBODYS, self.clock.now())?;
        self.check_whole(by)?;
        let law = checked(law)?.to_owned();
        let content = serde_json::to_string(&Content { law })
            .map_err(|error| StoreError::Database(format!("cannot be written: {error}")))?;
        let proposed = self.two_persons.propose(by, ProposalKind::Sunset, content);
        view(proposed.await?)
    }

    /// Approves to end the emergency: the operator may carry it out within seven days.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`]; [`ServiceError::NotPermitted`];
    /// [`ServiceError::NotOfTheWhole`]; [`ServiceError::StepUpNeeded`]; [`ServiceError::SamePerson`];
    /// [`ServiceError::ProposalSettled`]; [`ServiceError::BadField`] without a reason;
    /// [`ServiceError::LogBroken`]; [`ServiceError::Store`].
    #[instrument(name = "sunset.approve", skip_all, fields(proposal = %id))]
    pub async fn approve(
        &self,
        by: &Staff,
        id: ProposalId,
        reason: &str,
    ) -> Result<SunsetProposal> {
        let record = self.two_persons.find(id, ProposalKind::Sunset).await?;
        self.access
            .check_proposal(by, Action::ApproveSunset, &record)
            .await?;
        self.check_whole(by)?;
        let approving = self.two_persons.approving(&record, by, reason)?;
        self.audit.refuse_unverified().await?;
        let approved = approving.settle(record);
        let written = self
            .store
            .transaction("sunset.approve", approving, |tx, approving| {
                Box::pin(approving.write(tx))
            });
        if written.await? {
            return view(approved);
        }
        // Approving again what one approved changes nothing; somebody else may have been quicker.
        let found = self.two_persons.find(id, ProposalKind::Sunset).await?;
        let theirs = |end: &Settlement| end.is_approved && end.by.staff == Some(by.id());
        if !found.settled.as_ref().is_some_and(theirs) {
            return Err(ServiceError::ProposalSettled);
        }
        view(found)
    }

    /// That somebody's regions hold the whole installation: a district does not end what is others'.
    fn check_whole(&self, by: &Staff) -> Result<()> {
        let region = self.settings.issuer;
        let is_whole = by.member().regions.cover(region);
        is_whole
            .then_some(())
            .ok_or(ServiceError::NotOfTheWhole { region })
    }

    /// Rejects to end the emergency, or takes one's own proposal back, until it has begun.
    ///
    /// # Errors
    /// As [`Self::approve`], but for the same person and the log.
    #[instrument(name = "sunset.reject", skip_all, fields(proposal = %id))]
    pub async fn reject(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<SunsetProposal> {
        let record = self.two_persons.find(id, ProposalKind::Sunset).await?;
        if record.proposed.staff != Some(by.id()) {
            self.access
                .check_proposal(by, Action::ApproveSunset, &record)
                .await?;
        }
        view(self.two_persons.reject(&record, by, reason).await?)
    }

    /// What was proposed lately, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "sunset.list", skip_all)]
    pub async fn list(&self, by: &Staff) -> Result<Vec<SunsetProposal>> {
        by.may(Action::ReadSunset)?;
        let found = self.two_persons.all(ProposalKind::Sunset).await?;
        found.into_iter().map(view).collect()
    }

    /// How many rows of each table would be erased. Changes nothing, and may be asked at any time.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "sunset.rehearse", skip_all)]
    pub async fn rehearse(&self, _operator: &Operator) -> Result<Vec<(&'static str, u64)>> {
        let mut counts = Vec::with_capacity(ERASED.len());
        for table in ERASED {
            let read = self
                .store
                .snapshot("sunset.count", table, |tx, table| Box::pin(table.count(tx)));
            counts.push((table.name, read.await?));
        }
        Ok(counts)
    }

    /// Begins the end, or goes on with one that was begun by the same law: from now on nothing is taken
    /// in and no code is made, on other servers after some seconds.
    ///
    /// # Errors
    /// [`ServiceError::SunsetNotApproved`]; [`ServiceError::BadField`]; [`ServiceError::LogBroken`];
    /// [`ServiceError::Store`].
    #[instrument(name = "sunset.begin", skip_all)]
    pub async fn begin(&self, _operator: &Operator, law: &str) -> Result<Timestamp> {
        let law = checked(law)?;
        if let Some(begun) = self.begun().await? {
            let is_same = begun.law == law;
            return is_same
                .then_some(begun.began_at)
                .ok_or(ServiceError::SunsetNotApproved);
        }
        let approved = self.approved(law).await?;
        self.audit.refuse_unverified().await?;
        let now = self.clock.now();
        let entry = AuditEntry::new(Actor::Operator { authority: None }, Did::SunsetBegun, now);
        let entry = entry.what(law).seal(&*self.ids);
        let arguments = (approved.id, law.to_owned(), now, [entry]);
        let begun =
            self.store
                .transaction("sunset.begin", arguments, |tx, (id, law, now, entry)| {
                    Box::pin(async move {
                        if sunset::begin(tx, *id, law, *now).await? {
                            audit::append(tx, entry).await?;
                        }
                        Ok::<_, StoreError>(())
                    })
                });
        begun.await?;
        self.policies.reload().await?;
        info!("the emergency has ended: nothing is taken in any more");
        Ok(now)
    }

    /// Erases everything about people, table by table, and what the log says of them, and says in
    /// the log how much. May be repeated; goes on where it broke off. `progress` receives each
    /// table.
    ///
    /// # Errors
    /// [`ServiceError::SunsetNotApproved`] before it began; [`ServiceError::SunsetNotNoticed`] while
    /// other servers may still take something in; [`ServiceError::Store`].
    #[instrument(name = "sunset.erase", skip_all)]
    pub async fn erase(
        &self,
        _operator: &Operator,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<u64> {
        let begun = self.begun().await?.ok_or(ServiceError::SunsetNotApproved)?;
        let from = begun.began_at + NOTICED_AFTER;
        if self.clock.now() < from {
            return Err(ServiceError::SunsetNotNoticed { from });
        }
        self.erase_log().await?;
        let mut erased = 0;
        loop {
            let mut in_this_round = 0;
            for table in ERASED {
                progress(table.name);
                in_this_round += self.erase_table(table).await?;
            }
            erased += in_this_round;
            // What was on its way while the first round went on is found by the next.
            if in_this_round == 0 {
                return Ok(erased);
            }
        }
    }

    /// Destroys the keys of months, and says in the log that `others` are destroyed too. The
    /// operator, who holds the folder of keys, destroys those once the proof lies outside of it, so
    /// that nothing is lost if the program breaks off in between, and the log's own key last. Does
    /// nothing once all is done.
    ///
    /// # Errors
    /// [`ServiceError::Vault`] if they cannot be destroyed where they are kept;
    /// [`ServiceError::Store`].
    #[instrument(name = "sunset.destroy_keys", skip_all)]
    pub async fn destroy_keys(&self, _operator: &Operator, others: &[String]) -> Result<()> {
        let begun = self.begun().await?.ok_or(ServiceError::SunsetNotApproved)?;
        if begun.finished_at.is_some() {
            return Ok(());
        }
        if let Some(months) = self.keys.vault.months() {
            let destroyed = months.destroy_all();
            destroyed.map_err(|why| crate::VaultError::NotDestroyed { why })?;
        }
        let now = self.clock.now();
        let of_months = ["all months".to_owned()];
        let entries = of_months.iter().chain(others).map(|key| {
            let entry =
                AuditEntry::new(Actor::Operator { authority: None }, Did::KeysDestroyed, now);
            entry.what(key).seal(&*self.ids)
        });
        append(&self.store, entries.collect()).await
    }

    /// Says in the log that all is done, signs the log a last time, and gives the proof. Repeated, it
    /// gives the same.
    ///
    /// # Errors
    /// [`ServiceError::SunsetNotApproved`] before it began; [`ServiceError::Store`].
    #[instrument(name = "sunset.finish", skip_all)]
    pub async fn finish(&self, _operator: &Operator) -> Result<SunsetProof> {
        let begun = self.begun().await?.ok_or(ServiceError::SunsetNotApproved)?;
        // What has no place yet gets it before the last entry.
        while self.audit.checkpoint().await? > 0 {}
        let now = self.clock.now();
        let entry = AuditEntry::new(
            Actor::Operator { authority: None },
            Did::SunsetFinished,
            now,
        );
        let arguments = (now, [entry.what(&begun.law).seal(&*self.ids)]);
        let finished = self
            .store
            .transaction("sunset.finish", arguments, |tx, (now, entry)| {
                Box::pin(async move {
                    if sunset::finish(tx, *now).await? {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            });
        finished.await?;
        while self.audit.checkpoint().await? > 0 {}
        let signed = self.audit.signed_checkpoint().await?;
        let checkpoint = signed.map(|signed| signed.to_string()).unwrap_or_default();
        Ok(SunsetProof {
            law: begun.law,
            checkpoint,
            entries: self.proof_entries().await?,
        })
    }

    /// Whether the emergency has ended, by which law and since when.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn begun(&self) -> Result<Option<SunsetRecord>> {
        let read = self
            .store
            .read("sunset.find", (), |tx, ()| Box::pin(sunset::find(tx)));
        Ok(read.await?)
    }

    /// What two staff members agreed on, by this law and lately.
    async fn approved(&self, law: &str) -> Result<ProposalRecord> {
        let now = self.clock.now();
        for record in self.two_persons.all(ProposalKind::Sunset).await? {
            let proposer = record.proposed.staff;
            let is_by_two = record.settled.as_ref().is_some_and(|end| {
                let is_fresh = now.duration_since(end.by.at) <= APPROVED_FOR;
                let is_other = end.by.staff.is_some() && end.by.staff != proposer;
                end.is_approved && is_fresh && is_other
            });
            if proposer.is_some() && is_by_two && Content::read(&record)?.law == law {
                return Ok(record);
            }
        }
        Err(ServiceError::SunsetNotApproved)
    }

    async fn erase_log(&self) -> Result<()> {
        // Whatever has no place yet is not found.
        while self.audit.checkpoint().await? > 0 {}
        let mut from = Some(0);
        while from.is_some() {
            let stretch = Stretch {
                from,
                before: Timestamp::MAX,
                now: self.clock.now(),
                ids: Arc::clone(&self.ids),
            };
            let done = self
                .store
                .transaction("sunset.erase_log", stretch, |tx, stretch| {
                    Box::pin(stretch.run(tx))
                });
            from = done.await?;
        }
        Ok(())
    }

    async fn erase_table(&self, table: &'static ErasedTable) -> Result<u64> {
        let (now, ids) = (self.clock.now(), Arc::clone(&self.ids));
        let done = self.store.transaction(
            "sunset.erase_table",
            (table, now, ids),
            |tx, (table, now, ids)| {
                Box::pin(async move {
                    let count = table.erase(tx).await?;
                    if count > 0 {
                        let by = Actor::Operator { authority: None };
                        let entry = AuditEntry::new(by, Did::DataErased, *now).what(table.name);
                        let entry = entry.count(usize::try_from(count).unwrap_or(usize::MAX));
                        audit::append(tx, &[entry.seal(&**ids)]).await?;
                    }
                    Ok::<_, StoreError>(count)
                })
            },
        );
        Ok(done.await?)
    }

    /// The entries from the beginning of the end on, in their order.
    async fn proof_entries(&self) -> Result<Vec<ProofEntry>> {
        let mut entries = Vec::new();
        let mut before = u64::MAX;
        loop {
            let read = self.store.read("sunset.proof", before, |tx, before| {
                Box::pin(audit::before(tx, *before, ENTRIES_AT_ONCE))
            });
            let page = read.await?;
            let is_last = page.len() < ENTRIES_AT_ONCE as usize;
            for record in page {
                before = record.index.unwrap_or_default();
                let said = AuditEntry::read(&record);
                let said = said.map_err(|why| StoreError::Corrupt {
                    table: "audit_entry",
                    row: before.to_string(),
                    why: why.to_string(),
                })?;
                let (Some(said), Some((salt, content))) = (said, record.kept) else {
                    continue;
                };
                entries.push(ProofEntry {
                    index: before,
                    salt,
                    content,
                });
                if said.did == Did::SunsetBegun {
                    entries.reverse();
                    return Ok(entries);
                }
            }
            if is_last {
                entries.reverse();
                return Ok(entries);
            }
        }
    }
}

impl SunsetProof {
    /// What the entries say, in their order; `None` if one of them cannot be read. Whether they are in
    /// a log is for its files to say: each is committed to by [`ProofEntry::commitment`].
    pub fn said(&self) -> Option<Vec<AuditEntry>> {
        let entries = self.entries.iter();
        entries
            .map(|one| AuditEntry::of_content(&one.content))
            .collect()
    }

    /// Why these entries are no proof of an end, whatever log they are in; `None` if they are one.
    pub fn flaw(&self) -> Option<&'static str> {
        let Some(said) = self.said() else {
            return Some("an entry cannot be read");
        };
        let is = |entry: Option<&AuditEntry>, did| entry.is_some_and(|entry| entry.did == did);
        let law = said.first().and_then(|entry| entry.what.as_deref());
        let (mut indexes, mut rest) = (self.entries.iter(), self.entries.iter().skip(1));
        let are_in_order = indexes.all(|one| rest.next().is_none_or(|next| one.index < next.index));
        if !is(said.first(), Did::SunsetBegun) {
            Some("it does not begin with the beginning of the end")
        } else if !is(said.last(), Did::SunsetFinished) {
            Some("it does not end with the end")
        } else if law != Some(&*self.law) {
            Some("the log names another law")
        } else if !said.iter().any(|entry| entry.did == Did::KeysDestroyed) {
            Some("no key was destroyed")
        } else if !are_in_order {
            Some("its entries are not in their order")
        } else {
            None
        }
    }
}

impl ProofEntry {
    /// What the log holds of it.
    pub fn commitment(&self) -> [u8; 32] {
        AuditEntry::commitment_of(&self.salt, &self.content)
    }
}

impl Content {
    fn read(record: &ProposalRecord) -> Result<Self> {
        serde_json::from_str(&record.content).map_err(|_| unreadable(record.id))
    }
}

fn checked(law: &str) -> Result<&str> {
    ServiceError::named("law", text::line(law, LONGEST_LAW))
}

fn view(record: ProposalRecord) -> Result<SunsetProposal> {
    Ok(SunsetProposal {
        law: Content::read(&record)?.law,
        id: record.id,
        proposed: record.proposed,
        settled: record.settled,
    })
}
