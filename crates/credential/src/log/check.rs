//! Reading a whole log and finding what was changed in it.

use std::collections::BTreeMap;
use std::fmt;

use super::checkpoint::{BadCheckpoint, Checkpoint, SignedCheckpoint};
use super::note::VerifierKey;
use super::proof::{BadProof, consistency_proof, verify_consistency};
use super::tile::{ENTRY_BYTES, TILE_WIDTH, TileKind, TilePath};
use super::tree::{Hash, TreeEdge, leaf_hash};

/// Flaws that are reported; a log in which everything differs has more.
const MOST_TOLD: usize = 100;

/// The static files of a log.
pub trait LogFiles {
    /// The file with this name below the log's address.
    ///
    /// # Errors
    /// [`NotServed`] if there is none, or it cannot be read.
    fn read(&mut self, path: &str) -> Result<Vec<u8>, NotServed>;
}

/// A file that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct NotServed {
    /// Which.
    pub path: String,
    /// Why, and what to do.
    pub why: String,
}

/// Something that is wrong in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The checkpoint does not count.
    Checkpoint(BadCheckpoint),
    /// The log does not continue what was seen of it before.
    NotContinued(BadProof),
    /// An entry and its hash in the lowest tiles differ: one of them was changed.
    Entry {
        /// Which, from 0.
        index: u64,
    },
    /// A file is absent or has not the length it should have.
    File {
        /// Which.
        path: String,
        /// The first entry that lies in it or below it.
        index: u64,
    },
    /// A hash in a tile of a higher level is not that of the entries below it.
    Tile {
        /// Which.
        path: String,
        /// The first of the entries below that hash.
        index: u64,
    },
    /// The entries that there are do not give the root that the log signed.
    Root {
        /// How many entries there are.
        size: u64,
    },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint(why) => write!(f, "{why}"),
            Self::NotContinued(why) => write!(f, "{why}"),
            Self::Entry { index } => {
                write!(
                    f,
                    "entry {index} is not the one that was written: it, or its hash, was changed"
                )
            }
            Self::File { path, index } => write!(
                f,
                "{path} is absent or has the wrong length; entry {index} and those after it are in it"
            ),
            Self::Tile { path, index } => {
                write!(f, "{path} is wrong about the entries from {index} on")
            }
            Self::Root { size } => write!(
                f,
                "the {size} entries that are here are not those whose root the log signed"
            ),
        }
    }
}

/// What became of reading a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What the log signed; `None` if it does not count.
    pub checkpoint: Option<Checkpoint>,
    /// The same with its signatures, as it was read.
    pub signed: String,
    /// How many entries were read.
    pub entries: u64,
    /// What is wrong, at most a hundred.
    pub flaws: Vec<Flaw>,
}

impl Checked {
    /// Notes a flaw.
    pub fn note(&mut self, flaw: Flaw) {
        if self.flaws.len() < MOST_TOLD && self.flaws.last() != Some(&flaw) {
            self.flaws.push(flaw);
        }
    }
}

/// Reads every entry and tile of a log, whose key is `key`, and says what is wrong. `seen`: a
/// checkpoint of before that it must continue.
///
/// # Errors
/// [`NotServed`] if there is not even a checkpoint.
pub fn check_log(
    files: &mut impl LogFiles,
    key: &VerifierKey,
    seen: Option<&Checkpoint>,
) -> Result<Checked, NotServed> {
    let mut checked = Checked::default();
    let text = String::from_utf8_lossy(&files.read("checkpoint")?).into_owned();
    let signed = match SignedCheckpoint::open(&text, key) {
        Ok(signed) => signed.checkpoint().clone(),
        Err(why) => {
            checked.note(Flaw::Checkpoint(why));
            return Ok(checked);
        }
    };
    checked.signed = text;
    let size = signed.size;
    let mut tiles = TileChecks::default();
    let mut is_whole = true;
    for index in 0..size.div_ceil(TILE_WIDTH) {
        let Some(bundle) = TilePath::in_tree(TileKind::Entries, index, size) else {
            continue;
        };
        let first = index * TILE_WIDTH;
        let Some(entries) = files.read(&bundle.to_string()).ok().and_then(split) else {
            checked.note(Flaw::File {
                path: bundle.to_string(),
                index: first,
            });
            is_whole = false;
            break;
        };
        if entries.len() != usize::from(bundle.width) {
            checked.note(Flaw::File {
                path: bundle.to_string(),
                index: first,
            });
        }
        for entry in entries.iter().take(usize::from(bundle.width)) {
            tiles.push(leaf_hash(entry));
        }
        checked.entries = tiles.edge.size();
        compare(files, &mut tiles, &mut checked);
    }
    tiles.finish();
    if is_whole {
        compare(files, &mut tiles, &mut checked);
        if checked.entries != size || tiles.edge.root() != signed.root {
            checked.note(Flaw::Root {
                size: checked.entries,
            });
        }
    }
    if let Some(seen) = seen
        && let Err(why) = continues(files, seen, &signed).unwrap_or(Err(BadProof::Other))
    {
        checked.note(Flaw::NotContinued(why));
    }
    checked.checkpoint = Some(signed);
    Ok(checked)
}

