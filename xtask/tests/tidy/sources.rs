//! What a source file must look like, as far as no other tool says it.

use crate::repository::Repository;

/// Lines in the longest file that is still read from top to bottom.
const LONGEST: usize = 500;

/// Methods of the largest contract of the store.
const MOST_METHODS: usize = 39;

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "shared",
];

/// Rust and SQL files of more than [`LONGEST`] lines.
pub fn too_long(repository: &Repository) -> Vec<String> {
    let files = repository
        .with_extension("rs")
        .chain(repository.with_extension("sql"));
    let counted = files.map(|file| (&file.path, file.text.lines().count()));
    let long = counted.filter(|(_, lines)| *lines > LONGEST);
    long.map(|(path, lines)| format!("{path} has {lines} lines, {LONGEST} are the most"))
        .collect()
}

/// Files, folders and modules with one of [`EMPTY_NAMES`].
pub fn empty_names(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    for file in &repository.files {
        let parts = file
            .path
            .split('/')
            .map(|part| part.split('.').next().unwrap_or(part));
        for part in parts.filter(|part| EMPTY_NAMES.contains(part)) {
            faults.push(format!(
                "{}: `{part}` does not say what it holds",
                file.path
            ));
        }
    }
    for file in repository.with_extension("rs") {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(name) = declared_module(line).filter(|name| EMPTY_NAMES.contains(name)) {
                faults.push(format!("{}:{}: module `{name}`", file.path, number + 1));
            }
        }
    }
    faults
}

fn declared_module(line: &str) -> Option<&str> {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '/');
    let mut words = words
        .by_ref()
        .filter(|word| !matches!(*word, "" | "pub" | "crate" | "super"));
    (words.next() == Some("mod")).then(|| words.next())?
}

/// Lints that are switched off without `#[expect(…, reason = "…")]`.
pub fn silenced_lints(repository: &Repository) -> Vec<String> {
    // In two pieces, so that this file does not find itself.
    lines_with(
        repository,
        &[concat!("#[all", "ow("), concat!("#![all", "ow(")],
    )
}

/// Notes to do something later.
pub fn leftovers(repository: &Repository) -> Vec<String> {
    lines_with(
        repository,
        &[
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("todo", "!("),
            concat!("unimpl", "emented!("),
        ],
    )
}

/// Property tests that do not take their cases from `domain::testing::property_cases`.
pub fn seeds_of_their_own(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    for file in repository.with_extension("rs") {
        let lines: Vec<&str> = file.text.lines().collect();
        for (number, pair) in lines.windows(2).enumerate() {
            // In two pieces, so that this file does not find itself.
            let opens = pair[0].ends_with(concat!("proptest", "! {"));
            if opens && !pair[1].contains("testing::property_cases(") {
                faults.push(format!(
                    "{}:{}: #![proptest_config(domain::testing::property_cases(N))] must come first",
                    file.path,
                    number + 2
                ));
            }
        }
    }
    faults
}

/// Contracts of the store with more than [`MOST_METHODS`], or with more of them hidden in a trait
/// that they rest on.
pub fn too_wide_contracts(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    let store = repository.with_extension("rs");
    for file in store.filter(|file| file.path.starts_with("crates/store/src/")) {
        for contract in file.text.split("\npub trait ").skip(1) {
            let (head, body) = contract.split_once(" {\n").unwrap_or((contract, ""));
            let body = body.split_once("\n}\n").map_or(body, |(body, _)| body);
            let (name, rests_on) = head.split_once(':').unwrap_or((head, ""));
            let methods = body.matches("    async fn ").count();
            if methods > MOST_METHODS {
                faults.push(format!(
                    "{}: {name} has {methods} methods, {MOST_METHODS} are the most",
                    file.path
                ));
            }
            for rest in rests_on.split('+').map(str::trim) {
                if !matches!(rest, "" | "Send" | "Sync") {
                    faults.push(format!("{}: {name} takes in all of {rest}", file.path));
                }
            }
        }
    }
    faults
}

fn lines_with(repository: &Repository, marks: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in repository
        .with_extension("rs")
        .chain(repository.with_extension("sql"))
    {
        for (number, line) in file.text.lines().enumerate() {
            for mark in marks.iter().filter(|mark| line.contains(**mark)) {
                faults.push(format!("{}:{}: {mark}", file.path, number + 1));
            }
        }
    }
    faults
}

#[test]
fn a_long_file_is_found_and_one_of_the_right_length_is_not() {
    let (right, long) = ("\n".repeat(LONGEST), "\n".repeat(LONGEST + 1));
    let repository = Repository::planted(&[("a.rs", &right), ("b.rs", &long), ("c.sql", &long)]);
    let faults = too_long(&repository);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("b.rs has 501 lines"), "{faults:?}");
}

#[test]
fn a_name_that_says_nothing_is_found() {
    let repository = Repository::planted(&[
        ("crates/store/src/helpers.rs", ""),
        ("crates/store/tests/common/mod.rs", ""),
        (
            "crates/store/src/lib.rs",
            "mod rows;\npub(crate) mod utils;\n// mod common is gone\n",
        ),
        ("crates/store/src/shared_key.rs", "mod manager {}\n"),
    ]);
    assert_eq!(
        empty_names(&repository),
        [
            "crates/store/src/helpers.rs: `helpers` does not say what it holds",
            "crates/store/tests/common/mod.rs: `common` does not say what it holds",
            "crates/store/src/lib.rs:2: module `utils`",
            "crates/store/src/shared_key.rs:1: module `manager`",
        ]
    );
}

#[test]
fn a_silenced_lint_and_a_leftover_are_found() {
    let silenced = concat!("fn a() {}\n#[all", "ow(dead_code)]\nfn b() {}\n");
    let leftover = concat!("-- TO", "DO: an index\n");
    let repository = Repository::planted(&[("a.rs", silenced), ("b.sql", leftover)]);
    assert_eq!(silenced_lints(&repository).len(), 1);
    assert_eq!(leftovers(&repository).len(), 1);
    assert!(silenced_lints(&repository)[0].starts_with("a.rs:2"));
}

#[test]
fn a_property_test_with_a_seed_of_its_own_is_found() {
    let block = |config| {
        format!(
            "mod tests {{\n    {}{config}\n    }}\n}}\n",
            concat!("proptest", "! {\n")
        )
    };
    let own = block("        #[test]");
    let right = block("        #![proptest_config(domain::testing::property_cases(64))]");
    let repository = Repository::planted(&[("a.rs", &own), ("b.rs", &right)]);
    let faults = seeds_of_their_own(&repository);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("a.rs:3"), "{faults:?}");
}

#[test]
fn a_contract_that_is_too_wide_is_found() {
    let method = "    async fn health(&self) -> Result<()>;\n";
    let wide = method.repeat(MOST_METHODS + 1);
    let text = format!(
        "\npub trait Wide: Send + Sync {{\n{wide}}}\n\n{}",
        "pub trait Hidden: Wide + Send {\n}\n\nfn after() {}\n"
    );
    let fits = format!("\npub trait Fits {{\n{}}}\n", method.repeat(MOST_METHODS));
    let repository = Repository::planted(&[
        ("crates/store/src/lib.rs", &text),
        ("crates/store/src/vault.rs", &fits),
        ("crates/web/src/lib.rs", &text),
    ]);
    assert_eq!(
        too_wide_contracts(&repository),
        [
            "crates/store/src/lib.rs: Wide has 40 methods, 39 are the most",
            "crates/store/src/lib.rs: Hidden takes in all of Wide",
        ]
    );
}
