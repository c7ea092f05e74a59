//! `[tls]` of the configuration: the certificate with which the server speaks TLS by itself.
//!
//! A certificate is renewed by writing its two files anew. A running server looks at them every
//! [`LOOKS_EVERY`], and at once on SIGHUP: new connections get the new certificate. What cannot be used
//! is named in the log, and the certificate in use stays.

mod pair;
mod redirect;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use domain::{Clock, SystemClock, Timestamp};
use jiff::SignedDuration;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde::Deserialize;
use tracing::{info, warn};

use crate::outcome::{with_causes, wrong_use};

use self::pair::Pair;

/// How often the files are looked at.
const LOOKS_EVERY: Duration = Duration::from_secs(10);
/// A certificate that ends sooner should have been renewed.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How often the log says so.
const SAID_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Where the certificate and its key lie.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The server's own certificate, then what leads from it to a root, in PEM.
    certificate: PathBuf,
    /// The key of the first of them, in PEM.
    key: PathBuf,
    /// Where people who ask without TLS are sent on to the origin.
    #[serde(default, deserialize_with = "crate::config::listen")]
    redirect: Option<SocketAddr>,
}

/// The bytes of both files.
#[derive(Clone, PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// A certificate in use, which may change while the server runs.
pub struct Tls {
    config: TlsConfig,
    served: Arc<Served>,
    /// What was looked at last, whether or not it could be used; `None` if it could not be read.
    seen: Option<Files>,
    until: Timestamp,
    said_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Served {
    key: RwLock<Arc<CertifiedKey>>,
    /// When it ends, in Unix seconds.
    until: Arc<AtomicI64>,
}

impl Served {
    fn new(pair: Pair) -> Self {
        Self {
            key: RwLock::new(Arc::new(pair.key)),
            until: Arc::new(AtomicI64::new(pair.until.as_second())),
        }
    }

    fn replace(&self, pair: Pair) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair.key);
        self.until.store(pair.until.as_second(), Ordering::Relaxed);
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&key))
    }
}

impl TlsConfig {
    /// Reads certificate and key, to be served. An end that is over or near is said in the log, and so is
    /// a certificate that is not for `origin`: clients refuse it, and it can be renewed meanwhile.
    ///
    /// # Errors
    /// What is wrong with the files, and what to do.
    pub fn open(&self, origin: Option<&str>) -> Result<Tls> {
        let files = self.read()?;
        let pair = self.pair(&files)?;
        let now = SystemClock.now();
        if let Err(fault) = pair.is_for(origin) {
            warn!("{}: {fault}", self.certificate.display());
        }
        let mut tls = Tls {
            config: self.clone(),
            until: pair.until,
            served: Arc::new(Served::new(pair)),
            seen: Some(files),
            said_at: None,
        };
        tls.say_if_it_ends(now);
        Ok(tls)
    }

    /// What `doctor` says of it.
    ///
    /// # Errors
    /// What is wrong with it, an end within two weeks too, and what to do.
    pub fn examine(&self, origin: Option<&str>, now: Timestamp) -> Result<String> {
        self.sent_on(origin)?;
        let pair = self.pair(&self.read()?)?;
        let name = self.certificate.display();
        pair.is_for(origin)
            .map_err(|why| anyhow!("{name}: {why}"))?;
        anyhow::ensure!(
            pair.from <= now,
            "{name}: the certificate begins at {} only; look at the clock, or renew it",
            pair.from
        );
        let left = pair.until.duration_since(now);
        anyhow::ensure!(left > ENDS_SOON, "{name}: {}", ends(pair.until, now));
        Ok(format!("{name} ends at {}", pair.until))
    }

    fn read(&self) -> Result<Files> {
        Ok(Files {
            certificate: read(&self.certificate, "certificate")?,
            key: read(&self.key, "key")?,
        })
    }

    fn pair(&self, files: &Files) -> Result<Pair> {
        Pair::read(&files.certificate, &files.key).map_err(|fault| {
            let (name, file) = match fault.is_in_key() {
                true => ("key", &self.key),
                false => ("certificate", &self.certificate),
            };
            wrong_use(format!(
                "tls: {name} = {:?}: {fault}",
                file.display().to_string()
            ))
        })
    }
}

