//! What a staff member says of one person, for another use case to append.

use domain::{Evidence, Fact, PersonId};
use store::TraceJob;

use super::{Item, Said, Subject, Submissions};
use crate::access::{Action, Staff};
use crate::tracing::is_case;
use crate::{Result, ServiceError};

/// So much is said of one person at once.
const MOST_ABOUT_ONE: usize = 20;

/// What a staff member says of one person, admitted, without what their office said before.
#[derive(Default)]
pub(crate) struct AdmittedAbout {
    pub evidence: Vec<Evidence>,
    pub traces: Vec<TraceJob>,
}

impl Submissions {
    /// What a staff member says of one person, as evidence to append, with the tracing jobs that it opens;
    /// all of it or nothing.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::StepUpNeeded`] for a diagnosis that makes a case;
    /// [`ServiceError::TooMany`]; [`ServiceError::BadField`] for the first
    /// that is wrong, and for visits, which are no business of an office; [`ServiceError::Store`].
    pub(crate) async fn admit_about(
        &self,
        by: &Staff,
        person: PersonId,
        said: Vec<Said>,
    ) -> Result<AdmittedAbout> {
        if said.is_empty() {
            return Ok(AdmittedAbout::default());
        }
        let now = self.clock.now();
        if said.iter().any(opens_search) {
            by.check_step_up(Action::ConfirmCase, now)?;
        }
        let by = by.submitter();
        by.may(Action::SubmitEvidence)?;
        let (count, limit) = (said.len(), MOST_ABOUT_ONE);
        if count > limit {
            let field = "add";
            return Err(ServiceError::TooMany {
                field,
                count,
                limit,
            });
        }
        let items = said.into_iter().map(|said| Item {
            subject: Subject::Person(person),
            said,
        });
        let admitted = self.admit_all(by, None, items.collect(), now).await?;
        if let Some(refused) = admitted.receipt.refused.into_iter().next() {
            return Err(ServiceError::field(refused.field, refused.reason));
        }
        if !admitted.visits.is_empty() {
            let why = "a visit is recorded by the person or the tracer; add something else";
            return Err(ServiceError::field("kind", why));
        }
        let known = admitted.known;
        let is_new = |piece: &Evidence| !known.contains(&(piece.person, piece.id));
        Ok(AdmittedAbout {
            evidence: admitted.evidence.into_iter().filter(is_new).collect(),
            traces: admitted.traces,
        })
    }
}

/// Whether it makes the person a case, whose contacts are sought.
pub(super) fn opens_search(said: &Said) -> bool {
    matches!(said.fact(), Some(Fact::Diagnosis { status, .. }) if is_case(*status))
}
