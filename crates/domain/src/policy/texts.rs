//! Texts: placeholders, and filling them.

use super::fields::Field;
use super::model::{Condition, DateName, Language, Policy, Text, Texts};
use super::problem::{Problem, nearest};
use super::reader::{Node, Report};
use crate::evidence::FactKind;

/// What stands in the place of a value that nobody knows. Parsing makes sure that no text asks
/// for one.
const UNKNOWN: &str = "—";

impl Policy {
    /// The published language with this tag, or the same language without a region (`en` for
    /// `en-GB`).
    pub fn language(&self, tag: &str) -> Option<&Language> {
        let same = |wanted: &str| {
            self.languages
                .iter()
                .find(|language| language.as_str().eq_ignore_ascii_case(wanted))
        };
        same(tag).or_else(|| same(tag.split('-').next()?))
    }
}

impl Text {
    /// The text in `language` with every placeholder filled by `value`; `None` if the language is
    /// not published. `value` gets the placeholder's name, for example `until`, `last`, `minutes`.
    pub fn render(
        &self,
        language: &Language,
        value: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let text = self.in_language(language)?;
        let mut rendered = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Literal(literal) => rendered.push_str(literal),
                Piece::Placeholder(name) => {
                    rendered.push_str(value(name).as_deref().unwrap_or(UNKNOWN));
                }
                Piece::LoneBrace(brace) => rendered.push_str(brace),
            }
        }
        Some(rendered)
    }
}

impl Texts {
    /// Title, reason and guidance in `language`, filled as [`Text::render`] does.
    pub fn render(
        &self,
        language: &Language,
        value: &dyn Fn(&str) -> Option<String>,
    ) -> Option<RenderedTexts> {
        Some(RenderedTexts {
            title: self.title.render(language, value)?,
            reason: self.reason.render(language, value)?,
            guidance: self.guidance.render(language, value)?,
        })
    }
}

