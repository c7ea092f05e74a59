//! The tables of a simulated epidemic, as files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use domain::{FactKind, PersonId, VenueId};
use simulate::epidemic::{Epidemic, Person, Report, Venue};
use tables::files::{FactWriter, Format, Naming, ResultColumn, ResultKind, ResultWriter, Value};

use super::super::table_files::file_error;

/// So many people's visits are written between two steps of the progress bar.
const STEP: u32 = 2_000;

/// Writes tables into a folder.
pub struct Tables<'a> {
    epidemic: &'a Epidemic,
    folder: PathBuf,
    format: Format,
}

/// A table being written.
struct Rows {
    writer: ResultWriter,
    count: u64,
}

/// People and venues go by their numbers.
struct Numbered;

impl Naming for Numbered {
    fn person(&self, person: PersonId, name: &mut String) {
        // Writing into memory does not fail.
        let _ = write!(name, "{}", Person(person.as_u128() as u32));
    }

    fn venue(&self, venue: VenueId, name: &mut String) {
        let _ = write!(name, "{}", Venue(venue.as_u128() as u32));
    }
}

/// The name of a person or region, written again only when it changes.
struct Name<T> {
    of: Option<T>,
    text: String,
}

impl<'a> Tables<'a> {
    /// Tables of `epidemic` in `folder`.
    pub fn new(epidemic: &'a Epidemic, folder: &Path, format: Format) -> Self {
        Self {
            epidemic,
            folder: folder.to_owned(),
            format,
        }
    }

