//! Visits that a scanner at a gate recorded.
//!
//! Those of a confirmed case wait for a tracer as those of their own phone do: a device says where and
//! when, and of a card or a plain code it alone does, so that a guard with the picture of one could name
//! places where the case never was.

use domain::evidence::Temperature;
use domain::{AuthorityId, PersonId, RequestKey, ScannerId, Timestamp, VenueId};
use jiff::SignedDuration;
use store::held_visits::Gate;
use store::{Visit, people};
use tracing::instrument;

use super::record::Change;
use super::{Visits, visit};
use crate::Result;
use crate::caps::misfits;

/// Somebody who is scanned twice, or scanned the sign as well, within this came once.
const ONCE: SignedDuration = SignedDuration::from_mins(10);

/// That somebody was let in at a gate.
#[derive(Clone, Debug)]
pub(crate) struct AtDoor {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub venue: VenueId,
    /// When.
    pub entered: Timestamp,
    /// Drawn by the scanner.
    pub request: RequestKey,
    /// Which scanner says so.
    pub scanner: ScannerId,
    /// Whose it is.
    pub authority: AuthorityId,
    /// What was measured there.
    pub temperature: Option<Temperature>,
}

impl Visits {
    /// Records a visit, once. Whether it fits the others of the person; one that does not is not
    /// recorded, as it would not be from a phone. Cases that were traced before and were there are traced
    /// again.
    ///
    /// # Errors
    /// [`crate::ServiceError::UnknownVenue`]; [`crate::ServiceError::Store`]: nothing is lost, send it
    /// again.
    #[instrument(name = "visits.record_at_door", skip_all)]
    pub(crate) async fn record_at_door(&self, door: AtDoor) -> Result<bool> {
        let venue = self.venue(door.venue).await?;
        let door = AtDoor {
            person: self.person_now(door.person).await?,
            ..door
        };
        let _turn = self.turns.of(door.person).lock().await;
        let new = visit(door.person, door.request, &venue, door.entered, None);
        let known = self
            .visits_around(door.person, std::slice::from_ref(&new))
            .await?;
        let held = self.held_of(door.person).await?;
        let held = held.into_iter().map(|one| one.visit);
        let others: Vec<Visit> = known.iter().cloned().chain(held).collect();
        let misfits = misfits(&others, std::slice::from_ref(&new), &self.settings.caps);
        if misfits.iter().any(Option::is_some) {
            return Ok(false);
        }
        let now = self.clock.now();
        let gate = Gate {
            scanner: door.scanner,
            authority: door.authority,
            temperature: door.temperature,
        };
        let (_, waiting) = self
            .hold(door.person, (vec![new.clone()], Some(gate)), &known, now)
            .await?;
        if !waiting.is_empty() {
            return Ok(true);
        }
        let is_known = known.iter().any(|one| one.id == new.id);
        let same = known.iter().find(|one| is_same(one, &new));
        self.carry_out(Change::AtDoor {
            same: same.filter(|_| !is_known).map(|same| same.id),
            visit: new,
            gate,
            recorded_at: now,
        })
        .await?;
        self.wake.traces.notify_one();
        Ok(true)
    }

    /// Who somebody is by now: the code was given to an account that may have been proven since.
    async fn person_now(&self, person: PersonId) -> Result<PersonId> {
        let read = self.store.read("people.moved", person, |tx, person| {
            Box::pin(people::moved(tx, std::slice::from_ref(person)))
        });
        Ok(read.await?.get(&person).copied().unwrap_or(person))
    }
}

/// Whether somebody who is at the same place already was scanned once more.
fn is_same(known: &Visit, new: &Visit) -> bool {
    let apart = known.entered.duration_since(new.entered).abs();
    let is_there = known.left.is_none_or(|left| left >= new.entered);
    known.venue == new.venue && apart < ONCE && is_there
}
