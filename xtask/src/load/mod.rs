//! `cargo xtask load`: what a server does when a whole city asks at once. Prints a page of Markdown
//! from which `docs/benchmarks.md` is written.
//!
//! The load is open: requests are due at times that were drawn beforehand, whether or not earlier
//! ones are answered, and each is measured from when it was due.

mod arrivals;
mod city;
mod client;
mod drive;
mod histogram;
mod profiles;
mod report;

use anyhow::{Context as _, Result, bail};
use std::time::Duration;

pub use self::client::Client;
use self::profiles::Profile;
use crate::bench::{Server, describe_machine};
use crate::run::say;
use crate::settings::Settings;

/// What the options are.
pub const HELP: &str = "\
cargo xtask load [PROFILE…] [OPTIONS]

  morning             the mix of a morning at half of what the server can do
  overload            ten times of what the server can do: registrations, then code refreshes
  retry-storm         twice of it, and whoever is refused asks again at once, three times
  idle                2,000 connections that are silent or slow, and a city that goes on beside them
  noisy               one address that asks without end, and a city that goes on beside it

  --seconds N         how long each load lasts; default 15
  --clients N         how many ask at once, each on a connection of its own; default 256
  --dev               the program as `cargo build` makes it, in place of a release build

Without a profile all of them are run. Each takes less than three minutes. The server runs on this
machine, on an embedded database that is thrown away, and shares the processors with the load.
";

struct Options {
    profiles: Vec<Profile>,
    length: Duration,
    clients: usize,
    is_dev: bool,
}

/// Runs the profiles that `words` ask for.
///
/// # Errors
/// An option is wrong, or the server does not start.
pub fn load(settings: &Settings, words: impl Iterator<Item = String>) -> Result<bool> {
    let options = Options::read(words)?;
    raise_file_limit();
    let server = if options.is_dev {
        Server::build_for_development(settings)?
    } else {
        Server::build(settings)?
    };
    let build = if options.is_dev {
        "a development build, not optimised"
    } else {
        "a release build"
    };
    let (seconds, clients) = (options.length.as_secs(), options.clients);
    say(&format!(
        "{}\n\nThe server is {build}; each load lasts {seconds} s; {clients} clients on the same \
         processors.",
        describe_machine(settings)?
    ));
    for profile in &options.profiles {
        let folder = settings.bench_data.join("load");
        let text = profile.run(&server, &folder, options.length, options.clients)?;
        say(&format!("\n## {}\n\n{text}", profile.name()));
    }
    Ok(true)
}

impl Options {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            profiles: Vec::new(),
            length: Duration::from_secs(15),
            clients: 256,
            is_dev: false,
        };
        while let Some(word) = words.next() {
            let mut number = || -> Result<u64> {
                let text = words.next().context("a number is missing")?;
                let number: u64 = text.parse().with_context(|| format!("{text}: no number"))?;
                anyhow::ensure!(number > 0, "{word} must be at least 1");
                Ok(number)
            };
            match word.as_str() {
                "--seconds" => options.length = Duration::from_secs(number()?.min(30)),
                "--clients" => options.clients = usize::try_from(number()?)?,
                "--dev" => options.is_dev = true,
                name => match Profile::ALL.iter().find(|profile| profile.name() == name) {
                    Some(profile) => options.profiles.push(*profile),
                    None => bail!("{name}: no such profile or option\n\n{HELP}"),
                },
            }
        }
        if options.profiles.is_empty() {
            options.profiles = Profile::ALL.to_vec();
        }
        Ok(options)
    }
}

/// Lets this process hold as many connections as it may.
#[cfg(unix)]
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = maximum;
    if setrlimit(Resource::Nofile, Rlimit { current, maximum }).is_err() {
        say("the limit of files cannot be raised: fewer connections may be held");
    }
}

#[cfg(not(unix))]
fn raise_file_limit() {}
