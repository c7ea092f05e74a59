//! Venues, and people's visits to them.
//!
//! A visit is what a person's own phone reports after scanning the sign at the door. Its identifier
//! comes from the phone, so that a scan uploaded twice counts once.
//!
//! | file | holds |
//! |---|---|
//! | `venues` | the places |
//! | `signs` | signs at the door that change |
//! | `scans` | visits that a phone kept while it had no network |
//! | `door` | visits that a scanner at a gate recorded |
//! | `held` | visits of a confirmed case that wait for a tracer |
//! | `moved` | visits of somebody who was proven to be somebody else since |
//! | `own` | where a person is and was, and taking back a mistake |
//! | `record` | how visits are written: what waits at the same moment shares a transaction |

mod door;
mod held;
mod moved;
mod own;
mod record;
mod scans;
mod signs;
mod venues;

use std::sync::Arc;

use domain::{Clock, EvidenceId, IdSource, PersonId, RequestKey, Timestamp, VenueId};
use store::{Batches, Limits, Recorded, Store, StoreError, Venue, Visit};
use tracing::instrument;

pub(crate) use self::door::AtDoor;
pub(crate) use self::held::{Decided, hold_repeated};
use self::record::{Change, Outcome, Recording, record};
pub use self::scans::{Scan, ScanReceipt, ScanRefused};
pub use self::signs::{BadSign, ScreenPass, ShownSign, VenueSign};
use self::venues::VenueCache;
pub use self::venues::{NewVenue, SignKind};
use crate::access::Resident;
use crate::caps::{Cap, Misfit};
use crate::decisions::{DecisionContext, Decisions, Verdicts};
use crate::people::Keys;
use crate::people::keys::visit_id;
use crate::publishing::PublishedPolicies;
use crate::wake::Wake;
use crate::{Result, ServiceError, Settings};

/// More visits are not put together with other requests.
const LARGE: usize = 100;
const CHANGES: Limits = Limits {
    together: 384,
    at_once: 2,
    waiting: 4096,
};

/// A visit on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitReceipt {
    /// The visit; a check-out names it.
    pub visit: EvidenceId,
    /// Where.
    pub venue: VenueId,
    /// The venue's name.
    pub venue_name: String,
    /// From when.
    pub entered: Timestamp,
    /// Until when, once checked out.
    pub left: Option<Timestamp>,
    /// Whether a scanner at a gate recorded it, and not the person.
    pub is_by_door: bool,
}

/// Knows venues and records visits.
pub struct Visits {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    settings: Arc<Settings>,
    keys: Keys,
    policies: Arc<PublishedPolicies>,
    verdicts: Arc<Verdicts>,
    wake: Arc<Wake>,
    venues: VenueCache,
    turns: Turns,
    changes: Batches<Change, Outcome, StoreError>,
}

