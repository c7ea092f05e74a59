//! Plain values of a column in bulk. A row with any value that is not plain is odd: the careful
//! reader of rows says what it holds, or why it is refused.

use std::cell::Cell;

use arrow_array::Array as _;
use domain::Region;
use domain::evidence::{GroupKind, Symptom, Symptoms, Temperature, Validity};
use engine::columns::{Dictionary, NONE, NONE_16, Seconds};

use super::cells::Cells;
use super::names::{LocalNames, ODD, SOUND};
use super::piece::RowReader;
use super::timestamps::{digits, plain_seconds, timestamp};
use crate::files::{CLOCK_SKEW, Holds, Requirement, Table};

/// Stands for a number that is not plain.
const ODD_NUMBER: i64 = i64::MIN;
/// Stands for a number that is not there.
const MISSING: i64 = i64::MIN + 1;
/// Stands for a word that is not plain.
const ODD_WORD: u8 = u8::MAX;

/// Some rows of a table being read.
pub(super) struct Plain<'b> {
    pub(super) table: &'static Table,
    /// By the places of the table's columns.
    pub(super) cells: Vec<Cells<'b>>,
    pub(super) rows: usize,
    /// For each row whether it is odd.
    pub(super) odd: Vec<bool>,
    /// For each row whether the careful reader refused it.
    pub(super) refused: Vec<bool>,
    /// A time of the past later than this is odd.
    pub(super) latest: Seconds,
    /// A bit for each of the table's columns that has been looked at.
    looked_at: Cell<u64>,
}

impl<'b> Plain<'b> {
    pub(super) fn new(reader: &RowReader, cells: Vec<Cells<'b>>, rows: usize) -> Self {
        let latest = reader.now.and_then(|now| now.checked_add(CLOCK_SKEW).ok());
        let latest = latest.map_or(NONE - 1, engine::trace::unix_seconds);
        Self {
            table: reader.table,
            cells,
            rows,
            odd: vec![false; rows],
            refused: vec![false; rows],
            latest,
            looked_at: Cell::new(0),
        }
    }

    fn cells(&self, name: &str) -> (Cells<'b>, Holds, Requirement) {
        match self.table.position(name) {
            Some(place) => {
                let column = &self.table.columns[place];
                self.looked_at.set(self.looked_at.get() | 1 << place);
                (self.cells[place], column.holds, column.requirement)
            }
            None => (Cells::Absent, Holds::Text, Requirement::Optional),
        }
    }

    fn mark(&mut self, is_odd: impl Iterator<Item = bool>) {
        for (odd, is_odd) in self.odd.iter_mut().zip(is_odd) {
            *odd |= is_odd;
        }
    }

    /// Timestamps; `NONE` where there is none.
    pub(super) fn timestamps(&mut self, name: &str) -> Vec<Seconds> {
        /// Columns cannot hold it, or nobody knows yet.
        const ODD_TIMESTAMP: u64 = u64::MAX;
        let (cells, holds, need) = self.cells(name);
        let latest = match holds {
            Holds::Past => self.latest,
            _ => Seconds::MAX,
        };
        let is_needed = need == Requirement::Always;
        let known = |second: Option<Seconds>| second.filter(|second| *second <= latest);
        if let Some(numbers) = cells.wholes(MISSING) {
            let rows = numbers.into_iter().zip(&mut self.odd);
            let second = |(number, odd): (i64, &mut bool)| {
                let second = known(plain_seconds(number));
                *odd |= second.is_none() & (is_needed | (number != MISSING));
                second.unwrap_or(NONE)
            };
            return rows.map(second).collect();
        }
        let missing = match is_needed {
            true => ODD_TIMESTAMP,
            false => u64::from(NONE),
        };
        let read = cells.map(self.rows, missing, |text| {
            known(timestamp(text.as_bytes())).map_or(ODD_TIMESTAMP, u64::from)
        });
        self.mark(read.iter().map(|second| *second == ODD_TIMESTAMP));
        read.into_iter().map(|second| second as Seconds).collect()
    }

    /// Timestamps not before `starts`; `NONE` where there is none.
    pub(super) fn ends(&mut self, name: &str, starts: &[Seconds]) -> Vec<Seconds> {
        let ends = self.timestamps(name);
        self.mark(ends.iter().zip(starts).map(|(end, start)| end < start));
        ends
    }

    /// Marks trips of a vehicle that nobody ended.
    pub(super) fn trips_end(&mut self, kinds: &[u8], ends: &[Seconds]) {
        let is_trip =
            |kind: &u8| GroupKind::ALL.get(usize::from(*kind)) == Some(&GroupKind::Vehicle);
        let rows = kinds.iter().zip(ends);
        self.mark(rows.map(|(kind, end)| is_trip(kind) && *end == NONE));
    }

