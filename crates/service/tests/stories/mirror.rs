//! A copy of all evidence beside the database: what it is for, and what happens to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Level, PersonId, RegionLevel};
use jiff::SignedDuration;
use service::{
    Generation, Mirror, MirrorError, ProposalDiff, ProposalState, Service, Staff, Subject,
};
use store::Store;
use tempfile::TempDir;

use crate::city::{City, GREEN, POLICY, RED, Seeded, stayed, well};

crate::stories! {
    the_mirror_and_the_database_give_the_same_difference
    what_is_mirrored_is_not_read_from_the_database_again
    visits_are_read_from_the_database_where_a_policy_asks_for_them
    a_damaged_mirror_is_dropped_and_written_anew
    what_an_interrupted_writer_left_is_removed
    a_writer_that_is_told_to_end_leaves_nothing
    the_worker_writes_when_it_is_time_and_keeps_two
    two_writers_do_not_disturb_each_other
    the_mirror_of_another_database_is_left_alone
    a_mirror_that_lies_elsewhere_is_not_dropped
    no_name_number_or_phone_is_in_the_mirror
}

pub const EVERY: SignedDuration = SignedDuration::from_hours(6);

/// Does something to the files of a generation.
type Damage = fn(&Path);

/// A mirror of the city in a folder of its own.
pub struct Kept {
    pub mirror: Arc<Mirror>,
    pub folder: PathBuf,
    _dir: TempDir,
}

impl Kept {
    pub async fn of(city: &City) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("mirror");
        Self {
            mirror: mirror(city, &folder).await,
            folder,
            _dir: dir,
        }
    }

    pub async fn write(&self) -> Generation {
        self.mirror.write(|_| {}).await.unwrap()
    }

    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != "healthcode-mirror").collect();
        names.sort_unstable();
        names
    }
}

/// As another process sees it that names this folder.
pub async fn mirror(city: &City, folder: &Path) -> Arc<Mirror> {
    let store = Store::open(&city.base.url, &Seeded::new(7)).await.unwrap();
    let clock = Arc::clone(&city.clock) as _;
    let mirror = Mirror::new(Arc::new(store), folder, clock, Arc::clone(&city.ids) as _);
    Arc::new(mirror.with_pages_of(4))
}

/// Publishes the policy without its rule about visits, which a mirror does not follow.
pub async fn without_visits(city: &City) {
    let rules: Vec<&str> = POLICY.split("[[rule]]").collect();
    let rules = rules
        .into_iter()
        .filter(|rule| !rule.contains("reads = \"visit\""));
    let text = rules.collect::<Vec<_>>().join("[[rule]]");
    let text = text.replace("version = 1", "version = 2");
    city.service
        .publishing
        .publish_policy(&city.publisher().await, &text)
        .await
        .unwrap();
    city.service.reevaluation.decide_everybody().await.unwrap();
}

/// Registers people, of whom so many have been in Wuhan.
pub async fn people(city: &City, were_there: usize, others: usize) -> Vec<PersonId> {
    let mut people = Vec::new();
    for _ in 0..were_there + others {
        let name = format!("{:x}", city.key().as_u128() >> 72);
        let mut request = city.registration(Box::leak(name.into_boxed_str()), Some(well()));
        if people.len() < were_there {
            request.stays = vec![stayed("420102", city.ago(100), Some(city.ago(50)))];
        }
        people.push(city.service.people.register(request).await.unwrap().person);
    }
    people
}

pub async fn province(city: &City, name: &str) -> Staff {
    city.officer_of(name).await
}

/// Whom it would change if Hubei became dangerous, as one node finds it.
pub async fn difference(node: &Service, by: &Staff, city: &City) -> ProposalDiff {
    let levels = [RegionLevel {
        region: "42".parse().unwrap(),
        level: Level::High,
        from: city.ago(200),
        until: None,
    }];
    let proposal = node.publishing.propose_levels(by, &levels).await.unwrap();
    node.publishing.compare_proposals().await.unwrap();
    match node.publishing.proposal(proposal.id).await.unwrap().state {
        ProposalState::Open { difference, .. } => difference,
        other => panic!("{other:?}"),
    }
}

