//! The configuration of the server commands, parsed once.
//!
//! Each choice comes from the command line, else from the environment, else from the TOML file that
//! `--config` names, else from the default.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Result;
use credential::log::{SignatureKind, VerifierKey};
use jiff::SignedDuration;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use service::{Caps, Retention};
use web::{HostNames, Proxies, ProxyHeader, RateSettings, RegionPlaces};

use crate::connections::ConnectionsConfig;
use crate::monitors::MetricsConfig;
use crate::outcome::wrong_use;
use crate::sign_in::SignInConfig;
use crate::system::{listen_address, read_text, span};
use crate::tls::TlsConfig;

/// Where the server listens by default.
pub const LISTENS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Where the server's things are. Every command that opens the database takes these.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// TOML file with the choices below (database_url, keys, listen, origin, mirror, mirror_cache,
    /// mirror_every, log, log_format) and those that stand there alone (hosts, proxies, proxy_header, caps, rates,
    /// connections, map, metrics, tls, retention, witnesses, one_time_codes, sign_in)
    #[arg(long, value_name = "FILE", env = "HEALTHCODE_CONFIG")]
    config: Option<PathBuf>,
    /// sqlite:PATH or postgres://USER@HOST/NAME [default: sqlite:healthcode.db]
    #[arg(
        long,
        value_name = "URL",
        env = "HEALTHCODE_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<String>,
    /// Folder with the keys [default: keys]
    #[arg(long, value_name = "DIR", env = "HEALTHCODE_KEYS")]
    keys: Option<PathBuf>,
    /// The address at which people reach this installation, for example `https://code.example`:
    /// staff members' passkeys belong to it
    #[arg(long, value_name = "URL", env = "HEALTHCODE_ORIGIN")]
    origin: Option<String>,
    /// Folder of the mirror, a copy of all evidence as Parquet files, or s3://BUCKET/PREFIX
    /// [default: none is kept]
    #[arg(long, value_name = "DIR", env = "HEALTHCODE_MIRROR")]
    mirror: Option<PathBuf>,
    /// Folder in which this machine writes and reads a mirror that lies in a bucket
    #[arg(long, value_name = "DIR", env = "HEALTHCODE_MIRROR_CACHE")]
    mirror_cache: Option<PathBuf>,
    /// How old the mirror may get before it is written anew [default: 6h]
    #[arg(long, value_name = "TIME", env = "HEALTHCODE_MIRROR_EVERY", value_parser = span)]
    mirror_every: Option<SignedDuration>,
    /// What to log, in the syntax of tracing's filters [default: info]
    #[arg(long, value_name = "FILTER", env = "HEALTHCODE_LOG")]
    log: Option<String>,
    /// How to log [default: text]
    #[arg(long, value_name = "FORMAT", env = "HEALTHCODE_LOG_FORMAT")]
    log_format: Option<LogFormat>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The choices, complete.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file, if one is named.
    pub file: Option<PathBuf>,
    /// Where the database is.
    pub database_url: String,
    /// The folder with the keys.
    pub keys: PathBuf,
    /// Where to listen, if the file says so.
    pub listen: Option<SocketAddr>,
    /// The address at which people reach the installation, without a path.
    pub origin: Option<String>,
    /// The names under which others ask the server; loopback always is one.
    pub hosts: HostNames,
    /// The proxies whose word about the client's address is taken.
    pub proxies: Proxies,
    /// Published limits on what one authority or person can do.
    pub caps: Caps,
    /// How long things are kept.
    pub retention: Retention,
    /// How often the same one may ask.
    pub rates: RateSettings,
    /// What clients may hold open.
    pub connections: ConnectionsConfig,
    /// Where monitors are answered.
    pub metrics: MetricsConfig,
    /// The certificate, if the server speaks TLS by itself.
    pub tls: Option<TlsConfig>,
    /// The folder or bucket of the mirror, if one is kept.
    pub mirror: Option<PathBuf>,
    /// The folder of this machine for a mirror in a bucket.
    pub mirror_cache: Option<PathBuf>,
    /// How old the mirror may get.
    pub mirror_every: SignedDuration,
    /// The witnesses whose signatures of the log are taken.
    pub witnesses: Vec<VerifierKey>,
    /// What to log.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
    /// Who sends one-time codes.
    pub one_time_codes: CodesConfig,
    /// The identity providers, if there are any.
    pub sign_in: Option<SignInConfig>,
    /// The file that says where regions lie on the map.
    pub map: Option<PathBuf>,
}

