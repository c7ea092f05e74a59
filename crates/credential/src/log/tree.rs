//! Hashes of the tree, and its right edge.

use std::fmt;

use sha2::{Digest, Sha256};

use super::tile::TILE_WIDTH;
use crate::hex;

/// SHA-256 of a leaf or of two subtrees.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The root of a tree without leaves.
    pub fn of_nothing() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// The root of two subtrees.
    pub(super) fn of_node(left: Self, right: Self) -> Self {
        let digest = Sha256::new_with_prefix([1_u8]).chain_update(left.0);
        Self(digest.chain_update(right.0).finalize().into())
    }

    /// The root over subtrees of equal size, of which only the last may be smaller.
    pub(super) fn of_subtrees(subtrees: &[Self]) -> Self {
        match subtrees {
            [] => Self::of_nothing(),
            [one] => *one,
            _ => {
                let (left, right) = subtrees.split_at(split_of(subtrees.len() as u64) as usize);
                Self::of_node(Self::of_subtrees(left), Self::of_subtrees(right))
            }
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The hash of a leaf (RFC 6962, section 2.1).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let digest = Sha256::new_with_prefix([0_u8]).chain_update(entry);
    Hash(digest.finalize().into())
}

/// How many of `count` leaves, two or more, the left subtree has: the largest power of two below it.
pub(super) const fn split_of(count: u64) -> u64 {
    1 << (63 - (count - 1).leading_zeros())
}

/// A hash and its place in the tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileHash {
    /// The level of the tile.
    pub level: u8,
    /// Which tile of the level.
    pub tile: u64,
    /// Which hash of the tile.
    pub place: u8,
    /// The hash.
    pub hash: Hash,
}

/// The right edge of a tree: of each level of tiles the hashes of the one that is not full. It is all
/// that a tree needs to grow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeEdge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl TreeEdge {
    /// The edge of a tree of `size` leaves, whose tiles that are not full hold `levels`, the lowest
    /// first; `None` if these do not have as many hashes as the size says.
    pub fn new(size: u64, mut levels: Vec<Vec<Hash>>) -> Option<Self> {
        let widths = Self::widths(size);
        levels.truncate(widths.len());
        let given = levels.iter().map(Vec::len);
        given.eq(widths).then_some(Self { size, levels })
    }

    /// How many hashes the tile that is not full has on each level, the lowest first.
    pub fn widths(size: u64) -> Vec<usize> {
        let mut widths = Vec::new();
        let mut left = size;
        while left > 0 {
            widths.push((left % TILE_WIDTH) as usize);
            left /= TILE_WIDTH;
        }
        widths
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; hands each hash that a tile gains to `gained`, a leaf first.
    pub fn push(&mut self, leaf: Hash, mut gained: impl FnMut(TileHash)) {
        let mut hash = leaf;
        let mut index = self.size;
        self.size += 1;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[level];
            hashes.push(hash);
            gained(TileHash {
                level: u8::try_from(level).unwrap_or(u8::MAX),
                tile: index / TILE_WIDTH,
                place: u8::try_from(index % TILE_WIDTH).unwrap_or_default(),
                hash,
            });
            if (hashes.len() as u64) < TILE_WIDTH {
                return;
            }
            hash = Hash::of_subtrees(hashes);
            hashes.clear();
            index /= TILE_WIDTH;
        }
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut below: Option<Hash> = None;
        for hashes in &self.levels {
            let mut subtrees = hashes.clone();
            subtrees.extend(below);
            if !subtrees.is_empty() {
                below = Some(Hash::of_subtrees(&subtrees));
            }
        }
        below.unwrap_or_else(Hash::of_nothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves and roots of the Certificate Transparency reference implementation.
    const LEAVES: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let mut edge = TreeEdge::default();
        assert_eq!(edge.root().to_string(), nothing);
        for (leaf, root) in LEAVES.iter().zip(ROOTS) {
            edge.push(leaf_hash(&hex::decode(leaf).unwrap()), |_| {});
            assert_eq!(edge.root().to_string(), root, "{} leaves", edge.size());
        }
    }

    /// The root as RFC 6962 defines it, over all leaves.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => Hash::of_nothing(),
            1 => leaves[0],
            count => {
                let mut split = 1;
                while split * 2 < count {
                    split *= 2;
                }
                Hash::of_node(defined(&leaves[..split]), defined(&leaves[split..]))
            }
        }
    }

    #[test]
    fn a_tree_that_grows_through_tiles_has_the_root_that_is_defined() {
        let leaves: Vec<Hash> = (0..66_000_u32)
            .map(|n| leaf_hash(&n.to_be_bytes()))
            .collect();
        let mut edge = TreeEdge::default();
        let sizes = [
            0, 1, 2, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 66_000,
        ];
        for size in sizes {
            while edge.size() < size {
                edge.push(leaves[edge.size() as usize], |_| {});
            }
            assert_eq!(edge.root(), defined(&leaves[..size as usize]), "{size}");
        }
    }

    #[test]
    fn an_edge_is_taken_up_where_it_was_left() {
        let mut whole = TreeEdge::default();
        for n in 0..700_u32 {
            whole.push(leaf_hash(&n.to_be_bytes()), |_| {});
        }
        let levels = whole.levels.clone();
        let mut again = TreeEdge::new(700, levels.clone()).unwrap();
        whole.push(leaf_hash(b"next"), |_| {});
        again.push(leaf_hash(b"next"), |_| {});
        assert_eq!(whole, again);
        assert_eq!(TreeEdge::new(701, levels), None);
    }
}
