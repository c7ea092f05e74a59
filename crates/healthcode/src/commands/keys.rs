//! `keys`: the secret of the installation and the keys that sign codes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};
use domain::{Clock, SystemClock, Timestamp};
use serde_json::json;

use crate::keystore::{KeyFolder, LONGEST_CODE, PUBLISHED_FIRST, StoredKey, signing};
use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::SystemIds;

/// Make, list and replace the keys that sign codes and seal identities.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// Folder with the keys
    #[arg(long, global = true, value_name = "DIR", env = "HEALTHCODE_KEYS", default_value = "keys")]
    keys: PathBuf,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make the secret of the installation and a first issuer key, readable by their owner only
    #[command(after_help = "Example:\n  healthcode keys generate --keys /etc/healthcode/keys")]
    Generate,
    /// List the issuer keys and which of them signs
    #[command(after_help = "Example:\n  healthcode keys list")]
    List,
    /// Make another issuer key: trusted from the next start on, signs a day later
    #[command(after_help = "Example:\n  healthcode keys rotate")]
    Rotate,
    /// Take an issuer key out of use once every code that it signed has expired
    #[command(after_help = "Example:\n  healthcode keys retire 1a2b3c4d")]
    Retire {
        /// The key's name, as `keys list` shows it
        #[arg(value_name = "KEY")]
        key: String,
        /// The key is in wrong hands: retire it at once, with every code that it signed
        #[arg(long)]
        compromised: bool,
    },
}

/// Does what was asked with the keys.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let folder = KeyFolder::at(args.keys);
    let now = SystemClock.now();
    match args.what {
        What::Generate => generate(&folder, now, report),
        What::List => list(&folder, now, report),
        What::Rotate => rotate(&folder, now, report),
        What::Retire { key, compromised } => retire(&folder, &key, compromised, now, report),
    }
}

fn generate(folder: &KeyFolder, now: Timestamp, report: Report) -> Result<Outcome> {
    let key = folder.generate(&SystemIds, now)?;
    let path = folder.path().display();
    report.result(
        &json!({ "folder": path.to_string(), "issuer_key": key.to_string() }),
        format_args!(
            "Made the installation's secret and issuer key {key} in {path}.\n\
             Keep a copy of that folder in a safe, apart from the database: without it no identity \
             opens again."
        ),
    )?;
    Ok(Outcome::Done)
}

fn list(folder: &KeyFolder, now: Timestamp, report: Report) -> Result<Outcome> {
    let keys = folder.issuer_keys()?;
    let signs = signing(&keys, now);
    for (place, stored) in keys.iter().enumerate() {
        let role = role(place, signs);
        let (id, public) = (stored.key.id(), stored.key.public_key());
        report.result(
            &json!({
                "key": id.to_string(),
                "public_key": public.to_string(),
                "made_at": stored.made_at.to_string(),
                "role": role,
            }),
            format_args!("{id}  made {}  {role:9}  {public}", stored.made_at),
        )?;
    }
    Ok(Outcome::Done)
}

const fn role(place: usize, signs: usize) -> &'static str {
    if place < signs {
        "published"
    } else if place == signs {
        "signs"
    } else {
        "trusted"
    }
}

fn rotate(folder: &KeyFolder, now: Timestamp, report: Report) -> Result<Outcome> {
    let keys = folder.issuer_keys()?;
    if keys.len() > 1 {
        let oldest = &keys[keys.len() - 1];
        bail!(
            "two issuer keys are live already; retire {} first with `healthcode keys retire {}`",
            oldest.key.id(),
            oldest.key.id()
        );
    }
    let key = folder.add_issuer_key(&SystemIds, now)?;
    let signs_from = now + PUBLISHED_FIRST;
    report.result(
        &json!({ "issuer_key": key.to_string(), "signs_from": signs_from.to_string() }),
        format_args!(
            "Made issuer key {key}. Restart the servers now, so that checkpoints learn of it, and \
             again after {signs_from}, when it signs. Retire the old key a week later."
        ),
    )?;
    Ok(Outcome::Done)
}

fn retire(
    folder: &KeyFolder,
    name: &str,
    compromised: bool,
    now: Timestamp,
    report: Report,
) -> Result<Outcome> {
    let keys = folder.issuer_keys()?;
    let Some(place) = keys.iter().position(|stored| stored.key.id().to_string() == name) else {
        bail!("there is no issuer key {name}; `healthcode keys list` shows those there are");
    };
    if keys.len() == 1 {
        bail!("{name} is the only issuer key; make another with `healthcode keys rotate` first");
    }
    if !compromised {
        refuse_if_needed(&keys, place, now)?;
    }
    let path = &keys[place].path;
    fs::rename(path, path.with_extension("pem.retired"))?;
    report.result(
        &json!({ "retired": name }),
        format_args!("Retired issuer key {name}. Restart the servers, so that it is trusted no more."),
    )?;
    Ok(Outcome::Done)
}

/// A key is needed until the last code that it signed has expired.
fn refuse_if_needed(keys: &[StoredKey], place: usize, now: Timestamp) -> Result<()> {
    let name = keys[place].key.id();
    if place <= signing(keys, now) {
        bail!(
            "{name} signs, or is about to; retire an older key. If it is in wrong hands, add \
             --compromised"
        );
    }
    let signed_until = keys[place - 1].made_at + PUBLISHED_FIRST;
    let needed_until = signed_until + LONGEST_CODE;
    if now < needed_until {
        bail!(
            "codes that {name} signed live until {needed_until}; retire it then. If it is in wrong \
             hands, add --compromised"
        );
    }
    Ok(())
}
