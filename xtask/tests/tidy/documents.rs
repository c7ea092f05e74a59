//! What the documents promise must be there.

use std::collections::BTreeSet;

use crate::repository::{Repository, TextFile};

/// What is wrong with the changelog.
pub fn changelog(repository: &Repository) -> Vec<String> {
    let Some(file) = repository.file("CHANGELOG.md") else {
        return vec!["CHANGELOG.md is missing".to_owned()];
    };
    let Some((_, unreleased)) = file.text.split_once("## [Unreleased]") else {
        return vec!["CHANGELOG.md has no section `## [Unreleased]`".to_owned()];
    };
    let section = unreleased.split("\n## ").next().unwrap_or_default();
    if section.lines().any(|line| line.starts_with("- ")) {
        return Vec::new();
    }
    vec!["CHANGELOG.md: `## [Unreleased]` says nothing".to_owned()]
}

/// Relative links to files or headings that are not there.
pub fn dead_links(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    for file in repository.with_extension("md") {
        for link in links(&file.text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() {
                file.path.clone()
            } else {
                beside(&file.path, path)
            };
            if !repository.holds(&target) {
                faults.push(format!("{}: `{link}` leads nowhere", file.path));
            } else if !heading.is_empty() {
                let headings = repository.file(&target).map(headings).unwrap_or_default();
                if !headings.contains(heading) {
                    faults.push(format!("{}: `{link}`: no such heading", file.path));
                }
            }
        }
    }
    faults
}

/// Paths in backticks that are not there.
pub fn dead_paths(repository: &Repository) -> Vec<String> {
    let folders = ["crates/", "docs/", "policies/", "xtask/", "fuzz/", ".ci/"];
    let mut faults = Vec::new();
    for file in repository.with_extension("md") {
        for path in code_spans(&file.text) {
            let is_path = folders.iter().any(|folder| path.starts_with(folder));
            let is_pattern =
                path.contains(['*', ' ', '…', '<', '{']) || has_capital_placeholder(path);
            if is_path && !is_pattern && !repository.holds(path) {
                faults.push(format!("{}: `{path}` is not there", file.path));
            }
        }
    }
    faults
}

/// Decision records of one number, not headed by their number, or without their three parts. A
/// number may be missing while what it decides is still on its way.
pub fn decisions(repository: &Repository) -> Vec<String> {
    let mut faults = Vec::new();
    let records = repository
        .files
        .iter()
        .filter(|file| file.path.starts_with("docs/adr/"));
    let mut taken = BTreeSet::new();
    for file in records {
        let number = file
            .text
            .strip_prefix("# ")
            .and_then(|text| text.split_once(". "));
        let number = number.and_then(|(number, _)| number.parse::<u16>().ok());
        let name = number.map(|number| format!("docs/adr/{number:04}-"));
        if !name.is_some_and(|name| file.path.starts_with(&name)) || !file.path.ends_with(".md") {
            faults.push(format!(
                "{}: the name and the heading do not begin with one number",
                file.path
            ));
        }
        if !taken.insert(number) {
            faults.push(format!("{}: its number is taken", file.path));
        }
        for part in ["## Context", "## Decision", "## Consequences"] {
            if !file.text.lines().any(|line| line == part) {
                faults.push(format!("{}: `{part}` is missing", file.path));
            }
        }
    }
    faults
}

/// The table of invariants in ARCHITECTURE.md: all thirteen, each with tests that exist, or with
/// the words "not yet" and what is missing.
pub fn invariants(repository: &Repository) -> Vec<String> {
    let tests: BTreeSet<&str> = repository
        .with_extension("rs")
        .flat_map(|file| functions(&file.text))
        .collect();
    let text = repository
        .file("ARCHITECTURE.md")
        .map_or("", |file| &file.text);
    let mut faults = Vec::new();
    for number in 1..=13 {
        let start = format!("| {number} |");
        let Some(row) = text.lines().find(|line| line.starts_with(&start)) else {
            faults.push(format!("ARCHITECTURE.md: invariant {number} has no row"));
            continue;
        };
        let shown_by = row.rsplit('|').nth(1).unwrap_or_default();
        let named: Vec<&str> = code_spans(shown_by)
            .into_iter()
            .filter(|span| is_name(span))
            .collect();
        if named.is_empty() && !shown_by.contains("not yet") {
            faults.push(format!("ARCHITECTURE.md: invariant {number} names no test"));
        }
        for name in named.iter().filter(|name| !tests.contains(**name)) {
            faults.push(format!(
                "ARCHITECTURE.md: invariant {number}: no test `{name}`"
            ));
        }
    }
    faults
}

