//! A mirror written page by page.

use std::fs;
use std::path::Path;

use domain::evidence::Dose;
use domain::testing::any_evidence;
use domain::{Evidence, EvidenceId, Fact, PersonId, Timestamp, VenueId};
use engine::columns::ColumnsBuilder;
use engine::trace::{Case, Search, Visit, VisitColumns, VisitRows};
use proptest::prelude::*;

use super::visits::VisitFiles;
use super::{
    Manifest, Memory, MirrorWriter, PersonFacts, PersonFinder, Persons, Scope, VisitsWriter,
    read_columns, read_visits,
};
use crate::files::FileError;

type Known = Vec<(EvidenceId, Fact)>;

/// Each person's evidence with identifiers of its own.
fn own(person: usize, evidence: &[Evidence]) -> Known {
    let own = |id: EvidenceId| EvidenceId::from_u128((person as u128) << 64 | id.as_u128());
    let piece = |piece: &Evidence| {
        let mut fact = piece.fact.clone();
        if let Fact::Withdrawal { of, .. } = &mut fact {
            *of = own(*of);
        }
        (own(piece.id), fact)
    };
    evidence.iter().map(piece).collect()
}

fn id(person: usize) -> PersonId {
    PersonId::from_u128((person as u128 + 1) << 100)
}

