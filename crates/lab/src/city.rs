//! A made-up city of 40 people for tests, as tables.
//!
//! On 18 February 2020 the last of these things happened (noon of the 20th is when they are decided):
//! p00 to p11 live with p39, who tested positive; p12 to p26 were at the same venue; p27 to p29
//! report a fever. Everybody declared except p30 to p39. p00 to p19 live in county 330106, p20 to
//! p31 in 330108, the others in the city 3302.

use std::collections::HashMap;
use std::fmt::Write as _;

use domain::evidence::{OpenPeriod, Period, Ring, Symptom};
use domain::{EvidenceId, Fact, Policy, RegionLevels, Timestamp};
use engine::columns::{ColumnsBuilder, NONE};

use crate::people::{Belonging, People};

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

/// What the lab makes of tables.
pub(super) fn people_of(tables: &[(&str, String)]) -> People {
    let names = names(tables);
    let number = |name: &str| names.iter().position(|other| *other == name);
    let mut builder = ColumnsBuilder::new(names.len() as u32);
    let (mut met, mut groups) = (Vec::new(), vec![Belonging::default(); names.len()]);
    let sexes = ["female", "male"].map(str::to_owned).to_vec();
    for (place, (table, row)) in rows(tables).enumerate() {
        let person = number(row["person"]).unwrap();
        let fact = match table {
            "declarations.csv" => Fact::declaration(
                row["at"].parse().unwrap(),
                row["symptoms"].parse::<Symptom>().into_iter().collect(),
                None,
                row["contact"].parse().unwrap(),
            ),
            "contacts.csv" => Fact::contact(
                None,
                row["relation"].parse().unwrap(),
                Ring::new(row["ring"].parse().unwrap()).unwrap(),
                Period::new(row["first"].parse().unwrap(), row["last"].parse().unwrap()).unwrap(),
                None,
            ),
            "tests.csv" => Fact::test(
                row["kind"].parse().unwrap(),
                row["result"].parse().unwrap(),
                OpenPeriod::new(
                    row["sampled"].parse().unwrap(),
                    row["reported"].parse().ok(),
                )
                .unwrap(),
                None,
            ),
            "diagnoses.csv" => Fact::diagnosis(
                row["status"].parse().unwrap(),
                row["at"].parse().unwrap(),
                None,
            ),
            _ => {
                let sex = |word: &&str| sexes.iter().position(|sex| sex == word);
                groups[person] = Belonging {
                    region: row.get("region").and_then(|region| region.parse().ok()),
                    birth_year: row.get("birth_year").and_then(|year| year.parse().ok()),
                    sex: row.get("sex").and_then(sex).map(|place| place as u8),
                };
                continue;
            }
        };
        if let Fact::Contact { period, .. } = fact {
            let with = number(row["with"]).map_or(NONE, |with| with as u32);
            met.push((person, period.begin(), with));
        }
        builder
            .push(person as u32, EvidenceId::from_u128(place as u128), &fact)
            .unwrap();
    }
    // In the order of the columns.
    met.sort_by_key(|(person, first, _)| (*person, *first));
    let with: Vec<u32> = met.into_iter().map(|(_, _, with)| with).collect();
    People::new(builder.finish(), RegionLevels::default(), Some(&with)).with_groups(groups, sexes)
}

/// The number of somebody whom tables name.
pub(super) fn number(tables: &[(&str, String)], name: &str) -> Option<u32> {
    let place = names(tables).iter().position(|other| *other == name);
    place.map(|place| place as u32)
}

/// Everybody about whom there is a row, in order of appearance.
fn names<'t>(tables: &'t [(&str, String)]) -> Vec<&'t str> {
    let mut names = Vec::new();
    for (_, row) in rows(tables) {
        if !names.contains(&row["person"]) {
            names.push(row["person"]);
        }
    }
    names
}

/// The rows by column, each with the name of its table.
fn rows<'t>(
    tables: &'t [(&str, String)],
) -> impl Iterator<Item = (&'t str, HashMap<&'t str, &'t str>)> {
    tables.iter().flat_map(|(table, text)| {
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        lines.map(move |line| (*table, header.split(',').zip(line.split(',')).collect()))
    })
}
