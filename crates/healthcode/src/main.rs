//! The command line: reads what was asked, wires the parts together, reports what became of it.
//!
//! Exit status: 0 done; 1 refused, failed, or the answer is no; 2 wrong use.

// It panics if standard error is closed or full; `report::message` does not.
#![warn(clippy::print_stderr)]

mod bucket;
mod cli;
mod codes;
mod commands;
mod config;
mod connections;
mod demo;
mod hex;
mod keystore;
mod log;
mod monitors;
mod outcome;
mod progress;
mod report;
mod sealed_file;
mod sign_in;
mod system;
mod tls;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    outcome::conclude(commands::run(cli))
}
