//! Building the parts of a [`Service`], each from what it needs.

use std::sync::{Arc, Mutex};

use credential::ReplayCache;
use tokio::sync::Semaphore;

use super::Service;
use crate::access::Access;
use crate::accounts::{Accounts, ProvenResidents, Sessions};
use crate::alarms::Alarms;
use crate::appeals::Appeals;
use crate::audit::AuditLog;
use crate::codes::{Checks, Codes, KeyKeeper, Revocations, StatusLists, Trust};
use crate::contradictions::Contradictions;
use crate::decisions::{VerdictCache, Verdicts};
use crate::desk::Desk;
use crate::ends::{Disclosures, Forgetting, Sunset};
use crate::evidence::{HeldBatches, Orders, Submissions};
use crate::figures::Figures;
use crate::glitches::Glitches;
use crate::mirror::MirrorKeeper;
use crate::people::{People, PersonFinder, Records};
use crate::publishing::{Proposals, PublishedPolicies, Reevaluation};
use crate::scanners::Scanners;
use crate::staff::StaffAccounts;
use crate::statistics::{CheckCounts, StatisticsService};
use crate::tracing::{CaseWindows, Runs, Tracing};
use crate::two_persons::TwoPersons;
use crate::visits::Visits;
use crate::wake::Wake;
use crate::workers::{Leftovers, NodeWatch, OtherNodes, Outbox, WorkerStates};
use crate::{Dependencies, Result};

impl Service {
    pub(super) fn wire(dependencies: Dependencies) -> Result<Self> {
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
            sender: Arc::clone(&code_sender),
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
        let scanners = Arc::new(Scanners {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            settings: Arc::clone(&settings),
            policies: Arc::clone(&policies),
            checks: Arc::clone(&checks),
            visits: Arc::clone(&visits),
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
            settings: Arc::clone(&settings),
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
        let glitches = Arc::new(Glitches {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            keys: keys.clone(),
            policies: Arc::clone(&policies),
        });
        let traces = Arc::new(Runs::default());
        let tracing = Arc::new(Tracing {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            settings: Arc::clone(&settings),
            keys: keys.clone(),
            people: finder,
            access: Arc::clone(&access),
            visits: Arc::clone(&visits),
            held: Arc::clone(&batches),
            submissions: Arc::clone(&evidence),
            verdicts: Arc::clone(&verdicts),
            wake: Arc::clone(&wake),
            runs: Arc::clone(&traces),
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
        let desk = Arc::new(Desk {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            access: Arc::clone(&access),
            policies: Arc::clone(&policies),
            appeals: Arc::clone(&appeals),
            contradictions: Arc::clone(&contradictions),
            tracing: Arc::clone(&tracing),
            glitches: Arc::clone(&glitches),
        });
        let outbox = Arc::new(Outbox {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            notifier,
            sender: code_sender,
            vault: keys.vault.clone(),
            issuer: settings.issuer,
            one_at_a_time: tokio::sync::Mutex::default(),
        });
        let other_nodes = Arc::new(OtherNodes {
            policies: Arc::clone(&policies),
            revocations: Arc::clone(&revocations),
            sessions: Arc::clone(&sessions),
            verdicts: Arc::clone(&verdicts),
        });
        let key_keeper = Arc::new(KeyKeeper {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids,
            trust,
            alarms: Arc::clone(&alarms),
        });
        let leftovers = Arc::new(Leftovers {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            alarms: Arc::clone(&alarms),
            glitches: Arc::clone(&glitches),
            staff: Arc::clone(&staff),
        });
        let workers = Arc::new(WorkerStates::default());
        let figures = Arc::new(Figures::new(
            Arc::clone(&store),
            Arc::clone(&mirror),
            Arc::clone(&clock),
        ));
        let node_watch = Arc::new(NodeWatch {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            revocations: Arc::clone(&revocations),
            traces,
            workers: Arc::clone(&workers),
            is_time_moved: settings.is_time_moved,
        });
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
            scanners,
            alarms,
            statistics,
            mirror,
            glitches,
            desk,
            outbox,
            store,
            clock,
            settings,
            verdicts,
            revocations,
            wake,
            sessions,
            workers,
            other_nodes,
            key_keeper,
            leftovers,
            node_watch,
            figures,
        })
    }
}
