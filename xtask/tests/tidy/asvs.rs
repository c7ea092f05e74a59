//! docs/asvs.csv: how the program stands to each line of the OWASP Application Security Verification
//! Standard 5.0.0. The file names the lines and holds no text of the standard.

use std::collections::BTreeSet;

use crate::documents::{shown_by, tests_of};
use crate::repository::Repository;

const FILE: &str = "docs/asvs.csv";
const HEADER: [&str; 6] = ["id", "level", "status", "where", "test", "note"];

/// Each section of the standard, and the levels of its lines in their order.
#[rustfmt::skip]
const SECTIONS: [(&str, &str); 80] = [
    ("1.1", "22"), ("1.2", "1111122223"), ("1.3", "112222222223"), ("1.4", "222"), ("1.5", "123"),
    ("2.1", "122"), ("2.2", "112"), ("2.3", "12223"), ("2.4", "23"),
    ("3.1", "3"), ("3.2", "113"), ("3.3", "12223"), ("3.4", "11222233"), ("3.5", "11122333"), ("3.6", "3"),
    ("3.7", "22333"),
    ("4.1", "12233"), ("4.2", "23333"), ("4.3", "22"), ("4.4", "1222"),
    ("5.1", "2"), ("5.2", "112333"), ("5.3", "113"), ("5.4", "222"),
    ("6.1", "122"), ("6.2", "111111112222"), ("6.3", "11223333"), ("6.4", "112233"), ("6.5", "22222333"),
    ("6.6", "2223"), ("6.7", "33"), ("6.8", "2222"),
    ("7.1", "222"), ("7.2", "1111"), ("7.3", "22"), ("7.4", "11222"), ("7.5", "223"), ("7.6", "22"),
    ("8.1", "1233"), ("8.2", "1123"), ("8.3", "133"), ("8.4", "23"),
    ("9.1", "111"), ("9.2", "1222"),
    ("10.1", "22"), ("10.2", "223"), ("10.3", "22223"), ("10.4", "1111122222233333"), ("10.5", "22222"),
    ("10.6", "22"), ("10.7", "222"),
    ("11.1", "2233"), ("11.2", "22233"), ("11.3", "11233"), ("11.4", "1222"), ("11.5", "23"), ("11.6", "23"),
    ("11.7", "33"),
    ("12.1", "12233"), ("12.2", "11"), ("12.3", "22223"),
    ("13.1", "2333"), ("13.2", "222223"), ("13.3", "2233"), ("13.4", "1222233"),
    ("14.1", "22"), ("14.2", "12223333"), ("14.3", "122"),
    ("15.1", "12233"), ("15.2", "12233"), ("15.3", "1222222"), ("15.4", "3333"),
    ("16.1", "2"), ("16.2", "22222"), ("16.3", "2222"), ("16.4", "222"), ("16.5", "2223"),
    ("17.1", "23"), ("17.2", "22223333"), ("17.3", "22"),
];

/// Lines that are not of the standard, missing, twice or out of order; a level or status that is none;
/// `met` without a place; a path or a test that does not exist.
pub fn faults(repository: &Repository) -> Vec<String> {
    let Some(file) = repository.file(FILE) else {
        return vec![format!("{FILE} is missing")];
    };
    let mut rows = file.text.lines().map(fields);
    if rows.next().as_deref() != Some(&HEADER.map(str::to_owned)[..]) {
        return vec![format!(
            "{FILE}: the first line is not `{}`",
            HEADER.join(",")
        )];
    }
    let standard = lines_of_the_standard();
    let tests = tests_of(repository);
    let mut faults = Vec::new();
    let mut next = 0;
    for row in rows {
        let [id, level, status, place, test, note] = &row[..] else {
            faults.push(format!("{FILE}: `{}` has not six fields", row.join(",")));
            continue;
        };
        let found = standard.iter().position(|(known, _)| known == id);
        match found {
            None => faults.push(format!("{FILE}: {id} is no line of the standard")),
            Some(at) if at < next => faults.push(format!("{FILE}: {id} is twice or out of order")),
            Some(at) => {
                faults.extend(missing(&standard[next..at]));
                next = at + 1;
                if standard[at].1.to_string() != *level {
                    faults.push(format!("{FILE}: {id} is of level {}", standard[at].1));
                }
            }
        }
        if !["met", "partly", "no", "n/a"].contains(&status.as_str()) {
            faults.push(format!("{FILE}: {id}: `{status}` is no status"));
        }
        if status == "met" && place.is_empty() {
            faults.push(format!("{FILE}: {id} is met and says not where"));
        }
        if !place.is_empty() && !repository.holds(place) {
            faults.push(format!("{FILE}: {id}: `{place}` is not there"));
        }
        if !test.is_empty() && !tests.contains(test.as_str()) {
            faults.push(format!("{FILE}: {id}: no test `{test}`"));
        }
        if note.is_empty() {
            faults.push(format!("{FILE}: {id} has no note"));
        }
    }
    faults.extend(missing(&standard[next..]));
    faults
}

