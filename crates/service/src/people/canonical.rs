//! What a request asks for, in one form: the same when it is repeated, another for another request.

use domain::Fact;
use sha2::{Digest, Sha256};

use super::{Declaration, DeclaredStay};

/// Hashes the parts of a request in order, each with its length.
pub(crate) struct Canonical(Sha256);

impl Canonical {
    /// Begins with what is to be done.
    pub fn new(what: &str) -> Self {
        Self(Sha256::new()).text(what)
    }

    /// Adds bytes.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a text.
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// Adds values whose order means nothing, and how many they are.
    pub fn all<const N: usize>(self, values: impl Iterator<Item = [u8; N]>) -> Self {
        let mut values: Vec<[u8; N]> = values.collect();
        values.sort_unstable();
        let counted = self.bytes(&(values.len() as u64).to_be_bytes());
        values
            .iter()
            .fold(counted, |canonical, value| canonical.bytes(value))
    }

    /// Adds a declaration, which is made now.
    pub fn declaration(self, declaration: Option<&Declaration>) -> Self {
        match declaration {
            None => self.text("no declaration"),
            Some(Declaration {
                symptoms,
                temperature,
                contact,
            }) => {
                let symptoms: Vec<&str> = symptoms.iter().map(|one| one.as_str()).collect();
                let temperature = temperature.map(|degrees| degrees.to_string());
                self.text(&symptoms.join(";"))
                    .text(temperature.as_deref().unwrap_or("none"))
                    .text(contact.as_str())
            }
        }
    }

    /// Adds stays, in order.
    pub fn stays(self, stays: &[DeclaredStay]) -> Self {
        let counted = self.bytes(&(stays.len() as u64).to_be_bytes());
        stays.iter().fold(counted, |canonical, stay| {
            let left = stay.left.map(|left| left.as_second());
            canonical
                .text(&stay.region.to_string())
                .bytes(&stay.arrived.as_second().to_be_bytes())
                .bytes(&left.unwrap_or(i64::MIN).to_be_bytes())
                .text(stay.mode.as_str())
        })
    }

    /// Adds a fact in its serialised form.
    pub fn fact(self, fact: &Fact) -> Self {
        self.text(&store::fact_as_json(fact))
    }

    /// The SHA-256 of all of it.
    pub fn hash(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
