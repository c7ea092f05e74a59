//! What holds for every request: a time limit, size limits, headers, one line in the log.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::App;
use crate::cookie;
use crate::language::{Language, asked_for};
use crate::pages::{Frame, PageProblem};
use crate::problem::{Problem, ProblemType};

/// The largest body of a request about one thing. Lists of evidence and policies may be larger:
/// see [`for_lists`].
const LARGEST_BODY: usize = 64 * 1024;
const LARGEST_LIST: usize = 8 * 1024 * 1024;

/// Scripts, styles and pictures of our own only, and nobody may put our pages into a frame.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "geolocation=(), microphone=()",
    ),
];

/// Puts the limits and headers around all routes.
pub(crate) fn harden(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), limit_time))
        .layer(middleware::from_fn_with_state(app.clone(), add_headers))
        .layer(middleware::from_fn(log))
}

/// The limit for endpoints that take lists.
pub(crate) fn for_lists() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_LIST)
}

/// Whether programs ask here, and are answered in JSON, or people.
pub(crate) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/health"
}

async fn limit_time(State(app): State<App>, request: Request, next: Next) -> Response {
    let limit: Duration = app.settings.longest_answer;
    let (mut parts, body) = request.into_parts();
    let Ok(frame) = Frame::from_request_parts(&mut parts, &app).await;
    let is_for_programs = is_for_programs(parts.uri.path());
    let answer = next.run(Request::from_parts(parts, body));
    if let Ok(answer) = tokio::time::timeout(limit, answer).await {
        return answer;
    }
    let detail = "Repeat the request with the same idempotency key; it counts once.";
    let problem = Problem::new(ProblemType::TimedOut, detail);
    if is_for_programs {
        return problem.into_response();
    }
    PageProblem::new(frame, problem).into_response()
}

async fn add_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let language = asked_for(request.uri().query()).and_then(|tag| {
        Language::ALL
            .into_iter()
            .find(|language| language.tag() == tag)
    });
    let is_page = !is_for_programs(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.settings.secure_cookies {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    let chosen = language
        .filter(|_| is_page)
        .and_then(|language| cookie::set("lang", language.tag(), 365, app.settings.secure_cookies));
    if let Some(chosen) = chosen {
        headers.append(header::SET_COOKIE, chosen);
    }
    response
}

/// One line a request: the pattern of the address, never the address itself, and no header.
async fn log(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(MatchedPath::as_str);
    let route = route.unwrap_or("none").to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("http.request", %method, route);
    async {
        let response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await
}
