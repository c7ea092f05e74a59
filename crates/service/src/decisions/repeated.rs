//! Requests that may have come before: each is carried out once, and answered as it was then.

use std::collections::{BTreeMap, BTreeSet};

use domain::PersonId;
use serde::{Deserialize, Serialize};
use store::receipts::{self, EarlierReceipt, Receipt, RequestHash};
use store::{StoreError, Transaction};

use super::append::{Appended, Registration, RequestOnce};

/// Requests that were claimed together.
pub(super) struct Claims {
    new: BTreeSet<RequestHash>,
    earlier: BTreeMap<RequestHash, EarlierReceipt>,
}

impl Claims {
    /// Claims requests, each another one, and reads what was answered to those that came before.
    pub async fn of(tx: &mut Transaction, asked: &[Receipt]) -> Result<Self, StoreError> {
        let new = receipts::claim(tx, asked).await?;
        let requests = asked.iter().map(|receipt| receipt.request);
        let repeated = requests.filter(|request| !new.contains(request));
        let earlier = receipts::find_many(tx, &repeated.collect::<Vec<_>>()).await?;
        Ok(Self { new, earlier })
    }

    /// Whether the request did not come before.
    pub fn is_new(&self, once: &RequestOnce) -> bool {
        self.new.contains(&once.request)
    }

    /// What was answered to evidence that came before.
    pub fn appended(&self, once: &RequestOnce) -> Result<Appended, StoreError> {
        let Some(earlier) = self.same(once) else {
            return Ok(Appended::KeyReused);
        };
        let AppendOutcome { changed, note } = read(&earlier.outcome)?;
        Ok(Appended::Repeated { changed, note })
    }

    /// What was answered to a registration that came before.
    pub fn registration(&self, once: &RequestOnce) -> Result<Registration, StoreError> {
        let Some(earlier) = self.same(once) else {
            return Ok(Registration::KeyReused);
        };
        let outcome: RegisterOutcome = read(&earlier.outcome)?;
        let person = outcome.person.parse();
        let person = person.map_err(|_| unreadable("no such identifier"))?;
        Ok(Registration::Repeated(person))
    }

    /// The earlier request, if it asked for the same.
    fn same(&self, once: &RequestOnce) -> Option<&EarlierReceipt> {
        let earlier = self.earlier.get(&once.request);
        earlier.filter(|earlier| earlier.content == once.content)
    }
}

/// What a receipt holds about appended evidence.
#[derive(Serialize, Deserialize)]
struct AppendOutcome {
    changed: usize,
    note: String,
}

/// What a receipt holds about a registration.
#[derive(Serialize, Deserialize)]
struct RegisterOutcome {
    person: String,
}

/// The receipt of appended evidence, with the note that is given again.
pub(super) fn of_evidence(changed: usize, note: &str) -> Result<String, StoreError> {
    let note = note.to_owned();
    json(&AppendOutcome { changed, note })
}

/// The receipt of a registration.
pub(super) fn of_registration(person: PersonId) -> Result<String, StoreError> {
    let person = person.to_string();
    json(&RegisterOutcome { person })
}

fn json<T: Serialize>(outcome: &T) -> Result<String, StoreError> {
    serde_json::to_string(outcome)
        .map_err(|error| StoreError::Database(format!("cannot be written as JSON: {error}")))
}

fn read<'a, T: Deserialize<'a>>(outcome: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(outcome).map_err(|error| unreadable(&error.to_string()))
}

pub(super) fn unreadable(why: &str) -> StoreError {
    StoreError::Corrupt {
        table: "receipt",
        row: "(unnamed)".to_owned(),
        why: why.to_owned(),
    }
}
