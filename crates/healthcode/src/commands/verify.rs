//! `verify`: a checkpoint on the command line.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use credential::{Accepted, FreshTrustList, PublicKey, Refusal, Settings, StatusLists, verify};
use domain::{Assurance, Clock, Colour, SystemClock, Timestamp};
use jiff::SignedDuration;
use serde_json::json;

use crate::config::ConfigArgs;
use crate::keystore::read_roots;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::{read_code, read_text, timestamp};
use crate::wiring;

/// Check a code as a checkpoint does; exit status 0 if it is genuine, holds, is green, and was shown
/// live.
///
/// Anybody can copy a plain code or a card, and nobody has checked whose code it is before the account
/// is `seen`: these count only where a guard looks at a document. Say so with --with-document.
///
/// With --trust-list no database and no network is needed: give the trust list, the root key that
/// you pinned, and the newest status lists you have. Without it the code is checked against the
/// database of this installation.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    healthcode verify code.txt\n  \
    healthcode verify code.txt --trust-list trust-list.bin --root root.pub --status-list 0.cwt")]
pub struct Args {
    /// The code itself (HK1:…), a file that holds it, or `-` for standard input
    #[arg(value_name = "CODE")]
    code: String,
    /// The trust list, as fetched from /api/v1/trust-list a day ago at most
    #[arg(long, value_name = "FILE", requires = "root")]
    trust_list: Option<PathBuf>,
    /// The pinned root keys, one a line (root.pub)
    #[arg(long, value_name = "FILE", requires = "trust_list")]
    root: Option<PathBuf>,
    /// A status list, as fetched from /api/v1/status-lists/NUMBER; may be given more than once
    #[arg(long, value_name = "FILE", requires = "trust_list")]
    status_list: Vec<PathBuf>,
    /// The moment for which to check, instead of now; offline only
    #[arg(long, value_name = "TIME", value_parser = timestamp, requires = "trust_list")]
    at: Option<Timestamp>,
    /// A guard looks at a document, so that plain codes, cards and names that nobody checked count
    #[arg(long)]
    with_document: bool,
    /// Where the highest number of a trust list is kept, so that an older one is refused; beside the
    /// root by default
    #[arg(long, value_name = "FILE", requires = "trust_list")]
    seen: Option<PathBuf>,
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
            let seen = args.seen.clone();
            let seen = seen.unwrap_or_else(|| root.with_extension("seen"));
            let trust = open_trust_list(list, root, &seen, now)?;
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
    tell(checked, args.with_document, now, report)
}

/// Opens a trust list with pinned keys, and keeps its number.
///
/// # Errors
/// If either file is absent, no pinned key signed the list, it has run out, or a later one was seen.
fn open_trust_list(
    list: &Path,
    root: &Path,
    seen: &Path,
    now: Timestamp,
) -> Result<FreshTrustList> {
    let roots: Vec<PublicKey> =
        read_roots(&read_text(root, "--root")?).with_context(|| format!("{}", root.display()))?;
    let trust = FreshTrustList::open(&read(list, "--trust-list")?, &roots, None, now)
        .with_context(|| format!("{}", list.display()))?;
    let before: u64 = match fs::read_to_string(seen) {
        Ok(text) => text.trim().parse().with_context(|| {
            format!(
                "{}: expected the number of a trust list; remove the file if the pinned root is new",
                seen.display()
            )
        })?,
        Err(_) => 0,
    };
    let offered = trust.sequence();
    ensure!(
        offered >= before,
        "{}: trust list {offered} is older than {before}, which was used here before; fetch it again",
        list.display()
    );
    if offered > before {
        fs::write(seen, format!("{offered}\n")).with_context(|| {
            format!(
                "{}: cannot be written; name another file with --seen",
                seen.display()
            )
        })?;
    }
    Ok(trust)
}

fn read(path: &Path, flag: &str) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        wrong_use(format!(
            "{}: {error}; give {flag} a file that can be read",
            path.display()
        ))
    })
}

fn tell(
    checked: Result<Accepted, Refusal>,
    is_with_document: bool,
    now: Timestamp,
    report: Report,
) -> Result<Outcome> {
    match checked {
        Ok(accepted) => {
            let wants_document = accepted.wants_document() && !is_with_document;
            let known = accepted.knowledge_age(now);
            report.result(
                &json!({
                    "is_valid": true,
                    "colour": accepted.colour.as_str(),
                    "form": accepted.form.as_str(),
                    "look_at_document": accepted.wants_document(),
                    "assurance": accepted.assurance.as_str(),
                    "issuer": accepted.issuer.to_string(),
                    "issued_at": accepted.issued_at.to_string(),
                    "expires_at": accepted.expires_at.to_string(),
                    "known_at": accepted.known_at.to_string(),
                    "name": accepted.name.as_ref().map(|name| name.as_str().to_owned()),
                }),
                format_args!(
                    "{}{}: a {} code of {}, known as of {} ago{}{}",
                    if wants_document {
                        "LOOK AT THE DOCUMENT, "
                    } else {
                        ""
                    },
                    accepted.colour.as_str().to_uppercase(),
                    accepted.form.as_str(),
                    accepted.issuer,
                    in_words(known),
                    match &accepted.name {
                        Some(name) => format!("; compare with the document: {}", name.as_str()),
                        None => String::new(),
                    },
                    if accepted.assurance < Assurance::Seen {
                        "; name not checked"
                    } else {
                        ""
                    },
                ),
            )?;
            Ok(Outcome::done_if(
                accepted.colour == Colour::Green && !wants_document,
            ))
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
