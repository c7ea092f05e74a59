//! What goes wrong, as RFC 9457 tells it: one closed list of problem types, one match.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use service::{ServiceError, StoreError};

/// Every kind of refusal the interface knows. The name is part of the contract: clients switch on
/// it, so a name never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemType {
    /// The request cannot be read.
    Unreadable,
    /// The request reads well, but what it says cannot be.
    Invalid,
    /// No token, or one that nobody holds.
    Unauthorized,
    /// This role may not do this.
    Forbidden,
    /// The form was sent from another site.
    CrossSite,
    /// Nothing is there, or nothing that the asker may know of.
    NotFound,
    /// The address exists, the method does not.
    MethodNotAllowed,
    /// The document is registered for somebody already.
    DocumentTaken,
    /// The idempotency key was used for another request.
    KeyReused,
    /// The policy version is published with another text.
    PolicyExists,
    /// The present state does not allow it.
    Conflict,
    /// The request is larger than this address takes.
    TooLarge,
    /// The body is not of the media type this address reads.
    UnsupportedMediaType,
    /// The answer took too long; a repeat with the same idempotency key counts once.
    TimedOut,
    /// The database or a key is out of reach for the moment.
    Unavailable,
    /// A fault of this program.
    Internal,
}

impl ProblemType {
    /// Every type, for the documentation.
    pub const ALL: [Self; 16] = [
        Self::Unreadable,
        Self::Invalid,
        Self::Unauthorized,
        Self::Forbidden,
        Self::CrossSite,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::DocumentTaken,
        Self::KeyReused,
        Self::PolicyExists,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::TimedOut,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Name, HTTP status and title: the one place where they meet.
    const fn parts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Unreadable => (
                "unreadable",
                StatusCode::BAD_REQUEST,
                "The request cannot be read",
            ),
            Self::Invalid => (
                "invalid",
                StatusCode::UNPROCESSABLE_ENTITY,
                "A value cannot be accepted",
            ),
            Self::Unauthorized => (
                "unauthorized",
                StatusCode::UNAUTHORIZED,
                "A valid token is needed",
            ),
            Self::Forbidden => (
                "forbidden",
                StatusCode::FORBIDDEN,
                "Your role may not do this",
            ),
            Self::CrossSite => (
                "cross-site",
                StatusCode::FORBIDDEN,
                "The form was sent from another site",
            ),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "There is nothing here"),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "This address does not take this method",
            ),
            Self::DocumentTaken => (
                "document-taken",
                StatusCode::CONFLICT,
                "This document is registered already",
            ),
            Self::KeyReused => (
                "key-reused",
                StatusCode::CONFLICT,
                "This idempotency key belongs to another request",
            ),
            Self::PolicyExists => (
                "policy-exists",
                StatusCode::CONFLICT,
                "This policy version is published with another text",
            ),
            Self::Conflict => (
                "conflict",
                StatusCode::CONFLICT,
                "The present state does not allow this",
            ),
            Self::TooLarge => (
                "too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The request is too large",
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This address reads another media type",
            ),
            Self::TimedOut => (
                "timed-out",
                StatusCode::SERVICE_UNAVAILABLE,
                "The answer took too long",
            ),
            Self::Unavailable => (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "Out of reach for the moment",
            ),
            Self::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault in this program",
            ),
        }
    }

    /// The last part of the type's address.
    pub const fn name(self) -> &'static str {
        self.parts().0
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        self.parts().1
    }

    /// A short sentence, the same for every problem of the type.
    pub const fn title(self) -> &'static str {
        self.parts().2
    }
}

/// One refusal. Only those of status 5xx are logged, and none holds personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: ProblemType,
    detail: String,
    errors: Vec<FieldError>,
    /// What the log says and the answer does not.
    cause: Option<String>,
}

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Which value, as a path into the request: `rows[3].person`.
    pub field: String,
    /// What is wrong with it and what was expected. Never repeats the value.
    pub reason: String,
}

