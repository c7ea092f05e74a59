//! The identity providers that the configuration names.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use domain::SystemClock;
use serde::Deserialize;
use service::providers::{
    ProviderConfig, ProviderSettings, Providers, PublicAddress, SharedSecret,
};
use service::{Keys, Service};
use web::SignIn;

use crate::config::Config;
use crate::keystore::{KeyFolder, refuse_if_others_may_read};
use crate::outcome::wrong_use;
use crate::system::{SystemIds, read_text};

/// Sign-in at the providers of the configuration, if it names any.
///
/// # Errors
/// As [`SignInConfig::providers`]; if the keys cannot be read.
pub fn open(config: &Config, service: &Service) -> Result<Option<SignIn>> {
    let Some(sign_in) = &config.sign_in else {
        return Ok(None);
    };
    let keys = KeyFolder::at(&config.keys).secret()?;
    Ok(Some(SignIn {
        providers: Arc::new(sign_in.providers(&keys)?),
        doors: service.proven_sign_ins(),
    }))
}

/// `[sign_in]` of the configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInConfig {
    /// How browsers reach this installation.
    public_url: String,
    /// Lets http through on loopback addresses.
    #[serde(default)]
    development: bool,
    /// Each provider.
    #[serde(default)]
    provider: Vec<ProviderConfig>,
}

impl SignInConfig {
    /// The providers, with the secrets that their files hold.
    ///
    /// # Errors
    /// Wrong use that names the provider, if something about one cannot be; a secret that is absent or
    /// that others may read.
    pub fn providers(&self, keys: &Keys) -> Result<Providers> {
        let here = PublicAddress::new(&self.public_url, self.development);
        let here = here.map_err(|fault| wrong_use(format!("[sign_in]: {fault}")))?;
        let mut providers = Vec::new();
        for config in self.provider.iter().cloned() {
            let place = format!("[[sign_in.provider]] {}", config.key);
            let file: PathBuf = config.client_secret_file.clone();
            refuse_if_others_may_read(&file)?;
            let text = read_text(&file, &format!("`client_secret_file` of {place}"))?;
            let secret = SharedSecret::new(&text);
            let settings = ProviderSettings::new(config, secret, &here);
            providers.push(settings.map_err(|fault| wrong_use(format!("{place}: {fault}")))?);
        }
        Providers::new(providers, keys, Arc::new(SystemClock), Arc::new(SystemIds))
            .map_err(|fault| wrong_use(format!("[[sign_in.provider]]: {fault}")))
    }
}

#[cfg(test)]
mod tests {
    use service::providers::Audience;

    use super::*;
    use crate::keystore::write_private;

    fn providers(change: impl FnOnce(String) -> String) -> Result<Providers> {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("a.secret");
        write_private(&secret, "secret\n").unwrap();
        // The example of docs/operating/sign-in.md, so that it is tried.
        let page = include_str!("../../../docs/operating/sign-in.md");
        let examples = page.split("```toml\n").skip(1);
        let examples = examples.map(|example| example.split("```").next().unwrap());
        let example: String = examples.collect();
        let secret = secret.display().to_string();
        let example = example.replace("/etc/healthcode/national-id.secret", &secret);
        let example = example.replace("/etc/healthcode/office.secret", &secret);
        #[derive(Deserialize)]
        struct File {
            sign_in: SignInConfig,
        }
        let file: File = toml::from_str(&change(example))?;
        file.sign_in.providers(&Keys::from_secret(&[1; 32]))
    }

    #[test]
    fn the_example_of_the_documentation_works() {
        let providers = providers(|example| example).unwrap();
        let residents = providers.of(Audience::Residents);
        let keys: Vec<&str> = residents.map(ProviderSettings::key).collect();
        assert_eq!(keys, ["national-id"]);
        let staff = providers.of(Audience::Staff);
        let keys: Vec<&str> = staff.map(ProviderSettings::key).collect();
        assert_eq!(keys, ["office"]);
    }

    #[test]
    fn a_mistake_is_said_with_the_provider_and_what_to_write() {
        let fault = |from: &str, to: &str| {
            let made = providers(|example| example.replace(from, to));
            made.err().expect("a mistake").to_string()
        };
        let http = fault("https://id.example", "http://id.example");
        assert!(
            http.contains("national-id: `issuer` must be an https address"),
            "{http}"
        );
        let absent = fault("a.secret", "nothing.secret");
        assert!(absent.contains("`client_secret_file` of"), "{absent}");
        let unknown = fault("client_id =", "klient_id =");
        assert!(unknown.contains("klient_id"), "{unknown}");
    }
}
