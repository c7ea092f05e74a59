//! What waits for the officers of a region.

use domain::{AppealId, Authority, AuthorityId, Evidence, PersonId, Timestamp};
use store::appeals::{self, AppealRecord, QueuePlace};
use store::audit::NewEntry;
use store::{StoreError, audit, evidence};
use tracing::instrument;

use super::{AppealState, AppealView, Appeals, FileForm};
use crate::access::{Action, Staff};
use crate::audit::{AuditEntry, Did, Purpose, Stated, note_alone};
use crate::queues::{MOST_COUNTED, PAGE, QueueAsked, QueuePage};
use crate::{Result, ServiceError};

/// So many are listed where there are no pages.
const MOST_LISTED: u32 = 200;

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
    /// The open appeals of people in the reader's regions, the soonest due first, as many as are listed.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "appeals.queue", skip_all)]
    pub async fn queue(&self, by: &Staff) -> Result<Vec<QueuedAppeal>> {
        let asked = QueueAsked::default();
        Ok(self.listed(by, &asked, MOST_LISTED).await?.lines)
    }

    /// A page of them.
    ///
    /// # Errors
    /// As [`Self::queue`].
    #[instrument(name = "appeals.page", skip_all)]
    pub async fn page(
        &self,
        by: &Staff,
        asked: &QueueAsked<QueuePlace>,
    ) -> Result<QueuePage<QueuedAppeal, QueuePlace>> {
        self.listed(by, asked, PAGE).await
    }

    async fn listed(
        &self,
        by: &Staff,
        asked: &QueueAsked<QueuePlace>,
        limit: u32,
    ) -> Result<QueuePage<QueuedAppeal, QueuePlace>> {
        let found = self.read_queue(by, asked, limit).await?;
        // Who waits until when: for nobody's eyes, or what the log says of one would hide who
        // opened it.
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::AppealsListed, now).count(found.len());
        self.note(entry.seal(&*self.ids)).await?;
        let last = found.last().filter(|_| found.len() == limit as usize);
        let next = last.map(|last| (last.answer_by, last.person, last.id));
        let lines: Result<_> = found.iter().map(|record| self.queued(record)).collect();
        Ok(QueuePage {
            lines: lines?,
            next,
        })
    }

    /// By when each of them must be answered, the soonest first, and so many at most: for a caller that
    /// shows no more than how many there are. No entry of the log says so.
    pub(crate) async fn due(&self, by: &Staff) -> Result<Vec<Timestamp>> {
        let asked = QueueAsked::default();
        let found = self.read_queue(by, &asked, MOST_COUNTED).await?;
        Ok(found.iter().map(|one| one.answer_by).collect())
    }

    async fn read_queue(
        &self,
        by: &Staff,
        asked: &QueueAsked<QueuePlace>,
        limit: u32,
    ) -> Result<Vec<AppealRecord>> {
        by.may(Action::AnswerAppeals)?;
        let whose = self.people.near(by, asked.region)?;
        let (due_by, later) = asked.times(self.clock.now());
        // After everybody of that second: no identifier is greater.
        let later = later.map(|at| {
            (
                at,
                PersonId::from_u128(u128::MAX),
                AppealId::from_u128(u128::MAX),
            )
        });
        let after = asked.after.max(later);
        let read = self.store.read(
            "appeals.waiting",
            (whose, due_by, after, limit),
            |tx, (whose, due_by, after, limit)| {
                Box::pin(appeals::waiting(tx, whose, *due_by, *after, *limit))
            },
        );
        Ok(read.await?)
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
        Ok(note_alone(&self.store, "appeals.note", entry).await?)
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
