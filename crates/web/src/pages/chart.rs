//! Bars by day, drawn on the server. The numbers stand in a table beside them.

use std::fmt::Write as _;

/// The height of the tallest bar, in units of the picture.
const TALLEST: u64 = 60;
/// The width of a day.
const DAY: usize = 10;

/// A chart has room for so many days, however few it shows: else the bars of few would be huge.
const FEWEST_DAYS: usize = 28;

/// A day of a chart: a full part, and one that is hatched on top of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) full: u64,
    pub(super) hatched: u64,
}

/// Draws the bars, read aloud as `title`.
pub(super) fn bars(days: &[Bar], title: &str) -> String {
    let most = days.iter().map(|day| day.full + day.hatched).max();
    let most = most.unwrap_or(0).max(1);
    let height = |count: u64| (count * TALLEST).div_ceil(most);
    let room = days.len().max(FEWEST_DAYS);
    let width = room * DAY;
    let mut svg = format!(
        "<svg class=\"bars\" viewBox=\"0 0 {width} {}\" role=\"img\" aria-label=\"{}\">",
        TALLEST + 2,
        escaped(title)
    );
    svg.push_str(
        "<pattern id=\"hatch\" width=\"3\" height=\"3\" patternUnits=\"userSpaceOnUse\">\
         <path d=\"M0 3 3 0\" class=\"hatch\"/></pattern>",
    );
    for (place, day) in days.iter().enumerate() {
        // The last day is always at the right.
        let left = (room - days.len() + place) * DAY + 1;
        let full = height(day.full);
        let hatched = height(day.full + day.hatched) - full;
        let mut bar = |class: &str, bottom: u64, height: u64| {
            if height > 0 {
                let top = TALLEST + 1 - bottom - height;
                let _ = write!(
                    svg,
                    "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{height}\"/>",
                    DAY - 2
                );
            }
        };
        bar("full", 0, full);
        bar("hatched", full, hatched);
    }
    let _ = write!(
        svg,
        "<path class=\"axis\" d=\"M0 {0}H{width}\"/></svg>",
        TALLEST + 1
    );
    svg
}

/// A text as it may stand in a picture.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tallest_day_is_full_height_and_a_single_case_is_seen() {
        let day = |full, hatched| Bar { full, hatched };
        let svg = bars(&[day(1, 0), day(400, 200), day(0, 0)], "a < b");
        assert!(svg.contains("aria-label=\"a &lt; b\""), "{svg}");
        assert!(svg.contains("viewBox=\"0 0 280 62\""), "{svg}");
        assert!(
            svg.contains("class=\"full\" x=\"251\" y=\"60\" width=\"8\" height=\"1\""),
            "{svg}"
        );
        assert!(
            svg.contains("class=\"full\" x=\"261\" y=\"21\" width=\"8\" height=\"40\""),
            "{svg}"
        );
        assert!(
            svg.contains("class=\"hatched\" x=\"261\" y=\"1\" width=\"8\" height=\"20\""),
            "{svg}"
        );
        assert!(
            !svg.contains("x=\"271\""),
            "no bar for a day without any: {svg}"
        );
    }

    #[test]
    fn a_chart_of_nothing_is_an_axis() {
        assert!(!bars(&[], "").contains("<rect"));
    }
}
