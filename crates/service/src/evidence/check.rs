//! What would be refused of a submission, without taking any of it in.

use domain::{Evidence, Fact, FactKind, PersonId, Timestamp};

use super::admitting::taken_back;
use super::submit::refusal;
use super::{Item, Refused, Subject, Submissions, plausible};
use crate::access::{Action, Submitter};
use crate::people::keys::fact_id;
use crate::{Result, ServiceError};

impl Submissions {
    /// What would be refused of these items, as far as that is known before they are taken in: kinds that
    /// the authority may not submit, what cannot be, identifiers that are nobody's, people of other
    /// regions, what was said before and taken back. Nobody is made of a document that nobody named before, and nothing is written.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::TooMany`]; [`ServiceError::NoPolicy`];
    /// [`ServiceError::Store`].
    pub async fn check(&self, by: &Submitter, items: &[Item]) -> Result<Vec<Refused>> {
        by.may(Action::SubmitEvidence)?;
        self.settings.check_count("items", items.len())?;
        let subjects: Vec<Subject> = items.iter().map(|item| item.subject.clone()).collect();
        let known = self.people.known(&subjects).await?;
        let whereabouts = match by.regions() {
            Some(regions) => {
                let people: Vec<PersonId> = known.iter().flatten().copied().collect();
                let asker = by.authority().id;
                self.people.whereabouts(&people, asker, regions).await?
            }
            None => crate::people::Whereabouts::default(),
        };
        let now = self.clock.now();
        let authority = by.authority().id;
        let mut refused = Vec::new();
        let mut said = Vec::new();
        for (index, (item, person)) in items.iter().zip(known).enumerate() {
            let checked = || {
                if let Some(fact) = item.said.fact() {
                    self.check_fact(by, fact, now)?;
                }
                match (&item.subject, person) {
                    (_, Some(person)) => by.check_region(None, &whereabouts.of(person)),
                    (Subject::Person(_), None) => Err(ServiceError::UnknownPerson),
                    (Subject::Document(_), None) => Ok(()),
                }
            };
            if let Err(error) = checked() {
                if error.is_ours() {
                    return Err(error);
                }
                refused.push(refusal(index, error));
            } else if let (Some(person), Some(fact)) = (person, item.said.fact()) {
                let piece = Evidence {
                    id: fact_id(authority, person, fact),
                    person,
                    authority,
                    recorded_at: now,
                    fact: fact.clone(),
                };
                said.push((index, piece));
            }
        }
        let (places, said): (Vec<usize>, Vec<Evidence>) = said.into_iter().unzip();
        let before = self.said_before(&said, authority).await?;
        let is_taken_back = |piece: &Evidence| {
            let name = before.name(piece.person, piece.id);
            before.is_withdrawn(piece.person, name)
        };
        let again = places.into_iter().zip(&said);
        let again = again.filter(|(_, piece)| is_taken_back(piece));
        refused.extend(again.map(|(index, _)| refusal(index, taken_back())));
        refused.sort_by_key(|one| one.index);
        Ok(refused)
    }

    /// Whether a fact may come from here at all, about any person.
    pub(super) fn check_fact(&self, by: &Submitter, fact: &Fact, now: Timestamp) -> Result<()> {
        let (authority, kind) = (by.authority(), fact.kind());
        if kind == FactKind::Withdrawal {
            let why = "a withdrawal is not submitted; withdraw the record by its id";
            return Err(ServiceError::field("kind", why));
        }
        if !authority.kind.may_submit(kind) {
            let why = format!("a {} authority may not submit {kind}", authority.kind);
            return Err(ServiceError::field("kind", why));
        }
        plausible::check(fact, now, self.settings.clock_skew)?;
        by.check_kind(kind)
    }
}
