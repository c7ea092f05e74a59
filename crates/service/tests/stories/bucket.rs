//! A mirror in a bucket: nodes that share nothing but the database and an object store, which fails.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use domain::Clock;
use futures::TryStreamExt as _;
use futures::stream::BoxStream;
use jiff::SignedDuration;
use object_store::memory::InMemory;
use object_store::path::Path as ObjectPath;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result as Stored,
};
use service::{Bucket, Generation, Mirror, MirrorError};
use store::Store;
use tempfile::TempDir;

use crate::city::{City, Seeded};
use crate::mirror::{EVERY, difference, people, province, turned_red, without_visits};

crate::stories! {
    a_node_with_an_empty_folder_reads_from_the_bucket
    two_generations_are_kept_in_the_bucket_and_in_the_folder
    damaged_or_missing_objects_are_noticed_and_written_anew
    a_damaged_copy_on_the_node_is_downloaded_again
    a_bucket_that_does_not_answer_changes_no_answer
    a_node_that_is_told_to_end_downloads_nothing
    an_upload_may_fail_at_any_step
    what_an_interrupted_upload_left_is_removed
    a_bucket_of_somebody_else_is_left_alone
    two_nodes_that_write_at_once_do_not_mix_their_files
}

const PLACE: &str = "s3://city/copies";
const ALWAYS: i64 = i64::MAX;

/// A bucket in memory that answers so many requests.
#[derive(Debug)]
struct Objects {
    inner: InMemory,
    answers: AtomicI64,
}

impl Objects {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: InMemory::new(),
            answers: AtomicI64::new(ALWAYS),
        })
    }

    fn answer_only(&self, requests: i64) {
        self.answers.store(requests, Ordering::Relaxed);
    }

    fn ask(&self) -> Stored<()> {
        match self.answers.fetch_sub(1, Ordering::Relaxed) > 0 {
            true => Ok(()),
            false => Err(Error::Generic {
                store: "test",
                source: "503 Service Unavailable: <AWSAccessKeyId>AKIA".into(),
            }),
        }
    }

    /// All names, without what all have in common.
    async fn names(&self) -> Vec<String> {
        let all: Vec<ObjectMeta> = self.inner.list(None).try_collect().await.unwrap();
        let names = all.iter().map(|one| one.location.as_ref());
        let mut names: Vec<String> = names
            .map(|name| name.trim_start_matches("copies/").to_owned())
            .collect();
        names.sort_unstable();
        names
    }

    /// The generations of which there is anything, as `generation-000001`.
    async fn generations(&self) -> Vec<String> {
        let names = self.names().await;
        let generations = names.iter().filter(|name| name.starts_with("generation-"));
        let mut generations: Vec<String> = generations.map(|name| name[..17].to_owned()).collect();
        generations.dedup();
        generations
    }

    /// The object of the newest generation that has this name.
    async fn newest(&self, name: &str) -> ObjectPath {
        let names = self.names().await;
        let newest = names.iter().rfind(|one| one.ends_with(&format!("/{name}")));
        ObjectPath::from(format!("copies/{}", newest.unwrap()))
    }

    async fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let path = self.newest(name).await;
        let read = self.inner.get(&path).await.unwrap().bytes().await;
        let mut bytes = read.unwrap().to_vec();
        change(&mut bytes);
        self.inner.put(&path, bytes.into()).await.unwrap();
    }
}

impl fmt::Display for Objects {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a bucket in memory")
    }
}

#[async_trait]
impl ObjectStore for Objects {
    async fn put_opts(
        &self,
        path: &ObjectPath,
        payload: PutPayload,
        options: PutOptions,
    ) -> Stored<PutResult> {
        self.ask()?;
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &ObjectPath,
        options: PutMultipartOptions,
    ) -> Stored<Box<dyn MultipartUpload>> {
        self.ask()?;
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &ObjectPath, options: GetOptions) -> Stored<GetResult> {
        self.ask()?;
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Stored<ObjectPath>>,
    ) -> BoxStream<'static, Stored<ObjectPath>> {
        match self.ask() {
            Ok(()) => self.inner.delete_stream(paths),
            Err(why) => Box::pin(futures::stream::once(async { Err(why) })),
        }
    }

    fn list(&self, prefix: Option<&ObjectPath>) -> BoxStream<'static, Stored<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&ObjectPath>) -> Stored<ListResult> {
        self.ask()?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &ObjectPath,
        to: &ObjectPath,
        options: CopyOptions,
    ) -> Stored<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// One node of a city: its view of the mirror, and a folder that no other node sees.