/// Who sends one-time codes: `[one_time_codes]` in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase", tag = "send")]
pub enum CodesConfig {
    /// Nobody: asking for a code is refused.
    #[default]
    Nobody,
    /// Written to the terminal, for development.
    Console,
    /// Appended to a file that only its owner reads, for development.
    File {
        /// Which.
        file: PathBuf,
    },
    /// Handed to a gateway: a POST with `phone` and `text` as JSON, which answers 2xx.
    Gateway {
        /// Its address.
        url: String,
        /// A file that holds what `Authorization` says.
        #[serde(default)]
        authorization: Option<PathBuf>,
    },
}

/// In which header proxies say for whom they ask.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HeaderOfProxies {
    #[default]
    XForwardedFor,
    Forwarded,
}

impl From<HeaderOfProxies> for ProxyHeader {
    fn from(header: HeaderOfProxies) -> Self {
        match header {
            HeaderOfProxies::XForwardedFor => Self::XForwardedFor,
            HeaderOfProxies::Forwarded => Self::Forwarded,
        }
    }
}

/// The file behind `--config`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    database_url: Option<String>,
    keys: Option<PathBuf>,
    #[serde(default, deserialize_with = "listen")]
    listen: Option<SocketAddr>,
    origin: Option<String>,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    proxies: Vec<String>,
    #[serde(default)]
    proxy_header: HeaderOfProxies,
    #[serde(default)]
    caps: BTreeMap<String, u32>,
    #[serde(default)]
    rates: BTreeMap<String, String>,
    #[serde(default)]
    connections: ConnectionsConfig,
    #[serde(default)]
    metrics: MetricsConfig,
    tls: Option<TlsConfig>,
    #[serde(default)]
    retention: BTreeMap<String, String>,
    #[serde(default)]
    witnesses: Vec<String>,
    mirror: Option<PathBuf>,
    mirror_cache: Option<PathBuf>,
    mirror_every: Option<String>,
    log: Option<String>,
    log_format: Option<LogFormat>,
    #[serde(default)]
    one_time_codes: CodesConfig,
    sign_in: Option<SignInConfig>,
    map: Option<PathBuf>,
}

impl Config {
    /// Where regions lie on the map: nowhere, if no file says it.
    ///
    /// # Errors
    /// Wrong use if the file cannot be read, or a line of it.
    pub fn places(&self) -> Result<RegionPlaces> {
        let Some(path) = &self.map else {
            return Ok(RegionPlaces::default());
        };
        let text = read_text(path, "map")?;
        let places = RegionPlaces::read(&text);
        places.map_err(|why| wrong_use(format!("map: {}: {why}", path.display())))
    }
}