pub fn turned_red(difference: &ProposalDiff) -> Option<u64> {
    let moves = difference.moves.iter();
    let mut red = moves.filter(|one| (one.before, one.after) == (GREEN, RED));
    red.next().and_then(|one| one.people)
}

async fn the_mirror_and_the_database_give_the_same_difference(city: City) {
    without_visits(&city).await;
    people(&city, 14, 25).await;
    let contacts = people(&city, 12, 0).await;
    let mut evidence = Vec::new();
    for person in &contacts {
        let subject = Subject::Person(*person);
        let receipt = city
            .try_submit(city.health.submitter(), subject, city.contact(5))
            .await;
        evidence.push(receipt.accepted[0].evidence);
    }
    let kept = Kept::of(&city).await;
    let written = kept.write().await;
    assert_eq!((written.number, written.people), (1, 51));
    assert_eq!(written.facts, 51 + 26 + 12);

    // Since then: contacts taken back, newcomers, and people of whom more is known.
    city.pass(SignedDuration::from_mins(5));
    for (person, evidence) in contacts.iter().zip(&evidence).take(11) {
        let subject = Subject::Person(*person);
        city.service
            .evidence
            .withdraw(city.health.submitter(), &subject, *evidence)
            .await
            .unwrap();
    }
    let newcomers = people(&city, 11, 2).await;
    for person in &newcomers[11..] {
        let subject = Subject::Person(*person);
        city.try_submit(city.health.submitter(), subject, city.contact(5))
            .await;
    }

    let plain = city.another_node().await;
    let mirrored = city.another_node().await;
    mirrored.mirror.keep(Arc::clone(&kept.mirror), EVERY);
    let expected = difference(&plain, &province(&city, "Province A").await, &city).await;
    let found = difference(&mirrored, &province(&city, "Province B").await, &city).await;
    assert_eq!(found, expected);
    assert_eq!(found.people, 64);
    assert_eq!(turned_red(&found), Some(14 + 11 + 11));

    kept.write().await;
    let anew = difference(&mirrored, &province(&city, "Province C").await, &city).await;
    assert_eq!(anew, expected, "a newer generation tells the same");
}

async fn what_is_mirrored_is_not_read_from_the_database_again(city: City) {
    without_visits(&city).await;
    people(&city, 12, 3).await;
    let kept = Kept::of(&city).await;
    kept.write().await;
    // Only to see where the answer comes from: evidence is never deleted.
    city.base
        .tamper("DELETE FROM evidence WHERE kind = 'stay'")
        .await;
    let mirrored = city.another_node().await;
    mirrored.mirror.keep(Arc::clone(&kept.mirror), EVERY);
    let seen = difference(&mirrored, &province(&city, "Province A").await, &city).await;
    assert_eq!((seen.people, turned_red(&seen)), (15, Some(12)));
    let plain = city.another_node().await;
    let seen = difference(&plain, &province(&city, "Province B").await, &city).await;
    assert_eq!((seen.people, turned_red(&seen)), (15, None));
}

async fn visits_are_read_from_the_database_where_a_policy_asks_for_them(city: City) {
    let kept = Kept::of(&city).await;
    people(&city, 12, 0).await;
    let li = city.resident("Li").await;
    kept.write().await;
    let port = city.venue("North Port", Some("port")).await;
    city.was_at(&li, port, 10, 60).await;
    let before = city.status(&li).await;
    assert_ne!(before, GREEN, "the rule about ports");
    let mirrored = city.another_node().await;
    mirrored.mirror.keep(Arc::clone(&kept.mirror), EVERY);
    // What only the database shows: the mirror would still have the stays.
    city.base
        .tamper("DELETE FROM evidence WHERE kind = 'stay'")
        .await;
    let seen = difference(&mirrored, &province(&city, "Province A").await, &city).await;
    assert_eq!((seen.people, seen.moves.len()), (13, 0));
}

