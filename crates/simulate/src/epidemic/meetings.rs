//! Who was near whom, where and how long: the true contacts of some people on one day.

use std::ops::Range;
use std::thread;

use super::calendar::Minute;
use super::chance::{Chance, Purpose};
use super::confinement::Confinement;
use super::scenario::{Nearness, Scenario, Setting};
use super::schedule::{Day, HOME_BY};
use super::town::Town;
use super::travel::Journey;

/// People are awake at home, and their households with them, between these minutes of the day.
const AWAKE: Range<i32> = 7 * 60..23 * 60;
/// When people of a building meet at its door: everybody is back by then.
const AT_THE_DOOR: i32 = HOME_BY + 5;
/// Fewer people than this are not worth another thread.
const WORTH_A_THREAD: usize = 512;

/// Two people near each other on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Meeting {
    /// The one whose contacts were asked for.
    pub source: u32,
    /// Whom they met.
    pub person: u32,
    pub setting: Setting,
    /// Minute of the day.
    pub from: u16,
    pub minutes: u16,
}

impl Meeting {
    /// The minute in the middle of a meeting on `day`.
    pub fn middle(&self, day: i32) -> Minute {
        Minute::of(day, i32::from(self.from + self.minutes / 2))
    }
}

/// One day in the city.
pub(crate) struct CityDay<'a> {
    pub scenario: &'a Scenario,
    pub town: &'a Town,
    pub journeys: &'a [Journey],
    pub confinement: &'a Confinement,
    pub day: i32,
    pub is_workday: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RoomInterval {
    room: u32,
    person: u32,
    from: u16,
    until: u16,
}

