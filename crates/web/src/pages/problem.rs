//! A refusal as a page: what happened and what to do, in the person's language.

use askama::Template;
use axum::response::{IntoResponse, Response};

use super::{Frame, page};
use crate::problem::{Problem, ProblemType};

/// A refusal, to be shown in a person's language.
pub(crate) struct PageProblem {
    frame: Frame,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: &'a Frame,
    text: String,
}

impl PageProblem {
    /// Shows `problem` within `frame`.
    pub(crate) fn new(frame: Frame, problem: impl Into<Problem>) -> Self {
        Self {
            frame,
            problem: problem.into(),
        }
    }
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        self.problem.log();
        let text = self.frame.t(text_of(self.problem.kind()));
        let mut response = page(&ProblemPage {
            frame: &self.frame,
            text,
        });
        if response.status().is_success() {
            *response.status_mut() = self.problem.kind().status();
        }
        response
    }
}

const fn text_of(kind: ProblemType) -> &'static str {
    match kind {
        ProblemType::Unreadable
        | ProblemType::UnsupportedMediaType
        | ProblemType::MethodNotAllowed
        | ProblemType::TooLarge => "problem-unreadable",
        ProblemType::Invalid => "problem-invalid",
        ProblemType::Unauthorized => "problem-unauthorized",
        ProblemType::Forbidden => "problem-forbidden",
        ProblemType::CrossSite => "problem-cross-site",
        ProblemType::NotFound => "problem-not-found",
        ProblemType::DocumentTaken => "problem-document-taken",
        ProblemType::Conflict | ProblemType::KeyReused | ProblemType::PolicyExists => {
            "problem-conflict"
        }
        ProblemType::TimedOut | ProblemType::Unavailable => "problem-busy",
        ProblemType::Internal => "problem-internal",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;

    #[test]
    fn every_problem_has_words_in_every_language() {
        for frame in frames() {
            for kind in ProblemType::ALL {
                let text = frame.t(text_of(kind));
                assert_sound(
                    &frame,
                    &ProblemPage {
                        frame: &frame,
                        text,
                    },
                );
            }
        }
    }
}
