//! The files of the command line: CSV with a header, NDJSON and Parquet, by extension.
//!
//! [`Table`] says which columns each kind of file has. A file whose header does not fit is refused as
//! a whole; otherwise good rows come out one by one and bad ones go to `FILE.refused.csv`, each with
//! its row, field, reason and remedy. Personal values are masked in every message.

mod atomic;
mod companions;
mod csv_records;
mod dataset;
mod error;
mod fact;
mod fact_writer;
mod fields;
mod guard;
mod header;
mod interned;
mod inventory;
mod names;
mod page_headers;
mod parquet_sink;
mod parquet_source;
mod reader;
mod reading;
mod room;
mod rows;
mod source;
mod strays;
mod table;
#[cfg(test)]
mod tests;
mod timestamps;
mod visits;
mod writer;

pub use atomic::AtomicFile;
pub(crate) use companions::{COMPANIONS, membership};
pub use companions::{FolderGroupContacts, GroupContactNames, MembershipRow, companions};
pub(crate) use csv_records::{CsvRecords, LineCount};
pub use dataset::{DataSet, Origin, find_table, read_levels};
pub(crate) use error::Fault;
pub use error::{FileError, Refusal};
pub(crate) use fact::fact;
pub use fact_writer::{FactWriter, Naming};
#[cfg(test)]
pub(crate) use fields::careful_timestamp;
pub(crate) use fields::{CLOCK_SKEW, Fields};
pub(crate) use guard::is_guarded;
pub(crate) use header::Positions;
pub use interned::{Interned, PersonIndex};
pub(crate) use interned::{NameHasher, Numbering};
pub(crate) use inventory::Inventory;
pub use names::{Names, person_id, venue_id};
pub(crate) use page_headers::check_pages;
pub(crate) use parquet_source::{ParquetTable, check_magic, push_text};
pub(crate) use reader::Refusals;
pub use reader::{FileReport, ReadOptions, Reader, Reasons};
pub use reading::Reading;
pub use room::Room;
#[cfg(test)]
pub(crate) use rows::bare_facts;
pub(crate) use rows::profile;
pub use rows::{
    CaseRow, CountRow, CountedPlace, FactRow, LevelRow, PlaceName, Profile, TruthRow, case_counts,
    cases, facts, levels, people, truth,
};
pub use source::Format;
pub(crate) use source::{RawRow, Source, take_csv, take_json, take_record};
pub use strays::{Stray, strays};
pub use table::{Column, Holds, Requirement, TABLES, Table};
pub(crate) use table::{PEOPLE, REGIONS, VISITS};
pub use visits::{ContactNames, FolderVisits, MirrorVisits, VisitTable};
pub use writer::{ResultColumn, ResultKind, ResultWriter, Value};
