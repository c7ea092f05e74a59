//! What the person reads of it, and says.

use domain::{ContradictionId, PersonId, StaffId, text};
use store::StoreError;
use store::audit::{self, NewEntry};
use store::contradictions::{self, Hearing};
use tracing::{info, instrument};

use super::{ContradictionView, Contradictions, Part};
use crate::access::{Resident, Staff};
use crate::audit::{Actor, AuditEntry, Did, Purpose, Stated};
use crate::{Result, ServiceError};

/// Characters of what a person says.
const LONGEST_TEXT: usize = 2000;

impl Contradictions {
    /// What does not fit what the person declared, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "contradictions.own", skip_all)]
    pub async fn own(&self, resident: &Resident) -> Result<Vec<ContradictionView>> {
        resident.check_whole()?;
        let person = [resident.person()];
        let read = self.store.read("contradictions.of", person, |tx, person| {
            Box::pin(contradictions::of(tx, person))
        });
        let mut views = Vec::new();
        for record in read.await? {
            views.push(self.view(record).await?);
        }
        Ok(views)
    }

    /// What the person says about one of theirs, in the place of what they said before.
    ///
    /// # Errors
    /// [`ServiceError::UnknownContradiction`]; [`ServiceError::ContradictionSettled`];
    /// [`ServiceError::BadField`] without a word; [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "contradictions.say", skip_all)]
    pub async fn say(
        &self,
        resident: &Resident,
        id: ContradictionId,
        words: &str,
    ) -> Result<ContradictionView> {
        resident.check_whole()?;
        let key = (resident.person(), id);
        let entry = AuditEntry::new(Actor::Resident, Did::ContradictionHeard, self.clock.now());
        self.hear(key, words, None, entry).await
    }

    /// What the person says to an officer, on the telephone or at the office, written down by the officer.
    ///
    /// # Errors
    /// As [`Self::say`], also if the person wrote something themselves; [`ServiceError::NotPermitted`].
    #[instrument(name = "contradictions.write_down", skip_all)]
    pub async fn write_down(
        &self,
        by: &Staff,
        person: PersonId,
        id: ContradictionId,
        words: &str,
    ) -> Result<ContradictionView> {
        self.check(by, person).await?;
        let entry = AuditEntry::new(by.into(), Did::ContradictionHeard, self.clock.now());
        let entry = entry.because(Stated::of(Purpose::Correction));
        self.hear((person, id), words, Some(by.id()), entry).await
    }

    async fn hear(
        &self,
        (person, id): (PersonId, ContradictionId),
        words: &str,
        to: Option<StaffId>,
        entry: AuditEntry,
    ) -> Result<ContradictionView> {
        let words = ServiceError::named("words", text::lines(words, LONGEST_TEXT))?;
        let found = self.record(person, id).await?;
        let found = found.ok_or(ServiceError::UnknownContradiction)?;
        if found.settled.is_some() {
            return Err(ServiceError::ContradictionSettled);
        }
        let said = found.said.as_ref();
        if to.is_some() && said.is_some_and(|said| said.to.is_none()) {
            let why = "the person wrote this themselves; nobody writes over it";
            return Err(ServiceError::field("words", why));
        }
        // The log has that the person was heard; how often they mend their words is their business.
        let is_news = to.is_some() || said.is_none();
        let hearing = Hearing {
            at: self.clock.now(),
            said: self.seal((person, id), Part::Heard, words)?,
            to,
        };
        let entry = entry.what(id).about([person]).seal(&*self.ids);
        let entry: Vec<NewEntry> = is_news.then_some(entry).into_iter().collect();
        let done = self.store.transaction(
            "contradictions.say",
            ((person, id), hearing, entry),
            |tx, (key, hearing, entry)| {
                Box::pin(async move {
                    let is_open = contradictions::say(tx, *key, hearing).await?;
                    if is_open {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(is_open)
                })
            },
        );
        if !done.await? {
            return Err(ServiceError::ContradictionSettled);
        }
        info!(by_officer = to.is_some(), "a person was heard");
        self.found(person, id).await
    }

    /// A contradiction that must be there.
    pub(super) async fn found(
        &self,
        person: PersonId,
        id: ContradictionId,
    ) -> Result<ContradictionView> {
        let record = self.record(person, id).await?;
        let record = record.ok_or(ServiceError::UnknownContradiction)?;
        self.view(record).await
    }
}