struct Node {
    mirror: Arc<Mirror>,
    folder: PathBuf,
    _dir: TempDir,
}

impl Node {
    async fn of(city: &City, objects: &Arc<Objects>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("cache");
        let store = Store::open(&city.base.url, &Seeded::new(7)).await.unwrap();
        let (clock, ids) = (Arc::clone(&city.clock) as _, Arc::clone(&city.ids) as _);
        // So small that some files go up in parts.
        let bucket = Bucket::new(Arc::clone(objects) as _, "copies", PLACE).with_parts_of(1500);
        let mirror = Mirror::new(Arc::new(store), &folder, clock, ids);
        Self {
            mirror: Arc::new(mirror.with_pages_of(4).in_bucket(bucket)),
            folder,
            _dir: dir,
        }
    }

    async fn write(&self) -> Generation {
        self.mirror.write(|_| {}).await.unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != "healthcode-mirror").collect();
        names.sort_unstable();
        names
    }

    /// How many would turn red if Hubei became dangerous, as a service on this node finds it.
    async fn turned_red(&self, city: &City, province_of: &str) -> Option<u64> {
        let service = city.another_node().await;
        service.mirror.keep(Arc::clone(&self.mirror), EVERY);
        turned_red(&difference(&service, &province(city, province_of).await, city).await)
    }
}

async fn a_node_with_an_empty_folder_reads_from_the_bucket(city: City) {
    without_visits(&city).await;
    people(&city, 12, 3).await;
    let objects = Objects::new();
    let written = Node::of(&city, &objects).await.write().await;
    assert_eq!(written.place, PLACE);
    let at = service::lies_at(&written);
    let digest = &written.digest[..8];
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(at, format!("{PLACE}/generation-000001-{digest}"));

    // Only to see where the answer comes from: evidence is never deleted.
    city.base
        .tamper("DELETE FROM evidence WHERE kind = 'stay'")
        .await;
    let other = Node::of(&city, &objects).await;
    assert_eq!(other.turned_red(&city, "Province A").await, Some(12));
    assert_eq!(other.names(), ["generation-000001"]);
    // What is in the folder is not downloaded again.
    objects.answer_only(0);
    assert_eq!(other.turned_red(&city, "Province B").await, Some(12));
    objects.answer_only(ALWAYS);
}

async fn two_generations_are_kept_in_the_bucket_and_in_the_folder(city: City) {
    people(&city, 2, 2).await;
    let objects = Objects::new();
    let (writer, reader) = (
        Node::of(&city, &objects).await,
        Node::of(&city, &objects).await,
    );
    for _ in 0..3 {
        city.pass(SignedDuration::from_mins(5));
        people(&city, 1, 0).await;
        let written = writer.write().await;
        let (newest, dir) = reader.mirror.newest().await.unwrap().unwrap();
        assert_eq!(newest, written);
        assert!(dir.join("manifest.json").is_file());
    }
    // Nothing is new, so its files are those of the one before, but they lie elsewhere.
    let fourth = writer.write().await;
    let (newest, dir) = reader.mirror.newest().await.unwrap().unwrap();
    assert_eq!(newest, fourth);
    assert!(dir.join("manifest.json").is_file());
    let kept = ["generation-000003", "generation-000004"];
    assert_eq!(objects.generations().await, kept);
    assert_eq!(writer.names(), kept);
    assert_eq!(reader.names(), kept);
}

