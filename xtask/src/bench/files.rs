//! Whole commands on a folder of ordinary files, as a user first meets them, beside other programs on
//! the same files: `benches/peers/files.py` asks all of them.

use std::process::Command;

use anyhow::Result;

use super::options::Options;
use super::peers::Peers;
use super::server::Server;
use super::table::count;
use crate::run::{output, run, say};
use crate::settings::Settings;

/// The moment for which everybody is decided, in the midst of what is simulated.
const AT: &str = "2020-03-01T12:00:00+08:00";

/// Measures; a heading and a table.
///
/// # Errors
/// Something that is measured fails, or answers differ.
pub fn measure(settings: &Settings, options: &Options) -> Result<String> {
    let server = Server::build(settings)?;
    let peers = Peers::install(settings)?;
    let people = options.people.min(MOST);
    let folder = settings.bench_data.join(format!("files-{people}"));
    if !folder.join("visits.parquet").exists() {
        let mut simulate = Command::new(server.program());
        simulate.args(["simulate", "--people", &people.to_string(), "--days", "30"]);
        run(simulate.args(["--seed", "3", "-o"]).arg(&folder))?;
    }
    say("files: ours and the peers");
    let mut ask = Command::new(peers.python());
    ask.arg(settings.root.join("benches/peers/files.py"));
    ask.arg(server.program()).arg(server.policy());
    ask.arg(AT).arg(&folder);
    ask.args(["--repeat", &options.repeat.to_string()]);
    let table = output(&mut ask)?;
    Ok(format!(
        "## Files: {} people, 30 days, from the start of the process to its end\n\n{}",
        count(people),
        table.trim_end()
    ))
}

/// People of whom the visits of 30 days fit into a folder that anybody has room for.
const MOST: u64 = 1_000_000;
