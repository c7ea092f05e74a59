//! What a checkpoint answers: one table, from which the page of the server and the scanner in the
//! browser are both made. Each answer has a word, a shape, a ground and a sound of its own.

use super::status_style::StatusStyle;

/// Every word that `credential::Refusal::word` knows.
pub(crate) const REFUSAL_WORDS: [&str; 18] = [
    "unknown-prefix",
    "unknown-version",
    "malformed",
    "unknown-issuer",
    "key-not-valid",
    "bad-signature",
    "trust-list-ran-out",
    "lives-too-long",
    "not-yet-valid",
    "expired",
    "not-live",
    "form-not-taken",
    "shown-too-long-ago",
    "shown-in-the-future",
    "bad-holder-signature",
    "revoked",
    "status-unknown",
    "replayed",
];

/// An answer of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    /// Green, live, and the name was checked.
    Pass,
    /// Green, and anybody could show a copy: a document is compared.
    Document,
    /// Green, and nobody has seen the document of the person who opened the account.
    Unproven,
    /// Yellow.
    Yellow,
    /// Red.
    Red,
    /// No report yet: not a restriction.
    NoReport,
    /// Expired.
    TooOld,
    /// The colour changed since.
    NoLonger,
    /// A screenshot, a photograph, or a code that was shown here before.
    Copied,
    /// Of another system, or of an issuer that is not trusted here.
    NotKnown,
    /// Damaged, or badly scanned.
    Unreadable,
    /// Newer than this checkpoint.
    Newer,
    /// Made to last longer than any real code.
    Forged,
    /// A clock is wrong.
    Clocks,
    /// This checkpoint knows too little.
    NoNews,
    /// A form that this door does not take.
    OtherForm,
}

impl Answer {
    /// Every answer.
    pub(super) const ALL: [Self; 16] = [
        Self::Pass,
        Self::Document,
        Self::Unproven,
        Self::Yellow,
        Self::Red,
        Self::NoReport,
        Self::TooOld,
        Self::NoLonger,
        Self::Copied,
        Self::NotKnown,
        Self::Unreadable,
        Self::Newer,
        Self::Forged,
        Self::Clocks,
        Self::NoNews,
        Self::OtherForm,
    ];

    /// The answer to a code that is refused with this word of `credential::Refusal::word`.
    pub(super) fn of_refusal(word: &str) -> Self {
        match word {
            "expired" => Self::TooOld,
            "revoked" => Self::NoLonger,
            "not-live" | "shown-too-long-ago" | "bad-holder-signature" | "replayed" => Self::Copied,
            "unknown-issuer" | "unknown-prefix" | "key-not-valid" => Self::NotKnown,
            "unknown-version" => Self::Newer,
            "lives-too-long" => Self::Forged,
            "not-yet-valid" | "shown-in-the-future" => Self::Clocks,
            "trust-list-ran-out" | "status-unknown" => Self::NoNews,
            "form-not-taken" => Self::OtherForm,
            // `malformed`, `bad-signature`.
            _ => Self::Unreadable,
        }
    }

