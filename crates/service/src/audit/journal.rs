//! [`AuditLog`]: gives entries their places, signs checkpoints, hands out tiles, takes cosignatures.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use credential::log::{
    Checkpoint, Entry, LogKey, SignedCheckpoint, TILE_WIDTH, TileHash, TileKind, TilePath,
    TreeEdge, VerifierKey, leaf_hash,
};
use credential::{IssuerKey, log};
use domain::{Clock, IdSource, Region, Timestamp};
use store::audit::{self, Commitment, Head, Witnessed};
use store::{Store, StoreError, Transaction};
use tracing::{debug, error, instrument, warn};

use super::reads::Reads;
use crate::access::Access;
use crate::{Result, ServiceError};

/// Entries that get their places in one transaction.
const MOST_AT_ONCE: u32 = 5_000;

/// What a witness signed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogWitness {
    /// Its name.
    pub name: String,
    /// How many entries the log had; `None` if it never signed.
    pub seen: Option<(u64, Timestamp)>,
}

/// The log of this installation.
pub struct AuditLog {
    pub(super) store: Arc<Store>,
    pub(super) access: Arc<Access>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
    key: Arc<LogKey>,
    witnesses: Vec<VerifierKey>,
    /// The newest checkpoint that this process saw or signed.
    seen: Mutex<Option<Checkpoint>>,
    pub(super) reads: Arc<Reads>,
}

/// A checkpoint on its way into the database.
struct Signing {
    key: Arc<LogKey>,
    seen: Option<Checkpoint>,
    now: Timestamp,
}

impl AuditLog {
    /// The log of the installation of a region, signed with `key`.
    ///
    /// # Errors
    /// [`ServiceError::Signing`] if the key cannot be used.
    pub(crate) fn new(
        store: Arc<Store>,
        access: Arc<Access>,
        (clock, ids): (Arc<dyn Clock>, Arc<dyn IdSource>),
        issuer: Region,
        key: IssuerKey,
        witnesses: Vec<VerifierKey>,
    ) -> Result<Self> {
        let key = LogKey::new(&Self::origin(issuer), key);
        let key = key.map_err(|error| ServiceError::Signing(error.to_string()))?;
        Ok(Self {
            store,
            access,
            clock,
            ids,
            key: Arc::new(key),
            witnesses,
            seen: Mutex::default(),
            reads: Arc::default(),
        })
    }

    /// The name of the log of an installation, which its checkpoints begin with.
    pub fn origin(issuer: Region) -> String {
        format!("healthcode/{issuer}")
    }

    /// The key that verifies its checkpoints.
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Gives entries their places and signs what the log is then; how many there were. A worker does
    /// it every second.
    ///
    /// # Errors
    /// [`ServiceError::Store`] also if the log that is stored is not the one that was signed: then
    /// nothing is signed any more, until somebody has found out why.
    #[instrument(name = "audit.checkpoint", level = "debug", skip_all)]
    pub async fn checkpoint(&self) -> Result<u64> {
        let read = self.store.read("audit.waiting", (), |tx, ()| {
            Box::pin(async move {
                let head = audit::head(tx).await?;
                Ok::<_, StoreError>((head, audit::waiting(tx, 1).await?))
            })
        });
        let (head, waiting) = read.await?;
        if head.is_some() && waiting.is_empty() {
            return Ok(0);
        }
        let signing = Signing {
            key: Arc::clone(&self.key),
            seen: self.lock_seen().clone(),
            now: self.clock.now(),
        };
        let signed = self
            .store
            .transaction("audit.checkpoint", signing, |tx, signing| {
                Box::pin(signing.run(tx))
            });
        let (placed, checkpoint) = signed.await.inspect_err(|error| {
            error!(%error, "the log is not signed");
        })?;
        debug!(placed, size = checkpoint.size, "signed the log");
        *self.lock_seen() = Some(checkpoint);
        Ok(placed)
    }

