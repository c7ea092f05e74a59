//! `doctor`: what is wrong with an installation, and what to do.

mod server;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use domain::{Assurance, Clock, SystemClock, Timestamp};
use jiff::SignedDuration;
use serde_json::json;
use service::providers::Audience;
use service::{CLOCKS_DIFFER, TRACES_WAIT};
use store::Store;
use web::SignIn;

use crate::config::{CodesConfig, Config, ConfigArgs, LISTENS};
use crate::keystore::{KeyFolder, Role, Transit};
use crate::outcome::{self, Outcome};
use crate::report::Report;
use crate::sign_in;
use crate::system::listen_address;
use crate::wiring::{self, shown, sqlite_file};

/// The embedded database should have so much free space beside it.
const ENOUGH_BYTES: u64 = 1 << 30;
/// A signing key that ends sooner than this should have a successor.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Clocks that differ by more are remarked.
const CLOCKS_WARN: SignedDuration = SignedDuration::from_secs(1);
/// A clock before this is wrong: the program was not written then (2026-01-01T00:00:00Z).
const WRITTEN: i64 = 1_767_225_600;

/// Check database, keys, disk, clock and policy, and say what to do about each fault.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  healthcode doctor --database-url sqlite:city.db --keys keys")]
pub struct Args {
    /// Where the server listens that is asked how it is [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "HEALTHCODE_LISTEN", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// What a check found.
struct Finding {
    check: &'static str,
    good: bool,
    text: String,
}

/// Checks.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    let listen = args.listen.or(config.listen).unwrap_or(LISTENS);
    let now = SystemClock.now();
    let mut findings = wiring::block_on(async { Ok(examine(&config, now).await) })?;
    findings.push(finding(
        "server",
        server::health(listen, config.tls.is_some()),
    ));
    for finding in &findings {
        let word = if finding.good { "good" } else { "BAD " };
        report.result(
            &json!({ "check": finding.check, "good": finding.good, "text": finding.text }),
            format_args!("{word}  {:12}  {}", finding.check, finding.text),
        )?;
    }
    Ok(Outcome::done_if(
        findings.iter().all(|finding| finding.good),
    ))
}

async fn examine(config: &Config, now: Timestamp) -> Vec<Finding> {
    let folder = KeyFolder::at(&config.keys);
    let mut findings = vec![
        finding("clock", clock(now)),
        finding("disk", disk(&config.database_url)),
        finding("secret", secret(&folder)),
        finding("issuer key", issuer_key(&folder, now)),
        finding("trust list", trust_list(&folder, now)),
    ];
    if let Some(tls) = &config.tls {
        let examined = tls.examine(config.origin.as_deref(), now);
        findings.push(finding("certificate", examined));
    }
    let opened = wiring::open_store(config).await;
    findings.push(finding(
        "database",
        match &opened {
            Ok(store) => health(&config.database_url, store).await,
            Err(error) => Err(anyhow::anyhow!(outcome::with_causes(error))),
        },
    ));
    // Without keys and database there is nothing more to be seen.
    let (Ok(store), true) = (opened, findings.iter().all(|finding| finding.good)) else {
        return findings;
    };
    match wiring::start(config, store).await {
        Ok(runtime) => {
            findings.push(finding("vault", vault(&runtime.service).await));
            findings.push(finding("policy", policy(&runtime.service)));
            findings.push(finding("proofs", proofs(config, &runtime.service)));
            findings.push(finding("status list", status_lists(&runtime.service)));
            findings.push(finding("traces", traces(&runtime.store).await));
            findings.push(finding("clocks", clocks(&runtime.service).await));
            findings.push(finding("mirror", mirror(config, &runtime.store, now).await));
            if let Some(providers) = sign_in::open(config, &runtime.service).transpose() {
                findings.push(finding("sign-in", answering(providers).await));
            }
        }
        Err(error) => findings.push(finding("service", Err(error))),
    }
    findings
}

fn finding(check: &'static str, result: Result<String>) -> Finding {
    match result {
        Ok(text) => Finding {
            check,
            good: true,
            text,
        },
        Err(error) => Finding {
            check,
            good: false,
            text: outcome::with_causes(&error),
        },
    }
}

