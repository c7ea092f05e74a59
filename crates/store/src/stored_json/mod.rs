//! The JSON kept inside the database: facts and findings.
//!
//! Identifiers, regions and words are text, times are Unix seconds. A fact has the one form that
//! the domain gives it; the other forms are the store's own, so that the domain may change its types
//! without changing what is on disk. A field that is absent is unknown.

mod findings;
mod plain;

pub(crate) use domain::evidence::StoredFact as WireFact;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::findings::{NO_FINDINGS, WireFindings};
use crate::{Result, StoreError};

/// Writes a form as JSON.
pub(crate) fn to_json<T: Serialize>(form: &T) -> Result<String> {
    serde_json::to_string(form)
        .map_err(|error| StoreError::Database(format!("cannot be written as JSON: {error}")))
}

/// Reads a form from JSON; the error says what is wrong, not what was there.
pub(crate) fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            format!("unexpected content at character {}", error.column())
        }
        _ => format!("no valid JSON at character {}", error.column()),
    })
}

/// A fact as it is stored: equal facts give equal texts.
pub fn fact_as_json(fact: &domain::Fact) -> String {
    // A fact holds nothing that JSON cannot say.
    serde_json::to_string(&WireFact(fact.clone())).unwrap_or_default()
}
