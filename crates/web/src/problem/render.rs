//! Turns a [`Problem`] into what the reader of the answer understands.

use askama::Template;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{IdSource, RequestKey};
use serde::Serialize;

use super::{FieldError, Problem, ProblemType, Repeats};
use crate::App;
use crate::middleware::is_for_programs;
use crate::pages::{Frame, page};

/// Who reads an answer: a program, or a person on a page.
pub(crate) enum Reader {
    Program,
    Person(Box<Frame>),
}

impl Reader {
    /// Who reads the answer to a request.
    pub(crate) fn of(app: &App, request: &Request) -> Self {
        if is_for_programs(request.uri().path()) {
            Self::Program
        } else {
            Self::Person(Box::new(Frame::new(request.uri(), request.headers(), app)))
        }
    }

    /// Answers a [`Problem`], if the response holds one: in JSON to a program, on a page in the
    /// person's language to a browser. A page that needs somebody to sign in sends them to where they
    /// can.
    pub(crate) fn read(&self, app: &App, mut response: Response) -> Response {
        let Some(problem) = response.extensions_mut().remove::<Problem>() else {
            return response;
        };
        let operation = operation(&*app.settings.ids);
        app.metrics.note_problem(problem.kind);
        problem.log(&operation, &app.logged);
        let mut rendered = match self {
            Self::Person(frame) => as_page(frame, problem, &operation, &app.logged),
            Self::Program => as_json(problem),
        };
        // Not in the body: two refusals that must not differ are the same there.
        if let Ok(operation) = HeaderValue::try_from(operation) {
            rendered.headers_mut().insert(OPERATION, operation);
        }
        // The router says which methods an address takes.
        if let Some(methods) = response.headers_mut().remove(header::ALLOW) {
            rendered.headers_mut().insert(header::ALLOW, methods);
        }
        rendered
    }
}

/// The header that names the operation, for readers of the log.
const OPERATION: HeaderName = HeaderName::from_static("operation-id");

/// A name for what was refused: random, so that it tells nothing.
fn operation(ids: &dyn IdSource) -> String {
    let id = RequestKey::generate(ids).as_u128();
    format!("{:016x}", id >> 64)
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

fn as_json(problem: Problem) -> Response {
    let (kind, retry_after) = (problem.kind, problem.retry_after);
    let body = Json(ProblemBody {
        r#type: format!("/problems/{}", kind.name()),
        title: kind.title(),
        status: kind.status().as_u16(),
        detail: problem.detail,
        errors: problem.errors,
    });
    let media_type = [(header::CONTENT_TYPE, "application/problem+json")];
    let mut response = with_status(kind, retry_after, (media_type, body).into_response());
    if kind == ProblemType::Unauthorized {
        let scheme = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: &'a Frame,
    text: String,
    operation: &'a str,
    /// Whether the passkey must be shown again.
    is_step_up: bool,
}

fn as_page(frame: &Frame, problem: Problem, operation: &str, logged: &Repeats) -> Response {
    let kind = problem.kind;
    if kind == ProblemType::Unauthorized
        && let Some(address) = frame.sign_in_address()
    {
        return Redirect::to(address).into_response();
    }
    let text = frame.t(kind.page_text());
    match page(&ProblemPage {
        frame,
        text,
        operation,
        is_step_up: kind == ProblemType::StepUpNeeded,
    }) {
        Ok(page) => with_status(kind, problem.retry_after, page),
        Err(problem) => {
            problem.log(operation, logged);
            as_json(problem)
        }
    }
}

fn with_status(kind: ProblemType, retry_after: Option<u64>, mut response: Response) -> Response {
    *response.status_mut() = kind.status();
    let passes = matches!(
        kind.status(),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    );
    if passes {
        let seconds = HeaderValue::from(retry_after.unwrap_or(5));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    if kind == ProblemType::SlowRequest {
        // What is left of the body is not waited for.
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;
    use crate::pages::tests::{assert_sound, frames};
    use crate::testing::City;

    #[test]
    fn every_problem_has_words_in_every_language() {
        for frame in frames() {
            for kind in ProblemType::ALL {
                let text = frame.t(kind.page_text());
                let frame = &frame;
                let operation = "0123456789abcdef";
                let page = ProblemPage {
                    frame,
                    text,
                    operation,
                    is_step_up: kind == ProblemType::StepUpNeeded,
                };
                assert!(assert_sound(frame, &page).contains(operation));
            }
        }
    }

    #[tokio::test]
    async fn a_refusal_names_the_field_and_is_problem_json() {
        let response = as_json(Problem::invalid(
            "rows[3].person",
            "expected 32 hexadecimal digits",
        ));
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

    #[tokio::test]
    async fn who_is_not_signed_in_is_sent_to_where_they_can_if_there_is_such_a_page() {
        let app = City::start().await.app();
        for (address, place) in [
            ("/me/card", Some("/sign-in")),
            ("/officer/proposals", Some("/staff/sign-in")),
            ("/checkpoint", None),
        ] {
            let frame = Frame::new(&address.parse().unwrap(), &HeaderMap::new(), &app);
            let response = as_page(
                &frame,
                Problem::new(ProblemType::Unauthorized, "detail"),
                "0",
                &app.logged,
            );
            let sent_to = response.headers().get(header::LOCATION);
            assert_eq!(sent_to.map(|to| to.to_str().unwrap()), place, "{address}");
            let status = if place.is_some() { 303 } else { 401 };
            assert_eq!(response.status(), status, "{address}");
        }
    }

    #[tokio::test]
    async fn every_refusal_names_its_operation_and_no_two_the_same() {
        let city = City::start().await;
        let mut names = std::collections::BTreeSet::new();
        for address in ["/api/v1/nothing", "/nothing", "/me", "/api/v1/me/status"] {
            for _ in 0..2 {
                let answer = city.get(address).await;
                let name = answer.headers["operation-id"].to_str().unwrap().to_owned();
                assert!(names.insert(name), "{address}");
            }
        }
        assert!(!city.get("/").await.headers.contains_key("operation-id"));
    }

    #[test]
    fn what_passes_says_when_to_ask_again_to_programs_and_to_people() {
        let frame = frames().next().unwrap();
        for kind in ProblemType::ALL {
            let passes = kind.status() == StatusCode::SERVICE_UNAVAILABLE
                || kind.status() == StatusCode::TOO_MANY_REQUESTS;
            for response in [
                as_json(Problem::new(kind, "detail")),
                as_page(
                    &frame,
                    Problem::new(kind, "detail"),
                    "0",
                    &Repeats::default(),
                ),
            ] {
                let says = response.headers().contains_key(header::RETRY_AFTER);
                assert_eq!(says, passes, "{}", kind.name());
            }
        }
    }
}