    /// Its name for scripts, and for lamps and turnstiles that read the page.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Pass => "green",
            Self::Document => "document",
            Self::Unproven => "unproven",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::NoReport => "undeclared",
            Self::TooOld => "too-old",
            Self::NoLonger => "no-longer",
            Self::Copied => "copied",
            Self::NotKnown => "not-known",
            Self::Unreadable => "unreadable",
            Self::Newer => "newer",
            Self::Forged => "forged",
            Self::Clocks => "clocks",
            Self::NoNews => "no-news",
            Self::OtherForm => "other-form",
        }
    }

    /// How it looks, where it is a colour or nearly one.
    pub(super) const fn style(self) -> StatusStyle {
        match self {
            Self::Pass => StatusStyle::Green,
            Self::Document | Self::Unproven => StatusStyle::Document,
            Self::Yellow => StatusStyle::Yellow,
            Self::Red => StatusStyle::Red,
            Self::NoReport => StatusStyle::Undeclared,
            _ => StatusStyle::Refused,
        }
    }

    /// The name of the text with its word.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Pass | Self::Document | Self::Unproven => self.style().word(),
            Self::Yellow | Self::Red | Self::NoReport => self.style().word(),
            Self::TooOld => "answer-too-old",
            Self::NoLonger => "answer-no-longer",
            Self::Copied => "answer-copied",
            Self::NotKnown => "answer-not-known",
            Self::Unreadable => "answer-unreadable",
            Self::Newer => "answer-newer",
            Self::Forged => "answer-forged",
            Self::Clocks => "answer-clocks",
            Self::NoNews => "answer-no-news",
            Self::OtherForm => "answer-other-form",
        }
    }

    /// The name of the text that says what to do, for what is not refused.
    pub(super) fn help(self) -> String {
        match self {
            Self::Unproven => "checkpoint-unproven-help".to_owned(),
            other => format!("{}-help", other.style().at_checkpoint()),
        }
    }

    /// The shape: each its own, so that nobody has to tell grounds apart.
    pub(super) const fn shape(self) -> &'static str {
        match self {
            Self::Copied => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<rect x="5" y="5" width="36" height="36" rx="4" fill="none" stroke="currentColor" stroke-width="5"/>"#,
                r#"<path d="M49 23h10v36H23V49" fill="none" stroke="currentColor" stroke-width="5" stroke-dasharray="8 5"/></svg>"#,
            ),
            Self::NotKnown => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<path d="M18 22c0-22 30-20 30-2 0 13-15 12-15 24" fill="none" stroke="currentColor" stroke-width="8"/>"#,
                r#"<circle cx="33" cy="56" r="5" fill="currentColor"/></svg>"#,
            ),
            Self::TooOld | Self::Clocks => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<circle cx="32" cy="32" r="27" fill="none" stroke="currentColor" stroke-width="5"/>"#,
                r#"<path d="M32 14v19l13 8" fill="none" stroke="currentColor" stroke-width="6"/></svg>"#,
            ),
            Self::NoNews => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<path d="M17 50c-16 0-16-20-2-21 1-17 27-20 32-3 17-1 17 24 1 24z" fill="none" stroke="currentColor" stroke-width="5"/>"#,
                r#"<path d="M10 58L56 8" stroke="currentColor" stroke-width="6"/></svg>"#,
            ),
            Self::OtherForm => concat!(
                r#"<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">"#,
                r#"<rect x="4" y="14" width="56" height="36" rx="5" fill="none" stroke="currentColor" stroke-width="5"/>"#,
                r#"<path d="M10 58L54 6" stroke="currentColor" stroke-width="6"/></svg>"#,
            ),
            other => other.style().shape(),
        }
    }

    /// How it sounds and shakes: milliseconds on, off, on. Nothing for what is only to be scanned
    /// again.
    pub(super) const fn rhythm(self) -> &'static str {
        match self {
            Self::Pass => "120",
            Self::Document | Self::Unproven => "120 120 120",
            Self::Yellow => "600",
            Self::Red => "600 200 600",
            Self::NoReport => "120 120 600",
            Self::Unreadable | Self::Newer | Self::Clocks | Self::NoNews => "",
            _ => "120 120 120 120 120",
        }
    }

    /// After how many seconds it leaves by itself.
    pub(super) const fn stays(self) -> u8 {
        match self {
            Self::Pass => 4,
            _ => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_refusal_is_an_answer_that_is_no_colour() {
        let answers: BTreeSet<Answer> = REFUSAL_WORDS.map(Answer::of_refusal).into();
        for answer in &answers {
            assert!(answer.style().is_refused(), "{answer:?}");
        }
        let colours = Answer::ALL.iter().filter(|one| !one.style().is_refused());
        assert_eq!(answers.len() + colours.count(), Answer::ALL.len());
    }

    #[test]
    fn no_two_answers_have_the_same_word_and_only_pass_sounds_like_pass() {
        let keys: BTreeSet<&str> = Answer::ALL.iter().map(|one| one.key()).collect();
        assert_eq!(keys.len(), Answer::ALL.len());
        let words: BTreeSet<&str> = Answer::ALL.iter().map(|one| one.word()).collect();
        // Both ways of looking at a document say so.
        assert_eq!(words.len(), Answer::ALL.len() - 1);
        for other in Answer::ALL.iter().filter(|one| **one != Answer::Pass) {
            assert_ne!(other.rhythm(), Answer::Pass.rhythm(), "{other:?}");
            assert_ne!(other.shape(), Answer::Pass.shape(), "{other:?}");
        }
    }
}
