//! Why a mirror is not written or not read.

use std::io;
use std::path::{Path, PathBuf};

use store::StoreError;
use tables::files::FileError;

/// Why a mirror is not written or not read. What was there before stays, and every answer is still
/// right without it.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The record cannot be reached or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the mirror cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder cannot be used.
    #[error("{}: {source}. Check that the folder of the mirror can be reached, may be written and has space", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder holds something else.
    #[error("{}: is not the mirror of this database: {why}. Name an empty folder, or the one that holds this database's mirror", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What was found.
        why: &'static str,
    },
    /// The newest generation is in another folder.
    #[error("the mirror of this database lies in {place}; name that folder, or have the next one written here with `healthcode mirror --mirror {}`", path.display())]
    Elsewhere {
        /// The folder that was named.
        path: PathBuf,
        /// The one where it lies.
        place: String,
    },
    /// The bucket does not do what it is asked.
    #[error(
        "{place}: {why}. Check that the bucket is there and can be reached, and what the AWS_* variables say about endpoint, region and credentials"
    )]
    Bucket {
        /// The bucket and the prefix.
        place: String,
        /// What the client says; nothing of the credentials.
        why: String,
    },
    /// Something of a generation is missing in the bucket or damaged.
    #[error("{place}: {object}: {why}")]
    Lost {
        /// The bucket and the prefix.
        place: String,
        /// Its name in the bucket.
        object: String,
        /// What was found.
        why: &'static str,
    },
    /// Another program is writing it.
    #[error("{}: another program is writing the mirror; it will be there when that one is done", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Another program listed a generation of the same number first.
    #[error(
        "another program wrote generation {0} of the mirror meanwhile; that one is used. Let one of them write it, or give both the same folder"
    )]
    Superseded(u64),
    /// The program is ending.
    #[error("the mirror was not finished: {0}; it is begun anew")]
    Interrupted(String),
}

impl MirrorError {
    /// Whether it will be there the next time too, because files are missing or damaged. A disk or a
    /// bucket that does not answer may do so later.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::File(FileError::Read { source, .. }) => source.kind() == io::ErrorKind::NotFound,
            Self::File(_) | Self::Lost { .. } => true,
            _ => false,
        }
    }

    pub(super) fn folder(path: &Path, source: io::Error) -> Self {
        Self::Folder {
            path: path.to_owned(),
            source,
        }
    }
}
