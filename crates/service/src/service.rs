//! [`Service`]: what it is built from, and its parts.

use std::sync::{Arc, Mutex};

use credential::ReplayCache;
use domain::{Clock, IdSource, Timestamp};
use store::{Health, Store};
use tokio::sync::Semaphore;
use tracing::{error, instrument};

use crate::access::Access;
use crate::accounts::{Accounts, ProvenResidents, Sessions, adopt_everybody};
use crate::alarms::Alarms;
use crate::appeals::Appeals;
use crate::audit::AuditLog;
use crate::codes::{Checks, Codes, Revocations, StatusLists, Trust};
use crate::contradictions::Contradictions;
use crate::decisions::{VerdictCache, Verdicts};
use crate::ends::{Disclosures, Forgetting, Sunset};
use crate::evidence::{HeldBatches, Orders, Submissions};
use crate::mirror::MirrorKeeper;
use crate::people::{People, PersonFinder, Records};
use crate::providers::{ProvenSignIns, Rooms};
use crate::publishing::{Proposals, PublishedPolicies, Reevaluation};
use crate::settings::Settings;
use crate::staff::StaffAccounts;
use crate::statistics::{CheckCounts, StatisticsService};
use crate::tracing::{CaseWindows, Runs, Tracing};
use crate::two_persons::TwoPersons;
use crate::visits::Visits;
use crate::wake::Wake;
use crate::workers::{Outbox, WorkerStates};
use crate::{Dependencies, Result};

/// All use cases, by room. Share it in an [`Arc`].
pub struct Service {
    /// Who is asking.
    pub access: Arc<Access>,
    /// The log of what is done and seen.
    pub audit: Arc<AuditLog>,
    /// Accounts of staff members, and feeds.
    pub staff: Arc<StaffAccounts>,
    /// Accounts, how they are proven, and what is signed in.
    pub accounts: Arc<Accounts>,
    /// Residents whom an identity provider proved.
    pub proven_residents: Arc<ProvenResidents>,
    /// What residents do and read.
    pub people: Arc<People>,
    /// What authorities submit.
    pub evidence: Arc<Submissions>,
    /// Orders, by two staff members.
    pub orders: Arc<Orders>,
    /// Submissions above the cap, which wait for a second person.
    pub batches: Arc<HeldBatches>,
    /// Data for somebody outside, by two staff members.
    pub disclosures: Arc<Disclosures>,
    /// Opening somebody's record.
    pub records: Arc<Records>,
    /// Deleting what is over.
    pub forgetting: Arc<Forgetting>,
    /// The end of the emergency.
    pub sunset: Arc<Sunset>,
    /// Venues, and people's visits to them.
    pub visits: Arc<Visits>,
    /// Cases and their contacts.
    pub tracing: Arc<Tracing>,
    /// Appeals against restrictions, and their answers.
    pub appeals: Arc<Appeals>,
    /// What contradicts what people declared.
    pub contradictions: Arc<Contradictions>,
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
    /// What somebody should look at.
    pub alarms: Arc<Alarms>,
    /// Counts by day.
    pub statistics: Arc<StatisticsService>,
    /// The copy of all evidence for reading over everybody.
    pub mirror: Arc<MirrorKeeper>,
    /// Telling people.
    pub outbox: Arc<Outbox>,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) trust: Arc<Trust>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) revocations: Arc<Revocations>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) workers: Arc<WorkerStates>,
}

