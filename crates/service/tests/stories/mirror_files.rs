//! What a generation of the mirror says by itself, to a reader who has nothing but its folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Level, PersonId, Policy, RegionLevel};
use engine::trace::{Case, Search};
use jiff::SignedDuration;
use service::{MirrorError, Scan};
use store::Store;
use tables::files::{FolderVisits, ReadOptions, Reading, ResultWriter, Room};
use tables::mirror::Memory;
use tables::population::{self, decide_folder};

use crate::city::{City, POLICY, Persona, Seeded};
use crate::mirror::{Kept, mirror, people};

crate::stories! {
    a_generation_is_decided_without_any_other_file
    contacts_are_traced_in_a_generation_as_in_the_record
    visits_of_a_generation_that_are_damaged_are_noticed
    a_writer_that_ends_among_the_visits_leaves_nothing
}

fn reading(watch: &mut (dyn FnMut(u64, u64) + Send)) -> Reading<'_> {
    Reading {
        options: ReadOptions {
            now: None,
            keep_refused: false,
        },
        memory: Memory::Available,
        watch,
    }
}

fn generation(kept: &Kept, number: u64) -> PathBuf {
    kept.folder.join(format!("generation-{number:06}"))
}

async fn store(city: &City) -> Store {
    Store::open(&city.base.url, &Seeded::new(7)).await.unwrap()
}

/// The colour of everybody, as the files alone give it.
fn decided(city: &City, dir: &Path) -> BTreeMap<String, String> {
    let policy = Policy::parse(POLICY).unwrap();
    let decided = decide_folder(&policy, dir, city.now(), reading(&mut |_, _| {})).unwrap();
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("verdicts.csv");
    let mut writer = ResultWriter::create(&path, population::COLUMNS).unwrap();
    decided.write(&mut writer, |_| {}).unwrap();
    writer.finish().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let mut cell = || cells.next().unwrap().to_owned();
        (cell(), cell())
    });
    rows.collect()
}

async fn a_generation_is_decided_without_any_other_file(city: City) {
    let level = |region: &str, level, hours| RegionLevel {
        region: region.parse().unwrap(),
        level,
        from: city.ago(hours),
        until: None,
    };
    // Of two for one region that begin together, the one published last holds.
    let levels = [
        level("42", Level::Low, 200),
        level("42", Level::High, 200),
        level("33", Level::Low, 100),
    ];
    city.service
        .publishing
        .publish_levels(&city.publisher().await, &levels)
        .await
        .unwrap();
    people(&city, 6, 5).await;
    let wu = city.resident("Wu").await;
    city.submit(city.health.submitter(), &wu, city.contact(5))
        .await;
    let li = city.resident("Li").await;
    let port = city.venue("North Port", Some("port")).await;
    city.was_at(&li, port, 10, 60).await;
    city.register("Chen", None).await;
    let kept = Kept::of(&city).await;
    assert_eq!(kept.write().await.people, 14);

    let found = decided(&city, &generation(&kept, 1));
    let store = store(&city).await;
    let mut stored = BTreeMap::new();
    let people = store.read("people", (), |tx, ()| {
        Box::pin(store::people::after(tx, None, 100))
    });
    for person in people.await.unwrap() {
        let verdict = store.read("verdict", person, |tx, person| {
            Box::pin(store::verdicts::find(tx, *person))
        });
        let verdict = verdict.await.unwrap().unwrap();
        let status = verdict.verdict.status.as_str();
        stored.insert(person.to_string(), status.to_owned());
    }
    assert_eq!(found, stored);
    let count = |colour: &str| found.values().filter(|found| *found == colour).count();
    assert_eq!((count("red"), count("yellow")), (6 + 1, 1));

    // Levels of later are not in it.
    city.service
        .publishing
        .publish_levels(&city.publisher().await, &[level("42", Level::Low, 1)])
        .await
        .unwrap();
    assert_eq!(decided(&city, &generation(&kept, 1)), found);
}

/// Whom a case met in the last two days, for how many minutes, as the files alone tell.
fn traced(city: &City, dir: &Path, case: &str) -> Vec<(u8, String, u32)> {
    let visits = FolderVisits::load(dir, reading(&mut |_, _| {})).unwrap();
    assert!(matches!(visits, FolderVisits::Mirror(_)));
    let case = Case {
        person: visits.number(case).unwrap().unwrap(),
        from: city.ago(48),
        until: city.now(),
    };
    let search = Search {
        minutes: 15,
        rings: 2,
        by_day: None,
    };
    let contacts = visits
        .trace(&[case], &search, &Room::new(dir, Memory::Available))
        .unwrap();
    let names = visits.names(&contacts).unwrap();
    let contacts = contacts.iter().map(|one| {
        assert!(names.of(one.case).parse::<PersonId>().is_ok());
        (one.ring, names.of(one.person).into_owned(), one.minutes)
    });
    contacts.collect()
}