fn write(dir: &Path, people: &[Known], page: usize) -> (Manifest, [u8; 32]) {
    let mut writer = MirrorWriter::begin(dir).unwrap();
    let numbered: Vec<(usize, &Known)> = people.iter().enumerate().collect();
    for page in numbered.chunks(page) {
        let rows = page.iter().map(|(person, evidence)| PersonFacts {
            person: id(*person),
            revision: *person as u64 + 1,
            evidence,
        });
        writer.add(&rows.collect::<Vec<_>>()).unwrap();
    }
    writer.finish().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn product(name: &str, number: u128) -> (EvidenceId, Fact) {
    let fact = Fact::vaccination(name.to_owned(), Dose::FIRST, at(1_600_000_000));
    (EvidenceId::from_u128(number), fact)
}

proptest! {
    #![proptest_config(domain::testing::property_cases(48))]

    #[test]
    fn page_by_page_gives_the_same_as_all_at_once(
        people in prop::collection::vec(any_evidence(8), 0..9),
        page in 1_usize..5,
    ) {
        let people: Vec<Known> = people.iter().enumerate().map(|(n, e)| own(n, e)).collect();
        let mut builder = ColumnsBuilder::new(people.len() as u32);
        for (person, evidence) in people.iter().enumerate() {
            for (id, fact) in evidence {
                builder.push(person as u32, *id, fact).unwrap();
            }
        }
        let expected = builder.finish();
        let dir = tempfile::tempdir().unwrap();
        let mirror = dir.path().join("mirror");
        let (manifest, hash) = write(&mirror, &people, page);
        prop_assert_eq!(manifest.people, people.len() as u64);
        prop_assert_eq!(manifest.facts, people.iter().map(|e| e.len() as u64).sum::<u64>());
        let read = read_columns(&mirror, Scope::Everything, Memory::Available).unwrap();
        prop_assert_eq!(read.people, expected.people);
        for person in 0..expected.people {
            prop_assert_eq!(read.evidence_of(person), expected.evidence_of(person));
        }
        let persons: Vec<_> = Persons::open(&mirror).unwrap().collect::<Result<_, _>>().unwrap();
        for (place, person) in persons.iter().enumerate() {
            prop_assert_eq!((person.number, person.id, person.revision), (place as u32, id(place), place as u64 + 1));
        }
        prop_assert_eq!(persons.len(), people.len());
        prop_assert_eq!(Manifest::read(&mirror).unwrap(), (manifest.clone(), hash));
        manifest.check(&mirror).unwrap();
    }
}

/// A mirror of so many people about whom nothing is known, with visits of theirs and of others.
fn with_visits(dir: &Path, people: usize) -> VisitsWriter {
    let mut writer = MirrorWriter::begin(dir).unwrap();
    for person in 0..people {
        let page = [PersonFacts {
            person: id(person),
            revision: 1,
            evidence: &[],
        }];
        writer.add(&page).unwrap();
    }
    writer.then_visits(Memory::Available).unwrap()
}

fn visit(
    person: usize,
    venue: u32,
    entered: i64,
    minutes: Option<i64>,
) -> Visit<PersonId, VenueId> {
    let entered = 1_581_000_000 + entered * 60;
    Visit {
        person: id(person),
        venue: VenueId::from_u128(u128::from(venue) << 90),
        entered: at(entered),
        left: minutes.map(|minutes| at(entered + minutes * 60)),
    }
}

proptest! {
    #![proptest_config(domain::testing::property_cases(48))]

    #[test]
    fn visits_written_page_by_page_are_those_that_came(
        visits in prop::collection::vec(
            (0..9_usize, 0..5_u32, 0..900_i64, prop::option::of(-5..200_i64)), 0..60),
        page in 1_usize..20,
        window in (0..900_i64, 0..900_i64),
    ) {
        let mut visits: Vec<_> = visits
            .into_iter()
            .map(|(person, venue, entered, minutes)| visit(person, venue, entered, minutes))
            .collect();
        visits.sort_by_key(|visit| (visit.venue, visit.entered));
        let dir = tempfile::tempdir().unwrap();
        let mirror = dir.path().join("mirror");
        // The last two are not in the mirror.
        let mut writer = with_visits(&mirror, 7);
        visits.chunks(page).for_each(|page| writer.add(page).unwrap());
        let known = |visit: &Visit<PersonId, VenueId>| visit.person < id(7);
        let unknown = visits.iter().filter(|visit| !known(visit)).count();
        prop_assert_eq!(writer.left_out(), unknown as u64);
        let (manifest, hash) = writer.finish().unwrap();
        prop_assert_eq!(Manifest::read(&mirror).unwrap(), (manifest.clone(), hash));
        manifest.check(&mirror).unwrap();
        let mut there: Vec<String> = fs::read_dir(&mirror)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != Manifest::NAME)
            .collect();
        there.sort_unstable();
        let listed: Vec<&String> = manifest.files.iter().map(|file| &file.name).collect();
        prop_assert_eq!(there.iter().collect::<Vec<_>>(), listed);

        let mut rows = VisitRows::default();
        for visit in visits.iter().filter(|visit| known(visit)) {
            rows.push(Visit {
                person: (visit.person.as_u128() >> 100) as u32 - 1,
                venue: (visit.venue.as_u128() >> 90) as u32,
                entered: visit.entered,
                left: visit.left,
            });
        }
        let expected = VisitColumns::new(7, 5, rows);
        let read = read_visits(&mirror, Memory::Available).unwrap();
        prop_assert_eq!(read.len(), expected.len());
        let cases: Vec<Case<u32>> = (0..7)
            .map(|person| Case {
                person,
                from: at(1_581_000_000 + window.0 * 60),
                until: at(1_581_000_000 + (window.0 + window.1) * 60),
            })
            .collect();
        let search = Search { minutes: 10, rings: 2, by_day: None };
        let expected = expected.trace(&cases, &search);
        prop_assert_eq!(&read.trace(&cases, &search), &expected);
        prop_assert_eq!(&VisitFiles::open(&mirror).unwrap().trace(&cases, &search).unwrap(), &expected);
    }
}

#[test]
fn visits_out_of_order_and_too_many_people_for_the_memory_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = with_visits(&dir.path().join("mirror"), 2);
    let page = [visit(0, 1, 9, None), visit(1, 1, 8, None)];
    let text = writer.add(&page).unwrap_err().to_string();
    assert!(text.contains("order of venue"), "{text}");

    let writer = MirrorWriter::begin(&dir.path().join("other")).unwrap();
    let tight = Memory::AtMost(VisitsWriter::memory(0) - 1);
    let refused = writer.then_visits(tight).map(drop).unwrap_err();
    assert!(matches!(refused, FileError::TooLarge { .. }), "{refused}");
}

