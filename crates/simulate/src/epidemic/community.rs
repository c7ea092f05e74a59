//! The community office: lists the contacts of a confirmed case and tells some of them to stay home.

use std::collections::BTreeMap;

use domain::evidence::Relation;

use super::calendar::Minute;
use super::chance::Purpose;
use super::outbreak::Outbreak;
use super::rows::{Contact, Person};
use super::scenario::Setting;
use super::surveillance::Surveillance;

/// Whom a case was with for fewer minutes it does not remember.
const REMEMBERED: u16 = 15;

/// What a case says about somebody.
#[derive(Clone, Copy)]
struct Named {
    relation: Relation,
    first: Minute,
    last: Minute,
    minutes: u32,
}

impl Surveillance<'_> {
    /// Lists household and building, and whomever the case names, from `from` until it was found.
    pub fn list_contacts(
        &mut self,
        case: u32,
        from: Minute,
        found: Minute,
        outbreak: &Outbreak<'_>,
    ) {
        let town = self.stage.town;
        let measures = &self.stage.scenario.measures;
        let household = town.household(case);
        for person in household.clone().filter(|person| *person != case) {
            self.list(person, case, Relation::Household, (from, found), None);
            self.tell(person, case, found);
        }
        let mut chance = self.chance(Purpose::Tracing, case, self.today());
        if chance.is(measures.list_building) {
            let others = town.building(case).filter(|one| !household.contains(one));
            for person in others {
                self.list(person, case, Relation::Building, (from, found), None);
            }
        }
        for (person, named) in self.interview(case, from, found, outbreak) {
            let time = (named.first, named.last);
            self.list(person, case, named.relation, time, Some(named.minutes));
            self.tell(person, case, found);
        }
    }

    /// The people outside the household whom the case remembers.
    fn interview(
        &self,
        case: u32,
        from: Minute,
        found: Minute,
        outbreak: &Outbreak<'_>,
    ) -> BTreeMap<u32, Named> {
        let mut named = BTreeMap::new();
        for met in outbreak.encounters_of(case) {
            let relation = match met.setting {
                Setting::Home | Setting::Building => continue,
                Setting::Transport => Relation::Vehicle,
                _ => Relation::Close,
            };
            if met.first < from || met.first >= found || met.minutes < REMEMBERED {
                continue;
            }
            let last = met.first.plus(i32::from(met.minutes)).min(found);
            let entry = named.entry(met.person).or_insert(Named {
                relation,
                first: met.first,
                last,
                minutes: 0,
            });
            if relation == Relation::Close {
                entry.relation = relation;
            }
            entry.last = entry.last.max(last);
            entry.minutes += last.since(met.first).unsigned_abs();
        }
        let share = self.stage.scenario.measures.names_contacts;
        named.retain(|person, _| {
            self.chance(Purpose::Interview, *person, case as i32)
                .is(share)
        });
        named
    }

    fn list(
        &mut self,
        person: u32,
        case: u32,
        relation: Relation,
        (first, last): (Minute, Minute),
        minutes: Option<u32>,
    ) {
        let calendar = self.stage.calendar;
        self.contacts.push(Contact {
            person: Person(person),
            with: Person(case),
            relation,
            first: calendar.timestamp(first),
            last: calendar.timestamp(last),
            minutes,
        });
    }

    /// Tells somebody that they met a case: some stay at home, some are tested.
    fn tell(&mut self, person: u32, case: u32, at: Minute) {
        let notified_at = &mut self.notified_at[person as usize];
        *notified_at = at.max(*notified_at);
        let measures = &self.stage.scenario.measures;
        let mut chance = self.chance(Purpose::Tracing, person, -1 - case as i32);
        if chance.is(measures.quarantine) {
            let days = measures.quarantine_days;
            self.confinement.stay_home(person, self.today(), days);
        }
        if chance.is(measures.test_contacts) {
            self.test_contact(person);
        }
    }
}
