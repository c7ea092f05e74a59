//! Where a person is, minute by minute: a pure function of the seed, the person and the day.

use super::chance::{Chance, Purpose};
use super::scenario::Setting;
use super::town::{NOWHERE, Role, Town, VEHICLES};

/// Nobody is out after this minute of the day.
pub(crate) const HOME_BY: i32 = 22 * 60 + 30;
/// Nobody is out before.
pub(crate) const HOME_UNTIL: i32 = 6 * 60;

/// Errands that lead to another district than one's own.
const OTHER_DISTRICT: f64 = 0.25;
/// Shops, restaurants and gyms of one kind and district that a person uses.
const FAVOURITES: u32 = 4;
const MOST_STAYS: usize = 8;

/// A stay in a room, in minutes of the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stay {
    pub room: u32,
    pub from: u16,
    pub until: u16,
}

/// One person's day away from home: stays in order, none overlapping another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Day {
    stays: [Stay; MOST_STAYS],
    count: usize,
    at: i32,
}

impl Day {
    /// The stays, earliest first.
    pub fn stays(&self) -> &[Stay] {
        &self.stays[..self.count]
    }

    /// Adds a stay; one that does not fit any more is not made.
    fn stay(&mut self, room: u32, from: i32, until: i32) {
        if self.count == MOST_STAYS || from < self.at || until > HOME_BY || until <= from {
            return;
        }
        self.stays[self.count] = Stay {
            room,
            from: from as u16,
            until: until as u16,
        };
        self.count += 1;
        self.at = until;
    }
}

impl Town {
    /// The day of somebody who is in the city and goes out.
    pub fn day(&self, number: u32, day: i32, is_workday: bool) -> Day {
        let person = &self.people[number as usize];
        let mut walker = Walker {
            town: self,
            number,
            habits: Chance::new(self.seed, Purpose::Habits, u64::from(number), 0),
            chance: Chance::new(self.seed, Purpose::Day, u64::from(number), day as u64),
            day: Day {
                at: HOME_UNTIL,
                ..Day::default()
            },
        };
        match person.role {
            Role::Server => walker.serve(person.room),
            Role::Worker if is_workday => walker.work(person.room, person.line),
            Role::Pupil if is_workday => walker.learn(person.room, person.line),
            Role::Visitor => walker.look_around(),
            Role::AtHome if is_workday && person.age >= 3 => walker.run_errands(),
            _ if person.age >= 3 => walker.rest(),
            _ => {}
        }
        walker.day
    }
}

struct Walker<'a> {
    town: &'a Town,
    number: u32,
    /// What a person does every day.
    habits: Chance,
    chance: Chance,
    day: Day,
}

