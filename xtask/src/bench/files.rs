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

/// The timestamp for which everybody is decided, in the midst of what is simulated.
const AT: &str = "2020-03-01T12:00:00+08:00";

/// Every question is asked about so many people at most: their visits of 30 days fit into a folder
/// that anybody has room for.
const MOST: u64 = 1_000_000;

/// Measures; headings and tables. To decide needs no visits, and is asked about more people, too.
///
/// # Errors
/// Something that is measured fails, or answers differ.
pub fn measure(settings: &Settings, options: &Options) -> Result<String> {
    let server = Server::build(settings)?;
    let peers = Peers::install(settings)?;
    let few = options.people.min(MOST);
    let mut page = ask(settings, options, (&server, &peers), few, &[], &[])?;
    if options.people > few {
        let without_visits = ["--visits-per-day", "0"];
        let only = ["--only", "decide"];
        page += "\n\n";
        page += &ask(
            settings,
            options,
            (&server, &peers),
            options.people,
            &without_visits,
            &only,
        )?;
    }
    Ok(page)
}

fn ask(
    settings: &Settings,
    options: &Options,
    (server, peers): (&Server, &Peers),
    people: u64,
    of_city: &[&str],
    of_questions: &[&str],
) -> Result<String> {
    let folder = settings.bench_data.join(format!("files-{people}"));
    if !folder.join("visits.parquet").exists() {
        let mut simulate = Command::new(server.program());
        simulate.args(["simulate", "--people", &people.to_string(), "--days", "30"]);
        simulate.args(["--seed", "3"]).args(of_city);
        run(simulate.arg("-o").arg(&folder))?;
    }
    say(&format!("files: ours and the peers, {people} people"));
    let mut ask = Command::new(peers.python());
    ask.env("PYTHONDONTWRITEBYTECODE", "1");
    ask.arg(settings.root.join("benches/peers/files.py"));
    ask.arg(server.program()).arg(server.policy());
    ask.arg(AT).arg(&folder);
    ask.args(["--repeat", &options.repeat.to_string()]);
    let table = output(ask.args(of_questions))?;
    Ok(format!(
        "## Files: {} people, 30 days, from the start of the process to its end\n\n{}",
        count(people),
        table.trim_end()
    ))
}
