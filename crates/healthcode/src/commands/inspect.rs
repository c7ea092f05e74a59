//! `inspect`: what a code says.

use std::fmt::Write;

use anyhow::{Context, Result};
use credential::{Bearer, Code};
use serde_json::{Map, Value, json};

use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::read_code;

/// Show what a code says, without judging it: `verify` does that.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode inspect code.txt\n  qr-scanner | healthcode inspect -"
)]
pub struct Args {
    /// The code itself (HK1:…), a file that holds it, or `-` for standard input
    #[arg(value_name = "CODE")]
    code: String,
}

/// Shows.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let text = read_code(&args.code)?;
    let code = Code::decode(&text).context("this is no health code; nothing can be shown")?;
    let assertion = code.assertion();
    let claims = assertion.claims();
    let mut fields = Map::new();
    let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    add("form", json!(claims.bearer.form().as_str()));
    add("assurance", json!(claims.assurance.as_str()));
    add("colour", json!(claims.colour.as_str()));
    add("serial", json!(claims.serial.to_string()));
    add("issuer_key", json!(assertion.issuer_key().to_string()));
    add("issued_at", json!(claims.issued_at.to_string()));
    add("expires_at", json!(claims.expires_at.to_string()));
    add("status_list", json!(claims.status.list));
    add("status_index", json!(claims.status.index));
    if let Bearer::Card { name } = &claims.bearer {
        add("name", json!(name.as_str()));
    }
    if let Code::Live(_, presentation) = &code {
        add("shown_at", json!(presentation.shown_at.to_string()));
        add("counter", json!(presentation.counter));
    }
    add("assertion_bytes", json!(assertion.as_bytes().len()));
    add("characters", json!(text.len()));
    let mut lines = String::new();
    for (name, value) in &fields {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        writeln!(lines, "{name:16} {shown}")?;
    }
    report.result(&fields, lines.trim_end())?;
    report.remark("Not verified: whether this holds, `healthcode verify` says.");
    Ok(Outcome::Done)
}
