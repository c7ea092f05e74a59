//! What the rows of each table mean.

use std::fmt;
use std::path::Path;

use domain::{Fact, FactKind, Level, Region, RegionLevel, Timestamp};
use jiff::civil::Date;

use super::error::{Fault, FileError, Refusal};
use super::fact::fact;
use super::fields::Fields;
use super::names::{person_id, venue_id};
use super::reader::{ReadOptions, Reader};
use super::source::RawRow;
use super::table::{self, Table};

/// A fact about a person, as a file tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRow {
    /// The row in the file, as in [`super::Refusal::row`].
    pub row: u64,
    /// Whom it is about, as written. [`person_id`] gives the identifier.
    pub person: String,
    /// The venue of a visit, as written; [`venue_id`] gives the identifier that the fact holds.
    pub venue: Option<String>,
    /// Whom a contact was with, as written; [`person_id`] gives the identifier that the fact holds.
    pub with: Option<String>,
    /// The fact.
    pub fact: Fact,
}

/// A case and its infectious window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Who, as written.
    pub person: String,
    /// Start of the window.
    pub from: Timestamp,
    /// The first instant after the window.
    pub until: Timestamp,
}

/// A published level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelRow {
    /// The level.
    pub level: RegionLevel,
    /// Whether it is only a figure about regions listed separately (`scope` is `total`), and not a
    /// level of anybody's stay.
    pub is_total: bool,
}

/// A case count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountRow {
    /// The day.
    pub date: Date,
    /// Which place.
    pub place: CountedPlace,
    /// What the file calls it, if it does.
    pub name: PlaceName,
    /// Cases since the beginning, at the end of the day.
    pub confirmed: u64,
}

/// What a file calls a place: country, province and city, empty from where it names none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceName(pub [String; 3]);

impl PlaceName {
    /// Whether the file does not name the place.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }

    /// The next larger place that the file names; `None` for the largest.
    pub fn whole(&self) -> Option<Self> {
        let last = self.0.iter().rposition(|name| !name.is_empty())?;
        let mut whole = self.clone();
        whole.0[last].clear();
        (!whole.is_empty()).then_some(whole)
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().filter(|name| !name.is_empty());
        let names: Vec<&str> = names.map(String::as_str).collect();
        f.write_str(&names.join(", "))
    }
}

/// The place that a case count is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedPlace {
    /// A region.
    Region {
        /// Which.
        region: Region,
        /// The region that the file counts it under, if the file says so. Some counties are counted
        /// beside their city and not within it.
        inside: Option<Region>,
    },
    /// A place without a code, inside a region if that is known.
    NoCode {
        /// Inside which region.
        inside: Option<Region>,
    },
}

/// What groups a person belongs to. No rule can read any of it (invariant 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Who, as written.
    pub person: String,
    /// Where they live.
    pub region: Option<Region>,
    /// Year of birth.
    pub birth_year: Option<u16>,
    /// Sex as registered.
    pub sex: Option<String>,
}

/// What truly happened to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TruthRow {
    /// Who, as written.
    pub person: String,
    /// When they were infected.
    pub infected_at: Option<Timestamp>,
    /// When they were exposed.
    pub exposed_at: Option<Timestamp>,
}

/// Opens a table of evidence. `None` for a kind that is not read from files.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn facts(
    kind: FactKind,
    path: &Path,
    options: ReadOptions,
) -> Option<Result<Reader<FactRow>, FileError>> {
    Table::of_kind(kind).map(|table| Reader::open(path, &[table], named, options))
}

/// Opens a table of evidence for its facts alone.
#[cfg(test)]
pub(crate) fn bare_facts(
    kind: FactKind,
    path: &Path,
    options: ReadOptions,
) -> Option<Result<Reader<Fact>, FileError>> {
    Table::of_kind(kind).map(|table| Reader::open(path, &[table], fact, options))
}

/// Reads one row of a table of evidence.
pub(super) fn fact_row(
    table: &'static Table,
    mut row: RawRow,
    now: Option<Timestamp>,
) -> Result<FactRow, Refusal> {
    let number = row.number;
    let fact = match row.fault.take() {
        Some(fault) => Err(fault),
        None => named(&Fields {
            table,
            row: &row,
            now,
        }),
    };
    fact.map_err(|fault| fault.in_row(number))
}

/// Opens a table of cases.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn cases(path: &Path, options: ReadOptions) -> Result<Reader<CaseRow>, FileError> {
    Reader::open(path, &[&table::CASES], case, options)
}

/// Opens a table of region levels.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn levels(path: &Path, options: ReadOptions) -> Result<Reader<LevelRow>, FileError> {
    Reader::open(path, &[&table::REGIONS], level, options)
}

/// Opens a table of case counts, in either layout.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn case_counts(path: &Path, options: ReadOptions) -> Result<Reader<CountRow>, FileError> {
    Reader::open(
        path,
        &[&table::CASE_COUNTS, &table::CASE_COUNTS_BY_CITY],
        count,
        options,
    )
}

/// Opens a table of people.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn people(path: &Path, options: ReadOptions) -> Result<Reader<Profile>, FileError> {
    Reader::open(path, &[&table::PEOPLE], profile, options)
}

/// Opens a table of what truly happened.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn truth(path: &Path, options: ReadOptions) -> Result<Reader<TruthRow>, FileError> {
    Reader::open(path, &[&table::TRUTH], truly, options)
}

