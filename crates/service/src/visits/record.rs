//! How visits are written: changes of many people in one transaction, each answered alone.

use std::collections::{BTreeMap, BTreeSet};

use domain::{EvidenceId, PersonId, Timestamp};
use jiff::SignedDuration;
use store::door_visits::{self, DoorVisit};
use store::evidence::EvidenceKey;
use store::held_visits::Gate;
use store::people::Revision;
use store::{Recorded, RecordedVisit, StoreError, Transaction, Visit, visits};

use super::moved;
use crate::decisions::{DecisionContext, Decisions, record as decisions};

/// Within which visits are counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// As exactly as visits are stored.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// A change of visits.
pub(super) enum Change {
    /// Somebody enters a venue.
    Enter {
        /// The visit that begins.
        visit: Visit,
        /// So many visits of one person within 24 hours are taken.
        most: u32,
    },
    /// Somebody leaves.
    Leave {
        /// Who.
        person: PersonId,
        /// Which visit ends.
        visit: EvidenceId,
        /// When.
        at: Timestamp,
    },
    /// Visits as they are reported.
    Take(Vec<Visit>, Recorded),
    /// A scanner at a gate let somebody in.
    AtDoor {
        /// The visit that begins.
        visit: Visit,
        /// The visit on record that it is again, if one is: then it is noted there, unless that was taken
        /// back meanwhile.
        same: Option<EvidenceId>,
        /// Which gate says so, and what was measured there.
        gate: Gate,
        /// When the system took it in.
        recorded_at: Timestamp,
    },
}

/// What became of a change.
pub(super) struct Outcome {
    /// The visit of somebody who enters or leaves, as it is stored; `None` if there is none to leave,
    /// or too many to enter.
    pub visit: Option<Visit>,
    /// What was decided, and what that revoked.
    pub decisions: Decisions,
    /// What was in force, if a rule of it reads visits. If none does, nobody is decided.
    pub generation: Option<u64>,
    /// Whose visits these are by now.
    pub people: BTreeSet<PersonId>,
}

/// What changes are carried out with.
pub(super) struct Recording {
    /// What decides everybody whose visits become others; `None` if no rule in force reads visits.
    pub context: Option<DecisionContext>,
    /// When.
    pub now: Timestamp,
}

impl Change {
    /// Whose visits these are.
    pub fn people(&self) -> BTreeSet<PersonId> {
        match self {
            Self::Enter { visit, .. } | Self::AtDoor { visit, .. } => {
                BTreeSet::from([visit.person])
            }
            Self::Leave { person, .. } => BTreeSet::from([*person]),
            Self::Take(visits, _) => visits.iter().map(|visit| visit.person).collect(),
        }
    }
}

/// Carries out changes, each for the person that somebody is by now.
///
/// # Errors
/// As every statement: [`StoreError`].
pub(super) async fn record(
    tx: &mut Transaction,
    recording: &Recording,
    changes: &[Change],
) -> Result<Vec<Result<Outcome, StoreError>>, StoreError> {
    let (followed, revisions) = moved::follow(tx, changes, recording.now).await?;
    let changes = followed.as_deref().unwrap_or(changes);
    record_touched(tx, recording.context.as_ref(), changes, revisions).await
}

/// The same of people who are locked. If a rule reads visits, `context` is given, and everybody whose
/// visits became others is decided.
pub(super) async fn record_touched(
    tx: &mut Transaction,
    context: Option<&DecisionContext>,
    changes: &[Change],
    mut revisions: BTreeMap<PersonId, Revision>,
) -> Result<Vec<Result<Outcome, StoreError>>, StoreError> {
    let writing = Writing::of(tx, changes).await?;
    let mut changed = visits::put(tx, &writing.live, Recorded::Live).await?;
    changed.extend(visits::put(tx, &writing.late, Recorded::Late).await?);
    door_visits::add(tx, &writing.at_doors).await?;
    let people: BTreeSet<PersonId> = changed.iter().map(|visit| visit.person).collect();
    revisions.retain(|person, _| people.contains(person));
    let decisions = match context {
        Some(context) if !people.is_empty() => {
            let (decisions, _) = decisions::decide_touched(tx, context, &[], &revisions).await?;
            decisions
        }
        _ => Decisions::default(),
    };
    let stored = stored(tx, &writing.asked, changed).await?;
    let generation = context.map(|context| context.generation);
    let outcome = |(change, asked): (&Change, Option<EvidenceKey>)| Outcome {
        visit: asked.and_then(|key| stored.get(&key).cloned()),
        decisions: share_of(&decisions, &change.people()),
        generation,
        people: change.people(),
    };
    let outcomes = changes.iter().zip(writing.asked).map(outcome);
    Ok(outcomes.map(Ok).collect())
}

