//! The person whom an authority means: by the id that the system gave them, or by their document.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::{Evidence, EvidenceId, IdSource, PersonId, Timestamp};
use store::identities::{self, BlindIndex};
use store::{Store, StoreError, people, verdicts};

use super::{Keys, documents};
use crate::access::{Access, Action, Staff};
use crate::accounts::repeated_id;
use crate::decisions::Verdicts;
use crate::evidence::Subject;
use crate::publishing::PublishedPolicies;
use crate::{Result, ServiceError, Settings};

/// Finds people.
pub(crate) struct PersonFinder {
    pub(crate) store: Arc<Store>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
}

impl PersonFinder {
    /// The person meant, if something is known of them.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`]; [`ServiceError::Store`].
    pub async fn find(&self, subject: &Subject) -> Result<PersonId> {
        let found = self.read(std::slice::from_ref(subject)).await?.pop();
        found.flatten().ok_or(ServiceError::UnknownPerson)
    }

    /// The people meant, in the same order, and nothing is made: `None` for an identifier that is nobody's,
    /// and for a document that nobody named before.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn known(&self, subjects: &[Subject]) -> Result<Vec<Option<PersonId>>> {
        self.read(subjects).await
    }

    /// The people meant, in the same order; `None` for an identifier that is nobody's. A document that
    /// nobody named before gets its person now.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    pub async fn find_all(&self, subjects: &[Subject]) -> Result<Vec<Option<PersonId>>> {
        let mut found = self.read(subjects).await?;
        let places = subjects.iter().zip(&found).enumerate();
        let missing = places.filter_map(|(place, pair)| match pair {
            (Subject::Document(document), None) => {
                Some((place, self.keys.vault.document(document)))
            }
            _ => None,
        });
        let missing: Vec<(usize, BlindIndex)> = missing.collect();
        if missing.is_empty() {
            return Ok(found);
        }
        // A document may be named twice.
        let proposed: BTreeMap<BlindIndex, PersonId> = missing
            .iter()
            .map(|(_, document)| (*document, PersonId::generate(&*self.ids)))
            .collect();
        let context = self.policies.context()?;
        let generation = context.generation;
        let proposed: Vec<(BlindIndex, PersonId)> = proposed.into_iter().collect();
        let make = self.store.transaction(
            "documents.make",
            (context, proposed),
            |tx, (context, proposed)| Box::pin(documents::make(tx, context, proposed)),
        );
        let made = make.await?;
        self.verdicts.take_in(&made.decisions, generation).await?;
        let mut lost = Vec::new();
        for (place, document) in missing {
            found[place] = made.people.get(&document).copied();
            if found[place].is_none() {
                lost.push(place);
            }
        }
        if lost.is_empty() {
            return Ok(found);
        }
        // Somebody else was quicker.
        let theirs: Vec<Subject> = lost.iter().map(|place| subjects[*place].clone()).collect();
        for (place, person) in lost.into_iter().zip(self.read(&theirs).await?) {
            found[place] = person;
        }
        Ok(found)
    }

    /// Those of these people who were proven to be somebody else, each with whom.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn moved(&self, people: &[PersonId]) -> Result<BTreeMap<PersonId, PersonId>> {
        let read = self
            .store
            .read("people.moved", people.to_vec(), |tx, people| {
                Box::pin(people::moved(tx, people))
            });
        Ok(read.await?)
    }

    /// Whether a staff member may do `action` to these people now.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] if one of them is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    pub async fn check(
        &self,
        by: &Staff,
        action: Action,
        people: &[PersonId],
        now: Timestamp,
    ) -> Result<()> {
        by.may(action)?;
        let (asker, regions) = (by.authority().id, &by.member().regions);
        let whereabouts = self.whereabouts(people, asker, regions).await?;
        for person in people {
            by.check(action, &whereabouts.of(*person), now)
                .map_err(|error| error.if_not_theirs(ServiceError::UnknownPerson))?;
        }
        Ok(())
    }

    /// A record that an authority names by the identifier that it was given, wherever it is kept:
    /// under the person meant, also where it was repeated there, and under whom it was said of before
    /// the person was proven or the document had a person.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn records(
        &self,
        subject: &Subject,
        person: PersonId,
        evidence: EvidenceId,
    ) -> Result<Vec<Evidence>> {
        let (named, document) = match subject {
            Subject::Person(named) => (Some(*named), None),
            Subject::Document(document) => (None, Some(self.keys.vault.document(document))),
        };
        let read = self.store.read(
            "evidence.find",
            (named, document, person, evidence),
            |tx, (named, document, person, evidence)| {
                Box::pin(async move {
                    let before = match document {
                        Some(document) => {
                            let before = identities::people_before(tx, &[*document]).await?;
                            before.first().map(|(_, before)| *before)
                        }
                        None => named.filter(|named| named != person),
                    };
                    let repeated = repeated_id(*evidence, *person);
                    let places = [
                        Some((*person, *evidence)),
                        Some((*person, repeated)),
                        before.map(|before| (before, *evidence)),
                    ];
                    let mut found = Vec::new();
                    for (person, id) in places.into_iter().flatten() {
                        found.extend(store::evidence::find(tx, person, id).await?);
                    }
                    Ok::<_, StoreError>(found)
                })
            },
        );
        Ok(read.await?)
    }

    async fn read(&self, subjects: &[Subject]) -> Result<Vec<Option<PersonId>>> {
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
                    let moved = people::moved(tx, people).await?;
                    Ok::<_, StoreError>((by_document, known, moved))
                })
            },
        );
        let (by_document, known, moved) = found.await?;
        let by_document: HashMap<BlindIndex, PersonId> = by_document.into_iter().collect();
        let person = |(subject, index): (&Subject, Option<BlindIndex>)| match (subject, index) {
            (_, Some(index)) => by_document.get(&index).copied(),
            // Who was proven to be a document's person is that person, under whichever identifier.
            (Subject::Person(person), None) => match moved.get(person) {
                Some(person) => Some(*person),
                None => known.contains_key(person).then_some(*person),
            },
            (Subject::Document(_), None) => None,
        };
        Ok(subjects.iter().zip(indexes).map(person).collect())
    }
}
