//! `backup`: a copy of the database that opens until the keys of its month are destroyed.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use domain::{Clock, IdSource, SystemClock, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{BackupSeal, Month, VaultKeys};
use store::Store;

use crate::config::{Config, ConfigArgs};
use crate::hex;
use crate::keystore::KeyFolder;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::sealed_file;
use crate::system::SystemIds;
use crate::wiring::{shown, sqlite_file};

/// The first word of a backup; a line of JSON follows it.
const FIRST: &str = "healthcode-backup-1 ";
/// The first line has no more bytes than this.
const LONGEST_HEAD: u64 = 1000;

/// Copy the database, as it is at one moment, into a sealed file
///
/// Servers may go on. The file opens with the folder of keys of this installation until the keys of its
/// month are destroyed: after two months, or at the end of the emergency. `healthcode restore` opens it.
/// Of PostgreSQL it is a dump by `pg_dump`, which has to be installed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
        healthcode backup /backup/city-2020-02-20.backup\n  \
        healthcode backup --database-url postgres://healthcode@db/healthcode monday.backup")]
pub struct Args {
    /// The file to be written; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

/// What is written before what is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Head {
    /// What it opens to.
    pub database: Engine,
    pub made_at: String,
    pub vault_key: u8,
    pub region: String,
    pub month: String,
    /// Random, so that each backup has a key of its own.
    salt: String,
}

/// What a backup opens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Engine {
    /// A database file.
    Sqlite,
    /// A dump for `pg_restore`.
    Postgresql,
}

/// Makes one.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    if args.file.exists() {
        return Err(wrong_use(format!(
            "{}: is there already, and no backup is written over another",
            args.file.display()
        )));
    }
    let now = SystemClock.now();
    let vault = vault(&config, now)?;
    let seal = vault.backup_seal(now)?;
    let mut salt = [0; 16];
    SystemIds.fill(&mut salt);
    let head = Head {
        database: match sqlite_file(&config.database_url) {
            Some(_) => Engine::Sqlite,
            None => Engine::Postgresql,
        },
        made_at: now.to_string(),
        vault_key: seal.vault_key,
        region: seal.region.to_string(),
        month: seal.month.to_string(),
        salt: hex::encode(&salt),
    };
    let line = format!("{FIRST}{}\n", serde_json::to_string(&head)?);
    let key = vault.backup_key(seal, line.as_bytes())?;
    let bytes = write_whole(&args.file, |to| {
        to.write_all(line.as_bytes())?;
        match head.database {
            Engine::Sqlite => seal_file(key, &config.database_url, to),
            Engine::Postgresql => seal_dump(key, &config.database_url, to),
        }
    })?;
    let value = json!({ "file": args.file, "bytes": bytes, "month": head.month });
    let text = format!(
        "{}: {bytes} bytes of the database as of {}. It opens with this folder of keys until those of \
         {} are destroyed.",
        args.file.display(),
        head.made_at,
        head.month,
    );
    report.result(&value, text)?;
    Ok(Outcome::Done)
}

/// The keys of the vault with those of the months.
pub(super) fn vault(config: &Config, now: Timestamp) -> Result<VaultKeys> {
    let folder = KeyFolder::at(&config.keys);
    let issuer = folder.issuer(now)?;
    let months = folder.months(issuer, now, &SystemIds)?;
    Ok(folder.secret()?.vault.with_months(months, issuer))
}

/// Reads the first line of a backup, and leaves the reader at what is sealed.
pub(super) fn read_head(from: &mut impl BufRead) -> Result<(Head, BackupSeal, Vec<u8>)> {
    let no_backup = "it is no backup of this program; one begins with its own first line";
    let mut line = Vec::new();
    Read::take(&mut *from, LONGEST_HEAD).read_until(b'\n', &mut line)?;
    let head = line.strip_prefix(FIRST.as_bytes()).context(no_backup)?;
    let head: Head = serde_json::from_slice(head).context(no_backup)?;
    let seal = BackupSeal {
        vault_key: head.vault_key,
        region: head.region.parse().ok().context(no_backup)?,
        month: head.month.parse::<Month>().context(no_backup)?,
    };
    Ok((head, seal, line))
}

/// Writes a file that only its owner may read, whole or not at all; durable when it returns.
pub(super) fn write_whole<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> Result<T>,
) -> Result<T> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let named = || path.display().to_string();
    // Readable by its owner only, and gone if the program ends before it has its name.
    let draft = tempfile::NamedTempFile::new_in(folder);
    let draft = draft.with_context(|| format!("{}: cannot be written", folder.display()))?;
    let mut to = BufWriter::new(draft.as_file());
    let done = write(&mut to).with_context(named)?;
    to.flush().with_context(named)?;
    drop(to);
    draft.as_file().sync_all().with_context(named)?;
    draft.persist_noclobber(path).with_context(named)?;
    // The name is durable once the folder is.
    let folder = File::open(folder).and_then(|folder| folder.sync_all());
    folder.with_context(named)?;
    Ok(done)
}

/// Seals an embedded database: a copy of it lies beside it while that lasts.
fn seal_file(key: [u8; 32], url: &str, to: impl Write) -> Result<u64> {
    let file = sqlite_file(url).context("no file")?;
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    // Named, so that one that a kill left behind is known for what it is.
    let copy = tempfile::Builder::new()
        .prefix(".healthcode-backup-in-clear-")
        .tempfile_in(folder.unwrap_or(Path::new(".")));
    let copy = copy.context("the folder of the database takes no copy of it")?;
    Store::copy_file(url, copy.path()).with_context(|| shown(url))?;
    sealed_file::seal(key, File::open(copy.path())?, to)
}

/// Seals a dump of a server's database, as it comes.
fn seal_dump(key: [u8; 32], url: &str, to: impl Write) -> Result<u64> {
    let config: tokio_postgres::Config = url.parse().context("--database-url")?;
    let mut dump = Command::new("pg_dump");
    dump.args(["--format=custom", "--no-password", "--dbname"]);
    dump.arg(shown(url));
    if let Some(password) = config.get_password() {
        // Not on the command line, which everybody on the machine may read.
        dump.env("PGPASSWORD", text(password)?);
    }
    let dump = dump.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut dump = dump.stderr(Stdio::piped()).spawn().context(
        "pg_dump cannot be run; install PostgreSQL's client programs (on Debian: postgresql-client)",
    )?;
    let mut said = dump.stderr.take().context("pg_dump")?;
    // Read beside: a full pipe would hold it up.
    let said = std::thread::spawn(move || {
        let mut text = String::new();
        said.read_to_string(&mut text).map(|_| text)
    });
    let from = BufReader::new(dump.stdout.take().context("pg_dump")?);
    let sealed = sealed_file::seal(key, from, to);
    if sealed.is_err() {
        // It waits for a reader that is gone.
        drop(dump.kill());
    }
    let ended = dump.wait()?;
    let said = said.join().ok().and_then(Result::ok).unwrap_or_default();
    let bytes = sealed?;
    if !ended.success() {
        bail!("pg_dump: {}", said.trim());
    }
    Ok(bytes)
}

fn text(password: &[u8]) -> Result<OsString> {
    let text = String::from_utf8(password.to_vec());
    Ok(text.context("the password is no UTF-8")?.into())
}
