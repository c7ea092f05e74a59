//! What the running server says of itself: which of its workers is dead is known to it alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use rustls::crypto::aws_lc_rs;
use serde_json::Value;
use ureq::Agent;
use ureq::tls::TlsConfig;

/// A server that takes longer is not asked further.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the server at the address where it listens for its `/health`. None need run: an installation is
/// examined before its server starts, too.
///
/// # Errors
/// If it answers and something is wrong with it.
pub(super) fn health(listen: SocketAddr, in_tls: bool) -> Result<String> {
    let scheme = if in_tls { "https" } else { "http" };
    let address = format!("{scheme}://{}", reachable(listen));
    let provider = Arc::new(aws_lc_rs::default_provider());
    // It is asked by its address, for which no certificate is; nothing is told to it.
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .disable_verification(true);
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(0)
        .build();
    let asked = Agent::new_with_config(config)
        .get(format!("{address}/health"))
        .call();
    let mut answer = match asked {
        Ok(answer) => answer,
        Err(ureq::Error::Timeout(_)) => {
            bail!("{address} did not say within 5 s how it is; see its log")
        }
        Err(_) => {
            return Ok(format!(
                "none answers at {address}, so nobody said whether its workers live; name the address of \
                 a running one with --listen"
            ));
        }
    };
    let body: Value = answer.body_mut().read_json().unwrap_or_default();
    match (answer.status().as_u16(), &body["status"], &body["detail"]) {
        (200, Value::String(word), _) if word == "ok" => {
            Ok(format!("{address} works, and so do its workers"))
        }
        (503, _, Value::String(detail)) => bail!("{address} does not work: {detail}"),
        _ => Ok(format!(
            "what answers at {address} is no healthcode; name the address of yours with --listen"
        )),
    }
}

/// Where a server on this machine is reached that listens at `listen`.
const fn reachable(listen: SocketAddr) -> SocketAddr {
    let this_machine = match listen.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        named => named,
    };
    SocketAddr::new(this_machine, listen.port())
}
