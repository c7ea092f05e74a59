//! Tables read by column, in pieces, on all processors.
//!
//! A file is cut into parts: row groups of Parquet, some megabytes of text. Each part becomes a
//! [`Piece`]: its plain values are read in bulk, and an odd row is handed to the careful reader of
//! rows (`files::Fields`), which says what it holds or why it is refused. So every refusal is the
//! careful reader's. Pieces are put together in the order of the file, where names get their numbers.

#[cfg(test)]
mod bomb_tests;
mod cells;
mod json_lines;
mod memberships;
mod names;
mod person;
mod piece;
mod plain;
mod population;
mod read;
mod row_groups;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod timestamps;
mod visits;

pub(crate) use memberships::{MembershipPart, read_memberships};
pub(crate) use person::{Sought, rows_of_person};
pub(crate) use population::{Beside, Profiled, read_population};
pub(crate) use read::NotRead;
pub(crate) use visits::{ReadVisits, read_visits};
