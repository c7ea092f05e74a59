//! Records of a CSV file, and on which line each begins.

use std::borrow::Cow;
use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader};

use super::guard::{is_guarded, unguarded};

/// Lines of a text: `\n`, `\r\n` and `\r` each end one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineCount {
    pub(crate) ends: u64,
    after_return: bool,
}

impl LineCount {
    /// Counts on through the next bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for place in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            // `\r\n` ended its line with `\r`.
            let is_second = bytes[place] == b'\n'
                && (if place == 0 {
                    self.after_return
                } else {
                    bytes[place - 1] == b'\r'
                });
            self.ends += u64::from(!is_second);
        }
        if let Some(last) = bytes.last() {
            self.after_return = *last == b'\r';
        }
    }
}

/// Reads record after record.
pub(crate) struct CsvRecords<R> {
    input: R,
    core: Reader,
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// How many values the record at hand has.
    count: usize,
    /// Whether the header says that cells are guarded.
    is_guarded: bool,
    /// Whether the record at hand ended with the input, inside quotation marks.
    is_unclosed: bool,
    lines: LineCount,
    first_line: u64,
    bytes: u64,
}

impl<R: BufRead> CsvRecords<R> {
    /// Begins with the bytes that `input` has next, which are line number `first_line`.
    pub(crate) fn new(input: R, first_line: u64) -> Self {
        Self {
            input,
            core: Reader::new(),
            fields: vec![0; 1 << 10],
            ends: vec![0; 32],
            count: 0,
            is_guarded: false,
            is_unclosed: false,
            lines: LineCount::default(),
            first_line,
            bytes: 0,
        }
    }

    /// Bytes read so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// Reads the header, as [`CsvRecords::read`] does a record.
    ///
    /// # Errors
    /// If the input cannot be read.
    pub(crate) fn read_header(&mut self) -> io::Result<Option<u64>> {
        let line = self.read()?;
        self.is_guarded = is_guarded(self.values());
        Ok(line)
    }

    /// Reads the next record and tells the line on which it begins; `None` at the end.
    ///
    /// # Errors
    /// If the input cannot be read.
    pub(crate) fn read(&mut self) -> io::Result<Option<u64>> {
        self.skip_empty_lines()?;
        let line = self.first_line + self.lines.ends;
        let (mut written, mut ended) = (0, 0);
        let mut is_last_line_ended = false;
        self.is_unclosed = false;
        loop {
            let input = self.input.fill_buf()?;
            let is_at_end = input.is_empty();
            // A line end after the last byte ends a record, unless a quotation is open: then it is text.
            let input = match is_at_end && !is_last_line_ended {
                true => &b"\n"[..],
                false => input,
            };
            let (result, read, wrote, new_ends) =
                self.core
                    .read_record(input, &mut self.fields[written..], &mut self.ends[ended..]);
            if is_at_end {
                is_last_line_ended |= read > 0;
                self.is_unclosed |= read > 0 && wrote > 0;
            } else {
                self.lines.add(&input[..read]);
                self.input.consume(read);
                self.bytes += read as u64;
            }
            written += wrote;
            ended += new_ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    self.count = ended;
                    if self.is_unclosed {
                        // Without the line end that was added.
                        self.ends[ended - 1] -= 1;
                    }
                    return Ok(Some(line));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// The values of the record at hand, as they were before they were guarded.
    pub(crate) fn values(&self) -> impl ExactSizeIterator<Item = Cow<'_, [u8]>> {
        (0..self.count).map(|place| {
            let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
            let value = &self.fields[start..self.ends[place]];
            if self.is_guarded {
                unguarded(value)
            } else {
                Cow::Borrowed(value)
            }
        })
    }

    /// Whether the record at hand ended with the input, inside quotation marks.
    pub(crate) fn is_unclosed(&self) -> bool {
        self.is_unclosed
    }

    fn skip_empty_lines(&mut self) -> io::Result<()> {
        loop {
            let input = self.input.fill_buf()?;
            let is_end = |byte: &&u8| matches!(**byte, b'\n' | b'\r');
            let count = input.iter().take_while(is_end).count();
            self.lines.add(&input[..count]);
            let goes_on = count > 0 && count == input.len();
            self.input.consume(count);
            self.bytes += count as u64;
            if !goes_on {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str, buffer: usize) -> Vec<(u64, Vec<String>)> {
        let input = io::BufReader::with_capacity(buffer, text.as_bytes());
        let mut records = CsvRecords::new(input, 1);
        let mut found = Vec::new();
        while let Some(line) = records.read().unwrap() {
            let values = records.values();
            let text = |value: Cow<'_, [u8]>| String::from_utf8(value.into_owned()).unwrap();
            found.push((line, values.map(text).collect()));
        }
        found
    }

    #[test]
    fn a_quotation_that_ends_with_the_input_is_known() {
        for (text, last, is_unclosed) in [
            ("a,b\n1,\"2", "2", true),
            ("a,b\n1,\"2\n", "2\n", true),
            ("a,b\n1,\"2\n3,4\r\n", "2\n3,4\r\n", true),
            ("a,b\n1,\"", "", true),
            ("a,b\n1,\"2\"", "2", false),
            ("a,b\n1,\"2\"\"\"", "2\"", false),
            ("a,b\n1,2\"", "2\"", false),
            ("a,b\n1,", "", false),
            ("a,b\n1,\"2\n\"\n", "2\n", false),
        ] {
            for buffer in [1, 2, 1000] {
                let input = io::BufReader::with_capacity(buffer, text.as_bytes());
                let mut records = CsvRecords::new(input, 1);
                assert_eq!(records.read().unwrap(), Some(1));
                assert!(!records.is_unclosed());
                assert_eq!(records.read().unwrap(), Some(2), "{text:?}");
                let value = records.values().last().unwrap().into_owned();
                assert_eq!(value, last.as_bytes(), "{text:?} {buffer}");
                assert_eq!(records.is_unclosed(), is_unclosed, "{text:?} {buffer}");
                assert_eq!(records.read().unwrap(), None, "{text:?} {buffer}");
            }
        }
    }

    #[test]
    fn a_record_has_the_number_of_the_line_on_which_it_begins() {
        for end in ["\n", "\r\n", "\r"] {
            let lines = ["a,b", "1,2", "", "\"3", "4\",5", "", "", "6,\"7\"\"8\"", ""];
            let text = lines.join(end);
            let inner = format!("3{end}4");
            let expected: Vec<(u64, Vec<String>)> = [
                (1, vec!["a", "b"]),
                (2, vec!["1", "2"]),
                (4, vec![&inner, "5"]),
                (8, vec!["6", "7\"8"]),
            ]
            .map(|(line, values)| (line, values.into_iter().map(String::from).collect()))
            .to_vec();
            for buffer in [1, 2, 3, 7, 1000] {
                assert_eq!(records(&text, buffer), expected, "{end:?} {buffer}");
            }
        }
    }
}
