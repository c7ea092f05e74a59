//! Files that are not what they should be, as a newcomer meets them, command by command.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tables::files::{ResultColumn, ResultKind, ResultWriter, Value};

use crate::newcomer::{Folder, POLICY, Run};

const AT: &str = "2020-02-20T12:00:00+08:00";
const MET: &str = "2020-02-18T10:00:00+08:00,2020-02-18T11:00:00+08:00";

fn town() -> Folder {
    let folder = Folder::new();
    folder.write("policy.toml", POLICY);
    folder.write(
        "data/contacts.csv",
        &format!("{CONTACTS}ming,chen,household,1,{MET}\n"),
    );
    folder.write("data/visits.csv", VISITS);
    folder.write("counts.csv", COUNTS);
    folder
}

const CONTACTS: &str = "person,with,relation,ring,first,last\n";
const VISITS: &str = "person,venue,entered,left\n\
                      hua,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n\
                      ming,cafe,2020-02-18T12:30:00Z,2020-02-18T13:30:00Z\n\
                      wu,cafe,2020-02-18T12:10:00Z,2020-02-18T12:40:00Z\n";
const COUNTS: &str = "date,region,confirmed\n2020-02-05,3301,100\n2020-02-20,3301,160\n";

/// Each command that reads tables, the table that it is given here, and how it is asked.
fn commands() -> [(&'static str, Vec<&'static str>); 4] {
    let decide = [
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "data",
        "--at",
        AT,
    ];
    let diff = [
        "policy",
        "diff",
        "policy.toml",
        "policy.toml",
        "--data",
        "data",
        "--at",
        AT,
    ];
    let trace = ["trace", "--data", "data", "--person", "hua", "--at", AT];
    let risk = [
        "risk",
        "--case-counts",
        "counts.parquet",
        "--on",
        "2020-02-20",
    ];
    [
        ("data/contacts", decide.to_vec()),
        ("data/contacts", diff.to_vec()),
        ("data/visits", trace.to_vec()),
        ("counts", risk.to_vec()),
    ]
}

/// Writes `table` as Parquet in place of its CSV; columns named in `wrong` hold whole numbers.
fn as_parquet(folder: &Folder, table: &str, wrong: &str) {
    const TEXT: ResultKind = ResultKind::Text;
    let csv = folder.path(&format!("{table}.csv"));
    let text = fs::read_to_string(&csv).unwrap();
    let mut lines = text.lines();
    let names: Vec<String> = lines
        .next()
        .unwrap()
        .split(',')
        .map(str::to_owned)
        .collect();
    let columns: Vec<ResultColumn> = names
        .into_iter()
        .map(|name| ResultColumn {
            kind: if name == wrong {
                ResultKind::Whole
            } else {
                TEXT
            },
            name: name.leak(),
        })
        .collect();
    let columns: &'static [ResultColumn] = columns.leak();
    let path = folder.path(&format!("{table}.parquet"));
    let mut writer = ResultWriter::create(&path, columns).unwrap();
    for line in lines {
        let cells = line.split(',').zip(columns);
        let values: Vec<Value<'_>> = cells
            .map(|(cell, column)| match column.kind {
                ResultKind::Whole => Value::Whole(1),
                _ => Value::Text(cell),
            })
            .collect();
        writer.row(&values).unwrap();
    }
    writer.finish().unwrap();
    fs::remove_file(csv).unwrap();
}

/// The file that `command` would write, unchanged after a run that refused.
fn refused_without_result(folder: &Folder, ask: &[&str]) -> Run {
    let out = if ask.contains(&"diff") {
        "out.html"
    } else {
        "out.csv"
    };
    folder.write(out, "from before");
    let run = folder.run(&[ask, &["-o", out]].concat());
    let kept = fs::read_to_string(folder.path(out)).unwrap();
    assert_eq!(kept, "from before", "{ask:?}\n{}", run.err);
    assert_eq!(parts(folder), Vec::<String>::new(), "{ask:?}");
    run
}

/// What an unfinished result is called until it is finished.
fn parts(folder: &Folder) -> Vec<String> {
    let names = fs::read_dir(folder.path(".")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".part")).collect()
}

#[test]
fn parquet_is_read_like_text() {
    for (table, ask) in commands() {
        let folder = town();
        as_parquet(&folder, table, "");
        let run = folder.run(&ask);
        run.exits(0);
        assert!(!run.out.is_empty(), "{ask:?}");
    }
}