/// Whether the log of these files, whose state is `now`, continues what was seen before.
///
/// # Errors
/// [`NotServed`] if a tile that would tell is not there.
pub fn continues(
    files: &mut impl LogFiles,
    seen: &Checkpoint,
    now: &Checkpoint,
) -> Result<Result<(), BadProof>, NotServed> {
    let mut tile = |path: TilePath| {
        let bytes = files.read(&path.to_string())?;
        Ok::<_, NotServed>(hashes_of(&bytes))
    };
    let proof = consistency_proof(seen.size, now.size, &mut tile)?;
    let (old, new) = ((seen.size, seen.root), (now.size, now.root));
    Ok(verify_consistency(old, new, &proof))
}

fn compare(files: &mut impl LogFiles, tiles: &mut TileChecks, checked: &mut Checked) {
    for (path, computed) in tiles.take() {
        let served = files.read(&path.to_string()).unwrap_or_default();
        for flaw in TileChecks::compare(path, &computed, &served) {
            checked.note(flaw);
        }
    }
}

/// The entries of a bundle; `None` if it is no bundle.
fn split(bundle: Vec<u8>) -> Option<Vec<[u8; ENTRY_BYTES]>> {
    let (rows, rest) = bundle.as_chunks::<{ ENTRY_BYTES + 2 }>();
    let entry = |row: &[u8; ENTRY_BYTES + 2]| -> Option<[u8; ENTRY_BYTES]> {
        let entry = row.strip_prefix(&(ENTRY_BYTES as u16).to_be_bytes())?;
        entry.try_into().ok()
    };
    rest.is_empty().then(|| rows.iter().map(entry).collect())?
}

fn hashes_of(tile: &[u8]) -> Vec<Hash> {
    let (hashes, _) = tile.as_chunks::<32>();
    hashes.iter().map(|hash| Hash(*hash)).collect()
}

/// The tiles that entries give, as they are read one after the other.
#[derive(Debug, Default)]
pub struct TileChecks {
    edge: TreeEdge,
    open: BTreeMap<u8, (u64, Vec<Hash>)>,
    done: Vec<(TilePath, Vec<Hash>)>,
}

impl TileChecks {
    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let (open, done) = (&mut self.open, &mut self.done);
        self.edge.push(leaf, |gained| {
            let (_, hashes) = open
                .entry(gained.level)
                .or_insert((gained.tile, Vec::new()));
            hashes.push(gained.hash);
            if hashes.len() as u64 == TILE_WIDTH
                && let Some((index, hashes)) = open.remove(&gained.level)
            {
                done.push((of_level(gained.level, index, hashes.len()), hashes));
            }
        });
    }

    /// The tree so far.
    pub const fn edge(&self) -> &TreeEdge {
        &self.edge
    }

    /// There is no other leaf: tiles that are not full count as they are.
    pub fn finish(&mut self) {
        for (level, (index, hashes)) in std::mem::take(&mut self.open) {
            let path = of_level(level, index, hashes.len());
            self.done.push((path, hashes));
        }
    }

    /// Takes out the tiles that are complete.
    pub fn take(&mut self) -> Vec<(TilePath, Vec<Hash>)> {
        std::mem::take(&mut self.done)
    }

    /// What is wrong with a tile as it is kept, against what the entries give.
    pub fn compare(path: TilePath, computed: &[Hash], kept: &[u8]) -> Vec<Flaw> {
        let level = match path.kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let below = TILE_WIDTH.saturating_pow(u32::from(level));
        let index = |place: u64| (path.index * TILE_WIDTH + place) * below;
        let kept = hashes_of(kept);
        if kept.len() < computed.len() {
            let (path, index) = (path.to_string(), index(0));
            return vec![Flaw::File { path, index }];
        }
        let places = (0_u64..).zip(computed.iter().zip(&kept));
        let differ = places.filter(|(_, (computed, kept))| computed != kept);
        let flaw = |place| match level {
            0 => Flaw::Entry {
                index: index(place),
            },
            _ => Flaw::Tile {
                path: path.to_string(),
                index: index(place),
            },
        };
        differ.map(|(place, _)| flaw(place)).collect()
    }
}

fn of_level(level: u8, index: u64, width: usize) -> TilePath {
    TilePath {
        kind: TileKind::Hashes(level),
        index,
        width: u16::try_from(width).unwrap_or(256),
    }
}

#[cfg(test)]
mod tests {
    use super::super::checkpoint::LogKey;
    use super::super::tile::Entry;
    use super::*;
    use crate::issuer::IssuerKey;