async fn a_damaged_mirror_is_dropped_and_written_anew(city: City) {
    without_visits(&city).await;
    people(&city, 12, 3).await;
    let kept = Kept::of(&city).await;
    let damages: [(&str, Damage); 5] = [
        ("a changed byte", |generation| {
            let path = generation.join("stays.parquet");
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("a file cut short", |generation| {
            let path = generation.join("declarations.parquet");
            let bytes = fs::read(&path).unwrap();
            fs::write(path, &bytes[..bytes.len() - 9]).unwrap();
        }),
        ("a foreign file", |generation| {
            fs::copy(
                generation.join("declarations.parquet"),
                generation.join("stays.parquet"),
            )
            .unwrap();
        }),
        ("a missing file", |generation| {
            fs::remove_file(generation.join("persons.parquet")).unwrap();
        }),
        ("a missing folder", |generation| {
            fs::remove_dir_all(generation).unwrap();
        }),
    ];
    for (number, (what, damage)) in damages.into_iter().enumerate() {
        let written = kept.write().await;
        damage(
            &kept
                .folder
                .join(format!("generation-{:06}", written.number)),
        );

        // A process that has not looked through these files.
        let node = city.another_node().await;
        let seen_by_it = mirror(&city, &kept.folder).await;
        node.mirror.keep(Arc::clone(&seen_by_it), EVERY);
        let by = province(&city, &format!("Province {number}")).await;
        let seen = difference(&node, &by, &city).await;
        assert_eq!((seen.people, turned_red(&seen)), (15, Some(12)), "{what}");
        assert_eq!(kept.mirror.generations().await.unwrap(), [], "{what}");
        assert!(node.mirror.refresh().await.unwrap(), "{what}");
        assert!(seen_by_it.newest().await.unwrap().is_some(), "{what}");
    }
}

async fn what_an_interrupted_writer_left_is_removed(city: City) {
    people(&city, 2, 2).await;
    let kept = Kept::of(&city).await;
    let first = kept.write().await;
    let one = kept.folder.join("generation-000001");

    // Killed while it wrote its second generation: some whole files, one cut.
    let part = kept.folder.join(".generation-000002.part");
    fs::create_dir(&part).unwrap();
    let bytes = fs::read(one.join("stays.parquet")).unwrap();
    fs::write(part.join("stays.parquet"), &bytes[..bytes.len() / 2]).unwrap();
    let (newest, _) = kept.mirror.newest().await.unwrap().unwrap();
    assert_eq!(newest, first, "readers see the one before");
    let second = kept.write().await;
    assert_eq!(second.number, 2);
    assert_eq!(kept.names(), ["generation-000001", "generation-000002"]);

    // Killed between giving it its name and listing it.
    city.base
        .tamper("DELETE FROM mirror_generation WHERE number = 2")
        .await;
    let (newest, _) = kept.mirror.newest().await.unwrap().unwrap();
    assert_eq!(newest, first);
    let again = kept.write().await;
    assert_eq!(again.number, 2);
    let (newest, _) = kept.mirror.newest().await.unwrap().unwrap();
    assert_eq!(newest, again);

    // Killed between listing it and removing what is older.
    let insert = "INSERT INTO mirror_generation \
        (number, place, digest, people, facts, bytes, begun_at, written_at) \
        SELECT 0, place, digest, people, facts, bytes, begun_at, written_at \
        FROM mirror_generation WHERE number = 1";
    city.base.tamper(insert).await;
    fs::create_dir(kept.folder.join("generation-000000")).unwrap();
    let third = kept.write().await;
    assert_eq!(third.number, 3);
    assert_eq!(kept.names(), ["generation-000002", "generation-000003"]);
    let listed = kept.mirror.generations().await.unwrap();
    assert_eq!(listed, [third, again]);
}

async fn a_writer_that_is_told_to_end_leaves_nothing(city: City) {
    people(&city, 2, 8).await;
    let kept = Kept::of(&city).await;
    let mirror = Arc::clone(&kept.mirror);
    let ended = kept.mirror.write(move |_| mirror.interrupt()).await;
    assert!(matches!(ended, Err(MirrorError::Interrupted(_))));
    assert_eq!(kept.names(), Vec::<String>::new());
    assert_eq!(kept.mirror.generations().await.unwrap(), []);
    let again = self::mirror(&city, &kept.folder).await;
    assert_eq!(again.write(|_| {}).await.unwrap().number, 1);
}

async fn a_mirror_that_lies_elsewhere_is_not_dropped(city: City) {
    people(&city, 2, 2).await;
    let kept = Kept::of(&city).await;
    let first = kept.write().await;
    let other = mirror(&city, &kept.folder.with_file_name("other")).await;
    city.service.mirror.keep(Arc::clone(&other), EVERY);
    let refused = city.service.mirror.refresh().await.unwrap_err();
    assert!(refused.to_string().contains(&first.place), "{refused}");
    assert_eq!(kept.mirror.newest().await.unwrap().unwrap().0, first);
    // Somebody at the terminal moves it.
    let moved = other.write(|_| {}).await.unwrap();
    assert_eq!(other.newest().await.unwrap().unwrap().0, moved);
    assert!(!city.service.mirror.refresh().await.unwrap());
    let refused = kept.mirror.newest().await.unwrap_err();
    assert!(
        matches!(refused, MirrorError::Elsewhere { .. }),
        "{refused}"
    );
}

async fn the_worker_writes_when_it_is_time_and_keeps_two(city: City) {
    people(&city, 2, 2).await;
    let kept = Kept::of(&city).await;
    let refresh = async || city.service.mirror.refresh().await.unwrap();
    assert!(!refresh().await, "no mirror is kept");
    city.service.mirror.keep(Arc::clone(&kept.mirror), EVERY);
    assert!(refresh().await);
    assert!(!refresh().await);
    city.pass(EVERY - SignedDuration::from_mins(1));
    assert!(!refresh().await);
    for _ in 0..2 {
        city.pass(SignedDuration::from_hours(7));
        assert!(refresh().await);
    }
    assert_eq!(kept.names(), ["generation-000002", "generation-000003"]);
    let listed = kept.mirror.generations().await.unwrap();
    let numbers: Vec<u64> = listed.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [3, 2]);
    assert_eq!(listed[0].written_at, city.now());
}

async fn two_writers_do_not_disturb_each_other(city: City) {
    people(&city, 2, 8).await;
    let kept = Kept::of(&city).await;
    let other = mirror(&city, &kept.folder).await;
    let (one, two) = tokio::join!(kept.mirror.write(|_| {}), other.write(|_| {}));
    let outcomes = [one, two];
    let written = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(written >= 1, "{outcomes:?}");
    let is_busy = |outcome: &Result<Generation, MirrorError>| {
        matches!(outcome, Err(MirrorError::Busy { .. }))
    };
    assert!(
        outcomes.iter().all(|one| one.is_ok() || is_busy(one)),
        "{outcomes:?}"
    );
    let (newest, _) = other.newest().await.unwrap().unwrap();
    assert_eq!(newest.number, written as u64);
}

async fn the_mirror_of_another_database_is_left_alone(city: City) {
    people(&city, 1, 1).await;
    let kept = Kept::of(&city).await;
    let first = kept.write().await;
    city.base.tamper("DELETE FROM mirror_generation").await;
    city.base.tamper("DELETE FROM mirror").await;
    let before = kept.names();
    let refused = kept.mirror.write(|_| {}).await.unwrap_err();
    assert!(matches!(refused, MirrorError::Foreign { .. }), "{refused}");
    assert_eq!(kept.names(), before);
    assert_eq!(first.number, 1);
}

async fn no_name_number_or_phone_is_in_the_mirror(city: City) {
    let li = city.resident("Li").await;
    let wu = city.resident("Wu").await;
    let stays = [stayed("420102", city.ago(100), Some(city.ago(50)))];
    city.service
        .people
        .declare(&li.resident, None, well(), &stays)
        .await
        .unwrap();
    city.submit(city.health.submitter(), &wu, city.contact(5))
        .await;
    let kept = Kept::of(&city).await;
    kept.write().await;
    let generation = kept.folder.join("generation-000001");
    let mut files = 0;
    for entry in fs::read_dir(generation).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let holds = |text: &str| {
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        for secret in [
            "Li Chen",
            "Wu Chen",
            "4C69",
            "5775",
            "138 0000 0000",
            "13800000000",
        ] {
            assert!(!holds(secret), "{}: {secret}", path.display());
        }
        files += 1;
    }
    assert_eq!(
        files, 9,
        "declarations, contacts, stays, persons, four of visits, the list"
    );
}