impl Visits {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one part of the service, wired once"
    )]
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        settings: Arc<Settings>,
        keys: Keys,
        policies: Arc<PublishedPolicies>,
        verdicts: Arc<Verdicts>,
        wake: Arc<Wake>,
    ) -> Self {
        let (in_force, time) = (Arc::clone(&policies), Arc::clone(&clock));
        let changes = Batches::start(
            Arc::clone(&store),
            "visits.record",
            CHANGES,
            move || {
                Ok(Arc::new(Recording {
                    context: context_of(&in_force),
                    now: time.now(),
                }))
            },
            |tx, (recording, changes)| Box::pin(record(tx, recording, changes)),
        );
        Self {
            store,
            clock,
            ids,
            settings,
            keys,
            policies,
            verdicts,
            wake,
            venues: VenueCache::default(),
            turns: Turns::default(),
            changes,
        }
    }

    /// The person enters a venue, now. `scan` is drawn by the phone and kept for repeats, which are
    /// answered with the first visit. Entering here ends the visit before. This is the way by a
    /// printed sign, which holds the venue alone.
    ///
    /// # Errors
    /// [`ServiceError::UnknownVenue`]; [`ServiceError::BadField`] after as many visits as a day may
    /// have, or where signs change; [`ServiceError::Store`].
    #[instrument(name = "visits.check_in", skip_all)]
    pub async fn check_in(
        &self,
        resident: &Resident,
        venue: VenueId,
        scan: RequestKey,
    ) -> Result<VisitReceipt> {
        self.enter(resident, venue, None, scan).await
    }

    /// The same, by a sign that a screen shows. It counts for a minute, for everybody who stands there.
    ///
    /// # Errors
    /// As [`Self::check_in`]; [`ServiceError::BadField`] for a sign that is none or was shown earlier.
    #[instrument(name = "visits.check_in_by_sign", skip_all)]
    pub async fn check_in_by_sign(
        &self,
        resident: &Resident,
        sign: &VenueSign,
        scan: RequestKey,
    ) -> Result<VisitReceipt> {
        self.enter(resident, sign.venue(), Some(sign), scan).await
    }

    async fn enter(
        &self,
        resident: &Resident,
        venue: VenueId,
        sign: Option<&VenueSign>,
        scan: RequestKey,
    ) -> Result<VisitReceipt> {
        let entered = self.clock.now();
        let venue = self.venue_of_sign(venue, sign, entered).await?;
        if let Err(refused) = self.check_sign(&venue, sign, entered) {
            // A repeat may come later than a sign counts; the first visit answers it.
            let known = self.visit_of(resident.person(), scan).await?;
            return match known {
                Some(known) if known.venue == venue.id => self.receipt(Some(known)).await,
                _ => Err(refused),
            };
        }
        let visit = visit(resident.person(), scan, &venue, entered, None);
        let most = self.settings.cap(Cap::VisitsADay);
        let outcome = self.carry_out(Change::Enter { visit, most }).await?;
        if outcome.visit.is_none() {
            return Err(Misfit::TooMany.error(&self.settings.caps));
        }
        self.receipt(outcome.visit).await
    }

    /// The person leaves, now. Of several check-outs the first wins.
    ///
    /// # Errors
    /// [`ServiceError::UnknownVisit`] if they did not check in, or if the visit was over for 12 hours;
    /// one without an end counts as 12 hours long. [`ServiceError::Store`].
    #[instrument(name = "visits.check_out", skip_all)]
    pub async fn check_out(&self, resident: &Resident, visit: EvidenceId) -> Result<VisitReceipt> {
        let leave = Change::Leave {
            person: resident.person(),
            visit,
            at: self.clock.now(),
        };
        let outcome = self.carry_out(leave).await?;
        self.receipt(outcome.visit).await
    }

    /// Records visits and, if a rule reads visits, decides their people in the same transaction. The
    /// number of people whose status changed.
    pub(crate) async fn take_visits(&self, visits: &[Visit], recorded: Recorded) -> Result<usize> {
        if visits.is_empty() {
            return Ok(0);
        }
        let taken = Change::Take(visits.to_vec(), recorded);
        let outcome = self.carry_out(taken).await?;
        if recorded == Recorded::Late {
            self.wake.traces.notify_one();
        }
        let decided = outcome.decisions.decided.iter();
        Ok(decided.filter(|one| one.is_changed()).count())
    }

    async fn carry_out(&self, change: Change) -> Result<Outcome> {
        self.policies.refuse_ended()?;
        let outcome = match &change {
            Change::Take(visits, _) if visits.len() > LARGE => self.carry_out_alone(change).await?,
            _ => self.changes.run(change).await?,
        };
        let people: Vec<PersonId> = outcome.people.iter().copied().collect();
        self.take_in(&outcome.decisions, outcome.generation, &people)
            .await?;
        Ok(outcome)
    }

    /// Takes in what was decided with a change of visits; `generation` is what was in force, if a rule
    /// of it reads visits.
    async fn take_in(
        &self,
        decisions: &Decisions,
        generation: Option<u64>,
        people: &[PersonId],
    ) -> Result<()> {
        match generation {
            Some(generation) => self.verdicts.take_in(decisions, generation).await?,
            // A policy that reads visits may have come into force in between, and its re-evaluation
            // may have passed these people before.
            None if self.reads_visits() => drop(self.verdicts.decide_again(people).await?),
            None => {}
        }
        Ok(())
    }

    fn reads_visits(&self) -> bool {
        let active = self.policies.active();
        active.is_ok_and(|active| active.reads_visits())
    }

    fn recording(&self) -> Recording {
        Recording {
            context: context_of(&self.policies),
            now: self.clock.now(),
        }
    }

    async fn carry_out_alone(&self, change: Change) -> Result<Outcome> {
        let work = self.store.transaction(
            "visits.record_large",
            (self.recording(), [change]),
            |tx, (recording, changes)| Box::pin(record(tx, recording, changes)),
        );
        let outcomes = work.await?;
        let unanswered = || StoreError::Database("visits were not answered".to_owned());
        Ok(outcomes.into_iter().next().ok_or_else(unanswered)??)
    }

    async fn visit_of(&self, person: PersonId, scan: RequestKey) -> Result<Option<Visit>> {
        let key = (person, visit_id(person, scan));
        let found = self.store.read("visits.find", key, |tx, key| {
            Box::pin(store::visits::find_many(tx, std::slice::from_ref(key)))
        });
        Ok(found.await?.pop())
    }

    async fn receipt(&self, stored: Option<Visit>) -> Result<VisitReceipt> {
        let visit = stored.ok_or(ServiceError::UnknownVisit)?;
        let venue = self.venue(visit.venue).await?;
        Ok(VisitReceipt {
            visit: visit.id,
            venue: venue.id,
            venue_name: venue.name,
            entered: visit.entered,
            left: visit.left,
            is_by_door: false,
        })
    }
}

/// Whose turn it is to upload: one lock for many people, always the same one for the same person.
pub(super) struct Turns([tokio::sync::Mutex<()>; 64]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| tokio::sync::Mutex::default()))
    }
}

impl Turns {
    pub(super) const fn of(&self, person: PersonId) -> &tokio::sync::Mutex<()> {
        &self.0[(person.as_u128() % 64) as usize]
    }
}

/// What decides people whose visits change; `None` if no rule in force reads visits.
fn context_of(policies: &PublishedPolicies) -> Option<DecisionContext> {
    let context = policies.context().ok();
    context.filter(|context| context.reads_visits)
}

fn visit(
    person: PersonId,
    scan: RequestKey,
    venue: &Venue,
    entered: Timestamp,
    left: Option<Timestamp>,
) -> Visit {
    Visit {
        id: visit_id(person, scan),
        person,
        venue: venue.id,
        category: venue.category.clone(),
        entered,
        left,
    }
}
