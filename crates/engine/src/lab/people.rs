//! A population as the lab reads it.

use std::collections::HashMap;

use domain::{Fact, PersonId, Region, RegionLevels, Timestamp};

use super::known;
use crate::columns::{Columns, ColumnsBuilder, OutOfRange, Seconds};
use crate::files::{CaseRow, DataSet, Profile};
use crate::trace::{Case, Search, Visit, Visits};

/// A contact found by tracing spent at least so long with the case.
const TRACED_MINUTES: u32 = 15;
/// So many different words for sex are told apart; whatever else stands there is one group.
const MOST_SEXES: usize = 8;

/// A population: what rules read as columns, and beside it what only reports read.
#[derive(Debug, Default)]
pub struct People {
    /// The evidence.
    pub(super) columns: Columns,
    /// The region levels.
    pub(super) levels: RegionLevels,
    /// When each row of the contacts became known.
    pub(super) contact_known: Vec<Seconds>,
    /// What groups each person belongs to.
    pub(super) groups: Vec<Belonging>,
    /// The words for sex that [`Belonging::sex`] numbers.
    pub(super) sexes: Vec<String>,
    /// Who truly met a case, and when last.
    pub(super) meetings: Vec<Meeting>,
    numbers: HashMap<String, u32>,
    last_fact: Option<Timestamp>,
}

/// What groups a person belongs to. No rule can read any of it (invariant 5).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Belonging {
    pub(super) region: Option<Region>,
    pub(super) birth_year: Option<u16>,
    pub(super) sex: Option<u8>,
}

/// Somebody met a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meeting {
    pub(super) person: u32,
    pub(super) first: Seconds,
    pub(super) last: Seconds,
}

impl People {
    /// Takes what a folder of tables says.
    ///
    /// Who met a case are the contacts of ring 1 in the table of contacts; if it has none, those
    /// who shared venues with one of `cases` for 15 minutes in all.
    ///
    /// # Errors
    /// [`OutOfRange`] if a time lies outside 1970 to 2106, or if there are too many regions or words.
    pub fn new(data: &DataSet, cases: &[CaseRow]) -> Result<Self, OutOfRange> {
        let in_order = data.names().in_order();
        let numbers: HashMap<PersonId, u32> = in_order
            .iter()
            .zip(0..)
            .map(|((_, id), number)| (*id, number))
            .collect();
        let mut builder = ColumnsBuilder::new(numbers.len() as u32);
        for piece in data.evidence() {
            builder.push(numbers[&piece.person], piece.id, &piece.fact)?;
        }
        let mut people = Self {
            columns: builder.finish(),
            levels: data.levels().clone(),
            contact_known: known::of_contacts(data.evidence(), |person| numbers[&person]),
            last_fact: data
                .evidence()
                .iter()
                .map(|piece| piece.fact.begins())
                .max(),
            groups: vec![Belonging::default(); numbers.len()],
            numbers: in_order
                .iter()
                .zip(0..)
                .map(|((name, _), number)| ((*name).to_owned(), number))
                .collect(),
            ..Self::default()
        };
        for profile in data.profiles() {
            people.belongs(profile);
        }
        people.meetings = people.recorded_meetings();
        if people.meetings.is_empty() && !cases.is_empty() {
            people.meetings = people.traced_meetings(data, &numbers, cases);
        }
        Ok(people)
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether a table names somebody `name`.
    pub fn knows(&self, name: &str) -> bool {
        self.numbers.contains_key(name)
    }

    /// When the last fact began; `None` if there is none.
    pub fn last_fact(&self) -> Option<Timestamp> {
        self.last_fact
    }

    /// The number of the person whom the tables call `name`.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// Of two rows about one person the later one counts.
    fn belongs(&mut self, profile: &Profile) {
        let Some(number) = self.number(&profile.person) else {
            return;
        };
        let sex = profile.sex.as_deref().map(|word| {
            let known = self.sexes.iter().position(|other| other == word);
            let place = known.unwrap_or_else(|| {
                if self.sexes.len() < MOST_SEXES {
                    self.sexes.push(word.to_owned());
                    self.sexes.len() - 1
                } else {
                    MOST_SEXES
                }
            });
            place as u8
        });
        self.groups[number as usize] = Belonging {
            region: profile.region,
            birth_year: profile.birth_year,
            sex,
        };
    }

    fn recorded_meetings(&self) -> Vec<Meeting> {
        let contacts = &self.columns.contacts;
        (0..contacts.len())
            .filter(|row| contacts.ring[*row] == 1)
            .map(|row| Meeting {
                person: contacts.person[row],
                first: contacts.first[row],
                last: contacts.last[row],
            })
            .collect()
    }

    fn traced_meetings(
        &self,
        data: &DataSet,
        numbers: &HashMap<PersonId, u32>,
        cases: &[CaseRow],
    ) -> Vec<Meeting> {
        let visits = data.evidence().iter().filter_map(|piece| match piece.fact {
            Fact::Visit {
                venue,
                entered,
                left,
                ..
            } => Some(Visit {
                person: numbers[&piece.person],
                venue,
                entered,
                left,
            }),
            _ => None,
        });
        let cases = cases.iter().filter_map(|case| {
            Some(Case {
                person: self.number(&case.person)?,
                from: case.from,
                until: case.until,
            })
        });
        let cases: Vec<_> = cases.collect();
        let search = Search {
            minutes: TRACED_MINUTES,
            rings: 1,
            by_day: None,
        };
        // Visits outside 1970 to 2106 do not count in a trace, so these moments fit.
        let second = |at: Timestamp| Seconds::try_from(at.as_second()).unwrap_or_default();
        Visits::new(visits)
            .trace(&cases, &search)
            .into_iter()
            .map(|contact| Meeting {
                person: contact.person,
                first: second(contact.first),
                last: second(contact.last),
            })
            .collect()
    }
}
