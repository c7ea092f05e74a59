//! A folder of a newcomer's files, and what the built binary does there.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A small policy in the manner of Hangzhou, February 2020.
pub const POLICY: &str = r#"
[policy]
id = "test-town"
version = 1
issuer = "330100"
time_zone = "Asia/Shanghai"
effective = 2020-02-01T00:00:00+08:00
look_back = "40d"
languages = ["en"]
approved_by = ["The test"]
contest.en = "Call 12345 and say what is wrong."

[code]
needs = "claimed"

[declaration]
lasts = "14d"

[[rule]]
id = "close-contact"
reads = "contact"
where = { ring = 1, relation = ["household", "close"] }
gives = "red"
starts = "last"
lasts = "14d"
title.en = "Close contact of a confirmed case"
reason.en = "You were with a confirmed case on {last}."
guidance.en = "Stay at home until {until}."

[[rule]]
id = "venue-contact"
reads = "contact"
where = { ring = 1, relation = "venue" }
gives = "yellow"
starts = "last"
lasts = "7d"
title.en = "Same place as a confirmed case"
reason.en = "You were at the same place as a confirmed case on {last}."
guidance.en = "Stay at home until {until}."

[[rule]]
id = "positive-test"
reads = "test"
where = { result = "positive" }
gives = "red"
starts = "sampled"
lasts = "14d"
title.en = "Your test was positive"
reason.en = "The test taken on {sampled} found the virus."
guidance.en = "Stay at home until {until}."

[[rule]]
id = "fever"
reads = "declaration"
where = { symptoms = ["fever"] }
gives = "yellow"
starts = "at"
lasts = "7d"
title.en = "You reported a fever"
reason.en = "You reported a fever on {at}."
guidance.en = "See a doctor. Stay at home until {until}."
"#;

/// The timestamp at which the town is decided.
pub const AT: &str = "2020-02-20T12:00:00+08:00";

/// A temporary folder in which the binary runs.
pub struct Folder(tempfile::TempDir);

/// What a run of the binary left behind.
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with `policy.toml` and three people in `data`: hua is well, li reports a fever, ming
    /// lives with a case.
    pub fn with_a_town() -> Self {
        let folder = Self::new();
        folder.write("policy.toml", POLICY);
        folder.write(
            "data/declarations.csv",
            "person,at,symptoms,temperature,contact\n\
             hua,2020-02-18T08:00:00+08:00,,36.5,none\n\
             ming,2020-02-18T08:00:00+08:00,,36.6,none\n\
             li,2020-02-18T08:00:00+08:00,fever;cough,38.1,none\n",
        );
        folder.write(
            "data/contacts.csv",
            "person,with,relation,ring,first,last,minutes\n\
             ming,chen,household,1,2020-02-17T20:00:00+08:00,2020-02-19T07:00:00+08:00,\n",
        );
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What lies in it.
    pub fn names(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.path("")).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        entries.map(|entry| name(entry.unwrap())).collect()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// An hour ago in Unix seconds, by the clock of the machine that runs the test.
    pub fn an_hour_ago(&self) -> String {
        use domain::Clock;
        (domain::SystemClock.now().as_second() - 3600).to_string()
    }

    /// Runs `decide` or `explain` under `policy.toml` on `data` at [`AT`].
    pub fn run_on_town(&self, verb: &str, more: &[&str]) -> Run {
        let town = ["--policy", "policy.toml", "--data", "data", "--at", AT];
        self.run(&[&[verb], &town[..], more].concat())
    }

    /// Runs `healthcode` with these arguments in the folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_healthcode"))
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .output()
            .unwrap();
        Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(
            self.code,
            Some(code),
            "\nout:\n{}\nerr:\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Its messages hold each of these parts.
    #[track_caller]
    pub fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in:\n{}", self.err);
        }
        self
    }

    /// Its result holds each of these parts.
    #[track_caller]
    pub fn prints(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.out.contains(part), "no {part:?} in:\n{}", self.out);
        }
        self
    }
}