    /// Changes the bytes of a file at a place.
    type Change = fn(&mut Vec<u8>, usize);

    type Files = BTreeMap<String, Vec<u8>>;

    impl LogFiles for Files {
        fn read(&mut self, path: &str) -> Result<Vec<u8>, NotServed> {
            self.get(path).cloned().ok_or_else(|| NotServed {
                path: path.to_owned(),
                why: "there is no such file".to_owned(),
            })
        }
    }

    fn key() -> LogKey {
        LogKey::new("a.log", IssuerKey::from_seed(&[1; 32]).unwrap()).unwrap()
    }

    fn entry(n: u64) -> Entry {
        let mut commitment = [0; 32];
        commitment[..8].copy_from_slice(&n.to_be_bytes());
        Entry::of_commitment(commitment)
    }

    /// The files of a log of so many entries.
    fn log(size: u64) -> Files {
        let mut files = Files::new();
        let mut tiles = TileChecks::default();
        let mut bundle = Vec::new();
        for n in 0..size {
            entry(n).write(&mut bundle);
            tiles.push(leaf_hash(&entry(n).0));
            if n + 1 == size || (n + 1) % TILE_WIDTH == 0 {
                let path = TilePath::in_tree(TileKind::Entries, n / TILE_WIDTH, size).unwrap();
                files.insert(path.to_string(), std::mem::take(&mut bundle));
            }
        }
        tiles.finish();
        for (path, hashes) in tiles.take() {
            let bytes = hashes.iter().flat_map(|hash| hash.0).collect();
            files.insert(path.to_string(), bytes);
        }
        let signed = key().sign(size, tiles.edge.root()).unwrap();
        files.insert("checkpoint".to_owned(), signed.to_string().into_bytes());
        files
    }

    fn check(files: &Files, seen: Option<&Checkpoint>) -> Checked {
        check_log(&mut files.clone(), key().verifier(), seen).unwrap()
    }

    #[test]
    fn a_sound_log_has_no_flaw_and_continues_every_earlier_one() {
        let sizes = [0, 1, 2, 255, 256, 257, 600];
        let logs = sizes.map(log);
        for (place, files) in logs.iter().enumerate() {
            for earlier in &logs[..=place] {
                let seen = check(earlier, None).checkpoint.unwrap();
                let checked = check(files, Some(&seen));
                assert_eq!(checked.flaws, [], "{} after {}", sizes[place], seen.size);
                assert_eq!(checked.entries, sizes[place]);
            }
        }
    }

    #[test]
    fn any_changed_byte_of_any_file_is_found() {
        let files = log(600);
        for (path, bytes) in &files {
            for at in (0..bytes.len()).step_by(97) {
                let mut changed = files.clone();
                changed.get_mut(path).unwrap()[at] ^= 1;
                let checked = check(&changed, None);
                assert_ne!(checked.flaws, [], "{path} at byte {at}");
            }
            if path != "checkpoint" {
                let mut dropped = files.clone();
                dropped.remove(path);
                assert_ne!(check(&dropped, None).flaws, [], "{path} dropped");
            }
        }
    }

    #[test]
    fn a_changed_dropped_or_moved_entry_is_named() {
        let row = ENTRY_BYTES + 2;
        let table: [(&str, Change, u64); 3] = [
            ("changed", |bundle, row| bundle[7 * row + 5] ^= 1, 256 + 7),
            (
                "dropped",
                |bundle, row| drop(bundle.drain(7 * row..8 * row)),
                256,
            ),
            (
                "moved",
                |bundle, row| {
                    let moved: Vec<u8> = bundle.drain(7 * row..8 * row).collect();
                    bundle.splice(9 * row..9 * row, moved);
                },
                256 + 7,
            ),
        ];
        for (what, change, named) in table {
            let mut files = log(600);
            change(files.get_mut("tile/entries/001").unwrap(), row);
            let flaws = check(&files, None).flaws;
            let first = match &flaws[0] {
                Flaw::Entry { index } | Flaw::File { index, .. } => *index,
                other => panic!("{what}: {other:?}"),
            };
            assert_eq!(first, named, "{what}: {flaws:?}");
        }
    }

    #[test]
    fn a_log_that_was_rolled_back_or_written_anew_does_not_continue() {
        let seen = check(&log(300), None).checkpoint.unwrap();
        let rolled_back = check(&log(299), Some(&seen)).flaws;
        let smaller = BadProof::Smaller { old: 300, new: 299 };
        assert_eq!(rolled_back, [Flaw::NotContinued(smaller)]);
        let mut other = seen;
        other.root.0[0] ^= 1;
        let written_anew = check(&log(300), Some(&other)).flaws;
        assert_eq!(written_anew, [Flaw::NotContinued(BadProof::Other)]);
        let grown = check(&log(400), Some(&other)).flaws;
        assert_eq!(grown, [Flaw::NotContinued(BadProof::Other)]);
    }
}
