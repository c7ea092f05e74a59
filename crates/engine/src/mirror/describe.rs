//! The part of `docs/data-model.md` about the mirror, made from its layout.

use std::fmt::Write as _;

use domain::FactKind;

use super::layout::{Content, fields, table_name};

/// Describes every file of a mirror.
pub fn describe() -> String {
    let mut page = String::from(INTRODUCTION);
    for kind in FactKind::ALL {
        let name = table_name(*kind);
        let _ = write!(
            page,
            "\n### {name}.parquet\n\n| column | type | NULL | holds |\n|---|---|---|---|\n"
        );
        for field in fields(*kind).into_iter().flatten() {
            let (kind, null, holds) = match field.content {
                Content::Numbers if field.name == "person" => {
                    ("UINT32", "no", "the person's number")
                }
                Content::Numbers => ("UINT32", "no", "Unix seconds"),
                Content::MaybeNumbers => match field.name {
                    "minutes" => ("UINT32", "unknown", "minutes"),
                    "of_row" => (
                        "UINT32",
                        "in no file",
                        "the withdrawn row of that file, from 0",
                    ),
                    "left" => ("UINT32", "still there", "Unix seconds"),
                    _ => ("UINT32", "unknown", "Unix seconds"),
                },
                Content::Celsius => ("FLOAT", "not measured", "degrees Celsius"),
                Content::SmallNumbers => ("UINT8", "no", "a small number"),
                Content::Symptoms => ("text", "no", "symptoms, separated by semicolons"),
                Content::Regions => ("text", "no", "a region"),
                Content::Products => ("text", "no", "a product"),
                Content::Categories => ("text", "unknown", "a category of venue"),
                Content::Words(_) | Content::LowWords(_) | Content::HighWords(_) => {
                    ("text", "no", "one of the words of the table")
                }
            };
            let _ = writeln!(page, "| {} | {kind} | {null} | {holds} |", field.name);
        }
    }
    page.push_str(VISITS);
    page
}

const INTRODUCTION: &str = "\
## The mirror

Next to the database lies a copy of all evidence for reading over everybody: a folder of plain Parquet
files that DuckDB, Polars, Spark and others read as they are. One file for each kind, in order of
person and then of beginning, in row groups of 1,048,576 rows, not compressed. A file of withdrawals
names the kind (`of_kind`) and the row of what is withdrawn.

`person` is a number from 0; the files' metadata says under `healthcode.people` how many there are.
Times are Unix seconds in UTC (`to_timestamp(sampled)` in DuckDB, `from_epoch` in Polars). A folder is
replaced as a whole: readers see the old one or the new one.
";

const VISITS: &str = "
### Visits for tracing

Four more files, all of UINT32 without NULL. A visit that nobody ended ends 12 hours after its entry.

| file | columns | order |
|---|---|---|
| visits_by_venue.parquet | person, venue, entered, left | venue, entered |
| visits_by_venue_index.parquet | first_row, longest | one row for each venue from 0, and one more |
| visits_by_person.parquet | person, venue, entered, left | person |
| visits_by_person_index.parquet | first_row | one row for each person from 0, and one more |

`first_row` is where the venue's or person's rows begin in the other file, counted from 0; `longest` is
the length of the longest visit to the venue in seconds.
";
