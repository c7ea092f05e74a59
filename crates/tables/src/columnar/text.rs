//! Parts of CSV and NDJSON files as pieces.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::cells::Cells;
use super::json_lines::JsonLines;
use super::piece::{Piece, RowReader, runs};
use super::plain::Plain;
use super::read::NotRead;
use crate::files::{
    CsvRecords, FileError, LineCount, Positions, RawRow, is_guarded, take_csv, take_json,
    take_record,
};

/// So much text is read at once. In tests a part has few records, and some have none.
pub(super) const PART: u64 = if cfg!(test) { 64 } else { 4 << 20 };

/// Rows read one by one come in pieces of so many.
const ROWS: u64 = if cfg!(test) { 2 } else { 1 << 16 };

/// Where the records of a CSV file begin: after a header in one line without quotation marks that says
/// nothing of guarded cells. `None` if it is not so.
pub(super) fn body_of_csv(path: &Path) -> Result<Option<u64>, FileError> {
    const LONGEST: u64 = 1 << 16;
    let failed = |why| FileError::read(path, why);
    let file = File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    file.take(LONGEST).read_to_end(&mut start).map_err(failed)?;
    let mark = mark_of(&start);
    let end = memchr::memchr3(b'\n', b'\r', b'"', &start[mark..]);
    // What is guarded is read record by record.
    let is_plain = |header: &[u8]| !is_guarded(header.split(|byte| *byte == b','));
    let is_header =
        |end: &usize| *end > 0 && start[mark + end] != b'"' && is_plain(&start[mark..mark + end]);
    Ok(end.filter(is_header).map(|end| (mark + end + 1) as u64))
}

/// The bytes with which some programs begin UTF-8 files.
fn mark_of(start: &[u8]) -> usize {
    if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
        3
    } else {
        0
    }
}

/// What a part of a CSV file came to.
pub(super) enum Part {
    Whole,
    /// From this byte on quotation marks may hide the ends of records, which begin there on this line,
    /// counted from the part's first as 0.
    Quoted(u64, u64),
}

/// Adds the records that begin in `part` of a CSV file, whose first begins at `body`, to a piece. Lines
/// count from the part's first as 0.
pub(super) fn read_csv(
    path: &Path,
    positions: &Positions,
    body: u64,
    part: Range<u64>,
    reader: &RowReader,
    piece: &mut Piece,
) -> Result<Part, NotRead> {
    let is_end = |byte: u8| matches!(byte, b'\n' | b'\r');
    let text = Text::read(path, body, &part, is_end).map_err(|why| FileError::read(path, why))?;
    piece.lines = text.lines_to(text.limit);
    let own = text.own();
    if memchr::memchr(b'"', own).is_some() || u32::try_from(own.len()).is_err() {
        // A line that ended with `\r\n` may have its last byte here.
        let ends = own.iter().take_while(|byte| is_end(**byte)).count();
        let start = text.own.start + ends;
        return Ok(Part::Quoted(text.from + start as u64, text.lines_to(start)));
    }
    let split = Split::new(own, positions.len());
    let mut numbers = Numbers::new(&text);
    let mut raw = |row: usize, raw: &mut RawRow| {
        let (start, end) = split.lines[row];
        raw.clear(numbers.at(start as usize));
        let line = &own[start as usize..end as usize];
        let values: Vec<&[u8]> = line.split(|byte| *byte == b',').collect();
        take_csv(values.into_iter(), positions, raw);
    };
    let shown = std::str::from_utf8(own).ok();
    let Some(shown) = shown.filter(|_| memchr::memchr(0, own).is_none()) else {
        // Some row is no text; each is looked at by itself.
        let mut row = RawRow::for_table(reader.table);
        for place in 0..split.lines.len() {
            raw(place, &mut row);
            piece.add_row(reader, &mut row)?;
        }
        return Ok(Part::Whole);
    };
    let columns = reader.table.columns.iter();
    let mut cells: Vec<Cells<'_>> = columns.map(|_| Cells::Absent).collect();
    for (spans, position) in split.spans.iter().zip(positions) {
        if let Some(position) = *position {
            cells[position] = Cells::Spans(shown, spans);
        }
    }
    let mut plain = Plain::new(reader, cells, split.lines.len());
    for row in &split.odd {
        plain.odd[*row] = true;
    }
    piece.add(reader, plain, &mut raw)?;
    Ok(Part::Whole)
}

