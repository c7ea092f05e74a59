//! How a verdict looks: never a colour alone, always a word and a shape too.

use domain::{Colour, Status};

/// What stands for a status on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusStyle {
    /// A circle with a tick.
    Green,
    /// A triangle with an exclamation mark.
    Yellow,
    /// An octagon with a bar.
    Red,
    /// A dashed square with a question mark: no code yet.
    Undeclared,
    /// A card with a face and lines: the colour counts once a document was compared.
    Document,
    /// A square that is crossed out: the code cannot be read as valid. Not a colour.
    Refused,
}

impl From<Status> for StatusStyle {
    fn from(status: Status) -> Self {
        match status {
            Status::Undeclared => Self::Undeclared,
            Status::Decided(colour) => colour.into(),
        }
    }
}

impl From<Colour> for StatusStyle {
    fn from(colour: Colour) -> Self {
        match colour {
            Colour::Green => Self::Green,
            Colour::Yellow => Self::Yellow,
            Colour::Red => Self::Red,
        }
    }
}

impl StatusStyle {
    /// The class in the style sheet, and the last part of the names of its texts.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Undeclared => "undeclared",
            Self::Document => "document",
            Self::Refused => "refused",
        }
    }

    /// The name of the text with its word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Green => "status-green",
            Self::Yellow => "status-yellow",
            Self::Red => "status-red",
            Self::Undeclared => "status-undeclared",
            Self::Document => "status-document",
            Self::Refused => "status-refused",
        }
    }

    /// The name of the text that says what it means for the person.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Green => "code-green-meaning",
            Self::Yellow => "code-yellow-meaning",
            Self::Red => "code-red-meaning",
            Self::Undeclared | Self::Document | Self::Refused => "code-undeclared-meaning",
        }
    }

    /// The name of the text that says what it means at a checkpoint.
    pub(crate) const fn at_checkpoint(self) -> &'static str {
        match self {
            Self::Green => "checkpoint-green",
            Self::Yellow => "checkpoint-yellow",
            Self::Red => "checkpoint-red",
            Self::Undeclared => "checkpoint-undeclared",
            Self::Document => "checkpoint-document",
            Self::Refused => "checkpoint-refused",
        }
    }

    /// Whether this stands for a code that cannot be read as valid.
    pub(crate) fn is_refused(self) -> bool {
        self == Self::Refused
    }

    /// The shape, in the colour of the text around it. Silent to a screen reader: the word next to
    /// it says the same.
    pub(crate) const fn shape(self) -> &'static str {
        match self {
            Self::Green => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<circle cx="32" cy="32" r="28" fill="none" stroke="currentColor" stroke-width="6"/>"#,
                r#"<path d="M18 33l10 10 18-21" fill="none" stroke="currentColor" stroke-width="7"/></svg>"#,
            ),
            Self::Yellow => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<path d="M32 6L60 57H4z" fill="none" stroke="currentColor" stroke-width="6" stroke-linejoin="round"/>"#,
                r#"<path d="M32 24v16" stroke="currentColor" stroke-width="7"/>"#,
                r#"<circle cx="32" cy="48" r="4" fill="currentColor"/></svg>"#,
            ),
            Self::Red => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<path d="M21 4h22l17 17v22L43 60H21L4 43V21z" fill="none" stroke="currentColor" stroke-width="6"/>"#,
                r#"<path d="M17 32h30" stroke="currentColor" stroke-width="10"/></svg>"#,
            ),
            Self::Undeclared => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<rect x="6" y="6" width="52" height="52" rx="8" fill="none" stroke="currentColor" stroke-width="5" stroke-dasharray="9 7"/>"#,
                r#"<path d="M23 25c0-13 19-13 19-1 0 8-10 8-10 16" fill="none" stroke="currentColor" stroke-width="6"/>"#,
                r#"<circle cx="32" cy="49" r="4" fill="currentColor"/></svg>"#,
            ),
            Self::Document => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<rect x="4" y="12" width="56" height="40" rx="5" fill="none" stroke="currentColor" stroke-width="5"/>"#,
                r#"<circle cx="20" cy="28" r="6" fill="currentColor"/>"#,
                r#"<path d="M11 43c1-10 17-10 18 0M36 26h16M36 38h16" fill="none" stroke="currentColor" stroke-width="5"/></svg>"#,
            ),
            Self::Refused => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<rect x="6" y="6" width="52" height="52" rx="8" fill="none" stroke="currentColor" stroke-width="5"/>"#,
                r#"<path d="M20 20l24 24M44 20L20 44" stroke="currentColor" stroke-width="7"/></svg>"#,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_styles_share_a_shape() {
        let styles = [
            StatusStyle::Green,
            StatusStyle::Yellow,
            StatusStyle::Red,
            StatusStyle::Undeclared,
            StatusStyle::Document,
            StatusStyle::Refused,
        ];
        for (i, one) in styles.iter().enumerate() {
            for other in &styles[i + 1..] {
                assert_ne!(one.shape(), other.shape());
                assert_ne!(one.class(), other.class());
            }
        }
    }
}
