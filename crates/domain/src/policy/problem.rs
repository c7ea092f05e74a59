//! What can be wrong with a policy: where, what was found, what was expected, what to do.

use std::fmt;

/// One problem in a policy document or in its worked cases. The binary prefixes the file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// Line in the text, from 1.
    pub line: usize,
    /// Column in that line in characters, from 1.
    pub column: usize,
    /// The field, for example `rule[close-contact].lifted_by[0].count`; empty for the document.
    /// A rule appears by its name where it has one.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        self.problem.fmt(f)
    }
}

impl std::error::Error for PolicyError {}

/// What is wrong, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is not TOML.
    #[error("this is not TOML: {message}; correct it, then the rest will be checked")]
    Syntax {
        /// What the TOML reader said.
        message: String,
    },
    /// A field that does not exist here.
    #[error("unknown field{}; known here: {}", meant(nearest.as_deref()), expected.join(", "))]
    UnknownField {
        /// The fields that exist here.
        expected: Vec<String>,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A field that must be there.
    #[error("missing; add {example}")]
    Missing {
        /// How it could look.
        example: String,
    },
    /// A value of the wrong sort.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// What was found.
        found: String,
        /// What should be.
        expected: String,
    },
    /// A word that the field does not take.
    #[error("found \"{found}\"{}; expected one of {}", meant(nearest.as_deref()), expected.join(", "))]
    UnknownWord {
        /// The word.
        found: String,
        /// The words it takes.
        expected: Vec<String>,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A list or table without anything in it.
    #[error("this is empty, so nothing could ever satisfy it; fill it or leave the field out")]
    Empty,
    /// The same value twice in a list.
    #[error("{found} stands here twice; remove one")]
    Twice {
        /// The value.
        found: String,
    },
    /// A number that the field cannot hold.
    #[error("found {found}, which cannot be; expected {expected}")]
    ImpossibleNumber {
        /// The number.
        found: String,
        /// What the field holds.
        expected: String,
    },
    /// Conditions that cannot hold together.
    #[error("these conditions contradict each other, so the rule would never apply: {why}")]
    Contradiction {
        /// How.
        why: String,
    },
    /// Two fields of which one may be given.
    #[error("`{first}` and `{second}` exclude each other; keep one of them")]
    Exclusive {
        /// One.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A value that its type refuses.
    #[error("{why}")]
    Refused {
        /// Why, and what to do.
        why: String,
    },
    /// A rule that gives green.
    #[error(
        "no rule gives green: green is what is left when nothing restricts a person; expected \
         red, yellow or advice"
    )]
    Green,
    /// A rule or lift that reads withdrawals.
    #[error(
        "no rule reads a withdrawal: it only takes back the record that it names; read another \
         kind of evidence"
    )]
    Withdrawal,
    /// A rule without an end (invariant 4).
    #[error("a rule ends by itself, and this one does not; add lasts = \"14d\"")]
    NoEnd,
    /// `lasts = "until"` where the evidence names no end.
    #[error(
        "a {kind} names no end of its own; write a duration such as \"14d\" (\"until\" is for \
         order and foreign_verdict)"
    )]
    NoEndOfItsOwn {
        /// The kind the rule reads.
        kind: &'static str,
    },
    /// A rule that would restrict before or beyond an order (invariant 2).
    #[error("an order restricts exactly as long as its two signatures say; write {expected}")]
    BeyondOrder {
        /// What to write.
        expected: &'static str,
    },
    /// A rule that makes an order stricter (invariant 2).
    #[error("this makes a yellow order red; add where = {{ colour = \"red\" }}")]
    StricterThanOrder,
    /// A rule whose end is its start.
    #[error("the rule would end as it starts; start it at an earlier date of the evidence")]
    EndsAsItStarts,
    /// Hours counted from an end that may still be open.
    #[error(
        "`{date}` counts as now while the {kind} lasts, so hours from it would move with every \
         second; count days, for example \"7d\""
    )]
    HoursFromOpenEnd {
        /// The date.
        date: &'static str,
        /// The kind the rule reads.
        kind: &'static str,
    },
    /// `first` or `last` of a stay without a condition on level.
    #[error(
        "a stay has `{date}` only in a rule with a condition on level, for example where = {{ \
         level = \"high\" }}; otherwise write arrived or left"
    )]
    NeedsLevel {
        /// The date.
        date: String,
    },
    /// Evidence would be forgotten while it still counts.
    #[error(
        "evidence can matter for up to {reach} hours here, but look_back ({look_back}) covers \
         {covers}; set look_back to at least {needed}"
    )]
    LookBack {
        /// The longest the rule can reach, in hours.
        reach: i64,
        /// The policy's look-back.
        look_back: String,
        /// What that covers, in hours.
        covers: i64,
        /// What would suffice.
        needed: String,
    },
    /// A text is missing in a published language.
    #[error(
        "there is no text in \"{language}\", which `languages` promises; add {field}.{language}"
    )]
    MissingText {
        /// The language.
        language: String,
        /// The text's field.
        field: String,
    },
    /// A text in a language that is not published.
    #[error("\"{language}\" is not in `languages`; add it there or remove this text")]
    Unpublished {
        /// The language.
        language: String,
    },
    /// A brace that opens or closes nothing.
    #[error("a brace without its partner; write {{{{ or }}}} for a brace in the text")]
    Brace,
    /// A placeholder that this evidence cannot fill.
    #[error("nothing fills {{{found}}}{}; possible here: {}", meant(nearest.as_deref()), expected.join(", "))]
    UnknownPlaceholder {
        /// The placeholder's name.
        found: String,
        /// Those that can be filled.
        expected: Vec<String>,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A placeholder that may have nothing to show.
    #[error("{{{found}}} may be unknown; add a condition on {found}, or write the text without it")]
    MayBeUnknown {
        /// The placeholder's name.
        found: String,
    },
    /// A second rule of the same name.
    #[error("another rule is already called \"{id}\" (line {line}); names are unique")]
    DuplicateRule {
        /// The name.
        id: String,
        /// Where the first one is.
        line: usize,
    },
    /// A rule that says what an earlier one says.
    #[error("rule \"{earlier}\" already does exactly this, so this one adds nothing; remove it")]
    Unreachable {
        /// The earlier rule.
        earlier: String,
    },
    /// A lift that can never happen.
    #[error("this can never lift the restriction: {why}")]
    NeverLifts {
        /// Why.
        why: String,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!(", did you mean `{name}`?"))
        .unwrap_or_default()
}

