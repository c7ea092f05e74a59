//! `openapi`: the document that describes the API.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::outcome::Outcome;
use crate::report::Report;

/// Print the OpenAPI document of the API.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  healthcode openapi -o openapi.json")]
pub struct Args {
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Prints the document. It is JSON with and without `--json`.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let document = web::openapi_json();
    match args.output {
        Some(path) => std::fs::write(&path, document).with_context(|| {
            format!(
                "{}: cannot be written; check that its folder is there",
                path.display()
            )
        })?,
        None => report.text(document.trim_end())?,
    }
    Ok(Outcome::Done)
}
