//! Columns from facts, in whatever order they come.

use std::collections::{HashMap, HashSet};

use domain::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, OpenPeriod, Relation, StayMode, StaySource,
    TestKind, TestResult,
};
use domain::{EvidenceId, Fact, FactKind, Timestamp};

use super::{Columns, NONE, NONE_16, Seconds};

/// A fact that does not fit the columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfRange {
    /// Before 1970 or after 2106.
    #[error("the time {0} lies outside 1970 to 2106; correct it")]
    Time(Timestamp),
    /// Too many different words or regions.
    #[error("there are more than 65,535 different {0}; merge some")]
    Words(&'static str),
}

/// Collects facts and sorts them into [`Columns`].
///
/// Either [`push`](Self::push) facts with their identifiers, or [`append`](Self::append) facts whose
/// identifiers go up as they come; not both.
#[derive(Debug, Default)]
pub struct ColumnsBuilder {
    columns: Columns,
    /// The identifiers of the rows of each table, for the order and for withdrawals. Empty for rows
    /// that were appended: their order is that of arrival.
    ids: [Vec<u128>; FactKind::ALL.len()],
    withdrawn: Vec<EvidenceId>,
}

impl ColumnsBuilder {
    /// Starts with nothing about `people` people.
    pub fn new(people: u32) -> Self {
        Self {
            columns: Columns {
                people,
                ..Columns::default()
            },
            ..Self::default()
        }
    }

    /// Adds a fact about person number `person`. A fact whose identifier was added before must not
    /// be added again.
    ///
    /// # Errors
    /// [`OutOfRange`] if the columns cannot hold it.
    pub fn push(&mut self, person: u32, id: EvidenceId, fact: &Fact) -> Result<(), OutOfRange> {
        self.append(person, fact)?;
        self.ids[fact.kind() as usize].push(id.as_u128());
        Ok(())
    }

    /// Adds a fact about person number `person` whose identifier is greater than those of its kind
    /// before it. It cannot be withdrawn.
    ///
    /// # Errors
    /// [`OutOfRange`] if the columns cannot hold it.
    pub fn append(&mut self, person: u32, fact: &Fact) -> Result<(), OutOfRange> {
        let c = &mut self.columns;
        match fact {
            Fact::Declaration {
                at,
                symptoms,
                temperature,
                contact,
                ..
            } => {
                let at = seconds(*at)?;
                let t = &mut c.declarations;
                t.person.push(person);
                t.at.push(at);
                t.symptoms.push(symptoms.bits());
                t.temperature
                    .push(temperature.map_or(0, |celsius| celsius.tenths()));
                t.contact.push(word(ContactAnswer::ALL, *contact));
            }
            Fact::Diagnosis {
                status, at, onset, ..
            } => {
                let (at, onset) = (seconds(*at)?, seconds_or_none(*onset)?);
                let t = &mut c.diagnoses;
                t.person.push(person);
                t.at.push(at);
                t.onset.push(onset);
                t.status.push(word(DiagnosisStatus::ALL, *status));
            }
            Fact::Contact {
                relation,
                ring,
                period,
                minutes,
                ..
            } => {
                let (first, last) = (seconds(period.begin())?, seconds(period.end())?);
                let t = &mut c.contacts;
                t.person.push(person);
                t.first.push(first);
                t.last.push(last);
                t.minutes.push(minutes.unwrap_or(NONE));
                t.relation.push(word(Relation::ALL, *relation));
                t.ring.push(ring.get());
            }
            Fact::Stay {
                region,
                period,
                mode,
                source,
                ..
            } => {
                let (arrived, left) = ends(*period)?;
                let region = c
                    .regions
                    .number(region)
                    .ok_or(OutOfRange::Words("regions"))?;
                let t = &mut c.stays;
                t.person.push(person);
                t.arrived.push(arrived);
                t.left.push(left);
                t.region.push(region);
                let (mode, source) = (word(StayMode::ALL, *mode), word(StaySource::ALL, *source));
                t.mode_source.push(mode | source << 4);
            }
            Fact::Test {
                kind,
                result,
                period,
                ..
            } => {
                let (sampled, reported) = ends(*period)?;
                let t = &mut c.tests;
                t.person.push(person);
                t.sampled.push(sampled);
                t.reported.push(reported);
                t.kind.push(word(TestKind::ALL, *kind));
                t.result.push(word(TestResult::ALL, *result));
            }
            Fact::Vaccination {
                product, dose, at, ..
            } => {
                let at = seconds(*at)?;
                let product = c
                    .products
                    .number(product)
                    .ok_or(OutOfRange::Words("products"))?;
                let t = &mut c.vaccinations;
                t.person.push(person);
                t.at.push(at);
                t.product.push(product);
                t.dose.push(dose.get());
            }
            Fact::Visit {
                category, period, ..
            } => {
                let (entered, left) = ends(*period)?;
                let mut number = |category| c.categories.number(category);
                let category = match category {
                    Some(category) => number(category).ok_or(OutOfRange::Words("categories"))?,
                    None => NONE_16,
                };
                let t = &mut c.visits;
                t.person.push(person);
                t.entered.push(entered);
                t.left.push(left);
                t.category.push(category);
            }
            Fact::Order(order) => {
                let (from, until) = (seconds(order.from())?, seconds(order.until())?);
                let t = &mut c.orders;
                t.person.push(person);
                t.from.push(from);
                t.until.push(until);
                t.colour.push(word(&domain::Colour::ALL, order.colour()));
            }
            Fact::Contradiction { at, about, .. } => {
                let at = seconds(*at)?;
                let t = &mut c.contradictions;
                t.person.push(person);
                t.at.push(at);
                t.about.push(word(ContradictionAbout::ALL, *about));
            }
            Fact::ForeignVerdict {
                issuer,
                colour,
                period,
                ..
            } => {
                let (at, until) = (seconds(period.begin())?, seconds(period.end())?);
                let issuer = c
                    .regions
                    .number(issuer)
                    .ok_or(OutOfRange::Words("regions"))?;
                let t = &mut c.foreign_verdicts;
                t.person.push(person);
                t.at.push(at);
                t.until.push(until);
                t.issuer.push(issuer);
                t.colour.push(word(&domain::Colour::ALL, *colour));
            }
            Fact::Withdrawal { of, at, .. } => {
                let at = seconds(*at)?;
                let t = &mut c.withdrawals;
                t.person.push(person);
                t.at.push(at);
                // The row is found when all rows are in place.
                t.kind.push(0);
                t.row.push(self.withdrawn.len() as u32);
                self.withdrawn.push(*of);
            }
        }
        Ok(())
    }

