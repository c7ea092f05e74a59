//! A report on the terminal.

use std::fmt;

use super::page::{Page, Section};

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let widest = self
            .facts
            .iter()
            .map(|(name, _)| width(name))
            .max()
            .unwrap_or(0);
        for (name, value) in &self.facts {
            let space = " ".repeat(widest - width(name));
            writeln!(f, "  {name}{space}  {value}")?;
        }
        for section in &self.sections {
            writeln!(f, "\n{}", section.title)?;
            table(section, f)?;
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

fn table(section: &Section, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let label = |label: &str, depth: u8| format!("{}{label}", "  ".repeat(usize::from(depth)));
    let labels: Vec<String> = section
        .rows
        .iter()
        .map(|row| label(&row.label, row.depth))
        .collect();
    let first = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let cells: Vec<Vec<String>> = section
        .rows
        .iter()
        .map(|row| row.cells.iter().map(ToString::to_string).collect())
        .collect();
    let widths: Vec<usize> = section
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let cells = cells.iter().filter_map(|row| row.get(place));
            cells
                .map(|cell| width(cell))
                .chain([width(&column.name)])
                .max()
                .unwrap_or(0)
        })
        .collect();
    write!(f, "  {}", " ".repeat(first))?;
    for (column, widest) in section.columns.iter().zip(&widths) {
        write!(
            f,
            "  {}{}",
            " ".repeat(widest - width(&column.name)),
            column.name
        )?;
    }
    writeln!(f)?;
    for (label, cells) in labels.iter().zip(&cells) {
        write!(f, "  {label}{}", " ".repeat(first - width(label)))?;
        for (cell, widest) in cells.iter().zip(&widths) {
            write!(f, "  {}{cell}", " ".repeat(widest - width(cell)))?;
        }
        writeln!(f)?;
    }
    Ok(())
}

/// Columns of a terminal: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| if c >= '\u{1100}' { 2 } else { 1 })
        .sum()
}