    /// Timestamps until which a verdict that begins at `starts` may hold.
    pub(super) fn validity_ends(&mut self, name: &str, starts: &[Seconds]) -> Vec<Seconds> {
        const LONGEST: Seconds = Validity::LONGEST.as_secs() as Seconds;
        let ends = self.ends(name, starts);
        let lasts = ends
            .iter()
            .zip(starts)
            .map(|(end, start)| end.saturating_sub(*start));
        self.mark(lasts.map(|seconds| seconds > LONGEST));
        ends
    }

    /// Words, as `number` numbers them.
    pub(super) fn words(&mut self, name: &str, number: impl Fn(&str) -> Option<u8>) -> Vec<u8> {
        let (cells, _, _) = self.cells(name);
        let words = cells.map(self.rows, ODD_WORD, |text| number(text).unwrap_or(ODD_WORD));
        self.mark(words.iter().map(|word| *word == ODD_WORD));
        words
    }

    /// Marks rows with a value that is not plain in a column of which nothing is kept.
    pub(super) fn rest(&mut self) {
        for (place, column) in self.table.columns.iter().enumerate() {
            let is_absent = matches!(self.cells[place], Cells::Absent);
            if is_absent || self.looked_at.get() >> place & 1 != 0 {
                continue;
            }
            match column.holds {
                Holds::Text if column.requirement == Requirement::Always => {
                    self.present(column.name);
                }
                Holds::Text => {
                    let has_zero = self.cells[place].map(self.rows, false, has_zero);
                    self.mark(has_zero.into_iter());
                }
                Holds::Past | Holds::Timestamp => _ = self.timestamps(column.name),
                Holds::Whole(..) => _ = self.wholes(column.name),
                Holds::Day | Holds::Word(_) | Holds::Words(_) | Holds::Degrees | Holds::Region => {
                    let is_there = self.cells[place].map(self.rows, false, |_| true);
                    self.mark(is_there.into_iter());
                }
            }
        }
    }

    /// Whole numbers in the column's range; `NONE` where there is none.
    pub(super) fn wholes(&mut self, name: &str) -> Vec<u32> {
        let (cells, holds, need) = self.cells(name);
        let Holds::Whole(least, most) = holds else {
            return vec![NONE; self.rows];
        };
        let missing = if need == Requirement::Always {
            ODD_NUMBER
        } else {
            MISSING
        };
        let read = cells.wholes(missing).unwrap_or_else(|| {
            cells.map(self.rows, missing, |text| {
                digits(text.as_bytes()).unwrap_or(ODD_NUMBER)
            })
        });
        let is_odd = |number: &i64| {
            let in_range =
                u64::try_from(*number).is_ok_and(|number| (least..=most).contains(&number));
            *number != MISSING && (!in_range || *number >= i64::from(NONE))
        };
        self.mark(read.iter().map(is_odd));
        let number = |number: i64| {
            if number == MISSING {
                NONE
            } else {
                number as u32
            }
        };
        read.into_iter().map(number).collect()
    }

    /// Regions, as the dictionary numbers them; `NONE_16` where there is none.
    pub(super) fn regions(&mut self, name: &str, all: &mut Dictionary<Region>) -> Vec<u16> {
        self.numbered(name, |text| all.number(&text.parse().ok()?))
    }

    /// Texts, as the dictionary numbers them; `NONE_16` where there is none.
    pub(super) fn texts(&mut self, name: &str, all: &mut Dictionary<String>) -> Vec<u16> {
        self.numbered(name, |text| {
            let text = is_trimmed(text).then(|| text.to_owned());
            all.number(&text?)
        })
    }

    fn numbered(&mut self, name: &str, mut number: impl FnMut(&str) -> Option<u16>) -> Vec<u16> {
        const ODD_NUMBER: u32 = NONE;
        let (cells, _, need) = self.cells(name);
        let missing = match need {
            Requirement::Always => ODD_NUMBER,
            _ => u32::from(NONE_16),
        };
        let numbers = cells.map(self.rows, missing, |text| {
            number(text).map_or(ODD_NUMBER, u32::from)
        });
        self.mark(numbers.iter().map(|number| *number == ODD_NUMBER));
        numbers.into_iter().map(|number| number as u16).collect()
    }

    /// Lists of symptoms.
    pub(super) fn symptoms(&mut self, name: &str) -> Vec<u16> {
        const ODD_LIST: u16 = u16::MAX;
        let (cells, _, _) = self.cells(name);
        let lists = cells.map(self.rows, 0, |text| {
            let words = text.split(';').map(str::parse::<Symptom>);
            let words: Result<Symptoms, _> = words.collect();
            words.map_or(ODD_LIST, |symptoms| symptoms.bits())
        });
        self.mark(lists.iter().map(|list| *list == ODD_LIST));
        lists
    }

