//! Visits of somebody who was proven to be somebody else since they were looked up.

use std::collections::{BTreeMap, BTreeSet};

use domain::{EvidenceId, PersonId, Timestamp};
use store::held_visits::{self, Gate, HeldVisit};
use store::people::{self, Revision};
use store::{StoreError, Transaction, Visit, visits};

use super::held::is_confirmed;
use super::record::Change;
use crate::accounts::repeated_id;

/// The changes under whom people are by now, if anybody was proven to be somebody else since they were
/// looked up: as if they had been on record before that. So what comes in late of a confirmed case waits
/// for a tracer, and is no change any more. Everybody is locked.
pub(super) async fn follow(
    tx: &mut Transaction,
    changes: &[Change],
    now: Timestamp,
) -> Result<(Option<Vec<Change>>, BTreeMap<PersonId, Revision>), StoreError> {
    let people: BTreeSet<PersonId> = changes.iter().flat_map(Change::people).collect();
    let mut revisions = people::touch(tx, people.iter().copied()).await?;
    let people: Vec<PersonId> = people.into_iter().collect();
    let moved = people::moved(tx, &people).await?;
    if moved.is_empty() {
        return Ok((None, revisions));
    }
    revisions.extend(people::touch(tx, moved.values().copied()).await?);
    let mut followed: Vec<Change> = changes.iter().map(|one| one.followed(&moved)).collect();
    for &person in moved.values() {
        if is_confirmed(tx, person, now).await? {
            hold(tx, person, &mut followed, now).await?;
        }
    }
    Ok((Some(followed), revisions))
}

/// Keeps for a tracer what came in late of a case and is not on record.
async fn hold(
    tx: &mut Transaction,
    person: PersonId,
    changes: &mut [Change],
    now: Timestamp,
) -> Result<(), StoreError> {
    let late = changes.iter().flat_map(Change::late);
    let late: Vec<(HeldVisit, Option<EvidenceId>)> = late
        .filter(|(visit, _, _)| visit.person == person)
        .map(|(visit, same, gate)| {
            let held = HeldVisit {
                visit: visit.clone(),
                held_at: now,
                gate,
            };
            (held, same)
        })
        .collect();
    let ids = late
        .iter()
        .flat_map(|(one, same)| [Some(one.visit.id), *same]);
    let keys: Vec<_> = ids.flatten().map(|id| (person, id)).collect();
    let known = visits::find_many(tx, &keys).await?;
    let known: BTreeSet<EvidenceId> = known.into_iter().map(|visit| visit.id).collect();
    let is_known = |id: &EvidenceId| known.contains(id);
    let is_new = |(one, same): &(HeldVisit, Option<EvidenceId>)| {
        !is_known(&one.visit.id) && !same.as_ref().is_some_and(is_known)
    };
    let held = late.into_iter().filter(is_new);
    let held: Vec<HeldVisit> = held.map(|(one, _)| one).collect();
    held_visits::put(tx, &held).await?;
    let waiting: BTreeSet<EvidenceId> = held.iter().map(|one| one.visit.id).collect();
    for change in changes {
        change.leave_out(&waiting);
    }
    Ok(())
}

impl Change {
    /// The same under whom people are by now.
    fn followed(&self, moved: &BTreeMap<PersonId, PersonId>) -> Self {
        let whose = |visit: &Visit| match moved.get(&visit.person) {
            Some(&to) => Visit {
                id: repeated_id(visit.id, to),
                person: to,
                ..visit.clone()
            },
            None => visit.clone(),
        };
        match self {
            Self::Enter { visit, most } => Self::Enter {
                visit: whose(visit),
                most: *most,
            },
            Self::Leave { person, visit, at } => {
                let to = moved.get(person).copied();
                Self::Leave {
                    person: to.unwrap_or(*person),
                    visit: to.map_or(*visit, |to| repeated_id(*visit, to)),
                    at: *at,
                }
            }
            Self::Take(visits, recorded) => {
                Self::Take(visits.iter().map(whose).collect(), *recorded)
            }
            Self::AtDoor {
                visit,
                same,
                gate,
                recorded_at,
            } => {
                let to = moved.get(&visit.person).copied();
                Self::AtDoor {
                    visit: whose(visit),
                    same: same.map(|same| to.map_or(same, |to| repeated_id(same, to))),
                    gate: *gate,
                    recorded_at: *recorded_at,
                }
            }
        }
    }

    /// Visits that it says afterwards, each with the one that it repeats if that is on record, and what the
    /// gate said that recorded it.
    fn late(&self) -> Vec<(&Visit, Option<EvidenceId>, Option<Gate>)> {
        match self {
            Self::Take(visits, _) => visits.iter().map(|visit| (visit, None, None)).collect(),
            Self::AtDoor {
                visit, same, gate, ..
            } => vec![(visit, *same, Some(*gate))],
            Self::Enter { .. } | Self::Leave { .. } => Vec::new(),
        }
    }

    /// Leaves out visits that wait.
    fn leave_out(&mut self, waiting: &BTreeSet<EvidenceId>) {
        match self {
            Self::Take(visits, _) => visits.retain(|visit| !waiting.contains(&visit.id)),
            Self::AtDoor { visit, .. } if waiting.contains(&visit.id) => {
                *self = Self::Take(Vec::new(), store::Recorded::Late);
            }
            Self::Enter { .. } | Self::Leave { .. } | Self::AtDoor { .. } => {}
        }
    }
}
