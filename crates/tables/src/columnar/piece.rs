//! What became of some rows of a file: columns of the good ones, and why the others are refused.

use domain::evidence::GroupKind;
use domain::{Fact, FactKind, Region, Timestamp};
use engine::columns::{ColumnsBuilder, NONE, OutOfRange, Seconds};
use engine::trace::{Span, VisitRows, span_of, unix_seconds};

use super::memberships::MembershipRows;
use super::names::LocalNames;
use super::plain::Plain;
use super::tables::facts_of;
use crate::files::{
    Fault, Fields, NameHasher, Profile, RawRow, Refusal, Table, fact, membership, profile,
};

/// What the rows of a table are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    /// Evidence of this kind.
    Facts(FactKind),
    /// Who the people are.
    Profiles,
    /// Visits to be traced.
    Visits,
    /// Who belongs together.
    Memberships,
}

/// Rows of a file. People and venues have numbers in [`LocalNames`].
pub(super) struct Piece {
    pub(super) read_as: As,
    pub(super) people: LocalNames,
    /// Whom a contact was with, the venues of visits to be traced, or groups.
    pub(super) others: LocalNames,
    /// Evidence: whose row it is stands where columns have the person.
    pub(super) facts: ColumnsBuilder,
    /// With whom each contact was, or `NONE`.
    pub(super) with: Vec<u32>,
    pub(super) profiles: Profiles,
    /// Visits that end as they begin are counted and left out.
    pub(super) visits: VisitRows,
    pub(super) memberships: MembershipRows,
    pub(super) good: u64,
    pub(super) refused: Vec<Refused>,
    /// Lines of text in it.
    pub(super) lines: u64,
    /// Bytes of the file that it stands for.
    pub(super) bytes: u64,
}

/// A refused row: what it said, and why it is refused. The row counts from the piece's first.
pub(super) struct Refused {
    pub(super) cells: Vec<Vec<u8>>,
    pub(super) refusal: Refusal,
}

/// What groups the people of some rows belong to.
#[derive(Default)]
pub(super) struct Profiles {
    pub(super) person: Vec<u32>,
    pub(super) region: Vec<Option<Region>>,
    pub(super) birth_year: Vec<u16>,
    /// Number in `sexes`, or `NONE`.
    pub(super) sex: Vec<u32>,
}

impl Piece {
    pub(super) fn new(read_as: As, hashers: [NameHasher; 2]) -> Self {
        let [people, others] = hashers;
        Self {
            read_as,
            people: LocalNames::new(people),
            others: LocalNames::new(others),
            facts: ColumnsBuilder::default(),
            with: Vec::new(),
            profiles: Profiles::default(),
            visits: VisitRows::default(),
            memberships: MembershipRows::default(),
            good: 0,
            refused: Vec::new(),
            lines: 0,
            bytes: 0,
        }
    }

    /// Bytes in memory.
    pub(super) fn memory(&self) -> usize {
        let cells =
            |row: &Refused| 200 + row.cells.iter().map(|cell| 24 + cell.len()).sum::<usize>();
        self.people.bytes()
            + self.others.bytes()
            + self.facts.bytes()
            + self.with.capacity() * 4
            + self.profiles.person.capacity() * 20
            + self.visits.person.capacity() * 16
            + self.memberships.bytes()
            + self.refused.iter().map(cells).sum::<usize>()
    }

    /// Adds the rows of a batch. `raw` fills in an odd row as the careful reader wants it.
    pub(super) fn add(
        &mut self,
        reader: &RowReader,
        mut plain: Plain<'_>,
        raw: &mut dyn FnMut(usize, &mut RawRow),
    ) -> Result<(), OutOfRange> {
        match self.read_as {
            As::Facts(kind) => self.add_facts(kind, reader, &mut plain, raw),
            As::Profiles => {
                self.add_profiles(reader, &mut plain, raw);
                Ok(())
            }
            As::Visits => {
                self.add_visits(reader, &mut plain, raw);
                Ok(())
            }
            As::Memberships => {
                self.add_memberships(reader, &mut plain, raw);
                Ok(())
            }
        }
    }

    fn add_facts(
        &mut self,
        kind: FactKind,
        reader: &RowReader,
        plain: &mut Plain<'_>,
        raw: &mut dyn FnMut(usize, &mut RawRow),
    ) -> Result<(), OutOfRange> {
        plain.sound("person", &mut self.people);
        let mut rows = facts_of(kind, plain, self.facts.columns_mut());
        if kind == FactKind::Contact {
            plain.trimmed("with");
            plain.different("person", "with");
        }
        plain.rest();
        let mut odd = self
            .read_odd(plain, raw, |row| reader.read_fact(row))
            .into_iter();
        let person = plain.names("person", &mut self.people);
        let with = match kind {
            FactKind::Contact => plain.names("with", &mut self.others),
            _ => Vec::new(),
        };
        *rows.person_mut(kind) = person.clone();
        for (range, is_odd) in runs(&plain.odd) {
            if !is_odd {
                self.good += range.len() as u64;
                self.with
                    .extend(with.get(range.clone()).unwrap_or_default());
                self.facts.columns_mut().extend_from(kind, &rows, range);
                continue;
            }
            for place in range.filter(|place| !plain.refused[*place]) {
                if let Some(fact) = odd.next() {
                    self.good += 1;
                    self.facts.append(person[place], &fact)?;
                    self.with.extend(with.get(place));
                }
            }
        }
        Ok(())
    }

