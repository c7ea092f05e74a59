//! A certificate and the key that belongs to it, as they lie in two files.

use std::fmt;

use domain::{Timestamp, from_unix_seconds};
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use x509_cert::der::Decode as _;

/// What a server shows, and from when until when it holds.
pub(super) struct Pair {
    pub(super) key: CertifiedKey,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

/// What is wrong with the files.
pub(super) enum PairFault {
    NoCertificate,
    Unreadable(String),
    NoKey,
    OtherKind(String),
    DoesNotFit,
}

impl PairFault {
    /// Whether the key is at fault, and not the certificate.
    pub(super) const fn is_in_key(&self) -> bool {
        matches!(self, Self::NoKey | Self::OtherKind(_) | Self::DoesNotFit)
    }
}

impl fmt::Display for PairFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate => formatter.write_str(
                "there is no certificate in PEM in it; name the file with the server's own certificate \
                 and those that lead to a root (certbot: fullchain.pem)",
            ),
            Self::Unreadable(why) => write!(
                formatter,
                "its first certificate cannot be read: {why}; have it issued anew"
            ),
            Self::NoKey => formatter.write_str(
                "there is no private key in PEM in it that opens without a passphrase; name the one that \
                 belongs to the certificate (certbot: privkey.pem)",
            ),
            Self::OtherKind(why) => write!(
                formatter,
                "the key is of a kind that is not served ({why}); have one issued for ECDSA P-256 or RSA"
            ),
            Self::DoesNotFit => formatter.write_str(
                "the key does not belong to the first certificate; name the two files that were issued \
                 together, the server's own certificate first in its file",
            ),
        }
    }
}

impl Pair {
    /// Reads both.
    ///
    /// # Errors
    /// [`PairFault`].
    pub(super) fn read(certificate: &[u8], key: &[u8]) -> Result<Self, PairFault> {
        let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|_| PairFault::NoCertificate)?;
        let own = chain.first().ok_or(PairFault::NoCertificate)?;
        let (from, until) = holds(own)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| PairFault::NoKey)?;
        let kinds = aws_lc_rs::default_provider().key_provider;
        let key = kinds.load_private_key(key);
        let key = key.map_err(|error| PairFault::OtherKind(error.to_string()))?;
        let key = CertifiedKey::new(chain, key);
        match key.keys_match() {
            Ok(()) => {}
            Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                return Err(PairFault::DoesNotFit);
            }
            Err(error) => return Err(PairFault::Unreadable(error.to_string())),
        }
        Ok(Self { key, from, until })
    }

    /// Whether the certificate is for the host of `origin`, if one is given.
    ///
    /// # Errors
    /// What to do, if it is not.
    pub(super) fn is_for(&self, origin: Option<&str>) -> Result<(), String> {
        let Some(host) = origin.and_then(host) else {
            return Ok(());
        };
        let own = self.key.end_entity_cert();
        let own = own.and_then(ParsedCertificate::try_from);
        let name = ServerName::try_from(host);
        match (own, name) {
            (Ok(own), Ok(name)) if verify_server_name(&own, &name).is_ok() => Ok(()),
            _ => Err(format!(
                "the certificate is not for {host}, the name in `origin`, so that browsers refuse it; have \
                 one issued for that name"
            )),
        }
    }
}

/// From when until when a certificate holds.
fn holds(certificate: &CertificateDer<'_>) -> Result<(Timestamp, Timestamp), PairFault> {
    let unreadable = |why: String| PairFault::Unreadable(why);
    let read = x509_cert::Certificate::from_der(certificate);
    let read = read.map_err(|error| unreadable(error.to_string()))?;
    let timestamp = |time: x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        from_unix_seconds(seconds).map_err(|what| unreadable(format!("its time {what}")))
    };
    let validity = read.tbs_certificate.validity;
    Ok((
        timestamp(validity.not_before)?,
        timestamp(validity.not_after)?,
    ))
}

/// The host of an address of a site.
fn host(origin: &str) -> Option<&str> {
    let (_, authority) = origin.split_once("://")?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    host.filter(|host| !host.is_empty())
}