    /// The newest checkpoint, with the signatures of the witnesses that have seen it; `None` before
    /// the first one.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn signed_checkpoint(&self) -> Result<Option<SignedCheckpoint>> {
        let read = self.store.read("audit.head", (), |tx, ()| {
            Box::pin(async move {
                let head = audit::head(tx).await?;
                Ok::<_, StoreError>((head, audit::witnessed(tx).await?))
            })
        });
        let (head, witnessed) = read.await?;
        let Some(head) = head else { return Ok(None) };
        let mut signed = open(&head.checkpoint, self.verifier())?;
        for one in witnessed.iter().filter(|one| one.size == head.size) {
            let theirs = open(&one.checkpoint, self.verifier())?;
            let witness = self.witnesses.iter().find(|key| key.name() == one.witness);
            if theirs.checkpoint() == signed.checkpoint()
                && let Some(witness) = witness
            {
                let lines = theirs.lines_of(witness).into_iter();
                lines
                    .filter_map(|line| line.parse().ok())
                    .for_each(|line| signed.add(line));
            }
        }
        Ok(Some(signed))
    }

    /// The bytes of a tile or bundle of entries; `None` if the log has no such tile.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>> {
        let read = self.store.read("audit.tile", path, |tx, path| {
            Box::pin(read_tile(tx, *path))
        });
        Ok(read.await?)
    }

    /// Keeps that a witness signed a checkpoint of this log; how many of the signatures were of
    /// witnesses that the configuration names.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if it is no checkpoint of this log, or no such witness signed it;
    /// [`ServiceError::Store`].
    #[instrument(name = "audit.take_cosignature", skip_all)]
    pub async fn take_cosignature(&self, text: &str) -> Result<usize> {
        let signed = SignedCheckpoint::open(text, self.verifier());
        let signed = signed.map_err(|why| ServiceError::field("checkpoint", why.to_string()))?;
        let mut kept = 0;
        for witness in &self.witnesses {
            let Some(seen) = signed.cosignatures(std::slice::from_ref(witness)).pop() else {
                continue;
            };
            let witnessed = Witnessed {
                witness: seen.witness,
                size: signed.checkpoint().size,
                checkpoint: text.to_owned(),
                seen_at: seen.at,
            };
            let put = self
                .store
                .transaction("audit.put_witnessed", witnessed, |tx, witnessed| {
                    Box::pin(audit::put_witnessed(tx, witnessed))
                });
            put.await?;
            kept += 1;
        }
        if kept == 0 {
            let why = log::BadCheckpoint::NoWitness.to_string();
            return Err(ServiceError::field("checkpoint", why));
        }
        Ok(kept)
    }

    /// The witnesses that the configuration names, and what each signed last.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn witnesses(&self) -> Result<Vec<LogWitness>> {
        let read = self.store.read("audit.witnessed", (), |tx, ()| {
            Box::pin(audit::witnessed(tx))
        });
        let witnessed = read.await?;
        let of = |key: &VerifierKey| {
            let seen = witnessed.iter().find(|one| one.witness == key.name());
            LogWitness {
                name: key.name().to_owned(),
                seen: seen.map(|seen| (seen.size, seen.seen_at)),
            }
        };
        Ok(self.witnesses.iter().map(of).collect())
    }

    fn lock_seen(&self) -> std::sync::MutexGuard<'_, Option<Checkpoint>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Signing {
    async fn run(&self, tx: &mut Transaction) -> Result<(u64, Checkpoint)> {
        let head = audit::lock_head(tx).await?;
        let mut tiles = BTreeMap::new();
        let mut edge = read_edge(tx, head.size, &mut tiles).await?;
        self.refuse_broken(tx, &head, &edge).await?;
        let waiting = audit::waiting(tx, MOST_AT_ONCE).await?;
        let entries: Vec<Commitment> = waiting.into_iter().map(|(one, _)| one).collect();
        let mut grown = BTreeMap::new();
        for commitment in &entries {
            let leaf = leaf_hash(&Entry::of_commitment(*commitment).0);
            edge.push(leaf, |gained| grow(&tiles, &mut grown, gained));
        }
        let placed = audit::place(tx, head.size, &entries).await?;
        if placed != entries.len() as u64 {
            return Err(broken("an entry got its place twice"));
        }
        for ((level, index), hashes) in &grown {
            audit::put_tile(tx, *level, *index, hashes).await?;
        }
        let signed = self.key.sign(edge.size(), edge.root());
        let signed = signed.map_err(|error| ServiceError::Signing(error.to_string()))?;
        let head = Head {
            size: edge.size(),
            checkpoint: signed.to_string(),
            signed_at: self.now,
        };
        audit::put_head(tx, &head).await?;
        Ok((placed, signed.checkpoint().clone()))
    }

    /// A log that is not the one that was signed last is not continued.
    async fn refuse_broken(
        &self,
        tx: &mut Transaction,
        head: &Head,
        edge: &TreeEdge,
    ) -> Result<()> {
        if !audit::from(tx, head.size, 1).await?.is_empty() {
            return Err(broken(
                "there are entries behind its end: it was rolled back",
            ));
        }
        if head.checkpoint.is_empty() {
            let is_new = head.size == 0 && self.seen.is_none();
            return is_new.then_some(()).ok_or_else(|| broken("it is gone"));
        }
        let signed = open(&head.checkpoint, self.key.verifier())?;
        let signed = signed.checkpoint();
        if signed.size != head.size || signed.root != edge.root() {
            return Err(broken("its tiles are not those that were signed"));
        }
        match &self.seen {
            Some(seen) if seen.size > signed.size => Err(broken("it was rolled back")),
            Some(seen) if seen.size == signed.size && seen.root != signed.root => {
                Err(broken("it was written anew"))
            }
            _ => Ok(()),
        }
    }
}

