//! Reading a mirror into columns, on all processors.

use std::path::Path;
use std::sync::Mutex;

use domain::evidence::{Symptom, Symptoms, Temperature};
use domain::{FactKind, Region};
use engine::columns::{Columns, Dictionary, NONE, NONE_16};
use engine::parallel::parallel_map;

use super::Memory;
use super::decode::{coded, numbers};
use super::file::MirrorFile;
use super::layout::{Content, Field, Rows, fields, table_name, times};
use super::scope::{Scope, Wanted};
use crate::files::FileError;

/// Reads the mirror in the folder `dir`.
///
/// # Errors
/// [`FileError`] if a file is not part of a mirror, is not in order or is damaged, or if what is
/// wanted would take more than `memory`.
pub fn read_columns(dir: &Path, scope: Scope<'_>, memory: Memory) -> Result<Columns, FileError> {
    let wanted = scope.wanted();
    let mut files = Vec::new();
    for kind in FactKind::ALL {
        if let Some(file) = MirrorFile::open(dir, table_name(*kind))? {
            files.push(Part::new(*kind, file, &wanted)?);
        }
    }
    let people = check_people(dir, &files)?;
    let bytes: u64 = files.iter().map(Part::bytes).sum();
    // Beside the columns: what is decided, and room to work in.
    memory.check(dir, bytes + u64::from(people) * 16 + (64 << 20))?;

    let mut columns = Columns {
        people,
        ..Columns::default()
    };
    let names = Names::default();
    let mut tasks = Vec::new();
    for (kind, mut lists) in columns.lists_mut() {
        let Some(part) = files.iter().find(|part| part.kind == kind) else {
            continue;
        };
        for list in &mut lists {
            list.clear_to(part.rows());
        }
        let mut lists: Vec<Rows<'_>> = lists.into_iter().map(Rows::from).collect();
        for group in &part.groups {
            let halves = lists.into_iter().map(|list| list.split_at(group.rows));
            let (own, rest): (Vec<_>, Vec<_>) = halves.unzip();
            lists = rest;
            tasks.push((part, *group, own));
        }
    }
    let read = parallel_map(tasks, |(part, group, lists)| {
        part.read(&names, people, group, lists)
    });
    let ends = read.into_iter().collect::<Result<Vec<_>, _>>()?;
    check_seams(&files, &ends)?;
    names.give_to(&mut columns);
    renumber(&mut columns, &files);
    Ok(columns)
}

/// The file of one kind, and what of it is wanted.
struct Part {
    kind: FactKind,
    file: MirrorFile,
    /// The columns of each list; `None` where the list is not wanted.
    columns: Vec<Option<Vec<(usize, Field)>>>,
    groups: Vec<Group>,
}

/// A wanted row group.
#[derive(Clone, Copy)]
struct Group {
    number: usize,
    /// Its first row in the file.
    first: usize,
    rows: usize,
}

/// The first and last person and beginning of a row group.
struct Ends {
    first: (u32, u32),
    last: (u32, u32),
}

impl Part {
    fn new(kind: FactKind, file: MirrorFile, wanted: &Wanted) -> Result<Self, FileError> {
        let times = times(kind);
        let (mut begins, mut ends) = (0, 0);
        let mut columns = Vec::new();
        for group in fields(kind) {
            let is_wanted = group.iter().any(|field| wanted.has(kind, field.name));
            let mut own = Vec::new();
            for field in group {
                let column = file.column(&field)?;
                if field.name == times.begins {
                    begins = column;
                }
                if field.name == times.ends {
                    ends = column;
                }
                own.push((column, field));
            }
            columns.push(is_wanted.then_some(own));
        }
        let mut first = 0;
        let mut groups = Vec::new();
        for (number, rows) in file.groups().into_iter().enumerate() {
            let latest = |column| file.greatest(number, column);
            let begins = latest(begins).and_then(|(greatest, _)| greatest);
            let ends = latest(ends).and_then(|(greatest, has_nulls)| {
                let ends = greatest.unwrap_or(0).max(begins?);
                (!(times.may_last && has_nulls)).then_some(ends)
            });
            if rows > 0 && wanted.wants(kind, begins, ends) {
                groups.push(Group {
                    number,
                    first,
                    rows,
                });
            }
            first += rows;
        }
        Ok(Self {
            kind,
            file,
            columns,
            groups,
        })
    }