async fn damaged_or_missing_objects_are_noticed_and_written_anew(city: City) {
    without_visits(&city).await;
    people(&city, 12, 3).await;
    let objects = Objects::new();
    let writer = Node::of(&city, &objects).await;
    let damages = [
        "a changed byte",
        "a file cut short",
        "a changed list",
        "a missing file",
        "a missing list",
    ];
    for what in damages {
        writer.write().await;
        match what {
            "a changed byte" => {
                objects
                    .change("stays.parquet", |bytes| {
                        let middle = bytes.len() / 2;
                        bytes[middle] ^= 1;
                    })
                    .await;
            }
            "a file cut short" => {
                objects
                    .change("stays.parquet", |bytes| bytes.truncate(9))
                    .await;
            }
            "a changed list" => {
                objects
                    .change("manifest.json", |bytes| bytes.push(b'\n'))
                    .await;
            }
            "a missing file" => {
                let path = objects.newest("persons.parquet").await;
                objects.inner.delete(&path).await.unwrap();
            }
            _ => {
                let path = objects.newest("manifest.json").await;
                objects.inner.delete(&path).await.unwrap();
            }
        }
        let reader = Node::of(&city, &objects).await;
        let seen = reader.turned_red(&city, what).await;
        assert_eq!(seen, Some(12), "{what}");
        assert_eq!(reader.mirror.generations().await.unwrap(), [], "{what}");
        assert_eq!(reader.names(), Vec::<String>::new(), "{what}");

        let service = city.another_node().await;
        service.mirror.keep(Arc::clone(&reader.mirror), EVERY);
        assert!(service.mirror.refresh().await.unwrap(), "{what}");
        let third = Node::of(&city, &objects).await;
        assert!(third.mirror.newest().await.unwrap().is_some(), "{what}");
    }
}

async fn a_damaged_copy_on_the_node_is_downloaded_again(city: City) {
    people(&city, 2, 2).await;
    let objects = Objects::new();
    let node = Node::of(&city, &objects).await;
    let written = node.write().await;
    let stays = node.folder.join("generation-000001/stays.parquet");
    let whole = fs::read(&stays).unwrap();
    fs::write(&stays, &whole[..whole.len() - 9]).unwrap();
    // A process that has not looked through the folder.
    let other = Node::of(&city, &objects).await;
    fs::rename(&node.folder, &other.folder).unwrap();
    let (newest, dir) = other.mirror.newest().await.unwrap().unwrap();
    assert_eq!(newest, written);
    assert_eq!(fs::read(dir.join("stays.parquet")).unwrap(), whole);
}

async fn a_bucket_that_does_not_answer_changes_no_answer(city: City) {
    without_visits(&city).await;
    people(&city, 12, 3).await;
    let objects = Objects::new();
    let writer = Node::of(&city, &objects).await;
    let written = writer.write().await;
    let reader = Node::of(&city, &objects).await;
    // Nothing of the generation is there for this node until the bucket has answered so often: whose
    // it is, and one request for the length and one or more for the content of each file.
    for (step, requests) in [0, 1, 2, 3, 5].into_iter().enumerate() {
        objects.answer_only(requests);
        let failed = reader.mirror.newest().await.unwrap_err();
        assert!(matches!(failed, MirrorError::Bucket { .. }), "{failed}");
        let said = failed.to_string();
        assert!(said.contains(PLACE) && said.contains("AWS_*"), "{said}");
        assert!(!said.contains("AKIA"), "{said}");
        objects.answer_only(requests);
        let seen = reader.turned_red(&city, &format!("Province {step}")).await;
        assert_eq!(seen, Some(12));
        assert_eq!(reader.names(), Vec::<String>::new(), "nothing half is left");
    }
    objects.answer_only(ALWAYS);
    let listed = reader.mirror.generations().await.unwrap();
    assert_eq!(listed, [written], "nothing is dropped");
    assert!(reader.mirror.newest().await.unwrap().is_some());
}

async fn a_node_that_is_told_to_end_downloads_nothing(city: City) {
    people(&city, 2, 2).await;
    let objects = Objects::new();
    let written = Node::of(&city, &objects).await.write().await;
    let reader = Node::of(&city, &objects).await;
    reader.mirror.interrupt();
    let ended = reader.mirror.newest().await.unwrap_err();
    assert!(matches!(ended, MirrorError::Interrupted(_)), "{ended}");
    assert_eq!(reader.names(), Vec::<String>::new());
    assert_eq!(reader.mirror.generations().await.unwrap(), [written]);
}

