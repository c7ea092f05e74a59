//! What would be refused of a submission, without taking any of it in.

use domain::{Fact, FactKind, PersonId, Timestamp};

use super::submit::refusal;
use super::{Item, Refused, Subject, Submissions, plausible};
use crate::access::{Action, Submitter};
use crate::{Result, ServiceError};

impl Submissions {
    /// What would be refused of these items, as far as that is known before they are taken in: kinds that
    /// the authority may not submit, what cannot be, identifiers that are nobody's, people of other
    /// regions. Nobody is made of a document that nobody named before, and nothing is written.
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
        let mut refused = Vec::new();
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
            }
        }
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
