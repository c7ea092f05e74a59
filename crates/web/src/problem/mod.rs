//! Refusals. A handler returns `Result<_, Problem>`; a [`Reader`] is answered with
//! problem details (RFC 9457) to programs and with a page to people.

mod problem_type;
mod render;
mod repeats;

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use service::{ServiceError, StoreError};

pub(crate) use problem_type::ProblemType;
pub(crate) use render::{ProblemBody, Reader};
pub(crate) use repeats::Repeats;

/// One refusal. Holds no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    kind: ProblemType,
    detail: String,
    errors: Vec<FieldError>,
    /// What the log says and the answer does not.
    cause: Option<String>,
    /// After how many seconds the same may be asked again, if that is known.
    retry_after: Option<u64>,
}

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct FieldError {
    /// Which value, as a path into the request: `rows[3].person`.
    pub(crate) field: String,
    /// What is wrong with it and what was expected. Never repeats the value.
    pub(crate) reason: String,
}

impl FieldError {
    /// `reason` is what is wrong with the value called `field`.
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: reason.into(),
        }
    }
}

impl Problem {
    /// A problem of `kind`; `detail` says what happened and what to do, without personal data.
    pub(crate) fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            cause: None,
            retry_after: None,
        }
    }

    /// Asked too often; the same is answered again after `seconds`.
    pub(crate) fn too_many(detail: impl Into<String>, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds.max(1)),
            ..Self::new(ProblemType::TooManyRequests, detail)
        }
    }

    /// There is too much to do; the same may be asked again after `seconds`.
    pub(crate) fn overloaded(seconds: u64) -> Self {
        let detail =
            "More is asked than can be done. Nothing of this was done; send the same again later.";
        Self {
            retry_after: Some(seconds),
            ..Self::new(ProblemType::Overloaded, detail)
        }
    }

    /// The same, with a cause that is written to the log and not into the answer.
    pub(crate) fn caused_by(
        kind: ProblemType,
        detail: impl Into<String>,
        cause: &dyn std::error::Error,
    ) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(kind, detail)
        }
    }

    /// One value cannot be accepted.
    pub(crate) fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::invalid_each(vec![FieldError::new(field, reason)])
    }

    /// Several values cannot be accepted.
    pub(crate) fn invalid_each(errors: Vec<FieldError>) -> Self {
        let detail = "Correct the values named in `errors` and send again.";
        Self {
            errors,
            ..Self::new(ProblemType::Invalid, detail)
        }
    }

    /// Nothing here that the asker may know of.
    pub(crate) fn not_found() -> Self {
        Self::new(
            ProblemType::NotFound,
            "Check the address and the identifiers in it.",
        )
    }

    /// Writes the problem to the log, under the operation that the answer names. Of a problem of status
    /// 5xx the cause is there too, and each cause has one line in a while: a full disk or a lost
    /// database meets everybody. What the sender did wrong is in the answer only.
    fn log(&self, operation: &str, logged: &Repeats) {
        let problem = self.kind.name();
        if self.kind == ProblemType::Overloaded {
            // Counted, and logged, by the one who refused it.
        } else if self.kind.status().is_server_error() {
            let cause = self.cause.as_deref().unwrap_or(&self.detail);
            if let Some(unsaid) = logged.is_due(problem, cause) {
                tracing::error!(operation, problem, cause, unsaid, "request failed");
            }
        } else {
            tracing::info!(operation, problem, "request refused");
        }
    }

    /// Whether it is of this type.
    pub(crate) fn is(&self, kind: ProblemType) -> bool {
        self.kind == kind
    }

    /// Its type.
    #[cfg(test)]
    pub(crate) const fn kind(&self) -> ProblemType {
        self.kind
    }

    /// What is wrong with single values.
    pub(crate) fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        use ProblemType as P;
        let said = error.to_string();
        match error {
            ServiceError::NotAuthenticated | ServiceError::BadSignature(_) => {
                Self::new(P::Unauthorized, said)
            }
            ServiceError::NotPermitted { .. }
            | ServiceError::OnlyShown
            | ServiceError::NotOfTheWhole { .. }
            | ServiceError::SamePerson
            | ServiceError::NoHalf
            | ServiceError::OwnEnd
            | ServiceError::OwnEvidence
            | ServiceError::OwnRecord
            | ServiceError::NeedsTwoPersons => Self::new(P::Forbidden, said),
            ServiceError::StepUpNeeded => Self::new(P::StepUpNeeded, said),
            ServiceError::ForeignPolicy { .. } => Self::invalid("toml", said),
            ServiceError::BadField { field, why } => Self::invalid(field, why),
            ServiceError::NameTaken => Self::invalid("name", said),
            ServiceError::BadDocument(why) => Self::invalid("document.number", why.to_string()),
            ServiceError::TooMany { field, .. } => Self::invalid(field, said),
            ServiceError::PolicyRefused { problems } => Self::invalid_each(
                problems
                    .into_iter()
                    .map(|problem| FieldError::new("toml", problem.to_string()))
                    .collect(),
            ),
            ServiceError::NeedsProof { .. } => Self::new(P::NeedsProof, said),
            ServiceError::WrongCode => Self::new(P::WrongCode, said),
            ServiceError::TooManyCodes { .. } => Self::new(P::TooManyCodes, said),
            ServiceError::CodeNotSent(_) => Self::caused_by(P::Unavailable, said, &error),
            ServiceError::RequestKeyReused(_) => Self::new(P::KeyReused, said),
            ServiceError::PolicyExists(_) => Self::new(P::PolicyExists, said),
            // Whether somebody else's record exists is private: the same answer for both.
            ServiceError::UnknownEvidence | ServiceError::NotYours => {
                Self::new(P::NotFound, ServiceError::UnknownEvidence.to_string())
            }
            ServiceError::UnknownPerson
            | ServiceError::UnknownVenue
            | ServiceError::UnknownVisit
            | ServiceError::UnknownDevice
            | ServiceError::UnknownAuthority
            | ServiceError::UnknownStaff
            | ServiceError::UnknownFeed
            | ServiceError::UnknownScanner
            | ServiceError::UnknownAlarm
            | ServiceError::UnknownGlitch
            | ServiceError::UnknownAccount
            | ServiceError::UnknownSession
            | ServiceError::UnknownProposal
            | ServiceError::UnknownAppeal
            | ServiceError::UnknownContradiction
            | ServiceError::UnknownRestriction
            | ServiceError::NoStatistics { .. }
            | ServiceError::UnknownStatusList => Self::new(P::NotFound, said),
            ServiceError::RestrictsTooMany { .. } => Self::new(P::OverCap, said),
            ServiceError::TooManyWaiting { .. }
            | ServiceError::NoAppeals
            | ServiceError::AppealedBefore
            | ServiceError::TooManyAppeals { .. }
            | ServiceError::AppealAnswered
            | ServiceError::ContradictionSettled
            | ServiceError::NotHeard { .. }
            | ServiceError::WaitingChanged
            | ServiceError::AgreementUsed
            | ServiceError::GlitchAnswered
            | ServiceError::TooManyGlitches
            | ServiceError::TooManyPhones { .. }
            | ServiceError::NotWithdrawable
            | ServiceError::Undeclared
            | ServiceError::NoPhone
            | ServiceError::AlreadySeen
            | ServiceError::IdentityTaken
            | ServiceError::LastWayIn
            | ServiceError::LastAdministrator
            | ServiceError::ProposalSettled
            | ServiceError::NotCompared
            | ServiceError::Ended
            | ServiceError::DisclosureOver
            | ServiceError::SunsetNotApproved
            | ServiceError::SunsetNotNoticed { .. } => Self::new(P::Conflict, said),
            ServiceError::LogBroken { .. } => Self::caused_by(P::Unavailable, said, &error),
            ServiceError::NoPolicy | ServiceError::CutOff | ServiceError::NoPasskeys => {
                Self::new(P::Unavailable, said)
            }
            ServiceError::Vault(_)
            | ServiceError::Signing(_)
            | ServiceError::Notify(_)
            | ServiceError::Interrupted(_)
            | ServiceError::Mirror(_) => {
                let detail = "The fault is ours and is in our log. Nothing acknowledged is lost.";
                Self::caused_by(P::Internal, detail, &error)
            }
            ServiceError::Store(ref cause) => {
                let kind = match cause {
                    StoreError::Unreachable(_) | StoreError::Busy(_) | StoreError::DiskFull => {
                        P::DatabaseUnavailable
                    }
                    StoreError::BadAddress
                    | StoreError::NewerSchema { .. }
                    | StoreError::NotMigrated { .. }
                    | StoreError::HalfMigrated { .. }
                    | StoreError::PolicyExists(_)
                    | StoreError::Corrupt { .. }
                    | StoreError::Database(_) => P::Internal,
                };
                let detail = "Nothing acknowledged is lost. Repeat the request with the same \
                              idempotency key in a little while.";
                Self::caused_by(kind, detail, &error)
            }
        }
    }
}

/// Only the status, with the problem beside it: [`Reader`] writes the body, because it knows
/// whether a program or a person reads it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_database_that_passes_is_told_apart_from_one_that_stays() {
        let passes = [
            StoreError::Unreachable("the database system is in recovery mode".to_owned()),
            StoreError::Busy("database is locked".to_owned()),
            StoreError::DiskFull,
        ];
        for fault in passes {
            let problem = Problem::from(ServiceError::from(fault));
            assert_eq!(problem.kind(), ProblemType::DatabaseUnavailable);
            assert!(!problem.detail.contains("recovery"), "{}", problem.detail);
        }
        let stays = [
            StoreError::BadAddress,
            StoreError::Database("no such table".to_owned()),
        ];
        for fault in stays {
            let problem = Problem::from(ServiceError::from(fault));
            assert_eq!(problem.kind(), ProblemType::Internal);
        }
    }
}