    /// What is collected so far, in order of arrival, for rows that come by column: all columns of a
    /// table must grow alike, and rows that were pushed with their identifiers must not be among
    /// them.
    pub fn columns_mut(&mut self) -> &mut Columns {
        &mut self.columns
    }

    /// Appends all that `other` collected without identifiers. People keep their numbers; regions
    /// and words are numbered anew.
    ///
    /// # Errors
    /// [`OutOfRange`] if there are too many words or regions.
    pub fn add(&mut self, other: Self) -> Result<(), OutOfRange> {
        self.columns.append(other.columns)
    }

    /// Says how many people there are, with those about whom nothing is added.
    pub fn set_people(&mut self, people: u32) {
        self.columns.people = people;
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let ids: usize = self.ids.iter().map(Vec::capacity).sum();
        self.columns.bytes() + ids * size_of::<u128>()
    }

    /// Sorts what was added.
    pub fn finish(mut self) -> Columns {
        let wanted: HashSet<u128> = self.withdrawn.iter().map(|id| id.as_u128()).collect();
        let mut places = HashMap::new();
        macro_rules! sort {
            ($kind:ident, $table:ident, $begins:ident) => {{
                let ids = &self.ids[FactKind::$kind as usize];
                let table = &mut self.columns.$table;
                let order = sorted(&table.person, &table.$begins, ids);
                if let Some(order) = &order {
                    table.reorder(order);
                }
                if !wanted.is_empty() {
                    for place in 0..ids.len() {
                        let row = order.as_ref().map_or(place, |order| order[place] as usize);
                        if wanted.contains(&ids[row]) {
                            places.insert(ids[row], (FactKind::$kind as u8, place as u32));
                        }
                    }
                }
            }};
        }
        sort!(Declaration, declarations, at);
        sort!(Diagnosis, diagnoses, at);
        sort!(Contact, contacts, first);
        sort!(Stay, stays, arrived);
        sort!(Test, tests, sampled);
        sort!(Vaccination, vaccinations, at);
        sort!(Visit, visits, entered);
        sort!(Order, orders, from);
        sort!(Contradiction, contradictions, at);
        sort!(ForeignVerdict, foreign_verdicts, at);
        sort!(Withdrawal, withdrawals, at);
        let withdrawals = &mut self.columns.withdrawals;
        for (row, kind) in withdrawals.row.iter_mut().zip(&mut withdrawals.kind) {
            let of = self.withdrawn[*row as usize].as_u128();
            (*kind, *row) = places.get(&of).copied().unwrap_or((0, NONE));
        }
        self.columns
    }
}

/// The rows in order of person, beginning and identifier; `None` if they are so already.
fn sorted(person: &[u32], begins: &[Seconds], ids: &[u128]) -> Option<Vec<u32>> {
    let key = |row: usize| (person[row], begins[row], ids.get(row));
    if (1..person.len()).all(|row| key(row - 1) <= key(row)) {
        return None;
    }
    // Dealt out by person, in order of arrival, then each person's few by themselves.
    let people = person.iter().max().map_or(0, |last| *last as usize + 1);
    let mut next = vec![0_u32; people + 1];
    for person in person {
        next[*person as usize + 1] += 1;
    }
    for place in 1..next.len() {
        next[place] += next[place - 1];
    }
    let mut order = vec![0_u32; person.len()];
    for (row, person) in (0..).zip(person) {
        let place = &mut next[*person as usize];
        order[*place as usize] = row;
        *place += 1;
    }
    let of_one = |a: &u32, b: &u32| person[*a as usize] == person[*b as usize];
    for rows in order.chunk_by_mut(of_one) {
        rows.sort_unstable_by_key(|row| {
            let place = *row as usize;
            (begins[place], ids.get(place), *row)
        });
    }
    Some(order)
}

fn seconds(at: Timestamp) -> Result<Seconds, OutOfRange> {
    let unix_seconds = Seconds::try_from(at.as_second())
        .ok()
        .filter(|unix_seconds| *unix_seconds != NONE);
    unix_seconds.ok_or(OutOfRange::Time(at))
}

fn seconds_or_none(at: Option<Timestamp>) -> Result<Seconds, OutOfRange> {
    at.map_or(Ok(NONE), seconds)
}

fn ends(period: OpenPeriod) -> Result<(Seconds, Seconds), OutOfRange> {
    Ok((seconds(period.begin())?, seconds_or_none(period.end())?))
}

fn word<T: PartialEq>(all: &[T], value: T) -> u8 {
    all.iter()
        .position(|other| *other == value)
        .unwrap_or_default() as u8
}
