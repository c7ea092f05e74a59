//! The keys that the city signs with.

use std::sync::Arc;

use domain::Timestamp;
use jiff::SignedDuration;
use service::credential::{IssuerKey, ListValidity, PublicKey, TrustList, TrustedKey};
use service::{KeySource, SigningKeys};

/// Keys that are good for a year from a day before `now`, and the root that checkpoints pin.
pub(super) fn signing(now: Timestamp) -> (Arc<dyn KeySource>, PublicKey) {
    let key = |seed: u8| IssuerKey::from_seed(&[seed; 32]).unwrap();
    let (root, issuer, freshness) = (key(1), key(2), key(4));
    let a_year_later = now + SignedDuration::from_hours(24 * 365);
    let trusted = TrustedKey {
        issuer: "330100".parse().unwrap(),
        status_uri: "https://code.example/api/v1/status-lists".to_owned(),
        key: issuer.public_key().clone(),
        from: now - SignedDuration::from_hours(24),
        until: a_year_later,
    };
    let validity = ListValidity {
        issued_at: now,
        expires_at: a_year_later,
        freshness_key: freshness.public_key().clone(),
    };
    let list = TrustList::new(1, validity, vec![trusted]).unwrap();
    let (trust_list, roots) = (list.sign(&root).unwrap(), vec![root.public_key().clone()]);
    let source = move |_: Timestamp| -> service::Result<SigningKeys> {
        Ok(SigningKeys {
            issuer_key: key(2),
            freshness_key: key(4),
            trust_list: trust_list.clone(),
            roots: roots.clone(),
        })
    };
    (Arc::new(source), root.public_key().clone())
}
