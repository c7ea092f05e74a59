//! `keys`: the secret of the installation, the keys that sign codes, the tokens of authorities.

mod token;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use credential::TrustedKey;
use domain::{Clock, Region, SystemClock, Timestamp};
use serde_json::json;

use crate::config::ConfigArgs;
use crate::keystore::{KeyFolder, LONGEST_CODE, Role, Transit};
use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::SystemIds;
use crate::wiring;

/// Make, list and replace keys, and the tokens of authorities' machines.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Args)]
struct InFolder {
    /// Folder with the keys
    #[arg(
        long,
        value_name = "DIR",
        env = "HEALTHCODE_KEYS",
        default_value = "keys"
    )]
    keys: PathBuf,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make the secret of the installation, a root and a first issuer key
    #[command(after_help = "Example:\n  healthcode keys generate --issuer 3301 \
                            --url https://codes.example.org --keys /var/lib/healthcode/keys")]
    Generate {
        /// Region whose authority issues the codes (GB/T 2260 or ISO 3166)
        #[arg(long, value_name = "REGION", env = "HEALTHCODE_ISSUER")]
        issuer: Region,
        /// Where checkpoints reach this installation; signed into the trust list
        #[arg(long, value_name = "URL", value_parser = web_address)]
        url: String,
        #[command(flatten)]
        folder: InFolder,
    },
    /// List the keys of the trust list and what each does
    #[command(after_help = "Example:\n  healthcode keys list")]
    List {
        #[command(flatten)]
        folder: InFolder,
    },
    /// Make another issuer key: published now, signs a day later; with --now at once
    #[command(after_help = "Examples:\n  healthcode keys rotate\n  \
                            healthcode keys rotate --now --compromised")]
    Rotate {
        /// Let the new key sign at once. A checkpoint without a network does not know it until it
        /// fetches the trust list
        #[arg(long)]
        now: bool,
        /// The other keys are in wrong hands: codes that they signed stop counting
        #[arg(long, requires = "now")]
        compromised: bool,
        #[command(flatten)]
        folder: InFolder,
    },
    /// Sign the trust list again, so that it may be used for another half year
    #[command(after_help = "Example:\n  healthcode keys renew")]
    Renew {
        #[command(flatten)]
        folder: InFolder,
    },
    /// Write the trust list as servers hand it out, for a checkpoint without a network
    #[command(after_help = "Example:\n  healthcode keys trust-list -o trust-list.bin")]
    TrustList {
        /// Write it to this file
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        #[command(flatten)]
        folder: InFolder,
    },
    /// Take an issuer key out of the trust list once every code that it signed has expired
    #[command(after_help = "Example:\n  healthcode keys retire 1a2b3c4d")]
    Retire {
        /// The key's name, as `keys list` shows it
        #[arg(value_name = "KEY")]
        key: String,
        /// The key is in wrong hands: retire it at once, with every code that it signed
        #[arg(long)]
        compromised: bool,
        #[command(flatten)]
        folder: InFolder,
    },
    /// Add another key to the vault: from the next start on it seals, and what is sealed is rewritten
    #[command(after_help = "Example:\n  healthcode keys rotate-vault")]
    RotateVault {
        #[command(flatten)]
        folder: InFolder,
    },
    /// Take the older key out of the vault, once nothing is sealed with it any more
    #[command(after_help = "Example:\n  healthcode keys drop-vault --database-url sqlite:city.db")]
    DropVault {
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Let a key service (the transit engine of OpenBao or Vault) seal the installation's secret
    #[command(
        after_help = "Example:\n  healthcode keys wrap --transit https://bao.example:8200 \
                            --key healthcode --token-file /run/secrets/bao-token"
    )]
    Wrap {
        /// Address of the service
        #[arg(long, value_name = "URL")]
        transit: String,
        /// Name of its key
        #[arg(long, value_name = "NAME")]
        key: String,
        /// File with the token that may use the key, readable by its owner only
        #[arg(long, value_name = "FILE")]
        token_file: PathBuf,
        #[command(flatten)]
        folder: InFolder,
    },
    /// Take the installation's secret back from the key service
    #[command(after_help = "Example:\n  healthcode keys unwrap")]
    Unwrap {
        #[command(flatten)]
        folder: InFolder,
    },
    /// Give a machine of an authority a token with which it submits; adds the authority if there is
    /// none of that name
    #[command(after_help = "Example:\n  healthcode keys token --kind laboratory \
                            --name \"City Laboratory\" --database-url sqlite:city.db")]
    Token(token::Args),
}

