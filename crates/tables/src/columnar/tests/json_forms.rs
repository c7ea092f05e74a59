//! Tables as NDJSON in the forms in which programs write it.

use std::fs;
use std::path::Path;

use super::Drawn;
use crate::files::Format;

impl Drawn {
    /// Each value in one of the forms that programs write, and some lines that are no objects.
    pub(super) fn write_ndjson(&self, dir: &Path, seed: u64) {
        // Where each row and value falls among its forms.
        let draw = |row: usize, column: usize, forms: u64| {
            let mixed =
                (seed ^ (row as u64) << 20 ^ column as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (mixed >> 33) % forms
        };
        let text_of = |cell: &str| serde_json::to_string(cell).unwrap();
        let value = |row: usize, column: usize, cell: &String| match draw(row, column, 24) {
            0..6 if cell.parse::<f64>().is_ok() => cell.trim().to_owned(),
            0..6 if cell.is_empty() => "null".to_owned(),
            6 => {
                let escaped = cell.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
                format!("\"{}\"", escaped.collect::<String>())
            }
            7 => {
                let words: Vec<&str> = cell.split(';').collect();
                serde_json::to_string(&words).unwrap()
            }
            _ => text_of(cell),
        };
        let mut text = String::new();
        for (row, cells) in self.rows.iter().enumerate() {
            let mut pairs: Vec<String> = self
                .names()
                .into_iter()
                .zip(cells)
                .enumerate()
                .map(|(column, (name, cell))| format!("\"{name}\":{}", value(row, column, cell)))
                .collect();
            let places = pairs.len();
            match draw(row, 100, 16) {
                0 => pairs.reverse(),
                1 => pairs.push(pairs[0].clone()),
                2 => pairs.push("\"note\":\"x\"".to_owned()),
                3 => pairs.push("\"note\":{\"x\":[1]}".to_owned()),
                4 => drop(pairs.remove(row % places)),
                5 => pairs.push(String::new()),
                6 => pairs.push("\"lab\":true".to_owned()),
                _ => {}
            }
            let [open, between, close] = match draw(row, 101, 8) {
                0 => [" { ", " ,\t", "} "],
                1 => ["{", ",", "}}"],
                _ => ["{", ",", "}"],
            };
            text += &format!("{open}{}{close}", pairs.join(between));
            text += ["\n", "\r\n", "\n\n", "\n \t\n"][draw(row, 102, 4) as usize];
        }
        let (start, end) = match seed % 4 {
            0 => ("\u{FEFF}", "\n{\n".to_owned()),
            1 => ("", "{}".to_owned()),
            2 => ("", "[]\n{\"person\":\"p\t\"}\n".to_owned()),
            _ => ("", "{\"person\":-0}\n{\"person\":007}".to_owned()),
        };
        let mut bytes = (start.to_owned() + &text + &end).into_bytes();
        if seed.is_multiple_of(5) {
            bytes.extend(b"\n{\"person\":\"\xFF\"}\n");
        }
        fs::write(self.path(dir, Format::Ndjson), bytes).unwrap();
    }
}
