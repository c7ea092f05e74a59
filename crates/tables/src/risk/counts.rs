//! Case counts of many regions over time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::Region;
use jiff::civil::Date;

use crate::files::{
    self, CountRow, CountedPlace, FileError, FileReport, Format, PlaceName, ReadOptions,
};
use crate::mirror::Memory;

/// Cases since the beginning, by region and day.
#[derive(Clone, Debug, Default)]
pub struct CaseCounts {
    series: BTreeMap<Region, BTreeMap<Date, u64>>,
    /// The region that a table counts another under, where the table says so.
    inside: BTreeMap<Region, Region>,
    /// Rows without a code.
    without_code: BTreeMap<Date, Vec<Uncoded>>,
    /// The counts of each place that a table names, under whatever code.
    named: BTreeMap<PlaceName, BTreeMap<Date, u64>>,
    /// What a table calls a region, as of the last row that names it.
    names: BTreeMap<Region, PlaceName>,
    /// Regions counted twice on one day: the figure kept and the other.
    twice: Vec<(Region, Date, u64, u64)>,
    /// Files of a folder that are no tables of counts, each with what is wrong.
    skipped: Vec<String>,
}

/// A count of a place without a code of its own.
#[derive(Clone, Debug)]
struct Uncoded {
    name: PlaceName,
    inside: Option<Region>,
    confirmed: u64,
}

/// What the rows without a code inside one region tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WithoutCode {
    pub(super) rows: u64,
    pub(super) cases: u64,
}

/// So many counts are read between two looks at the memory.
const ROWS: u64 = 1 << 16;
/// A count takes so many bytes, under its region and its name.
const ROW: u64 = 128;

impl CaseCounts {
    /// Reads a file of counts, or every such file of a folder, in either layout. A file of a folder
    /// whose header does not fit is left out, and [`Self::skipped`] says so: it is one day of many.
    ///
    /// # Errors
    /// [`FileError`] if a file as a whole cannot be read, if the counts do not fit into memory, or if a
    /// folder holds none.
    pub fn read(path: &Path, options: ReadOptions) -> Result<(Self, Vec<FileReport>), FileError> {
        Self::read_within(path, options, Memory::Available.fixed())
    }

    /// The same with at most so much memory.
    pub(super) fn read_within(
        path: &Path,
        options: ReadOptions,
        memory: Memory,
    ) -> Result<(Self, Vec<FileReport>), FileError> {
        let mut counts = Self::default();
        let mut reports = Vec::new();
        let mut rows = 0;
        for file in files_of(path)? {
            let mut reader = match files::case_counts(&file, options) {
                Err(why @ FileError::Header { .. }) if path.is_dir() => {
                    counts.skipped.push(why.to_string());
                    continue;
                }
                opened => opened?,
            };
            for row in &mut reader {
                counts.add(&row?);
                rows += 1;
                if rows % ROWS == 0 {
                    memory.check(&file, rows * ROW)?;
                }
            }
            reports.push(reader.finish()?);
        }
        Ok((counts, reports))
    }

    /// Adds one count. Of two for the same region and day the first stays.
    pub fn add(&mut self, row: &CountRow) {
        match row.place {
            CountedPlace::Region { region, inside } => {
                let days = self.series.entry(region).or_default();
                let kept = *days.entry(row.date).or_insert(row.confirmed);
                if kept != row.confirmed {
                    self.twice.push((region, row.date, kept, row.confirmed));
                }
                if let Some(inside) = inside {
                    self.inside.insert(region, inside);
                }
            }
            CountedPlace::NoCode { inside } => {
                let on_day = self.without_code.entry(row.date).or_default();
                on_day.push(Uncoded {
                    name: row.name.clone(),
                    inside,
                    confirmed: row.confirmed,
                });
            }
        }
        if row.name.is_empty() {
            return;
        }
        let days = self.named.entry(row.name.clone()).or_default();
        days.entry(row.date).or_insert(row.confirmed);
        if let CountedPlace::Region { region, .. } = row.place {
            self.names.insert(region, row.name.clone());
        }
    }

    /// What is wrong with each file that was left out.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// The first and the last day with a count.
    pub fn days(&self) -> Option<(Date, Date)> {
        let days = || self.series.values().flat_map(BTreeMap::keys).copied();
        Some((days().min()?, days().max()?))
    }

    /// Regions that have a count on `day`, with it.
    pub(super) fn on(&self, day: Date) -> impl Iterator<Item = (Region, u64)> {
        self.series
            .iter()
            .filter_map(move |(region, days)| Some((*region, *days.get(&day)?)))
    }

    /// Whether a region has a count on `day`.
    pub(super) fn counted_on(&self, region: Region, day: Date) -> bool {
        let days = self.series.get(&region);
        days.is_some_and(|days| days.contains_key(&day))
    }

    /// Regions that had a count before `day` but have none on it.
    pub(super) fn silent_on(&self, day: Date) -> impl Iterator<Item = Region> {
        let silent = move |days: &BTreeMap<Date, u64>| {
            !days.contains_key(&day) && days.range(..day).next().is_some()
        };
        self.series
            .iter()
            .filter(move |(_, days)| silent(days))
            .map(|(region, _)| *region)
    }

