//! The keys that servers sign with, as an operator changes them.

use std::sync::{Arc, Mutex};

use credential::{IssuerKey, ListValidity, TrustList, TrustedKey};
use domain::Timestamp;
use service::{ServiceError, SigningKeys};

use crate::city::{MORNING, at, hangzhou, hours};

/// The folder of an installation's keys: what servers read, and what an operator puts there.
#[derive(Clone)]
pub struct KeyFolder(pub Arc<Mutex<Content>>);

/// What lies in it.
pub struct Content {
    pub sequence: u64,
    pub issuer: u8,
    pub freshness: u8,
    pub trusted: Vec<TrustedKey>,
    pub expires_at: Timestamp,
}

pub fn root() -> IssuerKey {
    key(1)
}

pub fn key(seed: u8) -> IssuerKey {
    IssuerKey::from_seed(&[seed; 32]).unwrap()
}

fn trusted(seed: u8, issuer: &str) -> TrustedKey {
    TrustedKey {
        issuer: issuer.parse().unwrap(),
        status_uri: format!("https://{issuer}.example/status"),
        key: key(seed).public_key().clone(),
        from: at("2020-01-01T00:00:00Z"),
        until: at("2021-01-01T00:00:00Z"),
    }
}

/// Key 2 signs; key 5 is Shanghai's.
pub const FIRST: u8 = 2;
pub const SECOND: u8 = 3;
pub const SHANGHAI: u8 = 5;

impl Content {
    pub fn first() -> Self {
        let own = TrustedKey {
            status_uri: "https://health.example/status".to_owned(),
            issuer: hangzhou(),
            ..trusted(FIRST, "330100")
        };
        Self {
            sequence: 1,
            issuer: FIRST,
            freshness: 4,
            trusted: vec![own, trusted(SHANGHAI, "310000")],
            expires_at: at(MORNING) + hours(180 * 24),
        }
    }
}

impl KeyFolder {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Content::first())))
    }

    /// What a server reads.
    pub fn load(&self, _: Timestamp) -> Result<SigningKeys, ServiceError> {
        let content = self.0.lock().unwrap();
        let validity = ListValidity {
            issued_at: at(MORNING),
            expires_at: content.expires_at,
            freshness_key: key(content.freshness).public_key().clone(),
        };
        let list = TrustList::new(content.sequence, validity, content.trusted.clone()).unwrap();
        Ok(SigningKeys {
            issuer_key: key(content.issuer),
            freshness_key: key(content.freshness),
            trust_list: list.sign(&root()).unwrap(),
            roots: vec![root().public_key().clone()],
        })
    }

    pub fn change(&self, change: impl FnOnce(&mut Content)) {
        let mut content = self.0.lock().unwrap();
        content.sequence += 1;
        change(&mut content);
    }

    /// Another key signs at once.
    pub fn rotate_now(&self, are_compromised: bool) {
        self.change(|content| {
            let mut own = content.trusted[0].clone();
            own.key = key(SECOND).public_key().clone();
            if are_compromised {
                content.trusted.remove(0);
            }
            content.trusted.push(own);
            content.issuer = SECOND;
            content.freshness = 6;
        });
    }
}