/// Does what was asked with the keys.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let now = SystemClock.now();
    match args.what {
        What::Generate {
            issuer,
            url,
            folder,
        } => generate(&KeyFolder::at(folder.keys), issuer, &url, now, report),
        What::List { folder } => list(&KeyFolder::at(folder.keys), now, report),
        What::Rotate {
            now: false, folder, ..
        } => rotate(&KeyFolder::at(folder.keys), now, report),
        What::Rotate {
            now: true,
            compromised,
            folder,
        } => rotate_now(&KeyFolder::at(folder.keys), compromised, now, report),
        What::Renew { folder } => renew(&KeyFolder::at(folder.keys), now, report),
        What::TrustList { output, folder } => {
            trust_list(&KeyFolder::at(folder.keys), &output, now, report)
        }
        What::Retire {
            key,
            compromised,
            folder,
        } => retire(&KeyFolder::at(folder.keys), &key, compromised, now, report),
        What::RotateVault { folder } => rotate_vault(&KeyFolder::at(folder.keys), report),
        What::DropVault { config } => drop_vault(&config, report),
        What::Wrap {
            transit,
            key,
            token_file,
            folder,
        } => {
            let transit = Transit {
                url: transit,
                key,
                // Servers start elsewhere.
                token_file: std::path::absolute(token_file)?,
            };
            wrap_secret(&KeyFolder::at(folder.keys), &transit, report)
        }
        What::Unwrap { folder } => unwrap_secret(&KeyFolder::at(folder.keys), report),
        What::Token(args) => token::run(args, report),
    }
}

/// An address that a checkpoint can fetch from.
fn web_address(text: &str) -> Result<String, &'static str> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    match host {
        Some(host) if !host.is_empty() && !text.contains(char::is_whitespace) => {
            Ok(text.to_owned())
        }
        _ => Err("expected https:// and a name, such as https://codes.example.org"),
    }
}

/// Where an installation at `url` hands out its status lists.
pub fn status_uri(url: &str) -> String {
    format!("{}/api/v1/status-lists", url.trim_end_matches('/'))
}

fn generate(
    folder: &KeyFolder,
    issuer: Region,
    url: &str,
    now: Timestamp,
    report: Report,
) -> Result<Outcome> {
    let key = folder.generate(issuer, &status_uri(url), &SystemIds, now)?;
    let path = folder.path().display();
    report.result(
        &json!({ "folder": path.to_string(), "issuer_key": key.to_string() }),
        format_args!(
            "Made the installation's secret, a root key and issuer key {key} in {path}.\n\
             Keep a copy of that folder in a safe, apart from the database: without it no identity \
             opens again. Then move root.pem off this machine: only `keys rotate` and `keys retire` \
             need it."
        ),
    )?;
    Ok(Outcome::Done)
}

fn list(folder: &KeyFolder, now: Timestamp, report: Report) -> Result<Outcome> {
    for (
        TrustedKey {
            issuer,
            key,
            from,
            until,
            ..
        },
        role,
    ) in folder.roles(now)?
    {
        let (id, role) = (key.id(), role.as_str());
        report.result(
            &json!({
                "key": id.to_string(),
                "issuer": issuer.to_string(),
                "public_key": key.to_string(),
                "from": from.to_string(),
                "until": until.to_string(),
                "role": role,
            }),
            format_args!("{id}  {issuer}  {role:9}  from {from} until {until}  {key}"),
        )?;
    }
    Ok(Outcome::Done)
}

fn rotate(folder: &KeyFolder, now: Timestamp, report: Report) -> Result<Outcome> {
    let (key, signs_from) = folder.rotate(&SystemIds, now)?;
    report.result(
        &json!({ "issuer_key": key.to_string(), "signs_from": signs_from.to_string() }),
        format_args!(
            "Made issuer key {key}. Running servers read it within seconds, checkpoints learn of it, \
             and it signs after {signs_from}. Retire the old key a week later."
        ),
    )?;
    Ok(Outcome::Done)
}

fn rotate_now(
    folder: &KeyFolder,
    are_compromised: bool,
    now: Timestamp,
    report: Report,
) -> Result<Outcome> {
    let key = folder.rotate_now(are_compromised, &SystemIds, now)?;
    let others = if are_compromised {
        "Codes of the other keys stop counting; phones fetch new ones by themselves, cards have to be \
         printed again."
    } else {
        "The other keys stay trusted until you retire them."
    };
    report.result(
        &json!({ "issuer_key": key.to_string(), "signs_from": now.to_string() }),
        format_args!("Made issuer key {key}, which running servers sign with in seconds. {others}"),
    )?;
    Ok(Outcome::Done)
}

fn renew(folder: &KeyFolder, now: Timestamp, report: Report) -> Result<Outcome> {
    let until = folder.renew(&SystemIds, now)?;
    report.result(
        &json!({ "expires_at": until.to_string() }),
        format_args!("The trust list may be used until {until}."),
    )?;
    Ok(Outcome::Done)
}