async fn an_upload_may_fail_at_any_step(city: City) {
    people(&city, 2, 2).await;
    let objects = Objects::new();
    let writer = Node::of(&city, &objects).await;
    let first = writer.write().await;
    let mut failures = 0;
    let second = loop {
        objects.answer_only(failures);
        let written = writer.mirror.write(|_| {}).await;
        objects.answer_only(ALWAYS);
        match written {
            Ok(written) => break written,
            Err(error) => assert!(matches!(error, MirrorError::Bucket { .. }), "{error}"),
        }
        failures += 1;
        assert_eq!(writer.names(), ["generation-000001"]);
        let reader = Node::of(&city, &objects).await;
        let (newest, _) = reader.mirror.newest().await.unwrap().unwrap();
        assert_eq!(newest, first, "after {failures}");
    };
    assert!(failures > 5, "the mark and five files: {failures}");
    assert_eq!(second.number, 2);
    let reader = Node::of(&city, &objects).await;
    let (newest, _) = reader.mirror.newest().await.unwrap().unwrap();
    assert_eq!(newest, second);
}

async fn what_an_interrupted_upload_left_is_removed(city: City) {
    people(&city, 2, 2).await;
    let objects = Objects::new();
    let writer = Node::of(&city, &objects).await;
    writer.write().await;
    // Killed while it uploaded: no list. Killed before it was listed: whole, but of nobody. Before
    // the database was restored from a backup: a number far ahead.
    let left = [
        "generation-000002-1111111111111111/stays.parquet",
        "generation-000002-2222222222222222/stays.parquet",
        "generation-000002-2222222222222222/manifest.json",
        "generation-000009-3333333333333333/manifest.json",
    ];
    for name in left.iter().chain(&["letters/dear.txt"]) {
        let path = ObjectPath::from(format!("copies/{name}"));
        objects.inner.put(&path, "left".into()).await.unwrap();
    }
    let reader = Node::of(&city, &objects).await;
    let (newest, _) = reader.mirror.newest().await.unwrap().unwrap();
    assert_eq!(newest.number, 1, "nobody reads what is not listed");
    writer.write().await;
    let names = objects.names().await;
    for name in left {
        assert!(!names.iter().any(|one| one == name), "{name}");
    }
    assert!(names.iter().any(|one| one == "letters/dear.txt"));
    let generations = objects.generations().await;
    assert_eq!(generations[..2], ["generation-000001", "generation-000002"]);
}

async fn a_bucket_of_somebody_else_is_left_alone(city: City) {
    people(&city, 1, 1).await;
    let objects = Objects::new();
    let letter = ObjectPath::from("copies/letters/dear.txt");
    objects.inner.put(&letter, "Dear Sir".into()).await.unwrap();
    let node = Node::of(&city, &objects).await;
    let refused = node.mirror.write(|_| {}).await.unwrap_err();
    assert!(matches!(refused, MirrorError::Foreign { .. }), "{refused}");
    assert!(refused.to_string().contains(PLACE), "{refused}");
    assert_eq!(objects.names().await, ["letters/dear.txt"]);

    objects.inner.delete(&letter).await.unwrap();
    node.write().await;
    let before = objects.names().await;
    city.base.tamper("DELETE FROM mirror_generation").await;
    city.base.tamper("DELETE FROM mirror").await;
    let other = Node::of(&city, &objects).await;
    let refused = other.mirror.write(|_| {}).await.unwrap_err();
    assert!(
        refused.to_string().contains("another database"),
        "{refused}"
    );
    assert_eq!(objects.names().await, before);
}

async fn two_nodes_that_write_at_once_do_not_mix_their_files(city: City) {
    people(&city, 2, 8).await;
    let objects = Objects::new();
    let (one, two) = (
        Node::of(&city, &objects).await,
        Node::of(&city, &objects).await,
    );
    let (first, second) = tokio::join!(one.mirror.write(|_| {}), two.mirror.write(|_| {}));
    let outcomes = [first, second];
    assert!(outcomes.iter().any(Result::is_ok), "{outcomes:?}");
    for outcome in &outcomes {
        let is_right = matches!(outcome, Ok(_) | Err(MirrorError::Superseded(_)));
        assert!(is_right, "{outcome:?}");
    }
    let third = Node::of(&city, &objects).await;
    for node in [&one, &two, &third] {
        let (newest, dir) = node.mirror.newest().await.unwrap().unwrap();
        assert!(newest.written_at <= city.clock.now());
        assert!(dir.join("persons.parquet").is_file());
    }
}
