//! How much a search may hold of what it finds.

use std::path::{Path, PathBuf};

use engine::columns::Seconds;
use engine::trace::{Source, Span};

use super::error::FileError;
use crate::mirror::Memory;

/// The memory for what a search finds, beside what is held already.
#[derive(Debug)]
pub struct Room {
    /// What is searched, to be named where it does not fit.
    path: PathBuf,
    memory: Memory,
    taken: u64,
}

impl Room {
    /// The room that `memory` leaves to a search in `path`.
    pub fn new(path: &Path, memory: Memory) -> Self {
        Self {
            path: path.to_owned(),
            memory: memory.fixed(),
            taken: 0,
        }
    }

    /// The same with so many bytes taken.
    #[must_use]
    pub(crate) fn beside(&self, bytes: u64) -> Self {
        Self {
            path: self.path.clone(),
            memory: self.memory,
            taken: self.taken + bytes,
        }
    }

    /// Whether so many bytes more may be held. Lists double while they grow, and what they give back is
    /// not taken again at once: measured, a third more than they hold.
    ///
    /// # Errors
    /// [`FileError::FoundTooMuch`].
    pub(crate) fn check(&self, bytes: u64) -> Result<(), FileError> {
        let needed = self.taken + bytes + bytes / 3;
        match self.memory.limit() {
            Some(limit) if needed > limit => Err(FileError::FoundTooMuch {
                path: self.path.clone(),
                needed,
                limit,
            }),
            _ => Ok(()),
        }
    }
}

/// Visits of which a search finds only what there is room for.
pub(crate) struct Within<'s, S> {
    pub(crate) source: &'s S,
    pub(crate) room: Room,
}

impl<S: Source> Source for Within<'_, S>
where
    FileError: From<S::Error>,
{
    type Error = FileError;
    type Scratch = S::Scratch;

    fn extent(&self) -> Option<Span> {
        self.source.extent()
    }

    fn rows(&self) -> usize {
        self.source.rows()
    }

    fn visits_of(
        &self,
        scratch: &mut Self::Scratch,
        person: u32,
        during: Span,
        each: impl FnMut(u32, Span),
    ) -> Result<(), FileError> {
        Ok(self.source.visits_of(scratch, person, during, each)?)
    }

    fn present_at(
        &self,
        scratch: &mut Self::Scratch,
        venue: u32,
        during: Span,
        each: impl FnMut(u32, Span),
    ) -> Result<(), FileError> {
        Ok(self.source.present_at(scratch, venue, during, each)?)
    }

    fn may_hold(&self, bytes: u64) -> Result<(), FileError> {
        self.room.check(bytes)
    }

    fn announce_people(&self, people: &mut dyn Iterator<Item = u32>) {
        self.source.announce_people(people);
    }

    fn announce_venues(&self, presences: &mut dyn Iterator<Item = (u32, Seconds)>) {
        self.source.announce_venues(presences);
    }
}
