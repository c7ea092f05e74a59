//! Reading the whole record of the log and finding what was changed, dropped, moved or rolled back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;

use credential::log::{
    BadProof, Checked, Checkpoint, Entry, Flaw, Hash, SignedCheckpoint, TileChecks, TileKind,
    VerifierKey, leaf_hash,
};
use domain::{PersonId, Timestamp};
use store::audit::{self, Commitment, EntryRecord};
use store::proposals::ProposalRecord;
use store::{Store, StoreError, Transaction};

use super::deeds::Did;
use super::entry::{AuditEntry, BadEntry, digest};
use super::journal::AuditLog;
use crate::{Result, ServiceError};

/// Entries read at once.
const PAGE: u32 = 10_000;
/// Findings that are reported.
const MOST_TOLD: usize = 100;

/// Something that is wrong in the record of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// In the tree.
    Log(Flaw),
    /// What an entry says is not what was written.
    Changed {
        /// Its place.
        index: u64,
    },
    /// There is no entry at this place.
    Missing {
        /// The place.
        index: u64,
    },
    /// There are two entries at this place.
    Twice {
        /// The place.
        index: u64,
    },
    /// Entries lie behind the end that was signed.
    Behind {
        /// The place of the first one.
        index: u64,
    },
    /// A person whom an entry is about cannot find it.
    Hidden {
        /// Its place.
        index: u64,
    },
    /// The database's own count is not what was signed: it was set by hand.
    Counted {
        /// The count.
        count: u64,
        /// How many were signed.
        size: u64,
    },
    /// The database does something by itself whenever a table is written. This program makes none.
    Trigger {
        /// Its name.
        name: String,
    },
    /// More was erased than the log says.
    Erased {
        /// Entries without their content.
        erased: u64,
        /// How many the log says were erased.
        counted: u64,
        /// The place of the last one.
        index: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(flaw) => flaw.fmt(f),
            Self::Changed { index } => {
                write!(f, "entry {index} says something else than was written")
            }
            Self::Missing { index } => write!(f, "entry {index} is missing"),
            Self::Twice { index } => write!(f, "there are two entries {index}"),
            Self::Behind { index } => write!(
                f,
                "entry {index} lies behind the end that was signed: the log was rolled back"
            ),
            Self::Hidden { index } => {
                write!(
                    f,
                    "entry {index} is hidden from the person whom it is about"
                )
            }
            Self::Counted { count, size } => write!(
                f,
                "the database counts {count} entries, and {size} were signed: the count was changed"
            ),
            Self::Trigger { name } => write!(
                f,
                "the database has a trigger {name:?}, which this program does not make: it may drop \
                 entries as they are written"
            ),
            Self::Erased {
                erased,
                counted,
                index,
            } => write!(
                f,
                "{erased} entries are without content, the last is entry {index}; the log says that \
                 {counted} were erased"
            ),
        }
    }
}

/// What became of reading the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordChecked {
    /// What the log signed; `None` if it does not count, or there is none.
    pub checkpoint: Option<Checkpoint>,
    /// The same with its signature, as it is stored; empty if there is none.
    pub signed: String,
    /// How many entries were read.
    pub entries: u64,
    /// How many of them are erased, which the log says too.
    pub erased: u64,
    /// What is wrong, at most a hundred.
    pub findings: Vec<Finding>,
    /// Proposals that were approved, as `kind identifier`, each with the SHA-256 of its content.
    pub(crate) approved: BTreeMap<String, String>,
}

