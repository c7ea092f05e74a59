//! The tables of a simulated epidemic, as files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use domain::evidence::Symptoms;
use simulate::epidemic::{Epidemic, Venue};
use tables::files::{Format, ResultColumn, ResultKind, ResultWriter, Value};

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

/// The name of a person or venue, written again only when it changes.
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
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            text("venue"),
            moment("entered"),
            moment("left"),
            text("category"),
        ];
        let mut rows = self.begin("visits", COLUMNS)?;
        let venues: Vec<String> = (0..self.epidemic.venues())
            .map(|venue| Venue(venue).to_string())
            .collect();
        let mut person = Name::new();
        let people = self.epidemic.scenario().people;
        for from in (0..people).step_by(STEP as usize) {
            let until = (from + STEP).min(people);
            for visit in self.epidemic.visits(from..until) {
                rows.add(&[
                    person.show(visit.person),
                    Value::Text(&venues[visit.venue.0 as usize]),
                    Value::Timestamp(visit.entered),
                    visit.left.into(),
                    Value::Text(visit.setting.as_str()),
                ])?;
            }
            progress(until);
        }
        rows.finish()
    }

    /// Writes every other table; gives names and rows.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write_others(&self) -> Result<Vec<(&'static str, u64)>> {
        Ok(vec![
            ("declarations", self.write_declarations()?),
            ("stays", self.write_stays()?),
            ("tests", self.write_tests()?),
            ("diagnoses", self.write_diagnoses()?),
            ("contacts", self.write_contacts()?),
            ("companions", self.write_companions()?),
            ("regions", self.write_regions()?),
            ("case_counts", self.write_case_counts()?),
            ("cases", self.write_cases()?),
            ("people", self.write_people()?),
            ("truth", self.write_truth()?),
            ("exposures", self.write_exposures()?),
        ])
    }

    fn write_declarations(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            moment("at"),
            text("symptoms"),
            text("temperature"),
            text("contact"),
        ];
        let mut rows = self.begin("declarations", COLUMNS)?;
        let mut person = Name::new();
        let (mut symptoms, mut temperature) = (String::new(), String::new());
        for declaration in self.epidemic.declarations() {
            list(declaration.symptoms, &mut symptoms);
            temperature.clear();
            if let Some(measured) = declaration.temperature {
                write!(temperature, "{measured}")?;
            }
            rows.add(&[
                person.show(declaration.person),
                Value::Timestamp(declaration.at),
                some(&symptoms),
                some(&temperature),
                Value::Text(declaration.contact.as_str()),
            ])?;
        }
        rows.finish()
    }

    fn write_stays(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            text("region"),
            moment("arrived"),
            moment("left"),
            text("mode"),
            text("source"),
        ];
        let mut rows = self.begin("stays", COLUMNS)?;
        let (mut person, mut region) = (Name::new(), Name::new());
        for stay in self.epidemic.stays() {
            rows.add(&[
                person.show(stay.person),
                region.show(stay.region),
                Value::Timestamp(stay.arrived),
                stay.left.into(),
                Value::Text(stay.mode.as_str()),
                Value::Text(stay.source.as_str()),
            ])?;
        }
        rows.finish()
    }

    fn write_tests(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            text("kind"),
            text("result"),
            moment("sampled"),
            moment("reported"),
        ];
        let mut rows = self.begin("tests", COLUMNS)?;
        let mut person = Name::new();
        for test in self.epidemic.tests() {
            rows.add(&[
                person.show(test.person),
                Value::Text(test.kind.as_str()),
                Value::Text(test.result.as_str()),
                Value::Timestamp(test.sampled),
                test.reported.into(),
            ])?;
        }
        rows.finish()
    }

    fn write_diagnoses(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            text("status"),
            moment("at"),
            moment("onset"),
        ];
        let mut rows = self.begin("diagnoses", COLUMNS)?;
        let mut person = Name::new();
        for diagnosis in self.epidemic.diagnoses() {
            rows.add(&[
                person.show(diagnosis.person),
                Value::Text(diagnosis.status.as_str()),
                Value::Timestamp(diagnosis.at),
                diagnosis.onset.into(),
            ])?;
        }
        rows.finish()
    }

    fn write_contacts(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            text("with"),
            text("relation"),
            whole("ring"),
            moment("first"),
            moment("last"),
            whole("minutes"),
        ];
        let mut rows = self.begin("contacts", COLUMNS)?;
        let (mut person, mut with) = (Name::new(), Name::new());
        for contact in self.epidemic.contacts() {
            let minutes = contact.minutes.map(i64::from);
            rows.add(&[
                person.show(contact.person),
                with.show(contact.with),
                Value::Text(contact.relation.as_str()),
                Value::Whole(1),
                Value::Timestamp(contact.first),
                Value::Timestamp(contact.last),
                minutes.map_or(Value::Empty, Value::Whole),
            ])?;
        }
        rows.finish()
    }

    fn write_companions(&self) -> Result<u64> {
        const COLUMNS: &[ResultColumn] = &[
            text("person"),
            text("group"),
            text("relation"),
            moment("from"),
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
            moment("from"),
            moment("until"),
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
        const COLUMNS: &[ResultColumn] = &[text("person"), moment("from"), moment("until")];
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
        const COLUMNS: &[ResultColumn] =
            &[text("person"), moment("infected_at"), moment("exposed_at")];
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
            moment("first"),
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

const fn moment(name: &'static str) -> ResultColumn {
    column(name, ResultKind::Timestamp)
}

const fn whole(name: &'static str) -> ResultColumn {
    column(name, ResultKind::Whole)
}

const fn column(name: &'static str, kind: ResultKind) -> ResultColumn {
    ResultColumn { name, kind }
}

/// Text, or nothing if there is none.
fn some(text: &str) -> Value<'_> {
    match text {
        "" => Value::Empty,
        text => Value::Text(text),
    }
}

fn list(symptoms: Symptoms, text: &mut String) {
    text.clear();
    for symptom in symptoms.iter() {
        if !text.is_empty() {
            text.push(';');
        }
        text.push_str(symptom.as_str());
    }
}
