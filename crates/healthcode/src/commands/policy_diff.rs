//! `policy diff`: whose colour another policy would change.

use std::path::PathBuf;

use anyhow::Result;
use domain::Timestamp;
use lab::compare;
use tables::population::Extent;

use super::inputs;
use super::memory::MemoryLimit;
use super::policy;
use super::policy_lab::{ReportFile, cases_of, conclude, for_the_lab, load_people};
use super::table_files::{self, TimesOf};
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::timestamp;

/// Whose colour would change from one policy to another: by rule, region, age and sex.
///
/// Everybody in the folder is decided under both at the same moment. Numbers of people from 1 to 9
/// are hidden, and with them as many others as it takes that nobody can work them out. Who truly met
/// a case, for the contacts that the new policy would miss, is read from contacts of ring 1 in the
/// table of contacts, or traced from the tables of visits and cases.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode policy diff policies/hangzhou.toml draft.toml --data city \
                        --at 2020-02-20T12:00:00+08:00 -o report.html"
)]
pub struct Args {
    /// The policy in force
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The policy to try
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Folder with the tables; people.csv says region, year of birth and sex. Or a mirror, with
    /// regions.csv and people.csv beside its files; it calls people by their numbers
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
    output: ReportFile,
}

/// Compares and reports.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    args.output.check(&[&args.old, &args.new, &args.data])?;
    table_files::check_folder(&args.data)?;
    let old = policy::load(&args.old, "OLD", report)?;
    let new = policy::load(&args.new, "NEW", report)?;
    let (Some(old), Some(new)) = (old, new) else {
        return Ok(Outcome::Negative);
    };
    let mut tables = inputs::tables_of(&[&old, &new]);
    tables.extend(inputs::tables_called(&["people"]));
    inputs::check_strays(&args.data, &tables, report)?;
    let (cases, cases_good) = cases_of(&args.data, report)?;
    let (people, all_good) = load_people(
        &args.data,
        &cases,
        Extent::Compare(&[&old, &new]),
        args.memory,
        report,
    )?;
    let diff = compare(&old, &new, &for_the_lab(people), args.at)
        .map_err(|why| wrong_use(format!("--at: {why}; give a moment within")))?
        .in_zone(args.times.zone(&new));
    conclude(&diff.page(), &diff.json(), &args.output, report)?;
    Ok(Outcome::done_if(all_good && cases_good))
}
