//! What waits for the officers of a region.

use domain::{AppealId, Authority, AuthorityId, Evidence, PersonId, Timestamp};
use store::appeals::{self, AppealRecord};
use store::audit::NewEntry;
use store::{StoreError, audit, evidence};
use tracing::instrument;

use super::{AppealState, AppealView, Appeals, FileForm};
use crate::access::{Action, Staff};
use crate::audit::{AuditEntry, Did, Purpose, Stated};
use crate::{Result, ServiceError};

/// So many appeals are read at once.
const PAGE: u32 = 200;
/// So many are listed.
const MOST_LISTED: usize = 200;

/// An appeal in the queue: as much as tells which to read first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedAppeal {
    /// Who appeals.
    pub person: PersonId,
    /// Which.
    pub id: AppealId,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// By when the policy promised an answer.
    pub answer_by: Timestamp,
    /// Whether it is due so soon that officers were reminded of it.
    pub is_due_soon: bool,
    /// How it stands.
    pub state: AppealState,
}

/// An appeal, as shown to an officer who may answer it.
#[derive(Clone, Debug)]
pub struct AppealToAnswer {
    /// The appeal.
    pub appeal: AppealView,
    /// The evidence that it is against.
    pub evidence: Vec<Evidence>,
    /// Who submitted that.
    pub authorities: Vec<Authority>,
    /// Whether the reader submitted some of it, so that somebody else must answer.
    pub is_own: bool,
}

impl Appeals {
    /// The open appeals of people in the reader's regions, the soonest due first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "appeals.queue", skip_all)]
    pub async fn queue(&self, by: &Staff) -> Result<Vec<QueuedAppeal>> {
        let theirs = self.theirs(by).await?;
        // Who waits until when: for nobody's eyes, or what the log says of one would hide who
        // opened it.
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::AppealsListed, now).count(theirs.len());
        self.note(entry.seal(&*self.ids)).await?;
        Ok(theirs)
    }

    /// The same, for a caller that shows no more than how many there are: no entry of the log says
    /// so.
    pub(crate) async fn theirs(&self, by: &Staff) -> Result<Vec<QueuedAppeal>> {
        by.may(Action::AnswerAppeals)?;
        let now = self.clock.now();
        let (asker, regions) = (by.authority().id, &by.member().regions);
        let mut theirs = Vec::new();
        let mut after = None;
        while theirs.len() < MOST_LISTED {
            let read = self.store.read("appeals.waiting", after, |tx, after| {
                Box::pin(appeals::waiting(tx, *after, PAGE))
            });
            let page = read.await?;
            let people: Vec<PersonId> = page.iter().map(|one| one.person).collect();
            let whereabouts = self.people.whereabouts(&people, asker, regions).await?;
            for record in &page {
                let person = whereabouts.of(record.person);
                if by.check(Action::AnswerAppeals, &person, now).is_ok() {
                    theirs.push(self.queued(record)?);
                }
            }
            let last = page.last();
            after = last.map(|last| (last.answer_by, last.person, last.id));
            if page.len() < PAGE as usize {
                break;
            }
        }
        theirs.truncate(MOST_LISTED);
        Ok(theirs)
    }

    fn queued(&self, record: &AppealRecord) -> Result<QueuedAppeal> {
        Ok(QueuedAppeal {
            person: record.person,
            id: record.id,
            filed_at: record.filed_at,
            answer_by: record.answer_by,
            is_due_soon: record.reminded_at.is_some(),
            state: self.state(record)?,
        })
    }

    /// An appeal of somebody in the reader's regions, with the evidence that it is against.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAppeal`] also if it is another region's; [`ServiceError::NotPermitted`];
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "appeals.read", skip_all, fields(appeal = %id))]
    pub async fn to_answer(
        &self,
        by: &Staff,
        person: PersonId,
        id: AppealId,
    ) -> Result<AppealToAnswer> {
        self.check(by, person).await?;
        let found = self.find(person, id).await?;
        let appeal = found.ok_or(ServiceError::UnknownAppeal)?;
        let against: Vec<_> = appeal.evidence().collect();
        let entry = self.opened(by, Did::AppealRead, (person, id));
        let read = self.store.transaction(
            "appeals.evidence",
            (person, against, entry),
            |tx, (person, against, entry)| {
                Box::pin(async move {
                    audit::append(tx, std::slice::from_ref(entry)).await?;
                    let pieces = evidence::find_each(tx, *person, against).await?;
                    let staff = evidence::staff_of(tx, *person, against).await?;
                    Ok::<_, StoreError>((pieces, staff))
                })
            },
        );
        let (evidence, staff) = read.await?;
        let mut named: Vec<AuthorityId> = evidence.iter().map(|piece| piece.authority).collect();
        named.sort_unstable();
        named.dedup();
        Ok(AppealToAnswer {
            authorities: self.access.known_authorities(&named).await?,
            is_own: staff.contains(&by.id()),
            appeal,
            evidence,
        })
    }

    /// The file that came with it.
    ///
    /// # Errors
    /// As [`Self::to_answer`]; [`ServiceError::UnknownAppeal`] also if no file came with it.
    #[instrument(name = "appeals.read_file", skip_all, fields(appeal = %id))]
    pub async fn file_to_look_at(
        &self,
        by: &Staff,
        person: PersonId,
        id: AppealId,
    ) -> Result<(FileForm, Vec<u8>)> {
        self.check(by, person).await?;
        let file = self.file_of(person, id).await?;
        self.note(self.opened(by, Did::AppealFileRead, (person, id)))
            .await?;
        Ok(file)
    }

    /// That somebody opened an appeal, or what came with it.
    fn opened(&self, by: &Staff, did: Did, (person, id): (PersonId, AppealId)) -> NewEntry {
        let entry = AuditEntry::new(by.into(), did, self.clock.now());
        let entry = entry.what(id).about([person]);
        entry.because(Stated::of(Purpose::Appeal)).seal(&*self.ids)
    }

    async fn note(&self, entry: NewEntry) -> Result<()> {
        let noted = self.store.transaction("appeals.note", entry, |tx, entry| {
            Box::pin(audit::append(tx, std::slice::from_ref(entry)))
        });
        Ok(noted.await?)
    }

    /// Whether a staff member may answer what this person appeals against.
    pub(super) async fn check(&self, by: &Staff, person: PersonId) -> Result<()> {
        let now = self.clock.now();
        let people = [person];
        let checked = self.people.check(by, Action::AnswerAppeals, &people, now);
        checked.await.map_err(|error| match error {
            ServiceError::UnknownPerson => ServiceError::UnknownAppeal,
            other => other,
        })
    }
}

impl AppealView {
    /// The evidence that it is against, each piece once.
    pub fn evidence(&self) -> impl Iterator<Item = domain::EvidenceId> {
        let restrictions = self.restrictions.iter();
        let mut evidence: Vec<_> = restrictions
            .flat_map(|restriction| restriction.evidence.iter().copied())
            .collect();
        evidence.sort_unstable();
        evidence.dedup();
        evidence.into_iter()
    }
}
