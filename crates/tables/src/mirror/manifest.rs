//! The list of a mirror's files: `manifest.json`.
//!
//! It has the length and the SHA-256 of every other file, so that the hash of the list alone tells one
//! mirror from all others.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::files::FileError;

/// What a mirror consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// How many people it knows.
    pub people: u64,
    /// How many pieces of evidence it holds.
    pub facts: u64,
    /// How many pieces do not fit its columns, for example one of the year 2200.
    pub left_out: u64,
    /// Every file but the list itself, in order of name.
    pub files: Vec<MirrorFileAbout>,
}

/// One file of a mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorFileAbout {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub hash: [u8; 32],
}

impl Manifest {
    /// The name of the file.
    pub const NAME: &'static str = "manifest.json";

    /// The list of the mirror in the folder `dir`, and the hash of it. The other files are not looked
    /// at: see [`Self::check`].
    ///
    /// # Errors
    /// [`FileError`] if it is not there or is no such list.
    pub fn read(dir: &Path) -> Result<(Self, [u8; 32]), FileError> {
        let path = dir.join(Self::NAME);
        let text = fs::read(&path).map_err(|why| FileError::read(&path, why))?;
        let listed = serde_json::from_slice(&text)
            .ok()
            .and_then(|text| parse(&text));
        let listed = listed.ok_or_else(|| FileError::NotMirror {
            path,
            why: "it is not the list of a mirror's files".to_owned(),
        })?;
        Ok((listed, Sha256::digest(&text).into()))
    }

    /// Reads every file that is listed and compares length and hash.
    ///
    /// # Errors
    /// [`FileError`] for the first that is missing or not as it was written.
    pub fn check(&self, dir: &Path) -> Result<(), FileError> {
        for file in &self.files {
            let path = dir.join(&file.name);
            let about = look_at(dir, &file.name).map_err(|why| FileError::read(&path, why))?;
            if about != *file {
                let why = "its content is not what was written";
                return Err(FileError::damaged(&path, &why));
            }
        }
        Ok(())
    }

    /// How long all files are together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Lists the files of a folder and writes the list; the hash of it.
    pub(super) fn write(&mut self, dir: &Path, names: &[String]) -> Result<[u8; 32], FileError> {
        let path = dir.join(Self::NAME);
        let written = self.write_to(dir, &path, names);
        written.map_err(|why| FileError::write(&path, why))
    }

    fn write_to(&mut self, dir: &Path, path: &Path, names: &[String]) -> io::Result<[u8; 32]> {
        let files = names.iter().map(|name| look_at(dir, name));
        self.files = files.collect::<io::Result<_>>()?;
        let files = self.files.iter().map(
            |file| json!({ "name": file.name, "bytes": file.bytes, "sha256": hex(&file.hash) }),
        );
        let list = json!({
            "layout": super::VERSION,
            "people": self.people,
            "facts": self.facts,
            "left_out": self.left_out,
            "files": files.collect::<Vec<_>>(),
        });
        let text = format!("{list:#}\n");
        let mut file = File::create(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(Sha256::digest(text.as_bytes()).into())
    }
}

fn parse(list: &Value) -> Option<Manifest> {
    if list.get("layout")? != super::VERSION {
        return None;
    }
    let files = list.get("files")?.as_array()?.iter().map(|file| {
        let name = file.get("name")?.as_str()?;
        // A list from elsewhere must not lead out of the folder.
        let is_name = Path::new(name).file_name()? == name;
        is_name.then_some(MirrorFileAbout {
            name: name.to_owned(),
            bytes: file.get("bytes")?.as_u64()?,
            hash: from_hex(file.get("sha256")?.as_str()?)?,
        })
    });
    Some(Manifest {
        people: list.get("people")?.as_u64()?,
        facts: list.get("facts")?.as_u64()?,
        left_out: list.get("left_out")?.as_u64()?,
        files: files.collect::<Option<_>>()?,
    })
}

fn look_at(dir: &Path, name: &str) -> io::Result<MirrorFileAbout> {
    let mut file = File::open(dir.join(name))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok(MirrorFileAbout {
        name: name.to_owned(),
        bytes,
        hash: hash.finalize().into(),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
