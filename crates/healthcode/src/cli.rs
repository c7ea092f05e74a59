//! What can be asked on the command line. Each command's own arguments stand in its own file.

use clap::{Parser, Subcommand};

use crate::commands;

/// Health codes for an epidemic: evidence in, explained verdicts out, codes that verify offline.
#[derive(Debug, Parser)]
#[command(
    name = "healthcode",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Try it:  healthcode demo\n\
                  Exit status: 0 done, 1 refused or the answer is no, 2 wrong use."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Print the result as JSON, one object a line where there are many
    #[arg(long, global = true)]
    pub json: bool,
    /// Print no progress and no remarks, only results and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a made-up city on an embedded database, pages open, one case about to be confirmed
    Demo(commands::demo::Args),
    /// Serve the pages and the API
    Serve(commands::serve::Args),
    /// Check database, keys, disk, clock and policy, and say what to do about each fault
    Doctor(commands::doctor::Args),
    /// Show live figures of the server on this machine: what is asked, refused and waits
    Top(commands::top::Args),
    /// Bring the database to this program's schema
    Migrate(commands::migrate::Args),
    /// Write a copy of all evidence as Parquet files, or list the copies
    Mirror(commands::mirror::Args),
    /// Make, list and replace keys, and the tokens of authorities' machines
    Keys(commands::keys::Args),
    /// Invite the first staff member, and be the second person for the second one
    Staff(commands::staff::Args),
    /// Check the log of what staff members do and see, or witness the log of another installation
    Audit(commands::audit::Args),
    /// Copy the database into a sealed file that opens until its month is destroyed
    Backup(commands::backup::Args),
    /// Open a backup into a file
    Restore(commands::restore::Args),
    /// End the emergency: erase everything about people, destroy the keys, publish the proof
    Sunset(commands::sunset::Args),
    /// Print the OpenAPI document of the API
    Openapi(commands::openapi::Args),
    /// Take a file of evidence into the database
    Import(commands::import::Args),
    /// Decide everybody in a folder of files: person, colour, rule, since, until, next_change
    Decide(commands::decide::Args),
    /// Say why one person in a folder of files has their colour
    Explain(commands::explain::Args),
    /// Find who shared venues with a case
    Trace(commands::trace::Args),
    /// Derive region risk levels from case counts
    Risk(commands::risk::Args),
    /// Show the statistics of a day: people by region and colour, rules, checks
    Stats(commands::stats::Args),
    /// Check a policy, run its worked cases, try it on people, publish it
    Policy(commands::policy::Args),
    /// Make up a city with a known epidemic, as a folder of tables
    Simulate(commands::simulate::Args),
    /// Sign a code for a registered person
    Issue(commands::issue::Args),
    /// Check a code as a checkpoint does; exit status 1 if it does not pass
    Verify(commands::verify::Args),
    /// Show what a code says, without judging it
    Inspect(commands::inspect::Args),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let nested = command.get_subcommands().next().is_some();
            assert!(
                nested || help.contains("Example"),
                "{name} --help shows no example"
            );
            for inner in command.get_subcommands() {
                let help = inner
                    .get_after_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let shows = help.contains("Example");
                assert!(shows, "{name} {} --help shows no example", inner.get_name());
            }
        }
    }
}
