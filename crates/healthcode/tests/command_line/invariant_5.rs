//! Invariant 5 in file mode: who somebody is changes no decision.

use crate::newcomer::{Folder, POLICY};

/// The columns of `people`, and values for each that could not differ more.
const COLUMNS: [(&str, [&str; 4]); 3] = [
    ("region", ["330106", "420102", "CN", "IT"]),
    ("birth_year", ["1931", "1990", "2012", "2019"]),
    ("sex", ["f", "m", "x", ""]),
];
const PEOPLE: [&str; 5] = ["chen", "hua", "li", "ming", "new"];

fn city() -> Folder {
    let folder = Folder::with_a_town();
    folder.write(
        "data/tests.csv",
        "person,kind,result,sampled\nchen,pcr,positive,2020-02-17T09:00:00+08:00\n",
    );
    folder
}

fn decide(folder: &Folder) -> String {
    let run = folder.run_on_town("decide", &[]);
    run.exits(0);
    run.out
}

/// The table of people in which the columns named hold the values that `turn` picks.
fn people(columns: &[&str], turn: usize) -> String {
    let header: Vec<&str> = ["person"]
        .into_iter()
        .chain(COLUMNS.iter().map(|(name, _)| *name))
        .collect();
    let mut table = header.join(",") + "\n";
    for (place, person) in PEOPLE.iter().enumerate() {
        let cells = COLUMNS.iter().map(|(name, values)| {
            let changed = if columns.contains(name) { turn } else { 0 };
            values[(place + changed) % values.len()]
        });
        let row: Vec<&str> = [*person].into_iter().chain(cells).collect();
        table += &(row.join(",") + "\n");
    }
    table
}

#[test]
fn invariant_5_no_column_of_people_changes_a_decision() {
    let folder = city();
    folder.write("data/people.csv", &people(&[], 0));
    let decided = decide(&folder);
    for part in [
        "chen,red,positive-test",
        "hua,green",
        "li,yellow,fever",
        "ming,red,close-contact",
    ] {
        assert!(decided.contains(part), "no {part:?} in\n{decided}");
    }
    assert!(decided.contains("new,undeclared"), "{decided}");
    let all: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let choices = COLUMNS.iter().map(|(name, _)| vec![*name]).chain([all]);
    for columns in choices {
        for turn in 1..4 {
            let table = people(&columns, turn);
            assert_ne!(table, people(&[], 0));
            folder.write("data/people.csv", &table);
            assert_eq!(decide(&folder), decided, "{columns:?} changed:\n{table}");
        }
    }
    let names: String = PEOPLE.iter().map(|person| format!("{person}\n")).collect();
    folder.write("data/people.csv", &format!("person\n{names}"));
    assert_eq!(decide(&folder), decided, "without any of the columns");
}

#[test]
fn invariant_5_a_policy_that_reads_people_does_not_check() {
    let folder = city();
    for (name, _) in COLUMNS {
        let reads = format!("where = {{ {name} = \"x\", ring = 1, relation");
        let policy = POLICY.replace("where = { ring = 1, relation", &reads);
        folder.write("policy.toml", &policy);
        let run = folder.run(&["policy", "check", "policy.toml"]);
        run.exits(1).says(&[name, "unknown field"]);
    }
}