impl ConfigArgs {
    /// Reads the file, if one is named, and fills in the defaults.
    ///
    /// # Errors
    /// Wrong use if the file is absent, is no TOML, or holds a choice that does not exist.
    pub fn resolve(&self) -> Result<Config> {
        let file = match &self.config {
            Some(path) => read_config(path)?,
            None => ConfigFile::default(),
        };
        let database_url = self.database_url.clone().or(file.database_url);
        let every = file.mirror_every.as_deref().map(span).transpose();
        let every = every.map_err(|why| wrong_use(format!("mirror_every: {why}")))?;
        let hosts = HostNames::new(&file.hosts);
        let hosts = hosts.map_err(|why| wrong_use(format!("hosts: {why}")))?;
        let proxies = Proxies::new(&file.proxies, file.proxy_header.into());
        let proxies = proxies.map_err(|why| wrong_use(format!("proxies: {why}")))?;
        let mut rates = RateSettings::default();
        for (name, rate) in &file.rates {
            let set = rates.set_named(name, rate);
            set.map_err(|why| wrong_use(format!("rates: {why}")))?;
        }
        let origin = self.origin.clone().or(file.origin);
        let origin = origin.as_deref().map(web_origin).transpose();
        let origin = origin.map_err(|why| wrong_use(format!("origin: {why}")))?;
        let witnesses: Result<Vec<VerifierKey>> =
            file.witnesses.iter().map(|key| witness(key)).collect();
        let mut caps = Caps::default();
        for (name, cap) in &file.caps {
            let set = caps.set_named(name, *cap);
            set.map_err(|why| wrong_use(format!("caps: {why}")))?;
        }
        let mut retention = Retention::default();
        for (name, time) in &file.retention {
            let set = retention.set_named(name, time);
            set.map_err(|why| wrong_use(format!("retention: {why}")))?;
        }
        // Said before anything is opened.
        file.metrics.address()?;
        Ok(Config {
            file: self.config.clone(),
            caps,
            retention,
            hosts,
            proxies,
            rates,
            connections: file.connections,
            metrics: file.metrics,
            tls: file.tls,
            witnesses: witnesses?,
            database_url: database_url.unwrap_or_else(|| "sqlite:healthcode.db".to_owned()),
            keys: self
                .keys
                .clone()
                .or(file.keys)
                .unwrap_or_else(|| PathBuf::from("keys")),
            listen: file.listen,
            origin,
            mirror: self.mirror.clone().or(file.mirror),
            mirror_cache: self.mirror_cache.clone().or(file.mirror_cache),
            mirror_every: self
                .mirror_every
                .or(every)
                .unwrap_or(SignedDuration::from_hours(6)),
            log: self
                .log
                .clone()
                .or(file.log)
                .unwrap_or_else(|| "info".to_owned()),
            log_format: self
                .log_format
                .or(file.log_format)
                .unwrap_or(LogFormat::Text),
            one_time_codes: file.one_time_codes,
            sign_in: file.sign_in,
            map: file.map,
        })
    }
}

/// Where something listens, as the file says it.
///
/// # Errors
/// If it is no such address.
pub fn listen<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(from)?;
    listen_address(&text).map(Some).map_err(D::Error::custom)
}

