//! The one way in which a provider is asked: with a time limit, a size limit, and no redirects.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::url::Url;
use openidconnect::{HttpRequest, HttpResponse, http};
use rustls::crypto::aws_lc_rs;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::error::{Misfit, SignInError, Unreachable};
use super::settings::may_be_asked;

/// The longest answer that is read, in bytes. Key sets of large providers have 10 kB.
const LONGEST_ANSWER: u64 = 256 * 1024;

/// Asks one provider.
#[derive(Clone)]
pub(super) struct Exchange {
    agent: Agent,
    is_development: bool,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("{0}")]
    Unreachable(Unreachable),
    #[error("an address without TLS is not asked")]
    Address,
}

impl Exchange {
    /// `is_development` lets http through on loopback addresses; an answer may take `patience`.
    pub(super) fn new(is_development: bool, patience: Duration) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        // The certificates that the machine trusts: an authority's own, too.
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::PlatformVerifier);
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(patience))
            // A redirect would take the secret and the code elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // Configuration is read in one place, not here from the environment.
            .proxy(None)
            .max_idle_connections(2)
            .user_agent("healthcode");
        Self {
            agent: config.build().new_agent(),
            is_development,
        }
    }

    /// Asks and reads the answer, whatever its status. Blocks.
    pub(super) fn ask(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| NoAnswer::Address)?;
        if !may_be_asked(&url, self.is_development) {
            return Err(NoAnswer::Address);
        }
        let (parts, body) = request.into_parts();
        let answer = match body.is_empty() {
            true => self.agent.run(http::Request::from_parts(parts, ())),
            false => self.agent.run(http::Request::from_parts(parts, body)),
        };
        let (parts, body) = answer.map_err(no_answer)?.into_parts();
        let mut body = body;
        let body = body.with_config().limit(LONGEST_ANSWER).read_to_vec();
        let body = body.map_err(no_answer)?;
        if parts.status.is_server_error() {
            return Err(NoAnswer::Unreachable(Unreachable::Garbled));
        }
        Ok(http::Response::from_parts(parts, body))
    }
}

fn no_answer(error: ureq::Error) -> NoAnswer {
    NoAnswer::Unreachable(match error {
        ureq::Error::Timeout(_) => Unreachable::Slow,
        ureq::Error::BodyExceedsLimit(_) => Unreachable::TooLong,
        ureq::Error::Http(_) | ureq::Error::Protocol(_) => Unreachable::Garbled,
        _ => Unreachable::Down,
    })
}

impl From<NoAnswer> for SignInError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Unreachable(why) => Self::Unreachable(why),
            NoAnswer::Address => Self::Misconfigured(Misfit::Address),
        }
    }
}
