//! `sunset`: ends the emergency.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;
use service::{Service, ServiceError};

use super::sunset_proof;
use crate::config::{Config, ConfigArgs};
use crate::keystore::KeyFolder;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::wiring;

/// How often it is tried again while other servers may not know yet.
const PAUSE: Duration = Duration::from_secs(1);

/// End the emergency: erase everything about people, destroy the keys, publish the proof
///
/// Two staff members agreed on it before, with the same text: one proposed it and another approved it.
/// From the first moment on nothing is taken in and no code is made. What is erased never comes back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
        healthcode sunset --law \"State Council notice 2022/113\" --dry-run\n  \
        healthcode sunset --law \"State Council notice 2022/113\" --out proof")]
pub struct Args {
    /// The law that ends it, as it was proposed
    #[arg(long, value_name = "TEXT")]
    law: String,
    /// Say what would be erased and destroyed, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The folder into which the proof is written, for everybody to have
    #[arg(long, value_name = "DIR", default_value = "sunset")]
    out: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Does what was asked.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    let folder = KeyFolder::at(&config.keys);
    if !args.dry_run && args.out.join(sunset_proof::PROOF).exists() {
        // Everything was erased and said; the program broke off before the last keys were destroyed.
        return finish(&args, &folder, report);
    }
    let is_there = wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        if args.dry_run {
            rehearse(&service, &folder, &config, report).await?;
            return Ok(false);
        }
        end(&args, &service, &folder, &config, report).await?;
        Ok(true)
    })?;
    if is_there {
        return finish(&args, &folder, report);
    }
    Ok(Outcome::Done)
}

async fn rehearse(
    service: &Service,
    folder: &KeyFolder,
    config: &Config,
    report: Report,
) -> Result<()> {
    let counts = service.sunset.rehearse(&wiring::operator()).await?;
    let keys = folder.private_files()?;
    let mirror = config
        .mirror
        .as_deref()
        .map(|mirror| mirror.display().to_string());
    let tables: serde_json::Map<String, serde_json::Value> = counts
        .iter()
        .map(|(table, rows)| ((*table).to_owned(), json!(rows)))
        .collect();
    let mut lines: Vec<String> = counts
        .iter()
        .filter(|(_, rows)| *rows > 0)
        .map(|(table, rows)| format!("{rows:>12}  {table}"))
        .collect();
    lines.push(format!("keys: months.secret, {}, log.pem", keys.join(", ")));
    if let Some(mirror) = &mirror {
        lines.push(format!("mirror, to be removed by you first: {mirror}"));
    }
    let value = json!({ "rows": tables, "keys": keys, "mirror": mirror });
    report.result(&value, lines.join("\n"))
}

async fn end(
    args: &Args,
    service: &Service,
    folder: &KeyFolder,
    config: &Config,
    report: Report,
) -> Result<()> {
    if let Some(mirror) = config.mirror.as_deref() {
        refuse_mirror(mirror)?;
    }
    let operator = wiring::operator();
    service.sunset.begin(&operator, &args.law).await?;
    report.remark("The emergency has ended: nothing is taken in any more.");
    let progress = |table: &str| report.remark(format_args!("erasing {table}"));
    loop {
        match service.sunset.erase(&operator, &progress).await {
            Err(ServiceError::SunsetNotNoticed { .. }) => tokio::time::sleep(PAUSE).await,
            erased => {
                erased?;
                break;
            }
        }
    }
    service
        .sunset
        .destroy_keys(&operator, &folder.private_files()?)
        .await?;
    let proof = service.sunset.finish(&operator).await?;
    sunset_proof::write(&args.out, &proof, service).await
}

/// The mirror is a copy of all evidence: it must be gone before the emergency can be said to have
/// ended. A bucket cannot be seen from here, so that it is to be taken out of the configuration.
fn refuse_mirror(mirror: &std::path::Path) -> Result<()> {
    let is_empty = std::fs::read_dir(mirror).is_ok_and(|mut files| files.next().is_none());
    if is_empty {
        return Ok(());
    }
    Err(wrong_use(format!(
        "{}: the mirror is a copy of all evidence; remove it and all its copies, take it out of the \
         configuration, and run this again",
        mirror.display()
    )))
}

/// Destroys the keys that are left, once the proof is there and holds.
fn finish(args: &Args, folder: &KeyFolder, report: Report) -> Result<Outcome> {
    let key = folder.log_verifier()?;
    let proof = sunset_proof::read(&args.out)?;
    let findings = sunset_proof::check(&args.out, &proof, &key, None)?;
    if let Some(finding) = findings.first() {
        bail!(
            "{}: the proof does not hold: {finding}; no key was destroyed",
            args.out.display()
        );
    }
    if proof.law != args.law {
        return Err(wrong_use(format!("--law: the proof names {}", proof.law)));
    }
    folder
        .destroy(&folder.private_files()?)
        .and_then(|()| folder.destroy_log_key())
        .context("everything is erased, and some keys are left: mend this and run it again")?;
    let said = sunset_proof::said(&proof);
    let value = json!({ "law": proof.law, "proof": args.out, "said": said });
    let text = format!(
        "Ended by: {}\nThe proof lies in {}: publish the folder, and the key in it by another way.",
        proof.law,
        args.out.display()
    );
    report.result(&value, text)?;
    report.remark(
        "Now remove what this program cannot see: backups of the database in clear, copies of the \
         folder of keys, archives of the journal, replicas. See docs/operating/ends.md.",
    );
    Ok(Outcome::Done)
}