/// The address at which people reach an installation: scheme, name and port.
fn web_origin(text: &str) -> Result<String, String> {
    let origin = text.trim_end_matches('/');
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    let host = host.filter(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']));
    match host {
        Some(_) => Ok(origin.to_owned()),
        None => Err(format!(
            "{text:?} is no address of a site; expected https:// and a name, as in \
             \"https://code.example\""
        )),
    }
}

fn witness(key: &str) -> Result<VerifierKey> {
    let parsed: Option<VerifierKey> = key.parse().ok();
    let parsed = parsed.filter(|key| key.kind() == SignatureKind::Witness);
    parsed.ok_or_else(|| {
        wrong_use(format!(
            "witnesses: {key}: expected the public key of a witness, as `healthcode audit witness` \
             prints it"
        ))
    })
}

fn read_config(path: &Path) -> Result<ConfigFile> {
    let text = read_text(path, "--config")?;
    toml::from_str(&text).map_err(|error| {
        let error = error.to_string();
        wrong_use(format!(
            "{}: {}\ncorrect it; known: database_url, keys, listen, origin, hosts, proxies, proxy_header, \
             caps, rates, connections, map, metrics, tls, retention, witnesses, mirror, mirror_cache, mirror_every, log, log_format, \
             one_time_codes, sign_in",
            path.display(),
            error.trim_end()
        ))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use web::RateClass;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        config: ConfigArgs,
    }

    fn resolve(arguments: &[&str]) -> Result<Config> {
        Command::parse_from([&["test"], arguments].concat())
            .config
            .resolve()
    }

    #[test]
    fn the_command_line_wins_over_the_file_and_the_file_over_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("healthcode.toml");
        let text = "database_url = \"sqlite:file.db\"\nkeys = \"file-keys\"\n";
        std::fs::write(&path, text).unwrap();
        let file = path.to_str().unwrap();
        let config = resolve(&["--config", file, "--keys", "mine"]).unwrap();
        assert_eq!(config.database_url, "sqlite:file.db");
        assert_eq!(config.keys, PathBuf::from("mine"));
        assert_eq!(config.log_format, LogFormat::Text);
    }

    #[test]
    fn a_host_is_a_name_and_no_address_of_a_page() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("healthcode.toml");
        let hosts = |hosts: &str| {
            std::fs::write(&path, format!("hosts = {hosts}\n")).unwrap();
            resolve(&["--config", path.to_str().unwrap()]).map(|config| config.hosts)
        };
        let named = HostNames::new(["code.example"]).unwrap();
        assert_eq!(hosts("[\"code.example\"]").unwrap(), named);
        let error = hosts("[\"https://code.example\"]").unwrap_err().to_string();
        assert!(error.contains("without scheme"), "{error}");
    }

    #[test]
    fn the_places_of_regions_are_read_from_a_file_and_a_wrong_line_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let (path, map) = (
            dir.path().join("healthcode.toml"),
            dir.path().join("map.csv"),
        );
        assert_eq!(
            resolve(&[]).unwrap().places().unwrap(),
            RegionPlaces::default()
        );
        std::fs::write(&path, format!("map = {:?}\n", map.display().to_string())).unwrap();
        let config = resolve(&["--config", path.to_str().unwrap()]).unwrap();
        let absent = config.places().unwrap_err().to_string();
        assert!(
            absent.contains("map.csv: there is no such file"),
            "{absent}"
        );
        std::fs::write(&map, "code,east,north\n330106,120.13,30.26\n").unwrap();
        assert_ne!(config.places().unwrap(), RegionPlaces::default());
        std::fs::write(&map, "330106,120.13\n").unwrap();
        let wrong = config.places().unwrap_err().to_string();
        assert!(wrong.contains("map.csv: line 1: expected code"), "{wrong}");
    }

    #[test]
    fn an_origin_is_a_site_and_a_cap_leaves_room_to_live() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("healthcode.toml");
        let resolved = |text: &str| {
            std::fs::write(&path, text).unwrap();
            resolve(&["--config", path.to_str().unwrap()])
        };
        for good in ["https://code.example/", "http://127.0.0.1:8080"] {
            let config = resolved(&format!("origin = \"{good}\"")).unwrap();
            assert_eq!(config.origin.as_deref(), Some(good.trim_end_matches('/')));
        }
        for bad in [
            "ftp://code.example",
            "code.example",
            "https://",
            "https://a/b",
        ] {
            let error = resolved(&format!("origin = \"{bad}\"")).unwrap_err();
            let error = error.to_string();
            assert!(
                error.contains("origin: ") && error.contains("expected https://"),
                "{error}"
            );
        }
        assert!(resolved("[caps]\norders_a_day = 0").is_ok());
        for name in ["household", "phones", "visits_a_day"] {
            let error = resolved(&format!("[caps]\n{name} = 0")).unwrap_err();
            let error = error.to_string();
            assert!(
                error.contains(&format!("caps: {name} = 0: at least 1; leave it out for")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_rate_is_named_and_reads() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("healthcode.toml");
        let rates = |rates: &str| {
            let text = format!("proxies = [\"10.0.0.0/8\"]\n[rates]\n{rates}\n");
            std::fs::write(&path, text).unwrap();
            resolve(&["--config", path.to_str().unwrap()]).map(|config| config.rates)
        };
        let set = rates("sign_ins = \"5 in 1h\"\nverifications = \"off\"").unwrap();
        assert_eq!(set.of(RateClass::SignIns).unwrap().to_string(), "5 in 1h");
        assert_eq!(set.of(RateClass::Verifications), None);
        let error = rates("sign_ins = \"often\"").unwrap_err().to_string();
        assert!(error.contains("sign_ins: expected a rate"), "{error}");
    }

    #[test]
    fn a_choice_that_does_not_exist_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("healthcode.toml");
        std::fs::write(&path, "keys = \"k\"\ndatabse_url = \"x\"\n").unwrap();
        let error = resolve(&["--config", path.to_str().unwrap()])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 2") && error.contains("databse_url"),
            "{error}"
        );
        assert!(error.contains("known: database_url"), "{error}");
    }
}
