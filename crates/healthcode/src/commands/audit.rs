//! `audit`: checks the log of what staff members do and see, and witnesses it.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use credential::IssuerKey;
use credential::log::{
    Checkpoint, SignatureKind, SignedCheckpoint, VerifierKey, WitnessKey, check_log, continues,
};
use domain::{Clock, SystemClock};
use jiff::SignedDuration;
use serde_json::json;
use service::AuditLog;

use super::log_files::{Files, Served};
use super::sunset_proof;
use crate::config::ConfigArgs;
use crate::keystore::{KeyFolder, refuse_if_others_may_read, write_private};
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::{SystemIds, read_text, span};
use crate::wiring;

/// Check the log of what staff members do and see, or witness the log of another installation.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Read the whole log and find what was changed, dropped, moved or rolled back; exit status 1 if
    /// anything was
    #[command(after_help = "Examples:\n  \
        healthcode audit verify --state seen.checkpoint\n  \
        healthcode audit verify --tiles https://code.example/log --key log.pub --state seen.checkpoint")]
    Verify {
        /// The address of the log, or a folder with its files; the database of this installation if
        /// left out
        #[arg(long, value_name = "URL", requires = "key")]
        tiles: Option<String>,
        /// The public key of the log, or a file with it; that of this installation if left out
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// Where the newest checkpoint is kept that was seen, so that a log that is rolled back later
        /// is found out
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Check the proof that an emergency was ended: the folder that `healthcode sunset` wrote
    #[command(
        name = "verify-sunset",
        after_help = "Example:\n  healthcode audit verify-sunset sunset --key log.pub"
    )]
    VerifySunset {
        /// The folder with the files of the log and `sunset.json`
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// The public key of the log, or a file with it, from another source than the folder
        #[arg(long, value_name = "KEY")]
        key: String,
        /// Where the newest checkpoint is kept that was seen before the end
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
    },
    /// Sign the checkpoints of a log after checking that it only grew
    ///
    /// Run this on a machine of somebody else than the log's operator: a university, a court, a paper.
    /// The file with the witness's key is made if there is none; its public half is printed, and the
    /// operator of the log puts that into `witnesses` of the configuration.
    #[command(after_help = "Example:\n  \
        healthcode audit witness --log https://code.example/log --key log.pub --name uni.example/w1 \
        --witness-key witness.pem --state seen.checkpoint")]
    Witness {
        /// The address of the log
        #[arg(long, value_name = "URL")]
        log: String,
        /// The public key of the log, or a file with it
        #[arg(long, value_name = "KEY")]
        key: String,
        /// What this witness is called: no spaces
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The private key of this witness
        #[arg(long, value_name = "FILE")]
        witness_key: PathBuf,
        /// Where the newest checkpoint is kept that was seen
        #[arg(long, value_name = "FILE")]
        state: PathBuf,
        /// Look once, not again and again
        #[arg(long)]
        once: bool,
        /// How often to look
        #[arg(long, value_name = "TIME", default_value = "1m", value_parser = span)]
        every: SignedDuration,
    },
}

/// Does what was asked.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    match args.what {
        What::Verify {
            tiles: Some(tiles),
            key,
            state,
            ..
        } => verify_files(&tiles, &key.unwrap_or_default(), state.as_deref(), report),
        What::Verify {
            tiles: None,
            key,
            state,
            config,
        } => verify_record(key.as_deref(), state.as_deref(), &config, report),
        What::VerifySunset { folder, key, state } => {
            verify_sunset(&folder, &verifier(&key)?, state.as_deref(), report)
        }
        What::Witness {
            log,
            key,
            name,
            witness_key,
            state,
            once,
            every,
        } => {
            let witness = Witness {
                served: Served::at(&log)?,
                log: verifier(&key)?,
                key: witness(&name, &witness_key)?,
                state,
            };
            report.line(format_args!(
                "The key of this witness: {}",
                witness.key.verifier()
            ))?;
            if once {
                return witness.look(report);
            }
            let pause = Duration::from_secs(every.as_secs().unsigned_abs());
            loop {
                // A log that cannot be reached is asked again; one that does not continue too: its
                // operator may mend it, and each time it is said.
                if let Err(error) = witness.look(report) {
                    report.remark(format_args!("{error:#}"));
                }
                std::thread::sleep(pause);
            }
        }
    }
}

fn verify_files(log: &str, key: &str, state: Option<&Path>, report: Report) -> Result<Outcome> {
    let key = verifier(key)?;
    let seen = seen(state, &key)?;
    let checked = if log.contains("://") {
        check_log(&mut Served::at(log)?, &key, seen.as_ref())?
    } else {
        check_log(&mut Files::in_folder(log), &key, seen.as_ref())?
    };
    tell(checked.entries, 0, &checked.flaws, report)?;
    if !checked.flaws.is_empty() {
        return Ok(Outcome::Negative);
    }
    keep(state, &checked.signed)
}

