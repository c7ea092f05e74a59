//! Whom this server trusts.

use std::sync::RwLock;

use credential::{IssuerKey, PublicKey, StatusLists, TrustList, TrustedKey};
use domain::Region;

use crate::{Result, ServiceError};

/// The issuer's key, and the keys that are believed.
pub(crate) struct Trust {
    issuer_key: IssuerKey,
    /// What the trust list says about the issuer's key.
    pub(super) own: TrustedKey,
    pub(super) list: TrustList,
    pub(super) signed: Vec<u8>,
    /// Status lists of other issuers.
    pub(super) others: RwLock<StatusLists>,
}

impl Trust {
    /// Opens the trust list and finds the issuer's key in it.
    pub fn new(
        issuer_key: IssuerKey,
        signed: Vec<u8>,
        roots: &[PublicKey],
        issuer: Region,
    ) -> Result<Self> {
        let list = TrustList::open(&signed, roots, None);
        let list = list.map_err(|error| ServiceError::Signing(error.to_string()))?;
        let own = list.key(issuer_key.id()).filter(|own| own.issuer == issuer);
        let Some(own) = own.cloned() else {
            let why = format!(
                "the trust list does not hold the issuer key {} for {issuer}; add it and sign the \
                 list again",
                issuer_key.id()
            );
            return Err(ServiceError::Signing(why));
        };
        Ok(Self {
            issuer_key,
            own,
            list,
            signed,
            others: RwLock::default(),
        })
    }

    pub const fn issuer_key(&self) -> &IssuerKey {
        &self.issuer_key
    }

    /// The address of one of the issuer's status lists, as it is signed into it.
    pub fn list_uri(&self, number: u32) -> String {
        self.own.list_uri(number)
    }
}
