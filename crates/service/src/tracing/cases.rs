//! Confirming a case.

use std::sync::Arc;

use domain::evidence::{DiagnosisStatus, TestResult};
use domain::{Clock, Evidence, EvidenceId, Fact, PersonId, RequestKey, StaffId, Timestamp};
use jiff::SignedDuration;
use store::{Store, StoreError, TraceJob, Transaction, evidence};
use tracing::instrument;

use super::Tracing;
use crate::access::{Action, Staff};
use crate::evidence::{Item, Said, Subject, Submission};
use crate::people::canonical::Canonical;
use crate::{Result, ServiceError, Settings};

/// A positive sample taken longer before a diagnosis belongs to another illness.
pub(super) const SAME_ILLNESS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// For so long a person who learns of a diagnosis may know who the case is: as for visits that come
/// late.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(60 * 24);

/// A case that a health authority confirms.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// Drawn by the sender and kept for repeats.
    pub request: Option<RequestKey>,
    /// Who.
    pub subject: Subject,
    /// When it was found; now, if absent.
    pub found_at: Option<Timestamp>,
    /// When the illness began, if known.
    pub onset: Option<Timestamp>,
    /// Whether the person feels nothing.
    pub is_asymptomatic: bool,
}

impl CaseReport {
    /// What is said: with the time of the request, if nobody says when the case was found.
    pub(super) fn said(&self, now: Timestamp) -> Said {
        match self.found_at {
            Some(_) => Said::Fact(self.fact(now)),
            None => Said::FactNow(self.fact(now)),
        }
    }

    /// What it says.
    pub(super) fn fact(&self, now: Timestamp) -> Fact {
        let status = if self.is_asymptomatic {
            DiagnosisStatus::Asymptomatic
        } else {
            DiagnosisStatus::Confirmed
        };
        Fact::diagnosis(status, self.found_at.unwrap_or(now), self.onset)
    }
}

/// A case that is on record, its contacts about to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseConfirmed {
    /// The diagnosis.
    pub diagnosis: EvidenceId,
    /// Who.
    pub person: PersonId,
    /// Start of the infectious window.
    pub from: Timestamp,
    /// End of the infectious window.
    pub until: Timestamp,
}

impl Tracing {
    /// Puts a diagnosis on record and opens, in the same transaction, the job that finds the case's
    /// contacts. A worker takes it up at once; [`Tracing::run_traces`] runs it now.
    ///
    /// The infectious window begins [`Settings::infectious_before`] before the onset; if that is
    /// unknown, before the first positive sample of the 14 days up to the diagnosis, or else before
    /// the diagnosis. It ends with the diagnosis, and never later than now: check-ins from now on
    /// can change nothing in it. A repeated request is answered with the first window.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`]; [`ServiceError::UnknownPerson`]
    /// also if they are of another region; [`ServiceError::BadField`]; [`ServiceError::RequestKeyReused`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "tracing.confirm_case", skip_all)]
    pub async fn confirm_case(&self, by: &Staff, report: CaseReport) -> Result<CaseConfirmed> {
        by.may(Action::ConfirmCase)?;
        by.check_step_up(Action::ConfirmCase, self.clock.now())?;
        let content = self.content_of(&report).hash();
        let said = report.said(self.clock.now());
        let submission = Submission {
            request: report.request,
            content: Some(content),
            items: vec![Item {
                subject: report.subject,
                said,
            }],
        };
        let receipt = self.submissions.submit(by.submitter(), submission).await?;
        if let Some(refused) = receipt.refused.into_iter().next() {
            return Err(match refused.field {
                "person" => ServiceError::UnknownPerson,
                field => ServiceError::field(field, refused.reason),
            });
        }
        let accepted = receipt.accepted.first();
        let accepted = accepted.ok_or(ServiceError::UnknownPerson)?;
        let (person, diagnosis) = (accepted.person, accepted.evidence);
        let job = self.record_of(person, diagnosis).await?.job;
        Ok(CaseConfirmed {
            diagnosis,
            person,
            from: job.from,
            until: job.until,
        })
    }

    /// Since when it may be known that the person of a job is a case: an authority that lists
    /// people later may list them because of that. A second diagnosis does not begin this anew,
    /// neither after one that was taken back.
    pub(super) async fn known_at(&self, job: &TraceJob) -> Result<Timestamp> {
        let since = job.opened_at.checked_sub(KNOWN_FOR);
        let since = since.unwrap_or(Timestamp::MIN);
        let read = self.store.read(
            "traces.known_at",
            (job.person, since),
            |tx, (person, since)| Box::pin(evidence_of_illness(tx, *person, *since)),
        );
        let evidence = read.await?;
        let diagnoses = evidence.iter().filter(
            |piece| matches!(piece.fact, Fact::Diagnosis { status, .. } if is_case(status)),
        );
        let known = diagnoses.map(|piece| piece.recorded_at);
        let first = known.filter(|known| *known >= since).min();
        Ok(first.map_or(job.opened_at, |first| first.min(job.opened_at)))
    }