/// Tests that docs/threat-model.md names under "shown by" and that do not exist.
pub fn untold_threats(repository: &Repository) -> Vec<String> {
    let path = "docs/threat-model.md";
    let tests = tests_of(repository);
    let text = repository.file(path).map_or("", |file| &file.text);
    let named = shown_by(text);
    if named.is_empty() {
        return vec![format!("{path} names no test")];
    }
    let gone: BTreeSet<&str> = named
        .into_iter()
        .filter(|name| !tests.contains(name))
        .collect();
    gone.iter()
        .map(|name| format!("{path}: no test `{name}`"))
        .collect()
}

/// All lines of the standard with their levels, in order.
fn lines_of_the_standard() -> Vec<(String, char)> {
    let of_section = |(section, levels): &(&str, &'static str)| {
        let section = (*section).to_owned();
        let numbered = levels.chars().zip(1..);
        numbered.map(move |(level, number)| (format!("v5.0.0-{section}.{number}"), level))
    };
    SECTIONS.iter().flat_map(of_section).collect()
}

/// Of lines that were left out, those that may not be: the ones of levels 1 and 2.
fn missing(left_out: &[(String, char)]) -> impl Iterator<Item = String> {
    let needed = left_out.iter().filter(|(_, level)| *level != '3');
    needed.map(|(id, _)| format!("{FILE}: {id} is missing"))
}

/// The fields of a line of CSV. A field in quotes may hold commas.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => fields.last_mut().expect("there is always one").push(c),
        }
    }
    fields
}

#[test]
fn a_line_that_is_wrong_or_missing_is_found() {
    let rows: Vec<String> = lines_of_the_standard()
        .iter()
        .filter(|(id, level)| *level != '3' && id != "v5.0.0-17.3.2")
        .map(|(id, level)| match id.as_str() {
            "v5.0.0-1.1.1" => {
                format!("{id},{level},met,crates/a.rs,it_holds,\"quoted, and whole\"")
            }
            "v5.0.0-1.1.2" => format!("{id},{level},met,,it_helps,nowhere"),
            "v5.0.0-1.2.1" => format!("{id},3,maybe,crates/b.rs,,"),
            "v5.0.0-1.2.2" => "v5.0.0-1.1.1,2,no,,,again\nv5.0.0-9.9.9,2,no,,,odd".to_owned(),
            _ => format!("{id},{level},n/a,,,none"),
        })
        .collect();
    let text = format!("{}\n{}\n", HEADER.join(","), rows.join("\n"));
    let repository = Repository::planted(&[
        (FILE, &text),
        (
            "crates/a.rs",
            "#[test]\nfn it_holds() {}\n\nfn it_helps() {}\n",
        ),
    ]);
    assert_eq!(
        faults(&repository),
        [
            "docs/asvs.csv: v5.0.0-1.1.2 is met and says not where",
            "docs/asvs.csv: v5.0.0-1.1.2: no test `it_helps`",
            "docs/asvs.csv: v5.0.0-1.2.1 is of level 1",
            "docs/asvs.csv: v5.0.0-1.2.1: `maybe` is no status",
            "docs/asvs.csv: v5.0.0-1.2.1: `crates/b.rs` is not there",
            "docs/asvs.csv: v5.0.0-1.2.1 has no note",
            "docs/asvs.csv: v5.0.0-1.1.1 is twice or out of order",
            "docs/asvs.csv: v5.0.0-9.9.9 is no line of the standard",
            "docs/asvs.csv: v5.0.0-1.2.2 is missing",
            "docs/asvs.csv: v5.0.0-17.3.2 is missing",
        ]
    );
}

#[test]
fn a_threat_that_names_a_test_which_is_gone_is_found() {
    let table = "| attack | what holds | shown by |\n|---|---|---|\n\
                 | a | `not_a_test` | `it_holds`, `it_is_gone` |\n\n| a | what is missing |\n|---|---|\n\
                 | b | `nothing_here` |\n";
    let repository = Repository::planted(&[
        ("docs/threat-model.md", table),
        ("crates/a/tests/a.rs", "async fn it_holds(city: City) {}\n"),
    ]);
    assert_eq!(
        untold_threats(&repository),
        ["docs/threat-model.md: no test `it_is_gone`"]
    );
}
