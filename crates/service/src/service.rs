//! [`Service`]: what it is built from, and its parts.

use std::sync::Arc;

use credential::{IssuerKey, PublicKey};
use domain::{Clock, IdSource, Timestamp};
use store::{Health, Store};
use tracing::instrument;

use crate::Result;
use crate::access::Access;
use crate::codes::{Checks, Codes, Revocations, StatusLists, Trust};
use crate::decisions::{VerdictCache, Verdicts};
use crate::evidence::{Orders, Submissions};
use crate::mirror::MirrorKeeper;
use crate::people::{Keys, People, PersonFinder};
use crate::providers::{ProvenSignIns, Rooms};
use crate::publishing::{Proposals, PublishedPolicies, Reevaluation};
use crate::settings::Settings;
use crate::staff::StaffAccounts;
use crate::statistics::{CheckCounts, StatisticsService};
use crate::tracing::{CaseWindows, Runs, Tracing};
use crate::two_persons::TwoPersons;
use crate::visits::Visits;
use crate::wake::Wake;
use crate::workers::{Notifier, Outbox, WorkerStates};

/// What a service is built from.
pub struct Dependencies {
    /// The record.
    pub store: Arc<Store>,
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

/// All use cases, by room. Share it in an [`Arc`].
pub struct Service {
    /// Who is asking.
    pub access: Arc<Access>,
    /// Accounts of staff members, and feeds.
    pub staff: Arc<StaffAccounts>,
    /// What residents do and read.
    pub people: Arc<People>,
    /// What authorities submit.
    pub evidence: Arc<Submissions>,
    /// Orders, by two staff members.
    pub orders: Arc<Orders>,
    /// Venues, and people's visits to them.
    pub visits: Arc<Visits>,
    /// Cases and their contacts.
    pub tracing: Arc<Tracing>,
    /// What is in force.
    pub policies: Arc<PublishedPolicies>,
    /// Publishing with two persons.
    pub publishing: Arc<Proposals>,
    /// Deciding everybody again.
    pub reevaluation: Arc<Reevaluation>,
    /// What is shown at a checkpoint.
    pub codes: Arc<Codes>,
    /// Verifying it.
    pub checks: Arc<Checks>,
    /// Counts by day.
    pub statistics: Arc<StatisticsService>,
    /// The copy of all evidence for reading over everybody.
    pub mirror: Arc<MirrorKeeper>,
    /// Telling people.
    pub outbox: Arc<Outbox>,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) revocations: Arc<Revocations>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) workers: Arc<WorkerStates>,
}

impl Service {
    /// Reads what is in force and takes up work. Starts no worker: see [`Service::spawn_workers`].
    ///
    /// # Errors
    /// [`crate::ServiceError::Signing`] if the trust list does not open or hold the issuer's key;
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "service.start", skip_all)]
    pub async fn start(dependencies: Dependencies) -> Result<Arc<Self>> {
        let service = Self::wire(dependencies)?;
        service.access.prepare(service.settings.issuer).await?;
        service.policies.reload().await?;
        service.revocations.refresh().await?;
        service.verdicts.follow_other_nodes().await?;
        Ok(Arc::new(service))
    }

    fn wire(dependencies: Dependencies) -> Result<Self> {
        let Dependencies {
            store,
            keys,
            issuer_key,
            trust_list,
            roots,
            clock,
            ids,
            notifier,
            settings,
        } = dependencies;
        let trust = Trust::new(issuer_key, trust_list, &roots, settings.issuer)?;
        let (trust, settings) = (Arc::new(trust), Arc::new(settings));
        let wake = Arc::new(Wake::default());
        let cache = Arc::new(VerdictCache::new(settings.people_in_memory));
        let access = Arc::new(Access::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            keys.clone(),
            Arc::clone(&cache),
        ));
        let two_persons = Arc::new(TwoPersons::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
        ));
        let staff = Arc::new(StaffAccounts {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            two_persons: Arc::clone(&two_persons),
        });
        let revocations = Arc::new(Revocations::new(Arc::clone(&store), Arc::clone(&clock)));
        let policies = Arc::new(PublishedPolicies::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&wake),
        ));
        let verdicts = Arc::new(Verdicts::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&policies),
            cache,
            Arc::clone(&revocations),
            Arc::clone(&wake),
        ));
        let finder = Arc::new(PersonFinder::new(
            Arc::clone(&store),
            keys.clone(),
            Arc::clone(&verdicts),
        ));
        let people = Arc::new(People {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
        });
        let visits = Arc::new(Visits::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            Arc::clone(&settings),
            Arc::clone(&policies),
            Arc::clone(&verdicts),
            Arc::clone(&wake),
        ));
        let cases = Arc::new(CaseWindows::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&settings),
        ));
        let evidence = Arc::new(Submissions {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            people: Arc::clone(&finder),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
            visits: Arc::clone(&visits),
            cases,
            wake: Arc::clone(&wake),
        });
        let orders = Arc::new(Orders {
            clock: Arc::clone(&clock),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            people: Arc::clone(&finder),
            verdicts: Arc::clone(&verdicts),
            two_persons,
        });
        let tracing = Arc::new(Tracing {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            settings: Arc::clone(&settings),
            keys,
            people: finder,
            submissions: Arc::clone(&evidence),
            verdicts: Arc::clone(&verdicts),
            wake: Arc::clone(&wake),
            runs: Runs::default(),
        });
        let mirror = Arc::new(MirrorKeeper::new(Arc::clone(&clock)));
        let reevaluation = Arc::new(Reevaluation::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&settings),
            Arc::clone(&policies),
            Arc::clone(&verdicts),
            Arc::clone(&revocations),
            Arc::clone(&mirror),
        ));
        let publishing = Arc::new(Proposals::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            Arc::clone(&settings),
            Arc::clone(&policies),
            Arc::clone(&reevaluation),
            Arc::clone(&mirror),
            Arc::clone(&wake),
        ));
        let counts = Arc::new(CheckCounts::default());
        let statistics = Arc::new(StatisticsService::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&policies),
            Arc::clone(&counts),
        ));
        let codes = Arc::new(Codes {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids,
            settings: Arc::clone(&settings),
            trust: Arc::clone(&trust),
            people: Arc::clone(&people),
            verdicts: Arc::clone(&verdicts),
            revocations: Arc::clone(&revocations),
            lists: StatusLists::default(),
        });
        let checks = Arc::new(Checks {
            clock: Arc::clone(&clock),
            trust,
            revocations: Arc::clone(&revocations),
            counts,
        });
        let outbox = Arc::new(Outbox::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            notifier,
        ));
        Ok(Self {
            access,
            staff,
            people,
            evidence,
            orders,
            visits,
            tracing,
            policies,
            publishing,
            reevaluation,
            codes,
            checks,
            statistics,
            mirror,
            outbox,
            store,
            clock,
            settings,
            verdicts,
            revocations,
            wake,
            workers: Arc::default(),
        })
    }

    /// Whether the database answers, its schema version and size.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`] if it does not.
    pub async fn health(&self) -> Result<Health> {
        Ok(self.store.health().await?)
    }

    /// Takes in whoever an identity provider proved.
    pub fn proven_sign_ins(&self) -> Arc<dyn ProvenSignIns> {
        Arc::new(Rooms {
            access: Arc::clone(&self.access),
            staff: Arc::clone(&self.staff),
        })
    }

    /// The choices of this installation.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The present, by the service's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
