//! Folders of tables.

use engine::trace::{Case, Contact, Search, Visit, VisitColumns, VisitRows, Visits};
use proptest::prelude::*;

use super::*;
use crate::mirror::{self, Memory};

#[test]
fn a_folder_becomes_a_population_with_the_same_identifiers_every_time() {
    let (dir, _) = folder(
        "declarations.csv",
        "person,at,symptoms,contact\nbo,100000060,,none\nan,0,fever,none\nbo,0,,none\n",
    );
    let hex = "0123456789abcdef0123456789abcdef";
    fs::write(
        dir.path().join("people.ndjson"),
        format!("{{\"person\":\"{hex}\"}}\n"),
    )
    .unwrap();
    fs::write(
        dir.path().join("regions.csv"),
        "region,level,from\n3301,high,0\n",
    )
    .unwrap();
    let load = || DataSet::load(dir.path(), KEEP).unwrap();
    let data = load();
    let names: Vec<_> = data
        .names()
        .in_order()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(names, [hex, "an", "bo"]);
    assert_eq!(data.names().find(hex).unwrap().to_string(), hex);
    let of_bo = data.evidence_of(data.names().find("bo").unwrap());
    let rows: Vec<_> = of_bo.iter().map(|e| data.origin(e.id).unwrap()).collect();
    assert_eq!(
        rows.iter().map(|origin| origin.row).collect::<Vec<_>>(),
        [4, 2]
    );
    assert_eq!(rows[0].table.name, "declarations");
    assert_eq!(
        data.authority(of_bo[0].authority).unwrap().name,
        "the table declarations"
    );
    assert_eq!(data.evidence_of(data.names().find(hex).unwrap()), []);
    assert!(!data.levels().is_empty());
    assert_eq!(data.evidence(), load().evidence());
}

#[test]
fn a_folder_with_a_table_twice_or_with_none_is_refused() {
    let (dir, _) = folder("visits.csv", "person,venue,entered\n");
    fs::write(dir.path().join("visits.ndjson"), "{}").unwrap();
    let refused = DataSet::load(dir.path(), KEEP).unwrap_err();
    assert!(matches!(refused, FileError::TwoFiles { .. }), "{refused}");
    let (dir, _) = folder("notes.txt", "nothing");
    let refused = DataSet::load(dir.path(), KEEP).unwrap_err().to_string();
    assert!(
        refused.contains("holds no table; expected files such as declarations.csv"),
        "{refused}"
    );
}

fn reading(watch: &mut (dyn FnMut(u64, u64) + Send)) -> Reading<'_> {
    Reading {
        options: KEEP,
        memory: Memory::Available,
        watch,
    }
}

/// The contacts that `trace` would write, with names.
fn traced(dir: &Path, cases: &[(&str, i64, i64)], rings: u8) -> Vec<Contact<String>> {
    let visits = FolderVisits::load(dir, reading(&mut |_, _| {})).unwrap();
    let cases: Vec<Case<u32>> = cases
        .iter()
        .filter_map(|(name, from, until)| {
            Some(Case {
                person: visits.number(name).unwrap()?,
                from: Timestamp::from_second(*from).unwrap(),
                until: Timestamp::from_second(*until).unwrap(),
            })
        })
        .collect();
    let contacts = visits
        .trace(&cases, &search(rings), &Room::new(dir, Memory::Available))
        .unwrap();
    let names = visits.names(&contacts).unwrap();
    let named = |contact: Contact<u32>| contact.map(|person| names.of(person).into_owned());
    contacts.into_iter().map(named).collect()
}

fn search(rings: u8) -> Search {
    Search {
        minutes: 5,
        rings,
        by_day: None,
    }
}

