//! A person's own visits: where they are, where they were, and taking back a mistake.

use domain::{EvidenceId, FactKind, PersonId, Timestamp};
use jiff::SignedDuration;
use store::door_visits::{self, DoorVisit};
use store::retention::{self, OldVisit};
use store::{Transaction, Visit, evidence, mirror, people, traces};
use tracing::{info, instrument};

use super::{VisitReceipt, Visits, context_of};
use crate::access::Resident;
use crate::accounts::repeated_id;
use crate::decisions::{DecisionContext, Decisions, record};
use crate::{Result, ServiceError};

/// A visit is taken back within this, if it was a mistake.
const TAKEN_BACK_WITHIN: SignedDuration = SignedDuration::from_mins(2);
/// Clocks of two nodes may differ by so much.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

/// A visit that is taken back, on its way.
struct TakingBack {
    person: PersonId,
    visit: EvidenceId,
    now: Timestamp,
    context: Option<DecisionContext>,
}

impl VisitReceipt {
    /// Whether the person may still say that it was a mistake, as long as no contacts were looked for. What
    /// a gate recorded is not theirs to take back.
    pub fn may_be_taken_back(&self, now: Timestamp) -> bool {
        !self.is_by_door && is_fresh(self.entered, now)
    }
}

impl Visits {
    /// Where the person is: their last visit, if it has not ended. One that nobody ended is over after
    /// 12 hours.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`]; [`ServiceError::Store`].
    #[instrument(name = "visits.current", skip_all)]
    pub async fn current(&self, resident: &Resident) -> Result<Option<VisitReceipt>> {
        resident.check_whole()?;
        let now = self.clock.now();
        let from = now.checked_sub(Visit::LONGEST).unwrap_or(now);
        // Who entered somewhere else has left where they were before.
        let last = self.visits_since(resident.person(), from).await?.pop();
        match last.filter(|visit| visit.left.is_none() && visit.entered > from) {
            Some(visit) => {
                let at_doors = self.at_doors(visit.person).await?;
                let is_by_door = at_doors.iter().any(|one| one.visit == visit.id);
                let receipt = self.receipt(Some(visit)).await?;
                Ok(Some(VisitReceipt {
                    is_by_door,
                    ..receipt
                }))
            }
            None => Ok(None),
        }
    }

    /// Where the person was, the newest visit first; `None` in place of what is no longer known of a
    /// place.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`]; [`ServiceError::Store`].
    #[instrument(name = "visits.own", skip_all)]
    pub async fn own(&self, resident: &Resident) -> Result<Vec<(Visit, Option<String>)>> {
        resident.check_whole()?;
        let from = Timestamp::UNIX_EPOCH;
        let mut visits = self.visits_since(resident.person(), from).await?;
        visits.reverse();
        let venues = visits.iter().map(|visit| visit.venue).collect();
        let venues = self.known_venues(venues).await?;
        let named = visits.into_iter().map(|visit| {
            let name = venues.get(&visit.venue).map(|venue| venue.name.clone());
            (visit, name)
        });
        Ok(named.collect())
    }

    /// Which visits of a person gates recorded, and what was measured there.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`]; [`ServiceError::Store`].
    pub async fn own_at_doors(&self, resident: &Resident) -> Result<Vec<DoorVisit>> {
        resident.check_whole()?;
        self.at_doors(resident.person()).await
    }

    pub(super) async fn at_doors(&self, person: PersonId) -> Result<Vec<DoorVisit>> {
        let read = self.store.read("visits.at_doors", person, |tx, person| {
            Box::pin(door_visits::of(tx, *person))
        });
        Ok(read.await?)
    }

    /// For how many days a visit is kept; `None` until the emergency ends.
    pub fn kept_for_days(&self) -> Option<u32> {
        self.settings.retention.days(FactKind::Visit)
    }

    /// Takes back a visit that was a mistake: within two minutes, and only as long as nobody looked for
    /// contacts there. It is gone then, as if it had never been.
    ///
    /// # Errors
    /// [`ServiceError::OnlyShown`]; [`ServiceError::UnknownVisit`] also if somebody else recorded it;
    /// [`ServiceError::BadField`] if it is too late; [`ServiceError::Store`].
    #[instrument(name = "visits.take_back", skip_all)]
    pub async fn take_back(&self, resident: &Resident, visit: EvidenceId) -> Result<Visit> {
        resident.check_whole()?;
        self.policies.refuse_ended()?;
        let context = context_of(&self.policies);
        let generation = context.as_ref().map(|context| context.generation);
        let taking = TakingBack {
            person: resident.person(),
            visit,
            now: self.clock.now(),
            context,
        };
        let work = self
            .store
            .transaction("visits.take_back", taking, |tx, taking| {
                Box::pin(taking.run(tx))
            });
        let (visit, decisions) = work.await?;
        self.take_in(&decisions, generation, &[visit.person])
            .await?;
        info!("a visit was taken back");
        Ok(visit)
    }

    async fn visits_since(&self, person: PersonId, from: Timestamp) -> Result<Vec<Visit>> {
        let now = self.clock.now();
        let until = now.checked_add(SLACK).unwrap_or(now);
        let asked = (person, from, until);
        let read = self
            .store
            .read("visits.own", asked, |tx, (person, from, until)| {
                Box::pin(store::visits::of(tx, *person, *from, *until))
            });
        Ok(read.await?)
    }
}

impl TakingBack {
    async fn run(&self, tx: &mut Transaction) -> Result<(Visit, Decisions)> {
        // Locked, and noted for the mirror, before anything of theirs is deleted.
        let mut revisions = people::touch(tx, [self.person]).await?;
        // Whom they were proven to be since they asked: what they said before was repeated for that person.
        let moved = people::moved(tx, &[self.person]).await?;
        let key = match moved.get(&self.person) {
            Some(&to) => {
                revisions.extend(people::touch(tx, [to]).await?);
                (to, repeated_id(self.visit, to))
            }
            None => (self.person, self.visit),
        };
        let (person, id) = key;
        let found = store::visits::find_many(tx, &[key]).await?.pop();
        let visit = found.ok_or(ServiceError::UnknownVisit)?;
        let piece = evidence::find(tx, person, id).await?;
        if piece.is_none_or(|piece| piece.authority != Visit::RECORDED_BY) {
            return Err(ServiceError::UnknownVisit);
        }
        // A gate recorded the same: then it is not theirs alone.
        let at_doors = door_visits::of(tx, person).await?;
        if at_doors.iter().any(|one| one.visit == id) {
            return Err(ServiceError::UnknownVisit);
        }
        let is_read = traces::have_read(tx, &visit).await?;
        if is_read || !is_fresh(visit.entered, self.now) {
            let why =
                "a visit is taken back within two minutes, and not once contacts were looked for";
            return Err(ServiceError::field("visit", why));
        }
        let noted: Vec<_> = revisions.into_iter().collect();
        mirror::note(tx, &noted).await?;
        let old = OldVisit {
            person: visit.person,
            id: visit.id,
            venue: visit.venue,
            entered: visit.entered,
        };
        retention::forget_visits(tx, &[old]).await?;
        let decisions = match &self.context {
            Some(context) => record::decide(tx, context, &[], &[person]).await?,
            None => Decisions::default(),
        };
        Ok((visit, decisions))
    }
}

fn is_fresh(entered: Timestamp, now: Timestamp) -> bool {
    now.duration_since(entered) <= TAKEN_BACK_WITHIN
}
