//! The service: what it is built from and what it holds.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use credential::{IssuerKey, PublicKey};
use domain::{Authority, AuthorityId, Clock, Colour, IdSource, PersonId, Timestamp};
use store::companions::CompanionStore;
use store::presences::PresenceStore;
use store::proposals::ProposalStore;
use store::statistics::StatisticsStore;
use store::vault::IdentityStore;
use store::{Decided, EvidenceBatch, Health, Store, StoredVerdict};
use tokio::sync::{Mutex, Notify};
use tracing::instrument;

use crate::checks::Trust;
use crate::everybody::Walk;
use crate::in_force::Books;
use crate::keys::Keys;
use crate::mirror::KeptMirror;
use crate::outbox::Notifier;
use crate::proposals::Comparing;
use crate::settings::Settings;
use crate::slots::Slots;
use crate::standings::Standings;
use crate::statistics::StatisticsMemory;
use crate::status_lists::StatusLists;
use crate::venues::Venues;
use crate::visit_memory::VisitMemory;
use crate::{Result, ServiceError};

/// What a service is built from.
pub struct Parts {
    /// The record.
    pub store: Arc<dyn Store>,
    /// The tables of the vault.
    pub identities: Arc<dyn IdentityStore>,
    /// What waits for a second person.
    pub proposals: Arc<dyn ProposalStore>,
    /// Visits for tracing.
    pub presences: Arc<dyn PresenceStore>,
    /// What is counted by day.
    pub statistics: Arc<dyn StatisticsStore>,
    /// Who belongs together, for tracing.
    pub companions: Arc<dyn CompanionStore>,
    /// The secrets of the installation.
    pub keys: Keys,
    /// Signs codes and status lists.
    pub issuer_key: IssuerKey,
    /// The signed trust list. Holds the issuer's key, the one before it while its codes live, and
    /// other issuers whose codes are taken here.
    pub trust_list: Vec<u8>,
    /// One of these signed the trust list.
    pub roots: Vec<PublicKey>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Random bits.
    pub ids: Arc<dyn IdSource>,
    /// Tells people of changed colours.
    pub notifier: Arc<dyn Notifier>,
    /// Choices of the installation.
    pub settings: Settings,
}

/// All use cases. Share it in an [`Arc`].
pub struct Service {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) identities: Arc<dyn IdentityStore>,
    pub(crate) proposals: Arc<dyn ProposalStore>,
    pub(crate) presences: Arc<dyn PresenceStore>,
    pub(crate) counts: Arc<dyn StatisticsStore>,
    pub(crate) companions: Arc<dyn CompanionStore>,
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) notifier: Arc<dyn Notifier>,
    pub(crate) settings: Settings,
    pub(crate) trust: Trust,
    pub(crate) books: Books,
    pub(crate) walk: Walk,
    pub(crate) comparing: Comparing,
    pub(crate) standings: Standings,
    pub(crate) statistics: StatisticsMemory,
    pub(crate) slots: Slots,
    pub(crate) lists: StatusLists,
    pub(crate) venues: Venues,
    pub(crate) visits: Arc<VisitMemory>,
    pub(crate) wake: Wake,
    pub(crate) tracing_now: Mutex<()>,
    pub(crate) delivering_now: Mutex<()>,
    pub(crate) neighbours: Mutex<Timestamp>,
    pub(crate) mirror: OnceLock<KeptMirror>,
    names: RwLock<Arc<Vec<Authority>>>,
}

/// Wakes workers before their time.
#[derive(Default)]
pub(crate) struct Wake {
    pub everybody: Arc<Notify>,
    pub proposals: Arc<Notify>,
    pub traces: Arc<Notify>,
    pub outbox: Arc<Notify>,
    pub revoked: Arc<Notify>,
}

impl Service {
    /// Reads what is in force and takes up work. Starts no worker: see [`Service::spawn_workers`].
    ///
    /// # Errors
    /// [`ServiceError::Signing`] if the trust list does not open or hold the issuer's key; [`ServiceError::Store`].
    #[instrument(name = "service.start", skip_all)]
    pub async fn start(parts: Parts) -> Result<Arc<Self>> {
        let issuer = parts.settings.issuer;
        let trust = Trust::new(parts.issuer_key, parts.trust_list, &parts.roots, issuer)?;
        let service = Self {
            store: parts.store,
            identities: parts.identities,
            proposals: parts.proposals,
            presences: parts.presences,
            counts: parts.statistics,
            companions: parts.companions,
            keys: parts.keys,
            standings: Standings::new(parts.settings.people_in_memory),
            slots: Slots::default(),
            statistics: StatisticsMemory::default(),
            lists: StatusLists::default(),
            ids: parts.ids,
            notifier: parts.notifier,
            settings: parts.settings,
            trust,
            books: Books::default(),
            walk: Walk::default(),
            comparing: Comparing::default(),
            venues: Venues::default(),
            visits: Arc::new(VisitMemory::new(parts.clock.now())),
            wake: Wake::default(),
            tracing_now: Mutex::default(),
            delivering_now: Mutex::default(),
            neighbours: Mutex::new(parts.clock.now()),
            mirror: OnceLock::new(),
            clock: parts.clock,
            names: RwLock::default(),
        };
        service.add_built_in_authorities().await?;
        service.reload().await?;
        service.refresh_revoked().await?;
        Ok(Arc::new(service))
    }