impl RecordChecked {
    fn note(&mut self, finding: Finding) {
        if self.findings.len() < MOST_TOLD && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

/// Where the reading is.
struct Reading {
    tiles: TileChecks,
    checked: RecordChecked,
    counted: u64,
    last_erased: u64,
    /// Whether an entry was at each place up to here.
    is_whole: bool,
}

/// An entry, and what takes time to find out of it.
struct Hashed {
    index: u64,
    commitment: Commitment,
    leaf: Hash,
    read: Result<Option<AuditEntry>, BadEntry>,
}

/// Receives how many entries were read.
type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// What the log is held against.
struct Verifying {
    key: VerifierKey,
    seen: Option<Checkpoint>,
    progress: Progress,
}

impl AuditLog {
    /// Reads every entry, tile and signature of the record in one snapshot, and says what is wrong.
    /// `seen`: a checkpoint of before that the log must continue. `progress` receives how many
    /// entries were read, at first none.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`] if it cannot be read at all.
    pub async fn verify(
        store: &Store,
        key: &VerifierKey,
        seen: Option<&Checkpoint>,
        progress: Progress,
    ) -> Result<RecordChecked> {
        Ok(read_record(store, key, seen, progress).await?)
    }

    /// That nothing was changed in the log; required before data are handed out or the emergency
    /// ends.
    ///
    /// # Errors
    /// [`ServiceError::LogBroken`] with what was found first; [`ServiceError::Store`] if it cannot be
    /// read.
    pub(crate) async fn refuse_unverified(&self) -> Result<()> {
        self.verified(|_| true).await?;
        Ok(())
    }

    /// The record, if nothing was changed in it; read as it is now, or a little earlier if it serves.
    async fn verified(
        &self,
        serves: impl Fn(&RecordChecked) -> bool,
    ) -> Result<Arc<RecordChecked>> {
        let broken = |finding: String| Err(ServiceError::LogBroken { finding });
        // Compares it with what this process signed last, too.
        match self.checkpoint().await {
            Err(ServiceError::Store(StoreError::Corrupt { why, .. })) => return broken(why),
            placed => placed?,
        };
        let checked = self.whole(serves).await?;
        match checked.findings.first() {
            None => Ok(checked),
            Some(finding) => broken(finding.to_string()),
        }
    }

    /// That the log was not changed, and that a disclosure is what was approved.
    ///
    /// # Errors
    /// [`ServiceError::LogBroken`]; [`ServiceError::Store`].
    pub(crate) async fn refuse_unapproved(&self, record: &ProposalRecord) -> Result<()> {
        let (name, content) = (format!("disclosure {}", record.id), digest(&record.content));
        let is_signed = |checked: &RecordChecked| checked.approved.get(&name) == Some(&content);
        if is_signed(&*self.verified(is_signed).await?) {
            return Ok(());
        }
        let finding = format!("disclosure {} is not what was approved", record.id);
        Err(ServiceError::LogBroken { finding })
    }
}

/// As [`AuditLog::verify`].
pub(super) async fn read_record(
    store: &Store,
    key: &VerifierKey,
    seen: Option<&Checkpoint>,
    progress: Progress,
) -> Result<RecordChecked, StoreError> {
    let verifying = Verifying {
        key: key.clone(),
        seen: seen.cloned(),
        progress,
    };
    // What gets its place or is erased meanwhile is in all of it or in nothing.
    let read = store.snapshot("audit.verify", verifying, |tx, verifying| {
        Box::pin(verifying.run(tx))
    });
    read.await
}

impl Verifying {
    async fn run(&self, tx: &mut Transaction) -> Result<RecordChecked, StoreError> {
        let mut reading = Reading::begin();
        let head = audit::head(tx).await?.unwrap_or_default();
        reading.checked.signed = head.checkpoint;
        let text = &reading.checked.signed;
        let signed = match SignedCheckpoint::open(text, &self.key) {
            Ok(signed) => Some(signed.checkpoint().clone()),
            Err(_) if text.is_empty() => None,
            Err(why) => {
                reading.checked.note(Finding::Log(Flaw::Checkpoint(why)));
                None
            }
        };
        let size = signed.as_ref().map_or(0, |signed| signed.size);
        if signed.is_some() && head.size != size {
            let count = head.size;
            reading.checked.note(Finding::Counted { count, size });
        }
        for name in audit::triggers(tx).await? {
            reading.checked.note(Finding::Trigger { name });
        }
        let seen = self.seen.as_ref();
        let mut seen_root = seen.filter(|seen| seen.size == 0).map(|seen| seen.root);
        (self.progress)(reading.checked.entries);
        let mut page = audit::from(tx, 0, PAGE).await?;
        while let Some(last) = page.last().map(place_of) {
            // Hashed and read on a thread of its own while the next ones come from the database.
            let hashed = std::thread::spawn(move || page.into_iter().map(Hashed::of).collect());
            // From the same place on: a second entry may have it.
            page = audit::from(tx, last.0, PAGE).await?;
            page.retain(|entry| place_of(entry) > last);
            let hashed: Vec<Hashed> = hashed.join().unwrap_or_else(|panic| resume_unwind(panic));
            reading.find_hidden(tx, &hashed).await?;
            for entry in hashed {
                reading.take(entry, size);
                if seen.is_some_and(|seen| seen.size == reading.tiles.edge().size()) {
                    seen_root = Some(reading.tiles.edge().root());
                }
            }
            reading.compare_tiles(tx).await?;
            (self.progress)(reading.checked.entries);
        }
        for entry in audit::waiting_whole(tx, u32::MAX).await? {
            reading.count_erased(&AuditEntry::read(&entry));
        }
        reading.finish(tx, signed.as_ref()).await?;
        if let Some(seen) = seen {
            let (old, new) = (seen.size, size);
            let why = match seen_root {
                _ if old > new => Some(BadProof::Smaller { old, new }),
                Some(root) if root == seen.root => None,
                _ => Some(BadProof::Other),
            };
            let flaw = why.map(|why| Finding::Log(Flaw::NotContinued(why)));
            flaw.into_iter().for_each(|flaw| reading.checked.note(flaw));
        }
        reading.checked.checkpoint = signed;
        Ok(reading.checked)
    }
}

/// Where an entry stands in the order in which the record is read.
fn place_of(entry: &EntryRecord) -> (u64, Commitment) {
    (entry.index.unwrap_or_default(), entry.commitment)
}

impl Hashed {
    fn of(entry: EntryRecord) -> Self {
        Self {
            index: entry.index.unwrap_or_default(),
            commitment: entry.commitment,
            leaf: leaf_hash(&Entry::of_commitment(entry.commitment).0),
            read: AuditEntry::read(&entry),
        }
    }
}

impl Reading {
    fn begin() -> Self {
        Self {
            tiles: TileChecks::default(),
            checked: RecordChecked::default(),
            counted: 0,
            last_erased: 0,
            is_whole: true,
        }
    }

    /// Takes in the next entry.
    fn take(&mut self, entry: Hashed, size: u64) {
        let expected = self.checked.entries;
        let index = entry.index;
        if index < expected {
            self.is_whole = false;
            return self.checked.note(Finding::Twice { index });
        }
        if index > expected {
            self.is_whole = false;
            self.checked.note(Finding::Missing { index: expected });
        }
        if index >= size {
            return self.checked.note(Finding::Behind { index: size });
        }
        self.checked.entries = index + 1;
        if self.is_whole {
            self.tiles.push(entry.leaf);
        }
        self.count_erased(&entry.read);
        match entry.read {
            Ok(Some(read)) => {
                if let Some((proposal, content)) = read.approved() {
                    let approved = &mut self.checked.approved;
                    approved.insert(proposal.to_owned(), content.to_owned());
                }
            }
            Ok(None) => {
                self.checked.erased += 1;
                self.last_erased = index;
            }
            Err(_) => self.checked.note(Finding::Changed { index }),
        }
    }

    /// Counts what an entry says was erased; it says so from then on, with a place or without.
    fn count_erased(&mut self, read: &Result<Option<AuditEntry>, BadEntry>) {
        if let Ok(Some(read)) = read
            && read.did == Did::EntriesErased
        {
            self.counted += read.count.unwrap_or_default();
        }
    }

    /// Finds entries that somebody whom they are about cannot find.
    async fn find_hidden(
        &mut self,
        tx: &mut Transaction,
        page: &[Hashed],
    ) -> Result<(), StoreError> {
        let mut about: Vec<(PersonId, Commitment, Timestamp, u64)> = Vec::new();
        for entry in page {
            let Ok(Some(read)) = &entry.read else {
                continue;
            };
            let people = read.people.iter();
            about.extend(people.map(|person| (*person, entry.commitment, read.at, entry.index)));
        }
        if about.is_empty() {
            return Ok(());
        }
        let asked: Vec<_> = about.iter().map(|one| (one.0, one.1)).collect();
        let readable = audit::readable(tx, &asked).await?;
        let readable: BTreeSet<(PersonId, Commitment, Timestamp)> = readable.into_iter().collect();
        for (person, commitment, at, index) in about {
            // One that was dated back is read after all others, or not at all.
            if !readable.contains(&(person, commitment, at)) {
                self.checked.note(Finding::Hidden { index });
            }
        }
        Ok(())
    }

    /// Compares the tiles that are complete with those that are stored.
    async fn compare_tiles(&mut self, tx: &mut Transaction) -> Result<(), StoreError> {
        for (path, computed) in self.tiles.take() {
            let TileKind::Hashes(level) = path.kind else {
                continue;
            };
            let stored = audit::tile(tx, level, path.index).await?;
            let stored = stored.unwrap_or_default();
            let mut flaws = Checked::default();
            let compared = TileChecks::compare(path, &computed, &stored);
            compared.into_iter().for_each(|flaw| flaws.note(flaw));
            if stored.len() > 32 * computed.len() {
                flaws.note(Flaw::File {
                    path: path.to_string(),
                    index: path.index << 8,
                });
            }
            let flaws = flaws.flaws.into_iter().map(Finding::Log);
            flaws.for_each(|flaw| self.checked.note(flaw));
        }
        Ok(())
    }

    async fn finish(
        &mut self,
        tx: &mut Transaction,
        signed: Option<&Checkpoint>,
    ) -> Result<(), StoreError> {
        let size = signed.map_or(0, |signed| signed.size);
        let checked = &mut self.checked;
        if checked.entries < size {
            let index = checked.entries;
            checked.note(Finding::Missing { index });
        }
        if checked.erased != self.counted {
            checked.note(Finding::Erased {
                erased: checked.erased,
                counted: self.counted,
                index: self.last_erased,
            });
        }
        if !self.is_whole {
            return Ok(());
        }
        self.tiles.finish();
        self.compare_tiles(tx).await?;
        if let Some(signed) = signed
            && (self.checked.entries != size || signed.root != self.tiles.edge().root())
        {
            self.checked.note(Finding::Log(Flaw::Root { size }));
        }
        Ok(())
    }
}
