//! `policy`: check, test, compare, score, publish.

use std::path::{Path, PathBuf};

use anyhow::Result;
use domain::policy::{Cases, Field};
use domain::{Policy, Timestamp};
use serde_json::json;

use super::{policy_diff, policy_score};
use crate::config::ConfigArgs;
use crate::outcome::{Outcome, wrong_use};
use crate::report::{Report, message};
use crate::system::read_text;
use crate::wiring;

/// Check a policy, run its worked cases, try it on people, publish it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Read a policy and report everything that is wrong with it
    #[command(after_help = "Example:\n  healthcode policy check policies/hangzhou.toml")]
    Check {
        /// The policy documents
        #[arg(required = true, value_name = "FILE")]
        policies: Vec<PathBuf>,
    },
    /// Run the worked cases that stand beside a policy: NAME.cases.toml beside NAME.toml
    #[command(after_help = "Example:\n  healthcode policy test policies/hangzhou.toml")]
    Test {
        /// The policy documents
        #[arg(required = true, value_name = "FILE")]
        policies: Vec<PathBuf>,
        /// The worked cases, if they lie elsewhere
        #[arg(long, value_name = "FILE")]
        cases: Option<PathBuf>,
    },
    /// Whose colour would change from one policy to another
    Diff(policy_diff::Args),
    /// How well policies would have found the infected and the exposed
    Score(policy_score::Args),
    /// Publish a policy into the database; in force from its effective date on
    #[command(
        after_help = "Example:\n  healthcode policy publish policies/hangzhou.toml \
                            --database-url sqlite:city.db"
    )]
    Publish {
        /// The policy document
        #[arg(value_name = "FILE")]
        policy: PathBuf,
        /// No longer taken: two staff members publish together, on the pages
        #[arg(long, value_name = "NAME", hide = true)]
        approved_by: Vec<String>,
        /// Leave deciding everybody again to the servers that run
        #[arg(long)]
        no_wait: bool,
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// Checks or tests.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    match args.what {
        What::Check { policies } => {
            let mut all_good = true;
            for path in &policies {
                all_good &= check(path, report)?.is_some();
            }
            Ok(Outcome::done_if(all_good))
        }
        What::Test { policies, cases } => {
            let mut all_good = true;
            for path in &policies {
                let cases = cases
                    .clone()
                    .unwrap_or_else(|| path.with_extension("cases.toml"));
                all_good &= test(path, &cases, report)?;
            }
            Ok(Outcome::done_if(all_good))
        }
        What::Diff(args) => policy_diff::run(args, report),
        What::Score(args) => policy_score::run(args, report),
        What::Publish {
            policy,
            approved_by,
            no_wait,
            config,
        } => publish(&policy, &approved_by, no_wait, &config, report),
    }
}

/// Reads the policy that `flag` names. If it does not check, says everything that is wrong with it
/// and returns `None`: nothing is ever decided under it.
pub fn load(path: &Path, flag: &str, report: Report) -> Result<Option<Policy>> {
    let text = read_text(path, flag)?;
    if path.to_string_lossy().ends_with(".cases.toml") {
        return Err(wrong_use(format!(
            "{}: this file holds worked cases; give {flag} the policy beside it, and its cases are found",
            path.display()
        )));
    }
    match Policy::parse(&text) {
        Ok(policy) => Ok(Some(policy)),
        Err(problems) => {
            for problem in &problems {
                report.refusal(format_args!("{}: {problem}", path.display()));
            }
            report.remark(format_args!(
                "{}: {} to correct; until then nothing is decided under this policy",
                path.display(),
                counted(problems.len(), "problem", "problems"),
            ));
            Ok(None)
        }
    }
}

fn check(path: &Path, report: Report) -> Result<Option<Policy>> {
    let policy = load(path, "FILE", report)?;
    if let Some(policy) = &policy {
        let languages: Vec<&str> = policy
            .languages()
            .iter()
            .map(|language| language.as_str())
            .collect();
        let value = json!({
            "file": path.display().to_string(),
            "policy": policy.reference().to_string(),
            "issuer": policy.issuer().to_string(),
            "effective": policy.effective().to_string(),
            "rules": policy.rules().len(),
            "languages": languages,
        });
        report.result(
            &value,
            format_args!(
                "{}: {} is good: {} in {}, issued by {}, effective {}",
                path.display(),
                policy.reference(),
                counted(policy.rules().len(), "rule", "rules"),
                languages.join(", "),
                policy.issuer(),
                policy.effective(),
            ),
        )?;
    }
    Ok(policy)
}