/// The body of a refusal (`application/problem+json`).
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// `/problems/` and the name of the type.
    r#type: String,
    /// The same for every problem of the type.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened this time, and what to do about it.
    detail: String,
    /// One entry for each value that cannot be accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of `kind`; `detail` says what happened and what to do, without personal data.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            cause: None,
        }
    }

    /// The same, with a cause that is written to the log and not into the answer.
    pub fn caused_by(
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
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        let error = FieldError {
            field: field.into(),
            reason: reason.into(),
        };
        let mut problem = Self::new(
            ProblemType::Invalid,
            "Correct the values named in `errors` and send again.",
        );
        problem.errors.push(error);
        problem
    }

    /// Several values cannot be accepted.
    pub fn invalid_each(errors: Vec<FieldError>) -> Self {
        let detail = "Correct the values named in `errors` and send again.";
        Self {
            errors,
            ..Self::new(ProblemType::Invalid, detail)
        }
    }

    /// Nothing here that the asker may know of.
    pub fn not_found() -> Self {
        Self::new(
            ProblemType::NotFound,
            "Check the address and the identifiers in it.",
        )
    }

    /// Writes a fault of ours to the log; a fault of the sender is theirs to see.
    pub(crate) fn log(&self) {
        if self.kind.status().is_server_error() {
            let cause = self.cause.as_deref().unwrap_or(&self.detail);
            tracing::error!(problem = self.kind.name(), cause, "request failed");
        }
    }

    /// Its type.
    pub const fn kind(&self) -> ProblemType {
        self.kind
    }

    /// What happened this time.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What is wrong with single values.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        use ProblemType as P;
        let said = error.to_string();
        match error {
            ServiceError::NotAuthenticated => Self::new(P::Unauthorized, said),
            ServiceError::NotPermitted { .. }
            | ServiceError::SamePerson
            | ServiceError::NeedsTwoPersons => Self::new(P::Forbidden, said),
            ServiceError::BadField { field, why } => Self::invalid(field, why),
            ServiceError::BadDocument(why) => Self::invalid("document.number", why.to_string()),
            ServiceError::TooMany { field, .. } => Self::invalid(field, said),
            ServiceError::PolicyRefused { problems } => Self::invalid_each(
                problems
                    .into_iter()
                    .map(|problem| FieldError {
                        field: "toml".to_owned(),
                        reason: problem.to_string(),
                    })
                    .collect(),
            ),
            ServiceError::DocumentTaken => Self::new(P::DocumentTaken, said),
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
            | ServiceError::UnknownProposal
            | ServiceError::NoStatistics { .. }
            | ServiceError::UnknownStatusList => Self::new(P::NotFound, said),
            ServiceError::NotWithdrawable
            | ServiceError::Undeclared
            | ServiceError::ProposalSettled
            | ServiceError::NotCompared => Self::new(P::Conflict, said),
            ServiceError::NoPolicy => Self::new(P::Unavailable, said),
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
                    StoreError::Unreachable(_) | StoreError::DiskFull => P::Unavailable,
                    _ => P::Internal,
                };
                let detail = "Nothing acknowledged is lost. Repeat the request with the same \
                              idempotency key in a little while.";
                Self::caused_by(kind, detail, &error)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let status = self.kind.status();
        let body = ProblemBody {
            r#type: format!("/problems/{}", self.kind.name()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        let mut response = (status, axum::Json(body)).into_response();
        let media_type = HeaderValue::from_static("application/problem+json");
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        if self.kind == ProblemType::Unauthorized {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        if matches!(self.kind, ProblemType::Unavailable | ProblemType::TimedOut) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_problem_type_has_a_name_of_its_own_and_an_error_status() {
        let names: HashSet<_> = ProblemType::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), ProblemType::ALL.len());
        for kind in ProblemType::ALL {
            let status = kind.status();
            assert!(
                status.is_client_error() || status.is_server_error(),
                "{}",
                kind.name()
            );
            assert!(!kind.title().is_empty());
        }
    }

    #[tokio::test]
    async fn a_refusal_names_the_field_and_is_problem_json() {
        let response = Problem::invalid("rows[3].person", "expected 32 hexadecimal digits");
        let response = response.into_response();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        let body = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["type"], "/problems/invalid");
        assert_eq!(body["errors"][0]["field"], "rows[3].person");
    }
}
