//! A made-up city of 40 people for tests, as files.
//!
//! On 18 February 2020 the last of these things happened (noon of the 20th is when they are decided):
//! p00 to p11 live with p39, who tested positive; p12 to p26 were at the same venue; p27 to p29
//! report a fever. Everybody declared except p30 to p39. p00 to p19 live in county 330106, p20 to
//! p31 in 330108, the others in the city 3302.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use domain::{Policy, Timestamp};
use tempfile::TempDir;

use super::People;
use crate::files::{CaseRow, ReadOptions, Reading};
use crate::mirror::Memory;

/// Household contacts red, venue contacts yellow.
pub(super) fn old_policy() -> Policy {
    policy("town", 1, &[HOUSEHOLD, VENUE, POSITIVE])
}

/// Venue contacts free; a fever is yellow.
pub(super) fn new_policy() -> Policy {
    policy("town", 2, &[HOUSEHOLD, POSITIVE, FEVER])
}

pub(super) const HOUSEHOLD: &str = r#"
[[rule]]
id = "household"
reads = "contact"
where = { ring = 1, relation = "household" }
gives = "red"
starts = "last"
lasts = "14d"
title.en = "You live with somebody who is ill"
reason.en = "Last on {last}."
guidance.en = "Stay at home until {until}."
"#;

pub(super) const VENUE: &str = r#"
[[rule]]
id = "venue"
reads = "contact"
where = { ring = 1, relation = "venue" }
gives = "yellow"
starts = "last"
lasts = "7d"
title.en = "Same place as somebody who is ill"
reason.en = "Last on {last}."
guidance.en = "Stay at home until {until}."
"#;

pub(super) const POSITIVE: &str = r#"
[[rule]]
id = "positive"
reads = "test"
where = { result = "positive" }
gives = "red"
starts = "sampled"
lasts = "14d"
title.en = "Your test was positive"
reason.en = "The test of {sampled} found the virus."
guidance.en = "Stay at home until {until}."
"#;

pub(super) const FEVER: &str = r#"
[[rule]]
id = "fever"
reads = "declaration"
where = { symptoms = ["fever"] }
gives = "yellow"
starts = "at"
lasts = "7d"
title.en = "You have a fever"
reason.en = "You said so on {at}."
guidance.en = "Stay at home until {until}."
"#;

pub(super) fn policy(id: &str, version: u32, rules: &[&str]) -> Policy {
    let head = format!(
        r#"
[policy]
id = "{id}"
version = {version}
issuer = "3301"
time_zone = "Asia/Shanghai"
effective = 2020-02-01T00:00:00+08:00
look_back = "40d"
languages = ["en"]
contest.en = "Call 12345."

[declaration]
lasts = "14d"
"#
    );
    Policy::parse(&(head + &rules.concat())).unwrap()
}

/// Noon of 20 February 2020.
pub(super) fn noon() -> Timestamp {
    "2020-02-20T12:00:00+08:00".parse().unwrap()
}

const ON_THE_18TH: &str = "2020-02-18T09:00:00+08:00";

/// The tables as name and text.
pub(super) fn tables() -> Vec<(&'static str, String)> {
    let mut declarations = "person,at,symptoms,contact\n".to_owned();
    for person in 0..30 {
        let symptoms = if person >= 27 { "fever" } else { "" };
        let _ = writeln!(declarations, "p{person:02},{ON_THE_18TH},{symptoms},none");
    }
    let mut contacts = "person,with,relation,ring,first,last\n".to_owned();
    for person in 0..27 {
        let relation = if person < 12 { "household" } else { "venue" };
        let _ = writeln!(
            contacts,
            "p{person:02},p39,{relation},1,{ON_THE_18TH},{ON_THE_18TH}"
        );
    }
    let mut people = "person,region,birth_year,sex\n".to_owned();
    for person in 0..40 {
        let region = match person {
            0..20 => "330106",
            20..32 => "330108",
            _ => "3302",
        };
        let (year, sex) = (
            1950 + person,
            if person % 2 == 0 { "female" } else { "male" },
        );
        let _ = writeln!(people, "p{person:02},{region},{year},{sex}");
    }
    vec![
        ("declarations.csv", declarations),
        ("contacts.csv", contacts),
        ("people.csv", people),
        (
            "tests.csv",
            format!(
                "person,kind,result,sampled,reported\np39,pcr,positive,{ON_THE_18TH},{ON_THE_18TH}\n"
            ),
        ),
    ]
}

/// A folder of these tables.
pub(super) fn folder_of(tables: &[(&str, String)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in tables {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// What the lab reads in a folder.
pub(super) fn people_in(dir: &Path, cases: &[CaseRow]) -> People {
    let options = ReadOptions {
        now: None,
        keep_refused: false,
    };
    let reading = Reading {
        options,
        memory: Memory::Available,
        watch: &mut |_, _| {},
    };
    let people = People::load(dir, cases, reading).unwrap();
    assert!(people.reports().iter().all(|report| report.refused == 0));
    people
}

pub(super) fn people_of(tables: &[(&str, String)]) -> People {
    people_in(folder_of(tables).path(), &[])
}
