//! The words of the field: one name for each thing, and comments that name the thing.

use crate::repository::Repository;

/// Names that a type must not have, and the names to choose from instead.
const NAMES: &[(&[&str], &str)] = &[
    (&["Judge", "Court"], "DecideFn or DecisionContext"),
    (&["Bench"], "Evaluation or Workspace"),
    (&["Standing", "Standings"], "CachedVerdict or VerdictCache"),
    (&["Books", "InForce"], "PublishedPolicies or ActivePolicy"),
    (&["Walk"], "Reevaluation"),
    (&["Contested"], "Ambiguous"),
    (&["Slot"], "StatusIndex or RevokedIndex"),
    (&["VisitClaim"], "WriterLease"),
    (&["Presence"], "VisitInterval"),
    (&["Carrier"], "IndexCase"),
    (&["Companions", "Company"], "GroupContacts"),
    (&["Reach"], "TraceReadSet"),
    (&["Difference", "Diff"], "PolicyDiff"),
    (&["Tally"], "CountCursor"),
    (&["Told"], "a name that ends in View"),
    (&["Parts", "Wired"], "Dependencies or Runtime"),
    (
        &["Spelled", "Repeatable", "OwnForm"],
        "WireText, IdempotencyKey or SameOriginForm",
    ),
    (
        &["AtDesk", "SignedIn"],
        "OfficerSession, ResidentSession or SessionToken",
    ),
    (&["Need", "Roll"], "Requirement or PersonIndex"),
    (&["Lift", "Gives"], "EarlyRelease or Outcome"),
];

/// Words that circle a thing in a comment instead of naming it, and what to write.
const CIRCLING: &[(&str, &str)] = &[
    (
        "whoever",
        "the person, the account, the caller, the request, the worker or the operator",
    ),
    ("nought", "zero or nothing"),
];

/// Types with a name of [`NAMES`].
pub fn retired_names(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    for file in repository.with_extension("rs") {
        for (number, line) in file.text.lines().enumerate() {
            let Some(name) = declared_type(line) else {
                continue;
            };
            let retired = NAMES.iter().find(|(names, _)| names.contains(&name));
            if let Some((_, right)) = retired {
                let at = format!("{}:{}", file.path, number + 1);
                faults.push(format!("{at}: type `{name}`; call it {right}"));
            }
        }
    }
    faults
}

/// Comments with a word of [`CIRCLING`].
pub fn circling_comments(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    for file in repository.with_extension("rs") {
        for (number, line) in file.text.lines().enumerate() {
            let Some(comment) = comment(line) else {
                continue;
            };
            let comment = comment.to_lowercase();
            // Names of tests may hold such a word; they have no spaces.
            let is_said = |word: &str| {
                let mut words = comment.split(|c: char| !c.is_alphanumeric() && c != '_');
                words.any(|said| said.strip_suffix('s').unwrap_or(said) == word)
            };
            for (word, right) in CIRCLING.iter().filter(|(word, _)| is_said(word)) {
                let at = format!("{}:{}", file.path, number + 1);
                faults.push(format!("{at}: `{word}` in a comment; write {right}"));
            }
        }
    }
    faults
}

fn declared_type(line: &str) -> Option<&str> {
    let mut words = line
        .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '/')
        .filter(|word| !matches!(*word, "" | "pub" | "crate" | "super"));
    matches!(words.next()?, "struct" | "enum" | "trait" | "type").then(|| words.next())?
}

/// What stands behind `//` at the beginning of a line or after a space.
fn comment(line: &str) -> Option<&str> {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") {
        return Some(trimmed);
    }
    line.split_once(" // ").map(|(_, comment)| comment)
}

#[test]
fn a_retired_name_of_a_type_is_found() {
    let text =
        "/// struct Walk is gone.\npub(crate) struct Walk<'a> {\nenum Walker {}\nfn walk() {}\n";
    let repository = Repository::planted(&[
        ("a.rs", text),
        ("b.rs", "    type Reach = u32;\nstruct PolicyDiff;\n"),
    ]);
    assert_eq!(
        retired_names(&repository),
        [
            "a.rs:2: type `Walk`; call it Reevaluation",
            "b.rs:1: type `Reach`; call it TraceReadSet",
        ]
    );
}

#[test]
fn a_comment_that_circles_a_thing_is_found() {
    let (who, zeros) = (CIRCLING[0].0, format!("{}s", CIRCLING[1].0));
    let said = format!("/// For {who} asks.\nfn asks_{who}() {{}}\nlet a = \"{who}\";\n");
    let trailing = format!("let a = 0; // Writes {zeros}.\n// See `{who}_asks`.\n");
    let repository = Repository::planted(&[("a.rs", &said), ("b.rs", &trailing)]);
    let faults = circling_comments(&repository);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("a.rs:1: "), "{faults:?}");
    assert!(faults[1].starts_with("b.rs:1: "), "{faults:?}");
}
