//! `risk`: region levels from case counts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tables::risk::{self, CaseCounts};

use super::inputs::check_not_inside;
use super::policy::counted;
use super::table_files::{self, About, Output, file_error, options, tell_refused};
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::time_zone;

/// Derive region risk levels from case counts: region, level, new_14d, cumulative, from, scope.
///
/// The rule is the State Council's guidance of February 2020; 5 or more new cases in 14 days count
/// as a cluster. New are the cases of the day less those of the last day counted that lies 14 days back
/// or more; if nothing reaches back so far, less those of the earliest day. A region whose code is new
/// takes the count that its name had then, or what the larger region had and none of its parts told. The
/// result is also a table `regions` for `decide`. Whatever is odd about the counts is said on standard
/// error: rows without a code, counts that fell, totals that disagree.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode risk --case-counts counts/ --on 2020-02-20 \
                        -o city/regions.csv"
)]
pub struct Args {
    /// Table of case counts, or a folder with one a day
    #[arg(long, value_name = "FILE")]
    case_counts: PathBuf,
    /// The day
    #[arg(long, value_name = "DATE")]
    on: Date,
    /// The zone in which the day begins, from which on the levels hold
    #[arg(long, value_name = "ZONE", default_value = "Asia/Shanghai", value_parser = time_zone)]
    time_zone: TimeZone,
    #[command(flatten)]
    output: Output,
}

/// Derives and writes.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    args.output.check(&[&args.case_counts])?;
    if let Some(path) = args.output.path() {
        check_not_inside(path, &args.case_counts)?;
    }
    if !args.case_counts.exists() {
        return Err(wrong_use(format!(
            "{}: there is no such file or folder; give --case-counts the table of counts, or a \
             folder with one a day",
            args.case_counts.display()
        )));
    }
    let progress = report.progress("reading counts", None);
    let (counts, files) = CaseCounts::read(&args.case_counts, options()).map_err(file_error)?;
    drop(progress);
    let all_good = tell_refused(&files, report) && counts.skipped().is_empty();
    for why in counts.skipped() {
        report.refusal(format_args!("{why}. The other files are read"));
    }
    let levels = counts
        .levels_on(args.on)
        .with_context(|| format!("{}", args.case_counts.display()))?;
    for note in &levels.notes {
        report.remark(format_args!("note: {note}"));
    }
    let mut writer = args
        .output
        .begin(risk::COLUMNS, &args.time_zone, About::Places, report)?;
    levels
        .write(&args.time_zone, &mut writer)
        .map_err(file_error)?;
    table_files::finish(writer, report)?;
    let mut counts = BTreeMap::<&str, usize>::new();
    for region in levels.regions.iter().filter(|region| !region.is_total) {
        *counts.entry(region.level.as_str()).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(level, count)| format!("{count} {level}"))
        .collect();
    let totals = levels
        .regions
        .iter()
        .filter(|region| region.is_total)
        .count();
    report.remark(format_args!(
        "{} on {}: {}; and {} of larger regions, which hold for nobody's stay",
        counted(levels.regions.len() - totals, "region", "regions"),
        args.on,
        counts.join(", "),
        counted(totals, "total", "totals"),
    ));
    Ok(Outcome::done_if(all_good))
}