    fn rows(&self) -> usize {
        self.groups.iter().map(|group| group.rows).sum()
    }

    /// What the wanted lists take in memory, at most.
    fn bytes(&self) -> u64 {
        let width = |columns: &Vec<(usize, Field)>| match columns[0].1.content {
            Content::Numbers | Content::MaybeNumbers => 4,
            Content::Celsius | Content::Symptoms => 2,
            Content::Regions | Content::Products | Content::Categories => 2,
            _ => 1_u64,
        };
        self.rows() as u64 * self.columns.iter().flatten().map(width).sum::<u64>()
    }

    fn read(
        &self,
        names: &Names,
        people: u32,
        group: Group,
        lists: Vec<Rows<'_>>,
    ) -> Result<Ends, FileError> {
        let mut person: &[u32] = &[];
        let mut begins: &[u32] = &[];
        let begins_name = times(self.kind).begins;
        for (list, columns) in lists.into_iter().zip(&self.columns) {
            let Some(columns) = columns else { continue };
            let (column, field) = (columns[0].0, &columns[0].1);
            match list {
                Rows::Wide(list) => {
                    numbers(&self.file, group.number, column, list)?;
                    if field.name == "person" {
                        person = list;
                    } else if field.name == begins_name {
                        begins = list;
                    }
                }
                Rows::Middle(list) => self.middle(names, group, column, field, list)?,
                Rows::Narrow(list) => {
                    for (column, field) in columns {
                        self.narrow(group, *column, field, list)?;
                    }
                }
            }
        }
        check_order(&self.file, people, person, begins, group.first)
    }

    fn middle(
        &self,
        names: &Names,
        group: Group,
        column: usize,
        field: &Field,
        list: &mut [u16],
    ) -> Result<(), FileError> {
        let (file, group) = (&self.file, group.number);
        match field.content {
            Content::Celsius => coded(file, group, column, list, 0, |bytes| {
                let celsius = f32::from_le_bytes(bytes.try_into().ok()?);
                let tenths = (celsius * 10.0).round();
                Temperature::from_tenths(tenths as i64)
                    .ok()
                    .map(Temperature::tenths)
            }),
            Content::Symptoms => coded(file, group, column, list, 0, |bytes| {
                let words = text(bytes)?.split(';').filter(|word| !word.is_empty());
                let symptoms = words.map(|word| word.parse::<Symptom>().ok());
                Some(symptoms.collect::<Option<Symptoms>>()?.bits())
            }),
            Content::Regions => coded(file, group, column, list, NONE_16, |bytes| {
                let region: Region = text(bytes)?.parse().ok()?;
                names.regions.lock().ok()?.number(&region)
            }),
            Content::Products => coded(file, group, column, list, NONE_16, |bytes| {
                names.products.lock().ok()?.number(&text(bytes)?.to_owned())
            }),
            _ => coded(file, group, column, list, NONE_16, |bytes| {
                names
                    .categories
                    .lock()
                    .ok()?
                    .number(&text(bytes)?.to_owned())
            }),
        }
    }

