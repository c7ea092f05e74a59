//! Statements that list what an officer sees. Whom they see stands once for each database, in
//! `in_sight.part`, and is put where these statements ask for it.

use super::{Query, as_text, for_sqlite};

/// Where a statement asks whether what it lists is about somebody whom an officer sees.
const IN_SIGHT: &str = "IN_SIGHT()";

/// The first place of [`IN_SIGHT`] in a statement.
const fn place_of_sight(text: &str) -> usize {
    let (bytes, sought) = (text.as_bytes(), IN_SIGHT.as_bytes());
    let mut at = 0;
    while at + sought.len() <= bytes.len() {
        let mut same = 0;
        while same < sought.len() && bytes[at + same] == sought[same] {
            same += 1;
        }
        if same == sought.len() {
            return at;
        }
        at += 1;
    }
    panic!("a statement of the desk does not ask who is in sight");
}

/// A statement with the rule of sight in its place.
const fn with_sight<const N: usize>(text: &str, rule: &str) -> [u8; N] {
    let begin = place_of_sight(text);
    let (text, rule) = (text.as_bytes(), rule.as_bytes());
    let (mut whole, mut at) = ([0; N], 0);
    while at < N {
        whole[at] = if at < begin {
            text[at]
        } else if at < begin + rule.len() {
            rule[at - begin]
        } else {
            text[at - rule.len() + IN_SIGHT.len()]
        };
        at += 1;
    }
    whole
}

/// Statements that list what an officer sees: the rule stands once for each database, in `in_sight.part`.
macro_rules! queries_in_sight {
    ($($name:ident = $file:literal;)*) => {$(
        pub(crate) static $name: Query = Query {
            name: $file,
            sqlite: {
                const RULE: &str = include_str!("../../queries/sqlite/in_sight.part");
                queries_in_sight!(@whole $file, RULE => WHOLE);
                static CHANGED: [u8; WHOLE.len()] = for_sqlite(WHOLE);
                as_text(&CHANGED)
            },
            postgres: {
                const RULE: &str = include_str!("../../queries/postgres/in_sight.part");
                queries_in_sight!(@whole $file, RULE => WHOLE);
                WHOLE
            },
            postgres_set: None,
        };
    )*};
    (@whole $file:literal, $rule:ident => $whole:ident) => {
        const TEXT: &str = include_str!(concat!("../../queries/", $file));
        const LENGTH: usize = TEXT.len() - IN_SIGHT.len() + $rule.len();
        const JOINED: &[u8; LENGTH] = &with_sight(TEXT, $rule);
        const $whole: &str = as_text(JOINED);
    };
}

queries_in_sight! {
    APPEALS_WAITING = "appeals_waiting.sql";
    CONTRADICTIONS_WAITING = "contradictions_waiting.sql";
    HELD_VISIT_CASES = "held_visit_cases.sql";
    HELD_MEMBERSHIP_CASES = "held_membership_cases.sql";
}