/// Runs the worked cases; whether all of them hold.
fn test(path: &Path, cases_path: &Path, report: Report) -> Result<bool> {
    let Some(policy) = load(path, "FILE", report)? else {
        return Ok(false);
    };
    let text = read_text(cases_path, "--cases")?;
    let cases = match Cases::parse(&text, &policy) {
        Ok(cases) => cases,
        Err(problems) => {
            for problem in problems {
                report.refusal(format_args!("{}: {problem}", cases_path.display()));
            }
            return Ok(false);
        }
    };
    let outcomes = cases.run(&policy);
    let failed = outcomes.iter().filter(|outcome| !outcome.holds()).count();
    for outcome in &outcomes {
        for difference in &outcome.mismatches {
            message(format_args!(
                "{}: {}: {difference}",
                cases_path.display(),
                outcome.name
            ));
        }
        let mismatches: Vec<String> = outcome.mismatches.iter().map(ToString::to_string).collect();
        let word = if outcome.holds() { "holds" } else { "FAILS" };
        report.result(
            &json!({
                "policy": policy.reference().to_string(),
                "case": outcome.name,
                "line": outcome.line,
                "moments": outcome.timestamps,
                "holds": outcome.holds(),
                "differences": mismatches,
            }),
            format_args!("{word}  {}", outcome.name),
        )?;
    }
    let timestamps: usize = outcomes.iter().map(|outcome| outcome.timestamps).sum();
    report.remark(format_args!(
        "{}: {} decided at {}, {} not as expected",
        policy.reference(),
        counted(outcomes.len(), "case", "cases"),
        counted(timestamps, "moment", "moments"),
        failed,
    ));
    Ok(failed == 0)
}

fn publish(
    path: &Path,
    approved_by: &[String],
    no_wait: bool,
    config: &ConfigArgs,
    report: Report,
) -> Result<Outcome> {
    let publisher = wiring::publisher(approved_by)?;
    let Some(policy) = load(path, "FILE", report)? else {
        return Ok(Outcome::Negative);
    };
    let text = read_text(path, "FILE")?;
    let config = config.resolve()?;
    wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        service.publishing.publish_policy(&publisher, &text).await?;
        let in_force = service
            .policies
            .policy()
            .map(|policy| policy.reference().to_string());
        let is_in_force = in_force.as_ref() == Some(&policy.reference().to_string());
        let decided = if is_in_force && !no_wait {
            Some(decide_everybody(&service, report).await?.decided)
        } else {
            None
        };
        let then = match decided {
            Some(people) => format!("{people} people were decided under it."),
            None => "Running servers notice within seconds and decide everybody again.".to_owned(),
        };
        report.result(
            &json!({
                "published": policy.reference().to_string(),
                "in_force": in_force,
                "decided": decided,
            }),
            format_args!(
                "Published {}, effective {}. In force now: {}. {then}",
                policy.reference(),
                policy.effective(),
                in_force.as_deref().unwrap_or("none"),
            ),
        )?;
        Ok(Outcome::Done)
    })
}

/// Remarks that a policy is not yet in force at the timestamp asked.
pub fn tell_if_not_in_force(policy: &Policy, at: Timestamp, report: Report) {
    if at < policy.effective() {
        report.remark(format_args!(
            "note: {} is in force from {}; at {at} it was not yet",
            policy.reference(),
            policy.effective(),
        ));
    }
}

/// Whether a rule asks for the level of a region.
pub fn reads_levels(policy: &Policy) -> bool {
    let mut conditions = policy.rules().iter().flat_map(|rule| &rule.conditions);
    conditions.any(|condition| condition.field == Field::Level)
}

/// Decides everybody, as running servers do too: whichever is first. It may be interrupted; a server
/// goes on.
pub async fn decide_everybody(
    service: &service::Service,
    report: Report,
) -> Result<service::Progress> {
    let mut bar = report.progress("deciding everybody", Some(0));
    let decided = service.reevaluation.decide_everybody_telling(|progress| {
        bar.expect(progress.people);
        bar.set(progress.decided);
    });
    Ok(decided.await?)
}

/// `1 rule`, `2 rules`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
