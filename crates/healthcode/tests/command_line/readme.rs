//! The README's commands on real data, run as they stand there. Where the data are absent the test
//! says so aloud and passes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::newcomer::{Folder, Run};

/// The block of commands in the README that holds `sign`.
fn commands(sign: &str) -> String {
    let readme = repository().join("README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let blocks = readme.split("```").skip(1).step_by(2);
    let block = blocks.into_iter().find(|block| block.contains(sign));
    block
        .unwrap_or_else(|| panic!("the README has no commands with {sign:?}"))
        .to_owned()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the real data, if `name` is in it.
#[expect(
    clippy::disallowed_methods,
    reason = "only the machine knows where its test data is"
)]
fn data_with(name: &str) -> Option<PathBuf> {
    let beside = || repository().join("../shared/data");
    let folder = std::env::var_os("HEALTHCODE_DATA").map_or_else(beside, PathBuf::from);
    if folder.join(name).exists() {
        return Some(folder.canonicalize().unwrap());
    }
    let path = folder.join(name);
    say(&format!(
        "SKIPPED: {} is not there; set HEALTHCODE_DATA to the data folder",
        path.display()
    ));
    None
}

/// Runs commands in a shell that stops at the first that fails, in a folder with the policies.
fn run(folder: &Folder, commands: &str, data: &Path) -> Run {
    for entry in std::fs::read_dir(repository().join("policies")).unwrap() {
        let file = entry.unwrap();
        let name = format!("policies/{}", file.file_name().to_str().unwrap());
        folder.write(&name, &std::fs::read_to_string(file.path()).unwrap());
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_healthcode"));
    let programs = binary.parent().unwrap().display();
    let output = Command::new("sh")
        .args(["-e", "-c", commands])
        .current_dir(folder.path(""))
        .env_clear()
        .env("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin"))
        .env("DATA", data)
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn who_stayed_in_wuhan_is_red_and_who_passed_through_is_green() {
    let Some(data) = data_with("cn-case-counts") else {
        return;
    };
    let folder = Folder::new();
    let run = run(&folder, &commands("risk --case-counts"), &data);
    run.exits(0);
    assert!(
        run.out.contains("stayed,red,high-risk-area,"),
        "{}",
        run.out
    );
    assert!(run.out.contains("passed,green,,"), "{}", run.out);
    let levels = std::fs::read_to_string(folder.path("feb/regions.csv")).unwrap();
    assert!(levels.contains("\n4201,high,33409,45027,"), "{levels}");
    run.says(&["without a code"]);
    say(&format!(
        "the README on cn-case-counts: {} levels, {} people decided",
        levels.lines().count() - 1,
        run.out.lines().count() - 1
    ));
}

#[test]
fn a_case_at_the_conference_leads_to_nearly_everybody() {
    let Some(data) = data_with("sfhh/SFHH_tij.dat.gz") else {
        return;
    };
    let folder = Folder::new();
    run(&folder, &commands("SFHH_tij.dat.gz"), &data).exits(0);
    let contacts = std::fs::read_to_string(folder.path("hall/contacts.csv")).unwrap();
    let in_ring = |ring: &str| {
        let start = format!("1467,{ring},");
        contacts
            .lines()
            .filter(|row| row.starts_with(&start))
            .count()
    };
    let (one, two) = (in_ring("1"), in_ring("2"));
    say(&format!(
        "the README on sfhh: participant 1467 as the case, ring 1 has {one}, ring 2 {two}"
    ));
    assert_eq!(one + two + 1, contacts.lines().count(), "and the header");
    assert!(one > 0 && one + two > 380, "ring 1 has {one}, ring 2 {two}");
}

/// Prints even when the test passes.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
