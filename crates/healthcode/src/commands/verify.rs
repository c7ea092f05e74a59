//! `verify`: a checkpoint on the command line.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use credential::{Accepted, PublicKey, Refusal, Settings, StatusLists, TrustList, verify};
use domain::{Clock, Colour, SystemClock, Timestamp};
use jiff::SignedDuration;
use serde_json::json;

use crate::config::ConfigArgs;
use crate::keystore::read_roots;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::{moment, read_code, read_text};
use crate::wiring;

/// Check a code as a checkpoint does; exit status 0 if it is genuine, holds, and is green.
///
/// With --trust-list no database and no network is needed: give the trust list, the root key that
/// you pinned, and the newest status lists you have. Without it the code is checked against the
/// database of this installation.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    healthcode verify code.txt\n  \
    healthcode verify code.txt --trust-list trust-list.cwt --root root.pub --status-list 0.cwt")]
pub struct Args {
    /// The code itself (HK1:…), a file that holds it, or `-` for standard input
    #[arg(value_name = "CODE")]
    code: String,
    /// The signed trust list, as fetched from /api/v1/trust-list
    #[arg(long, value_name = "FILE", requires = "root")]
    trust_list: Option<PathBuf>,
    /// The pinned root keys, one a line (root.pub)
    #[arg(long, value_name = "FILE", requires = "trust_list")]
    root: Option<PathBuf>,
    /// A status list, as fetched from /api/v1/status-lists/NUMBER; may be given more than once
    #[arg(long, value_name = "FILE", requires = "trust_list")]
    status_list: Vec<PathBuf>,
    /// The moment for which to check, instead of now; offline only
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "trust_list")]
    at: Option<Timestamp>,
    /// Take live codes only, because plain codes and cards can be copied
    #[arg(long)]
    live_only: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Checks.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let text = read_code(&args.code)?;
    let settings = if args.live_only {
        Settings::live_only()
    } else {
        Settings::default()
    };
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let checked = match (&args.trust_list, &args.root) {
        (Some(list), Some(root)) => {
            let trust = open_trust_list(list, root)?;
            let mut lists = StatusLists::new();
            for path in &args.status_list {
                lists
                    .add(&read(path, "--status-list")?, &trust)
                    .with_context(|| format!("{}: fetch the status list again", path.display()))?;
            }
            verify(&text, &trust, Some(&lists), now, &settings)
        }
        _ => {
            let config = args.config.resolve()?;
            wiring::block_on(async {
                let store = wiring::open_store(&config).await?;
                let runtime = wiring::start(&config, store).await?;
                Ok(runtime.service.checks.verify(&text, &settings))
            })?
        }
    };
    tell(checked, now, report)
}

/// Opens a trust list with pinned keys.
///
/// # Errors
/// If either file is absent or no pinned key signed the list.
fn open_trust_list(list: &Path, root: &Path) -> Result<TrustList> {
    let roots: Vec<PublicKey> =
        read_roots(&read_text(root, "--root")?).with_context(|| format!("{}", root.display()))?;
    TrustList::open(&read(list, "--trust-list")?, &roots, None)
        .with_context(|| format!("{}", list.display()))
}

fn read(path: &Path, flag: &str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        wrong_use(format!(
            "{}: {error}; give {flag} a file that can be read",
            path.display()
        ))
    })
}

fn tell(checked: Result<Accepted, Refusal>, now: Timestamp, report: Report) -> Result<Outcome> {
    match checked {
        Ok(accepted) => {
            let known = accepted.knowledge_age(now);
            report.result(
                &json!({
                    "is_valid": true,
                    "colour": accepted.colour.as_str(),
                    "form": accepted.form.as_str(),
                    "issuer": accepted.issuer.to_string(),
                    "issued_at": accepted.issued_at.to_string(),
                    "expires_at": accepted.expires_at.to_string(),
                    "known_at": accepted.known_at.to_string(),
                    "name": accepted.name.as_ref().map(|name| name.as_str().to_owned()),
                }),
                format_args!(
                    "{}: a {} code of {}, known as of {} ago{}",
                    accepted.colour.as_str().to_uppercase(),
                    accepted.form.as_str(),
                    accepted.issuer,
                    in_words(known),
                    match &accepted.name {
                        Some(name) => format!("; compare with the document: {}", name.as_str()),
                        None => String::new(),
                    },
                ),
            )?;
            Ok(Outcome::done_if(accepted.colour == Colour::Green))
        }
        Err(refusal) => {
            report.result(
                &json!({
                    "is_valid": false,
                    "reason": refusal.word(),
                    "detail": refusal.to_string(),
                }),
                format_args!("REFUSED ({}): {refusal}", refusal.word()),
            )?;
            Ok(Outcome::Negative)
        }
    }
}

fn in_words(age: SignedDuration) -> String {
    match age.as_secs() {
        seconds if seconds < 120 => format!("{seconds} seconds"),
        seconds if seconds < 7200 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3600),
    }
}
