//! `simulate`: a made-up city with a known epidemic, as a folder of tables.

mod city_tables;
mod folder;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Result;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use simulate::epidemic::{BadScenario, Epidemic, Measures, Scenario};
use tables::files::Format;

use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::time_zone;

use super::policy::counted;
use city_tables::Tables;
use folder::NewFolder;

/// Make up a city with a known epidemic: every table of evidence, and the truth behind them.
///
/// People live in households, go to school and work, ride, shop, eat and exercise; a disease passes
/// between those who are near each other; tests find some of the infected, late and not always;
/// people declare, forget and lie. The same arguments give the same files. docs/simulation.md states
/// the model, its parameters and their sources.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode simulate --people 100000 --days 30 --seed 1 -o city\n  \
                        healthcode decide --policy policies/hangzhou.toml --data city \
                        --at 2020-03-18T12:00:00+08:00"
)]
pub struct Args {
    /// How many people, residents and visitors together
    #[arg(long, value_name = "N")]
    people: u32,
    /// How many local days
    #[arg(long, value_name = "D", default_value_t = 30)]
    days: u16,
    /// Everything random follows from this number
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// A new or empty folder for the tables
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// The format of the tables: csv, ndjson or parquet
    #[arg(long, value_name = "FORMAT", default_value = "parquet", value_parser = format)]
    format: Format,
    /// The first local day
    #[arg(long, value_name = "DATE", default_value = "2020-02-17")]
    start: Date,
    /// The zone of the local days
    #[arg(long, value_name = "ZONE", default_value = "Asia/Shanghai", value_parser = time_zone)]
    time_zone: TimeZone,
    /// People infected from outside in the first week; one in 10,000, and at least 10, if not given
    #[arg(long, value_name = "N")]
    seed_cases: Option<u32>,
    /// How many a case infects while nobody does anything
    #[arg(long, value_name = "R")]
    reproduction_number: Option<f64>,
    /// Recorded visits for each person and day
    #[arg(long, value_name = "N")]
    visits_per_day: Option<f64>,
    /// Share of people who forget to declare, 0 to 1
    #[arg(long, value_name = "SHARE")]
    forgetful: Option<f64>,
    /// Share of people who never declare symptoms or contacts, 0 to 1
    #[arg(long, value_name = "SHARE")]
    lying: Option<f64>,
    /// Say in the table of stays in which district each resident lives
    #[arg(long)]
    list_residents: bool,
    /// Nobody isolates, stays at home or changes anything
    #[arg(long)]
    no_measures: bool,
}

/// What was made.
#[derive(Debug, Serialize)]
struct Summary {
    folder: String,
    people: u32,
    days: u16,
    seed: u64,
    infected: usize,
    exposed: usize,
    confirmed: usize,
    /// Rows by table.
    rows: BTreeMap<&'static str, u64>,
}

/// Simulates and writes.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let folder = NewFolder::create(&args.output)?;
    let scenario = scenario(&args);
    let mut progress = report.progress("living day by day", Some(u64::from(scenario.days)));
    let epidemic = Epidemic::simulate(scenario, |day| progress.set(u64::from(day)));
    let epidemic = epidemic.map_err(refused)?;
    drop(progress);

    let tables = Tables::new(&epidemic, folder.path(), args.format);
    let rows = write(&epidemic, &tables, report)?;
    folder.keep()?;
    let summary = Summary {
        folder: args.output.display().to_string(),
        people: epidemic.scenario().people,
        days: epidemic.scenario().days,
        seed: epidemic.scenario().seed,
        infected: epidemic.infections().count(),
        exposed: epidemic.truth().count(),
        confirmed: epidemic.cases().len(),
        rows,
    };
    report.result(&summary, report_text(&summary, &args.output))?;
    Ok(Outcome::Done)
}

/// Visits are most of the work; all other tables are written beside them.
fn write(
    epidemic: &Epidemic,
    tables: &Tables<'_>,
    report: Report,
) -> Result<BTreeMap<&'static str, u64>> {
    let people = u64::from(epidemic.scenario().people);
    let mut progress = report.progress("writing visits", Some(people));
    thread::scope(|scope| {
        let others = scope.spawn(|| tables.write_others());
        let visits = tables.write_visits(|done| progress.set(u64::from(done)));
        let others = match others.join() {
            Ok(rows) => rows?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        Ok(others.into_iter().chain([("visits", visits?)]).collect())
    })
}

fn scenario(args: &Args) -> Scenario {
    let mut scenario = Scenario::new(args.people, args.days, args.seed);
    scenario.threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    scenario.first_day = args.start;
    scenario.time_zone = args.time_zone.clone();
    let set = |parameter: &mut f64, wanted: Option<f64>| *parameter = wanted.unwrap_or(*parameter);
    set(
        &mut scenario.disease.reproduction_number,
        args.reproduction_number,
    );
    set(&mut scenario.records.visits_per_day, args.visits_per_day);
    set(&mut scenario.records.forgetful, args.forgetful);
    set(&mut scenario.records.lying, args.lying);
    if let Some(seeds) = args.seed_cases {
        scenario.disease.seed_cases = seeds;
    }
    scenario.travel.list_residents = args.list_residents;
    if args.no_measures {
        scenario.measures = Measures::none();
    }
    scenario
}

fn refused(why: BadScenario) -> anyhow::Error {
    wrong_use(why.to_string())
}

fn report_text(summary: &Summary, output: &Path) -> String {
    let rows: Vec<String> = summary
        .rows
        .iter()
        .map(|(table, rows)| format!("  {table:<14}{rows:>12}\n"))
        .collect();
    format!(
        "{}: {} over {}, {} infected, {} exposed, {} confirmed\n{}",
        output.display(),
        counted(summary.people as usize, "person", "people"),
        counted(usize::from(summary.days), "day", "days"),
        summary.infected,
        summary.exposed,
        summary.confirmed,
        rows.concat().trim_end_matches('\n'),
    )
}

fn format(text: &str) -> Result<Format, String> {
    let known = Format::ALL
        .into_iter()
        .find(|known| known.extension() == text);
    known.ok_or_else(|| "expected csv, ndjson or parquet".to_owned())
}