impl Service {
    /// Reads what is in force and takes up work. Starts no worker: see [`Service::spawn_workers`].
    ///
    /// # Errors
    /// [`crate::ServiceError::Signing`] if the trust list does not open or hold the issuer's key;
    /// [`crate::ServiceError::Vault`] if people are found under a key that is not there;
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "service.start", skip_all)]
    pub async fn start(dependencies: Dependencies) -> Result<Arc<Self>> {
        let service = Self::wire(dependencies)?;
        service.people.refuse_older_keys().await?;
        service.access.prepare(service.settings.issuer).await?;
        service.policies.reload().await?;
        service.reload_keys().await?;
        service.revocations.refresh().await?;
        service.verdicts.follow_other_nodes().await?;
        let keys = &service.accounts.keys;
        adopt_everybody(&service.store, &service.sessions, keys).await?;
        service.sessions.follow_other_nodes().await?;
        // A log that cannot be signed takes nothing down; its worker is missed by `/health`.
        if let Err(error) = service.audit.checkpoint().await {
            error!(%error, "the log is not signed");
        }
        Ok(Arc::new(service))
    }

    fn wire(dependencies: Dependencies) -> Result<Self> {
        let Dependencies {
            store,
            keys,
            signing,
            log_key,
            clock,
            ids,
            notifier,
            code_sender,
            settings,
        } = dependencies;
        let trust = Trust::new(signing, settings.issuer, clock.now())?;
        let (trust, settings) = (Arc::new(trust), Arc::new(settings));
        let wake = Arc::new(Wake::default());
        let cache = Arc::new(VerdictCache::new(settings.people_in_memory));
        let sessions = Arc::new(Sessions::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            keys.clone(),
            settings.people_in_memory,
        ));
        let access = Arc::new(Access::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            keys.clone(),
            Arc::clone(&sessions),
        ));
        let log = AuditLog::new(
            Arc::clone(&store),
            Arc::clone(&access),
            (Arc::clone(&clock), Arc::clone(&ids)),
            settings.issuer,
            log_key,
            settings.witnesses.clone(),
        );
        let audit = Arc::new(log?);
        let two_persons = Arc::new(TwoPersons {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
        });
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
        let finder = Arc::new(PersonFinder {
            store: Arc::clone(&store),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
        });
        let accounts = Arc::new(Accounts {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
            revocations: Arc::clone(&revocations),
            sessions: Arc::clone(&sessions),
            sender: code_sender,
            looking_up: Arc::new(Semaphore::new(settings.sign_ins_at_once as usize)),
            counting_codes: tokio::sync::Mutex::default(),
            last_hand_over: Mutex::default(),
        });
        let people = Arc::new(People {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
            sessions: Arc::clone(&sessions),
        });
        let proven_residents = Arc::new(ProvenResidents {
            people: Arc::clone(&people),
            accounts: Arc::clone(&accounts),
        });
        let visits = Arc::new(Visits::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            Arc::clone(&settings),
            keys.clone(),
            Arc::clone(&policies),
            Arc::clone(&verdicts),
            Arc::clone(&wake),
        ));
        let cases = Arc::new(CaseWindows::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&settings),
        ));
        let batches = Arc::new(HeldBatches {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            access: Arc::clone(&access),
            verdicts: Arc::clone(&verdicts),
            cases: Arc::clone(&cases),
            two_persons: Arc::clone(&two_persons),
            wake: Arc::clone(&wake),
        });
        let counts = Arc::new(CheckCounts::default());
        let checks = Arc::new(Checks {
            clock: Arc::clone(&clock),
            trust: Arc::clone(&trust),
            revocations: Arc::clone(&revocations),
            counts: Arc::clone(&counts),
            seen: Mutex::new(ReplayCache::new()),
        });
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
            checks: Arc::clone(&checks),
            held: Arc::clone(&batches),
            cases: Arc::clone(&cases),
            wake: Arc::clone(&wake),
        });
        let orders = Arc::new(Orders {
            clock: Arc::clone(&clock),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            people: Arc::clone(&finder),
            verdicts: Arc::clone(&verdicts),
            two_persons: Arc::clone(&two_persons),
        });
        let disclosures = Arc::new(Disclosures {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            audit: Arc::clone(&audit),
            people: Arc::clone(&finder),
            two_persons: Arc::clone(&two_persons),
        });
        let records = Arc::new(Records {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            people: Arc::clone(&finder),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
        });
        let forgetting = Arc::new(Forgetting {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            policies: Arc::clone(&policies),
            people: Arc::clone(&people),
        });
        let sunset = Arc::new(Sunset {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            access: Arc::clone(&access),
            audit: Arc::clone(&audit),
            policies: Arc::clone(&policies),
            two_persons,
        });
        let contradictions = Arc::new(Contradictions {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
            people: Arc::clone(&finder),
        });
        let appeals = Arc::new(Appeals {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            access: Arc::clone(&access),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
            people: Arc::clone(&finder),
            submissions: Arc::clone(&evidence),
            cases: Arc::clone(&cases),
            wake: Arc::clone(&wake),
            counted: Mutex::default(),
        });
        let tracing = Arc::new(Tracing {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            settings: Arc::clone(&settings),
            keys,
            people: finder,
            access: Arc::clone(&access),
            visits: Arc::clone(&visits),
            held: Arc::clone(&batches),
            submissions: Arc::clone(&evidence),
            verdicts: Arc::clone(&verdicts),
            wake: Arc::clone(&wake),
            runs: Runs::default(),
        });
        let alarms = Arc::new(Alarms {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            access: Arc::clone(&access),
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
        let statistics = Arc::new(StatisticsService::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&policies),
            Arc::clone(&counts),
        ));
        let codes = Arc::new(Codes {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            settings: Arc::clone(&settings),
            trust: Arc::clone(&trust),
            people: Arc::clone(&people),
            policies: Arc::clone(&policies),
            verdicts: Arc::clone(&verdicts),
            revocations: Arc::clone(&revocations),
            lists: StatusLists::default(),
        });
        let outbox = Arc::new(Outbox::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            notifier,
        ));
        Ok(Self {
            access,
            audit,
            staff,
            accounts,
            proven_residents,
            people,
            evidence,
            orders,
            batches,
            records,
            disclosures,
            forgetting,
            sunset,
            visits,
            tracing,
            appeals,
            contradictions,
            policies,
            publishing,
            reevaluation,
            codes,
            checks,
            alarms,
            statistics,
            mirror,
            outbox,
            store,
            clock,
            ids,
            settings,
            trust,
            verdicts,
            revocations,
            wake,
            sessions,
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
            residents: Arc::clone(&self.proven_residents),
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
