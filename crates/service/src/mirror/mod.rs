//! The mirror: a copy of all evidence as Parquet files beside the database, for reading over
//! everybody.
//!
//! A copy is a *generation*: a folder that is written whole under another name, made durable, given
//! its name, and only then listed in the database. What happened since is read from the database: the
//! record notes whose evidence grew ([`store::mirror`]), so that an answer is never stale. Nothing
//! depends on a mirror being there. Names, document numbers and phones are in no file of it.
//!
//! | a crash after | leaves | which |
//! |---|---|---|
//! | the first page | a folder under another name | the next writer removes |
//! | the folder has its name | a folder that is not listed | the next writer removes |
//! | it is listed | older generations and notes that are not needed | the next writer removes |
//!
//! | file | holds |
//! |---|---|
//! | `write` | writing a generation |
//! | `read` | the newest generation, and whom it lacks evidence about |
//! | `record` | what is read and noted in the database |
//! | `folder`, `bucket` | where generations lie |
//! | `keeper` | having it written anew in time, and used |
//!
//! With a bucket ([`Bucket`]), the files are uploaded before the folder has its name, and a node whose
//! folder lacks a generation downloads it. What a crash leaves in the bucket is removed once the next
//! generation is listed.
//!
//! A generation that is missing, changed or damaged is dropped, with all older ones: the notes tell
//! what the newest lacks, not what they lack. Then everything is read from the database until a new
//! one is written.

mod bucket;
mod error;
mod folder;
mod keeper;
mod read;
mod record;
mod write;

use std::path::{self, Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use domain::{Clock, IdSource};
use store::Store;
use store::mirror::Generation;

pub use bucket::Bucket;
pub use error::MirrorError;
pub use keeper::MirrorKeeper;
pub(crate) use read::Snapshot;

/// People read and written together.
const PEOPLE_AT_ONCE: u32 = 500;
/// Visits read and written together.
const VISITS_AT_ONCE: u32 = 10_000;
/// Complete generations that are kept: the newest, and the one before for its readers.
const KEPT: usize = 2;

/// The mirror of one database in one folder, or in a bucket and one folder of this node.
pub struct Mirror {
    store: Arc<Store>,
    folder: PathBuf,
    bucket: Option<Bucket>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    people_at_once: u32,
    visits_at_once: u32,
    /// The number and digest of the generation whose files this process has looked through. Two
    /// generations may have the same files, and only one of them be in this folder.
    looked_through: Mutex<Option<(u64, [u8; 32])>>,
    is_interrupted: AtomicBool,
}

impl Mirror {
    /// The mirror in `folder`. Does nothing yet.
    pub fn new(
        store: Arc<Store>,
        folder: &Path,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self {
            store,
            // The database names it to programs that run elsewhere.
            folder: path::absolute(folder).unwrap_or_else(|_| folder.to_owned()),
            bucket: None,
            clock,
            ids,
            people_at_once: PEOPLE_AT_ONCE,
            visits_at_once: VISITS_AT_ONCE,
            looked_through: Mutex::default(),
            is_interrupted: AtomicBool::new(false),
        }
    }

    /// The same, with so many people read and written together, and so many visits.
    #[must_use]
    pub fn with_pages_of(self, rows: u32) -> Self {
        Self {
            people_at_once: rows.max(1),
            visits_at_once: rows.max(1),
            ..self
        }
    }

    /// The same, kept in a bucket. The folder is where this node writes and reads.
    #[must_use]
    pub fn in_bucket(self, bucket: Bucket) -> Self {
        Self {
            bucket: Some(bucket),
            ..self
        }
    }

    /// Where it lies, as the database names it.
    fn place(&self) -> String {
        match &self.bucket {
            Some(bucket) => bucket.place().to_owned(),
            None => self.folder.display().to_string(),
        }
    }
}

/// Where a generation lies, for people: the folder, or the address in a bucket.
pub fn lies_at(generation: &Generation) -> String {
    let Generation { number, place, .. } = generation;
    if place.contains("://") {
        return format!("{place}/{}", bucket::object_folder(generation));
    }
    let name = format!("{}{number:06}", folder::GENERATION);
    Path::new(place).join(name).display().to_string()
}

/// Runs work that reads and writes files, away from the threads that answer requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MirrorError> + Send + 'static,
) -> Result<T, MirrorError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|why| MirrorError::Interrupted(why.to_string()))?
}
