//! Local days as numbers, so that cutting a span at midnight is a look-up.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::span::{Span, timestamp};
use crate::columns::{NONE, Seconds};

/// The local days that a trace can touch; or, if days do not matter, one without end.
pub(super) struct Days {
    /// Each day with its first second, in order.
    starts: Vec<(Seconds, Date)>,
}

impl Days {
    /// Days do not matter.
    pub(super) fn all_as_one() -> Self {
        Self { starts: Vec::new() }
    }

    /// The days of `zone` that the spans touch, and those between.
    pub(super) fn split(spans: impl Iterator<Item = Span>, zone: &TimeZone) -> Self {
        let whole = spans.reduce(Span::cover);
        let mut starts = Vec::new();
        if let Some(whole) = whole {
            let mut day = timestamp(whole.from).to_zoned(zone.clone()).date();
            while let Ok(midnight) = day.to_zoned(zone.clone()) {
                // The first day may begin before 1970.
                let start = midnight.timestamp().as_second().max(0);
                let start = Seconds::try_from(start).unwrap_or(NONE);
                if start >= whole.until {
                    break;
                }
                starts.push((start, day));
                let Ok(next) = day.checked_add(1.day()) else {
                    break;
                };
                day = next;
            }
        }
        Self { starts }
    }

    /// Whether days matter.
    pub(super) fn matter(&self) -> bool {
        !self.starts.is_empty()
    }

    /// The day with this number; `None` if days do not matter.
    pub(super) fn date(&self, day: u32) -> Option<Date> {
        self.starts.get(day as usize).map(|(_, date)| *date)
    }

    /// Cuts a span at local midnights, each piece with the number of its day.
    pub(super) fn pieces(&self, span: Span) -> impl Iterator<Item = (u32, Span)> {
        let first = self
            .starts
            .partition_point(|(start, _)| *start <= span.from)
            .saturating_sub(1);
        let mut day = first;
        let mut rest = Some(span);
        std::iter::from_fn(move || {
            let span = rest.take()?;
            let number = day as u32;
            day += 1;
            match self.starts.get(day) {
                Some((midnight, _)) if *midnight < span.until => {
                    rest = Some(Span {
                        from: *midnight,
                        ..span
                    });
                    Some((
                        number,
                        Span {
                            until: *midnight,
                            ..span
                        },
                    ))
                }
                _ => Some((number, span)),
            }
        })
    }
}
