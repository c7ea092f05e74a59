//! Folders of tables.

use super::*;

#[test]
fn a_folder_becomes_a_population_with_the_same_identifiers_every_time() {
    let (dir, _) = folder(
        "declarations.csv",
        "person,at,symptoms,contact\nbo,60,,none\nan,0,fever,none\nbo,0,,none\n",
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

#[test]
fn visits_are_numbered_in_order_of_name() {
    let (dir, _) = folder(
        "visits.csv",
        "person,venue,entered\nzoe,v,0\nan,v,0\nzoe,w,0\n",
    );
    let table = VisitTable::load(dir.path(), KEEP).unwrap();
    let people: Vec<_> = table.visits.iter().map(|visit| visit.person).collect();
    assert_eq!(people, [1, 0, 1]);
    assert_eq!(
        (table.name(0), table.number("zoe"), table.number("bo")),
        ("an", Some(1), None)
    );
}
