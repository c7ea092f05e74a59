//! The lines of NDJSON cut at their values.

use crate::files::Table;

/// Objects, one a line. One that is not flat and plain, with every name known and there once, is odd.
pub(super) struct JsonLines {
    /// Where each begins and ends, and how many lines come before it.
    pub(super) lines: Vec<(u32, u32, u64)>,
    /// For each of the table's columns where its values stand; an empty one where there is none.
    pub(super) spans: Vec<Vec<(u32, u32)>>,
    /// Which columns any line has.
    pub(super) is_there: Vec<bool>,
    pub(super) odd: Vec<bool>,
}

impl JsonLines {
    /// Cuts text whose bytes can be counted in 32 bits. Blank lines are none.
    pub(super) fn new(text: &[u8], table: &Table) -> Self {
        let columns = table.columns.len();
        let mut own = Self {
            lines: Vec::new(),
            spans: vec![Vec::new(); columns],
            is_there: vec![false; columns],
            odd: Vec::new(),
        };
        let mut values = vec![(0, 0); columns];
        // Names mostly come in the order of the line before.
        let mut order: Vec<usize> = Vec::new();
        let mut start = 0;
        for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let end = start + line.len();
            if !line.iter().all(u8::is_ascii_whitespace) {
                values.fill((0, 0));
                let mut object = Object {
                    text,
                    place: start,
                    end,
                };
                let is_plain = object.read(table, &mut order, &mut values).is_some();
                own.odd.push(!is_plain);
                own.lines.push((start as u32, end as u32, number as u64));
                for ((spans, is_there), value) in
                    own.spans.iter_mut().zip(&mut own.is_there).zip(&values)
                {
                    *is_there |= value.1 > 0;
                    spans.push(*value);
                }
            }
            start = end;
        }
        own
    }
}

/// A line being cut. Everything is `None` where it is not plain.
struct Object<'t> {
    text: &'t [u8],
    place: usize,
    end: usize,
}

impl Object<'_> {
    /// Fills in where the value of each column stands.
    fn read(
        &mut self,
        table: &Table,
        order: &mut Vec<usize>,
        values: &mut [(u32, u32)],
    ) -> Option<()> {
        self.expect(b'{')?;
        let (mut seen, mut count) = (0_u64, 0);
        if self.next()? == b'}' {
            self.place += 1;
            return self.ends();
        }
        loop {
            let (from, until) = self.string()?;
            let name = &self.text[from..until];
            let column = self.column(name, table, order, count)?;
            if seen >> column & 1 != 0 {
                return None;
            }
            seen |= 1 << column;
            self.expect(b':')?;
            let (from, until) = self.value()?;
            values[column] = (u32::try_from(from).ok()?, u32::try_from(until).ok()?);
            count += 1;
            match self.next()? {
                b',' => self.place += 1,
                b'}' => {
                    self.place += 1;
                    return self.ends();
                }
                _ => return None,
            }
        }
    }

    /// The place of a name among the table's columns.
    fn column(
        &self,
        name: &[u8],
        table: &Table,
        order: &mut Vec<usize>,
        count: usize,
    ) -> Option<usize> {
        let expected = order.get(count).copied();
        if let Some(place) = expected.filter(|place| table.columns[*place].name.as_bytes() == name)
        {
            return Some(place);
        }
        let place = table.position(std::str::from_utf8(name).ok()?)?;
        order.truncate(count);
        order.push(place);
        Some(place)
    }

    /// A text without escapes, a whole number in its only spelling, or nothing.
    fn value(&mut self) -> Option<(usize, usize)> {
        match self.next()? {
            b'"' => self.string(),
            b'n' => {
                let is_null = self.text[self.place..self.end].starts_with(b"null");
                self.place += 4;
                is_null.then_some((0, 0))
            }
            _ => self.whole(),
        }
    }

    fn string(&mut self) -> Option<(usize, usize)> {
        self.expect(b'"')?;
        let from = self.place;
        let rest = &self.text[from..self.end];
        let length = memchr::memchr2(b'"', b'\\', rest)?;
        let is_plain = rest[length] == b'"' && rest[..length].iter().all(|byte| *byte >= b' ');
        self.place = from + length + 1;
        is_plain.then_some((from, from + length))
    }

    fn whole(&mut self) -> Option<(usize, usize)> {
        const MOST_DIGITS: usize = 18;
        let from = self.place;
        let rest = &self.text[from..self.end];
        let length = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        let is_plain = (1..=MOST_DIGITS).contains(&length) && (rest[0] != b'0' || length == 1);
        let goes_on = matches!(rest[length], b'.' | b'e' | b'E');
        self.place = from + length;
        (is_plain && !goes_on).then_some((from, from + length))
    }

    /// Goes past a byte and space before it.
    fn expect(&mut self, byte: u8) -> Option<()> {
        let is_next = self.next()? == byte;
        self.place += 1;
        is_next.then_some(())
    }

    /// The next byte that is no space.
    fn next(&mut self) -> Option<u8> {
        let rest = &self.text[self.place..self.end];
        let space = rest.iter().position(|byte| !is_space(*byte))?;
        self.place += space;
        Some(self.text[self.place])
    }

    /// Whether only space is left.
    fn ends(&self) -> Option<()> {
        let rest = &self.text[self.place..self.end];
        rest.iter().all(|byte| is_space(*byte)).then_some(())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
