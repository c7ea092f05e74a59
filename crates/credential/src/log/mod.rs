//! An append-only log that anybody can check: a Merkle tree (RFC 6962) whose hashes are served as
//! static tiles (C2SP tlog-tiles), whose size and root the log signs (C2SP checkpoint, signed note),
//! and which witnesses sign too once they have seen that it only grew (C2SP cosignature/v1).
//!
//! | file | holds |
//! |---|---|
//! | `tree` | hashes, the root, the right edge that a tree grows from |
//! | `tile` | where each tile lies, and what is in it |
//! | `proof` | that a tree has grown from an earlier one |
//! | `note` | texts with signatures, and the keys that verify them |
//! | `checkpoint` | the size and root of a tree, signed and cosigned |
//! | `check` | reading a whole log and finding what was changed in it |

mod check;
mod checkpoint;
mod note;
mod proof;
mod tile;
mod tree;

pub use self::check::{Checked, Flaw, LogFiles, NotServed, TileChecks, check_log, continues};
pub use self::checkpoint::{
    BadCheckpoint, Checkpoint, Cosignature, LogKey, SignedCheckpoint, WitnessKey,
};
pub use self::note::{BadNote, BadVerifierKey, Note, NoteSignature, SignatureKind, VerifierKey};
pub use self::proof::{BadProof, consistency_proof, verify_consistency};
pub use self::tile::{BadTilePath, ENTRY_BYTES, Entry, TILE_WIDTH, TileKind, TilePath};
pub use self::tree::{Hash, TileHash, TreeEdge, leaf_hash};
