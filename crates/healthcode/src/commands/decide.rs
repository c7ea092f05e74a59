//! `decide`: everybody in a folder of files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use domain::Timestamp;
use engine::population;

use super::policy;
use super::tables::{self, Output, file_error};
use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::moment;

/// Decide everybody in a folder of files: person, colour, rule, since, until, next_change.
///
/// `colour` is green, yellow, red, or undeclared for somebody whom nothing restricts and who has no
/// valid declaration. `rule` is the one that gives the colour.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode decide --policy policies/hangzhou.toml --data city \
                        --at 2020-02-20T12:00:00+08:00 -o verdicts.parquet"
)]
pub struct Args {
    /// The policy document
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Folder with the tables: declarations.csv, contacts.ndjson, tests.parquet, regions.csv, …; or
    /// with a copy that `healthcode mirror` wrote
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The moment for which to decide (RFC 3339 or Unix seconds)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Timestamp,
    #[command(flatten)]
    output: Output,
}

/// Decides and writes.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    args.output.check()?;
    tables::check_folder(&args.data)?;
    let Some(policy) = policy::load(&args.policy, "--policy", report)? else {
        return Ok(Outcome::Negative);
    };
    let (decisions, all_good) = if engine::mirror::is_mirror(&args.data) {
        let (levels, all_good) = tables::levels(&args.data, report)?;
        let decided = population::decide_mirror(&policy, &levels, &args.data, args.at);
        (decided.map_err(file_error)?, all_good)
    } else {
        let (data, all_good) = tables::load(&args.data, report)?;
        let decided = population::decide_population(&policy, data.levels(), &data, args.at);
        (decided, all_good)
    };
    let mut writer = args.output.begin(population::COLUMNS, report)?;
    population::write(&decisions, &mut writer).map_err(file_error)?;
    writer.finish().map_err(file_error)?;

    let mut counts = BTreeMap::<&str, usize>::new();
    for decision in &decisions {
        *counts.entry(decision.status.as_str()).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    report.remark(format_args!(
        "{} under {} at {}: {}",
        policy::counted(decisions.len(), "person", "people"),
        policy.reference(),
        args.at,
        counts.join(", "),
    ));
    Ok(Outcome::done_if(all_good))
}
