//! Files that nobody else may read, and files that are never half written.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

#[cfg(unix)]
pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Writes a file that its owner alone may read; durable when it returns.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.with_context(|| not_written(path))
}

/// Puts a new content in the place of an old one, whole or not at all.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let draft = path.with_extension("new");
    let written = fs::File::create(&draft).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    });
    written.with_context(|| not_written(path))
}

/// As [`replace`], for a file that its owner alone may read.
pub(super) fn replace_private(path: &Path, text: &str) -> Result<()> {
    let draft = path.with_extension("new");
    write_private(&draft, text)?;
    fs::rename(&draft, path).with_context(|| not_written(path))
}

fn not_written(path: &Path) -> String {
    format!(
        "{}: cannot be written; check the folder and its free space",
        path.display()
    )
}

#[cfg(unix)]
pub fn refuse_if_others_may_read(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(metadata) = fs::metadata(path)
        && metadata.permissions().mode() & 0o077 != 0
    {
        let path = path.display();
        anyhow::bail!(
            "{path}: others may read this key; run `chmod 600 {path}` and think about who may have"
        );
    }
    Ok(())
}

#[cfg(not(unix))]
pub fn refuse_if_others_may_read(_: &Path) -> Result<()> {
    Ok(())
}
