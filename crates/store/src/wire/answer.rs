//! The answer to a request as JSON, to be given again when the request is repeated; and the hash
//! by which a repeated request is told from another one under the same key.

use domain::{Evidence, PersonId, PolicyRef, Status, Timestamp, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::plain::{seconds, seconds_or_absent, text, text_or_absent};
use super::{WireFact, WireFindings, to_json};
use crate::{Decided, Result, StoreError, StoredVerdict};

/// The answer to a registration.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireRegistered {
    /// Who was registered.
    #[serde(with = "text")]
    pub(crate) person: PersonId,
}

/// The answer to evidence about one person.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WireAppended {
    #[serde(with = "text")]
    person: PersonId,
    #[serde(
        with = "text_or_absent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    before: Option<Status>,
    appended: u32,
    #[serde(with = "seconds")]
    decided_at: Timestamp,
    policy: String,
    version: u32,
    #[serde(with = "text")]
    status: Status,
    #[serde(
        with = "seconds_or_absent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    since: Option<Timestamp>,
    #[serde(
        with = "seconds_or_absent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    until: Option<Timestamp>,
    #[serde(
        with = "seconds_or_absent",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    next_change: Option<Timestamp>,
    findings: WireFindings,
}

impl From<&Decided> for WireAppended {
    fn from(decided: &Decided) -> Self {
        let StoredVerdict {
            person,
            verdict,
            decided_at,
        } = &decided.now;
        Self {
            person: *person,
            before: decided.before,
            appended: decided.appended,
            decided_at: *decided_at,
            policy: verdict.policy.id.clone(),
            version: verdict.policy.version,
            status: verdict.status,
            since: verdict.since,
            until: verdict.until,
            next_change: verdict.next_change,
            findings: WireFindings::of(verdict),
        }
    }
}

impl From<WireAppended> for Decided {
    fn from(wire: WireAppended) -> Self {
        let (restrictions, advice) = wire.findings.read();
        let verdict = Verdict {
            policy: PolicyRef {
                id: wire.policy,
                version: wire.version,
            },
            status: wire.status,
            restrictions,
            advice,
            since: wire.since,
            until: wire.until,
            next_change: wire.next_change,
        };
        let now = StoredVerdict {
            person: wire.person,
            verdict,
            decided_at: wire.decided_at,
        };
        Self {
            before: wire.before,
            now,
            appended: wire.appended,
        }
    }
}

/// Hashes what a request asks for. `about` tells kinds of request apart and holds what else
/// identifies it.
///
/// What the server itself adds differs each time and is left out: identifiers, the time of
/// recording, and a time within the fact that equals it ("now"). A client may have named that very
/// second itself; so a repeat is also hashed as it would have been when the request was first
/// `recorded_at`.
pub(crate) fn content_hash(
    about: &[&[u8]],
    evidence: &[Evidence],
    person_is_new: bool,
    recorded_at: Option<Timestamp>,
) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    about.iter().for_each(|bytes| part(bytes));
    for piece in evidence {
        if !person_is_new {
            part(&piece.person.to_bytes());
        }
        part(&piece.authority.to_bytes());
        part(fact_without_now(piece, recorded_at)?.as_bytes());
    }
    Ok(hash.finalize().into())
}

fn fact_without_now(piece: &Evidence, recorded_at: Option<Timestamp>) -> Result<String> {
    let wire = serde_json::to_value(WireFact(piece.fact.clone()));
    let mut wire = wire.map_err(|error| StoreError::Database(error.to_string()))?;
    let nows = [Some(piece.recorded_at), recorded_at].map(|now| now.map(Timestamp::as_second));
    let is_now = |value: &Value| {
        value
            .as_i64()
            .is_some_and(|time| nows.contains(&Some(time)))
    };
    if let Value::Object(fields) = &mut wire {
        for (_, value) in fields.iter_mut().filter(|(_, value)| is_now(value)) {
            *value = Value::Null;
        }
    }
    to_json(&wire)
}
