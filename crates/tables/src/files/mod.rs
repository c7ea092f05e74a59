//! The files of the command line: CSV with a header, NDJSON and Parquet, told apart by extension.
//!
//! [`Table`] says which columns each kind of file has. A file whose header does not fit is refused as
//! a whole; otherwise good rows come out one by one and bad ones go to `FILE.refused.csv`, each with
//! its row, field, reason and remedy. Personal values are masked in every message.

mod atomic;
mod companions;
mod dataset;
mod error;
mod fact;
mod fact_writer;
mod fields;
mod header;
mod interned;
mod inventory;
mod names;
mod parquet_source;
mod reader;
mod reading;
mod rows;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod visits;
mod writer;

pub use atomic::AtomicFile;
pub use companions::{FolderGroupContacts, GroupContactNames, MembershipRow, companions};
pub use dataset::{DataSet, Origin, find_table, read_levels};
pub use error::{FileError, Refusal};
pub use fact_writer::{FactWriter, Naming};
pub use interned::{Interned, PersonIndex};
pub(crate) use inventory::Inventory;
pub use names::{Names, person_id, venue_id};
pub(crate) use parquet_source::check_magic;
pub use reader::{FileReport, ReadOptions, Reader};
pub use reading::Reading;
pub(crate) use reading::STEP;
pub(crate) use rows::bare_facts;
pub use rows::{
    CaseRow, CountRow, CountedPlace, FactRow, LevelRow, Profile, TruthRow, case_counts, cases,
    facts, levels, people, truth,
};
pub use source::Format;
pub use table::{Column, Holds, Requirement, TABLES, Table};
pub(crate) use table::{PEOPLE, REGIONS};
pub use visits::{ContactNames, FolderVisits, MirrorVisits, VisitTable};
pub use writer::{ResultColumn, ResultKind, ResultWriter, Value};