/// Enters and does not leave.
async fn enters(city: &City, who: &Persona, venue: domain::VenueId, hours_ago: i64) {
    let scan = Scan {
        sign: None,
        id: city.key(),
        venue,
        entered: city.ago(hours_ago),
        left: None,
    };
    let receipt = city
        .service
        .visits
        .upload_scans(&who.resident, &[scan])
        .await;
    assert_eq!(receipt.unwrap().refused, []);
}

async fn contacts_are_traced_in_a_generation_as_in_the_record(city: City) {
    people(&city, 2, 9).await;
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    // Of whom nothing is known but visits.
    let chen = city.register("Chen", None).await;
    let zhao = city.resident("Zhao").await;
    let (market, port) = (
        city.venue("Market", None).await,
        city.venue("Port", Some("port")).await,
    );
    city.was_at(&li, market, 10, 60).await;
    city.was_at(&wu, market, 10, 30).await;
    city.was_at(&zhao, market, 9, 30).await;
    enters(&city, &chen, market, 9).await;
    enters(&city, &li, port, 5).await;
    city.was_at(&zhao, port, 3, 90).await;
    let kept = Kept::of(&city).await;
    kept.write().await;

    let dir = generation(&kept, 1);
    let mut found = traced(&city, &dir, &li.id().to_string());
    found.sort_unstable();
    // Li left the market when Chen and Zhao came, and did not leave the port; Zhao met Chen there.
    let mut expected = vec![(1, wu.id().to_string(), 30), (1, zhao.id().to_string(), 90)];
    expected.sort_unstable();
    assert_eq!(found, expected);
    let met = traced(&city, &dir, &zhao.id().to_string());
    assert!(met.contains(&(1, chen.id().to_string(), 30)), "{met:?}");

    // It is as of its time; the next one knows more.
    city.was_at(&wu, port, 3, 60).await;
    assert_eq!(traced(&city, &dir, &li.id().to_string()).len(), 2);
    kept.write().await;
    let newer = traced(&city, &generation(&kept, 2), &li.id().to_string());
    let wu = (1, wu.id().to_string(), 90);
    assert!(newer.contains(&wu), "{newer:?}");
}

async fn visits_of_a_generation_that_are_damaged_are_noticed(city: City) {
    let li = city.resident("Li").await;
    let market = city.venue("Market", None).await;
    city.was_at(&li, market, 10, 60).await;
    let kept = Kept::of(&city).await;
    let files = [
        "visits_by_venue",
        "visits_by_venue_index",
        "visits_by_person",
        "visits_by_person_index",
    ];
    for file in files {
        let written = kept.write().await;
        let path = generation(&kept, written.number).join(format!("{file}.parquet"));
        let mut bytes = fs::read(&path).unwrap();
        bytes[5] ^= 1;
        fs::write(path, bytes).unwrap();
        // A process that has not looked through these files.
        let other = mirror(&city, &kept.folder).await;
        assert_eq!(other.newest().await.unwrap(), None, "{file}");
    }
}

async fn a_writer_that_ends_among_the_visits_leaves_nothing(city: City) {
    people(&city, 2, 2).await;
    let li = city.resident("Li").await;
    let market = city.venue("Market", None).await;
    for hours_ago in 1..12 {
        city.was_at(&li, market, hours_ago, 20).await;
    }
    let kept = Kept::of(&city).await;
    let first = kept.write().await;
    let (mirror, pages) = (Arc::clone(&kept.mirror), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&pages);
    let part = kept.folder.join(".generation-000002.part");
    // Two pages of people, then pages of visits.
    let ended = kept.mirror.write(move |_| {
        if counted.fetch_add(1, Ordering::Relaxed) == 3 {
            assert!(part.join("visits_by_venue.parquet").exists());
            mirror.interrupt();
        }
    });
    let ended = ended.await;
    assert!(
        matches!(ended, Err(MirrorError::Interrupted(_))),
        "{ended:?}"
    );
    assert_eq!(pages.load(Ordering::Relaxed), 4);
    assert_eq!(kept.names(), ["generation-000001"]);
    let again = crate::mirror::mirror(&city, &kept.folder).await;
    assert_eq!(again.newest().await.unwrap().unwrap().0, first);
    city.pass(SignedDuration::from_mins(1));
    assert_eq!(again.write(|_| {}).await.unwrap().number, 2);
}