/// A fact with the names of its row, and the identifiers that they stand for.
fn named(row: &Fields<'_>) -> Result<FactRow, Fault> {
    let mut fact = fact(row)?;
    let person = row.text("person")?.to_owned();
    let (mut at, mut met) = (None, None);
    match &mut fact {
        Fact::Visit { venue, .. } => {
            let name = row.text("venue")?;
            *venue = venue_id(name);
            at = Some(name.to_owned());
        }
        Fact::Contact { with, .. } => {
            met = row.maybe_text("with")?.map(str::to_owned);
            *with = met.as_deref().map(person_id);
        }
        _ => {}
    }
    Ok(FactRow {
        row: row.row.number,
        person,
        venue: at,
        with: met,
        fact,
    })
}

fn case(row: &Fields<'_>) -> Result<CaseRow, Fault> {
    let from = row.timestamp("from")?;
    let until = row.sure_end("until", from, "from")?;
    Ok(CaseRow {
        person: row.text("person")?.to_owned(),
        from,
        until,
    })
}

fn level(row: &Fields<'_>) -> Result<LevelRow, Fault> {
    let from = row.timestamp("from")?;
    let word = row.text("level")?;
    let level = Level::ALL.into_iter().find(|level| level.as_str() == word);
    let level =
        level.ok_or_else(|| row.fault("level", "is not one of the words of this column"))?;
    let scope = row.maybe_text("scope")?;
    if scope.is_some_and(|scope| !table::SCOPES.contains(&scope)) {
        return Err(row.fault("scope", "is not one of the words of this column"));
    }
    let region = unpadded(row, "region")?;
    let until = row.end("until", from, "from")?;
    Ok(LevelRow {
        level: RegionLevel {
            region,
            level,
            from,
            until,
        },
        is_total: scope == Some("total"),
    })
}

pub(crate) fn profile(row: &Fields<'_>) -> Result<Profile, Fault> {
    Ok(Profile {
        person: row.text("person")?.to_owned(),
        region: row.maybe("region")?,
        birth_year: row
            .maybe_whole("birth_year")?
            .and_then(|year| year.try_into().ok()),
        sex: row.maybe_text("sex")?.map(str::to_owned),
    })
}

fn truly(row: &Fields<'_>) -> Result<TruthRow, Fault> {
    Ok(TruthRow {
        person: row.text("person")?.to_owned(),
        infected_at: row.maybe_timestamp("infected_at")?,
        exposed_at: row.maybe_timestamp("exposed_at")?,
    })
}

fn count(row: &Fields<'_>) -> Result<CountRow, Fault> {
    let date = row.day("date")?;
    let confirmed = row.whole("confirmed")?;
    let (place, name) = if row.table.position("region").is_some() {
        let region = unpadded(row, "region")?;
        let place = CountedPlace::Region {
            region,
            inside: None,
        };
        (place, PlaceName::default())
    } else {
        let name = |column| row.maybe_text(column).map(Option::unwrap_or_default);
        let names = [name("country")?, name("province")?, name("city")?];
        (counted_place(row)?, PlaceName(names.map(str::to_owned)))
    };
    Ok(CountRow {
        date,
        place,
        name,
        confirmed,
    })
}

/// The smallest place that a row of country, province and city names.
fn counted_place(row: &Fields<'_>) -> Result<CountedPlace, Fault> {
    let code = |name| match row.maybe_text(name)? {
        Some(text) if !is_makeshift(text) => unpadded(row, name).map(Some),
        _ => Ok(None),
    };
    let country: Option<Region> = code("countryCode")?;
    let province: Option<Region> = code("provinceCode")?;
    let city: Option<Region> = code("cityCode")?;
    let whole = province.or(country);
    let names_city = row.maybe_text("city")?.is_some();
    let names_province = row.maybe_text("province")?.is_some();
    Ok(match (city, province, country) {
        // Some tables repeat a province as its own only city.
        (Some(region), inside, _) if inside != Some(region) => {
            CountedPlace::Region { region, inside }
        }
        (Some(_), ..) => CountedPlace::NoCode { inside: whole },
        (None, ..) if names_city => CountedPlace::NoCode { inside: whole },
        (None, Some(region), inside) => CountedPlace::Region { region, inside },
        (None, None, inside) if names_province => CountedPlace::NoCode { inside },
        (None, None, Some(region)) => CountedPlace::Region {
            region,
            inside: None,
        },
        (None, None, None) => CountedPlace::NoCode { inside: None },
    })
}

/// Whether a code is one that publishers made up for a place without one: six characters like a
/// GB/T 2260 code, with letters in it (`1100xy`: "Beijing, came from elsewhere").
fn is_makeshift(code: &str) -> bool {
    let starts_with_province = code.bytes().take(2).all(|b| b.is_ascii_digit());
    let has_letter = code.bytes().any(|b| b.is_ascii_lowercase());
    code.len() == 6
        && starts_with_province
        && has_letter
        && code.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A region whose code may be padded with zeros to six digits, as GB/T 2260 prints them.
fn unpadded(row: &Fields<'_>, name: &'static str) -> Result<Region, Fault> {
    let text = row.text(name)?;
    let padded = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    let code = match text
        .strip_suffix("0000")
        .or_else(|| text.strip_suffix("00"))
    {
        Some(code) if padded => code,
        _ => text,
    };
    code.parse().map_err(|_| row.fault(name, "is not a region"))
}
