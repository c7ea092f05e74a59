//! Where each tile lies, and what is in it (C2SP tlog-tiles, height 8).

use std::fmt;
use std::str::FromStr;

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;
/// Bytes of an entry: a version and a commitment.
pub const ENTRY_BYTES: usize = 33;

/// What a file below `tile/` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileKind {
    /// Hashes of a level; level 0 has those of the leaves.
    Hashes(u8),
    /// Entries, each behind its length.
    Entries,
}

/// The name of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TilePath {
    /// What it holds.
    pub kind: TileKind,
    /// Which one of its level.
    pub index: u64,
    /// How many hashes or entries: 1 to 256.
    pub width: u16,
}

/// A text that names no tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the path of a tile, for example tile/0/x001/234 or tile/entries/000.p/7")]
pub struct BadTilePath;

impl TilePath {
    /// The tile of a level in a tree of `size` leaves; `None` if there is none there.
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            TileKind::Hashes(level) => u32::from(level),
            TileKind::Entries => 0,
        };
        let hashes = size.checked_shr(8 * level).unwrap_or_default();
        let before = index.checked_mul(TILE_WIDTH)?;
        let width = hashes.checked_sub(before)?.min(TILE_WIDTH);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { kind, index, width })
    }

    /// Whether it can still grow.
    pub const fn is_partial(&self) -> bool {
        (self.width as u64) < TILE_WIDTH
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut left = self.index / 1000;
        while left > 0 {
            groups.push(left % 1000);
            left /= 1000;
        }
        for group in groups[1..].iter().rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if self.is_partial() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for TilePath {
    type Err = BadTilePath;

    fn from_str(text: &str) -> Result<Self, BadTilePath> {
        let path = read(text).ok_or(BadTilePath)?;
        // One tile has one name.
        (path.to_string() == text)
            .then_some(path)
            .ok_or(BadTilePath)
    }
}

fn read(text: &str) -> Option<TilePath> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes(level.parse::<u8>().ok().filter(|level| *level < 64)?),
    };
    let (groups, width) = match rest.split_once(".p/") {
        Some((groups, width)) => (groups, width.parse::<u16>().ok()?),
        None => (rest, 256),
    };
    let mut index = 0_u64;
    for group in groups.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let is_number = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
        let number = digits.parse::<u64>().ok().filter(|_| is_number)?;
        index = index.checked_mul(1000)?.checked_add(number)?;
    }
    (1..=256)
        .contains(&width)
        .then_some(TilePath { kind, index, width })
}

/// What a leaf of the log holds: a version and a commitment, that is a hash of something that may be
/// shown or may be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry(pub [u8; ENTRY_BYTES]);

impl Entry {
    /// The version that this program writes.
    const VERSION: u8 = 1;

    /// The entry with this commitment.
    pub fn of_commitment(commitment: [u8; 32]) -> Self {
        let mut bytes = [Self::VERSION; ENTRY_BYTES];
        bytes[1..].copy_from_slice(&commitment);
        Self(bytes)
    }

    /// Adds it to a bundle.
    pub fn write(&self, bundle: &mut Vec<u8>) {
        bundle.extend_from_slice(&(ENTRY_BYTES as u16).to_be_bytes());
        bundle.extend_from_slice(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_has_one_name() {
        let table = [
            (TileKind::Hashes(0), 0, 256, "tile/0/000"),
            (TileKind::Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067"),
            (TileKind::Hashes(2), 0, 1, "tile/2/000.p/1"),
            (TileKind::Entries, 1000, 17, "tile/entries/x001/000.p/17"),
        ];
        for (kind, index, width, text) in table {
            let path = TilePath { kind, index, width };
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse(), Ok(path));
        }
        let bad = [
            "",
            "tile/0",
            "tile/00/000",
            "tile/64/000",
            "tile/0/0",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/+01",
            "tile/0/../checkpoint",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ];
        for text in bad {
            assert_eq!(text.parse::<TilePath>(), Err(BadTilePath), "{text}");
        }
    }

    #[test]
    fn a_tree_of_70_000_leaves_has_the_tiles_of_the_specification() {
        let width = |level, index| {
            let tile = TilePath::in_tree(TileKind::Hashes(level), index, 70_000);
            tile.map(|tile| tile.width)
        };
        assert_eq!(
            (width(0, 272), width(0, 273), width(0, 274)),
            (Some(256), Some(112), None)
        );
        assert_eq!(
            (width(1, 0), width(1, 1), width(1, 2)),
            (Some(256), Some(17), None)
        );
        assert_eq!(
            (width(2, 0), width(2, 1), width(3, 0)),
            (Some(1), None, None)
        );
    }
}
