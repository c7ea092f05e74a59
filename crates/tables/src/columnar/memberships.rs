//! A table of companions as lists: who belongs to which group, and when.

use std::path::Path;

use engine::columns::Seconds;

use super::names::LocalNames;
use super::piece::{As, Piece};
use super::read::{NotRead, TableFile, Taker, read_files};
use crate::files::{COMPANIONS, FileReport, NameHasher, Reading};

/// Memberships in the order of the file, some of them in each part.
#[derive(Default)]
pub(crate) struct ReadMemberships {
    pub(crate) parts: Vec<MembershipPart>,
    hasher: NameHasher,
}

/// Some memberships. People and groups have numbers in the names of the part.
pub(crate) struct MembershipPart {
    pub(crate) people: LocalNames,
    pub(crate) groups: LocalNames,
    pub(crate) rows: MembershipRows,
}

#[derive(Default)]
pub(crate) struct MembershipRows {
    pub(crate) person: Vec<u32>,
    pub(crate) group: Vec<u32>,
    /// A place in `GroupKind::ALL`.
    pub(crate) kind: Vec<u8>,
    pub(crate) from: Vec<Seconds>,
    /// What nobody ended lasts as long as there is time.
    pub(crate) until: Vec<Seconds>,
}

/// Reads a table of companions.
///
/// # Errors
/// [`NotRead`].
pub(crate) fn read_memberships(
    path: &Path,
    reading: &mut Reading<'_>,
) -> Result<(Vec<MembershipPart>, FileReport), NotRead> {
    let file = TableFile::open(path, &COMPANIONS, As::Memberships, reading.options.now)?;
    let report = file.nothing_read(reading);
    let mut memberships = ReadMemberships::default();
    let mut reports = read_files(path, &[file], &mut memberships, reading)?;
    Ok((memberships.parts, reports.pop().unwrap_or(report)))
}

impl Taker for ReadMemberships {
    fn hashers(&self) -> [NameHasher; 2] {
        [self.hasher.clone(), self.hasher.clone()]
    }

    fn take(&mut self, _: usize, piece: Piece) -> Result<(), NotRead> {
        self.parts.push(MembershipPart {
            people: piece.people,
            groups: piece.others,
            rows: piece.memberships,
        });
        Ok(())
    }

    fn memory(&self) -> u64 {
        let part =
            |part: &MembershipPart| part.people.bytes() + part.groups.bytes() + part.rows.bytes();
        self.parts.iter().map(part).sum::<usize>() as u64
    }
}

impl MembershipRows {
    pub(super) fn bytes(&self) -> usize {
        self.person.capacity() * 17
    }
}
