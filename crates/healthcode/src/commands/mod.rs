//! One file for each command.

pub mod audit;
pub mod backup;
pub mod decide;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod import;
pub mod inspect;
pub mod issue;
pub mod keys;
pub mod migrate;
pub mod mirror;
pub mod openapi;
pub mod policy;
pub mod policy_diff;
pub mod policy_score;
pub mod restore;
pub mod risk;
pub mod serve;
pub mod simulate;
pub mod staff;
pub mod stats;
pub mod sunset;
pub mod top;
pub mod trace;
pub mod verify;

mod inputs;
mod log_files;
mod memory;
mod policy_lab;
mod sunset_proof;
mod table_files;

use anyhow::Result;

use crate::cli::{Cli, Command};
use crate::outcome::Outcome;
use crate::report::Report;

/// Runs the command that was asked for.
pub fn run(cli: Cli) -> Result<Outcome> {
    let report = Report {
        json: cli.json,
        quiet: cli.quiet,
    };
    match cli.command {
        Command::Demo(args) => demo::run(args, report),
        Command::Serve(args) => serve::run(args, report),
        Command::Doctor(args) => doctor::run(args, report),
        Command::Top(args) => top::run(args, report),
        Command::Migrate(args) => migrate::run(args, report),
        Command::Mirror(args) => mirror::run(args, report),
        Command::Keys(args) => keys::run(args, report),
        Command::Staff(args) => staff::run(args, report),
        Command::Audit(args) => audit::run(args, report),
        Command::Backup(args) => backup::run(args, report),
        Command::Restore(args) => restore::run(args, report),
        Command::Sunset(args) => sunset::run(args, report),
        Command::Openapi(args) => openapi::run(args, report),
        Command::Import(args) => import::run(args, report),
        Command::Decide(args) => decide::run(args, report),
        Command::Explain(args) => explain::run(args, report),
        Command::Trace(args) => trace::run(args, report),
        Command::Risk(args) => risk::run(args, report),
        Command::Stats(args) => stats::run(args, report),
        Command::Policy(args) => policy::run(args, report),
        Command::Simulate(args) => simulate::run(args, report),
        Command::Issue(args) => issue::run(args, report),
        Command::Verify(args) => verify::run(args, report),
        Command::Inspect(args) => inspect::run(args, report),
    }
}