    /// The last count on `day` or before.
    pub(super) fn by(&self, region: Region, day: Date) -> Option<u64> {
        last_by(self.series.get(&region)?, day)
    }

    /// The earliest count and its day.
    pub(super) fn earliest(&self, region: Region) -> Option<(Date, u64)> {
        self.series
            .get(&region)?
            .iter()
            .next()
            .map(|(day, count)| (*day, *count))
    }

    /// The region that `region` is counted under: what the table says, or else the next larger one
    /// that has counts.
    pub(super) fn whole_of(&self, region: Region) -> Option<Region> {
        let stated = self.inside.get(&region).copied();
        stated.or_else(|| {
            region
                .chain()
                .skip(1)
                .find(|larger| self.series.contains_key(larger))
        })
    }

    /// Regions counted directly under `whole`; the largest regions for `None`.
    pub(super) fn parts_of(&self, whole: Option<Region>) -> impl Iterator<Item = Region> {
        self.series
            .keys()
            .copied()
            .filter(move |region| self.whole_of(*region) == whole)
    }

    /// What a table calls a region, and the last count of that name on `day` or before, under whatever
    /// code or none.
    pub(super) fn by_name(&self, region: Region, day: Date) -> Option<(&PlaceName, u64)> {
        let name = self.names.get(&region)?;
        Some((name, last_by(self.named.get(name)?, day)?))
    }

    /// How many cases of `whole` none of its parts counted by `day`, the last with a count of it.
    pub(super) fn uncounted_by(&self, whole: Region, day: Date) -> Option<u64> {
        let (day, own) = self.series.get(&whole)?.range(..=day).next_back()?;
        let parts = self.parts_of(Some(whole));
        let counted: u64 = parts.filter_map(|part| self.by(part, *day)).sum();
        let uncoded = self.without_code(*day).get(&Some(whole)).copied();
        Some(own.saturating_sub(counted + uncoded.unwrap_or_default().cases))
    }

    /// The rows without a code on `day`, by the region they are in. One that stands for a larger place
    /// counts for what the rows of its parts leave; one that repeats the whole as its only part counts
    /// for nothing.
    pub(super) fn without_code(&self, day: Date) -> BTreeMap<Option<Region>, WithoutCode> {
        let rows = self.without_code.get(&day).map_or(&[][..], Vec::as_slice);
        let counted = self.counted_by_parts(day);
        let mut sums = BTreeMap::<Option<Region>, WithoutCode>::new();
        for row in rows.iter().filter(|row| !self.repeats_whole(row, day)) {
            let sum = sums.entry(row.inside).or_default();
            sum.rows += 1;
            let parts = counted.get(&row.name).copied().unwrap_or_default();
            sum.cases += row.confirmed.saturating_sub(parts);
        }
        sums
    }

    /// For each named place what the places directly inside it counted on `day`.
    fn counted_by_parts(&self, day: Date) -> BTreeMap<PlaceName, u64> {
        let mut counted = BTreeMap::new();
        for (name, days) in &self.named {
            if let (Some(whole), Some(count)) = (name.whole(), days.get(&day)) {
                *counted.entry(whole).or_default() += count;
            }
        }
        counted
    }

    /// Whether a row names no place of its own: some tables list a province again as its only city.
    fn repeats_whole(&self, row: &Uncoded, day: Date) -> bool {
        let Some(whole) = row.inside else {
            return false;
        };
        let is_part = |name: &PlaceName| name.whole() == row.name.whole();
        let on_day = |days: &BTreeMap<Date, u64>| days.contains_key(&day);
        let mut parts = self.named.iter().filter(|(name, _)| is_part(name));
        let is_alone = parts.all(|(name, days)| *name == row.name || !on_day(days));
        let own = self.series.get(&whole).and_then(|days| days.get(&day));
        row.name.whole().is_some() && is_alone && own == Some(&row.confirmed)
    }

    /// Regions that were counted twice on `day`: the figure kept and the other.
    pub(super) fn twice_on(&self, day: Date) -> impl Iterator<Item = (Region, u64, u64)> {
        let on_day = self.twice.iter().filter(move |(_, date, ..)| *date == day);
        on_day.map(|(region, _, kept, other)| (*region, *kept, *other))
    }
}

/// The last count on `day` or before. One of 0 after more is none: counts of all cases do not end.
fn last_by(days: &BTreeMap<Date, u64>, day: Date) -> Option<u64> {
    let mut counts = days.range(..=day).rev().map(|(_, count)| *count);
    let last = counts.next()?;
    Some(if last > 0 {
        last
    } else {
        counts.find(|count| *count > 0).unwrap_or(0)
    })
}

/// The file itself, or the tables of a folder in order of name.
fn files_of(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |source| FileError::Read {
        path: path.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_result = name.starts_with('.') || name.ends_with(".refused.csv");
        if file.is_file() && Format::of(&file).is_ok() && !is_result {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        let expected = "case_counts.csv, or one file a day".into();
        return Err(FileError::NoTables {
            dir: path.to_owned(),
            expected,
        });
    }
    Ok(files)
}
