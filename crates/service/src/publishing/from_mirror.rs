//! Whose verdict may have changed, as the mirror tells: everybody is decided from its columns at once,
//! and what comes out is held against outlines of the stored verdicts.
//!
//! Columns hold status, times and whether a rule says anything, but not all of a verdict. So people
//! who are restricted or advised, or about whom the mirror may lack evidence, are left to the
//! database; of the others nothing but an outline is read.

use std::iter::Peekable;
use std::sync::Arc;

use domain::{PersonId, Policy, Timestamp};
use engine::columns::{NONE, Seconds};
use engine::decide::{Decisions, decide_columns};
use store::VerdictOutline;
use tables::files::FileError;
use tables::mirror::{Memory, MirroredPerson, Persons, Scope, read_columns};

use super::ActivePolicy;
use crate::decisions::is_ahead;
use crate::mirror::{MirrorError, Snapshot};

/// Everybody in a mirror, decided. Asked page by page, in order of identifier.
pub(super) struct MirrorDecisions {
    persons: Peekable<Box<dyn Iterator<Item = Result<MirroredPerson, FileError>> + Send>>,
    /// The numbers of those about whom the mirror may lack evidence, ascending.
    apart: Vec<u32>,
    policy: Arc<Policy>,
    decisions: Decisions,
}

/// Whose verdicts on a page have to be looked at. All others stay as they are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Suspects {
    /// Their verdict is another one.
    pub changed: Vec<PersonId>,
    /// Their verdict may be another one: the database tells.
    pub unsure: Vec<PersonId>,
}

impl MirrorDecisions {
    /// Decides everybody in a mirror at `now`, on all processors.
    pub fn decide(
        snapshot: Snapshot,
        active: &ActivePolicy,
        now: Timestamp,
    ) -> Result<Self, MirrorError> {
        let policy = Arc::clone(&active.policy);
        let scope = Scope::Decide(&policy, now);
        let columns = read_columns(&snapshot.dir, scope, Memory::Available)?;
        snapshot.check_present()?;
        let decisions = decide_columns(&policy, &active.levels, &columns, now);
        let decisions = decisions.map_err(|why| MirrorError::Interrupted(why.to_string()))?;
        let persons: Box<dyn Iterator<Item = _> + Send> = Box::new(Persons::open(&snapshot.dir)?);
        Ok(Self {
            persons: persons.peekable(),
            apart: snapshot.apart,
            policy,
            decisions,
        })
    }

    /// Whose verdicts on a page of people have to be looked at, at `now`. People and outlines are
    /// in order of identifier. Pages are too: for a person of an earlier page the database is
    /// asked.
    pub fn suspects(
        &mut self,
        people: &[PersonId],
        outlines: &[VerdictOutline],
        now: Timestamp,
    ) -> Result<Suspects, MirrorError> {
        let mut suspects = Suspects::default();
        let mut outlines = outlines.iter().peekable();
        for &person in people {
            while outlines
                .next_if(|outline| outline.person < person)
                .is_some()
            {}
            let outline = outlines.next_if(|outline| outline.person == person);
            let number = self.number_of(person)?;
            match outline.filter(|outline| !is_ahead(outline.decided_at, now)) {
                None => suspects.changed.push(person),
                Some(outline) => match number.map(|number| self.compare(number, outline)) {
                    Some(Comparison::Same) => {}
                    Some(Comparison::Different) => suspects.changed.push(person),
                    Some(Comparison::Unknown) | None => suspects.unsure.push(person),
                },
            }
        }
        Ok(suspects)
    }

    /// The number of a person about whom the mirror has all evidence.
    fn number_of(&mut self, person: PersonId) -> Result<Option<u32>, MirrorError> {
        loop {
            let is_passed = |next: &Result<MirroredPerson, FileError>| {
                next.as_ref().map_or(true, |next| next.id <= person)
            };
            let Some(next) = self.persons.next_if(is_passed) else {
                return Ok(None);
            };
            let next = next?;
            if next.id == person {
                let is_whole = self.apart.binary_search(&next.number).is_err();
                return Ok(Some(next.number).filter(|_| is_whole));
            }
        }
    }

