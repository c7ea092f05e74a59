//! Confirming a case.

use domain::evidence::{DiagnosisStatus, TestResult};
use domain::{Evidence, EvidenceId, Fact, PersonId, RequestKey, Timestamp};
use jiff::SignedDuration;
use store::TraceJob;
use tracing::instrument;

use crate::access::HealthOfficial;
use crate::evidence::{Item, Subject, Submission, is_case};
use crate::service::Service;
use crate::{Result, ServiceError};

/// A positive sample taken longer before a diagnosis belongs to another illness.
const SAME_ILLNESS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A case that a health authority confirms.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// Drawn by the sender and kept for repeats.
    pub request: Option<RequestKey>,
    /// Who.
    pub subject: Subject,
    /// When it was found.
    pub found_at: Timestamp,
    /// When the illness began, if known.
    pub onset: Option<Timestamp>,
    /// Whether the person feels nothing.
    pub is_asymptomatic: bool,
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

impl Service {
    /// Puts a diagnosis on record and opens, in the same transaction, the job that finds the case's
    /// contacts. A worker runs the job at once; [`Service::run_traces`] runs it now.
    ///
    /// The infectious window begins [`crate::Settings::infectious_before`] before the onset; if that
    /// is unknown, before the first positive sample of the 14 days up to the diagnosis, or else
    /// before the diagnosis. It ends with the diagnosis, and never later than now: whoever is checked
    /// in from now on can change nothing in it.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`]; [`ServiceError::BadField`];
    /// [`ServiceError::RequestKeyReused`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "cases.confirm", skip_all)]
    pub async fn confirm_case(
        &self,
        by: &HealthOfficial,
        report: CaseReport,
    ) -> Result<CaseConfirmed> {
        let person = self.person(&report.subject).await?;
        let (from, until) = self.window(person, report.found_at, report.onset).await?;
        let status = if report.is_asymptomatic {
            DiagnosisStatus::Asymptomatic
        } else {
            DiagnosisStatus::Confirmed
        };
        let fact = Fact::diagnosis(status, report.found_at, report.onset);
        let items = vec![Item {
            subject: Subject::Person(person),
            fact,
        }];
        let submission = Submission {
            request: report.request,
            items,
        };
        let receipt = self.submit(by.official(), submission).await?;
        if let Some(refused) = receipt.refused.into_iter().next() {
            return Err(ServiceError::BadField {
                field: refused.field,
                why: refused.reason,
            });
        }
        let accepted = receipt
            .accepted
            .first()
            .ok_or(ServiceError::UnknownPerson)?;
        Ok(CaseConfirmed {
            diagnosis: accepted.evidence,
            person,
            from,
            until,
        })
    }

    /// The job that finds the contacts of `evidence`, if it is the diagnosis of a case.
    pub(crate) async fn trace_job_for(
        &self,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Result<Option<TraceJob>> {
        self.trace_job(evidence, evidence.id, now).await
    }

    /// The job that takes back what was found because of `withdrawn`, if that is the diagnosis of a
    /// case. It is known by its withdrawal.
    pub(crate) async fn trace_job_against(
        &self,
        withdrawn: &Evidence,
        withdrawal: EvidenceId,
        now: Timestamp,
    ) -> Result<Option<TraceJob>> {
        self.trace_job(withdrawn, withdrawal, now).await
    }

    async fn trace_job(
        &self,
        evidence: &Evidence,
        opened_by: EvidenceId,
        now: Timestamp,
    ) -> Result<Option<TraceJob>> {
        let Fact::Diagnosis { status, at, onset } = evidence.fact else {
            return Ok(None);
        };
        if !is_case(status) {
            return Ok(None);
        }
        let (from, until) = self.window(evidence.person, at, onset).await?;
        let person = evidence.person;
        Ok(Some(TraceJob {
            person,
            diagnosis: opened_by,
            from,
            until,
            opened_at: now,
            reopened: 0,
        }))
    }

    /// The infectious window.
    async fn window(
        &self,
        person: PersonId,
        found_at: Timestamp,
        onset: Option<Timestamp>,
    ) -> Result<(Timestamp, Timestamp)> {
        let began = match onset {
            Some(onset) => onset,
            None => self
                .first_positive_sample(person, found_at)
                .await?
                .unwrap_or(found_at),
        };
        let from = began
            .checked_sub(self.settings.infectious_before)
            .unwrap_or(Timestamp::MIN);
        Ok((from, found_at.min(self.clock.now())))
    }

    async fn first_positive_sample(
        &self,
        person: PersonId,
        found_at: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let since = found_at.checked_sub(SAME_ILLNESS).unwrap_or(Timestamp::MIN);
        let evidence = self.store.evidence_of(person, since).await?;
        let withdrawn: Vec<EvidenceId> = evidence.iter().filter_map(withdraws).collect();
        let standing = evidence
            .iter()
            .filter(|piece| !withdrawn.contains(&piece.id));
        let samples = standing.filter_map(|piece| match piece.fact {
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

/// Which record a piece of evidence withdraws.
pub(crate) fn withdraws(evidence: &Evidence) -> Option<EvidenceId> {
    match evidence.fact {
        Fact::Withdrawal { of, .. } => Some(of),
        _ => None,
    }
}
