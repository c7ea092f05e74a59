//! Visits that the phone of a confirmed case uploads after the confirmation.
//!
//! Who knows that they are a case could name places where they never were, and strangers would be
//! restricted for it. So such visits are kept and not traced, until a tracer has talked to the person
//! and takes them in.

use std::collections::BTreeSet;

use domain::evidence::DiagnosisStatus;
use domain::{Evidence, EvidenceId, Fact, PersonId, Timestamp};
use jiff::SignedDuration;
use store::audit::{self, NewEntry};
use store::door_visits::DoorVisit;
use store::held_memberships::{self, HeldMembership};
use store::held_visits::{self, Gate, HeldVisit};
use store::memberships::{self, Counts};
use store::{Recorded, StoreError, Transaction, Visit, evidence, people};
use tracing::warn;

use super::Visits;
use super::record::{Change, Outcome, Recording, record_touched};
use crate::access::Staff;
use crate::audit::{AuditEntry, Did, Purpose, Stated};
use crate::{Result, ServiceError};

/// A diagnosis that is older says nothing about visits of today.
const SAME_ILLNESS: SignedDuration = SignedDuration::from_hours(24 * 60);

/// What a tracer decided about what waits of a case.
pub(crate) struct Decided {
    /// The case.
    pub person: PersonId,
    /// The visits that were looked at.
    pub visits: Vec<HeldVisit>,
    /// The memberships that were looked at.
    pub held: Vec<HeldMembership>,
    /// Whether it is taken in; else it is refused.
    pub is_taken_in: bool,
    /// What the log says of it.
    pub entries: Vec<NewEntry>,
}

impl Visits {
    /// Takes in what waited of a case, or refuses it: all of it, and what follows from it, in one
    /// transaction.
    ///
    /// # Errors
    /// [`ServiceError::WaitingChanged`], with nothing changed, if some of it waits no more: somebody else
    /// was quicker. [`ServiceError::Store`]: nothing is lost, ask again.
    pub(crate) async fn settle_waiting(&self, decided: Decided) -> Result<()> {
        self.policies.refuse_ended()?;
        let person = decided.person;
        let settled = self.store.transaction(
            "visits.settle_waiting",
            (self.recording(), decided),
            |tx, (recording, decided)| Box::pin(decided.run(tx, recording)),
        );
        if let Some(outcome) = settled.await? {
            self.take_in(&outcome.decisions, outcome.generation, &[person])
                .await?;
        }
        self.wake.traces.notify_one();
        Ok(())
    }

    /// What the log says of a tracer who looks at the visits of a case.
    pub(crate) fn looked(&self, by: &Staff, did: Did, person: PersonId, count: usize) -> NewEntry {
        let entry = tracing_entry(by, did, self.clock.now()).about([person]);
        entry.count(count).seal(&*self.ids)
    }

    /// The same about several people.
    pub(crate) fn looked_at(
        &self,
        by: &Staff,
        did: Did,
        people: impl IntoIterator<Item = PersonId>,
    ) -> NewEntry {
        let entry = tracing_entry(by, did, self.clock.now()).about(people);
        let count = entry.people.len();
        entry.count(count).seal(&*self.ids)
    }

    /// Keeps those of `new` that must wait for a tracer, and gives back the others: all, unless the
    /// person is a confirmed case; of a case those that are on record already.
    pub(super) async fn hold(
        &self,
        person: PersonId,
        (new, gate): (Vec<Visit>, Option<Gate>),
        known: &[Visit],
        now: Timestamp,
    ) -> Result<(Vec<Visit>, BTreeSet<EvidenceId>)> {
        if new.is_empty() || !self.is_confirmed_case(person, now).await? {
            return Ok((new, BTreeSet::new()));
        }
        let recorded: BTreeSet<EvidenceId> = known.iter().map(|visit| visit.id).collect();
        let (taken, held): (Vec<Visit>, Vec<Visit>) = new
            .into_iter()
            .partition(|visit| recorded.contains(&visit.id));
        let waiting = held.iter().map(|visit| visit.id).collect();
        if !held.is_empty() {
            warn!(
                held = held.len(),
                "visits of a confirmed case wait for a tracer"
            );
            self.policies.refuse_ended()?;
            let held: Vec<HeldVisit> = held
                .into_iter()
                .map(|visit| HeldVisit {
                    visit,
                    held_at: now,
                    gate,
                })
                .collect();
            let put = self.store.transaction("visits.hold", held, |tx, held| {
                Box::pin(held_visits::put(tx, held))
            });
            put.await?;
        }
        Ok((taken, waiting))
    }

    pub(super) async fn held_of(&self, person: PersonId) -> Result<Vec<HeldVisit>> {
        let held = self.store.read("visits.held", person, |tx, person| {
            Box::pin(held_visits::of(tx, *person))
        });
        Ok(held.await?)
    }

