//! `migrate`: the database's schema.

use anyhow::{Context, Result};
use serde_json::json;
use store::Store;

use crate::config::ConfigArgs;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::SystemIds;
use crate::wiring::{self, shown};

/// Bring the database to this program's schema.
///
/// Makes the database file if there is none. Migrations are only ever added; a database of a newer
/// program is refused, untouched. Make a backup first.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode migrate --database-url postgres://healthcode@db/healthcode"
)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
}

/// Migrates.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    let url = &config.database_url;
    wiring::block_on(async {
        let before = Store::schema_version(url, &SystemIds)
            .await
            .with_context(|| shown(url))?;
        drop(
            Store::migrate(url, &SystemIds)
                .await
                .with_context(|| shown(url))?,
        );
        let after = Store::NEWEST_SCHEMA;
        let message = match before {
            before if before == after => {
                format!("{}: has schema version {after} already", shown(url))
            }
            before => format!("{}: from schema version {before} to {after}", shown(url)),
        };
        report.result(&json!({ "before": before, "after": after }), message)?;
        Ok(Outcome::Done)
    })
}