    fn add_profiles(
        &mut self,
        reader: &RowReader,
        plain: &mut Plain<'_>,
        raw: &mut dyn FnMut(usize, &mut RawRow),
    ) {
        plain.sound("person", &mut self.people);
        plain.trimmed("sex");
        let region = plain.regions_alone("region");
        let birth_year = plain.wholes("birth_year");
        let mut odd = self
            .read_odd(plain, raw, |row| reader.read_profile(row))
            .into_iter();
        let sex = plain.names("sex", &mut self.others);
        let person = plain.names("person", &mut self.people);
        for place in (0..plain.rows).filter(|place| !plain.refused[*place]) {
            self.good += 1;
            let (mut region, mut birth_year) = (region[place], birth_year[place]);
            if plain.odd[place]
                && let Some(profile) = odd.next()
            {
                region = profile.region;
                birth_year = profile.birth_year.map_or(NONE, u32::from);
            }
            let own = &mut self.profiles;
            own.person.push(person[place]);
            own.region.push(region);
            // `NONE` is 65,535 here as well, and no year.
            own.birth_year.push(birth_year as u16);
            own.sex.push(sex[place]);
        }
    }

    fn add_visits(
        &mut self,
        reader: &RowReader,
        plain: &mut Plain<'_>,
        raw: &mut dyn FnMut(usize, &mut RawRow),
    ) {
        plain.sound("person", &mut self.people);
        plain.sound("venue", &mut self.others);
        let entered = plain.timestamps("entered");
        let left = plain.ends("left", &entered);
        plain.rest();
        let mut odd = self
            .read_odd(plain, raw, |row| reader.read_fact(row))
            .into_iter();
        let venue = plain.names("venue", &mut self.others);
        let person = plain.names("person", &mut self.people);
        let end = |(from, left): (&Seconds, &Seconds)| match *left {
            NONE => from.saturating_add(OPEN_VISIT).min(NONE - 1),
            left => left,
        };
        let until: Vec<Seconds> = entered.iter().zip(&left).map(end).collect();
        let counts = entered.iter().zip(&until).all(|(from, until)| from < until);
        if counts && !plain.odd.contains(&true) {
            self.good += plain.rows as u64;
            let own = &mut self.visits;
            own.person.extend(person);
            own.venue.extend(venue);
            own.entered.extend(entered);
            own.left.extend(until);
            return;
        }
        for place in (0..plain.rows).filter(|place| !plain.refused[*place]) {
            self.good += 1;
            let mut span = Span {
                from: entered[place],
                until: until[place],
            };
            if plain.odd[place]
                && let Some(Fact::Visit { period, .. }) = odd.next()
            {
                span = span_of(period.begin(), period.end());
            }
            push_visit(&mut self.visits, person[place], venue[place], span);
        }
    }

    fn add_memberships(
        &mut self,
        reader: &RowReader,
        plain: &mut Plain<'_>,
        raw: &mut dyn FnMut(usize, &mut RawRow),
    ) {
        plain.sound("person", &mut self.people);
        plain.sound("group", &mut self.others);
        let mut kind = plain.words("relation", number);
        let mut from = plain.timestamps("from");
        let mut until = plain.ends("until", &from);
        plain.trips_end(&kind, &until);
        let odd = self.read_odd(plain, raw, |row| reader.read(row, membership));
        let group = plain.names("group", &mut self.others);
        let person = plain.names("person", &mut self.people);
        let is_read = |place: &usize| plain.odd[*place] && !plain.refused[*place];
        for (place, row) in (0..plain.rows).filter(is_read).zip(odd) {
            kind[place] = number(row.kind.as_str()).unwrap_or(0);
            from[place] = unix_seconds(row.from);
            until[place] = row.until.map_or(NONE, unix_seconds);
        }
        for place in (0..plain.rows).filter(|place| !plain.refused[*place]) {
            self.good += 1;
            let own = &mut self.memberships;
            own.person.push(person[place]);
            own.group.push(group[place]);
            own.kind.push(kind[place]);
            own.from.push(from[place]);
            own.until.push(until[place].min(NONE - 1));
        }
    }

