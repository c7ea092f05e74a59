//! Case counts of many regions over time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::Region;
use jiff::civil::Date;

use crate::files::{self, CountRow, CountedPlace, FileError, FileReport, Format, ReadOptions};

/// Cases since the beginning, by region and day.
#[derive(Clone, Debug, Default)]
pub struct CaseCounts {
    series: BTreeMap<Region, BTreeMap<Date, u64>>,
    /// The region that a table counts another under, where the table says so.
    inside: BTreeMap<Region, Region>,
    /// Places without a code: how many rows, and how many cases.
    without_code: BTreeMap<(Date, Option<Region>), (u64, u64)>,
    /// Regions counted twice on one day: the figure kept and the other.
    twice: Vec<(Region, Date, u64, u64)>,
    /// Files of a folder that are no tables of counts, each with what is wrong.
    skipped: Vec<String>,
}

impl CaseCounts {
    /// Reads a file of counts, or every such file of a folder, in either layout. A file of a folder
    /// whose header does not fit is left out, and [`Self::skipped`] says so: it is one day of many.
    ///
    /// # Errors
    /// [`FileError`] if a file as a whole cannot be read, or a folder holds none.
    pub fn read(path: &Path, options: ReadOptions) -> Result<(Self, Vec<FileReport>), FileError> {
        let mut counts = Self::default();
        let mut reports = Vec::new();
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
                let (rows, cases) = self.without_code.entry((row.date, inside)).or_default();
                *rows += 1;
                *cases += row.confirmed;
            }
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
        self.series
            .get(&region)?
            .range(..=day)
            .next_back()
            .map(|(_, count)| *count)
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

    /// Rows without a code on `day` and their cases, by the region they are in.
    pub(super) fn without_code(
        &self,
        day: Date,
    ) -> impl Iterator<Item = (Option<Region>, u64, u64)> {
        let on_day = self
            .without_code
            .iter()
            .filter(move |((date, _), _)| *date == day);
        on_day.map(|((_, inside), (rows, cases))| (*inside, *rows, *cases))
    }

    /// Regions that were counted twice on `day`: the figure kept and the other.
    pub(super) fn twice_on(&self, day: Date) -> impl Iterator<Item = (Region, u64, u64)> {
        let on_day = self.twice.iter().filter(move |(_, date, ..)| *date == day);
        on_day.map(|(region, _, kept, other)| (*region, *kept, *other))
    }
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
