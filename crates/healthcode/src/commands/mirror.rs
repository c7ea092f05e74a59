//! `mirror`: a copy of all evidence for reading over everybody.

use anyhow::Result;
use serde_json::json;
use service::Generation;

use crate::config::ConfigArgs;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::wiring;

/// Write a copy of all evidence as Parquet files, or list the copies.
///
/// A copy appears whole or not at all; the one before it is kept. The copy holds random identifiers of
/// people and no name, document number or phone. `healthcode serve --mirror DIR` writes one by itself
/// from time to time. Two programs do not write at once: the second says so and ends.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  healthcode mirror --mirror /var/lib/healthcode/mirror\n  \
                  healthcode mirror --mirror s3://bucket/mirror --mirror-cache /var/cache/healthcode\n  \
                  healthcode mirror --list"
)]
pub struct Args {
    /// Write nothing; list the copies that are complete, newest first
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Writes or lists.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    wiring::block_on(async {
        if args.list {
            let store = wiring::open_store(&config).await?;
            let generations = store.read("mirror.generations", (), |tx, ()| {
                Box::pin(store::mirror::generations(tx))
            });
            let generations = generations.await?;
            if generations.is_empty() {
                report.remark("no mirror is written yet; `healthcode mirror --mirror DIR` does");
            }
            for generation in &generations {
                tell(generation, report)?;
            }
            return Ok(Outcome::Done);
        }
        if config.mirror.is_none() {
            return Err(wrong_use("name the folder of the mirror with --mirror DIR"));
        }
        let store = wiring::open_store(&config).await?;
        if let Some(mirror) = wiring::mirror(&config, &store)? {
            let mut progress = report.progress("people mirrored", None);
            let written = mirror.write(|people| progress.set(people)).await;
            drop(progress);
            tell(&written?, report)?;
        }
        Ok(Outcome::Done)
    })
}

fn tell(generation: &Generation, report: Report) -> Result<()> {
    let Generation {
        number,
        people,
        facts,
        bytes,
        begun_at,
        written_at,
        ..
    } = generation;
    let folder = service::lies_at(generation);
    report.result(
        &json!({
            "generation": number,
            "folder": folder,
            "people": people,
            "facts": facts,
            "bytes": bytes,
            "begun_at": begun_at,
            "written_at": written_at,
        }),
        format_args!(
            "{folder}: {people} people, {facts} pieces of evidence, {} MB, as of {begun_at}",
            bytes.div_ceil(1_000_000)
        ),
    )
}