#[test]
fn people_are_found_by_identifier_and_by_number() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    assert!(PersonFinder::open(dir.path()).unwrap().is_none());
    write(&mirror, &vec![Vec::new(); 50_000], 20_000);
    let finder = PersonFinder::open(&mirror).unwrap().unwrap();
    for number in [0, 1, 19_999, 20_000, 49_999] {
        assert_eq!(finder.number(id(number)).unwrap(), Some(number as u32));
    }
    for stranger in [
        PersonId::from_u128(1),
        id(50_000),
        PersonId::from_u128((3 << 100) + 1),
    ] {
        assert_eq!(finder.number(stranger).unwrap(), None);
    }
    let found = finder.ids(&[0, 7, 8, 30_000, 49_999]).unwrap();
    assert_eq!(found, [0, 7, 8, 30_000, 49_999].map(id));
    assert_eq!(finder.ids(&[]).unwrap(), []);
}

#[test]
fn whoever_has_a_fact_that_columns_cannot_hold_is_marked() {
    let late = Fact::vaccination(
        "CoronaVac".into(),
        Dose::FIRST,
        "2200-01-01T00:00:00Z".parse().unwrap(),
    );
    let people = [
        vec![product("CoronaVac", 1)],
        vec![(EvidenceId::from_u128(2), late), product("CoronaVac", 3)],
    ];
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    let (manifest, _) = write(&mirror, &people, 9);
    assert_eq!((manifest.facts, manifest.left_out), (2, 1));
    let persons = Persons::open(&mirror).unwrap();
    let revisions: Vec<u64> = persons.map(|person| person.unwrap().revision).collect();
    assert_eq!(revisions, [1, 0]);
}

#[test]
fn more_words_than_have_numbers_mark_whoever_brings_them() {
    let people: Vec<Known> = (0..65_600)
        .map(|number| vec![product(&format!("product {number}"), number)])
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    let (manifest, _) = write(&mirror, &people, 5_000);
    assert_eq!((manifest.facts, manifest.left_out), (65_535, 65));
    let read = read_columns(&mirror, Scope::Everything, Memory::Available).unwrap();
    assert_eq!(read.vaccinations.len(), 65_535);
}

#[test]
fn people_out_of_order_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = MirrorWriter::begin(&dir.path().join("mirror")).unwrap();
    let page = [2, 1].map(|person| PersonFacts {
        person: id(person),
        revision: 1,
        evidence: &[],
    });
    let text = writer.add(&page).unwrap_err().to_string();
    assert!(text.contains("order of identifier"), "{text}");
}

#[test]
fn a_file_that_is_changed_missing_or_cut_is_noticed() {
    let people = vec![vec![product("CoronaVac", 1)]; 1];
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    let (manifest, _) = write(&mirror, &people, 1);
    let path = mirror.join("vaccinations.parquet");
    let whole = fs::read(&path).unwrap();

    let mut changed = whole.clone();
    changed[whole.len() / 3] ^= 1;
    fs::write(&path, &changed).unwrap();
    let error = manifest.check(&mirror).unwrap_err();
    assert!(matches!(error, FileError::Damaged { .. }), "{error}");
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let error = manifest.check(&mirror).unwrap_err();
    assert!(matches!(error, FileError::Damaged { .. }), "{error}");
    fs::remove_file(&path).unwrap();
    let error = manifest.check(&mirror).unwrap_err();
    assert!(matches!(error, FileError::Read { .. }), "{error}");

    let list = mirror.join(Manifest::NAME);
    let text = fs::read_to_string(&list).unwrap();
    let outside = text.replace("vaccinations.parquet", "../vaccinations.parquet");
    for text in [
        "{}",
        "",
        &outside,
        &text.replace("\"layout\": \"1\"", "\"layout\": \"9\""),
    ] {
        fs::write(&list, text).unwrap();
        let error = Manifest::read(&mirror).unwrap_err();
        assert!(matches!(error, FileError::NotMirror { .. }), "{error}");
    }
}
