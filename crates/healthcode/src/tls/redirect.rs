//! `redirect` of `[tls]`: where people who ask without TLS are sent on to the origin.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tracing::info;
use web::Redirects;

use super::TlsConfig;
use crate::outcome::wrong_use;

impl TlsConfig {
    /// Where people ask without TLS and where they are sent, if the configuration says so.
    ///
    /// # Errors
    /// Wrong use if it does not say where people are sent.
    pub(super) fn sent_on(&self, origin: Option<&str>) -> Result<Option<(SocketAddr, String)>> {
        let Some(address) = self.redirect else {
            return Ok(None);
        };
        let to = origin.filter(|origin| origin.starts_with("https://"));
        let to = to.ok_or_else(|| {
            wrong_use(format!(
                "tls: redirect = \"{address}\": say where people are sent with `origin`, such as \
                 \"https://codes.example.org\""
            ))
        })?;
        Ok(Some((address, to.to_owned())))
    }

    /// Listens there, if the configuration says so.
    ///
    /// # Errors
    /// As [`Self::sent_on`]; if the address is taken.
    pub async fn redirects(&self, origin: Option<&str>) -> Result<Option<Redirects>> {
        let Some((address, to)) = self.sent_on(origin)? else {
            return Ok(None);
        };
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!(
                "tls: redirect = \"{address}\": cannot listen there; end what uses that port, or leave \
                 `redirect` out"
            )
        })?;
        info!(address = %listener.local_addr()?, %to, "sending on who asks without TLS");
        Ok(Some(Redirects { listener, to }))
    }
}
