//! The person whom an authority means: by the id that the system gave them, or by their document.

use std::collections::HashMap;
use std::sync::Arc;

use domain::PersonId;
use store::identities::{self, BlindIndex};
use store::{Store, verdicts};

use super::Keys;
use crate::decisions::Verdicts;
use crate::evidence::Subject;
use crate::{Result, ServiceError};

/// Finds people.
pub(crate) struct PersonFinder {
    store: Arc<Store>,
    keys: Keys,
    verdicts: Arc<Verdicts>,
}

impl PersonFinder {
    pub fn new(store: Arc<Store>, keys: Keys, verdicts: Arc<Verdicts>) -> Self {
        Self {
            store,
            keys,
            verdicts,
        }
    }

    /// The person meant.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`]; [`ServiceError::Store`].
    pub async fn find(&self, subject: &Subject) -> Result<PersonId> {
        let found = match subject {
            Subject::Person(person) => {
                let is_known = self.verdicts.is_registered(*person).await?;
                is_known.then_some(*person)
            }
            Subject::Document(_) => self.find_all(std::slice::from_ref(subject)).await?[0],
        };
        found.ok_or(ServiceError::UnknownPerson)
    }

    /// The people meant, in the same order; `None` for one who is not known.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn find_all(&self, subjects: &[Subject]) -> Result<Vec<Option<PersonId>>> {
        let mut documents = Vec::new();
        let mut people = Vec::new();
        let indexes: Vec<Option<BlindIndex>> = subjects
            .iter()
            .map(|subject| match subject {
                Subject::Document(document) => {
                    let index = self.keys.vault.document(document);
                    documents.push(index);
                    Some(index)
                }
                Subject::Person(person) => {
                    people.push(*person);
                    None
                }
            })
            .collect();
        let found = self.store.read(
            "people.find",
            (documents, people),
            |tx, (documents, people)| {
                Box::pin(async move {
                    let by_document = identities::people_by_documents(tx, documents).await?;
                    let known = verdicts::of(tx, people).await?;
                    Ok::<_, store::StoreError>((by_document, known))
                })
            },
        );
        let (by_document, known) = found.await?;
        let by_document: HashMap<BlindIndex, PersonId> = by_document.into_iter().collect();
        let person = |(subject, index): (&Subject, Option<BlindIndex>)| match (subject, index) {
            (_, Some(index)) => by_document.get(&index).copied(),
            (Subject::Person(person), None) => known.contains_key(person).then_some(*person),
            (Subject::Document(_), None) => None,
        };
        Ok(subjects.iter().zip(indexes).map(person).collect())
    }
}
