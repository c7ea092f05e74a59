use std::fs;

use super::*;
use crate::mirror::{Memory, write_columns};

fn load(tables: &[(&str, &str)], cases: &[CaseRow]) -> Grouped {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in tables {
        fs::write(dir.path().join(name), text).unwrap();
    }
    read(dir.path(), cases)
}

fn read(dir: &Path, cases: &[CaseRow]) -> Grouped {
    let options = ReadOptions {
        now: None,
        keep_refused: false,
    };
    let reading = Reading {
        options,
        memory: Memory::Available,
        watch: &mut |_, _| {},
    };
    let people = Grouped::load(dir, cases, Extent::Everything, reading).unwrap();
    assert!(people.reports().iter().all(|report| report.refused == 0));
    people
}

const CONTACTS: (&str, &str) = (
    "contacts.csv",
    "person,with,relation,ring,first,last\n\
     zhao,chen,close,1,2020-02-08T00:00:00Z,2020-02-08T01:00:00Z\n\
     an,wu,close,1,2020-02-09T00:00:00Z,2020-02-09T01:00:00Z\n\
     an,chen,close,1,2020-02-07T00:00:00Z,2020-02-07T01:00:00Z\n\
     an,,close,1,2020-02-10T00:00:00Z,2020-02-10T01:00:00Z\n\
     an,nobody,close,1,2020-02-11T00:00:00Z,2020-02-11T01:00:00Z\n",
);
const PEOPLE_TABLE: (&str, &str) = (
    "people.csv",
    "person,region,birth_year,sex\nchen,3301,1950,female\nwu,3302,,male\nchen,330106,1951,female\n",
);
const VISITS: (&str, &str) = (
    "visits.csv",
    "person,venue,entered,left\n\
     chen,hall,2020-02-18T09:00:00Z,2020-02-18T10:00:00Z\n\
     an,hall,2020-02-18T09:30:00Z,2020-02-18T11:00:00Z\n\
     wu,hall,2020-02-18T09:50:00Z,2020-02-18T10:00:00Z\n",
);

fn case() -> CaseRow {
    CaseRow {
        person: "chen".into(),
        from: "2020-02-16T00:00:00Z".parse().unwrap(),
        until: "2020-02-19T00:00:00Z".parse().unwrap(),
    }
}

#[test]
fn whom_a_contact_was_with_lines_up_with_the_columns() {
    let people = load(&[CONTACTS, PEOPLE_TABLE], &[]);
    let [zhao, an, chen, wu] =
        ["zhao", "an", "chen", "wu"].map(|name| people.number(name).unwrap());
    let with = people.contact_with.as_deref().unwrap();
    let contacts = &people.columns.contacts.person;
    let pairs: Vec<_> = contacts.iter().copied().zip(with.iter().copied()).collect();
    let expected = [(zhao, chen), (an, chen), (an, wu), (an, NONE), (an, NONE)];
    assert_eq!(pairs, expected);
    assert_eq!(people.number("nobody"), None);
}

#[test]
fn of_two_rows_about_one_person_the_later_one_counts() {
    let people = load(&[PEOPLE_TABLE], &[]);
    let [chen, wu] =
        ["chen", "wu"].map(|name| people.groups[people.number(name).unwrap() as usize]);
    assert_eq!(chen.region, "330106".parse().ok());
    assert_eq!((chen.birth_year, wu.birth_year), (Some(1951), None));
    assert_eq!(people.sexes, ["female", "male"]);
    assert_eq!((chen.sex, wu.sex), (Some(0), Some(1)));
}

#[test]
fn who_met_a_case_is_traced_where_no_contacts_are_recorded() {
    let people = load(&[VISITS], &[case()]);
    let unix_seconds = |text: &str| engine::trace::unix_seconds(text.parse().unwrap());
    let during = Span {
        from: unix_seconds("2020-02-18T09:30:00Z"),
        until: unix_seconds("2020-02-18T10:00:00Z"),
    };
    // Ten minutes are too few.
    assert_eq!(people.traced, [(people.number("an").unwrap(), during)]);
    assert_eq!(load(&[VISITS, CONTACTS], &[case()]).traced, []);
    assert_eq!(load(&[VISITS], &[]).traced, []);
}

#[test]
fn a_mirror_calls_people_by_number_and_its_groups_lie_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    let people = load(&[CONTACTS], &[]);
    write_columns(&people.columns, &mirror).unwrap();
    let table = "person,region,birth_year,sex\n1,3301,1950,female\n7,3301,1950,female\n";
    fs::write(mirror.join("people.csv"), table).unwrap();
    let people = read(&mirror, &[]);
    assert_eq!((people.number("1"), people.number("2")), (Some(1), None));
    assert_eq!(people.contact_with, None);
    let years: Vec<_> = people
        .groups
        .iter()
        .map(|groups| groups.birth_year)
        .collect();
    assert_eq!(years, [None, Some(1950)]);
}
