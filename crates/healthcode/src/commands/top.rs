//! `top`: live figures of the server on this machine, in a terminal.

mod reading;
mod screen;

use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::{Clock, SystemClock};
use ureq::Agent;

use self::reading::{Change, Reading};
use self::screen::{Screen, as_json};
use crate::config::ConfigArgs;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::system::listen_address;

/// A server that takes longer counts as silent: what it says is in its memory.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than a server says by far, in bytes.
const LONGEST_PAGE: u64 = 1 << 20;
/// How far the two readings of one page lie apart.
const ONCE: Duration = Duration::from_secs(1);
/// The cursor goes home, so that a page is written over the one before.
const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";
const CLEAR: &str = "\x1b[2J";

/// Show live figures of the server on this machine: what is asked, refused and waits.
///
/// Reads what monitors read, so that the configuration must name a listener for them. Ends on Ctrl-C.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode top --config /etc/healthcode/healthcode.toml\n  \
                  healthcode top --monitor 127.0.0.1:9464 --once\n\
                  Exit status: 1 if nobody answers there, or with --once if a fault is named."
)]
pub struct Args {
    /// Where the server answers monitors [default: `listen` under "metrics" in the configuration]
    #[arg(long, value_name = "ADDRESS", value_parser = listen_address)]
    monitor: Option<SocketAddr>,
    /// Print the figures of one second, and end
    #[arg(long)]
    once: bool,
    /// How many seconds lie between two pages
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Shows figures until it is asked to end, or once.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let monitor = match args.monitor {
        Some(monitor) => monitor,
        None => configured(&args.config)?,
    };
    let agent = Agent::new_with_config(
        Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .build(),
    );
    let before = read(&agent, monitor)?;
    if args.once {
        std::thread::sleep(ONCE);
        let change = Change::between(before, read(&agent, monitor)?);
        let is_good = change.now.wrong().is_empty();
        show_lines(&change, monitor, report)?;
        return Ok(Outcome::done_if(is_good));
    }
    follow(
        &agent,
        monitor,
        before,
        Duration::from_secs(args.every),
        report,
    )
}

/// Where the configuration says that monitors are answered.
fn configured(config: &ConfigArgs) -> Result<SocketAddr> {
    config.resolve()?.metrics.address()?.ok_or_else(|| {
        wrong_use(
            "no configuration says where monitors are answered: name it with --config or --monitor; if \
             the server answers none, write\n\n  [metrics]\n  listen = \"127.0.0.1:9464\"\n\ninto its \
             configuration and start it again",
        )
    })
}

fn read(agent: &Agent, monitor: SocketAddr) -> Result<Reading> {
    let asked = agent.get(format!("http://{monitor}/metrics")).call();
    let silent = || {
        format!(
            "nobody answers monitors at {monitor}; look whether the server runs (`systemctl status \
             healthcode`) and what its log says last, and that `listen` under \"metrics\" in its \
             configuration is this address"
        )
    };
    let mut answer = asked.with_context(silent)?;
    let page = answer
        .body_mut()
        .with_config()
        .limit(LONGEST_PAGE)
        .read_to_string()
        .with_context(silent)?;
    let reading = Reading::of(&page, SystemClock.now());
    if reading.value("healthcode_running_seconds", &[]).is_none() {
        bail!(
            "what answers at {monitor} is no healthcode; name the address of yours with --monitor"
        );
    }
    Ok(reading)
}

/// Page after page. A server that falls silent is waited for: it may be starting again.
fn follow(
    agent: &Agent,
    monitor: SocketAddr,
    mut before: Reading,
    pause: Duration,
    report: Report,
) -> Result<Outcome> {
    let is_screen = io::stdout().is_terminal() && !report.json;
    if is_screen {
        write!(io::stdout(), "{CLEAR}")?;
    }
    loop {
        std::thread::sleep(pause);
        match read(agent, monitor) {
            Ok(now) => {
                let change = Change::between(before, now);
                if is_screen {
                    draw(&Screen::of(&change, monitor, true).to_string())?;
                } else {
                    show_lines(&change, monitor, report)?;
                }
                before = change.now;
            }
            Err(silence) if is_screen => draw(&format!("{silence:#}\n"))?,
            Err(silence) => report.remark(format_args!("{silence:#}")),
        }
    }
}

fn show_lines(change: &Change, monitor: SocketAddr, report: Report) -> Result<()> {
    report.result(&as_json(change), Screen::of(change, monitor, false))
}

/// Writes a page over the one before it.
fn draw(page: &str) -> io::Result<()> {
    let mut text = HOME.to_owned();
    for line in page.lines() {
        text += line;
        text += REST_OF_LINE;
        text += "\r\n";
    }
    text += REST_OF_SCREEN;
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