    /// Whether the database answers, its schema version and size.
    ///
    /// # Errors
    /// [`ServiceError::Store`] if it does not.
    pub async fn health(&self) -> Result<Health> {
        Ok(self.store.health().await?)
    }

    /// The choices of this installation.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The present, by the service's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Appends evidence and decides everybody it is about. When this returns, the verdicts are
    /// durable and no online check shows a colour that they took away (invariant 7).
    pub(crate) async fn append(&self, batch: EvidenceBatch) -> Result<Vec<Decided>> {
        let in_force = self.in_force()?;
        let people: Vec<PersonId> = batch
            .evidence
            .iter()
            .map(|evidence| evidence.person)
            .collect();
        let decided = self
            .store
            .append(batch, &in_force.court(self.clock.now()))
            .await?;
        self.learn(&decided).await?;
        self.catch_up(in_force.generation, &people).await?;
        Ok(decided)
    }

    /// Decides people again if what is in force changed while they were being decided: the walk over
    /// everybody may have passed them in between.
    pub(crate) async fn catch_up(&self, generation: u64, people: &[PersonId]) -> Result<()> {
        if self.in_force()?.generation != generation {
            self.decide_again(people).await?;
        }
        Ok(())
    }

    /// Decides people again, now.
    pub(crate) async fn decide_again(&self, people: &[PersonId]) -> Result<Vec<Decided>> {
        let decided = self.store.decide_again(people, &self.court()?).await?;
        self.learn(&decided).await?;
        Ok(decided)
    }

    /// Takes new verdicts into memory. Returns once this node knows which assertions they revoked;
    /// knows that first, so that no new colour is signed onto a revoked slot.
    pub(crate) async fn learn(&self, decided: &[Decided]) -> Result<()> {
        let refreshed = if self.announce(decided) {
            self.refresh_revoked().await
        } else {
            Ok(())
        };
        let now = self.clock.now();
        for one in decided {
            self.standings.learn(&one.now, now);
        }
        refreshed
    }

    /// Takes in verdicts of a walk over many people, of whom few are in memory. A worker reads what
    /// they revoked within the second; who waits for the end of the walk reads it then.
    pub(crate) fn learn_in_passing(&self, decided: &[Decided]) {
        let now = self.clock.now();
        for one in decided {
            if one.before == Some(one.now.verdict.status) {
                self.standings.learn_if_held(&one.now, now);
            } else {
                self.standings.forget(&one.now);
            }
        }
        if self.announce(decided) {
            self.wake.revoked.notify_one();
        }
    }

    /// Has changed colours delivered, and what the changes may have revoked read; whether there is
    /// any.
    fn announce(&self, decided: &[Decided]) -> bool {
        let changed = decided
            .iter()
            .filter(|one| one.before != Some(one.now.verdict.status));
        let mut changed = changed.peekable();
        if changed.peek().is_some() {
            self.wake.outbox.notify_one();
        }
        let green = Some(Colour::Green);
        let revokes =
            |one: &&Decided| one.before.is_some() && one.now.verdict.status.colour() != green;
        let revoked_at = changed.filter(revokes).map(|one| one.now.decided_at).min();
        if let Some(at) = revoked_at {
            self.expect_revoked(at);
        }
        revoked_at.is_some()
    }

    /// The person's verdict as of now: the stored one if it still holds, else decided again.
    pub(crate) async fn current(&self, person: PersonId) -> Result<StoredVerdict> {
        let in_force = self.in_force()?;
        let stored = self
            .store
            .verdict_of(person)
            .await?
            .ok_or(ServiceError::UnknownPerson)?;
        let now = self.clock.now();
        let is_everybody_decided = self.walk.has_finished(in_force.generation);
        if in_force.still_holds(&stored, is_everybody_decided, now) {
            self.standings.learn(&stored, now);
            return Ok(stored);
        }
        let decided = self.decide_again(&[person]).await?;
        decided
            .into_iter()
            .next()
            .map(|one| one.now)
            .ok_or(ServiceError::UnknownPerson)
    }

    /// Whether somebody is registered under this id.
    pub(crate) async fn is_registered(&self, person: PersonId) -> Result<bool> {
        let now = self.clock.now();
        if self.standings.of(person, now).is_some() {
            return Ok(true);
        }
        let stored = self.store.verdict_of(person).await?;
        if let Some(stored) = &stored {
            self.standings.learn(stored, now);
        }
        Ok(stored.is_some())
    }

    /// These authorities, from memory. One that is not there was added elsewhere: then all are read.
    pub(crate) async fn known_authorities(&self, ids: &[AuthorityId]) -> Result<Vec<Authority>> {
        let of = |all: &[Authority]| -> Vec<Authority> {
            all.iter()
                .filter(|authority| ids.contains(&authority.id))
                .cloned()
                .collect()
        };
        let held = self
            .names
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let found = of(&held);
        if found.len() == ids.len() {
            return Ok(found);
        }
        let all = self.store.authorities().await?;
        let found = of(&all);
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
        Ok(found)
    }

    pub(crate) fn forget_authority_names(&self) {
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }
}