/// The hashes of tiles by level and index.
type Tiles = BTreeMap<(u8, u64), Vec<u8>>;

/// Adds a hash to its tile, which may have been there before.
fn grow(before: &Tiles, grown: &mut Tiles, gained: TileHash) {
    let key = (gained.level, gained.tile);
    let tile = grown
        .entry(key)
        .or_insert_with(|| before.get(&key).cloned().unwrap_or_default());
    tile.extend_from_slice(&gained.hash.0);
}

/// The right edge of the tree, from the tiles that are not full, which are put into `tiles`.
async fn read_edge(tx: &mut Transaction, size: u64, tiles: &mut Tiles) -> Result<TreeEdge> {
    let mut levels = Vec::new();
    for (level, width) in (0_u8..).zip(TreeEdge::widths(size)) {
        let index = size >> (8 * (u32::from(level) + 1)).min(63);
        let hashes = match width {
            0 => Vec::new(),
            _ => audit::tile(tx, level, index).await?.unwrap_or_default(),
        };
        if hashes.len() != 32 * width {
            return Err(broken("a tile is absent or has another length"));
        }
        let (parts, _) = hashes.as_chunks::<32>();
        levels.push(parts.iter().map(|hash| log::Hash(*hash)).collect());
        tiles.insert((level, index), hashes);
    }
    TreeEdge::new(size, levels).ok_or_else(|| broken("its tiles do not fit its size"))
}

async fn read_tile(tx: &mut Transaction, path: TilePath) -> Result<Option<Vec<u8>>, StoreError> {
    let size = audit::head(tx).await?.map_or(0, |head| head.size);
    let there = TilePath::in_tree(path.kind, path.index, size);
    if there.is_none_or(|there| there.width < path.width) {
        return Ok(None);
    }
    let width = usize::from(path.width);
    match path.kind {
        TileKind::Hashes(level) => {
            let tile = audit::tile(tx, level, path.index).await?;
            Ok(tile.and_then(|tile| tile.get(..32 * width).map(<[u8]>::to_vec)))
        }
        TileKind::Entries => {
            let entries = audit::from(tx, path.index * TILE_WIDTH, path.width.into()).await?;
            let mut bundle = Vec::new();
            for entry in &entries {
                Entry::of_commitment(entry.commitment).write(&mut bundle);
            }
            Ok(Some(bundle))
        }
    }
}

fn open(text: &str, key: &VerifierKey) -> Result<SignedCheckpoint> {
    SignedCheckpoint::open(text, key).map_err(|why| {
        warn!(%why, "the checkpoint that is stored does not count");
        broken("its checkpoint is not signed by the log's key")
    })
}

/// The stored log is not the one that was signed.
fn broken(why: &str) -> ServiceError {
    ServiceError::Store(StoreError::Corrupt {
        table: "audit_head",
        row: "log".to_owned(),
        why: format!(
            "the log was changed, and is signed no further: {why}; run `healthcode audit verify`"
        ),
    })
}
