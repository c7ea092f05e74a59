//! The page that documents every file, made from [`TABLES`].

use std::fmt::Write as _;

use crate::files::{Column, Format, Requirement, ResultColumn, ResultKind, TABLES, Table};
use crate::{contacts, mirror, population, risk, venues};

/// `docs/data-model.md`.
pub fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for table in TABLES {
        describe_table(&mut page, table);
    }
    page.push('\n');
    page.push_str(&mirror::describe());
    page.push_str(RESULTS);
    for (command, columns, about) in [
        ("decide", population::COLUMNS, DECIDE),
        ("trace", contacts::COLUMNS, TRACE),
        ("trace --venues", venues::COLUMNS, VENUES),
        ("risk", risk::COLUMNS, RISK),
    ] {
        let _ = write!(
            page,
            "\n### {command}\n\n{about}\n\n| column | holds |\n|---|---|\n"
        );
        for ResultColumn { name, kind } in columns {
            let holds = match kind {
                ResultKind::Text => "text",
                ResultKind::Whole => "a whole number",
                ResultKind::Timestamp => "a time",
            };
            let _ = writeln!(page, "| {name} | {holds} |");
        }
    }
    page
}

const INTRODUCTION: &str = "\
<!-- Made from the tables in crates/tables/src/files/table.rs; a test says how to make it again. -->

# Files

Every command that reads or writes data works on these tables, each in a file of its own. The name
says which table it is, the extension says in which format: `visits.csv`, `visits.ndjson` or
`visits.parquet`.

- **CSV**: comma-separated, UTF-8, with a header. Columns may come in any order.
- **NDJSON**: one JSON object a line; `null` or an absent key is an empty value.
- **Parquet**: with every usual encoding; Snappy, Zstandard, LZ4, gzip or no compression. Times are
  timestamps in UTC, whole numbers of Unix seconds, or text. A folder of parts is refused: its parts
  belong into one file.

Times are RFC 3339 with an offset (`2020-02-20T08:00:00+08:00`, `2020-02-20T00:00:00Z`) or whole Unix
seconds (`1583000000` or `1583000000.0`); fractions of a second are dropped. A time without an offset is
refused, and so is a number that looks like something else than seconds since 1973: a day, a year, a
spreadsheet's number for a day (`45987`), milliseconds. 0 is the beginning of time. `person` and `venue`
are any text; the same text is the same person or venue in every file. Regions are GB/T 2260 codes of
2, 4, 6 or 9 digits, or ISO 3166 countries in two capital letters.

A file whose header does not fit is refused as a whole. A bad row is refused alone: the others are
read, and it is kept in `FILE.refused.csv` with row, field, reason and remedy. Corrected, that file
can be read like any other; its last four columns are skipped. In it an apostrophe stands before a cell
that a spreadsheet would compute (one that begins with `=`, `+`, `-`, `@`, a tab, the end of a line or
an apostrophe, and the same after a `;`, a tab or the end of a line within it); it is taken away again
while the last column, `guard`, is there. Cells that are no UTF-8 keep their bytes: saved as UTF-8, the
file can be read. Once `FILE` is read without a refusal, it goes. The row is the line of a text file on which the record begins, whatever ends its lines, or the
row of a Parquet file. A row with a zero byte is refused; a file with marks of an unfinished merge is
refused as a whole. In messages, values of personal
columns show two characters at most.

## Tables
";

const RESULTS: &str = "
## Results

Written as CSV to the terminal, or with `-o` to a file of any format, which appears only when it is
complete. Times are RFC 3339 with the offset of the policy's zone, or of `--time-zone` where there is no
policy, or in UTC with `--utc`; in Parquet, timestamps. A file about people may be read by its owner only.
In CSV an apostrophe stands before a name that a spreadsheet would compute, as in files of refused rows,
and a note says how many; Parquet and NDJSON have names as they are.
";

const DECIDE: &str = "\
One row for everybody whom the table `people`, or a table that a rule reads, names, in order of name;
other tables are not read. Without a table `people` all tables are read, and everybody is listed whom any
of them names. `colour` is `green`, `yellow`, `red` or `undeclared`; `rule` is the
rule that restricts the person.";

const TRACE: &str = "\
One row for each case, contact and relation, and with `--by-day` for each local day, in order of case,
ring and person. `minutes` are those with one person of the ring before, the most with any; `first`,
`last` and `venues` (how many) are those with any person of the ring before whom they met for long
enough. Visits of one person to one venue that overlap count once; one that nobody ended counts as ended
after 12 hours. Somebody of ring 2 met ring 1 after ring 1 met the case: time together counts from then on to
the end of the case's window. Nobody is in two rings of one case, and somebody who is a case is in ring
1 of another case or in none. `relation` is `venue`; with a table `companions` also `household`, `building` or `vehicle`, whose
`venues` are 0 and whose `minutes` are those that they shared the group.";

const VENUES: &str = "\
One row for each venue where two or more of the cases were, each within its window, those with most
cases first, then in order of name. `first` is the first moment that one of them was there, `last` the
first moment after the last of them left, `days` the local days on which any was there, separated by
semicolons. A mirror calls venues by number.";

const RISK: &str = "\
One row for each region with a code and a count on the day. The file can serve as the table `regions`:
a region whose parts are counted one by one has the scope `total` and is not a level of anybody's
stay. Of new cases in 14 days, 5 or more count as a cluster. New are the cases of the day less those of
the last day counted that lies 14 days back or more. If the day 14 days back is missing, an earlier day
takes its place, so that more may count as new; if nothing reaches back so far, the earliest day does,
so that fewer may. Of a region counted only within the 14 days, beside others that were counted before,
the earlier count under its name serves, or else what the larger region had and none of its parts told;
if there is neither it is wholly new. Each is said. A count set to 0 after it was more is no count.";

fn describe_table(page: &mut String, table: &Table) {
    let extensions = Format::ALL
        .map(|format| format!(".{}", format.extension()))
        .join(", ");
    let _ = write!(
        page,
        "\n### {}\n\n{} ({extensions})\n\n",
        table.name, table.about
    );
    page.push_str("| column | must be there | holds | meaning |\n|---|---|---|---|\n");
    for Column {
        name,
        holds,
        requirement,
        personal,
        about,
    } in table.columns
    {
        let requirement = match requirement {
            Requirement::Always => "yes",
            Requirement::MayBeEmpty => "yes, may be empty",
            Requirement::Optional => "no",
        };
        let personal = if *personal { "; personal" } else { "" };
        let _ = writeln!(
            page,
            "| {name} | {requirement} | {}{personal} | {about} |",
            holds.expected()
        );
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_page_in_the_repository_is_the_one_that_the_tables_make() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/data-model.md");
        if option_env!("WRITE_DATA_MODEL").is_some() {
            fs::write(&path, super::page()).unwrap();
        }
        let there = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            there == super::page(),
            "docs/data-model.md is stale; make it again with \
             `WRITE_DATA_MODEL=1 cargo test -p tables data_model`"
        );
    }
}
