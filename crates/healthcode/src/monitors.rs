//! `[metrics]` of the configuration: where monitors read `/metrics`.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::outcome::wrong_use;

/// Where, if anywhere. What is read there needs no token, so that it is for this machine unless the
/// operator says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    #[serde(default, deserialize_with = "crate::config::listen")]
    listen: Option<SocketAddr>,
    #[serde(default)]
    from_other_machines: bool,
}

impl MetricsConfig {
    /// The address; `None` if nobody is answered.
    ///
    /// # Errors
    /// Wrong use if others reach the address and that was not asked for.
    pub fn address(&self) -> Result<Option<SocketAddr>> {
        let Some(listen) = self.listen else {
            return Ok(None);
        };
        if !listen.ip().is_loopback() && !self.from_other_machines {
            return Err(wrong_use(format!(
                "metrics: listen = \"{listen}\": other machines reach that, and whoever reaches it \
                 reads how busy and how well this server is; listen on 127.0.0.1 and let the monitor \
                 run here, or keep others away with a firewall and set from_other_machines = true"
            )));
        }
        Ok(Some(listen))
    }

    /// Listens there, apart from where the public asks. A server that its monitors could not see does not
    /// start: nobody would learn of its next fault.
    ///
    /// # Errors
    /// As [`Self::address`]; wrong use if the public asks there; if the address is taken, with the
    /// `file` that names it.
    pub async fn listener(
        &self,
        public: SocketAddr,
        file: Option<&Path>,
    ) -> Result<Option<TcpListener>> {
        let Some(address) = self.address()? else {
            return Ok(None);
        };
        // Port 0 is a free one of each.
        if address.port() == public.port() && address.port() != 0 {
            return Err(wrong_use(format!(
                "metrics: listen = \"{address}\": the public asks at that port; choose another, such \
                 as 9464"
            )));
        }
        let listener = TcpListener::bind(address).await.with_context(|| {
            let file = file.map_or_else(String::new, |file| format!("{}: ", file.display()));
            let port = address.port();
            format!(
                "{file}metrics: listen = \"{address}\": cannot listen there; end what uses port {port} \
                 (`ss -ltnp 'sport = :{port}'` names it), write a free port, or leave [metrics] out"
            )
        })?;
        tracing::info!(address = %listener.local_addr()?, "answering monitors at /metrics");
        Ok(Some(listener))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<Option<SocketAddr>> {
        toml::from_str::<MetricsConfig>(text)?.address()
    }

    #[test]
    fn monitors_are_answered_on_this_machine_unless_more_is_asked_for() {
        assert_eq!(address("").unwrap(), None);
        for here in ["127.0.0.1:9464", "[::1]:9464"] {
            let found = address(&format!("listen = \"{here}\"")).unwrap();
            assert_eq!(found.unwrap().to_string(), here);
        }
        for there in ["0.0.0.0:9464", "10.0.0.7:9464", "[::]:9464"] {
            let listen = format!("listen = \"{there}\"");
            let refused = address(&listen).unwrap_err().to_string();
            assert!(refused.contains("from_other_machines = true"), "{refused}");
            let allowed = format!("{listen}\nfrom_other_machines = true");
            assert!(address(&allowed).unwrap().is_some());
        }
        let named = address("listen = \"localhost:9464\"").unwrap();
        assert_eq!(named.unwrap().to_string(), "127.0.0.1:9464");
        for no_address in ["node1.example:9464", "9464", "localhost", "localhost:http"] {
            let refused = address(&format!("listen = \"{no_address}\"")).unwrap_err();
            let refused = refused.to_string();
            assert!(refused.contains("write it in numbers"), "{refused}");
            assert!(refused.contains("localhost:"), "{refused}");
        }
        assert!(address("port = 9464").is_err());
    }

    #[tokio::test]
    async fn monitors_are_never_answered_where_the_public_asks() {
        let config: MetricsConfig = toml::from_str("listen = \"127.0.0.1:8080\"").unwrap();
        let public = "0.0.0.0:8080".parse().unwrap();
        let refused = config.listener(public, None).await.unwrap_err().to_string();
        assert!(refused.contains("choose another"), "{refused}");
    }
}
