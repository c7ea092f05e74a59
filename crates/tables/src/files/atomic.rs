//! Files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::FileError;

/// A file written under another name in the same folder, which takes its own name only when it is
/// complete and on disk. Dropped before that, it leaves nothing behind.
pub struct AtomicFile {
    path: PathBuf,
    part: PathBuf,
    file: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Begins the file that will be at `path`.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn create(path: &Path) -> Result<Self, FileError> {
        Self::begin(
            path,
            File::options().write(true).create(true).truncate(true),
        )
    }

    /// Begins a file that only its owner may read.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub(crate) fn create_private(path: &Path) -> Result<Self, FileError> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self::begin(path, &options)
    }

    fn begin(path: &Path, options: &OpenOptions) -> Result<Self, FileError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let part = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let file = options
            .open(&part)
            .map_err(|source| FileError::write(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            part,
            file: Some(BufWriter::with_capacity(1 << 16, file)),
        })
    }

    /// Puts the file in place.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn commit(mut self) -> Result<PathBuf, FileError> {
        let placed = self.place();
        placed.map_err(|source| FileError::write(&self.path, source))?;
        Ok(self.path.clone())
    }

    fn place(&mut self) -> io::Result<()> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        let written = file.flush().and_then(|()| file.get_ref().sync_all());
        written
            .and_then(|()| fs::rename(&self.part, &self.path))
            .inspect_err(|_| self.remove())
    }

    fn remove(&self) {
        // Nothing better can be done about a part that does not go away.
        let _ = fs::remove_file(&self.part);
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file
            .as_mut()
            .map_or(Ok(bytes.len()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            self.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.html");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"one page").unwrap();
        assert!(!path.exists());
        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one page");
        drop(AtomicFile::create(&path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"one page");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let error = AtomicFile::create(&dir.path().join("no/such/report.html"));
        let error = error.map(drop).unwrap_err();
        assert!(error.to_string().contains("report.html"), "{error}");
    }
}
