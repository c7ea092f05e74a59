//! That a tree has grown from an earlier one: a consistency proof (RFC 6962, section 2.1.2), made
//! from tiles and verified from nothing but the two roots.

use super::tile::{TILE_WIDTH, TileKind, TilePath};
use super::tree::{Hash, split_of};

/// A tree that did not grow from the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// It has fewer leaves than before.
    #[error("the tree has {new} entries and had {old} before: it was rolled back")]
    Smaller {
        /// Leaves before.
        old: u64,
        /// Leaves now.
        new: u64,
    },
    /// It has other leaves than before.
    #[error("the tree does not continue the one that was seen before: something in it was changed")]
    Other,
}

/// Makes the proof that a tree of `new` leaves continues one of `old`. `tile` reads the hashes of a
/// tile.
///
/// # Errors
/// Those of `tile`.
pub fn consistency_proof<E>(
    old: u64,
    new: u64,
    tile: &mut impl FnMut(TilePath) -> Result<Vec<Hash>, E>,
) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    if old == 0 || old >= new {
        return Ok(proof);
    }
    let (mut begin, mut end) = (0, new);
    let mut right = Vec::new();
    // Down to where the old tree ends; what lies beside the way is the proof.
    while old != end {
        let split = begin + split_of(end - begin);
        if old <= split {
            right.push(subtree(split, end, new, tile)?);
            end = split;
        } else {
            right.push(subtree(begin, split, new, tile)?);
            begin = split;
        }
    }
    if begin > 0 {
        proof.push(subtree(begin, end, new, tile)?);
    }
    proof.extend(right.into_iter().rev());
    Ok(proof)
}

/// Verifies that the tree of `new` leaves and root `new_root` continues the one of `old` leaves and
/// root `old_root`.
///
/// # Errors
/// [`BadProof`] says in what it does not.
pub fn verify_consistency(
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), BadProof> {
    if old > new {
        return Err(BadProof::Smaller { old, new });
    }
    let is_same = match (old, proof) {
        (0, _) => return Ok(()),
        (_, []) => old == new && old_root == new_root,
        _ if old == new => false,
        _ => roots_of_proof(old, new, old_root, proof) == Some((old_root, new_root)),
    };
    is_same.then_some(()).ok_or(BadProof::Other)
}

/// The roots of both trees as a proof gives them (RFC 9162, section 2.1.4.2).
fn roots_of_proof(old: u64, new: u64, old_root: Hash, proof: &[Hash]) -> Option<(Hash, Hash)> {
    let mut path = proof.iter();
    let first = if old.is_power_of_two() {
        old_root
    } else {
        *path.next()?
    };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut of_old, mut of_new) = (first, first);
    for hash in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            of_old = Hash::of_node(*hash, of_old);
            of_new = Hash::of_node(*hash, of_new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            of_new = Hash::of_node(of_new, *hash);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some((of_old, of_new))
}

/// The root of the leaves from `begin` up to `end`, from tiles of a tree of `size` leaves. The range
/// is one that the definition of the tree splits into.
fn subtree<E>(
    begin: u64,
    end: u64,
    size: u64,
    tile: &mut impl FnMut(TilePath) -> Result<Vec<Hash>, E>,
) -> Result<Hash, E> {
    let count = end - begin;
    if !count.is_power_of_two() {
        let split = begin + split_of(count);
        let left = subtree(begin, split, size, tile)?;
        return Ok(Hash::of_node(left, subtree(split, end, size, tile)?));
    }
    let level = count.trailing_zeros() / 8;
    let (first, hashes) = (begin >> (8 * level), count >> (8 * level));
    let kind = TileKind::Hashes(u8::try_from(level).unwrap_or(u8::MAX));
    let Some(path) = TilePath::in_tree(kind, first / TILE_WIDTH, size) else {
        return Ok(Hash::of_nothing());
    };
    let read = tile(path)?;
    let from = (first % TILE_WIDTH) as usize;
    // A tile that is shorter than it should be proves nothing.
    let subtrees = read.get(from..from + hashes as usize);
    Ok(subtrees.map_or_else(Hash::of_nothing, Hash::of_subtrees))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::super::tree::{TreeEdge, leaf_hash};
    use super::*;

    /// All hashes of a tree by level and tile.
    #[derive(Default)]
    struct Tree {
        edge: TreeEdge,
        roots: Vec<Hash>,
        tiles: BTreeMap<(u8, u64), Vec<Hash>>,
    }

    impl Tree {
        fn of(leaves: u32) -> Self {
            let mut tree = Self::default();
            tree.roots.push(tree.edge.root());
            for n in 0..leaves {
                let tiles = &mut tree.tiles;
                tree.edge.push(leaf_hash(&n.to_be_bytes()), |gained| {
                    let tile = tiles.entry((gained.level, gained.tile)).or_default();
                    tile.push(gained.hash);
                });
                tree.roots.push(tree.edge.root());
            }
            tree
        }

        fn proof(&self, old: u64, new: u64) -> Vec<Hash> {
            let read = &mut |path: TilePath| {
                let TileKind::Hashes(level) = path.kind else {
                    panic!("{path}")
                };
                let tile = &self.tiles[&(level, path.index)];
                Ok::<_, Infallible>(tile[..usize::from(path.width)].to_vec())
            };
            consistency_proof(old, new, read).unwrap()
        }
    }

    #[test]
    fn every_tree_continues_every_earlier_one() {
        let tree = Tree::of(600);
        let sizes = (0..70).chain([254, 255, 256, 257, 300, 511, 512, 513, 599, 600]);
        let sizes: Vec<u64> = sizes.collect();
        for &old in &sizes {
            for &new in sizes.iter().filter(|new| **new >= old) {
                let proof = tree.proof(old, new);
                let (old_root, new_root) = (tree.roots[old as usize], tree.roots[new as usize]);
                let verified = verify_consistency((old, old_root), (new, new_root), &proof);
                assert_eq!(verified, Ok(()), "{old} to {new}");
            }
        }
    }

    #[test]
    fn a_tree_that_was_changed_or_rolled_back_continues_nothing() {
        let tree = Tree::of(300);
        let root = |size: u64| tree.roots[size as usize];
        for (old, new) in [(1, 2), (7, 8), (8, 300), (255, 300), (256, 257), (299, 300)] {
            let proof = tree.proof(old, new);
            for place in 0..proof.len() {
                let mut bad = proof.clone();
                bad[place].0[0] ^= 1;
                let verified = verify_consistency((old, root(old)), (new, root(new)), &bad);
                assert_eq!(verified, Err(BadProof::Other), "{old} to {new}, {place}");
            }
            let mut longer = proof.clone();
            longer.push(root(1));
            for bad in [&proof[..proof.len() - 1], &longer] {
                let verified = verify_consistency((old, root(old)), (new, root(new)), bad);
                assert_eq!(verified, Err(BadProof::Other), "{old} to {new}");
            }
            let verified = verify_consistency((old, leaf_hash(b"x")), (new, root(new)), &proof);
            assert_eq!(verified, Err(BadProof::Other));
        }
        let verified = verify_consistency((5, root(5)), (5, root(6)), &[]);
        assert_eq!(verified, Err(BadProof::Other));
        let verified = verify_consistency((6, root(6)), (5, root(5)), &[]);
        assert_eq!(verified, Err(BadProof::Smaller { old: 6, new: 5 }));
    }
}