impl Walker<'_> {
    fn work(&mut self, room: u32, line: u32) {
        let ride = self.habits.between(12, 40);
        let starts = 480 + self.habits.between(-60, 91);
        let hours = self.habits.between(480, 571);
        let trains = self.habits.is(0.15);
        if self.chance.is(0.95) {
            self.ride(line, starts - ride - 25, ride);
            let starts = (starts + self.chance.between(0, 9)).max(self.day.at);
            if self.chance.is(0.35) {
                let noon = 720 + self.chance.between(0, 30);
                self.day.stay(room, starts, noon);
                self.go(Setting::Restaurant, noon + 5, (20, 50));
                self.day.stay(room, self.day.at + 5, starts + hours);
            } else {
                self.day.stay(room, starts, starts + hours);
            }
            self.ride(line, self.day.at + 5, ride);
        }
        self.evening(if trains { 0.35 } else { 0.02 });
    }

    fn learn(&mut self, room: u32, line: u32) {
        let ride = self.habits.between(12, 40);
        let ends = 930 + self.habits.between(0, 61);
        if self.chance.is(0.97) {
            self.ride(line, 470 - ride - 20, ride);
            let starts = (470 + self.chance.between(0, 10)).max(self.day.at);
            self.day.stay(room, starts, ends);
            self.ride(line, self.day.at + 5, ride);
        }
        if self.chance.is(0.3) {
            self.go(Setting::Shop, self.day.at + 20, (5, 40));
        }
    }

    /// Six days a week, early or late.
    fn serve(&mut self, room: u32) {
        let starts = if self.habits.is(0.5) { 540 } else { 780 };
        if self.chance.is(6.0 / 7.0) {
            let starts = starts + self.chance.between(0, 10);
            self.day.stay(room, starts, starts + 480);
        }
        if self.chance.is(0.3) {
            self.go(Setting::Shop, self.day.at + 10, (5, 30));
        }
    }

    fn run_errands(&mut self) {
        if self.chance.is(0.6) {
            let from = self.chance.between(540, 700);
            self.go(Setting::Shop, from, (10, 60));
        }
        if self.chance.is(0.15) {
            let from = self.day.at.max(660) + self.chance.between(10, 90);
            self.go(Setting::Restaurant, from, (30, 80));
        }
        if self.chance.is(0.35) {
            let from = self.day.at.max(840) + self.chance.between(10, 240);
            self.go(Setting::Shop, from, (10, 60));
        }
    }

    /// A day off.
    fn rest(&mut self) {
        if self.chance.is(0.65) {
            let from = self.chance.between(560, 900);
            self.go(Setting::Shop, from, (10, 80));
        }
        if self.chance.is(0.35) {
            let from = self.day.at + self.chance.between(20, 120);
            self.go(Setting::Shop, from, (10, 60));
        }
        if self.chance.is(0.3) {
            let from = self.day.at.max(680) + self.chance.between(10, 300);
            self.go(Setting::Restaurant, from, (40, 100));
        }
        if self.chance.is(0.05) {
            let from = self.day.at + self.chance.between(20, 120);
            self.go(Setting::Gym, from, (50, 100));
        }
    }

    fn look_around(&mut self) {
        if self.chance.is(0.6) {
            let from = self.chance.between(560, 800);
            self.go(Setting::Shop, from, (20, 120));
        }
        for _ in 0..2 {
            if self.chance.is(0.6) {
                let from = self.day.at.max(700) + self.chance.between(10, 200);
                self.go(Setting::Restaurant, from, (40, 100));
            }
        }
    }

    fn evening(&mut self, exercise: f64) {
        let from = self.day.at.max(17 * 60) + self.chance.between(10, 60);
        match self.chance.share() {
            share if share < exercise => self.go(Setting::Gym, from, (45, 90)),
            share if share < exercise + 0.4 => self.go(Setting::Shop, from, (8, 45)),
            share if share < exercise + 0.55 => self.go(Setting::Restaurant, from, (40, 100)),
            _ => {}
        }
    }

    fn go(&mut self, setting: Setting, from: i32, minutes: (i32, i32)) {
        let own = self.town.people[self.number as usize].district;
        let district = if self.chance.is(OTHER_DISTRICT) {
            self.chance.below(u32::from(self.town.districts)) as u8
        } else {
            own
        };
        let rooms = self.town.open_rooms(setting, district);
        let which = u64::from(self.chance.below(FAVOURITES));
        let what = (setting as u64) << 16 | u64::from(district) << 8 | which;
        let mut favourite = Chance::new(
            self.town.seed,
            Purpose::Favourite,
            u64::from(self.number),
            what,
        );
        let room = rooms.start + favourite.below(rooms.end - rooms.start);
        let until = from + self.chance.between(minutes.0, minutes.1);
        self.day.stay(room, from, until);
    }

    /// Takes the next vehicle of the line that leaves after `from`, for so many minutes. Vehicles
    /// leave every ten minutes; people get on within eight minutes of that.
    fn ride(&mut self, line: u32, from: i32, minutes: i32) {
        if line == NOWHERE {
            return;
        }
        let run = from.max(self.day.at).div_euclid(10) + 1;
        let vehicle = line + run as u32 % VEHICLES;
        let on = run * 10 + self.habits.between(0, 8);
        self.day.stay(vehicle, on, on + minutes);
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenario::Scenario;
    use super::*;

    #[test]
    fn stays_are_in_order_within_the_day_and_nobody_is_in_two_places() {
        let town = Town::build(&Scenario::new(3_000, 7, 9));
        let mut rides = 0;
        for number in 0..3_000 {
            for day in 0..7 {
                let plan = town.day(number, day, day < 5);
                let mut at = HOME_UNTIL;
                for stay in plan.stays() {
                    let (from, until) = (i32::from(stay.from), i32::from(stay.until));
                    assert!(at <= from && from < until && until <= HOME_BY);
                    at = until;
                    let setting = town.rooms[stay.room as usize].setting;
                    rides += usize::from(setting == Setting::Transport);
                }
            }
        }
        assert!(rides > 1_000, "{rides} rides");
    }

    #[test]
    fn those_who_work_are_at_work_on_most_working_days() {
        let town = Town::build(&Scenario::new(3_000, 7, 9));
        let workers = (0..3_000u32).filter(|n| town.people[*n as usize].role == Role::Worker);
        let (mut days, mut at_work) = (0, 0);
        for number in workers {
            let room = town.people[number as usize].room;
            let plan = town.day(number, 1, true);
            days += 1;
            at_work += usize::from(plan.stays().iter().any(|stay| stay.room == room));
        }
        let share = f64::from(at_work as u32) / f64::from(days);
        assert!((0.9..0.99).contains(&share), "{share}");
    }
}