impl CityDay<'_> {
    /// The meetings of every source, in order of source. `sources` must be in order.
    pub fn meetings(&self, sources: &[u32]) -> Vec<Meeting> {
        let mut wanted = vec![false; self.town.rooms.len()];
        for source in sources {
            for stay in self.out(*source).stays() {
                wanted[stay.room as usize] = true;
            }
        }
        let mut present = self.in_parallel(self.town.people.len(), |people| {
            self.presences(people, &wanted)
        });
        present.sort_unstable();
        self.in_parallel(sources.len(), |range| {
            let mut found = Vec::new();
            for source in &sources[range] {
                self.meetings_of(*source, &present, &mut found);
            }
            found
        })
    }

    /// Whether the person is neither travelling nor in hospital.
    pub fn is_about(&self, person: u32) -> bool {
        !self.journeys[person as usize].is_away(self.day)
            && !self.confinement.is_in_hospital(person, self.day)
    }

    /// The person's day away from home; empty for those who stay at home.
    fn out(&self, person: u32) -> Day {
        if self.is_about(person) && !self.confinement.is_at_home(person, self.day) {
            self.town.day(person, self.day, self.is_workday)
        } else {
            Day::default()
        }
    }

    fn presences(&self, people: Range<usize>, wanted: &[bool]) -> Vec<RoomInterval> {
        let mut present = Vec::new();
        for person in people {
            let person = person as u32;
            for stay in self.out(person).stays() {
                if wanted[stay.room as usize] {
                    present.push(RoomInterval {
                        room: stay.room,
                        person,
                        from: stay.from,
                        until: stay.until,
                    });
                }
            }
        }
        present
    }

    fn meetings_of(&self, source: u32, present: &[RoomInterval], found: &mut Vec<Meeting>) {
        if !self.is_about(source) {
            return;
        }
        let plan = self.out(source);
        for stay in plan.stays() {
            let setting = self.town.rooms[stay.room as usize].setting;
            let start = present.partition_point(|other| other.room < stay.room);
            let others = present[start..]
                .iter()
                .take_while(|other| other.room == stay.room);
            for other in others.filter(|other| other.person != source) {
                let from = stay.from.max(other.from);
                let until = stay.until.min(other.until);
                if from < until {
                    let time = from..until;
                    found.extend(self.meeting(source, other.person, setting, time));
                }
            }
        }
        self.meetings_at_home(source, &plan, found);
    }

    /// The household through the day, and the building at the door.
    fn meetings_at_home(&self, source: u32, plan: &Day, found: &mut Vec<Meeting>) {
        let household = self.town.household(source);
        let stays_in = self.confinement.is_at_home(source, self.day);
        for person in self.town.building(source) {
            if person == source || !self.is_about(person) {
                continue;
            }
            if household.contains(&person) {
                let (from, minutes) = together_at_home(plan, &self.out(person));
                let time = from..from + minutes;
                found.extend(self.meeting(source, person, Setting::Home, time));
            } else if !stays_in && !self.confinement.is_at_home(person, self.day) {
                let from = AT_THE_DOOR as u16;
                let time = from..from + 3;
                found.extend(self.meeting(source, person, Setting::Building, time));
            }
        }
    }

    /// Whether two people who share a setting for some time come near each other; the same whichever
    /// of them is asked about.
    fn meeting(
        &self,
        source: u32,
        person: u32,
        setting: Setting,
        time: Range<u16>,
    ) -> Option<Meeting> {
        let nearness: &Nearness = &self.scenario.settings[setting as usize];
        let pair = u64::from(source.min(person)) << 32 | u64::from(source.max(person));
        let when = (self.day as u64) << 11 | u64::from(time.start);
        let mut chance = Chance::new(self.scenario.seed, Purpose::Meeting, pair, when);
        let together = f64::from(time.end - time.start);
        if together == 0.0 || !chance.is(nearness.chance) {
            return None;
        }
        let minutes = (together * nearness.share * (0.5 + chance.share())).round();
        Some(Meeting {
            source,
            person,
            setting,
            from: time.start,
            minutes: minutes.clamp(1.0, together) as u16,
        })
    }

    /// Runs `work` on consecutive parts of `0..count` on all threads and joins what it gives in
    /// order.
    fn in_parallel<T: Send>(
        &self,
        count: usize,
        work: impl Fn(Range<usize>) -> Vec<T> + Sync,
    ) -> Vec<T> {
        let threads = self.scenario.threads.get();
        if threads == 1 || count < WORTH_A_THREAD {
            return work(0..count);
        }
        let part = count.div_ceil(threads);
        thread::scope(|scope| {
            let work = &work;
            let parts: Vec<_> = (0..threads)
                .map(|thread| {
                    let range = (thread * part).min(count)..((thread + 1) * part).min(count);
                    scope.spawn(move || work(range))
                })
                .collect();
            let mut joined = Vec::new();
            for part in parts {
                match part.join() {
                    Ok(found) => joined.extend(found),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            joined
        })
    }
}

/// The first minute at which both are awake at home, and how many such minutes there are.
fn together_at_home(one: &Day, other: &Day) -> (u16, u16) {
    let mut out: Vec<(i32, i32)> = one
        .stays()
        .iter()
        .chain(other.stays())
        .map(|stay| (i32::from(stay.from), i32::from(stay.until)))
        .collect();
    out.sort_unstable();
    out.push((AWAKE.end, AWAKE.end));
    let (mut at, mut first, mut minutes) = (AWAKE.start, None, 0);
    for (from, until) in out {
        if from > at {
            first.get_or_insert(at);
            minutes += from - at;
        }
        at = at.max(until);
    }
    (first.unwrap_or(AWAKE.end) as u16, minutes as u16)
}

#[cfg(test)]
mod tests {
    use super::super::travel;
    use super::*;

    #[test]
    fn two_people_who_meet_say_the_same_about_it() {
        let scenario = Scenario::new(2_000, 7, 11);
        let town = Town::build(&scenario);
        let journeys = travel::plan(&scenario, &town);
        let confinement = Confinement::new(town.people.len());
        let city = CityDay {
            scenario: &scenario,
            town: &town,
            journeys: &journeys,
            confinement: &confinement,
            day: 2,
            is_workday: true,
        };
        let everybody: Vec<u32> = (0..2_000).collect();
        let meetings = city.meetings(&everybody);
        let mut turned: Vec<Meeting> = meetings
            .iter()
            .map(|meeting| Meeting {
                source: meeting.person,
                person: meeting.source,
                ..*meeting
            })
            .collect();
        turned.sort_unstable();
        let mut sorted = meetings.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, turned);

        let people_a_day = meetings
            .iter()
            .filter(|meeting| meeting.setting != Setting::Building)
            .count() as f64
            / 2_000.0;
        assert!((5.0..20.0).contains(&people_a_day), "{people_a_day}");
    }
}