impl Tls {
    /// What the listener needs.
    ///
    /// # Errors
    /// If the operating system gives no randomness.
    pub fn to_web(&self) -> Result<web::Tls> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions()?;
        let mut config = config
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Served>::clone(&self.served));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Phones come back every quarter of an hour: with a ticket that costs them one trip less.
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(web::Tls {
            config: Arc::new(config),
            until: Arc::clone(&self.served.until),
        })
    }

    /// Looks at the files every ten seconds and whenever SIGHUP says so, as long as the process lives.
    ///
    /// # Errors
    /// If the operating system refuses the signal.
    pub fn follow(mut self) -> Result<()> {
        let mut asked = hangups()?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = tokio::time::sleep(LOOKS_EVERY) => {}
                    () = asked.next() => {}
                }
                let looked = tokio::task::spawn_blocking(move || {
                    self.look(SystemClock.now());
                    self
                });
                match looked.await {
                    Ok(tls) => self = tls,
                    Err(error) => {
                        warn!(%error, "the certificate is not followed any more; the one in use stays");
                        return;
                    }
                }
            }
        });
        Ok(())
    }

    /// Takes what lies in the files if it is new and can be used.
    fn look(&mut self, now: Timestamp) {
        match self.config.read() {
            Ok(files) if self.seen.as_ref() != Some(&files) => {
                match self.config.pair(&files) {
                    Ok(pair) => {
                        self.until = pair.until;
                        self.said_at = None;
                        self.served.replace(pair);
                        info!(until = %self.until, "serving a renewed certificate");
                    }
                    Err(error) => self.keep(&error),
                }
                self.seen = Some(files);
            }
            Ok(_) => {}
            Err(error) => {
                if self.seen.take().is_some() {
                    self.keep(&error);
                }
            }
        }
        self.say_if_it_ends(now);
    }

    fn keep(&self, error: &anyhow::Error) {
        let error = with_causes(error);
        warn!(%error, until = %self.until, "the certificate in use stays");
    }

    fn say_if_it_ends(&mut self, now: Timestamp) {
        let is_said = |at: Timestamp| now.duration_since(at) < SAID_EVERY;
        if self.until.duration_since(now) > ENDS_SOON || self.said_at.is_some_and(is_said) {
            return;
        }
        self.said_at = Some(now);
        let name = self.config.certificate.display();
        warn!("{name}: {}", ends(self.until, now));
    }
}

fn ends(until: Timestamp, now: Timestamp) -> String {
    let word = match until <= now {
        true => "ended, and no browser takes it any more: the certificate was good until",
        false => "the certificate ends at",
    };
    format!("{word} {until}; renew it and write both files anew, no restart is needed")
}

/// No chain of certificates is larger.
const LARGEST: u64 = 1 << 20;

fn read(path: &Path, name: &str) -> Result<Vec<u8>> {
    let place = || format!("tls: {name} = {:?}", path.display().to_string());
    if name == "key" {
        refuse_readable(path).with_context(place)?;
    }
    // A pipe would be waited for without an end. What is not there is named when it is read.
    if std::fs::metadata(path).is_ok_and(|about| !about.is_file() || about.len() > LARGEST) {
        let place = place();
        return Err(wrong_use(format!(
            "{place}: this is no regular file of at most 1 MB; name the file itself"
        )));
    }
    std::fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => wrong_use(format!(
            "{}: there is no such file; name the one that whoever issues your certificates writes, or \
             leave [tls] out and put a proxy in front",
            place()
        )),
        ErrorKind::PermissionDenied => wrong_use(format!(
            "{}: this user may not read it; give it, and the folders that lead to it, to the user of the \
             server",
            place()
        )),
        _ => anyhow!(error).context(place()),
    })
}

/// A key that everybody on the machine may read is no secret.
#[cfg(unix)]
fn refuse_readable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    // What cannot be looked at is named when it is read.
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(());
    };
    if metadata.permissions().mode() & 0o007 == 0 {
        return Ok(());
    }
    Err(wrong_use(
        "others on this machine may read it; `chmod o= FILE`, and have it issued anew if others use the \
         machine",
    ))
}

#[cfg(not(unix))]
fn refuse_readable(_: &Path) -> Result<()> {
    Ok(())
}

/// SIGHUP, each time.
#[cfg(unix)]
struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
fn hangups() -> Result<Hangups> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Hangups(signal(SignalKind::hangup())?))
}

#[cfg(unix)]
impl Hangups {
    async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// There is no such signal on this system.
#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
fn hangups() -> Result<Hangups> {
    Ok(Hangups)
}

#[cfg(not(unix))]
impl Hangups {
    async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two files in a folder of their own, and what is served from them.
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn config(&self) -> TlsConfig {
            TlsConfig {
                certificate: self.0.path().join("fullchain.pem"),
                key: self.0.path().join("privkey.pem"),
                redirect: None,
            }
        }

        fn write(&self, certificate: &str, key: &str) {
            let config = self.config();
            std::fs::write(&config.certificate, certificate).unwrap();
            std::fs::write(&config.key, key).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let mine = std::fs::Permissions::from_mode(0o640);
                std::fs::set_permissions(&config.key, mine).unwrap();
            }
        }

