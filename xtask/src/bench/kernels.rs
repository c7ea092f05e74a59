//! Our side: `crates/tables/examples/kernels` makes the data and answers the questions.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::measured::{Measured, Question, Storage};
use super::options::{Options, Part};
use super::peers::Peers;
use super::table::count;
use crate::run::{cargo, output, run, say};
use crate::settings::Settings;

/// The built example.
pub struct Kernels {
    program: PathBuf,
}

/// Data that both sides read.
pub struct Data {
    /// Where it lies.
    pub folder: PathBuf,
    part: Part,
    size: u64,
}

impl Kernels {
    /// Builds it.
    ///
    /// # Errors
    /// It does not build.
    pub fn build(settings: &Settings) -> Result<Self> {
        let arguments = ["build", "--release", "--package", "tables"];
        run(cargo(&settings.root, &arguments).args(["--example", "kernels"]))?;
        Ok(Self {
            program: settings.target.join("release/examples/kernels"),
        })
    }

    /// Asks our side the questions of one part.
    ///
    /// # Errors
    /// It fails.
    pub fn ask(
        &self,
        data: &Data,
        part: Part,
        storage: Storage,
        options: &Options,
    ) -> Result<Vec<Measured>> {
        say(&format!("ours: {} {}", data.name(), storage.title()));
        let mut command = Command::new(&self.program);
        command.args(["run", data.name(), "--storage", storage.word(), "--data"]);
        command.arg(&data.folder);
        command.args(["--runs", &options.repeat.to_string(), "--json"]);
        let printed = output(&mut command)?;
        let lines: Vec<&str> = printed.lines().collect();
        let questions = Question::of(part);
        ensure!(lines.len() == questions.len(), "our side printed {printed}");
        let both = questions.into_iter().zip(lines);
        both.map(|(question, line)| measured(question, line))
            .collect()
    }
}

fn measured(question: Question, line: &str) -> Result<Measured> {
    let value: Value = serde_json::from_str(line)
        .with_context(|| format!("our side printed `{line}` instead of its result"))?;
    Ok(Measured {
        engine: "ours".to_owned(),
        question: question.word().to_owned(),
        seconds: value["seconds"]
            .as_f64()
            .with_context(|| format!("our result has no seconds: {line}"))?,
        peak_bytes: value["peak_bytes"].as_u64(),
        answer: value["answer"].clone(),
    })
}

impl Data {
    /// Makes the data of one part, unless an earlier run made it.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make(
        settings: &Settings,
        kernels: &Kernels,
        peers: &Peers,
        part: Part,
        options: &Options,
    ) -> Result<Self> {
        // Of visits there are ten a person.
        let (name, kind, size, people) = match part {
            Part::Decide => ("decide", "k1", options.people, options.people),
            _ => ("trace", "k2", options.visits, options.visits / 10),
        };
        let folder = settings.bench_data.join(format!("{name}-{size}"));
        let made = folder.join("made");
        // The seed is fixed: the same program makes the same data again.
        if !made.exists() {
            let mut command = Command::new(&kernels.program);
            command.args(["generate", kind, "--people", &people.to_string(), "-o"]);
            run(command.arg(&folder))?;
            peers.prepare(name, &folder)?;
            fs::write(&made, "").with_context(|| format!("cannot write {}", made.display()))?;
        }
        Ok(Self { folder, part, size })
    }

    /// How many people or visits.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// What it is called.
    pub const fn name(&self) -> &'static str {
        match self.part {
            Part::Decide => "decide",
            _ => "trace",
        }
    }

    /// A heading and what the data is.
    pub fn describe(&self) -> String {
        let size = count(self.size);
        match self.part {
            Part::Decide => format!("## Decide: {size} people, 12 rules"),
            _ => format!("## Trace: {size} visits, 100 cases with 60 visits each"),
        }
    }
}
