//! Who plays the parts in the demo's story.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use domain::evidence::{ContactAnswer, Fact, StayMode, TestResult};
use domain::{Level, PersonId, RegionLevel, Timestamp};
use jiff::SignedDuration;

use crate::city::{City, Report, Visit};
use crate::epidemic::Setting;

/// The people around whom the demo's story turns. Nothing restricts the patient, the resident and
/// the bystander before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast {
    /// Index into [`City::residents`]: is about to be confirmed as a case. Truly has the disease, if
    /// somebody who was not found yet met others for long enough of late.
    pub patient: usize,
    /// Index into [`City::residents`]: lives elsewhere and of late spent the most time where the patient
    /// was.
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

/// Contacts before this are not sought. Two days are the usual infectious window before a finding;
/// one hour of it may pass until the case of the story is confirmed.
const WINDOW: SignedDuration = SignedDuration::from_hours(47);
/// Who met as late as this is still found when the story is told again some hours later.
const LATELY: SignedDuration = SignedDuration::from_hours(24);
/// A patient who spent so many minutes with somebody will do.
const LONG_ENOUGH: i64 = 240;
/// The least for which the rules of the demonstration restrict.
const SHORTEST: i64 = 30;
/// For so long a declaration counts, and a stay in a region of high risk restricts.
const COUNTS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// What counts now shall still count when the story runs.
const STILL_COUNTS: SignedDuration = SignedDuration::from_hours(13 * 24);

pub(crate) fn choose(city: &City, now: Timestamp) -> Option<Cast> {
    let history = History::of(city, now);
    let recent = Recent::of(city, now, WINDOW);
    let lately = Recent::of(city, now, LATELY);
    let free = |index: &usize| history.is_free(city.residents[*index].id);
    let is_undiscovered = |index: &usize| city.residents[*index].is_undiscovered;
    let works_with_others = |index: &usize| {
        let resident = &city.residents[*index];
        let workplace = resident.workplace.map(|venue| city.venues[venue].setting);
        city.households[resident.household].len() >= 3 && workplace == Some(Setting::Work)
    };
    // Somebody who truly has the disease, if one of them met others; a small city may have none.
    let everybody = || (0..city.residents.len()).filter(free);
    let longest = |among: &Recent<'_>| {
        let truly_ill = everybody().filter(is_undiscovered);
        longest_meeting(city, among, &history, truly_ill).or_else(|| {
            longest_meeting(city, among, &history, everybody().filter(works_with_others))
        })
    };
    let (patient, chosen) = longest(&lately).or_else(|| longest(&recent))?;
    let meetings = recent.meetings(city, patient);
    let meeting = meetings
        .iter()
        .find(|meeting| meeting.other == chosen.other)?;
    let met: HashSet<usize> = meetings.iter().map(|meeting| meeting.other).collect();
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
        undeclared: find(&|person| history.is_undeclared(person)),
    })
}

/// Of these patients the first who spent some hours with somebody whom nothing restricts, else the
/// one who spent most.
fn longest_meeting(
    city: &City,
    recent: &Recent<'_>,
    history: &History,
    patients: impl Iterator<Item = usize>,
) -> Option<(usize, Meeting)> {
    let mut best: Option<(usize, Meeting)> = None;
    for patient in patients {
        let meetings = recent.meetings(city, patient);
        let free = |meeting: &Meeting| history.is_free(city.residents[meeting.other].id);
        let longest = meetings.into_iter().filter(free).max_by_key(Meeting::rank);
        let Some(longest) = longest else { continue };
        if best.is_none_or(|(_, best)| longest.minutes > best.minutes) {
            best = Some((patient, longest));
        }
        if longest.minutes >= LONG_ENOUGH {
            break;
        }
    }
    best.filter(|(_, meeting)| meeting.minutes >= SHORTEST)
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
    fn of(city: &'a City, now: Timestamp, window: SignedDuration) -> Self {
        let since = now - window;
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
struct History {
    now: Timestamp,
    /// Something was reported that could restrict them.
    troubled: HashSet<PersonId>,
    /// When people last declared.
    declared: HashMap<PersonId, Timestamp>,
    at_high_risk: HashSet<PersonId>,
}

impl History {
    fn of(city: &City, now: Timestamp) -> Self {
        let mut history = Self {
            now,
            troubled: HashSet::new(),
            declared: HashMap::new(),
            at_high_risk: HashSet::new(),
        };
        for Report { person, fact, .. } in &city.reports {
            match fact {
                Fact::Declaration {
                    at,
                    symptoms,
                    contact,
                    ..
                } => {
                    // Reports are in order of time.
                    history.declared.insert(*person, *at);
                    if symptoms.count() > 0 || *contact != ContactAnswer::None {
                        history.troubled.insert(*person);
                    }
                }
                Fact::Stay {
                    region,
                    mode,
                    period,
                    ..
                } if *mode != StayMode::Transit => {
                    history.troubled.insert(*person);
                    let is_high = |level: &RegionLevel| {
                        level.level == Level::High && region.lies_within(level.region)
                    };
                    let left = period.end();
                    let is_lately = left.is_none_or(|left| now.duration_since(left) < STILL_COUNTS);
                    if is_lately && city.levels.iter().any(is_high) {
                        history.at_high_risk.insert(*person);
                    }
                }
                Fact::Test { result, .. } if *result != TestResult::Negative => {
                    history.troubled.insert(*person);
                }
                Fact::Diagnosis { .. } | Fact::Contact { .. } => {
                    history.troubled.insert(*person);
                }
                _ => {}
            }
        }
        history
    }

    fn is_free(&self, person: PersonId) -> bool {
        let age = self.age_of_declaration(person);
        !self.troubled.contains(&person) && age.is_some_and(|age| age < STILL_COUNTS)
    }

    /// Nothing else is wrong.
    fn is_undeclared(&self, person: PersonId) -> bool {
        let age = self.age_of_declaration(person);
        !self.troubled.contains(&person) && age.is_none_or(|age| age >= COUNTS)
    }

    fn age_of_declaration(&self, person: PersonId) -> Option<SignedDuration> {
        let declared = self.declared.get(&person)?;
        Some(self.now.duration_since(*declared))
    }
}