    /// What is asked for, the same in a repeat: a time that was left open is now in each of them.
    pub(super) fn content_of(&self, report: &CaseReport) -> Canonical {
        let second = |at: Option<Timestamp>| at.map_or(i64::MIN, Timestamp::as_second);
        let canonical = Canonical::new("confirm a case");
        self.submissions
            .subject(canonical, &report.subject)
            .bytes(&second(report.found_at).to_be_bytes())
            .bytes(&second(report.onset).to_be_bytes())
            .bytes(&[u8::from(report.is_asymptomatic)])
    }
}

/// Computes when cases were infectious, and makes of each the job that finds their contacts.
pub(crate) struct CaseWindows {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
}

impl CaseWindows {
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>, settings: Arc<Settings>) -> Self {
        Self {
            store,
            clock,
            settings,
        }
    }

    /// The job that finds the contacts of `evidence`, if it is the diagnosis of a case, and who answers
    /// for it.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn job_for(
        &self,
        evidence: &Evidence,
        by: Option<StaffId>,
    ) -> Result<Option<TraceJob>> {
        let job = self.job(evidence, evidence.id).await?;
        // All that one submission opens has the same timestamp: see `Tracing::write_found`.
        Ok(job.map(|job| TraceJob {
            opened_at: evidence.recorded_at,
            by,
            ..job
        }))
    }

    /// The job that takes back what was found because of `withdrawn`, if that is the diagnosis of a
    /// case. It is known by its withdrawal.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn job_against(
        &self,
        withdrawn: &Evidence,
        withdrawal: EvidenceId,
    ) -> Result<Option<TraceJob>> {
        self.job(withdrawn, withdrawal).await
    }

    async fn job(&self, evidence: &Evidence, opened_by: EvidenceId) -> Result<Option<TraceJob>> {
        let Fact::Diagnosis { status, at, onset } = evidence.fact else {
            return Ok(None);
        };
        if !is_case(status) {
            return Ok(None);
        }
        let person = evidence.person;
        let began = match onset {
            Some(onset) => onset,
            None => self.first_positive_sample(person, at).await?.unwrap_or(at),
        };
        let from = began.checked_sub(self.settings.infectious_before);
        let now = self.clock.now();
        Ok(Some(TraceJob {
            person,
            diagnosis: opened_by,
            from: from.unwrap_or(Timestamp::MIN),
            until: at.min(now),
            opened_at: now,
            reopened: 0,
            by: None,
        }))
    }

    /// When the first positive sample of the illness was taken.
    async fn first_positive_sample(
        &self,
        person: PersonId,
        found_at: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let since = found_at.checked_sub(SAME_ILLNESS).unwrap_or(Timestamp::MIN);
        let read = self.store.read(
            "evidence.of_illness",
            (person, since),
            |tx, (person, since)| Box::pin(evidence_of_illness(tx, *person, *since)),
        );
        let evidence = read.await?;
        let withdrawn: Vec<EvidenceId> = evidence.iter().filter_map(withdraws).collect();
        let effective = evidence
            .iter()
            .filter(|piece| !withdrawn.contains(&piece.id));
        let samples = effective.filter_map(|piece| match piece.fact {
            Fact::Test {
                result: TestResult::Positive,
                period,
                ..
            } => Some(period.begin()),
            _ => None,
        });
        Ok(samples
            .filter(|sampled| (since..=found_at).contains(sampled))
            .min())
    }
}

/// Evidence in which a positive sample or its withdrawal may be: all but visits.
async fn evidence_of_illness(
    tx: &mut Transaction,
    person: PersonId,
    since: Timestamp,
) -> Result<Vec<Evidence>, StoreError> {
    let mut found = evidence::since(tx, &[person], since, false).await?;
    Ok(found.remove(&person).unwrap_or_default())
}

/// Which record a piece of evidence withdraws.
pub(super) fn withdraws(evidence: &Evidence) -> Option<EvidenceId> {
    match evidence.fact {
        Fact::Withdrawal { of, .. } => Some(of),
        _ => None,
    }
}

/// Whether a finding makes the person a case whose contacts are sought.
pub(crate) const fn is_case(status: DiagnosisStatus) -> bool {
    matches!(
        status,
        DiagnosisStatus::Confirmed | DiagnosisStatus::Asymptomatic
    )
}

#[cfg(test)]
mod tests {
    use domain::AuthorityId;

    use super::*;
    use crate::testing::Fixture;

    #[tokio::test]
    async fn a_case_is_infectious_from_two_days_before_its_onset_and_others_open_no_search() {
        let fixture = Fixture::new().await;
        let (store, settings) = (Arc::clone(&fixture.store), Arc::clone(&fixture.settings));
        let cases = CaseWindows::new(store, fixture.clock(), settings);
        let now = fixture.clock.now();
        let onset = now - SignedDuration::from_hours(72);
        let diagnosis = |status| Evidence {
            id: EvidenceId::from_u128(1),
            person: PersonId::from_u128(2),
            authority: AuthorityId::from_u128(3),
            recorded_at: now,
            fact: Fact::diagnosis(status, now, Some(onset)),
        };
        let confirmed = diagnosis(DiagnosisStatus::Confirmed);
        let job = cases.job_for(&confirmed, None).await.unwrap().unwrap();
        assert_eq!(job.from, onset - SignedDuration::from_hours(48));
        assert_eq!((job.until, job.opened_at), (now, now));
        let recovered = diagnosis(DiagnosisStatus::Recovered);
        assert_eq!(cases.job_for(&recovered, None).await.unwrap(), None);
    }
}
