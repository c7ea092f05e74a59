//! Our side: `crates/engine/examples/kernels.rs` makes the data and answers the questions.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::measured::{Measured, Question, Storage};
use super::options::{Options, Part};
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
        let arguments = ["build", "--release", "--package", "engine"];
        run(cargo(&settings.root, &arguments).args(["--example", "kernels"]))?;
        Ok(Self {
            program: settings.target.join("release/examples/kernels"),
        })
    }

    /// Asks our side the questions of one part, each in a process of its own.
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
        let mut measured = Vec::new();
        for question in Question::of(part) {
            say(&format!("ours: {} {}", question.word(), storage.title()));
            let mut command = Command::new(&self.program);
            command.args(["run", question.word(), "--storage", storage.word()]);
            command.arg("--data").arg(&data.folder);
            command.args(["--repeat", &options.repeat.to_string(), "--json"]);
            measured.extend(Measured::read_all(&output(&mut command)?)?);
        }
        Ok(measured)
    }
}

impl Data {
    /// Makes the data of one part, unless an earlier run made it.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make(
        settings: &Settings,
        kernels: &Kernels,
        part: Part,
        options: &Options,
    ) -> Result<Self> {
        let (name, size) = match part {
            Part::Decide => ("decide", options.people),
            _ => ("trace", options.visits),
        };
        let folder = settings.bench_data.join(format!("{name}-{size}"));
        let made = folder.join("made");
        // The seed is fixed: the same program makes the same data again.
        if !made.exists() {
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            let mut command = Command::new(&kernels.program);
            command.args(["generate", name, "--size", &size.to_string(), "--data"]);
            run(command.arg(&folder))?;
            fs::write(&made, "")?;
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
