//! Stretches of time, in seconds since 1970.

use jiff::Timestamp;

use crate::columns::{NONE, Seconds};

/// From one second up to, not including, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first second.
    pub from: Seconds,
    /// The first second after.
    pub until: Seconds,
}

impl Span {
    /// The time in both; `None` if there is none.
    pub fn overlap(self, other: Self) -> Option<Self> {
        let both = Self {
            from: self.from.max(other.from),
            until: self.until.min(other.until),
        };
        (both.from < both.until).then_some(both)
    }

    /// The shortest span that holds both.
    pub fn cover(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            until: self.until.max(other.until),
        }
    }
}

/// Spans in order, those that touch or overlap made one, empty ones left out.
pub(crate) fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.from < span.until);
    spans.sort_unstable();
    let mut merged = Vec::<Span>::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => merged.push(span),
        }
    }
    merged
}

/// The Unix seconds of a timestamp; one before 1970 counts as 1970, one after 2106 as 2106.
pub fn unix_seconds(at: Timestamp) -> Seconds {
    Seconds::try_from(at.as_second().clamp(0, i64::from(NONE) - 1)).unwrap_or(NONE - 1)
}

/// Seconds that came out of a [`Timestamp`] go back into one.
pub(crate) fn timestamp(unix_seconds: Seconds) -> Timestamp {
    Timestamp::from_second(i64::from(unix_seconds)).unwrap_or(Timestamp::MAX)
}
