//! Who plays the parts in the demo's story.

use std::collections::{HashMap, HashSet};

use domain::evidence::{Fact, StayMode};
use domain::{PersonId, Timestamp};
use jiff::SignedDuration;

use crate::{City, VenueKind, Visit};

/// The people around whom the demo's story turns. Nothing restricts any of them before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast {
    /// Index into [`City::residents`]: works in an office, eats out, lives with others, and is about
    /// to be confirmed as a case.
    pub patient: usize,
    /// Index into [`City::residents`]: lives elsewhere and spent the most time where the patient was.
    pub resident: usize,
    /// How many minutes the two were at the same venues during the last two days.
    pub minutes: i64,
}

/// Contacts before this are not sought: two days is the usual infectious window before a finding.
const WINDOW: SignedDuration = SignedDuration::from_hours(48);

pub(crate) fn choose(city: &City, now: Timestamp) -> Option<Cast> {
    let troubled = people_with_a_history(city);
    let since = now - WINDOW;
    let mut by_person: HashMap<PersonId, Vec<&Visit>> = HashMap::new();
    let mut by_venue: HashMap<usize, Vec<&Visit>> = HashMap::new();
    for visit in &city.visits {
        if visit.left.unwrap_or(now) > since {
            by_person.entry(visit.person).or_default().push(visit);
            by_venue.entry(visit.venue).or_default().push(visit);
        }
    }
    let index_of: HashMap<PersonId, usize> = city
        .residents
        .iter()
        .enumerate()
        .map(|(index, resident)| (resident.id, index))
        .collect();

    let candidates = (0..city.residents.len()).filter(|index| {
        let resident = &city.residents[*index];
        let household = &city.households[resident.household];
        let works_in_office = resident
            .workplace
            .is_some_and(|venue| city.venues[venue].kind == VenueKind::Office);
        works_in_office && household.members.len() >= 3 && !troubled.contains(&resident.id)
    });
    let parts = candidates.filter_map(|patient| {
        let mut minutes: HashMap<PersonId, i64> = HashMap::new();
        for mine in by_person.get(&city.residents[patient].id)? {
            for theirs in by_venue.get(&mine.venue)? {
                let from = mine.entered.max(theirs.entered).max(since);
                let until = mine.left.unwrap_or(now).min(theirs.left.unwrap_or(now));
                *minutes.entry(theirs.person).or_default() +=
                    until.duration_since(from).as_mins().max(0);
            }
        }
        let household = city.residents[patient].household;
        let (resident, minutes) = minutes
            .into_iter()
            .map(|(person, minutes)| (index_of[&person], minutes))
            .filter(|(other, _)| {
                let other = &city.residents[*other];
                other.household != household && !troubled.contains(&other.id)
            })
            .max_by_key(|(index, minutes)| (*minutes, std::cmp::Reverse(*index)))?;
        Some(Cast {
            patient,
            resident,
            minutes,
        })
    });
    // The first good pair will do: some hours together.
    let mut best: Option<Cast> = None;
    for cast in parts {
        if best.is_none_or(|best| cast.minutes > best.minutes) {
            best = Some(cast);
        }
        if cast.minutes >= 240 {
            break;
        }
    }
    best.filter(|cast| cast.minutes >= 30)
}

/// Everybody about whom something was reported that could restrict them, and everybody whose last
/// declaration may have lapsed.
fn people_with_a_history(city: &City) -> HashSet<PersonId> {
    let mut declared: HashMap<PersonId, u32> = HashMap::new();
    let mut troubled = HashSet::new();
    for report in &city.reports {
        match &report.fact {
            Fact::Declaration {
                symptoms, contact, ..
            } => {
                *declared.entry(report.person).or_default() += 1;
                let well =
                    symptoms.count() == 0 && *contact == domain::evidence::ContactAnswer::None;
                if !well {
                    troubled.insert(report.person);
                }
            }
            Fact::Stay {
                mode: StayMode::Stay,
                ..
            }
            | Fact::Diagnosis { .. }
            | Fact::Contact { .. } => {
                troubled.insert(report.person);
            }
            _ => {}
        }
    }
    troubled.extend(
        declared
            .into_iter()
            .filter(|(_, times)| *times < 2)
            .map(|(person, _)| person),
    );
    troubled
}