/// What a person reads about a rule that applies to them, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedTexts {
    /// What the rule is called.
    pub title: String,
    /// What happened.
    pub reason: String,
    /// What to do, and until when.
    pub guidance: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Literal(&'t str),
    Placeholder(&'t str),
    LoneBrace(&'t str),
}

/// Splits a text into what stands as it is and what is filled in. `{{` and `}}` are braces.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(brace) = rest.find(['{', '}']) {
        if brace > 0 {
            pieces.push(Piece::Literal(&rest[..brace]));
        }
        let (this, after) = (&rest[brace..=brace], &rest[brace + 1..]);
        if after.starts_with(this) {
            pieces.push(Piece::Literal(this));
            rest = &after[1..];
            continue;
        }
        match after.find(['{', '}']) {
            Some(end) if this == "{" && after[end..].starts_with('}') => {
                pieces.push(Piece::Placeholder(after[..end].trim()));
                rest = &after[end + 1..];
            }
            _ => {
                pieces.push(Piece::LoneBrace(this));
                rest = after;
            }
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

/// What the texts of a rule may name.
pub(super) struct Placeholders {
    names: Vec<&'static str>,
    unsure: Vec<&'static str>,
}

impl Placeholders {
    /// None at all, as for the text about contesting.
    pub(super) fn none() -> Self {
        Self {
            names: Vec::new(),
            unsure: Vec::new(),
        }
    }

    /// Those of a rule that reads `kind` under `conditions`.
    pub(super) fn of_rule(kind: FactKind, conditions: &[Condition]) -> Self {
        let conditioned = |field| conditions.iter().any(|condition| condition.field == field);
        let with_level = conditioned(Field::Level);
        let mut names = vec!["since", "until"];
        let dates = DateName::all_of(kind, with_level)
            .iter()
            .map(|date| date.name());
        names.extend(dates.filter(|name| *name != "until"));
        names.extend(Field::all_of(kind).map(|(field, _)| field.name()));
        // Minutes and hours are one length, so that a condition on either makes both known.
        let length_is_known = conditioned(Field::Minutes) || conditioned(Field::Hours);
        let is_known = |field| {
            conditioned(field)
                || (matches!(field, Field::Minutes | Field::Hours) && length_is_known)
        };
        let unsure = Field::all_of(kind)
            .filter(|(field, _)| field.may_be_unknown(kind) && !is_known(*field))
            .map(|(field, _)| field.name());
        Self {
            names,
            unsure: unsure.collect(),
        }
    }
}

/// Reads a text in every published language. Reports languages that are missing or not published,
/// empty texts, and placeholders that nothing fills, where it is known what can be filled.
pub(super) fn read(
    node: &Node<'_>,
    name: &str,
    languages: &[Language],
    placeholders: Option<&Placeholders>,
    report: &mut Report<'_>,
) -> Option<Text> {
    let expected = format!("a text for each language, for example {name}.en = \"…\"");
    let table = node.table(&expected, report)?;
    let mut text = Text::default();
    for (tag, value) in table.fields(report) {
        let language = Language(tag.to_owned());
        if !languages.is_empty() && !languages.contains(&language) {
            report.at(
                &value.path,
                Problem::Unpublished {
                    language: tag.to_owned(),
                },
            );
            continue;
        }
        let Some(written) = value.text("a text in quotes", report) else {
            continue;
        };
        if written.trim().is_empty() {
            value.problem(report, Problem::Empty);
        }
        if let Some(placeholders) = placeholders {
            check_placeholders(&value, written, placeholders, report);
        }
        text.0.insert(language, written.trim().to_owned());
    }
    for language in languages {
        if !table
            .fields(report)
            .any(|(tag, _)| tag == language.as_str())
        {
            let (language, field) = (language.as_str().to_owned(), name.to_owned());
            report.at(&node.path, Problem::MissingText { language, field });
        }
    }
    Some(text)
}

fn check_placeholders(
    node: &Node<'_>,
    text: &str,
    placeholders: &Placeholders,
    report: &mut Report<'_>,
) {
    for piece in pieces(text) {
        match piece {
            Piece::Literal(_) => {}
            Piece::LoneBrace(_) => node.problem(report, Problem::Brace),
            Piece::Placeholder(name) if !placeholders.names.contains(&name) => {
                let problem = Problem::UnknownPlaceholder {
                    found: name.to_owned(),
                    expected: placeholders
                        .names
                        .iter()
                        .map(|&name| name.to_owned())
                        .collect(),
                    nearest: nearest(name, placeholders.names.iter().copied()),
                };
                node.problem(report, problem);
            }
            Piece::Placeholder(name) if placeholders.unsure.contains(&name) => {
                node.problem(
                    report,
                    Problem::MayBeUnknown {
                        found: name.to_owned(),
                    },
                );
            }
            Piece::Placeholder(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> Language {
        Language("en".to_owned())
    }

    fn fill(text: &str) -> String {
        let text = Text([(english(), text.to_owned())].into());
        let value = |name: &str| (name == "until").then(|| "1 March".to_owned());
        text.render(&english(), &value).unwrap()
    }

    #[test]
    fn placeholders_are_filled_and_doubled_braces_stay() {
        for (text, filled) in [
            ("Stay at home until {until}.", "Stay at home until 1 March."),
            ("{until}{ until }", "1 March1 March"),
            ("until {{until}}", "until {until}"),
            ("{{{until}}}", "{1 March}"),
            ("红色，直到{until}。", "红色，直到1 March。"),
            ("since {since}", "since —"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(fill(text), filled);
        }
    }

    #[test]
    fn a_brace_without_its_partner_is_seen() {
        for text in ["{until", "until}", "{a{b}", "}{"] {
            let lone = |piece: &Piece<'_>| matches!(piece, Piece::LoneBrace(_));
            assert!(pieces(text).iter().any(lone), "{text}");
        }
    }

    #[test]
    fn a_language_that_is_not_published_renders_nothing() {
        let text = Text([(english(), "x".to_owned())].into());
        assert_eq!(text.render(&Language("fr".to_owned()), &|_| None), None);
    }
}
