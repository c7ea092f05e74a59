//! The folder that holds the generations, and the mark that says whose mirror it is.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::MirrorError;

/// Says which database the folder belongs to. Locked by the writer.
pub(super) const MARK: &str = "healthcode-mirror";
/// How the names of generations begin.
pub(super) const GENERATION: &str = "generation-";

/// A folder that belongs to the database.
#[derive(Clone, Debug)]
pub(super) struct MirrorFolder {
    path: PathBuf,
}

/// Lets one program write at a time. The system lets go of it when the program ends, however that
/// happens.
pub(super) struct Turn {
    _mark: File,
}

impl MirrorFolder {
    /// The folder, if it belongs to the mirror `id`; one that is not there or empty is taken.
    pub(super) fn claim(path: &Path, id: [u8; 16]) -> Result<Self, MirrorError> {
        let failed = |why| MirrorError::folder(path, why);
        make(path).map_err(failed)?;
        if read_mark(path).map_err(failed)?.is_none() {
            let mut entries = fs::read_dir(path).map_err(failed)?;
            // Another program may be writing its mark right now.
            if entries.any(|entry| !is_mark(&entry)) {
                return Err(MirrorError::Foreign {
                    path: path.to_owned(),
                    why: "it holds other files",
                });
            }
            write_mark(path, id).map_err(failed)?;
        }
        Self::find(path, id)
    }

    /// The folder, if it belongs to the mirror `id`.
    pub(super) fn find(path: &Path, id: [u8; 16]) -> Result<Self, MirrorError> {
        let why = match read_mark(path).map_err(|why| MirrorError::folder(path, why))? {
            Some(mark) if mark == mark_text(id) => {
                return Ok(Self {
                    path: path.to_owned(),
                });
            }
            Some(_) => "it holds the mirror of another database",
            None => "nothing was written there yet",
        };
        Err(MirrorError::Foreign {
            path: path.to_owned(),
            why,
        })
    }

    /// Takes the turn to write.
    pub(super) fn lock(&self) -> Result<Turn, MirrorError> {
        let mark = File::open(self.path.join(MARK));
        let mark = mark.map_err(|why| MirrorError::folder(&self.path, why))?;
        match mark.try_lock() {
            Ok(()) => Ok(Turn { _mark: mark }),
            Err(TryLockError::WouldBlock) => Err(MirrorError::Busy {
                path: self.path.clone(),
            }),
            Err(TryLockError::Error(why)) => Err(MirrorError::folder(&self.path, why)),
        }
    }

    /// Where a generation lies once it is complete.
    pub(super) fn generation(&self, number: u64) -> PathBuf {
        self.path.join(format!("{GENERATION}{number:06}"))
    }

    /// Where it is written.
    pub(super) fn part(&self, number: u64) -> PathBuf {
        self.path.join(format!(".{GENERATION}{number:06}.part"))
    }

    /// Makes the folder for a generation that comes from elsewhere. The turn must be taken.
    pub(super) fn make_part(&self, number: u64) -> Result<PathBuf, MirrorError> {
        let part = self.part(number);
        make(&part).map_err(|why| MirrorError::folder(&part, why))?;
        Ok(part)
    }

    /// Gives a generation its name, durably.
    pub(super) fn place(&self, number: u64) -> Result<(), MirrorError> {
        let placed = fs::rename(self.part(number), self.generation(number));
        let placed = placed.and_then(|()| sync_folder(&self.path));
        placed.map_err(|why| MirrorError::folder(&self.path, why))
    }

    /// Removes what a crash left: generations that are not complete or not listed. What was removed.
    /// The turn to write must be taken.
    pub(super) fn remove_leftovers(&self, listed: &[u64]) -> Result<Vec<String>, MirrorError> {
        let removed = self.try_remove_leftovers(listed);
        removed.map_err(|why| MirrorError::folder(&self.path, why))
    }

