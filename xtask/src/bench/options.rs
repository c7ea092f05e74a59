//! What is to be measured.

use anyhow::{Result, bail};

/// The options, for `cargo xtask help`.
pub const HELP: &str = "\
cargo xtask bench [OPTIONS]

  --people N          people to decide; default 10000000
  --visits N          visits to trace; default 100000000
  --only PART[,PART]  decide, trace, files, store, codes, frames; default all of them
  --repeat K          runs of each question after one to warm up; default 5
  --seconds S         how long each load on a server lasts; default 10
  --cold-build        also clone the repository and build it with an empty cargo home
";

/// The options of a run.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// How many people are decided.
    pub people: u64,
    /// How many visits are searched.
    pub visits: u64,
    /// How often each question is asked after the warm-up.
    pub repeat: u32,
    /// How long each load on a server lasts.
    pub seconds: u32,
    /// Whether to build everything from nothing.
    pub cold_build: bool,
    only: Vec<Part>,
}

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Decide everybody.
    Decide,
    /// Find contacts.
    Trace,
    /// Whole commands on folders of ordinary files.
    Files,
    /// What is durable, and what a server answers.
    Store,
    /// Sign and verify.
    Codes,
    /// From a frame of a scanner's camera to the answer, in a browser.
    Frames,
}

impl Options {
    /// Reads them from the command line.
    ///
    /// # Errors
    /// An option is unknown or its value cannot be read.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            people: 10_000_000,
            visits: 100_000_000,
            repeat: 5,
            seconds: 10,
            cold_build: false,
            only: Vec::new(),
        };
        while let Some(word) = words.next() {
            if word == "--cold-build" {
                options.cold_build = true;
                continue;
            }
            let Some(value) = words.next() else {
                bail!("`{word}` is no option or lacks its value\n\n{HELP}");
            };
            let is_read = match word.as_str() {
                "--people" => number(&value, &mut options.people),
                "--visits" => number(&value, &mut options.visits),
                "--repeat" => number(&value, &mut options.repeat),
                "--seconds" => number(&value, &mut options.seconds),
                "--only" => value.split(',').all(|part| match Part::named(part) {
                    Some(part) => {
                        options.only.push(part);
                        true
                    }
                    None => false,
                }),
                _ => bail!("no option `{word}`\n\n{HELP}"),
            };
            if !is_read {
                bail!("`{value}` cannot be the value of {word}\n\n{HELP}");
            }
        }
        Ok(options)
    }

    /// Whether this part is to be measured.
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

impl Part {
    fn named(name: &str) -> Option<Self> {
        match name {
            "decide" => Some(Self::Decide),
            "trace" => Some(Self::Trace),
            "files" => Some(Self::Files),
            "store" => Some(Self::Store),
            "codes" => Some(Self::Codes),
            "frames" => Some(Self::Frames),
            _ => None,
        }
    }
}

/// Reads a positive number; underscores may group its digits.
fn number<T: TryFrom<u64>>(text: &str, into: &mut T) -> bool {
    let parsed = text.replace('_', "").parse::<u64>().ok();
    match parsed.filter(|number| *number > 0).map(T::try_from) {
        Some(Ok(number)) => {
            *into = number;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_options_everything_is_measured_at_full_size() {
        let options = read("").unwrap();
        assert_eq!(
            (options.people, options.visits, options.repeat),
            (10_000_000, 100_000_000, 5)
        );
        for part in [
            Part::Decide,
            Part::Trace,
            Part::Files,
            Part::Store,
            Part::Codes,
            Part::Frames,
        ] {
            assert!(options.wants(part), "{part:?}");
        }
        assert!(!options.cold_build);
    }

    #[test]
    fn parts_and_sizes_can_be_chosen() {
        let options = read("--people 200_000 --only decide,codes --repeat 3 --cold-build").unwrap();
        assert_eq!((options.people, options.repeat), (200_000, 3));
        assert!(options.wants(Part::Codes) && !options.wants(Part::Trace));
        assert!(options.cold_build);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_options() {
        for line in [
            "--people",
            "--people none",
            "--repeat 0",
            "--only all",
            "--fast 1",
        ] {
            let error = read(line).unwrap_err().to_string();
            assert!(
                error.contains("cargo xtask bench [OPTIONS]"),
                "{line}: {error}"
            );
        }
    }
}