fn verify_sunset(
    folder: &Path,
    key: &VerifierKey,
    state: Option<&Path>,
    report: Report,
) -> Result<Outcome> {
    let seen = seen(state, key)?;
    let proof = sunset_proof::read(folder)?;
    let findings = sunset_proof::check(folder, &proof, key, seen.as_ref())?;
    let said = sunset_proof::said(&proof);
    let value = json!({ "law": proof.law, "said": said, "findings": findings });
    let text = if findings.is_empty() {
        format!("Ended by: {}\n{}", proof.law, said.join("\n"))
    } else {
        findings.join("\n")
    };
    report.result(&value, text)?;
    Ok(Outcome::done_if(findings.is_empty()))
}

fn verify_record(
    key: Option<&str>,
    state: Option<&Path>,
    config: &ConfigArgs,
    report: Report,
) -> Result<Outcome> {
    let config = config.resolve()?;
    let key = match key {
        Some(key) => verifier(key)?,
        None => KeyFolder::at(&config.keys).log_verifier()?,
    };
    let seen = seen(state, &key)?;
    let progress = Mutex::new(report.progress("reading entries", None));
    let set = Arc::new(move |entries: u64| {
        if let Ok(mut progress) = progress.lock() {
            progress.set(entries);
        }
    });
    wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let checked = AuditLog::verify(&store, &key, seen.as_ref(), set).await?;
        tell(checked.entries, checked.erased, &checked.findings, report)?;
        if !checked.findings.is_empty() {
            return Ok(Outcome::Negative);
        }
        keep(state, &checked.signed)
    })
}

/// Somebody who signs checkpoints of a log.
struct Witness {
    served: Served,
    log: VerifierKey,
    key: WitnessKey,
    state: PathBuf,
}

impl Witness {
    /// Looks at the log once, and signs its checkpoint if it continues what was seen before.
    fn look(&self, report: Report) -> Result<Outcome> {
        let mut served = self.served.clone();
        let text = served.text("checkpoint")?;
        let signed = SignedCheckpoint::open(&text, &self.log)?;
        let now = signed.checkpoint();
        if let Some(seen) = seen(Some(&self.state), &self.log)? {
            let continued = continues(&mut served, &seen, now)?;
            if let Err(why) = continued {
                report.refusal(format_args!("{}: {why}", self.log.name()));
                return Ok(Outcome::Negative);
            }
        }
        // Kept before it is signed: nothing is signed that is not remembered.
        keep(Some(&self.state), &text)?;
        let mut cosigned = signed.clone();
        cosigned.add(self.key.cosign(&signed, SystemClock.now())?);
        served.post("cosignature", &cosigned.to_string())?;
        let said = json!({ "signed": now.size });
        report.result(&said, format_args!("Signed {} entries", now.size))?;
        Ok(Outcome::Done)
    }
}

fn tell(entries: u64, erased: u64, found: &[impl Display], report: Report) -> Result<()> {
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    let said = json!({ "entries": entries, "erased": erased, "findings": found });
    let mut text = found.join("\n");
    if found.is_empty() {
        text = format!("{entries} entries, all as they were written; {erased} of them erased");
    }
    report.result(&said, text)
}

/// A public key, as given or in a file.
fn verifier(key: &str) -> Result<VerifierKey> {
    let parsed = match key.parse::<VerifierKey>() {
        Ok(key) => key,
        Err(_) => {
            let text = read_text(Path::new(key), "--key")?;
            text.parse().with_context(|| format!("--key {key}"))?
        }
    };
    if parsed.kind() != SignatureKind::Log {
        return Err(wrong_use(format!(
            "--key {key}: this is the key of a witness, not of a log"
        )));
    }
    Ok(parsed)
}

/// The key of a witness, made if there is none.
fn witness(name: &str, file: &Path) -> Result<WitnessKey> {
    if !file.exists() {
        write_private(file, &IssuerKey::generate(&SystemIds)?.to_pem()?)?;
    }
    refuse_if_others_may_read(file)?;
    let key = IssuerKey::from_pem(&read_text(file, "--witness-key")?)
        .with_context(|| format!("{}", file.display()))?;
    WitnessKey::new(name, key).map_err(|error| wrong_use(format!("--name {name}: {error}")))
}

/// The checkpoint that was seen last, if one was.
fn seen(state: Option<&Path>, key: &VerifierKey) -> Result<Option<Checkpoint>> {
    let Some(state) = state.filter(|state| state.exists()) else {
        return Ok(None);
    };
    let text = read_text(state, "--state")?;
    let signed = SignedCheckpoint::open(&text, key);
    let signed = signed.with_context(|| {
        let hint = "remove it only if the log was begun anew, and everybody knows why";
        format!("{}: {hint}", state.display())
    })?;
    Ok(Some(signed.checkpoint().clone()))
}

/// Keeps a checkpoint, whole or not at all, if it is to be kept.
fn keep(state: Option<&Path>, text: &str) -> Result<Outcome> {
    let Some(state) = state.filter(|_| !text.is_empty()) else {
        return Ok(Outcome::Done);
    };
    let draft = state.with_extension("new");
    let kept = fs::write(&draft, text).and_then(|()| fs::rename(&draft, state));
    kept.map_err(|error| anyhow!("{}: cannot be written: {error}", state.display()))?;
    Ok(Outcome::Done)
}