    fn compare(&self, number: u32, outline: &VerdictOutline) -> Comparison {
        let place = number as usize;
        let decisions = &self.decisions;
        if decisions.status(&self.policy, number) != outline.status {
            return Comparison::Different;
        }
        let has_rule = decisions.rule(&self.policy, number).is_some();
        if has_rule || decisions.is_advised[place] || outline.has_findings {
            return Comparison::Unknown;
        }
        let is_same = is_at(decisions.since[place], outline.since)
            && is_at(decisions.until[place], outline.until)
            && is_at(decisions.next_change[place], outline.next_change);
        match is_same {
            true => Comparison::Same,
            false => Comparison::Different,
        }
    }
}

/// What columns tell of a stored verdict.
enum Comparison {
    Same,
    Different,
    Unknown,
}

/// Whether a time in columns is the stored one. Columns end in 2106; whose time is later is decided
/// again, which changes nothing.
fn is_at(second: Seconds, stored: Option<Timestamp>) -> bool {
    let known = (second != NONE).then_some(i64::from(second));
    known == stored.map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use domain::{Colour, Status};

    use super::*;

    const POLICY: &str = include_str!("../../../../policies/hangzhou.toml");
    const GREEN: Status = Status::Decided(Colour::Green);
    const RED: Status = Status::Decided(Colour::Red);
    const NOW: i64 = 1_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(number: u32) -> PersonId {
        PersonId::from_u128(u128::from(number) * 10)
    }

    /// Five people, all declared and green, of whom number 3 is advised and number 4 lacks evidence.
    fn decided() -> MirrorDecisions {
        let persons = (0..5).map(|number| {
            Ok(MirroredPerson {
                number,
                id: id(number),
                revision: 1,
            })
        });
        let persons: Box<dyn Iterator<Item = _> + Send> = Box::new(persons);
        MirrorDecisions {
            persons: persons.peekable(),
            apart: vec![4],
            policy: Arc::new(Policy::parse(POLICY).unwrap()),
            decisions: Decisions {
                outcome: vec![1; 5],
                since: vec![7; 5],
                until: vec![NONE; 5],
                next_change: vec![9; 5],
                is_advised: vec![false, false, false, true, false],
            },
        }
    }

    fn outline(person: PersonId) -> VerdictOutline {
        VerdictOutline {
            person,
            status: GREEN,
            since: Some(at(7)),
            until: None,
            next_change: Some(at(9)),
            decided_at: at(NOW),
            has_findings: false,
        }
    }

    fn suspects(people: &[u32], change: impl Fn(&mut VerdictOutline)) -> Suspects {
        let people: Vec<PersonId> = people.iter().map(|number| id(*number)).collect();
        let outlines = people.iter().map(|person| {
            let mut outline = outline(*person);
            change(&mut outline);
            outline
        });
        let outlines: Vec<VerdictOutline> = outlines.collect();
        let found = decided().suspects(&people, &outlines, at(NOW));
        found.unwrap()
    }

    #[test]
    fn whoever_is_as_stored_is_left_alone() {
        assert_eq!(suspects(&[0, 1, 2], |_| {}), Suspects::default());
    }

    #[test]
    fn whoever_is_advised_unknown_or_not_whole_is_looked_up() {
        let found = suspects(&[0, 3, 4, 9], |_| {});
        assert_eq!(found.changed, []);
        assert_eq!(found.unsure, [id(3), id(4), id(9)]);
        let found = suspects(&[1], |outline| outline.has_findings = true);
        assert_eq!((found.changed, found.unsure), (vec![], vec![id(1)]));
    }

    #[test]
    fn whatever_differs_from_the_outline_is_a_change() {
        let changes: [fn(&mut VerdictOutline); 5] = [
            |outline| outline.status = RED,
            |outline| outline.since = None,
            |outline| outline.until = Some(at(8)),
            |outline| outline.next_change = Some(at(10)),
            // A clock was set back since.
            |outline| outline.decided_at = at(NOW + 3600),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let found = suspects(&[1], change);
            assert_eq!(found.changed, [id(1)], "change {number}");
        }
    }

    #[test]
    fn pages_go_on_where_the_one_before_ended_and_a_missing_verdict_is_a_change() {
        let mut decided = decided();
        let outlines = [outline(id(0))];
        let first = decided.suspects(&[id(0), id(1)], &outlines, at(NOW));
        assert_eq!(first.unwrap().changed, [id(1)]);
        let second = decided.suspects(&[id(2)], &[outline(id(2))], at(NOW));
        assert_eq!(second.unwrap(), Suspects::default());
    }
}