    /// Writes the table of visits; `progress` hears how many people's are written.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_visits(&self, mut progress: impl FnMut(u32)) -> Result<u64> {
        let mut rows = self.begin_evidence(FactKind::Visit)?;
        let people = self.epidemic.scenario().people;
        for from in (0..people).step_by(STEP as usize) {
            let until = (from + STEP).min(people);
            for visit in self.epidemic.visits(from..until) {
                let fact = visit.fact();
                rows.add(visit.person.id(), &fact).map_err(file_error)?;
            }
            progress(until);
        }
        rows.finish().map_err(file_error)
    }

    /// Writes every other table; gives names and rows.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write_others(&self) -> Result<Vec<(&'static str, u64)>> {
        Ok(vec![
            (
                "declarations",
                self.write(FactKind::Declaration, self.epidemic.declarations())?,
            ),
            ("stays", self.write(FactKind::Stay, self.epidemic.stays())?),
            (
                "tests",
                self.write(FactKind::Test, self.epidemic.tests().iter().copied())?,
            ),
            (
                "diagnoses",
                self.write(
                    FactKind::Diagnosis,
                    self.epidemic.diagnoses().iter().copied(),
                )?,
            ),
            (
                "contacts",
                self.write(FactKind::Contact, self.epidemic.contacts().iter().copied())?,
            ),
            ("companions", self.write_companions()?),
            ("regions", self.write_regions()?),
            ("case_counts", self.write_case_counts()?),
            ("cases", self.write_cases()?),
            ("people", self.write_people()?),
            ("truth", self.write_truth()?),
            ("exposures", self.write_exposures()?),
        ])
    }

    fn write<R: Report>(
        &self,
        kind: FactKind,
        reports: impl IntoIterator<Item = R>,
    ) -> Result<u64> {
        let mut rows = self.begin_evidence(kind)?;
        for report in reports {
            rows.add(report.person().id(), &report.fact())
                .map_err(file_error)?;
        }
        rows.finish().map_err(file_error)
    }

    fn begin_evidence(&self, kind: FactKind) -> Result<FactWriter<Numbered>> {
        let writer = FactWriter::create(&self.folder, kind, self.format, Numbered);
        let writer = writer.with_context(|| format!("no table holds a {kind}"))?;
        writer.map_err(file_error)
    }

    fn write_companions(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            text("group"),
            text("relation"),
            timestamp("from"),
        ];
        let mut rows = self.begin("companions", COLUMNS)?;
        let (mut person, mut group) = (Name::new(), Name::new());
        for membership in self.epidemic.memberships() {
            rows.add(&[
                person.show(membership.person),
                group.show(membership.group),
                Value::Text(membership.kind.as_str()),
                Value::Timestamp(membership.from),
            ])?;
        }
        rows.finish()
    }

    fn write_regions(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("region"),
            text("level"),
            timestamp("from"),
            timestamp("until"),
        ];
        let mut rows = self.begin("regions", COLUMNS)?;
        let mut region = Name::new();
        for level in self.epidemic.levels() {
            rows.add(&[
                region.show(level.region),
                Value::Text(level.level.as_str()),
                Value::Timestamp(level.from),
                level.until.into(),
            ])?;
        }
        rows.finish()
    }

    fn write_case_counts(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[text("date"), text("region"), whole("confirmed")];
        let mut rows = self.begin("case_counts", COLUMNS)?;
        let (mut date, mut region) = (Name::new(), Name::new());
        for count in self.epidemic.case_counts() {
            rows.add(&[
                date.show(count.date),
                region.show(count.region),
                Value::Whole(i64::from(count.confirmed)),
            ])?;
        }
        rows.finish()
    }

    fn write_cases(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[text("person"), timestamp("from"), timestamp("until")];
        let mut rows = self.begin("cases", COLUMNS)?;
        let mut person = Name::new();
        for case in self.epidemic.cases() {
            rows.add(&[
                person.show(case.person),
                Value::Timestamp(case.from),
                Value::Timestamp(case.until),
            ])?;
        }
        rows.finish()
    }

    fn write_people(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            text("region"),
            whole("birth_year"),
            text("sex"),
        ];
        let mut rows = self.begin("people", COLUMNS)?;
        let (mut person, mut region) = (Name::new(), Name::new());
        for profile in self.epidemic.people() {
            rows.add(&[
                person.show(profile.person),
                profile
                    .region
                    .map_or(Value::Empty, |found| region.show(found)),
                Value::Whole(i64::from(profile.birth_year)),
                Value::Text(if profile.is_female { "f" } else { "m" }),
            ])?;
        }
        rows.finish()
    }

    fn write_truth(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            timestamp("infected_at"),
            timestamp("exposed_at"),
        ];
        let mut rows = self.begin("truth", COLUMNS)?;
        let mut person = Name::new();
        for truth in self.epidemic.truth() {
            rows.add(&[
                person.show(truth.person),
                truth.infected_at.into(),
                Value::Timestamp(truth.exposed_at),
            ])?;
        }
        rows.finish()
    }

    /// Who was truly near an infectious person. No command reads it; it is there for questions such
    /// as how many true contacts a trace finds.
    fn write_exposures(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("source"),
            text("person"),
            text("setting"),
            timestamp("first"),
            whole("minutes"),
            whole("infected"),
        ];
        let mut rows = self.begin("exposures", COLUMNS)?;
        let (mut source, mut person) = (Name::new(), Name::new());
        for exposure in self.epidemic.exposures() {
            rows.add(&[
                source.show(exposure.source),
                person.show(exposure.person),
                Value::Text(exposure.setting.as_str()),
                Value::Timestamp(exposure.first),
                Value::Whole(i64::from(exposure.minutes)),
                Value::Whole(i64::from(exposure.infected)),
            ])?;
        }
        rows.finish()
    }

    fn begin(&self, table: &str, columns: &'static [ResultColumn]) -> Result<Rows> {
        let path = self
            .folder
            .join(table)
            .with_extension(self.format.extension());
        let writer = ResultWriter::create(&path, columns).map_err(file_error)?;
        Ok(Rows { writer, count: 0 })
    }
}

impl Rows {
    fn add(&mut self, values: &[Value<'_>]) -> Result<()> {
        self.count += 1;
        self.writer.row(values).map_err(file_error)
    }

    fn finish(self) -> Result<u64> {
        self.writer.finish().map_err(file_error)?;
        Ok(self.count)
    }
}

impl<T: Copy + PartialEq + std::fmt::Display> Name<T> {
    fn new() -> Self {
        Self {
            of: None,
            text: String::new(),
        }
    }

    fn show(&mut self, of: T) -> Value<'_> {
        if self.of != Some(of) {
            self.of = Some(of);
            self.text = of.to_string();
        }
        Value::Text(&self.text)
    }
}

const fn text(name: &'static str) -> ResultColumn {
    column(name, ResultKind::Text)
}

const fn timestamp(name: &'static str) -> ResultColumn {
    column(name, ResultKind::Timestamp)
}

const fn whole(name: &'static str) -> ResultColumn {
    column(name, ResultKind::Whole)
}

const fn column(name: &'static str, kind: ResultKind) -> ResultColumn {
    ResultColumn { name, kind }
}