#[test]
fn visits_are_numbered_in_order_of_name() {
    let text = "person,venue,entered\nzoe,v,0\nan,v,0\nzoe,w,0\n";
    let (dir, _) = folder("visits.csv", text);
    let mut heard = (0, 0);
    let mut watch = |done, total| heard = (done, total);
    let visits = FolderVisits::load(dir.path(), reading(&mut watch)).unwrap();
    assert_eq!(
        (
            visits.names(&[]).unwrap().of(0).as_ref(),
            visits.number("zoe").unwrap(),
            visits.number("bo").unwrap()
        ),
        ("an", Some(1), None)
    );
    assert_eq!(visits.reports()[0].read, 3);
    assert_eq!(heard, (text.len() as u64, text.len() as u64));
}

proptest! {
    #![proptest_config(domain::testing::property_cases(256))]

    #[test]
    fn a_table_of_visits_is_traced_as_the_visits_by_name(
        rows in prop::collection::vec((0..9_usize, 0..4_u8, 0..200_i64, prop::option::of(0..40_i64)), 0..60),
        format in prop::sample::select(&Format::ALL),
        rings in 1..4_u8,
    ) {
        const PEOPLE: [&str; 9] = ["zoe", "an", "bo", "李", "AN", "ab", "b", "person-000000000000000001", "person-000000000000000000"];
        let minute = |minutes: i64| 1_582_000_000 + minutes * 60;
        let named: Vec<_> = rows.iter().map(|(person, venue, entered, long)| {
            let left = long.map(|long| minute(entered + long));
            (PEOPLE[*person], format!("v{venue}"), minute(*entered), left)
        }).collect();
        let (dir, path) = folder(&format!("visits.{}", format.extension()), "");
        write_visits(&path, format, &named);
        let at = |second| Timestamp::from_second(second).unwrap();
        let by_name = Visits::new(named.iter().map(|(person, venue, entered, left)| Visit {
            person: *person,
            venue: venue.as_str(),
            entered: at(*entered),
            left: left.map(at),
        }));
        let windows = [("zoe", minute(0), minute(150)), ("AN", minute(20), minute(90))];
        let cases = windows.map(|(person, from, until)| Case { person, from: at(from), until: at(until) });
        let expected: Vec<_> = by_name.trace(&cases, &search(rings)).into_iter().map(|contact| contact.map(str::to_owned)).collect();
        prop_assert_eq!(traced(dir.path(), &windows, rings), expected);
    }
}

proptest! {
    #![proptest_config(domain::testing::property_cases(128))]

    #[test]
    fn the_groups_of_the_cases_are_enough_to_find_ring_one(
        visits in prop::collection::vec((0..6_usize, 0..3_u8, 0..90_i64, 1..40_i64), 0..20),
        members in prop::collection::vec((0..8_usize, 0..4_u8, 0..3_usize, 0..90_i64, 1..90_i64), 0..40),
        cases in prop::collection::vec((0..8_usize, 0..60_i64, 1..90_i64), 1..4),
    ) {
        const PEOPLE: [&str; 8] = ["zoe", "an", "bo", "李", "AN", "ab", "nobody else", "x"];
        let minute = |minutes: i64| 1_582_000_000 + minutes * 60;
        let (dir, path) = folder("visits.csv", "");
        let visits: Vec<_> = visits.iter().map(|(person, venue, entered, long)| {
            (PEOPLE[*person], format!("v{venue}"), minute(*entered), Some(minute(entered + long)))
        }).collect();
        write_visits(&path, Format::Csv, &visits);
        let rows: String = members.iter().map(|(person, group, kind, from, long)| {
            let kind = ["household", "building", "vehicle"][*kind];
            format!("{},g{group},{kind},{},{}\n", PEOPLE[*person], minute(*from), minute(from + long))
        }).collect();
        fs::write(dir.path().join("companions.csv"), format!("person,group,relation,from,until\n{rows}")).unwrap();
        let visits = FolderVisits::load(dir.path(), reading(&mut |_, _| {})).unwrap();
        let names: Vec<String> = cases.iter().map(|(person, ..)| PEOPLE[*person].to_owned()).collect();
        let traced = |around: Option<&[String]>| {
            let people = FolderGroupContacts::load(dir.path(), &visits, reading(&mut |_, _| {}), around).unwrap();
            let cases: Vec<_> = cases.iter().filter_map(|(person, from, long)| Some(Case {
                person: people.number(PEOPLE[*person]).unwrap()?,
                from: Timestamp::from_second(minute(*from)).unwrap(),
                until: Timestamp::from_second(minute(from + long)).unwrap(),
            })).collect();
            let room = Room::new(dir.path(), Memory::Available);
            let contacts = people.trace(&cases, &search(1), &room).unwrap();
            let names = people.names(&contacts).unwrap();
            contacts.into_iter().map(|one| one.map(|person| names.of(person).into_owned())).collect::<Vec<_>>()
        };
        prop_assert_eq!(traced(Some(&names)), traced(None));
    }
}

