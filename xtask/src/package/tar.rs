//! Archives in the form of POSIX (ustar), written so that the same content gives the same bytes.

use anyhow::{Context as _, Result, ensure};

const BLOCK: usize = 512;

/// An archive in memory.
pub struct Archive {
    bytes: Vec<u8>,
    modified_at: u64,
}

/// What lies in it besides its name.
#[derive(Clone, Copy)]
pub struct Owned {
    /// Who may do what.
    pub mode: u32,
    /// User and group.
    pub owner: u32,
}

impl Owned {
    /// The owner of the machine, and everybody reads it.
    pub const fn by_root(mode: u32) -> Self {
        Self { mode, owner: 0 }
    }
}

impl Archive {
    /// An empty one, all of whose entries were modified at that time, in Unix seconds.
    pub const fn new(modified_at: u64) -> Self {
        Self {
            bytes: Vec::new(),
            modified_at,
        }
    }

    /// Adds a folder.
    ///
    /// # Errors
    /// Its name is too long.
    pub fn folder(&mut self, name: &str, owned: Owned) -> Result<()> {
        self.header(&format!("{name}/"), owned, b'5', 0)
    }

    /// Adds a file.
    ///
    /// # Errors
    /// Its name is too long.
    pub fn file(&mut self, name: &str, owned: Owned, content: &[u8]) -> Result<()> {
        self.header(name, owned, b'0', content.len())?;
        self.bytes.extend_from_slice(content);
        let whole = self.bytes.len().next_multiple_of(BLOCK);
        self.bytes.resize(whole, 0);
        Ok(())
    }

    /// The archive.
    pub fn finish(mut self) -> Vec<u8> {
        let end = self.bytes.len() + 2 * BLOCK;
        self.bytes.resize(end, 0);
        self.bytes
    }

    fn header(&mut self, name: &str, owned: Owned, kind: u8, size: usize) -> Result<()> {
        ensure!(name.len() < 100, "{name}: too long for an archive");
        let mut header = [0; BLOCK];
        let mut put = |at: usize, text: &str| {
            let place = header.get_mut(at..at + text.len());
            place.map(|place| place.copy_from_slice(text.as_bytes()))
        };
        let size = u64::try_from(size)?;
        let owner = format!("{:07o}\0", owned.owner);
        for (at, text) in [
            (0, name),
            (100, &format!("{:07o}\0", owned.mode)),
            (108, &owner),
            (116, &owner),
            (124, &format!("{size:011o}\0")),
            (136, &format!("{:011o}\0", self.modified_at)),
            (148, "        "),
            (257, "ustar\x0000"),
        ] {
            put(at, text).context("a field of an archive does not fit")?;
        }
        header[156] = kind;
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.bytes.extend_from_slice(&header);
        Ok(())
    }
}
