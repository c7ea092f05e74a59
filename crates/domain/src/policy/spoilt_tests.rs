//! Shipped policies and worked cases with anything in them broken, repeated, cut out or put in: they
//! are read or refused with a place, and what is read decides. Nothing panics.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::{Cases, Policy};

const POLICIES: [&str; 6] = [
    "chengdu-companions",
    "chongqing",
    "guangdong",
    "hangzhou",
    "travel-card",
    "travel-card-2020",
];

/// What is put into a text: ends of what can be counted, and what the syntax gives a meaning.
const INSERTED: [&str; 24] = [
    "\"",
    "'''",
    "[",
    "]",
    "[[rule]]\n",
    "{",
    "}",
    "=",
    "\n",
    "#",
    "\\u0000",
    "\u{202e}",
    "\u{0}",
    "0",
    "-",
    "9223372036854775807",
    "99999999999999999999d",
    "-1d",
    "1e308",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z",
    "{last}",
    "starts + 4000000000d",
    "_",
];

/// One change of a text.
#[derive(Clone, Debug)]
enum Edit {
    Insert(Index, &'static str),
    Cut(Index, usize),
    Repeat(Index, usize),
    /// A word gives way to another word of the text.
    Swap(Index, Index),
    /// Brackets in brackets, which a reader that calls itself must not follow to the end of its stack.
    Nest(Index, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => (any::<Index>(), select(&INSERTED[..])).prop_map(|(at, what)| Edit::Insert(at, what)),
        2 => (any::<Index>(), 1..60_usize).prop_map(|(at, length)| Edit::Cut(at, length)),
        1 => (any::<Index>(), 1..400_usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
        4 => (any::<Index>(), any::<Index>()).prop_map(|(at, other)| Edit::Swap(at, other)),
        1 => (any::<Index>(), 1..5000_usize).prop_map(|(at, depth)| Edit::Nest(at, depth)),
    ]
}

fn spoilt(text: &str, edits: &[Edit]) -> String {
    let mut text = text.to_owned();
    for edit in edits {
        let place = |at: &Index| text.floor_char_boundary(at.index(text.len() + 1));
        match edit {
            Edit::Insert(at, what) => text.insert_str(place(at), what),
            Edit::Cut(at, length) => {
                let from = place(at);
                let to = text.ceil_char_boundary((from + length).min(text.len()));
                text.replace_range(from..to, "");
            }
            Edit::Repeat(at, length) => {
                let from = place(at);
                let to = text.ceil_char_boundary((from + length).min(text.len()));
                let again = text[from..to].to_owned();
                text.insert_str(to, &again);
            }
            Edit::Swap(at, other) => {
                let words: Vec<(usize, &str)> = words(&text).collect();
                if words.is_empty() {
                    continue;
                }
                let (from, word) = words[at.index(words.len())];
                let (_, other) = words[other.index(words.len())];
                let (to, other) = (from + word.len(), other.to_owned());
                text.replace_range(from..to, &other);
            }
            Edit::Nest(at, depth) => text.insert_str(place(at), &"[".repeat(*depth)),
        }
    }
    text
}

/// The words of a text and where each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = text.as_ptr() as usize;
    let is_between = |c: char| c.is_whitespace() || "\"'[]{}=,.".contains(c);
    let words = text.split(is_between).filter(|word| !word.is_empty());
    words.map(move |word| (word.as_ptr() as usize - start, word))
}

fn shipped(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

proptest! {
    #![proptest_config(crate::testing::property_cases(300))]

    #[test]
    fn a_spoilt_policy_is_refused_with_a_place_or_decides(
        name in select(&POLICIES[..]),
        edits in prop::collection::vec(edit(), 1..5),
    ) {
        let text = spoilt(&shipped(&format!("{name}.toml")), &edits);
        match Policy::parse(&text) {
            Ok(policy) => {
                // Its worked cases are those of another policy now; they are refused, or run.
                if let Ok(cases) = Cases::parse(&shipped(&format!("{name}.cases.toml")), &policy) {
                    cases.run(&policy);
                }
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    prop_assert!(!problem.to_string().is_empty());
                }
            }
        }
    }

    #[test]
    fn spoilt_cases_are_refused_with_a_place_or_run(
        name in select(&POLICIES[..]),
        edits in prop::collection::vec(edit(), 1..5),
    ) {
        let policy = Policy::parse(&shipped(&format!("{name}.toml"))).unwrap();
        let text = spoilt(&shipped(&format!("{name}.cases.toml")), &edits);
        match Cases::parse(&text, &policy) {
            Ok(cases) => drop(cases.run(&policy)),
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }
}
