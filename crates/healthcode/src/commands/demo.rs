//! `demo`: a made-up city, running.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use domain::Clock;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tracing::warn;
use web::WebSettings;

use super::serve::shutdown_requested;
use crate::config::LogFormat;
use crate::demo::{DataFolder, StoryDependencies, Town, tell};
use crate::log;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::system::SystemIds;
use crate::wiring;

/// Run a made-up city on an embedded database, pages open, one case about to be confirmed.
///
/// Nothing else is needed: no database, no network. Everybody in the city is made up. The server
/// listens on this machine only.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  healthcode demo\n  healthcode demo --headless")]
pub struct Args {
    /// Keep the city in this folder, and find it there again [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// How many people, in a new city [default: 20000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(500..=200_000))]
    people: Option<u32>,
    /// Tell the story without anybody watching, through the real interface; exit status 0 or 1
    #[arg(long)]
    headless: bool,
    /// Port of the pages [default: 8080, or another if that is taken]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// What to log, in the syntax of tracing's filters
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: String,
}

/// How many people live in a city of which nothing else is said.
const PEOPLE: u32 = 20_000;

/// Runs the city.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let _log = log::start(&args.log, LogFormat::Text)?;
    let folder = DataFolder::open(args.dir)?;
    let plan = folder.plan(args.people.unwrap_or(PEOPLE))?;
    if let Some(people) = args.people
        && people != plan.people
    {
        report.remark(format_args!(
            "{} holds a city of {} people, which is kept; for one of {people} give another folder.",
            folder.path().display(),
            plan.people
        ));
    }
    wiring::block_on(async {
        let _only_server = wiring::only_server(&folder.database_url())?;
        let town = Town::open(&folder, plan, report).await?;
        let now = town.time.clock.now();
        let days = now.duration_since(plan.made_at()).as_hours() / 24;
        if days >= 1 {
            report.remark(format_args!(
                "This city is {days} days old: declarations lapse. For a fresh one give another \
                 folder."
            ));
        }
        let listener = listen(args.port, args.headless).await?;
        let address = listener.local_addr()?;
        let mut settings = WebSettings::new(
            Arc::clone(&town.time.clock) as Arc<dyn Clock>,
            Arc::new(SystemIds),
        );
        settings.secure_cookies = false;
        settings.demo = Some(town.demo()?);
        let workers = town.runtime.service.spawn_workers();
        let (end, ended) = oneshot::channel::<()>();
        let service = Arc::clone(&town.runtime.service);
        let shutdown = shutdown_requested()?;
        let ends = async move {
            tokio::select! {
                () = shutdown => {}
                _ = ended => {}
            }
        };
        let server = tokio::spawn(web::serve(listener, service, settings, ends));
        let outcome = if args.headless {
            let outcome = headless(&town, &folder, address, report).await;
            let _server_is_gone_already = end.send(());
            outcome
        } else {
            town.phones().show();
            // The city runs even if the welcome cannot be printed.
            if let Err(error) = welcome(&town, &folder, address, report) {
                warn!(%error, "the welcome cannot be printed");
            }
            Ok(Outcome::Done)
        };
        server.await.context("the server stopped")??;
        workers.stop().await;
        outcome
    })
}

async fn listen(port: Option<u16>, headless: bool) -> Result<TcpListener> {
    let on = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = port {
        return TcpListener::bind(on(port)).await.with_context(|| {
            format!("port {port} is taken; give another with --port, or leave it out")
        });
    }
    if !headless && let Ok(listener) = TcpListener::bind(on(8080)).await {
        return Ok(listener);
    }
    Ok(TcpListener::bind(on(0)).await?)
}

fn welcome(town: &Town, folder: &DataFolder, address: SocketAddr, report: Report) -> Result<()> {
    let name = |index: usize| town.city.residents[index].identity.name.expose();
    let (resident, patient) = (name(town.cast.resident), name(town.cast.patient));
    report.result(
        &json!({ "open": format!("http://{address}/"), "data": folder.path() }),
        format_args!(
            "\n  Open   http://{address}/\n\n  \
             A made-up city of {} people, {} venues and {} visits is running.\n  \
             1. Open the code of {resident}: green, until when, and why.\n  \
             2. Let the checkpoint scan it.\n  \
             3. As Dr Lin, at one press, confirm that {patient} is ill.\n  \
             4. Look at {resident}'s code again: it has turned, and says why.\n  \
             5. Let the checkpoint scan the copy it has kept of the old code: refused.\n  \
             6. Have Dr Lin propose an order and Dr Zhao approve it: a press of each, and of neither alone.\n  \
             7. Let days pass on the first page: codes turn back by themselves.\n  \
             8. Register as yourself: the one-time code for the phone is shown here.\n\n  \
             Data is in {}. Ctrl-C ends it.",
            town.city.residents.len(),
            town.city.venues.len(),
            town.city.visits.len(),
            folder.path().display(),
        ),
    )
}

async fn headless(
    town: &Town,
    folder: &DataFolder,
    address: SocketAddr,
    report: Report,
) -> Result<Outcome> {
    let before = town.colours().await?;
    let dependencies = StoryDependencies {
        resident: town.resident_token()?.clone(),
        patient: town.patient_id()?,
        officer: town.officer_token().await?,
        approver: town.approver_token().await?,
        phones: town.phones(),
        roots: crate::keystore::KeyFolder::at(folder.path().join("keys")).roots()?,
        clock: Arc::clone(&town.time.clock) as Arc<dyn Clock>,
    };
    let base = format!("http://{address}");
    tokio::task::spawn_blocking(move || tell(base, &dependencies, report)).await??;
    let after = town.colours().await?;
    report.result(
        &json!({ "before": before, "after": after }),
        format_args!(
            "Before: {}\nAfter:  {}",
            in_words(&before),
            in_words(&after)
        ),
    )?;
    Ok(Outcome::Done)
}

fn in_words(colours: &BTreeMap<&str, u64>) -> String {
    let counts: Vec<String> = colours
        .iter()
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    counts.join(", ")
}