/// Adds the objects that begin in `part` of an NDJSON file to a piece. Lines count from the part's
/// first as 0.
pub(super) fn read_ndjson(
    path: &Path,
    part: Range<u64>,
    reader: &RowReader,
    piece: &mut Piece,
) -> Result<(), NotRead> {
    let is_end = |byte: u8| byte == b'\n';
    let text = Text::read(path, 0, &part, is_end).map_err(|why| FileError::read(path, why))?;
    piece.lines = text.newlines();
    let (before, own) = (text.newlines_before_own(), text.own());
    let own = &own[if part.start == 0 { mark_of(own) } else { 0 }..];
    let read = |line: &[u8], number: u64, row: &mut RawRow| {
        row.clear(number);
        row.fault = take_json(line, reader.table, row).err();
        row.refuse_zeros();
    };
    let shown = std::str::from_utf8(own).ok();
    let Some(shown) = shown.filter(|_| u32::try_from(own.len()).is_ok()) else {
        // Some line is no text; each is looked at by itself.
        let mut row = RawRow::for_table(reader.table);
        for (number, line) in (before..).zip(text.own_lines(part.start)) {
            if !line.iter().all(u8::is_ascii_whitespace) {
                read(line, number, &mut row);
                piece.add_row(reader, &mut row)?;
            }
        }
        return Ok(());
    };
    let lines = JsonLines::new(own, reader.table);
    let mut row = RawRow::for_table(reader.table);
    for (range, is_odd) in runs(&lines.odd) {
        let own_lines = &lines.lines[range.clone()];
        let mut read_line = |place: usize, row: &mut RawRow| {
            let (start, end, number) = own_lines[place];
            read(&own[start as usize..end as usize], before + number, row);
        };
        if is_odd {
            // Its values may not stand in the text as they are.
            for place in 0..range.len() {
                read_line(place, &mut row);
                piece.add_row(reader, &mut row)?;
            }
            continue;
        }
        let columns = lines.spans.iter().zip(&lines.is_there);
        let cells = columns.map(|(spans, is_there)| match is_there {
            true => Cells::Spans(shown, &spans[range.clone()]),
            false => Cells::Absent,
        });
        let plain = Plain::new(reader, cells.collect(), range.len());
        piece.add(reader, plain, &mut read_line)?;
    }
    Ok(())
}

/// Reads the rest of a CSV file from the record at byte `from`, on line `line`, one record after the
/// other; at byte 0 a header comes first. Each piece goes to `take` with rows that count from the file's first line.
pub(super) fn read_rest(
    path: &Path,
    positions: &Positions,
    from: u64,
    line: u64,
    reader: &RowReader,
    new_piece: impl Fn() -> Piece,
    mut take: impl FnMut(Piece) -> Result<(), NotRead>,
) -> Result<(), NotRead> {
    let failed = |why| FileError::read(path, why);
    let mut file = File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(from)).map_err(failed)?;
    let mut input = BufReader::with_capacity(1 << 16, file);
    if from == 0 {
        let mark = mark_of(input.fill_buf().map_err(failed)?);
        input.consume(mark);
    }
    let mut records = CsvRecords::new(input, line);
    if from == 0 {
        // The header, which fits.
        records.read_header().map_err(failed)?;
    }
    let mut row = RawRow::for_table(reader.table);
    let (mut piece, mut rows, mut bytes) = (new_piece(), 0, 0);
    while let Some(line) = records.read().map_err(failed)? {
        row.clear(line);
        take_record(&records, positions, &mut row);
        piece.add_row(reader, &mut row)?;
        rows += 1;
        if rows == ROWS {
            piece.bytes = records.bytes_read() - bytes;
            bytes = records.bytes_read();
            take(std::mem::replace(&mut piece, new_piece()))?;
            rows = 0;
        }
    }
    take(piece)
}

/// How many bytes of a file come before its text.
pub(super) fn mark_at_start(path: &Path) -> Result<u64, FileError> {
    let failed = |why| FileError::read(path, why);
    let (file, mut start) = (File::open(path).map_err(failed)?, Vec::new());
    file.take(3).read_to_end(&mut start).map_err(failed)?;
    Ok(mark_of(&start) as u64)
}

/// The text of a part, and what it takes to know where its records begin and end.
pub(super) struct Text {
    bytes: Vec<u8>,
    /// Where `bytes` begin in the file, and how many of them come before the part: none or one.
    from: u64,
    lead: usize,
    /// Where the part ends.
    limit: usize,
    /// The records that begin in the part, to the end of the last.
    own: Range<usize>,
}