    fn try_remove_leftovers(&self, listed: &[u64]) -> io::Result<Vec<String>> {
        let mut removed = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let part = name.strip_prefix('.').unwrap_or(&name);
            let Some(number) = part.strip_prefix(GENERATION) else {
                continue;
            };
            let is_listed = number
                .parse()
                .is_ok_and(|number| name == part && listed.contains(&number));
            if !is_listed {
                fs::remove_dir_all(entry.path())?;
                removed.push(name);
            }
        }
        removed.sort_unstable();
        Ok(removed)
    }
}

fn is_mark(entry: &io::Result<fs::DirEntry>) -> bool {
    let name = entry.as_ref().map(fs::DirEntry::file_name);
    name.is_ok_and(|name| {
        let name = name.to_string_lossy();
        name.strip_prefix('.').unwrap_or(&name).starts_with(MARK)
    })
}

/// Makes a folder that only its owner reads, unless it is there.
fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn read_mark(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path.join(MARK)) {
        Ok(mark) => Ok(Some(mark.trim().to_owned())),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

fn write_mark(path: &Path, id: [u8; 16]) -> io::Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let part = path.join(format!(".{MARK}.{}.{count}", std::process::id()));
    let mut file = File::create(&part)?;
    file.write_all(format!("{}\n", mark_text(id)).as_bytes())?;
    file.sync_all()?;
    // A mark that is replaced could be locked twice: the old one by one program, the new by another.
    let linked = fs::hard_link(&part, path.join(MARK));
    match linked.map_err(|why| why.kind()) {
        Ok(()) | Err(io::ErrorKind::AlreadyExists) => fs::remove_file(part)?,
        // Not every disk has links.
        Err(_) => fs::rename(part, path.join(MARK))?,
    }
    sync_folder(path)
}

/// What the mark says.
pub(super) fn mark_text(id: [u8; 16]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes the names in a folder durable. Only Unix opens folders.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_one_database_and_other_files_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror");
        let error = MirrorFolder::find(&path, [1; 16]).unwrap_err();
        assert!(matches!(error, MirrorError::Foreign { .. }), "{error}");
        MirrorFolder::claim(&path, [1; 16]).unwrap();
        MirrorFolder::claim(&path, [1; 16]).unwrap();
        let error = MirrorFolder::claim(&path, [2; 16]).unwrap_err();
        assert!(error.to_string().contains("another database"), "{error}");

        let other = dir.path().join("other");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("letter.txt"), "Dear Sir").unwrap();
        let error = MirrorFolder::claim(&other, [1; 16]).unwrap_err();
        assert!(error.to_string().contains("other files"), "{error}");
        assert!(other.join("letter.txt").exists());
    }

    #[test]
    fn one_program_writes_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let folder = MirrorFolder::claim(dir.path(), [1; 16]).unwrap();
        let turn = folder.lock().unwrap();
        let busy = folder.lock();
        assert!(matches!(busy, Err(MirrorError::Busy { .. })));
        drop(turn);
        folder.lock().unwrap();
    }

    #[test]
    fn a_mark_is_not_replaced_because_it_may_be_locked() {
        let dir = tempfile::tempdir().unwrap();
        let folder = MirrorFolder::claim(dir.path(), [1; 16]).unwrap();
        let _turn = folder.lock().unwrap();
        // Another program that has just found no mark.
        write_mark(dir.path(), [1; 16]).unwrap();
        assert!(matches!(folder.lock(), Err(MirrorError::Busy { .. })));
        let names = fs::read_dir(dir.path()).unwrap();
        assert_eq!(names.count(), 1, "only the mark");
    }

    #[test]
    fn what_is_not_complete_or_not_listed_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let folder = MirrorFolder::claim(dir.path(), [1; 16]).unwrap();
        let names = [
            "generation-000001",
            "generation-000002",
            ".generation-000003.part",
            "generation-000004",
            "notes",
        ];
        for name in names {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let removed = folder.remove_leftovers(&[1, 2]).unwrap();
        assert_eq!(removed, [".generation-000003.part", "generation-000004"]);
        for name in ["generation-000001", "generation-000002", "notes", MARK] {
            assert!(dir.path().join(name).exists(), "{name}");
        }
    }
}
