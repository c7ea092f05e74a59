//! The closed list of problem types, and the one match that describes each of them.

use axum::http::StatusCode;

/// Every kind of refusal the interface knows. The name is part of the contract: clients switch on
/// it, so a name never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ProblemType {
    /// The request cannot be read.
    Unreadable,
    /// The request reads well, but what it says cannot be.
    Invalid,
    /// No token, or one that nobody holds.
    Unauthorized,
    /// This role may not do this.
    Forbidden,
    /// The passkey must be shown again first.
    StepUpNeeded,
    /// The form was sent from another site.
    CrossSite,
    /// The request is for another site, or does not say for which one.
    Misdirected,
    /// More than one person may do: nothing of it was done.
    OverCap,
    /// Too often: the same may be asked again in a while.
    TooManyRequests,
    /// Nothing is there, or nothing that the asker may know of.
    NotFound,
    /// The address exists, the method does not.
    MethodNotAllowed,
    /// The policy gives codes to accounts that are proven further.
    NeedsProof,
    /// The one-time code is wrong or has run out.
    WrongCode,
    /// The phone was sent too many one-time codes lately.
    TooManyCodes,
    /// The idempotency key was used for another request.
    KeyReused,
    /// The policy version is published with another text.
    PolicyExists,
    /// The present state does not allow it.
    Conflict,
    /// The request is larger than this address takes.
    TooLarge,
    /// The request arrives too slowly.
    SlowRequest,
    /// The body is not of the media type this address reads.
    UnsupportedMediaType,
    /// The answer took too long; a repeat with the same idempotency key counts once.
    TimedOut,
    /// More is asked than can be done: what can wait is refused.
    Overloaded,
    /// The database does not take this at present: it is out of reach, busy, in recovery or full.
    DatabaseUnavailable,
    /// Something else is out of reach at present: a policy, a worker.
    Unavailable,
    /// A fault of this program.
    Internal,
}

/// What is the same for every problem of a type.
struct Description {
    name: &'static str,
    status: StatusCode,
    title: &'static str,
    /// The name of the text that a page shows.
    page_text: &'static str,
}

impl ProblemType {
    /// Every type, for the documentation.
    pub(crate) const ALL: [Self; 25] = [
        Self::Unreadable,
        Self::Invalid,
        Self::Unauthorized,
        Self::Forbidden,
        Self::StepUpNeeded,
        Self::CrossSite,
        Self::Misdirected,
        Self::OverCap,
        Self::TooManyRequests,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NeedsProof,
        Self::WrongCode,
        Self::TooManyCodes,
        Self::KeyReused,
        Self::PolicyExists,
        Self::Conflict,
        Self::TooLarge,
        Self::SlowRequest,
        Self::UnsupportedMediaType,
        Self::TimedOut,
        Self::Overloaded,
        Self::DatabaseUnavailable,
        Self::Unavailable,
        Self::Internal,
    ];

    const fn description(self) -> Description {
        let (name, status, title, page_text) = match self {
            Self::Unreadable => (
                "unreadable",
                StatusCode::BAD_REQUEST,
                "The request cannot be read",
                "problem-unreadable",
            ),
            Self::Invalid => (
                "invalid",
                StatusCode::UNPROCESSABLE_ENTITY,
                "A value cannot be accepted",
                "problem-invalid",
            ),
            Self::Unauthorized => (
                "unauthorized",
                StatusCode::UNAUTHORIZED,
                "A valid token is needed",
                "problem-unauthorized",
            ),
            Self::Forbidden => (
                "forbidden",
                StatusCode::FORBIDDEN,
                "Your role may not do this",
                "problem-forbidden",
            ),
            Self::StepUpNeeded => (
                "step-up-needed",
                StatusCode::FORBIDDEN,
                "Show your passkey again first",
                "problem-step-up",
            ),
            Self::CrossSite => (
                "cross-site",
                StatusCode::FORBIDDEN,
                "The form was sent from another site",
                "problem-cross-site",
            ),
            Self::Misdirected => (
                "misdirected",
                StatusCode::MISDIRECTED_REQUEST,
                "The request is for another site",
                "problem-misdirected",
            ),
            Self::OverCap => (
                "over-cap",
                StatusCode::CONFLICT,
                "More than one person may do at once",
                "problem-over-cap",
            ),
            Self::TooManyRequests => (
                "too-many-requests",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests",
                "problem-too-many",
            ),
            Self::NotFound => (
                "not-found",
                StatusCode::NOT_FOUND,
                "There is nothing here",
                "problem-not-found",
            ),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "This address does not take this method",
                "problem-unreadable",
            ),
            Self::NeedsProof => (
                "needs-proof",
                StatusCode::FORBIDDEN,
                "The account must be proven further",
                "problem-needs-proof",
            ),
            Self::WrongCode => (
                "wrong-code",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The one-time code is wrong or has run out",
                "problem-wrong-code",
            ),
            Self::TooManyCodes => (
                "too-many-codes",
                StatusCode::TOO_MANY_REQUESTS,
                "You asked for several codes lately",
                "problem-too-many-codes",
            ),
            Self::KeyReused => (
                "key-reused",
                StatusCode::CONFLICT,
                "This idempotency key belongs to another request",
                "problem-conflict",
            ),
            Self::PolicyExists => (
                "policy-exists",
                StatusCode::CONFLICT,
                "This policy version is published with another text",
                "problem-conflict",
            ),
            Self::Conflict => (
                "conflict",
                StatusCode::CONFLICT,
                "The present state does not allow this",
                "problem-conflict",
            ),
            Self::TooLarge => (
                "too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The request is too large",
                "problem-unreadable",
            ),
            Self::SlowRequest => (
                "slow-request",
                StatusCode::REQUEST_TIMEOUT,
                "The request arrived too slowly",
                "problem-busy",
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This address reads another media type",
                "problem-unreadable",
            ),
            Self::TimedOut => (
                "timed-out",
                StatusCode::SERVICE_UNAVAILABLE,
                "The answer took too long",
                "problem-busy",
            ),
            Self::Overloaded => (
                "overloaded",
                StatusCode::SERVICE_UNAVAILABLE,
                "Too much to do at once",
                "problem-busy",
            ),
            Self::DatabaseUnavailable => (
                "database-unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "The database is out of reach for the moment",
                "problem-busy",
            ),
            Self::Unavailable => (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "Out of reach for the moment",
                "problem-busy",
            ),
            Self::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault in this program",
                "problem-internal",
            ),
        };
        Description {
            name,
            status,
            title,
            page_text,
        }
    }

    /// The last part of the type's address.
    pub(crate) const fn name(self) -> &'static str {
        self.description().name
    }

    /// The HTTP status.
    pub(crate) const fn status(self) -> StatusCode {
        self.description().status
    }

    /// A short sentence, the same for every problem of the type.
    pub(crate) const fn title(self) -> &'static str {
        self.description().title
    }

    /// The name of the text in which a page says it.
    pub(crate) const fn page_text(self) -> &'static str {
        self.description().page_text
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
}