/// What changes want to be written.
#[derive(Default)]
struct Writing {
    live: Vec<RecordedVisit>,
    late: Vec<RecordedVisit>,
    at_doors: Vec<DoorVisit>,
    /// The visit that each change is to be answered with, if with one.
    asked: Vec<Option<EvidenceKey>>,
}

impl Writing {
    async fn of(tx: &mut Transaction, changes: &[Change]) -> Result<Self, StoreError> {
        let named: Vec<EvidenceKey> = changes.iter().filter_map(named_by).collect();
        let known = visits::find_many(tx, &named).await?;
        let known: BTreeMap<EvidenceKey, Visit> = known.into_iter().map(by_key).collect();
        let mut days = DaysOfVisits::before(tx, changes).await?;
        let mut writing = Self::default();
        for change in changes {
            writing.add(change, &known, &mut days);
        }
        Ok(writing)
    }

    fn add(
        &mut self,
        change: &Change,
        known: &BTreeMap<EvidenceKey, Visit>,
        days: &mut DaysOfVisits,
    ) {
        let mut asked = None;
        match change {
            // Where else the person was is no reason to refuse: checking in here means having left
            // there, and tracing ends the visit there when this one begins.
            Change::Enter { visit, most } if days.admit(visit, *most) => {
                asked = Some(key_of(visit));
                self.live.push(RecordedVisit::own(visit.clone()));
            }
            Change::Enter { .. } => {}
            Change::Leave { person, visit, at } => {
                let known = known.get(&(*person, *visit));
                if let Some(visit) = known.filter(|visit| may_be_left(visit, *at)) {
                    asked = Some(key_of(visit));
                    let left = visit.left.unwrap_or_else(|| (*at).max(visit.entered));
                    self.live.push(RecordedVisit::own(Visit {
                        left: Some(left),
                        ..visit.clone()
                    }));
                }
            }
            Change::Take(visits, recorded) => {
                let own = visits.iter().cloned().map(RecordedVisit::own);
                match recorded {
                    Recorded::Live => self.live.extend(own),
                    Recorded::Late => self.late.extend(own),
                }
            }
            Change::AtDoor {
                visit,
                same,
                gate,
                recorded_at,
            } => {
                let same = same.filter(|same| known.contains_key(&(visit.person, *same)));
                if same.is_none() {
                    self.late.push(RecordedVisit {
                        visit: visit.clone(),
                        authority: gate.authority,
                        recorded_at: *recorded_at,
                    });
                }
                self.at_doors.push(DoorVisit {
                    person: visit.person,
                    visit: same.unwrap_or(visit.id),
                    scanner: gate.scanner,
                    temperature: gate.temperature,
                });
            }
        }
        self.asked.push(asked);
    }
}

/// The visits of the people who enter now, of the 24 hours before.
#[derive(Default)]
struct DaysOfVisits(BTreeMap<PersonId, BTreeSet<EvidenceId>>);

