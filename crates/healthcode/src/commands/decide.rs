//! `decide`: everybody in a folder of files.

use std::path::PathBuf;

use anyhow::Result;
use domain::Timestamp;
use tables::files::Reading;
use tables::population::{self, decide_folder};

use super::inputs;
use super::memory::MemoryLimit;
use super::policy;
use super::table_files::{self, About, Output, TimesOf, file_error, in_zone};
use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::timestamp;

/// Decide everybody in a folder of files: person, colour, rule, since, until, next_change.
///
/// `colour` is green, yellow, red, or undeclared for somebody whom nothing restricts and who has no
/// valid declaration. `rule` is the one that gives the colour. Everybody is listed whom the table of
/// people names, or a table that a rule reads; without a table of people, whom any table names. DIR may also be a mirror: region
/// levels are then read from regions.csv beside its files.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode decide --policy policies/hangzhou.toml --data city \
                        --at 2020-02-20T12:00:00+08:00 -o verdicts.parquet"
)]
pub struct Args {
    /// The policy document
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Folder with the tables: declarations.csv, contacts.ndjson, tests.parquet, regions.csv, …
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The moment for which to decide (RFC 3339 or Unix seconds)
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    at: Timestamp,
    #[command(flatten)]
    memory: MemoryLimit,
    #[command(flatten)]
    times: TimesOf,
    #[command(flatten)]
    output: Output,
}

/// Decides and writes.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    args.output.check(&[&args.policy, &args.data])?;
    table_files::check_folder(&args.data)?;
    let Some(policy) = policy::load(&args.policy, "--policy", report)? else {
        return Ok(Outcome::Negative);
    };
    policy::tell_if_not_in_force(&policy, args.at, report);
    let mut tables = inputs::tables_of(&[&policy]);
    tables.extend(inputs::tables_called(&["people"]));
    inputs::check_strays(&args.data, &tables, report)?;
    let mut progress = report.progress_of_reading();
    let reading = Reading {
        options: table_files::options(),
        memory: args.memory.limit(),
        watch: &mut |done, total| progress.set_of(done, total),
    };
    let decided = decide_folder(&policy, &args.data, args.at, reading).map_err(file_error)?;
    drop(progress);
    let all_good = table_files::tell_refused(decided.reports(), report);

    let zone = args.times.zone(&policy);
    let mut writer = args
        .output
        .begin(population::COLUMNS, &zone, About::People, report)?;
    let mut progress = report.progress("writing", Some(decided.len() as u64));
    let written = decided.write(&mut writer, |done| progress.set(done));
    drop(progress);
    written.map_err(file_error)?;
    table_files::finish(writer, report)?;

    let counts = decided.counts().into_iter();
    let counts: Vec<String> = counts
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    if !decided.unread().is_empty() {
        report.remark(format_args!(
            "note: not read, since no rule of {} reads it: {}; whoever is named only there is not \
             listed",
            policy.reference(),
            decided.unread().join(", "),
        ));
    }
    let is_mirror = decided.reports().is_empty();
    if !decided.has_levels() && (is_mirror || policy::reads_levels(&policy)) {
        report.remark(format_args!(
            "note: {} holds no table of regions, so no region has a level, and no rule about levels \
             restricts anybody",
            args.data.display()
        ));
    }
    report.remark(format_args!(
        "{} under {} at {}: {}",
        policy::counted(decided.len(), "person", "people"),
        policy.reference(),
        in_zone(args.at, &zone),
        counts.join(", "),
    ));
    Ok(Outcome::done_if(all_good))
}
