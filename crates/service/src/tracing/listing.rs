//! The cases of an office, and whom the search of a case found: by labels, never by name, and each page
//! of it is an entry of the log.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::Relation;
use domain::{EvidenceId, Fact, PersonId, Status, Timestamp};
use store::office_cases::{self, CaseKey, CasesAsked, OfficeCase};
use store::{StoreError, TraceRecord, evidence, traces, verdicts};
use tracing::instrument;

use super::Tracing;
use super::cases::withdraws;
use crate::access::{Action, Staff};
use crate::audit::Did;
use crate::{Result, ServiceError};

/// Lines on a page.
const PAGE: u32 = 50;

/// A case in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLine {
    /// The case.
    pub case: OfficeCase,
    /// Its search for contacts.
    pub search: Option<TraceRecord>,
}

/// A page of the cases of an office.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseList {
    /// The cases, the newest first.
    pub lines: Vec<CaseLine>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<CaseKey>,
}

/// How somebody met a case, as far as it is shown: who lives or rode with whom is listed nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetHow {
    /// They were at the same places.
    Places,
    /// They were on a list of those who live, stay or ride together.
    Lists,
    /// Somebody said that they were face to face.
    FaceToFace,
    /// In another way.
    Otherwise,
}

/// Somebody whom a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundContact {
    /// Who: to open the record with, never shown.
    pub person: PersonId,
    /// The contact, as evidence; its label is made from it.
    pub evidence: EvidenceId,
    /// 1: met the case; 2: met one of those.
    pub ring: u8,
    /// How.
    pub how: MetHow,
    /// From when.
    pub first: Timestamp,
    /// Until when.
    pub last: Timestamp,
    /// How many minutes in all, if known.
    pub minutes: Option<u32>,
    /// What colour they have now.
    pub status: Status,
}

/// A page of whom the search of a case found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The case; `None` of one from before there was a list of cases.
    pub case: Option<OfficeCase>,
    /// Whom, in the order of their labels.
    pub found: Vec<FoundContact>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<EvidenceId>,
}

impl Tracing {
    /// A page of the cases that the asker's office confirmed, the newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "tracing.cases", skip_all)]
    pub async fn cases(&self, by: &Staff, asked: CasesAsked) -> Result<CaseList> {
        by.may(Action::ReadTrace)?;
        let read = self.store.read(
            "office_cases.page",
            (by.authority().id, asked),
            |tx, (authority, asked)| {
                Box::pin(async move {
                    let found = office_cases::of_authority(tx, *authority, *asked, PAGE);
                    let found = found.await?;
                    let keys: Vec<_> = found
                        .iter()
                        .map(|one| (one.person, one.diagnosis))
                        .collect();
                    Ok::<_, StoreError>((found, traces::find_many(tx, &keys).await?))
                })
            },
        );
        let (found, searches) = read.await?;
        let mut searches: BTreeMap<_, _> = searches
            .into_iter()
            .map(|search| ((search.job.person, search.job.diagnosis), search))
            .collect();
        if !found.is_empty() {
            let people = found.iter().map(|case| case.person);
            let entry = self.visits.looked_at(by, Did::CasesListed, people);
            self.note_look(entry).await?;
        }
        let is_full = found.len() == PAGE as usize;
        let next = found.last().filter(|_| is_full).map(OfficeCase::key);
        let lines = found.into_iter().map(|case| CaseLine {
            search: searches.remove(&(case.person, case.diagnosis)),
            case,
        });
        Ok(CaseList {
            lines: lines.collect(),
            next,
        })
    }

    /// A page of whom the search of a case of the asker's office found and still holds, after a label.
    ///
    /// # Errors
    /// [`ServiceError::UnknownEvidence`] if it is another office's case; [`ServiceError::NotPermitted`];
    /// [`ServiceError::Store`].
    #[instrument(name = "tracing.chain", skip_all)]
    pub async fn chain(
        &self,
        by: &Staff,
        (person, diagnosis): (PersonId, EvidenceId),
        after: Option<EvidenceId>,
    ) -> Result<Chain> {
        self.check_own(by, person, diagnosis).await?;
        let after = after.unwrap_or(EvidenceId::from_u128(0));
        let read = self.store.read(
            "traces.chain",
            ((person, diagnosis), after),
            |tx, (case, after)| {
                Box::pin(async move {
                    let noted = traces::noted_contacts_after(tx, *case, *after, PAGE).await?;
                    let people: BTreeSet<PersonId> = noted.iter().map(|(who, _)| *who).collect();
                    let people: Vec<PersonId> = people.into_iter().collect();
                    Ok::<_, StoreError>((
                        office_cases::find_many(tx, &[*case]).await?.pop(),
                        evidence::find_many(tx, &noted).await?,
                        evidence::stays(tx, &people).await?,
                        verdicts::of(tx, &people).await?,
                        noted,
                    ))
                })
            },
        );
        let (case, pieces, others, verdicts, noted) = read.await?;
        let withdrawn: BTreeSet<EvidenceId> =
            others.values().flatten().filter_map(withdraws).collect();
        let found = noted.iter().filter_map(|key| {
            let piece = pieces
                .get(key)
                .filter(|piece| !withdrawn.contains(&piece.id))?;
            let Fact::Contact {
                relation,
                ring,
                period,
                minutes,
                ..
            } = piece.fact
            else {
                return None;
            };
            let verdict = verdicts.get(&piece.person);
            Some(FoundContact {
                person: piece.person,
                evidence: piece.id,
                ring: ring.get(),
                how: MetHow::from(relation),
                first: period.begin(),
                last: period.end(),
                minutes,
                status: verdict.map_or(Status::Undeclared, |one| one.verdict.status),
            })
        });
        let found: Vec<FoundContact> = found.collect();
        if !found.is_empty() {
            let people = found.iter().map(|one| one.person).chain([person]);
            let entry = self.visits.looked_at(by, Did::ContactsListed, people);
            self.note_look(entry).await?;
        }
        let last = noted.last().filter(|_| noted.len() == PAGE as usize);
        Ok(Chain {
            case,
            found,
            next: last.map(|(_, id)| *id),
        })
    }

    /// Whether a diagnosis is one of the asker's office.
    pub(super) async fn check_own(
        &self,
        by: &Staff,
        person: PersonId,
        diagnosis: EvidenceId,
    ) -> Result<()> {
        by.may(Action::ReadTrace)?;
        let opened_by =
            self.store
                .read("evidence.find", (person, diagnosis), |tx, (person, id)| {
                    Box::pin(evidence::find(tx, *person, *id))
                });
        let opened_by = opened_by.await?.ok_or(ServiceError::UnknownEvidence)?;
        let own = crate::access::Resource::of(opened_by.authority, None);
        by.check(Action::ReadTrace, &own, self.clock.now())
            .map_err(|error| error.if_not_theirs(ServiceError::UnknownEvidence))
    }
}

impl From<Relation> for MetHow {
    fn from(relation: Relation) -> Self {
        match relation {
            Relation::Venue => Self::Places,
            Relation::Household | Relation::Building | Relation::Vehicle => Self::Lists,
            Relation::Close => Self::FaceToFace,
            Relation::Other => Self::Otherwise,
        }
    }
}