    async fn is_confirmed_case(&self, person: PersonId, now: Timestamp) -> Result<bool> {
        let read = self
            .store
            .read("visits.case", (person, now), |tx, (person, now)| {
                Box::pin(is_confirmed(tx, *person, *now))
            });
        Ok(read.await?)
    }
}

impl Decided {
    /// What became of the visits, if they were taken in.
    async fn run(&self, tx: &mut Transaction, recording: &Recording) -> Result<Option<Outcome>> {
        // Two who decide at once wait for each other here, and the second finds that nothing waits.
        let dropped = held_visits::drop(tx, &self.visits).await?;
        let settled = held_memberships::drop(tx, self.person, &self.held).await?;
        let waited = (self.visits.len() as u64, self.held.len() as u64);
        if (dropped, settled) != waited {
            return Err(ServiceError::WaitingChanged);
        }
        let counts = match self.is_taken_in {
            true => Counts::Always,
            false => Counts::Never,
        };
        let keys = self
            .held
            .iter()
            .map(|one| (one.member, one.group, one.from));
        memberships::settle(tx, &keys.collect::<Vec<_>>(), counts).await?;
        audit::append(tx, &self.entries).await?;
        if !self.is_taken_in || self.visits.is_empty() {
            return Ok(None);
        }
        // What waits stays with the number that it came in under, where the search of the case reads it.
        let revisions = people::touch(tx, [self.person]).await?;
        let (context, changes) = (recording.context.as_ref(), self.changes(recording.now));
        let outcomes = record_touched(tx, context, &changes, revisions).await?;
        Ok(outcomes.into_iter().next().transpose()?)
    }

    /// What taking it in changes; what a gate recorded is of that gate.
    fn changes(&self, now: Timestamp) -> Vec<Change> {
        let change = |one: &HeldVisit| match one.gate {
            None => Change::Take(vec![one.visit.clone()], Recorded::Late),
            Some(gate) => Change::AtDoor {
                visit: one.visit.clone(),
                same: None,
                gate,
                recorded_at: now,
            },
        };
        self.visits.iter().map(change).collect()
    }
}

fn tracing_entry(by: &Staff, did: Did, now: Timestamp) -> AuditEntry {
    AuditEntry::new(by.into(), did, now).because(Stated::of(Purpose::ContactTracing))
}

/// Of what is to be repeated about somebody who is proven, without the visits if they are a confirmed case:
/// those are kept for a tracer, as they would be from their own phone. Which visits wait.
pub(crate) async fn hold_repeated(
    tx: &mut Transaction,
    person: PersonId,
    repeated: &mut Vec<Evidence>,
    at_doors: &[DoorVisit],
    now: Timestamp,
) -> Result<BTreeSet<EvidenceId>> {
    if !is_confirmed(tx, person, now).await? {
        return Ok(BTreeSet::new());
    }
    let mut held = Vec::new();
    repeated.retain(|piece| {
        let Fact::Visit {
            venue,
            category,
            period,
        } = &piece.fact
        else {
            return true;
        };
        let at_door = at_doors.iter().find(|one| one.visit == piece.id);
        // Of a visit that a phone recorded as well a gate only said the same.
        let at_door = at_door.filter(|_| piece.authority != Visit::RECORDED_BY);
        held.push(HeldVisit {
            visit: Visit {
                id: piece.id,
                person,
                venue: *venue,
                category: category.clone(),
                entered: period.begin(),
                left: period.end(),
            },
            held_at: now,
            gate: at_door.map(|one| Gate {
                scanner: one.scanner,
                authority: piece.authority,
                temperature: one.temperature,
            }),
        });
        false
    });
    held_visits::put(tx, &held).await?;
    Ok(held.iter().map(|one| one.visit.id).collect())
}

/// Whether somebody is a confirmed case of the same illness.
pub(super) async fn is_confirmed(
    tx: &mut Transaction,
    person: PersonId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let since = now.checked_sub(SAME_ILLNESS).unwrap_or(Timestamp::MIN);
    let found = evidence::since(tx, &[person], since, false).await?;
    Ok(found.values().any(|known| has_diagnosis(known)))
}

/// Whether a finding of the disease counts that nobody took back.
fn has_diagnosis(evidence: &[Evidence]) -> bool {
    let withdrawn: BTreeSet<EvidenceId> = evidence
        .iter()
        .filter_map(|piece| match piece.fact {
            Fact::Withdrawal { of, .. } => Some(of),
            _ => None,
        })
        .collect();
    let is_case = |piece: &Evidence| {
        matches!(
            piece.fact,
            Fact::Diagnosis {
                status: DiagnosisStatus::Confirmed | DiagnosisStatus::Asymptomatic,
                ..
            }
        )
    };
    evidence
        .iter()
        .any(|piece| is_case(piece) && !withdrawn.contains(&piece.id))
}
