//! Who plays the parts in the demo's story.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use domain::evidence::{ContactAnswer, Fact, StayMode};
use domain::{Level, PersonId, RegionLevel, Timestamp};
use jiff::SignedDuration;

use crate::{City, Report, VenueKind, Visit};

/// The people around whom the demo's story turns. Nothing restricts the patient, the resident and
/// the bystander before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast {
    /// Index into [`City::residents`]: works in an office, eats out, lives with others, and is about
    /// to be confirmed as a case.
    pub patient: usize,
    /// Index into [`City::residents`]: lives elsewhere and spent the most time where the patient was.
    pub resident: usize,
    /// How many minutes the two were at the same venues during the last two days.
    pub minutes: i64,
    /// Index into [`City::venues`]: where the two were together for longest.
    pub venue: usize,
    /// Index into [`City::residents`]: did not meet the patient.
    pub bystander: Option<usize>,
    /// Index into [`City::residents`]: stayed in a region of high risk.
    pub traveller: Option<usize>,
    /// Index into [`City::residents`]: has not declared their health of late.
    pub undeclared: Option<usize>,
}

/// Contacts before this are not sought: two days is the usual infectious window before a finding.
const WINDOW: SignedDuration = SignedDuration::from_hours(48);

pub(crate) fn choose(city: &City, now: Timestamp) -> Option<Cast> {
    let history = History::of(city);
    let recent = Recent::of(city, now);
    let works_in_office = |index: &usize| {
        let resident = &city.residents[*index];
        let lives_with_others = city.households[resident.household].members.len() >= 3;
        let workplace = resident.workplace.map(|venue| city.venues[venue].kind);
        lives_with_others && workplace == Some(VenueKind::Office) && history.is_free(resident.id)
    };
    // The first pair that spent some hours together will do, else the one that spent most.
    let mut best: Option<(usize, Meeting)> = None;
    for patient in (0..city.residents.len()).filter(works_in_office) {
        let meetings = recent.meetings(city, patient);
        let free = |meeting: &Meeting| history.is_free(city.residents[meeting.other].id);
        let longest = meetings.into_iter().filter(free).max_by_key(Meeting::rank);
        let Some(longest) = longest else { continue };
        if best.is_none_or(|(_, best)| longest.minutes > best.minutes) {
            best = Some((patient, longest));
        }
        if longest.minutes >= 240 {
            break;
        }
    }
    let (patient, meeting) = best.filter(|(_, meeting)| meeting.minutes >= 30)?;
    let met: HashSet<usize> = recent
        .meetings(city, patient)
        .iter()
        .map(|meeting| meeting.other)
        .collect();
    let lives_elsewhere =
        |index: &usize| city.residents[*index].household != city.residents[patient].household;
    let find = |wanted: &dyn Fn(PersonId) -> bool| {
        let mut others = (0..city.residents.len()).filter(lives_elsewhere);
        others.find(|index| !met.contains(index) && wanted(city.residents[*index].id))
    };
    Some(Cast {
        patient,
        resident: meeting.other,
        minutes: meeting.minutes,
        venue: meeting.venue,
        bystander: find(&|person| history.is_free(person)),
        traveller: find(&|person| history.at_high_risk.contains(&person)),
        undeclared: find(&|person| history.undeclared.contains(&person)),
    })
}

/// Somebody who was where the patient was.
#[derive(Clone, Copy)]
struct Meeting {
    other: usize,
    minutes: i64,
    venue: usize,
}

impl Meeting {
    fn rank(&self) -> (i64, Reverse<usize>) {
        (self.minutes, Reverse(self.other))
    }
}

/// The visits of the last days.
struct Recent<'a> {
    since: Timestamp,
    now: Timestamp,
    by_person: HashMap<PersonId, Vec<&'a Visit>>,
    by_venue: HashMap<usize, Vec<&'a Visit>>,
    index_of: HashMap<PersonId, usize>,
}

impl<'a> Recent<'a> {
    fn of(city: &'a City, now: Timestamp) -> Self {
        let since = now - WINDOW;
        let residents = city.residents.iter().enumerate();
        let mut recent = Self {
            since,
            now,
            by_person: HashMap::new(),
            by_venue: HashMap::new(),
            index_of: residents
                .map(|(index, resident)| (resident.id, index))
                .collect(),
        };
        for visit in city
            .visits
            .iter()
            .filter(|visit| visit.left.unwrap_or(now) > since)
        {
            recent
                .by_person
                .entry(visit.person)
                .or_default()
                .push(visit);
            recent.by_venue.entry(visit.venue).or_default().push(visit);
        }
        recent
    }

    /// Everybody outside the household whom `patient` met, in order of number.
    fn meetings(&self, city: &City, patient: usize) -> Vec<Meeting> {
        let mut minutes = BTreeMap::<usize, BTreeMap<usize, i64>>::new();
        let mine = self.by_person.get(&city.residents[patient].id);
        for mine in mine.into_iter().flatten() {
            for theirs in self.by_venue.get(&mine.venue).into_iter().flatten() {
                let from = mine.entered.max(theirs.entered).max(self.since);
                let until = mine
                    .left
                    .unwrap_or(self.now)
                    .min(theirs.left.unwrap_or(self.now));
                let together = until.duration_since(from).as_mins();
                if together > 0 {
                    let at = minutes.entry(self.index_of[&theirs.person]).or_default();
                    *at.entry(mine.venue).or_default() += together;
                }
            }
        }
        let household = city.residents[patient].household;
        minutes.retain(|other, _| city.residents[*other].household != household);
        let meeting = |(other, at): (usize, BTreeMap<usize, i64>)| {
            let (venue, _) = at.iter().max_by_key(|(_, minutes)| **minutes)?;
            Some(Meeting {
                other,
                minutes: at.values().sum(),
                venue: *venue,
            })
        };
        minutes.into_iter().filter_map(meeting).collect()
    }
}

/// What was reported about people that matters for the story.
#[derive(Default)]
struct History {
    /// Something was reported that could restrict them.
    troubled: HashSet<PersonId>,
    undeclared: HashSet<PersonId>,
    at_high_risk: HashSet<PersonId>,
}

impl History {
    fn of(city: &City) -> Self {
        let mut history = Self::default();
        let mut declared = HashMap::<PersonId, u32>::new();
        for Report { person, fact, .. } in &city.reports {
            match fact {
                Fact::Declaration {
                    symptoms, contact, ..
                } => {
                    *declared.entry(*person).or_default() += 1;
                    if symptoms.count() > 0 || *contact != ContactAnswer::None {
                        history.troubled.insert(*person);
                    }
                }
                Fact::Stay {
                    region,
                    mode: StayMode::Stay,
                    ..
                } => {
                    history.troubled.insert(*person);
                    let is_high = |level: &RegionLevel| {
                        level.level == Level::High && region.lies_within(level.region)
                    };
                    if city.levels.iter().any(is_high) {
                        history.at_high_risk.insert(*person);
                    }
                }
                Fact::Diagnosis { .. } | Fact::Contact { .. } => {
                    history.troubled.insert(*person);
                }
                _ => {}
            }
        }
        // Everybody declares once on registration; that has lapsed by now.
        let once = declared
            .into_iter()
            .filter(|(_, times)| *times < 2)
            .map(|(person, _)| person);
        history.undeclared = once
            .filter(|person| !history.troubled.contains(person))
            .collect();
        history
    }

    fn is_free(&self, person: PersonId) -> bool {
        !self.troubled.contains(&person) && !self.undeclared.contains(&person)
    }
}
