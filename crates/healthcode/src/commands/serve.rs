//! `serve`: the pages and the API.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use domain::SystemClock;
use serde_json::json;
use tokio::net::TcpListener;
use tracing::{info, warn};
use web::WebSettings;

use crate::config::{ConfigArgs, LISTENS};
use crate::connections::raise_file_limit;
use crate::log;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::sign_in;
use crate::system::{SystemIds, listen_address};
use crate::tls::Tls;
use crate::wiring;

/// Serve the pages and the API.
///
/// An empty database gets its schema first; the file of an embedded one must be there. One of a newer
/// program is refused, untouched. Ends on SIGINT or SIGTERM, once running requests are answered; SIGHUP
/// reads keys and certificate again.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  healthcode serve --database-url sqlite:/var/lib/healthcode/city.db \
                        --keys /var/lib/healthcode/keys --listen 127.0.0.1:8080"
)]
pub struct Args {
    /// Where to listen. Name a certificate under "tls" in the configuration, or put a TLS proxy in front,
    /// before others can reach it [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "HEALTHCODE_LISTEN", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    /// Let cookies work without TLS; on a loopback address only, for trials
    #[arg(long)]
    plain_http: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Serves until asked to end.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    let listen = args.listen.or(config.listen);
    let listen = listen.unwrap_or(LISTENS);
    if args.plain_http && !listen.ip().is_loopback() {
        return Err(wrong_use(format!(
            "--plain-http would send cookies in clear from {listen}; leave it out and put a TLS \
             proxy in front, or listen on 127.0.0.1"
        )));
    }
    if args.plain_http && config.tls.is_some() {
        return Err(wrong_use(
            "--plain-http and [tls] of the configuration contradict each other; leave one of them out",
        ));
    }
    let connections = config.connections.for_files(raise_file_limit())?;
    let _log = log::start(&config.log, config.log_format)?;
    wiring::block_on(async {
        let store = wiring::open_to_serve(&config).await?;
        let _only_server = wiring::only_server(&config.database_url)?;
        let runtime = wiring::start(&config, store).await?;
        // Who registers under another secret is found by nobody.
        wiring::try_vault(&runtime.service).await?;
        refuse_wrong_clock(&runtime.service).await?;
        let tls = config.tls.as_ref();
        let tls = tls.map(|tls| tls.open(config.origin.as_deref()));
        let tls = tls.transpose()?;
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("{listen}: cannot listen there; choose a free address with --listen")
        })?;
        let address = listener.local_addr()?;
        let monitors = config
            .metrics
            .listener(address, config.file.as_deref())
            .await?;
        if runtime.service.policies.policy().is_none() {
            report
                .remark("no policy is in force; publish one with `healthcode policy publish FILE`");
        }
        let mut settings = WebSettings::new(Arc::new(SystemClock), Arc::new(SystemIds));
        settings.secure_cookies = !args.plain_http;
        settings.hosts = config.hosts.clone().with_address(address);
        settings.proxies = config.proxies.clone();
        settings.rates = config.rates.clone();
        settings.connections = connections;
        settings.monitors = monitors;
        if let Some(tls) = &config.tls {
            settings.redirects = tls.redirects(config.origin.as_deref()).await?;
        }
        settings.tls = tls.as_ref().map(Tls::to_web).transpose()?;
        settings.places = config.places()?;
        settings.sign_in = sign_in::open(&config, &runtime.service)?;
        if let Some(mirror) = wiring::mirror(&config, &runtime.store)? {
            runtime.service.mirror.keep(mirror, config.mirror_every);
        }
        let ends = shutdown_requested()?;
        let workers = runtime.service.spawn_workers();
        reload_keys_when_asked(Arc::clone(&runtime.service))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        if let Some(tls) = tls {
            tls.follow()?;
        }
        let at = format!("{scheme}://{address}");
        let said = json!({ "listening": at });
        // It serves even if that cannot be printed.
        if let Err(error) = report.result(&said, format_args!("Listening on {at}")) {
            warn!(%error, "the address cannot be printed");
        }
        info!(%address, "serving");
        web::serve(listener, runtime.service, settings, ends).await?;
        info!("ending");
        workers.stop().await;
        Ok(Outcome::Done)
    })
}

/// Codes and restrictions are dated by this machine's clock and compared by others.
async fn refuse_wrong_clock(service: &service::Service) -> Result<()> {
    let ahead = service.watch_clock().await?;
    anyhow::ensure!(
        ahead.abs() <= service::CLOCKS_DIFFER,
        "this machine's clock is {} s {} the database's; set both right (NTP), then start again",
        ahead.abs().as_secs(),
        if ahead.is_negative() {
            "behind"
        } else {
            "ahead of"
        },
    );
    Ok(())
}

/// Reads the keys again whenever SIGHUP says so. A worker does the same every few seconds, so that
/// this is for those who do not want to wait.
///
/// # Errors
/// If the operating system refuses.
#[cfg(unix)]
fn reload_keys_when_asked(service: Arc<service::Service>) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            match service.reload_keys().await {
                Ok(are_others) => info!(are_others, "read the keys again"),
                Err(error) => warn!(%error, "the keys cannot be read; those in use stay"),
            }
        }
    });
    Ok(())
}

/// There is no such signal on this system.
///
/// # Errors
/// None.
#[cfg(not(unix))]
fn reload_keys_when_asked(_: Arc<service::Service>) -> Result<()> {
    Ok(())
}

/// Ready once somebody asks the process to end. Listens for that as soon as it is called.
///
/// # Errors
/// If the operating system refuses.
#[cfg(unix)]
pub fn shutdown_requested() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Ready once somebody asks the process to end.
///
/// # Errors
/// None on this system.
#[cfg(not(unix))]
pub fn shutdown_requested() -> Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
