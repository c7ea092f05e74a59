//! The mirror: columns as Parquet files that anybody may read, laid out so that loading them is
//! little more than copying.
//!
//! One file for each kind of evidence, named like the table (`stays.parquet`), sorted by person and
//! then by beginning; row groups of 2^20 rows, not compressed. `person` is a dense number from 0.
//!
//! - Numbers and times are `UINT32`, PLAIN: times are Unix seconds (`to_timestamp(left)` in DuckDB).
//!   No time, no number is NULL.
//! - Words, regions, products and symptoms are dictionary-encoded UTF-8 text, as in the tables of the
//!   command line.
//! - The file's metadata says `healthcode.mirror` (the version of this layout), `healthcode.table`
//!   and `healthcode.people` (how many people there are; all files of a mirror agree).
//!
//! Visits for tracing lie in files of their own ([`visits`]): once in order of venue and entry, once
//! in order of person, each with an index that says where a venue's or person's rows begin.
//!
//! A mirror of a database has more files: `persons.parquet`, which says whose number is which, the
//! table `regions.parquet`, and `manifest.json`, which lists all files with their lengths and hashes
//! ([`Manifest`]). It is written page by page: [`MirrorWriter`], then [`VisitsWriter`].
//!
//! A reader takes the columns that a policy asks for, skips row groups that ended before its
//! look-back, and checks order and numbers as it goes. A file that is not such a mirror is refused
//! with the reason; it may still be a table for [`crate::files`].

mod decode;
mod describe;
mod file;
mod find_person;
mod layout;
mod levels;
mod load;
mod manifest;
mod memory;
mod persons;
mod recognise;
mod runs;
mod scope;
mod stream;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;
pub mod visits;
mod visits_writer;
mod write;

pub use describe::describe;
pub(crate) use find_person::PersonFinder;
pub use load::read_columns;
pub use manifest::{Manifest, MirrorFileAbout};
pub use memory::{Memory, available_memory};
pub(crate) use persons::person_names;
pub use persons::{MirroredPerson, Persons};
pub(crate) use recognise::was_mirrored;
pub use recognise::{has_visits, is_mirror};
pub use scope::Scope;
pub use stream::{MirrorWriter, PersonFacts};
pub use visits::{read_visits, write_visits};
pub use visits_writer::VisitsWriter;
pub use write::write_columns;

/// The version of the layout.
const VERSION: &str = "1";
const VERSION_KEY: &str = "healthcode.mirror";
const TABLE_KEY: &str = "healthcode.table";
const PEOPLE_KEY: &str = "healthcode.people";

/// Rows of a row group.
const GROUP: usize = 1 << 20;
/// Rows of a page.
const PAGE: usize = 1 << 17;
