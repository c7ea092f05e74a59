//! The command line: reads what was asked, wires the parts together, reports what became of it.
//!
//! Exit status: 0 done; 1 refused, failed, or the answer is no; 2 wrong use.

mod bucket;
mod cli;
mod commands;
mod config;
mod demo;
mod hex;
mod keystore;
mod outcome;
mod progress;
mod report;
mod system;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    outcome::conclude(commands::run(cli))
}