/// The names of all tests: functions under an attribute that says so, and the stories of folders named
/// `tests`, which macros run on each database.
pub fn tests_of(repository: &Repository) -> BTreeSet<&str> {
    let mut tests = BTreeSet::new();
    for file in repository.with_extension("rs") {
        let are_stories = file.path.contains("/tests/");
        let mut is_marked = false;
        for line in file.text.lines().map(str::trim_start) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_marked = true;
            } else if let Some(name) = functions(line).next() {
                if is_marked || are_stories {
                    tests.insert(name);
                }
                is_marked = false;
            }
        }
    }
    tests
}

/// The tests that the tables of a document name in a last column headed "shown by".
pub fn shown_by(text: &str) -> Vec<&str> {
    let mut is_within = false;
    let mut names = Vec::new();
    for line in text.lines() {
        let last = line.rsplit('|').nth(1).unwrap_or_default();
        is_within = line.starts_with('|') && (is_within || last.trim() == "shown by");
        if is_within {
            let spans = code_spans(last).into_iter();
            names.extend(spans.filter(|span| is_name(span)));
        }
    }
    names
}

/// The targets of `[text](target)`, outside code.
fn links(text: &str) -> Vec<String> {
    let prose = without_code(text);
    let ends = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    ends.map(|(target, _)| target.split(' ').next().unwrap_or_default().to_owned())
        .collect()
}

/// What stands between single backticks, outside code blocks.
fn code_spans(text: &str) -> Vec<&str> {
    let mut in_block = false;
    let mut spans = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            spans.extend(line.split('`').skip(1).step_by(2));
        }
    }
    spans
}

fn without_code(text: &str) -> String {
    let mut in_block = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    prose
}

/// The anchors of a document's headings, as the usual readers make them.
fn headings(file: &TextFile) -> BTreeSet<String> {
    let lines = file.text.lines().filter(|line| line.starts_with('#'));
    lines
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// `path` as seen from the folder of `file`.
fn beside(file: &str, path: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `policies/NAME.toml` stands for any file.
fn has_capital_placeholder(path: &str) -> bool {
    let mut words = path.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase()))
        && !path.ends_with(".md")
}

fn is_name(span: &str) -> bool {
    span.contains('_')
        && span
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn functions(text: &str) -> impl Iterator<Item = &str> {
    let after_fn = text.split("fn ").skip(1);
    after_fn.filter_map(|rest| {
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
    })
}

#[test]
fn a_link_or_path_that_leads_nowhere_is_found() {
    let repository = Repository::planted(&[
        (
            "README.md",
            "[a](docs/a.md) [b](docs/b.md#two-words) [c](docs/b.md#three) `[d](x.md)`\n",
        ),
        (
            "docs/b.md",
            "# Two words\n[up](../README.md) `docs/gone.rs` `policies/NAME.toml`\n",
        ),
    ]);
    assert_eq!(
        dead_links(&repository),
        [
            "README.md: `docs/a.md` leads nowhere",
            "README.md: `docs/b.md#three`: no such heading"
        ]
    );
    assert_eq!(
        dead_paths(&repository),
        ["docs/b.md: `docs/gone.rs` is not there"]
    );
}

#[test]
fn an_empty_changelog_and_an_incomplete_decision_are_found() {
    let repository = Repository::planted(&[
        ("CHANGELOG.md", "## [Unreleased]\n\n## [0.1.0]\n- first\n"),
        (
            "docs/adr/0002-two.md",
            "# 3. Two\n## Context\n## Decision\n",
        ),
        (
            "docs/adr/0003-three.md",
            "# 3. Three\n## Context\n## Decision\n## Consequences\n",
        ),
    ]);
    assert_eq!(
        changelog(&repository),
        ["CHANGELOG.md: `## [Unreleased]` says nothing"]
    );
    assert_eq!(
        decisions(&repository),
        [
            "docs/adr/0002-two.md: the name and the heading do not begin with one number",
            "docs/adr/0002-two.md: `## Consequences` is missing",
            "docs/adr/0003-three.md: its number is taken",
        ]
    );
}

#[test]
fn an_invariant_without_a_test_that_exists_is_found() {
    let rows: Vec<String> = (1..=12)
        .map(|number| match number {
            1 => "| 1 | pure | `crates/a.rs` | `it_is_pure` |".to_owned(),
            2 => "| 2 | none | `crates/a.rs` | `it_is_gone` |".to_owned(),
            3 => "| 3 | unknown | `it_is_pure` | |".to_owned(),
            number => format!("| {number} | later | | not yet: the appeal |"),
        })
        .collect();
    let repository = Repository::planted(&[
        ("ARCHITECTURE.md", &rows.join("\n")),
        ("crates/a.rs", "#[test]\nfn it_is_pure() {}\n"),
    ]);
    let faults = invariants(&repository);
    assert_eq!(
        faults,
        [
            "ARCHITECTURE.md: invariant 2: no test `it_is_gone`",
            "ARCHITECTURE.md: invariant 3 names no test",
            "ARCHITECTURE.md: invariant 13 has no row",
        ]
    );
}
