//! Contact tracing: who shared venues with a case, or its household, building or vehicle.
//!
//! | file | holds |
//! |---|---|
//! | `cases` | confirming a case; its infectious window |
//! | `entering` | a case with the people whom it names, all of it or none |
//! | `listing` | the cases of an office; whom a search found, as labels |
//! | `runs` | running the jobs that cases open |
//! | `gathering` | what a trace reads: visits, households, buildings, trips |
//! | `contacts` | what it writes: contacts, and withdrawals of those it finds no more |
//! | `group_contacts` | taking in who lives or rode together |
//! | `admission` | which of that a trace reads, and which waits for a tracer |
//! | `waiting` | what waits for a tracer: taking it in, or refusing it |
//!
//! A job is opened in the transaction of its diagnosis and marked finished after the last contact is
//! durable. In between the process may die at any step: the job is found open and runs again, and
//! every contact it writes has the identifier that follows from the diagnosis and from what the
//! contact says, so that nothing doubles. A visit or a membership that comes in late opens the jobs
//! again that looked where it was; what such a job finds otherwise than before replaces what it found
//! then. A job opened by the withdrawal of a diagnosis withdraws what that diagnosis led to.
//!
//! What a contact means is the policy's business. This writes down who shared venues with the case, or
//! its household, building or vehicle, for how many minutes, from when until when, and in which ring.

mod admission;
mod cases;
mod contacts;
mod entering;
mod gathering;
mod group_contacts;
mod listing;
mod runs;
mod waiting;

use std::sync::Arc;

use domain::{Clock, EvidenceId, PersonId};
use store::{Store, TraceRecord, traces};
use tracing::instrument;

pub use self::cases::{CaseConfirmed, CaseReport};
pub(crate) use self::cases::{CaseWindows, is_case};
pub use self::entering::{CaseEntry, Entered, EntryRefused, NamedContact};
pub use self::group_contacts::{MembershipReceipt, NewMembership};
pub use self::listing::{CaseLine, CaseList, Chain, FoundContact, MetHow};
pub(crate) use self::runs::Runs;
pub use self::runs::TraceSummary;
pub use self::waiting::{CasesWaiting, TakenIn, Waiting, WaitingCase, WaitingGroup};
use crate::access::{Access, Staff};
use crate::audit::Did;
use crate::decisions::Verdicts;
use crate::evidence::{HeldBatches, Submissions};
use crate::people::{Keys, PersonFinder};
use crate::visits::Visits;
use crate::wake::Wake;
use crate::{Result, ServiceError, Settings};

/// Confirms cases and finds their contacts.
pub struct Tracing {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) keys: Keys,
    pub(crate) people: Arc<PersonFinder>,
    pub(crate) access: Arc<Access>,
    pub(crate) visits: Arc<Visits>,
    pub(crate) held: Arc<HeldBatches>,
    pub(crate) submissions: Arc<Submissions>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) runs: Arc<Runs>,
}

impl Tracing {
    /// How far the search for the contacts of a case is.
    ///
    /// # Errors
    /// [`ServiceError::UnknownEvidence`] if `diagnosis` opened no search, or is another authority's;
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "tracing.trace", skip_all)]
    pub async fn trace(
        &self,
        by: &Staff,
        person: PersonId,
        diagnosis: EvidenceId,
    ) -> Result<TraceRecord> {
        self.check_own(by, person, diagnosis).await?;
        let record = self.record_of(person, diagnosis).await?;
        // While it is being done it says nothing, and is asked for every other second.
        if record.finished.is_some() {
            let entry = self.visits.looked_at(by, Did::TraceRead, [person]);
            self.note_look(entry).await?;
        }
        Ok(record)
    }

    async fn record_of(&self, person: PersonId, diagnosis: EvidenceId) -> Result<TraceRecord> {
        let found = self
            .store
            .read("traces.find", (person, diagnosis), |tx, (person, id)| {
                Box::pin(traces::find(tx, *person, *id))
            });
        found.await?.ok_or(ServiceError::UnknownEvidence)
    }
}