    /// What the careful reader makes of the odd rows that it does not refuse, in order.
    fn read_odd<T>(
        &mut self,
        plain: &mut Plain<'_>,
        raw: &mut dyn FnMut(usize, &mut RawRow),
        read: impl Fn(&mut RawRow) -> Result<T, Fault>,
    ) -> Vec<T> {
        let mut row = RawRow::for_table(plain.table);
        let mut found = Vec::new();
        for place in (0..plain.rows).filter(|place| plain.odd[*place]) {
            raw(place, &mut row);
            match read(&mut row) {
                Ok(value) => found.push(value),
                Err(fault) => {
                    plain.refused[place] = true;
                    self.refuse(&row, fault);
                }
            }
        }
        found
    }

    fn refuse(&mut self, row: &RawRow, fault: Fault) {
        self.refused.push(Refused {
            cells: row.bytes(),
            refusal: fault.in_row(row.number),
        });
    }

    /// Adds one row that is read with care.
    pub(super) fn add_row(
        &mut self,
        reader: &RowReader,
        row: &mut RawRow,
    ) -> Result<(), OutOfRange> {
        let added = match self.read_as {
            As::Profiles => reader.read_profile(row).map(|profile| {
                let own = &mut self.profiles;
                own.person.push(self.people.add(&profile.person));
                own.region.push(profile.region);
                own.birth_year.push(profile.birth_year.unwrap_or(u16::MAX));
                let sex = profile.sex.map(|sex| self.others.add(&sex));
                own.sex.push(sex.unwrap_or(NONE));
                Ok(())
            }),
            As::Facts(_) => reader.read_fact(row).map(|fact| {
                let person = self.people.add(reader.cell(row, "person"));
                if fact.kind() == FactKind::Contact {
                    let with = reader.cell(row, "with");
                    let with = (!with.is_empty()).then(|| self.others.add(with));
                    self.with.push(with.unwrap_or(NONE));
                }
                self.facts.append(person, &fact)
            }),
            As::Memberships => reader.read(row, membership).map(|one| {
                let own = &mut self.memberships;
                own.person.push(self.people.add(&one.person));
                own.group.push(self.others.add(&one.group));
                own.kind.push(number(one.kind.as_str()).unwrap_or(0));
                own.from.push(unix_seconds(one.from));
                own.until
                    .push(one.until.map_or(NONE, unix_seconds).min(NONE - 1));
                Ok(())
            }),
            As::Visits => reader.read_fact(row).map(|fact| {
                if let Fact::Visit { period, .. } = fact {
                    let person = self.people.add(reader.cell(row, "person"));
                    let venue = self.others.add(reader.cell(row, "venue"));
                    let span = span_of(period.begin(), period.end());
                    push_visit(&mut self.visits, person, venue, span);
                }
                Ok(())
            }),
        };
        match added {
            Ok(added) => {
                self.good += 1;
                added
            }
            Err(fault) => {
                self.refuse(row, fault);
                Ok(())
            }
        }
    }
}

/// How long a visit lasts that nobody ended.
const OPEN_VISIT: Seconds = engine::trace::LONGEST_OPEN_VISIT.as_secs() as Seconds;

/// A visit that ends as it begins is none.
fn push_visit(visits: &mut VisitRows, person: u32, venue: u32, span: Span) {
    if span.from < span.until {
        visits.person.push(person);
        visits.venue.push(venue);
        visits.entered.push(span.from);
        visits.left.push(span.until);
    }
}

/// Reads single rows with care.
#[derive(Clone, Copy)]
pub(super) struct RowReader {
    pub(super) table: &'static Table,
    pub(super) now: Option<Timestamp>,
}

impl RowReader {
    fn read_fact(&self, row: &mut RawRow) -> Result<Fact, Fault> {
        self.read(row, fact)
    }

    fn read_profile(&self, row: &mut RawRow) -> Result<Profile, Fault> {
        self.read(row, profile)
    }

    fn read<T>(
        &self,
        row: &mut RawRow,
        parse: impl Fn(&Fields<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match row.fault.take() {
            Some(fault) => Err(fault),
            None => parse(&Fields {
                table: self.table,
                row,
                now: self.now,
            }),
        }
    }

    fn cell<'r>(&self, row: &'r RawRow, name: &str) -> &'r str {
        let place = self.table.position(name);
        place.map_or("", |place| row.cells[place].trim())
    }
}

/// Rows next to each other that are all odd, or all not.
pub(super) fn runs(odd: &[bool]) -> impl Iterator<Item = (std::ops::Range<usize>, bool)> + use<'_> {
    let mut start = 0;
    odd.chunk_by(|one, other| one == other).map(move |run| {
        let range = start..start + run.len();
        start = range.end;
        (range, run[0])
    })
}

/// The place of a kind of group among all.
fn number(word: &str) -> Option<u8> {
    let kind = word.parse::<GroupKind>().ok()?;
    let place = GroupKind::ALL.iter().position(|other| *other == kind)?;
    u8::try_from(place).ok()
}
