//! The picture of a search: the case, whom it met, and whom those met. It says nothing that the table
//! under it does not; who met whom in the second ring is shown nowhere.

use std::fmt::Write as _;

use service::FoundContact;

use super::super::Frame;
use super::super::status_style::StatusStyle;
use super::{contact_label, how};

/// So many people are drawn: those who were together longest.
const MOST: usize = 60;
/// The height of a line.
const LINE: usize = 22;

/// Draws it, for the first page of the table.
pub(super) fn picture(frame: &Frame, case: &str, found: &[FoundContact]) -> String {
    let mut drawn: Vec<&FoundContact> = found.iter().collect();
    drawn.sort_by_key(|one| std::cmp::Reverse(one.minutes));
    drawn.truncate(MOST);
    drawn.sort_by_key(|one| one.evidence);
    let ring = |number: u8| -> Vec<&FoundContact> {
        let of_ring = drawn.iter().filter(|one| (one.ring > 1) == (number > 1));
        of_ring.copied().collect()
    };
    let (first, second) = (ring(1), ring(2));
    let lines = first.len().max(second.len()).max(1);
    let height = lines * LINE + LINE;
    let middle = height / 2;
    let title = frame.with("chain-picture", "count", &drawn.len().to_string());
    let mut svg = format!(
        "<svg class=\"chain\" viewBox=\"0 0 600 {height}\" role=\"img\" aria-label=\"{title}\">"
    );
    let place = |index: usize, of: usize| (height - of * LINE) / 2 + index * LINE + LINE / 2;
    for (index, _) in first.iter().enumerate() {
        let y = place(index, first.len());
        let _ = write!(
            svg,
            "<path class=\"link\" d=\"M90 {middle}C140 {middle} 150 {y} 200 {y}\"/>"
        );
    }
    if !second.is_empty() {
        // From the first ring as a whole: who brought whom stays unsaid.
        let _ = write!(svg, "<path class=\"link far\" d=\"M370 {middle}H420\"/>");
    }
    let _ = write!(
        svg,
        "<text x=\"8\" y=\"{}\" class=\"case\">{case}</text>",
        middle + 5
    );
    for (left, people) in [(206, &first), (426, &second)] {
        for (index, one) in people.iter().enumerate() {
            let y = place(index, people.len());
            let style = StatusStyle::from(one.status);
            let label = contact_label(one);
            let (word, met) = (frame.t(style.word()), frame.t(how(one.how)));
            let _ = write!(
                svg,
                "<a href=\"#{label}\"><title>{label}: {word}, {met}</title>\
                 <g class=\"mark is-{}\" transform=\"translate({left} {}) scale(.25)\">{}</g>\
                 <text x=\"{}\" y=\"{}\">{label}</text></a>",
                style.class(),
                y - 8,
                inner(style.shape()),
                left + 22,
                y + 5
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// What is drawn inside a shape.
fn inner(shape: &str) -> &str {
    let begin = shape.find('>').map_or(0, |end| end + 1);
    shape
        .get(begin..)
        .unwrap_or_default()
        .trim_end_matches("</svg>")
}
