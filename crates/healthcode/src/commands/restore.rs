//! `restore`: opens a backup.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use domain::{Clock, SystemClock};
use serde_json::json;

use super::backup::{Engine, read_head, vault, write_whole};
use crate::config::ConfigArgs;
use crate::keystore::KeyFolder;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::sealed_file;

/// Open a backup into a file
///
/// A database file, or a dump for `pg_restore`. It is written beside what is there, never over it: put it
/// in its place as docs/operating/backup.md says.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode restore /backup/city-2020-02-20.backup --to city.db"
)]
pub struct Args {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The file to be written; it must not be there yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Opens one.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    if args.to.exists() {
        return Err(wrong_use(format!(
            "--to {}: is there already, and is not written over; move it away with the files beside it \
             (-wal, -shm) first",
            args.to.display()
        )));
    }
    let named = || args.file.display().to_string();
    let mut from = BufReader::new(File::open(&args.file).with_context(named)?);
    let (head, seal, line) = read_head(&mut from).with_context(named)?;
    if !KeyFolder::at(&config.keys).has_months() {
        bail!(
            "{}: holds no months.secret, without which no backup opens; put back the folder of keys of \
             this installation",
            config.keys.display()
        );
    }
    let vault = vault(&config, SystemClock.now())?;
    let key = vault.backup_key(seal, &line).with_context(named)?;
    let bytes = write_whole(&args.to, |to| {
        sealed_file::open(key, &mut from, to).with_context(named)
    })?;
    let next = match head.database {
        Engine::Sqlite => "a database file; see docs/operating/backup.md before it takes its place",
        Engine::Postgresql => {
            "a dump: pg_restore --clean --if-exists --create --dbname=postgres puts it back"
        }
    };
    let value = json!({ "file": args.to, "bytes": bytes, "made_at": head.made_at });
    let text = format!(
        "{}: {bytes} bytes, the database as of {}; {next}",
        args.to.display(),
        head.made_at
    );
    report.result(&value, text)?;
    Ok(Outcome::Done)
}
