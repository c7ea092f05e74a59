//! `policy check` and `policy test`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use domain::Policy;
use serde_json::json;

use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::read_text;

/// Check a policy or run its worked cases.
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
                let cases = cases.clone().unwrap_or_else(|| path.with_extension("cases.toml"));
                all_good &= test(path, &cases, report)?;
            }
            Ok(Outcome::done_if(all_good))
        }
    }
}

/// Reads the policy that `flag` names. If it does not check, says everything that is wrong with it
/// and returns `None`: nothing is ever decided under it.
pub fn load(path: &Path, flag: &str, report: Report) -> Result<Option<Policy>> {
    let text = read_text(path, flag)?;
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
        let languages: Vec<&str> =
            policy.languages().iter().map(|language| language.as_str()).collect();
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

/// `1 rule`, `2 rules`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
