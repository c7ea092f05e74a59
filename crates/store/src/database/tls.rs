//! The address of a PostgreSQL server, and how the connection to it is encrypted.
//!
//! As with `libpq`, `sslmode` is `disable`, `prefer` (the default), `require` or `verify-full`. With
//! `sslrootcert=FILE` the server's certificate must be signed by one in that file, whatever the
//! mode but `disable` says; without it a connection is encrypted but the server is not known.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Result, StoreError};

/// Where a server is and how to speak to it.
pub(super) struct Address {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads a `postgres://` address.
    pub(super) fn read(url: &str) -> Result<Self> {
        let (url, root) = take_parameter(url, "sslrootcert");
        let (url, mode) = take_parameter(&url, "sslmode");
        let mode = mode.as_deref().unwrap_or("prefer");
        let mut config: tokio_postgres::Config = url.parse().map_err(|_| StoreError::BadAddress)?;
        config.ssl_mode(match (mode, &root) {
            ("disable", _) => tokio_postgres::config::SslMode::Disable,
            ("prefer", None) => tokio_postgres::config::SslMode::Prefer,
            ("require", _) | ("prefer" | "verify-ca" | "verify-full", Some(_)) => {
                tokio_postgres::config::SslMode::Require
            }
            ("verify-ca" | "verify-full", None) => {
                return Err(StoreError::Unreachable(format!(
                    "sslmode={mode} needs sslrootcert=FILE with the certificate that signed the \
                     server's"
                )));
            }
            _ => return Err(StoreError::BadAddress),
        });
        if config.get_application_name().is_none() {
            config.application_name("healthcode");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(super::postgres::PATIENCE);
        }
        // Of several hosts the one that takes writes.
        if config.get_hosts().len() > 1 {
            config.target_session_attrs(tokio_postgres::config::TargetSessionAttrs::ReadWrite);
        }
        let tls = connector(root.as_deref())?;
        Ok(Self { config, tls })
    }
}

/// Takes a parameter out of the address that the driver does not know.
fn take_parameter(url: &str, name: &str) -> (String, Option<String>) {
    let Some((place, query)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let mut found = None;
    let others: Vec<&str> = query
        .split('&')
        .filter(|parameter| match parameter.split_once('=') {
            Some((key, value)) if key == name => {
                found = Some(value.replace("%2F", "/").replace("%20", " "));
                false
            }
            _ => true,
        })
        .collect();
    match others.is_empty() {
        true => (place.to_owned(), found),
        false => (format!("{place}?{}", others.join("&")), found),
    }
}

fn connector(root: Option<&str>) -> Result<MakeRustlsConnect> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Database(error.to_string()))?;
    let config = match root {
        Some(root) => builder.with_root_certificates(roots(Path::new(root))?),
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyServer(provider))),
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn roots(path: &Path) -> Result<RootCertStore> {
    let unreadable = |error: String| {
        StoreError::Unreachable(format!("{}: {error}; name a PEM file", path.display()))
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path);
    for certificate in certificates.map_err(|error| unreadable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        let added = roots.add(certificate);
        added.map_err(|error| unreadable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unreadable("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

/// Encrypts to whatever server answers, as `sslmode=require` of libpq does without a root
/// certificate: it protects from who listens, not from who answers in the server's place.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_refused_only_if_it_says_nothing() {
        for good in [
            "postgres://a@127.0.0.1:5432/b",
            "postgres://a:b@one:5432,two:5432/c?sslmode=disable",
            "postgresql://a@h/b?sslmode=require&options=-csearch_path%3Dx",
        ] {
            assert!(Address::read(good).is_ok(), "{good}");
        }
        let unverified = Address::read("postgres://a@h/b?sslmode=verify-full").err();
        assert!(unverified.unwrap().to_string().contains("sslrootcert=FILE"));
        for bad in ["postgres://a@h/b?sslmode=perhaps", "postgres://a@h:port/b"] {
            assert_eq!(
                Address::read(bad).err(),
                Some(StoreError::BadAddress),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_parameter_is_taken_out_wherever_it_stands() {
        let (url, mode) = take_parameter("postgres://h/b?sslmode=require&options=x", "sslmode");
        assert_eq!(
            (url.as_str(), mode.as_deref()),
            ("postgres://h/b?options=x", Some("require"))
        );
        let (url, mode) = take_parameter("postgres://h/b?sslmode=require", "sslmode");
        assert_eq!(
            (url.as_str(), mode.as_deref()),
            ("postgres://h/b", Some("require"))
        );
    }
}