impl DaysOfVisits {
    async fn before(tx: &mut Transaction, changes: &[Change]) -> Result<Self, StoreError> {
        let entering = changes.iter().filter_map(|change| match change {
            Change::Enter { visit, most } if *most < u32::MAX => {
                let from = visit.entered.checked_sub(DAY).unwrap_or(visit.entered);
                let until = visit.entered.checked_add(SECOND).unwrap_or(visit.entered);
                Some((visit.person, (from, until)))
            }
            _ => None,
        });
        // What waits together came at the same time.
        let spans: BTreeMap<PersonId, (Timestamp, Timestamp)> = entering.collect();
        let mut days = Self::default();
        if spans.is_empty() {
            return Ok(days);
        }
        let asked: Vec<(PersonId, Timestamp, Timestamp)> = spans
            .iter()
            .map(|(person, (from, until))| (*person, *from, *until))
            .collect();
        for visit in visits::of_many(tx, &asked).await? {
            let began_before = |(from, _): &(Timestamp, Timestamp)| visit.entered <= *from;
            if !spans.get(&visit.person).is_some_and(began_before) {
                days.0.entry(visit.person).or_default().insert(visit.id);
            }
        }
        Ok(days)
    }

    /// Counts a visit, unless the day is full. A repeat is the same visit.
    fn admit(&mut self, visit: &Visit, most: u32) -> bool {
        let day = self.0.entry(visit.person).or_default();
        day.contains(&visit.id) || (day.len() < most as usize && day.insert(visit.id))
    }
}

/// The visit on record that a change ends, or notes something with.
fn named_by(change: &Change) -> Option<EvidenceKey> {
    match change {
        Change::Leave { person, visit, .. } => Some((*person, *visit)),
        Change::AtDoor { visit, same, .. } => same.map(|same| (visit.person, same)),
        Change::Enter { .. } | Change::Take(..) => None,
    }
}

/// Whether the visit lasted into the 12 hours before, by its end or by what counts as that.
fn may_be_left(visit: &Visit, at: Timestamp) -> bool {
    let open_end = visit.entered.checked_add(Visit::LONGEST);
    let end = visit.left.or(open_end.ok()).unwrap_or(Timestamp::MAX);
    at.checked_sub(Visit::LONGEST)
        .is_ok_and(|earliest| end > earliest)
}

/// The visits asked for as they are stored: what changed is known, what did not is read.
async fn stored(
    tx: &mut Transaction,
    asked: &[Option<EvidenceKey>],
    changed: Vec<Visit>,
) -> Result<BTreeMap<EvidenceKey, Visit>, StoreError> {
    // Of a visit that changed twice the last state counts.
    let mut stored: BTreeMap<EvidenceKey, Visit> = changed.into_iter().map(by_key).collect();
    let is_unchanged = |key: &EvidenceKey| !stored.contains_key(key);
    let unchanged: Vec<EvidenceKey> = asked
        .iter()
        .flatten()
        .copied()
        .filter(is_unchanged)
        .collect();
    let read = visits::find_many(tx, &unchanged).await?;
    stored.extend(read.into_iter().map(by_key));
    Ok(stored)
}

/// What was decided of these people. What was revoked goes to everybody: who is answered first takes
/// in all of it.
fn share_of(all: &Decisions, people: &BTreeSet<PersonId>) -> Decisions {
    let decided = all.decided.iter();
    let own = decided.filter(|one| people.contains(&one.now.person));
    Decisions {
        decided: own.cloned().collect(),
        revoked: all.revoked.clone(),
    }
}

fn by_key(visit: Visit) -> (EvidenceKey, Visit) {
    (key_of(&visit), visit)
}

const fn key_of(visit: &Visit) -> EvidenceKey {
    (visit.person, visit.id)
}

#[cfg(test)]
mod tests {
    use domain::VenueId;

    use super::*;

    #[test]
    fn a_visit_is_left_until_twelve_hours_after_its_end() {
        let entered: Timestamp = "2020-03-01T08:00:00Z".parse().unwrap();
        let visit = |left| Visit {
            id: EvidenceId::from_u128(1),
            person: PersonId::from_u128(2),
            venue: VenueId::from_u128(3),
            category: None,
            entered,
            left,
        };
        let after = |hours| entered + SignedDuration::from_hours(hours);
        for (left, hours, expected) in [
            (None, 0, true),
            (None, 23, true),
            (None, 24, false),
            (Some(2), 13, true),
            (Some(2), 14, false),
            (Some(20), 30, true),
        ] {
            let visit = visit(left.map(after));
            assert_eq!(
                may_be_left(&visit, after(hours)),
                expected,
                "{left:?} {hours}"
            );
        }
    }
}
