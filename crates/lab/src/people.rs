//! A population as the lab takes it.

use domain::{Region, RegionLevels};
use engine::columns::{Columns, Seconds};
use engine::trace::Span;

use crate::known;

/// A population: what rules read as columns, and beside it what only reports read.
#[derive(Debug, Default)]
pub struct People {
    /// The evidence.
    pub(crate) columns: Columns,
    /// The region levels.
    pub(crate) levels: RegionLevels,
    /// When each row of the contacts became known.
    pub(crate) contact_known: Vec<Seconds>,
    /// What groups each person belongs to.
    pub(crate) groups: Vec<Belonging>,
    /// The words for sex that [`Belonging::sex`] numbers.
    pub(crate) sexes: Vec<String>,
    /// Who truly met a case, and when.
    pub(crate) meetings: Vec<(u32, Span)>,
}

/// What groups a person belongs to. No rule can read any of it (invariant 5).
#[derive(Clone, Copy, Debug, Default)]
pub struct Belonging {
    /// Where they live.
    pub region: Option<Region>,
    /// The year of their birth.
    pub birth_year: Option<u16>,
    /// A place among the words for sex; one after them is every other word.
    pub sex: Option<u8>,
}

impl People {
    /// A population of which nothing is known but its evidence and the levels of its regions.
    ///
    /// `contact_with` says whom each row of the contacts was with: a person's number, or `NONE`.
    /// Without it a contact counts as known once it is over. Who truly met a case are the contacts of
    /// ring 1.
    pub fn new(columns: Columns, levels: RegionLevels, contact_with: Option<&[u32]>) -> Self {
        Self {
            contact_known: match contact_with {
                Some(with) => known::of_contacts(&columns, with),
                None => columns.contacts.last.clone(),
            },
            groups: vec![Belonging::default(); columns.people as usize],
            meetings: recorded_meetings(&columns),
            columns,
            levels,
            sexes: Vec::new(),
        }
    }

    /// Takes what groups each person belongs to, in order of number, and the words for sex.
    pub fn with_groups(self, mut groups: Vec<Belonging>, sexes: Vec<String>) -> Self {
        groups.resize(self.columns.people as usize, Belonging::default());
        Self {
            groups,
            sexes,
            ..self
        }
    }

    /// Takes who truly met a case and when, where the evidence has no contact of ring 1.
    pub fn or_meetings(mut self, meetings: Vec<(u32, Span)>) -> Self {
        if self.meetings.is_empty() {
            self.meetings = meetings;
        }
        self
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

fn recorded_meetings(columns: &Columns) -> Vec<(u32, Span)> {
    let contacts = &columns.contacts;
    let ring_1 = (0..contacts.len()).filter(|row| contacts.ring[*row] == 1);
    let met = ring_1.map(|row| {
        let during = Span {
            from: contacts.first[row],
            until: contacts.last[row],
        };
        (contacts.person[row], during)
    });
    met.collect()
}