/// The one of `names` that `found` was probably meant to be: at most a third of it is mistyped.
pub(super) fn nearest<'n>(found: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let found = found.to_lowercase();
    let candidates = names
        .into_iter()
        .map(|name| (edits(&found, &name.to_lowercase()), name));
    let (edits, name) = candidates.min()?;
    let longest = found.chars().count().max(name.chars().count());
    (edits <= (longest / 3).max(1)).then(|| name.to_owned())
}

/// How many characters must be put in, taken out, replaced or swapped with a neighbour to get from
/// one to the other (Damerau and Levenshtein's distance, optimal string alignment).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (i, ours) in from.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, theirs) in to.iter().enumerate() {
            let replaced = row[j] + usize::from(ours != *theirs);
            let mut least = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if j > 0 && last == Some(*theirs) && to[j - 1] == ours {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(ours);
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        let names = ["minutes", "hours", "relation", "ring"];
        for (found, meant) in [
            ("minute", Some("minutes")),
            ("mintues", Some("minutes")),
            ("Hours", Some("hours")),
            ("relatoin", Some("relation")),
            ("rings", Some("ring")),
            ("nationality", None),
            ("", None),
        ] {
            assert_eq!(nearest(found, names).as_deref(), meant, "{found}");
        }
    }

    #[test]
    fn an_error_reads_alone() {
        let error = PolicyError {
            line: 12,
            column: 3,
            path: "rule[close-contact].lasst".to_owned(),
            problem: Problem::UnknownField {
                expected: vec!["lasts".to_owned(), "gives".to_owned()],
                nearest: nearest("lasst", ["lasts", "gives"]),
            },
        };
        assert_eq!(
            error.to_string(),
            "line 12, column 3: rule[close-contact].lasst: unknown field, did you mean `lasts`?; \
             known here: lasts, gives"
        );
    }
}