impl Text {
    pub(super) fn read(
        path: &Path,
        body: u64,
        part: &Range<u64>,
        is_end: impl Fn(u8) -> bool + Copy,
    ) -> io::Result<Self> {
        const MORE: u64 = 1 << 14;
        let mut file = File::open(path)?;
        let from = part.start.saturating_sub(1);
        let lead = (part.start - from) as usize;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::with_capacity((part.end - from + MORE) as usize);
        (&mut file).take(part.end - from).read_to_end(&mut bytes)?;
        let limit = bytes.len();
        let starts_record = part.start == body || bytes.first().is_none_or(|byte| is_end(*byte));
        let start = if starts_record {
            lead
        } else {
            let rest = bytes[lead.min(limit)..].iter();
            let end = rest.copied().position(is_end);
            end.map_or(limit, |end| lead + end + 1)
        };
        if start >= limit {
            let own = limit..limit;
            return Ok(Self {
                bytes,
                from,
                lead,
                limit,
                own,
            });
        }
        let mut end = limit;
        if !is_end(bytes[limit - 1]) {
            loop {
                let found = bytes[end..].iter().copied().position(is_end);
                if let Some(found) = found {
                    end += found + 1;
                    break;
                }
                end = bytes.len();
                if (&mut file).take(MORE).read_to_end(&mut bytes)? == 0 {
                    break;
                }
            }
        }
        Ok(Self {
            bytes,
            from,
            lead,
            limit,
            own: start..end,
        })
    }

    /// The records that begin in the part.
    pub(super) fn own(&self) -> &[u8] {
        &self.bytes[self.own.clone()]
    }

    /// The place where the part ends.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn numbers(&self) -> Numbers<'_> {
        Numbers::new(self)
    }

    /// The lines that begin in a part of NDJSON that starts at byte `start`.
    pub(super) fn own_lines(&self, start: u64) -> impl Iterator<Item = &[u8]> {
        let own = self.own();
        let mark = if start == 0 { mark_of(own) } else { 0 };
        own[mark..].split_inclusive(|byte| *byte == b'\n')
    }

    /// How many lines of NDJSON end in the part.
    pub(super) fn newlines(&self) -> u64 {
        memchr::memchr_iter(b'\n', &self.bytes[self.lead..self.limit]).count() as u64
    }

    /// How many of them end before the first that begins there.
    pub(super) fn newlines_before_own(&self) -> u64 {
        memchr::memchr_iter(b'\n', &self.bytes[self.lead..self.own.start]).count() as u64
    }

    /// How many lines end between the beginning of the part and `place`.
    pub(super) fn lines_to(&self, place: usize) -> u64 {
        let mut numbers = Numbers::new(self);
        numbers.count_to(place)
    }
}

/// Numbers lines in ascending order of place.
pub(super) struct Numbers<'t> {
    text: &'t Text,
    count: LineCount,
    next: usize,
}

impl<'t> Numbers<'t> {
    fn new(text: &'t Text) -> Self {
        let mut count = LineCount::default();
        count.add(&text.bytes[..text.lead.min(text.bytes.len())]);
        count.ends = 0;
        Self {
            text,
            count,
            next: text.lead,
        }
    }

    /// The line of a record at a place among the part's own.
    pub(super) fn at(&mut self, place: usize) -> u64 {
        self.count_to(self.text.own.start + place)
    }

    fn count_to(&mut self, place: usize) -> u64 {
        if place > self.next {
            self.count.add(&self.text.bytes[self.next..place]);
            self.next = place;
        }
        self.count.ends
    }
}

/// Records without quotation marks, cut at commas.
pub(super) struct Split {
    pub(super) lines: Vec<(u32, u32)>,
    /// For each column of the file where its values stand.
    pub(super) spans: Vec<Vec<(u32, u32)>>,
    /// Records with more or fewer values than the header.
    odd: Vec<usize>,
}

impl Split {
    pub(super) fn new(text: &[u8], columns: usize) -> Self {
        let mut split = Self {
            lines: Vec::new(),
            spans: vec![Vec::new(); columns],
            odd: Vec::new(),
        };
        let mut start = 0;
        while start < text.len() {
            if matches!(text[start], b'\n' | b'\r') {
                start += 1;
                continue;
            }
            let mut column = 0;
            let (mut from, mut place) = (start, start);
            loop {
                let byte = text.get(place).copied().unwrap_or(b'\n');
                let ends_value = matches!(byte, b',' | b'\n' | b'\r');
                if ends_value {
                    if let Some(spans) = split.spans.get_mut(column) {
                        spans.push((from as u32, place as u32));
                    }
                    column += 1;
                    from = place + 1;
                    if byte != b',' {
                        break;
                    }
                }
                place += 1;
            }
            if column != columns {
                split.odd.push(split.lines.len());
                for spans in split.spans.iter_mut().skip(column) {
                    spans.push((start as u32, start as u32));
                }
            }
            split.lines.push((start as u32, place as u32));
            start = place + 1;
        }
        split
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guarded_is_not_cut_at_commas() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("visits.csv");
        for (header, body) in [
            ("person,venue\n", Some(13)),
            ("person,venue,guard\r\n", None),
        ] {
            std::fs::write(&path, format!("{header}a,b\n")).unwrap();
            assert_eq!(body_of_csv(&path).unwrap(), body, "{header}");
        }
    }
}
