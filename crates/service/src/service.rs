//! [`Service`]: what it is built from, and its parts.

mod background;
mod facts;
mod wiring;

use std::sync::Arc;

use domain::Clock;
use store::Store;
use tracing::{error, instrument};

use crate::access::Access;
use crate::accounts::{Accounts, ProvenResidents, Sessions, adopt_everybody};
use crate::alarms::Alarms;
use crate::appeals::Appeals;
use crate::audit::AuditLog;
use crate::codes::{Checks, Codes, KeyKeeper, Revocations};
use crate::contradictions::Contradictions;
use crate::decisions::Verdicts;
use crate::desk::Desk;
use crate::ends::{Disclosures, Forgetting, Sunset};
use crate::evidence::{HeldBatches, Orders, Submissions};
use crate::figures::Figures;
use crate::glitches::Glitches;
use crate::mirror::MirrorKeeper;
use crate::people::{People, Records};
use crate::publishing::{Proposals, PublishedPolicies, Reevaluation};
use crate::scanners::Scanners;
use crate::settings::Settings;
use crate::staff::StaffAccounts;
use crate::statistics::StatisticsService;
use crate::tracing::Tracing;
use crate::visits::Visits;
use crate::wake::Wake;
use crate::workers::{Leftovers, NodeWatch, OtherNodes, Outbox, WorkerStates};
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
    /// Scanners at gates, and the visits that they record.
    pub scanners: Arc<Scanners>,
    /// What somebody should look at.
    pub alarms: Arc<Alarms>,
    /// Counts by day.
    pub statistics: Arc<StatisticsService>,
    /// The copy of all evidence for reading over everybody.
    pub mirror: Arc<MirrorKeeper>,
    /// Reports of glitches.
    pub glitches: Arc<Glitches>,
    /// What waits, and the curve, for officers.
    pub desk: Arc<Desk>,
    /// Telling people.
    pub outbox: Arc<Outbox>,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) revocations: Arc<Revocations>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) workers: Arc<WorkerStates>,
    pub(crate) other_nodes: Arc<OtherNodes>,
    pub(crate) key_keeper: Arc<KeyKeeper>,
    pub(crate) leftovers: Arc<Leftovers>,
    pub(crate) node_watch: Arc<NodeWatch>,
    pub(crate) figures: Arc<Figures>,
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
}