fn trust_list(
    folder: &KeyFolder,
    output: &Path,
    now: Timestamp,
    report: Report,
) -> Result<Outcome> {
    let fresh_until = now + credential::FRESH_FOR;
    std::fs::write(output, folder.handed_out(now)?).with_context(|| {
        format!(
            "{}: cannot be written; check that its folder is there",
            output.display()
        )
    })?;
    report.result(
        &json!({ "fresh_until": fresh_until.to_string() }),
        format_args!("Checkpoints take it until {fresh_until}."),
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
    let roles = folder.roles(now)?;
    let Some((key, role)) = roles
        .iter()
        .find(|(key, _)| key.key.id().to_string() == name)
    else {
        bail!("there is no key {name}; `healthcode keys list` shows those there are");
    };
    let is_own = |role: &Role| *role != Role::Foreign;
    if is_own(role) && roles.iter().filter(|(_, role)| is_own(role)).count() == 1 {
        bail!("{name} is the only issuer key; make another with `healthcode keys rotate` first");
    }
    if !compromised && is_own(role) {
        let successor = roles
            .iter()
            .map(|(other, _)| other.from)
            .filter(|from| *from > key.from);
        refuse_if_needed(name, successor.min(), now)?;
    }
    // Without it every server would stop signing until the next key may.
    if *role == Role::Signs && !roles.iter().any(|(_, role)| *role == Role::Trusted) {
        bail!(
            "{name} signs, and no other key may sign yet; `healthcode keys rotate --now \
             --compromised` replaces it at once"
        );
    }
    folder.retire(key.key.id(), now)?;
    report.result(
        &json!({ "retired": name }),
        format_args!("Retired key {name}. Running servers trust it no more within seconds, checkpoints once they \
             have fetched the trust list, a day later at most."),
    )?;
    Ok(Outcome::Done)
}

/// A key is needed until the last code that it signed has expired.
fn refuse_if_needed(name: &str, successor_signs: Option<Timestamp>, now: Timestamp) -> Result<()> {
    let Some(signed_until) = successor_signs.filter(|from| *from <= now) else {
        bail!("{name} signs, or is about to. If it is in wrong hands, add --compromised");
    };
    let needed_until = signed_until + LONGEST_CODE;
    if now < needed_until {
        bail!(
            "codes that {name} signed live until {needed_until}; retire it then. If it is in wrong \
             hands, add --compromised"
        );
    }
    Ok(())
}

fn rotate_vault(folder: &KeyFolder, report: Report) -> Result<Outcome> {
    let number = folder.rotate_vault(&SystemIds)?;
    report.result(
        &json!({ "vault_key": number }),
        format_args!(
            "Added key {number} of the vault. Copy the folder to every server and into the safes, then \
             restart all servers: new rows are sealed with it, and old ones are rewritten in the \
             background. `healthcode doctor` says how far that is."
        ),
    )?;
    Ok(Outcome::Done)
}

fn wrap_secret(folder: &KeyFolder, transit: &Transit, report: Report) -> Result<Outcome> {
    folder.seal_secret(transit)?;
    let (key, url) = (&transit.key, &transit.url);
    report.result(
        &json!({ "wrapped_by": url, "key": key }),
        format_args!(
            "The installation's secret is sealed with {key} of {url}; servers ask it when they start. \
             Copies of the file from before open without it: keep one in the safe, destroy the others."
        ),
    )?;
    Ok(Outcome::Done)
}

fn unwrap_secret(folder: &KeyFolder, report: Report) -> Result<Outcome> {
    folder.unseal_secret()?;
    report.result(
        &json!({ "wrapped_by": null }),
        format_args!("The installation's secret lies in its file again; no key service is asked."),
    )?;
    Ok(Outcome::Done)
}

fn drop_vault(config: &ConfigArgs, report: Report) -> Result<Outcome> {
    let config = config.resolve()?;
    let folder = KeyFolder::at(&config.keys);
    let older = folder.older_vault_key()?;
    let left = wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        let people = &service.people;
        let left = people.sealed_with(older).await?
            + people.indexed_with(older).await?
            + service.glitches.sealed_with(older).await?;
        let progress = people.vault_progress().await?.unwrap_or_default();
        if left > 0 && progress.is_finished {
            people.rewrite_again().await?;
        }
        Ok(left)
    })?;
    ensure!(
        left == 0,
        "{left} rows lie under key {older} of the vault; wait until the servers have rewritten them, \
         `healthcode doctor` says how far that is"
    );
    folder.drop_older_vault_key()?;
    report.result(
        &json!({ "dropped": older }),
        format_args!(
            "Dropped key {older} of the vault. Copy the folder to every server; a backup of the database \
             from before cannot be opened with it any more."
        ),
    )?;
    Ok(Outcome::Done)
}