    fn narrow(
        &self,
        group: Group,
        column: usize,
        field: &Field,
        list: &mut [u8],
    ) -> Result<(), FileError> {
        let (file, group) = (&self.file, group.number);
        let place = |words: &[&str], bytes: &[u8]| {
            let word = text(bytes)?;
            words
                .iter()
                .position(|other| *other == word)
                .map(|place| place as u8)
        };
        match field.content {
            Content::Words(words) | Content::LowWords(words) => {
                coded(file, group, column, list, 0, |bytes| place(words, bytes))
            }
            Content::HighWords(words) => {
                let mut high = vec![0; list.len()];
                coded(file, group, column, &mut high, 0, |bytes| {
                    place(words, bytes).map(|place| place << 4)
                })?;
                list.iter_mut()
                    .zip(high)
                    .for_each(|(low, high)| *low |= high);
                Ok(())
            }
            _ => coded(file, group, column, list, 0, |bytes| {
                let number = u32::from_le_bytes(bytes.try_into().ok()?);
                u8::try_from(number).ok()
            }),
        }
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// People and beginnings must go up. The common case is one loop without branches.
fn check_order(
    file: &MirrorFile,
    people: u32,
    person: &[u32],
    begins: &[u32],
    first: usize,
) -> Result<Ends, FileError> {
    let ends = Ends {
        first: (person[0], begins[0]),
        last: (person[person.len() - 1], begins[begins.len() - 1]),
    };
    let pairs = || person.windows(2).zip(begins.windows(2));
    let falls = |(person, begins): (&[u32], &[u32])| {
        (person[0] > person[1]) | ((person[0] == person[1]) & (begins[0] > begins[1]))
    };
    if pairs().fold(false, |any, pair| any | falls(pair)) {
        let row = pairs().position(falls).unwrap_or(0);
        return Err(unsorted(file, first + row + 2));
    }
    if ends.last.0 >= people {
        return Err(file.foreign(format_args!(
            "it names person {}, but there are {people} from 0 on",
            ends.last.0
        )));
    }
    Ok(ends)
}

fn unsorted(file: &MirrorFile, row: usize) -> FileError {
    FileError::Unsorted {
        path: file.path().to_owned(),
        row: row as u64,
        order: "person, then beginning",
    }
}

/// From one row group to the next people and beginnings must go up too.
fn check_seams(files: &[Part], ends: &[Ends]) -> Result<(), FileError> {
    // Tasks were made in the order of kinds, which is that of the files.
    let mut ends = ends.iter();
    for part in files {
        let own: Vec<(&Group, &Ends)> = part.groups.iter().zip(&mut ends).collect();
        let falls = own.windows(2).find(|pair| pair[0].1.last > pair[1].1.first);
        if let Some(pair) = falls {
            return Err(unsorted(&part.file, pair[1].0.first + 1));
        }
    }
    Ok(())
}

fn check_people(dir: &Path, files: &[Part]) -> Result<u32, FileError> {
    let Some(first) = files.first() else {
        return Err(FileError::NoTables {
            dir: dir.to_owned(),
            expected: "declarations.parquet, written as part of a mirror".into(),
        });
    };
    let people = first.file.people();
    match files.iter().find(|part| part.file.people() != people) {
        None => Ok(people),
        Some(other) => Err(FileError::NotMirror {
            path: other.file.path().to_owned(),
            why: format!(
                "it knows {} people, {} knows {people}; they were not written together",
                other.file.people(),
                first.file.path().display()
            ),
        }),
    }
}

/// Texts numbered while several threads read.
#[derive(Default)]
struct Names {
    regions: Mutex<Dictionary<Region>>,
    products: Mutex<Dictionary<String>>,
    categories: Mutex<Dictionary<String>>,
}

impl Names {
    fn give_to(self, columns: &mut Columns) {
        columns.regions = self.regions.into_inner().unwrap_or_default();
        columns.products = self.products.into_inner().unwrap_or_default();
        columns.categories = self.categories.into_inner().unwrap_or_default();
        // Lists that were not wanted hold number 0 throughout; it must stand for something.
        if columns.regions.values().is_empty()
            && let Ok(region) = "CN".parse()
        {
            columns.regions.number(&region);
        }
        for names in [&mut columns.products, &mut columns.categories] {
            if names.values().is_empty() {
                names.number(&String::new());
            }
        }
    }
}

/// Withdrawals name rows of the files; some of those rows may not have been read.
fn renumber(columns: &mut Columns, files: &[Part]) {
    let withdrawals = &mut columns.withdrawals;
    for (row, kind) in withdrawals.row.iter_mut().zip(&withdrawals.kind) {
        if *row == NONE {
            continue;
        }
        let part = files.iter().find(|part| part.kind as u8 == *kind);
        let mut before = 0;
        let place = part.and_then(|part| {
            let wanted = *row as usize;
            part.groups.iter().find_map(|group| {
                let place = wanted
                    .checked_sub(group.first)
                    .filter(|place| *place < group.rows);
                let found = place.map(|place| before + place);
                before += group.rows;
                found
            })
        });
        *row = place
            .and_then(|place| u32::try_from(place).ok())
            .unwrap_or(NONE);
    }
}