    /// Temperatures in tenths of a degree; 0 where there is none.
    pub(super) fn temperatures(&mut self, name: &str) -> Vec<u16> {
        const ODD_DEGREES: u16 = u16::MAX;
        let (cells, _, _) = self.cells(name);
        let degrees = cells.map(self.rows, 0, |text| {
            let degrees = text.parse::<Temperature>();
            degrees.map_or(ODD_DEGREES, |degrees| degrees.tenths())
        });
        self.mark(degrees.iter().map(|degrees| *degrees == ODD_DEGREES));
        degrees
    }

    /// Marks rows without a text that must be there.
    pub(super) fn present(&mut self, name: &str) {
        let (cells, _, _) = self.cells(name);
        let is_odd = cells.map(self.rows, true, |text| !is_trimmed(text));
        self.mark(is_odd.into_iter());
    }

    /// Marks rows that say the same in both columns.
    pub(super) fn different(&mut self, one: &str, other: &str) {
        let (one, other) = (self.cells(one).0, self.cells(other).0);
        let (mut scratch, mut second) = (String::new(), String::new());
        let is_odd: Vec<bool> = (0..self.rows)
            .map(|row| one.text(row, &mut scratch).trim() == other.text(row, &mut second).trim())
            .collect();
        self.mark(is_odd.into_iter());
    }

    /// Marks rows without a name that must be there, or with one that is written with space around it.
    pub(super) fn sound(&mut self, name: &str, all: &mut LocalNames) {
        let (cells, _, _) = self.cells(name);
        let Some((words, texts)) = cells.dictionary() else {
            return self.present(name);
        };
        let mut known = all.known_of(texts);
        let mut is_odd = |key: usize| {
            let Some(known) = known.get_mut(key) else {
                return true;
            };
            if *known == NONE {
                let is_sound = is_trimmed(texts.value(key));
                *known = if is_sound { SOUND } else { ODD };
            }
            *known == ODD
        };
        if words.null_count() == 0 {
            for (odd, key) in self.odd.iter_mut().zip(words.keys().values()) {
                *odd |= is_odd(*key as usize);
            }
        } else {
            for (row, odd) in self.odd.iter_mut().enumerate() {
                *odd |= words.key(row).is_none_or(&mut is_odd);
            }
        }
        all.keep_known(texts, known);
    }

    /// Marks rows whose text begins or ends with space; it may also be absent.
    pub(super) fn trimmed(&mut self, name: &str) {
        let (cells, _, _) = self.cells(name);
        let is_odd = cells.map(self.rows, false, |text| !is_trimmed(text));
        self.mark(is_odd.into_iter());
    }

    /// The names in a column of all rows that are not refused; `NONE` where there is none.
    pub(super) fn names(&self, name: &str, all: &mut LocalNames) -> Vec<u32> {
        let (cells, _, _) = self.cells(name);
        let number = |text: &str, all: &mut LocalNames| match text.trim() {
            "" => NONE,
            text => all.add(text),
        };
        let Some((words, texts)) = cells.dictionary() else {
            let mut names = Vec::with_capacity(self.rows);
            cells.each(self.rows, |row, text| {
                names.push(if self.refused[row] {
                    NONE
                } else {
                    number(text, all)
                });
            });
            return names;
        };
        let mut known = all.known_of(texts);
        let mut name = |key: usize| {
            let Some(known) = known.get_mut(key) else {
                return NONE;
            };
            // Only words that a row has become names.
            if *known >= ODD {
                *known = number(texts.value(key), all);
            }
            *known
        };
        let names = if words.null_count() == 0 && !self.refused.contains(&true) {
            let keys = words.keys().values().iter();
            keys.map(|key| name(*key as usize)).collect()
        } else {
            let rows = self.refused.iter().enumerate();
            let key = |(row, is_refused): (usize, &bool)| words.key(row).filter(|_| !is_refused);
            rows.map(|row| key(row).map_or(NONE, &mut name)).collect()
        };
        all.keep_known(texts, known);
        names
    }

    /// Regions; `None` where there is none.
    pub(super) fn regions_alone(&mut self, name: &str) -> Vec<Option<Region>> {
        let (cells, _, _) = self.cells(name);
        let regions = cells.map(self.rows, Some(None), |text| text.parse().ok().map(Some));
        self.mark(regions.iter().map(Option::is_none));
        regions.into_iter().map(Option::flatten).collect()
    }
}

/// Whether a text has something to say, neither begins nor ends with space, and holds no zero byte.
fn is_trimmed(text: &str) -> bool {
    let is_trimmed = match text.as_bytes() {
        [] => false,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => true,
        _ => text.trim().len() == text.len(),
    };
    is_trimmed && !has_zero(text)
}

fn has_zero(text: &str) -> bool {
    memchr::memchr(0, text.as_bytes()).is_some()
}
