//! In which language a page shows a policy's texts. A policy need not be published in every language
//! of the pages; a text in another one is marked for screen readers, and a note says so.

use domain::policy;

use super::Frame;
use crate::language::{self, Language};

/// The language of a policy's texts on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextLanguage {
    /// For the `lang` attribute.
    pub(crate) tag: String,
    /// For the `dir` attribute.
    pub(crate) direction: &'static str,
    /// Says which language it is, where it is not the page's.
    pub(crate) note: Option<String>,
}

impl TextLanguage {
    /// Of texts in `shown`, on a page in the language of `frame`.
    pub(crate) fn new(frame: &Frame, shown: Option<&policy::Language>) -> Self {
        let own = frame.language;
        let other = shown
            .map(policy::Language::as_str)
            .filter(|tag| !tag.eq_ignore_ascii_case(own.tag()));
        match other {
            None => Self {
                tag: own.html().to_owned(),
                direction: own.direction(),
                note: None,
            },
            Some(tag) => {
                let name = match Language::of(tag) {
                    Some(known) => known.own_name(),
                    None => tag,
                };
                Self {
                    tag: tag.to_owned(),
                    direction: language::direction(tag),
                    note: Some(frame.with("policy-language-note", "language", name)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Policy;

    use super::super::tests::frames;
    use super::*;
    use crate::testing::POLICY;

    #[test]
    fn a_text_in_another_language_than_the_page_says_so() {
        let policy = Policy::parse(POLICY).unwrap();
        for frame in frames() {
            let shown = frame.language_of(&policy);
            let texts = TextLanguage::new(&frame, shown);
            match frame.language {
                Language::English | Language::Chinese => {
                    assert_eq!(texts.tag, frame.language.html());
                    assert_eq!(texts.note, None);
                }
                Language::Japanese | Language::Korean | Language::Arabic => {
                    assert_eq!((&*texts.tag, texts.direction), ("en", "ltr"));
                    assert!(texts.note.is_some_and(|note| note.contains("English")));
                }
            }
        }
    }
}
