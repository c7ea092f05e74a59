//! A report as sections with one table each, whatever it is written as.

/// A report.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// What it is about, as name and value.
    pub facts: Vec<(String, String)>,
    /// Its tables.
    pub sections: Vec<Section>,
    /// How to read it.
    pub notes: Vec<String>,
}

/// A part of a report with one table.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is called.
    pub title: String,
    /// What it says, in a sentence or two.
    pub about: String,
    /// The columns after the first, which holds the labels of the rows.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Whether its numbers are also drawn as bars, where the page can draw.
    pub is_drawn: bool,
}

impl Column {
    /// A column of numbers only.
    pub fn plain(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_drawn: false,
        }
    }

    /// A column of numbers with bars.
    pub fn drawn(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_drawn: true,
        }
    }
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is about.
    pub label: String,
    /// How far it is set in.
    pub depth: u8,
    /// One value a column.
    pub cells: Vec<Shown>,
}

/// A value in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// A number of people.
    People(u64),
    /// Days, in tenths.
    Tenths(i64),
    /// A share in tenths of a percent.
    Share(u64),
    /// Not shown, because somebody could be recognised.
    Hidden,
    /// There is no such value.
    Nothing,
}

impl Shown {
    /// A number of people that may be hidden.
    pub fn people(people: Option<u64>) -> Self {
        people.map_or(Self::Hidden, Self::People)
    }

    /// The share of `part` in `whole`; nothing if the whole is 0.
    pub fn share(part: Option<u64>, whole: Option<u64>) -> Self {
        match (part, whole) {
            (_, Some(0)) => Self::Nothing,
            (Some(part), Some(whole)) => Self::Share((part * 1000 + whole / 2) / whole),
            _ => Self::Hidden,
        }
    }

    /// How long its bar is, relative to those of its column; `None` without a bar.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::People(number) | Self::Share(number) => Some(*number),
            Self::Tenths(number) => Some(number.unsigned_abs()),
            Self::Hidden | Self::Nothing => None,
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::People(people) => grouped(*people),
            Self::Tenths(tenths) => {
                let sign = if *tenths < 0 { "-" } else { "" };
                let size = tenths.unsigned_abs();
                format!("{sign}{}.{}", grouped(size / 10), size % 10)
            }
            Self::Share(thousandths) => format!("{}.{} %", thousandths / 10, thousandths % 10),
            Self::Hidden => "*".to_owned(),
            Self::Nothing => "-".to_owned(),
        };
        f.pad(&text)
    }
}

/// Digits in groups of three: `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a star means, for the foot of every report.
pub(super) const ABOUT_STARS: &str = "* stands for a number of people from 1 to 9, or for a larger \
     number hidden so that such a number cannot be worked out.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        for (value, expected) in [
            (Shown::People(0), "0"),
            (Shown::People(999), "999"),
            (Shown::People(1_234_567), "1,234,567"),
            (Shown::Tenths(-15), "-1.5"),
            (Shown::Tenths(123_450), "12,345.0"),
            (Shown::Share(1000), "100.0 %"),
            (Shown::share(Some(1), Some(3)), "33.3 %"),
            (Shown::share(Some(0), Some(0)), "-"),
            (Shown::share(None, Some(12)), "*"),
        ] {
            assert_eq!(value.to_string(), expected);
        }
    }
}
