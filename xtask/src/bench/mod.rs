//! `cargo xtask bench`: our kernels beside other engines on the same work, and what a server does
//! in a second. Prints a page of Markdown from which `docs/benchmarks.md` is written.

mod bandwidth;
mod codes;
mod cold_build;
mod files;
mod http;
mod kernels;
mod machine;
mod measured;
mod options;
mod peers;
mod record;
mod refresh;
mod server;
mod table;
mod targets;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

pub use machine::describe as describe_machine;
pub use options::HELP;
pub use server::{Running, Server, UNLIMITED};
pub use table::bytes;

use self::kernels::{Data, Kernels};
use self::measured::{Question, Storage};
use self::options::{Options, Part};
use self::peers::Peers;
use crate::browser;
use crate::run::say;
use crate::settings::Settings;

/// Measures what `words` ask for; whether all engines gave the same answers.
///
/// # Errors
/// An option is wrong, something that is measured fails, or answers differ.
pub fn bench(settings: &Settings, words: impl Iterator<Item = String>) -> Result<bool> {
    let options = Options::read(words)?;
    let folder = &settings.bench_data;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut page = Page::new(folder.join("last-run.md"));
    page.add(&machine::describe(settings)?)?;
    if options.cold_build {
        page.add(&cold_build::measure(settings)?)?;
    }
    if options.wants(Part::Decide) || options.wants(Part::Trace) {
        page.add(&bandwidth::measure())?;
        compare(settings, &options, &mut page)?;
    }
    if options.wants(Part::Files) {
        page.add(&files::measure(settings, &options)?)?;
    }
    if options.wants(Part::Codes) {
        page.add(&codes::measure(settings)?)?;
    }
    if options.wants(Part::Frames) {
        page.add(&browser::frames(settings)?)?;
    }
    if options.wants(Part::Store) {
        let server = Server::build(settings)?;
        page.add(&record::measure(settings, &options)?)?;
        page.add(&refresh::measure(settings, &server, &options)?)?;
    }
    say(&format!("\nThe page lies in {}.", page.file.display()));
    Ok(true)
}

/// Asks ours and the peers every question, one process at a time.
fn compare(settings: &Settings, options: &Options, page: &mut Page) -> Result<()> {
    let kernels = Kernels::build(settings)?;
    let peers = Peers::install(settings)?;
    page.add(&peers.versions()?)?;
    for part in [Part::Decide, Part::Trace] {
        if !options.wants(part) {
            continue;
        }
        let data = Data::make(settings, &kernels, &peers, part, options)?;
        page.add(&data.describe())?;
        for storage in Storage::ALL {
            let ours = kernels.ask(&data, part, storage, options)?;
            let theirs = peers.ask(&data, part, storage, options)?;
            for (question, ours) in Question::of(part).into_iter().zip(ours) {
                let mut rows = vec![ours];
                rows.extend(
                    theirs
                        .iter()
                        .filter(|row| row.question == question.word())
                        .cloned(),
                );
                measured::must_agree(&rows)?;
                page.add(&table::compare(question, storage, &rows, data.size()))?;
            }
        }
    }
    Ok(())
}

/// What has been said so far, kept in a file as it grows.
struct Page {
    text: String,
    file: PathBuf,
}

impl Page {
    fn new(file: PathBuf) -> Self {
        let text = String::new();
        Self { text, file }
    }

    fn add(&mut self, paragraph: &str) -> Result<()> {
        say(&format!("\n{paragraph}"));
        self.text.push_str(paragraph);
        self.text.push_str("\n\n");
        fs::write(&self.file, &self.text)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}
