//! A request says which site it is for, once, and it is ours.
//!
//! A page of another site can have a browser ask this server under that site's own name, once the name
//! leads here (DNS rebinding); the browser then takes the answers for that site's. So a request under a
//! name that is not ours is answered with nothing.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::problem::{Problem, ProblemType};

/// The names under which this server is asked. `localhost` and loopback addresses always are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostNames {
    names: BTreeSet<String>,
    /// Whether every address is one of them.
    every_address: bool,
}

/// A text that names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no name of a host; give the name or address alone, for example \"code.example\", without \
     scheme, port or path"
)]
pub struct BadHostName(pub String);

impl HostNames {
    /// These names and addresses, without ports.
    ///
    /// # Errors
    /// [`BadHostName`] for one that is none.
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Result<Self, BadHostName> {
        let names = names.into_iter().map(|name| {
            let plain = plain(name.as_ref());
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
            let is_host = plain.parse::<IpAddr>().is_ok()
                || (!plain.is_empty() && plain.chars().all(is_name));
            if is_host {
                Ok(plain)
            } else {
                Err(BadHostName(name.as_ref().to_owned()))
            }
        });
        Ok(Self {
            names: names.collect::<Result<_, _>>()?,
            every_address: false,
        })
    }

    /// Adds the address on which the server listens, if it is one that others can ask for.
    #[must_use]
    pub fn with_address(mut self, address: SocketAddr) -> Self {
        if !address.ip().is_unspecified() {
            self.names.insert(address.ip().to_string());
        }
        self
    }

    /// Adds the address of a listener for this machine or a closed network. One that listens on every
    /// address is asked by any of them: no other site has an address for its name.
    #[must_use]
    pub(crate) fn with_every_address_of(mut self, listener: SocketAddr) -> Self {
        self.every_address = listener.ip().is_unspecified();
        self.with_address(listener)
    }

    /// Whether a `Host` header, with or without a port, names this server.
    fn has(&self, host: &str) -> bool {
        let name = plain(without_port(host));
        let is_ours = |address: IpAddr| address.is_loopback() || self.every_address;
        name == "localhost" || self.names.contains(&name) || name.parse().is_ok_and(is_ours)
    }
}

/// Refuses a request that is for another site, or does not say once for which.
///
/// # Errors
/// `misdirected`; `unreadable` without one `Host` header.
pub(crate) fn refuse_other_hosts(app: &App, request: &Request) -> Result<(), Problem> {
    check(&app.settings.hosts, request)
}

/// The same for a listener that has names of its own, and answers programs alone.
pub(crate) async fn refuse_others(
    State(names): State<Arc<HostNames>>,
    request: Request,
    next: Next,
) -> Response {
    match check(&names, &request) {
        Ok(()) => next.run(request).await,
        Err(_) => {
            let detail = "Ask by the address of this listener, or by a name in `hosts`.\n";
            (StatusCode::MISDIRECTED_REQUEST, detail).into_response()
        }
    }
}

fn check(ours: &HostNames, request: &Request) -> Result<(), Problem> {
    let mut given = request.headers().get_all(header::HOST).iter();
    // A request without one, or with two, is not HTTP/1.1 (RFC 9112, section 3.2).
    let (Some(host), None) = (given.next(), given.next()) else {
        let detail = "Send one `Host` header.";
        return Err(Problem::new(ProblemType::Unreadable, detail));
    };
    // What stands in the address of the request counts before the header.
    let asked = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let ours = |host: &str| ours.has(host);
    if host.to_str().is_ok_and(ours) && asked.is_none_or(ours) {
        return Ok(());
    }
    let detail = "This server is not asked under this name. Whoever runs it adds the name to `hosts` in \
                  its configuration.";
    Err(Problem::new(ProblemType::Misdirected, detail))
}

/// A name as it is compared: small letters, no dot at the end, an IPv6 address without brackets.
fn plain(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    let bare = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(name).to_ascii_lowercase()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::City;

    #[test]
    fn a_name_is_ours_with_and_without_a_port() {
        let ours = HostNames::new(["Code.example", "192.0.2.7", "2001:db8::7"]).unwrap();
        for host in [
            "code.example",
            "CODE.example:8443",
            "code.example.",
            "192.0.2.7:80",
            "[2001:db8::7]:8080",
            "localhost",
            "localhost:8080",
            "127.0.0.1:8080",
            "127.8.9.1",
            "[::1]:8080",
        ] {
            assert!(ours.has(host), "{host}");
        }
        for host in [
            "evil.example",
            "code.example.evil.example",
            "evil-code.example",
            "",
            "192.0.2.8",
            "0.0.0.0",
            "localhost.evil.example",
            "code.example:80@evil.example",
            "2130706433",
        ] {
            assert!(!ours.has(host), "{host}");
        }
        for no_name in ["https://code.example", "code.example:8080", "a/b", ""] {
            assert!(HostNames::new([no_name]).is_err(), "{no_name}");
        }
    }

    #[test]
    fn the_address_that_is_listened_on_is_ours_unless_it_is_every_address() {
        let listening = |address: &str| HostNames::default().with_address(address.parse().unwrap());
        assert!(listening("192.0.2.7:8080").has("192.0.2.7:8080"));
        assert!(!listening("0.0.0.0:8080").has("0.0.0.0:8080"));
        let closed =
            |address: &str| HostNames::default().with_every_address_of(address.parse().unwrap());
        assert!(closed("192.0.2.7:9464").has("192.0.2.7:9464"));
        assert!(!closed("192.0.2.7:9464").has("192.0.2.8:9464"));
        assert!(closed("0.0.0.0:9464").has("192.0.2.8:9464"));
        assert!(!closed("0.0.0.0:9464").has("evil.example:9464"));
    }

    #[tokio::test]
    async fn a_name_of_another_site_that_leads_here_gets_nothing() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        for address in ["/api/v1/me/status", "/me", "/health", "/assets/site.css"] {
            let ask = city
                .get(address)
                .header("host", "rebound.evil.example:8080");
            let answer = ask.token(&ming.token).cookie("session", &ming.token).await;
            assert_eq!(answer.status, 421, "{address}: {answer:?}");
            assert!(!answer.text.contains("green"), "{address}");
            let ours = city.get(address).header("host", "code.example").await;
            assert_ne!(ours.status, 421, "{address}");
        }
    }

    #[tokio::test]
    async fn two_hosts_are_no_request() {
        let city = City::start().await;
        let ask = city.get("/").header("host", "code.example");
        let answer = ask.header("host", "evil.example").await;
        assert_eq!(answer.status, 400, "{answer:?}");
        let ask = city
            .get("http://evil.example/")
            .header("host", "code.example");
        assert_eq!(ask.await.status, 421);
    }
}