/// Whether each identity provider answers and is what the configuration says.
async fn answering(sign_in: Result<SignIn>) -> Result<String> {
    let providers = sign_in?.providers;
    let mut answer = Vec::new();
    for provider in providers.of(Audience::Residents) {
        let key = provider.key();
        if let Err(fault) = providers.look(key).await {
            anyhow::bail!("{key}: {fault}");
        }
        answer.push(key);
    }
    Ok(format!("answer: {}", answer.join(", ")))
}

fn clock(now: Timestamp) -> Result<String> {
    anyhow::ensure!(
        now.as_second() >= WRITTEN,
        "the clock shows {now}, which is past; set it, and have it kept right (NTP): codes and \
         restrictions depend on it"
    );
    Ok(format!("shows {now}"))
}

fn disk(url: &str) -> Result<String> {
    let Some(file) = sqlite_file(url) else {
        return Ok("the database is on a server; watch its disk there".to_owned());
    };
    let folder = existing_folder(&file);
    let free = free_bytes(&folder)
        .with_context(|| format!("{}: the free space cannot be seen", folder.display()))?;
    let gigabytes = free as f64 / f64::from(1 << 30);
    anyhow::ensure!(
        free >= ENOUGH_BYTES,
        "{}: only {gigabytes:.1} GB are free; free some, or move the database: on a full disk \
         nothing more is taken in",
        folder.display()
    );
    Ok(format!("{}: {gigabytes:.0} GB free", folder.display()))
}