fn write_visits(path: &Path, format: Format, rows: &[(&str, String, i64, Option<i64>)]) {
    let maybe = |left: &Option<i64>| left.map_or_else(String::new, |left| left.to_string());
    let text: String = match format {
        Format::Csv => rows
            .iter()
            .map(|(person, venue, entered, left)| format!("{person},{venue},{entered},{}\n", maybe(left)))
            .collect(),
        _ => rows
            .iter()
            .map(|(person, venue, entered, left)| {
                let row = serde_json::json!({"person": person, "venue": venue, "entered": entered, "left": left});
                format!("{row}\n")
            })
            .collect(),
    };
    match format {
        Format::Csv => fs::write(path, format!("person,venue,entered,left\n{text}")).unwrap(),
        Format::Ndjson if text.is_empty() => fs::write(path, "\n").unwrap(),
        Format::Ndjson => fs::write(path, text).unwrap(),
        Format::Parquet => {
            let people: Vec<&str> = rows.iter().map(|row| row.0).collect();
            let venues: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
            let entered: Vec<i64> = rows.iter().map(|row| row.2).collect();
            let left: Vec<Option<i64>> = rows.iter().map(|row| row.3).collect();
            parquet(
                path,
                vec![
                    ("person", Arc::new(StringArray::from(people))),
                    ("venue", Arc::new(StringArray::from(venues))),
                    ("entered", Arc::new(Int64Array::from(entered))),
                    ("left", Arc::new(Int64Array::from(left))),
                ],
            );
        }
    }
}

#[test]
fn sorted_files_of_visits_are_traced_where_they_lie_and_people_are_numbers() {
    let mut rows = VisitRows::default();
    for (person, entered) in [(0, 0), (11, 10), (2, 4000)] {
        rows.push(Visit {
            person,
            venue: 0,
            entered: Timestamp::from_second(entered).unwrap(),
            left: Timestamp::from_second(entered + 3600).ok(),
        });
    }
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    mirror::write_visits(&VisitColumns::new(12, 1, rows), &mirror).unwrap();
    let contacts = traced(&mirror, &[("0", 0, 86_400), ("12", 0, 86_400)], 1);
    let found: Vec<_> = contacts
        .iter()
        .map(|contact| {
            (
                contact.case.as_str(),
                contact.person.as_str(),
                contact.minutes,
            )
        })
        .collect();
    assert_eq!(found, [("0", "11", 59)]);

    fs::write(mirror.join("visits.csv"), "person,venue,entered\n").unwrap();
    let refused = FolderVisits::load(&mirror, reading(&mut |_, _| {})).unwrap_err();
    assert!(refused.to_string().contains("visits.csv"), "{refused}");
}

#[test]
fn visits_that_would_not_fit_are_refused_before_they_are_read() {
    let rows = "p1,v1,1582156800\n".repeat(10_000);
    let (dir, path) = folder("visits.csv", format!("person,venue,entered\n{rows}"));
    let mut watch = |_, _| {};
    let tight = Reading {
        memory: Memory::AtMost(1 << 17),
        ..reading(&mut watch)
    };
    let refused = FolderVisits::load(dir.path(), tight).unwrap_err();
    assert!(matches!(refused, FileError::TooLarge { .. }), "{refused}");
    assert!(refused.to_string().contains(&path.display().to_string()));
}
