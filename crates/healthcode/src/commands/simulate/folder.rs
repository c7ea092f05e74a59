//! A folder that appears whole or not at all.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::outcome::wrong_use;

/// A folder filled beside its final place. Dropped before [`NewFolder::keep`], it leaves nothing.
pub struct NewFolder {
    place: PathBuf,
    filled: TempDir,
}

impl NewFolder {
    /// Begins a folder that will be called `place`.
    ///
    /// # Errors
    /// Wrong use if there is something at `place` already; if nothing can be made beside it.
    pub fn create(place: &Path) -> Result<Self> {
        match fs::read_dir(place).map(|mut entries| entries.next().is_some()) {
            Ok(true) => {
                return Err(wrong_use(format!(
                    "{}: the folder is not empty; give -o a new or empty one, so that no old table \
                     stays among the new",
                    place.display()
                )));
            }
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(wrong_use(format!(
                    "{}: is a file; give -o a new or empty folder",
                    place.display()
                )));
            }
            _ => {}
        }
        let parent = match place.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).with_context(|| cannot(parent))?;
        let filled = tempfile::Builder::new()
            .prefix(".simulate-")
            .tempdir_in(parent)
            .with_context(|| cannot(parent))?;
        Ok(Self {
            place: place.to_owned(),
            filled,
        })
    }

    /// Where to put the files.
    pub fn path(&self) -> &Path {
        self.filled.path()
    }

    /// Puts the folder in its place.
    ///
    /// # Errors
    /// If something came to be there in the meantime.
    pub fn keep(self) -> Result<()> {
        self.move_in().with_context(|| cannot(&self.place))?;
        // It is in its place now, so there is nothing to remove.
        let _ = self.filled.keep();
        Ok(())
    }

    fn move_in(&self) -> io::Result<()> {
        match fs::remove_dir(&self.place) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        share_like_any_other(self.filled.path())?;
        fs::rename(self.filled.path(), &self.place)
    }
}

/// Temporary folders are private; a result is not.
fn share_like_any_other(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn cannot(path: &Path) -> String {
    format!(
        "{}: cannot be written; check that the folder may be written and the disk has room",
        path.display()
    )
}