#[test]
fn a_column_of_the_wrong_type_is_named_with_file_expected_and_found_type() {
    for ((table, ask), column) in commands()
        .into_iter()
        .zip(["relation", "relation", "", "date"])
    {
        if column.is_empty() {
            continue;
        }
        let folder = town();
        as_parquet(&folder, table, column);
        let file = format!("{table}.parquet");
        refused_without_result(&folder, &ask)
            .exits(1)
            .says(&[&file, column, "int64", "expected", "text"]);
    }
}

#[test]
fn half_written_and_foreign_parquet_is_refused_with_the_reason() {
    for (table, ask) in commands() {
        let folder = town();
        as_parquet(&folder, table, "");
        let path = folder.path(&format!("{table}.parquet"));
        let whole = fs::read(&path).unwrap();
        let file = format!("{table}.parquet");
        fs::write(&path, &whole[..whole.len() - 20]).unwrap();
        refused_without_result(&folder, &ask)
            .exits(1)
            .says(&[&file, "without its end"]);
        fs::write(&path, COUNTS).unwrap();
        refused_without_result(&folder, &ask)
            .exits(1)
            .says(&[&file, "not a Parquet file"]);
        let mut damaged = whole.clone();
        let middle = whole.len() - 40;
        damaged[middle..middle + 30].fill(0xA5);
        fs::write(&path, damaged).unwrap();
        refused_without_result(&folder, &ask)
            .exits(1)
            .says(&[&file]);
        fs::write(&path, "").unwrap();
        refused_without_result(&folder, &ask)
            .exits(1)
            .says(&[&file]);
    }
}

#[test]
fn parquet_of_another_table_is_refused_with_the_columns_that_are_missing() {
    for (table, ask) in commands() {
        let folder = town();
        folder.write("other.csv", "house,street\n1,2\n");
        as_parquet(&folder, "other", "");
        fs::remove_file(folder.path(&format!("{table}.csv"))).unwrap();
        let file = format!("{table}.parquet");
        fs::rename(folder.path("other.parquet"), folder.path(&file)).unwrap();
        refused_without_result(&folder, &ask).exits(1).says(&[
            &file,
            "house is unknown",
            "is missing",
        ]);
    }
}

#[test]
fn rows_in_any_order_and_twice_give_the_same_answer() {
    for (table, ask) in commands().into_iter().take(3) {
        let folder = town();
        let once = folder.run(&ask);
        once.exits(0);
        let path = folder.path(&format!("{table}.csv"));
        let text = fs::read_to_string(&path).unwrap();
        let (header, rows) = text.split_once('\n').unwrap();
        let backwards: String = rows.lines().rev().map(|row| format!("{row}\n")).collect();
        fs::write(&path, format!("{header}\n{backwards}{rows}")).unwrap();
        let twice = folder.run(&ask);
        twice.exits(0);
        assert_eq!(once.out, twice.out, "{ask:?}");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_refused_with_its_name() {
    for (_, ask) in commands() {
        let folder = town();
        folder.write("counts.ndjson", "{}");
        let ask: Vec<&str> = ask
            .into_iter()
            .map(|word| {
                if word == "counts.parquet" {
                    "counts.csv"
                } else {
                    word
                }
            })
            .collect();
        let out = if ask.contains(&"diff") {
            "no/out.html"
        } else {
            "no/out.csv"
        };
        folder
            .run(&[&ask[..], &["-o", out]].concat())
            .exits(1)
            .says(&[out, "cannot be written"]);
    }
}

/// Runs a command and kills it while it works; whether it was not done before.
fn kill(folder: &Folder, ask: &[&str]) -> bool {
    let mut process = Command::new(env!("CARGO_BIN_EXE_healthcode"))
        .args(ask)
        .current_dir(folder.path("."))
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    process.kill().unwrap();
    !process.wait().unwrap().success()
}

#[test]
fn an_interrupted_run_leaves_no_half_result_under_the_final_name() {
    let folder = town();
    let rows: String = (0..400_000)
        .map(|row| format!("p{row},v{},1582027200,1582030800\n", row / 10))
        .collect();
    folder.write(
        "data/visits.csv",
        &format!("person,venue,entered,left\nhua,v1,1582027200,1582030800\n{rows}"),
    );
    for (_, ask) in commands().into_iter().filter(|(_, ask)| ask[0] != "risk") {
        let out = if ask.contains(&"diff") {
            "out.html"
        } else {
            "out.csv"
        };
        folder.write(out, "from before");
        if kill(&folder, &[&ask[..], &["-o", out]].concat()) {
            let kept = fs::read_to_string(folder.path(out)).unwrap();
            assert_eq!(kept, "from before", "{ask:?}");
        }
    }
    let simulate = [
        "simulate", "--people", "100000", "--days", "30", "-o", "city",
    ];
    let was_interrupted = kill(&folder, &simulate);
    assert!(!was_interrupted || !folder.path("city").exists());
}
