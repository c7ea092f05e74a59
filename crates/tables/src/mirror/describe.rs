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

Next to the database lies a copy of all evidence for reading over everybody: plain Parquet files that
DuckDB, Polars, Spark and others read as they are. `healthcode mirror` writes one, and `healthcode serve
--mirror DIR` keeps one. A copy is a folder `generation-000007` that appears whole or not at all; the
one with the greatest number is the newest, the one before it is kept for whoever is reading it.

There is one file for each kind, in order of person and then of beginning, in row groups of 1,048,576
rows, not compressed; a kind without any row has no file. A file of withdrawals names the kind
(`of_kind`) and the row of what is withdrawn.

`person` is a number from 0, in order of identifier; the files' metadata says under
`healthcode.people` how many there are. Times are Unix seconds in UTC (`to_timestamp(sampled)` in
DuckDB, `from_epoch` in Polars).

No file holds a name, a document number or a phone. `persons.parquet` holds the random identifiers
that the database uses; leave it out when you hand a copy on. What remains is still about people: who
knows when somebody was where can find them in it.

Evidence that does not fit (a time before 1970 or after 2106, more than 65,535 different regions,
products or categories) is left out; `manifest.json` says how much.

### persons.parquet

| column | type | NULL | holds |
|---|---|---|---|
| id | 16 bytes | no | the person's identifier; row n, from 0, is person n |
| revision | UINT64 | no | all evidence up to this write about the person is there; 0 if some does not fit |

### regions.parquet

The region levels that were published when the copy was begun, as the table `regions` above: region,
level, from, until. The rows are in the order of publication, which counts where two levels of one
region begin together. Times are timestamps in UTC. Without any level there is no such file.
`healthcode decide --data` reads it, so a copy needs no other file.

### manifest.json

The length and SHA-256 of every other file, how many people and pieces of evidence there are, and how
many pieces were left out. The database keeps the SHA-256 of this list, so that a copy that is
damaged, incomplete or of another database is noticed, dropped and written anew.
";

const VISITS: &str = "
### Visits for tracing

All visits once more, laid out for tracing, in four files of UINT32 without NULL. A visit that nobody
ended ends 12 hours after its entry. `venue` is a number from 0, in order of identifier.
`healthcode trace --data` reads only the pages that it needs. What it finds is as of the time of the
copy: the server itself traces from memory or the database. Visits of people whom `persons.parquet`
does not have, because they became known while the copy was written, are in the next one.

| file | columns | order |
|---|---|---|
| visits_by_venue.parquet | person, venue, entered, left | venue, entered |
| visits_by_venue_index.parquet | first_row, longest | one row for each venue from 0, and one more |
| visits_by_person.parquet | person, venue, entered, left | person |
| visits_by_person_index.parquet | first_row | one row for each person from 0, and one more |

`first_row` is where the venue's or person's rows begin in the other file, counted from 0; `longest` is
the length of the longest visit to the venue in seconds.
";
