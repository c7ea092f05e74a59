//! `policy score`: policies replayed over a known epidemic.

use std::path::PathBuf;

use anyhow::Result;
use domain::{Policy, Timestamp};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use lab::{Period, Terms, Truth, score};
use tables::files::{Reader, TruthRow, truth};
use tables::mirror::is_mirror;
use tables::population::Extent;

use super::inputs::{check_strays, tables_of};
use super::memory::MemoryLimit;
use super::policy_lab::{ReportFile, conclude, for_the_lab, load_people};
use super::{policy, table_files};
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::{time_zone, timestamp};

/// How well policies would have found the infected and the exposed, side by side.
///
/// Each policy decides everybody once a day, on what was known then: a test from its report, a
/// contact once it is over and the person met is found, everything else from its date. The truth says
/// who was infected and exposed, and when. A status holds until the next decision, that of the last for
/// 24 hours. What is exposed or becomes infectious before the first decision or after that cannot be
/// judged and is counted as left out. Numbers of people from 1 to 9 are hidden.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode policy score policies/hangzhou.toml draft.toml --data city \
                        --truth city/truth.csv -o score.html"
)]
pub struct Args {
    /// The policies, one column each
    #[arg(required = true, value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// Folder with the tables
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Table of the truth: person, infected_at, exposed_at
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// The beginning [default: the first exposure or infection in the truth]
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    from: Option<Timestamp>,
    /// The end [default: 14 days after the last exposure or infection in the truth, but not after the
    /// last evidence]
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    until: Option<Timestamp>,
    /// The hour of the daily decision; 0 is the midnight that begins the day
    #[arg(long, value_name = "HOUR", default_value_t = 0, value_parser = clap::value_parser!(i8).range(0..=23))]
    hour: i8,
    /// The zone of the days [default: that of the first policy]
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    time_zone: Option<TimeZone>,
    /// From infection to becoming infectious: days (3d) or hours (60h)
    #[arg(long, value_name = "SPAN", default_value = "3d", value_parser = span)]
    latent: SignedDuration,
    /// An exposed person is reached in time if restricted within this of the exposure
    #[arg(long, value_name = "SPAN", default_value = "3d", value_parser = span)]
    within: SignedDuration,
    /// For so long after an exposure a restriction still counts as because of it
    #[arg(long, value_name = "SPAN", default_value = "14d", value_parser = span)]
    horizon: SignedDuration,
    #[command(flatten)]
    memory: MemoryLimit,
    #[command(flatten)]
    output: ReportFile,
}

/// Replays and reports.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let mut inputs = vec![args.data.as_path(), args.truth.as_path()];
    inputs.extend(args.policies.iter().map(PathBuf::as_path));
    args.output.check(&inputs)?;
    table_files::check_folder(&args.data)?;
    let terms = args.terms()?;
    if is_mirror(&args.data).map_err(table_files::file_error)? {
        return Err(wrong_use(format!(
            "{}: is a mirror, which does not say whom a contact was with, so nobody knows when it \
             was found; give --data the folder of tables",
            args.data.display()
        )));
    }
    let mut policies = Vec::new();
    for path in &args.policies {
        policies.extend(policy::load(path, "POLICY", report)?);
    }
    if policies.len() < args.policies.len() {
        return Ok(Outcome::Negative);
    }
    let tables = tables_of(&policies.iter().collect::<Vec<_>>());
    check_strays(&args.data, &tables, report)?;
    let (truth, file) = truth(&args.truth, table_files::options())
        .and_then(Reader::read_all)
        .map_err(table_files::file_error)?;
    let truth_good = table_files::tell_refused(std::slice::from_ref(&file), report);
    let (people, all_good) = load_people(&args.data, &[], Extent::Everything, args.memory, report)?;
    let period = args.period(&policies, &truth, people.last_fact())?;

    let truth = truth.iter().map(|row| Truth {
        person: people.number(&row.person),
        infected_at: row.infected_at,
        exposed_at: row.exposed_at,
    });
    let truth: Vec<Truth> = truth.collect();
    let unknown = truth.iter().filter(|row| row.person.is_none()).count();
    if unknown > 0 {
        report.remark(format_args!(
            "{} of the truth with a name that no other table has: never restricted, and so missed",
            policy::counted(unknown, "row", "rows"),
        ));
    }
    let mut progress = report.progress("replaying", Some((period.len() * policies.len()) as u64));
    let score = score(
        &policies,
        for_the_lab(people),
        &truth,
        period,
        terms,
        |done, _| {
            progress.set(done as u64);
        },
    );
    drop(progress);
    conclude(&score.page(), &score.json(), &args.output, report)?;
    Ok(Outcome::done_if(all_good && truth_good))
}

impl Args {
    fn terms(&self) -> Result<Terms> {
        let terms = Terms {
            latent: self.latent,
            within: self.within,
            horizon: self.horizon,
        };
        if terms.horizon < terms.latent.max(terms.within) {
            return Err(wrong_use(
                "--horizon is shorter than --latent or --within; give at least the longer of the two",
            ));
        }
        Ok(terms)
    }

    fn period(
        &self,
        policies: &[Policy],
        truth: &[TruthRow],
        last_fact: Option<Timestamp>,
    ) -> Result<Period> {
        let dates = || {
            truth
                .iter()
                .flat_map(|row| [row.infected_at, row.exposed_at])
        };
        let (first, last) = (dates().flatten().min(), dates().flatten().max());
        let (Some(from), Some(last)) = (self.from.or(first), self.until.or(last)) else {
            return Err(wrong_use(format!(
                "{}: no row says when anybody was infected or exposed; give --from and --until, or \
                 the right --truth",
                self.truth.display()
            )));
        };
        let until = self.until.unwrap_or_else(|| {
            let after = last
                .checked_add(SignedDuration::from_hours(14 * 24))
                .unwrap_or(last);
            last_fact.map_or(after, |fact| after.min(fact.max(last)))
        });
        let zone = match (&self.time_zone, policies.first()) {
            (Some(zone), _) => zone.clone(),
            (None, Some(policy)) => policy.time_zone().clone(),
            (None, None) => TimeZone::UTC,
        };
        Period::daily(from, until, self.hour, &zone)
            .map_err(|why| wrong_use(format!("--from, --until: {why}")))
    }
}

/// Days or hours on the command line: `3d`, `60h`; a day is 24 hours.
fn span(text: &str) -> Result<SignedDuration, String> {
    let hours = |number: &str, each: i64| {
        let number: i64 = number.parse::<u16>().ok()?.into();
        Some(SignedDuration::from_hours(number * each))
    };
    let parsed = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => hours(days, 24),
        (None, Some(number)) => hours(number, 1),
        (None, None) => None,
    };
    parsed.ok_or_else(|| "expected days such as 3d, or hours such as 60h".to_owned())
}
