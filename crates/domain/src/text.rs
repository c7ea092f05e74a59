//! Texts that people type and that are kept: names, reasons, the basis of an order.

mod names;

pub use self::names::{has_letters, is_one_name};

/// Why a text cannot be kept. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing in it, or too much.
    #[error("expected 1 to {most} characters")]
    Length {
        /// So many characters it may have.
        most: usize,
    },
    /// A character that nobody sees and that does something.
    #[error(
        "a character in it cannot be seen (a control character, or one that turns the direction of \
         writing); type the text again without it"
    )]
    Unseen,
}

/// A text of one line, without the spaces around it.
///
/// # Errors
/// [`BadText`], if it has no or more than `most` characters, or one that cannot be seen.
pub fn line(text: &str, most: usize) -> Result<&str, BadText> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        return Err(BadText::Length { most });
    }
    if !is_seen(text) || text.chars().any(is_unseen) {
        return Err(BadText::Unseen);
    }
    Ok(text)
}

/// A text of one or more lines, without the spaces around it.
///
/// # Errors
/// As [`line()`]; ends of lines and tabs are seen.
pub fn lines(text: &str, most: usize) -> Result<&str, BadText> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most {
        return Err(BadText::Length { most });
    }
    let is_layout = |c: char| matches!(c, '\n' | '\r' | '\t');
    if !is_seen(text) || text.chars().any(|c| is_unseen(c) && !is_layout(c)) {
        return Err(BadText::Unseen);
    }
    Ok(text)
}

/// Control characters, of which one database keeps NUL and the other does not; and those that turn
/// the direction of writing (Unicode's bidirectional embeddings, overrides and isolates) or end a line
/// unseen, and those that take no room at all, with which a text reads as another. What joins or parts
/// letters (U+200C, U+200D) stays beside letters: names need it.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether somebody sees anything of it: what joins, parts or turns letters is nothing without them.
fn is_seen(text: &str) -> bool {
    let nothing = |c: char| c.is_whitespace() || matches!(c, '\u{200c}'..='\u{200f}' | '\u{2800}');
    !text.chars().all(nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_refused_and_what_names_need_is_kept() {
        for text in [
            "a\0b",
            "a\u{7f}b",
            "a\u{85}b",
            "a\tb",
            "a\nb",
            "a\u{202e}b",
            "a\u{2067}b",
            "A\u{200b}",
            "\u{200b}",
            "\u{2060}",
            "\u{3164}",
            "\u{200d}",
            "\u{2800}\u{2800}",
            "a\u{ad}b",
            "a\u{e0041}",
        ] {
            assert_eq!(line(text, 9), Err(BadText::Unseen), "{text:?}");
        }
        for text in [
            "李 明",
            "O’Neill-Smith",
            "نیلوفر\u{200c}ها",
            "क्\u{200d}ष",
            "= 1",
        ] {
            assert_eq!(line(text, 20), Ok(text));
        }
        assert_eq!(lines("one\r\n\ttwo ", 20), Ok("one\r\n\ttwo"));
        assert_eq!(lines("one\0", 20), Err(BadText::Unseen));
    }

    #[test]
    fn a_text_has_a_length() {
        assert_eq!(line("  ", 3), Err(BadText::Length { most: 3 }));
        assert_eq!(line(" 李明华 ", 3), Ok("李明华"));
        assert_eq!(line("李明华明", 3), Err(BadText::Length { most: 3 }));
    }
}