        fn refused(&self) -> String {
            let refused = self.config().open(None).err().unwrap();
            with_causes(&refused)
        }
    }

    fn made(until: i32) -> (String, String) {
        let mut wanted = rcgen::CertificateParams::new(["codes.example".to_owned()]).unwrap();
        wanted.not_before = rcgen::date_time_ymd(2026, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = wanted.self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_cannot_be_served_is_named_with_the_remedy() {
        let folder = Folder::new();
        let refused = folder.refused();
        assert!(refused.contains("tls: certificate = "), "{refused}");
        assert!(refused.contains("there is no such file"), "{refused}");
        let (certificate, key) = made(2050);
        let (_, other) = made(2050);
        for (certificate, key, name, remedy) in [
            (&*certificate, &*other, "key", "issued together"),
            ("", &*key, "certificate", "no certificate in PEM"),
            (&*key, &*key, "certificate", "no certificate in PEM"),
            (&*certificate, "", "key", "no private key in PEM"),
            (&*certificate, &*certificate, "key", "no private key in PEM"),
        ] {
            folder.write(certificate, key);
            let refused = folder.refused();
            assert!(refused.contains(&format!("tls: {name} = ")), "{refused}");
            assert!(refused.contains(remedy), "{refused}");
        }
        folder.write(&certificate, &key);
        folder.config().open(None).unwrap();
        let device = TlsConfig {
            certificate: "/dev/zero".into(),
            ..folder.config()
        };
        let refused = device.open(None).err().unwrap();
        assert!(with_causes(&refused).contains("no regular file") || cfg!(windows));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new();
        let (certificate, key) = made(2050);
        folder.write(&certificate, &key);
        let readable = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&folder.config().key, readable).unwrap();
        let refused = folder.refused();
        assert!(refused.contains("chmod o="), "{refused}");
    }

    #[test]
    fn doctor_says_two_weeks_ahead_that_a_certificate_ends() {
        let folder = Folder::new();
        let (certificate, key) = made(2027);
        folder.write(&certificate, &key);
        let examined = |at: Timestamp| folder.config().examine(None, at);
        let good = examined(at("2026-12-17T00:00:00Z")).unwrap();
        assert!(good.contains("2027-01-01T00:00:00Z"), "{good}");
        let soon = examined(at("2026-12-18T00:00:00Z"))
            .unwrap_err()
            .to_string();
        assert!(soon.contains("ends at 2027-01-01"), "{soon}");
        let over = examined(at("2027-01-01T00:00:00Z"))
            .unwrap_err()
            .to_string();
        assert!(over.contains("no browser takes it any more"), "{over}");
        let early = examined(at("2025-12-31T00:00:00Z"))
            .unwrap_err()
            .to_string();
        assert!(early.contains("begins at 2026-01-01"), "{early}");
    }

    #[test]
    fn doctor_says_that_a_certificate_is_for_another_name() {
        let folder = Folder::new();
        let (certificate, key) = made(2050);
        folder.write(&certificate, &key);
        let now = at("2026-06-01T00:00:00Z");
        let examined = |origin: &str| folder.config().examine(Some(origin), now);
        examined("https://codes.example").unwrap();
        examined("https://codes.example:8443").unwrap();
        let other = examined("https://evil.example").unwrap_err().to_string();
        assert!(other.contains("not for evil.example"), "{other}");
    }

    #[test]
    fn a_renewed_certificate_is_served_once_both_files_are_written() {
        let folder = Folder::new();
        let ((first, first_key), (second, second_key)) = (made(2050), made(2051));
        folder.write(&first, &first_key);
        let mut tls = folder.config().open(None).unwrap();
        let now = at("2026-06-01T00:00:00Z");
        let until = |tls: &Tls| tls.until.to_string();
        // Between one file and the other.
        folder.write(&second, &first_key);
        tls.look(now);
        assert_eq!(until(&tls), "2050-01-01T00:00:00Z");
        folder.write(&second, &second_key);
        tls.look(now);
        assert_eq!(until(&tls), "2051-01-01T00:00:00Z");
        let served = Arc::clone(&tls.served.key.read().unwrap());
        let pem = rustls::pki_types::pem::PemObject::from_pem_slice(second.as_bytes());
        let expected: rustls::pki_types::CertificateDer<'_> = pem.unwrap();
        assert_eq!(served.cert[0], expected);
        std::fs::remove_file(folder.config().key).unwrap();
        tls.look(now);
        assert_eq!(until(&tls), "2051-01-01T00:00:00Z");
    }
}