fn existing_folder(file: &Path) -> PathBuf {
    let folders = file.ancestors().skip(1);
    let named = folders.map(|folder| {
        if folder == Path::new("") {
            Path::new(".")
        } else {
            folder
        }
    });
    let mut named = named.filter(|folder| folder.is_dir());
    named.next().unwrap_or(Path::new(".")).to_owned()
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Result<u64> {
    let stat = rustix::fs::statvfs(folder)?;
    Ok(stat.f_bavail * stat.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Result<u64> {
    Ok(u64::MAX)
}

fn secret(folder: &KeyFolder) -> Result<String> {
    folder.secret()?;
    let sealed_by = match Transit::of(folder.path())? {
        Some(transit) => format!("sealed by {} at {}", transit.key, transit.url),
        None => "readable by its owner only".to_owned(),
    };
    Ok(format!("{}: {sealed_by}", folder.path().display()))
}

fn issuer_key(folder: &KeyFolder, now: Timestamp) -> Result<String> {
    let (issuer, signing) = folder.signing_keys(now)?;
    let roles = folder.roles(now)?;
    let signs = roles.iter().find(|(_, role)| *role == Role::Signs);
    let (signs, _) = signs.context("no key signs; `healthcode keys list` shows them")?;
    let has_successor = roles.iter().any(|(_, role)| *role == Role::Published);
    anyhow::ensure!(
        has_successor || signs.until.duration_since(now) > ENDS_SOON,
        "key {} signs until {} only; make its successor with `healthcode keys rotate`",
        signs.key.id(),
        signs.until
    );
    let (id, until) = (signing.issuer_key.id(), signs.until);
    Ok(format!("{id} signs for {issuer} until {until}"))
}

fn trust_list(folder: &KeyFolder, now: Timestamp) -> Result<String> {
    let list = folder.trust_list()?;
    let (sequence, until) = (list.sequence(), list.expires_at());
    anyhow::ensure!(
        until.duration_since(now) > ENDS_SOON,
        "list {sequence} may be used until {until} only, and then no code is taken anywhere; bring the \
         root back and run `healthcode keys renew`"
    );
    Ok(format!("list {sequence}, to be renewed before {until}"))
}

async fn health(url: &str, store: &Store) -> Result<String> {
    let health = store.health().await?;
    anyhow::ensure!(
        !health.is_standby,
        "{}: the server is a standby and takes no writes; name the primary, or all hosts",
        shown(url)
    );
    if let Some(damage) = store.damage().await? {
        anyhow::bail!(
            "{}: the file is damaged ({damage}); stop every server, keep the file for later, and put \
             back the last backup. A journal (-wal, -shm) beside it must belong to the same file",
            shown(url)
        );
    }
    let size = health
        .bytes
        .map_or_else(String::new, |bytes| format!(", {} MB", bytes >> 20));
    Ok(format!(
        "{}: {}, schema version {}{size}",
        shown(url),
        health.engine,
        health.schema
    ))
}

async fn vault(service: &service::Service) -> Result<String> {
    let opens = match wiring::try_vault(service).await? {
        Some(()) => "opens with this secret",
        None => "holds nobody yet",
    };
    Ok(match service.people.vault_progress().await? {
        None => opens.to_owned(),
        Some(progress) => format!(
            "{opens}; {} identities sealed anew with key {}, {} places in which documents and phones are \
             looked up, {}{}",
            progress.resealed,
            progress.key,
            progress.reindexed,
            if progress.is_finished {
                "to the end"
            } else {
                "more to come"
            },
            match progress.unopened {
                0 => String::new(),
                count => format!("; {count} do not open"),
            }
        ),
    })
}

fn policy(service: &service::Service) -> Result<String> {
    let policy = service.policies.policy().context(
        "none is in force, so nothing is decided; publish one with `healthcode policy publish FILE`",
    )?;
    Ok(format!(
        "{} is in force since {}",
        policy.reference(),
        policy.effective()
    ))
}

/// Whether people can prove what a code needs.
fn proofs(config: &Config, service: &service::Service) -> Result<String> {
    let Some(policy) = service.policies.policy() else {
        return Ok("nothing is asked of anybody before a policy is in force".to_owned());
    };
    let needs = policy.code().needs;
    let sends = config.one_time_codes != CodesConfig::Nobody;
    anyhow::ensure!(
        needs != Assurance::Phone || sends || config.sign_in.is_some(),
        "a code needs a proven phone, and nobody sends one-time codes; write [one_time_codes] into the \
         configuration file"
    );
    let who = if sends { "are" } else { "are not" };
    Ok(format!("a code needs {needs}; one-time codes {who} sent"))
}

fn status_lists(service: &service::Service) -> Result<String> {
    let count = service.codes.status_lists();
    for number in 0..count {
        service
            .codes
            .status_list(number)
            .with_context(|| format!("list {number} does not build"))?;
    }
    Ok(match count {
        0 => "none in use yet".to_owned(),
        count => format!("{count} built and signed"),
    })
}

/// This machine's clock beside the database's: restrictions are dated by one and read by the other.
async fn clocks(service: &service::Service) -> Result<String> {
    let ahead = service.watch_clock().await?;
    let milliseconds = ahead.as_millis();
    anyhow::ensure!(
        ahead.abs() <= CLOCKS_DIFFER,
        "this machine's clock is {milliseconds} ms ahead of the database's (behind if negative); set \
         both right (NTP): a server does not start while they differ by over 5 s"
    );
    let remark = if ahead.abs() > CLOCKS_WARN {
        "; set both right (NTP) before they differ by 5 s"
    } else {
        ""
    };
    Ok(format!("{milliseconds} ms ahead of the database's{remark}"))
}

async fn traces(store: &Store) -> Result<String> {
    let open = store.read("traces.waiting", (), |tx, ()| {
        Box::pin(store::traces::waiting(tx, 1000))
    });
    let open = open.await?;
    // Since when one waits that was opened again, the running server knows.
    let (open, again): (Vec<_>, Vec<_>) = open.into_iter().partition(|job| job.reopened == 0);
    let oldest = open.iter().map(|job| job.opened_at).min();
    let late = oldest.filter(|at| SystemClock.now().duration_since(*at) > TRACES_WAIT);
    if let Some(opened_at) = late {
        anyhow::bail!(
            "{} cases wait for their contacts, the oldest since {opened_at}; check that `healthcode \
             serve` runs, and its log",
            open.len()
        );
    }
    Ok(match again.len() {
        0 => format!("{} open", open.len()),
        again => format!(
            "{} open, {again} more opened again by what came in late",
            open.len()
        ),
    })
}

async fn mirror(config: &Config, store: &Store, now: Timestamp) -> Result<String> {
    let generations = store.read("mirror.generations", (), |tx, ()| {
        Box::pin(store::mirror::generations(tx))
    });
    let newest = generations.await?.into_iter().next();
    let remedy = "check that `healthcode serve --mirror DIR` runs, and its log";
    let Some(newest) = newest else {
        anyhow::ensure!(config.mirror.is_none(), "none is written yet; {remedy}");
        return Ok("none is kept".to_owned());
    };
    let age = now.duration_since(newest.written_at);
    let summary = format!(
        "generation {} in {} is {} minutes old",
        newest.number,
        newest.place,
        age.as_mins()
    );
    // One that is being written takes its time too.
    let is_late = config.mirror.is_some() && age > config.mirror_every * 2;
    anyhow::ensure!(!is_late, "{summary}; {remedy}");
    Ok(summary)
}
