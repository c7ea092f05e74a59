//! The installation's secret sealed by a key service: the transit engine of OpenBao or Vault.
//!
//! `transit.toml` beside it says where the service is and with which of its keys. What is opened stays
//! in memory, so that a server that runs goes on without the service; one that starts needs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::aws_lc_rs;
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::files::{refuse_if_others_may_read, replace};
use crate::codes::is_on_this_machine;

const TRANSIT: &str = "transit.toml";
/// What the service answers to a request to seal begins with this.
const SEALED: &str = "vault:";
/// The service is asked once at a start; a slow one is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where the service is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transit {
    /// Its address, without a path.
    pub url: String,
    /// The name of its key.
    pub key: String,
    /// The file with the token that may use this key.
    pub token_file: PathBuf,
}

impl Transit {
    /// The service that the folder names, if it names one.
    ///
    /// # Errors
    /// If the file is no such file, or the address is reached without TLS.
    pub fn of(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(TRANSIT);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let place = || format!("{}: expected url, key and token_file", path.display());
        let transit: Self = toml::from_str(&text).with_context(place)?;
        transit.check().with_context(place)?;
        Ok(Some(transit))
    }

    /// Names the service in the folder.
    ///
    /// # Errors
    /// If the address is reached without TLS; if the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        self.check()?;
        // A string of JSON is one of TOML.
        let text = format!(
            "url = {}\nkey = {}\ntoken_file = {}\n",
            json!(self.url),
            json!(self.key),
            json!(self.token_file)
        );
        replace(&folder.join(TRANSIT), text.as_bytes())
    }

    /// Takes the name of the service out of the folder.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub fn forget(folder: &Path) -> Result<()> {
        let path = folder.join(TRANSIT);
        fs::remove_file(&path).with_context(|| path.display().to_string())
    }

    /// Whether the text of a secret is one that the service sealed.
    pub fn is_sealed(text: &str) -> bool {
        text.starts_with(SEALED)
    }

    /// Seals a text.
    ///
    /// # Errors
    /// What the service says, and what to do.
    pub fn seal(&self, text: &str) -> Result<String> {
        let answer = self.ask("encrypt", &json!({ "plaintext": STANDARD.encode(text) }))?;
        let sealed = answer["data"]["ciphertext"].as_str();
        let sealed = sealed.filter(|sealed| Self::is_sealed(sealed));
        Ok(sealed.with_context(|| self.odd_answer())?.to_owned())
    }

    /// Opens what the service sealed.
    ///
    /// # Errors
    /// What the service says, and what to do.
    pub fn open(&self, sealed: &str) -> Result<String> {
        let answer = self.ask("decrypt", &json!({ "ciphertext": sealed.trim() }))?;
        let text = answer["data"]["plaintext"].as_str();
        let text = text.and_then(|text| STANDARD.decode(text).ok());
        let text = text.and_then(|text| String::from_utf8(text).ok());
        text.with_context(|| self.odd_answer())
    }

    fn check(&self) -> Result<()> {
        let url = &self.url;
        if !url.starts_with("https://") && !is_on_this_machine(url) {
            bail!(
                "url: {url} is reached without TLS; name https://… or an address of this machine"
            );
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.key.is_empty() || !self.key.chars().all(is_name) {
            bail!("key: {:?} is no name of a key", self.key);
        }
        Ok(())
    }

    fn ask(&self, act: &str, body: &Value) -> Result<Value> {
        let Self {
            url,
            key,
            token_file,
        } = self;
        self.check()?;
        refuse_if_others_may_read(token_file)?;
        let token = fs::read_to_string(token_file);
        let token = token.with_context(|| format!("{}: token_file", token_file.display()))?;
        let address = format!("{}/v1/transit/{act}/{key}", url.trim_end_matches('/'));
        let request = agent().post(&address).header("X-Vault-Token", token.trim());
        let mut answer = request.send_json(body).with_context(|| {
            format!(
                "{url}: the key service does not answer; it seals `installation.secret`, so nothing \
                 starts without it: start and unseal it, look at the network, then try again"
            )
        })?;
        match answer.status().as_u16() {
            200 => Ok(answer.body_mut().read_json()?),
            403 => bail!(
                "{url}: the key service does not take the token; put one into {} that may use \
                 transit/{act}/{key}",
                token_file.display()
            ),
            503 => bail!("{url}: the key service is sealed; unseal it, then try again"),
            status => bail!(
                "{url}: the key service answered {status} to transit/{act}/{key}; check that its transit \
                 engine has the key {key}, and that this folder belongs to it"
            ),
        }
    }

    fn odd_answer(&self) -> String {
        format!("{}: this is no answer of a transit engine", self.url)
    }
}

fn agent() -> Agent {
    let provider = Arc::new(aws_lc_rs::default_provider());
    // The certificates that the machine trusts: an authority's own, too.
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::PlatformVerifier);
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_global(Some(PATIENCE))
        // A redirect would take token and secret elsewhere.
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None);
    Agent::new_with_config(config.build())
}
