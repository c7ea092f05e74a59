//! What holds for every request: a time limit, size limits, how a problem is answered, headers, one
//! line in the log.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::App;
use crate::cookie;
use crate::host::check_host;
use crate::language::{Language, asked_for};
use crate::problem::{Problem, ProblemType, Rendering};
use crate::rates::{alarm_of_refusals, class_of_request, count_by_address};

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

/// Puts the limits, the rendering of problems, the headers and the log line around all routes. They are
/// one layer: the router clones and boxes each one for every request.
pub(crate) fn around(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(app.clone(), answer))
}

/// The limit for endpoints that take lists.
pub(crate) fn for_lists() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_LIST)
}

/// Whether programs ask here, and are answered in JSON, or people.
pub(crate) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/health"
}

/// Answers a request: one line in the log with the pattern of the address, never the address itself,
/// and no header.
async fn answer(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(MatchedPath::as_str);
    let span = tracing::info_span!(
        "http.request",
        method = %request.method(),
        route = route.unwrap_or("none"),
    );
    async {
        let (rendering, headers) = (Rendering::of(&app, &request), AddedHeaders::of(&request));
        let response = route_within_limits(&app, request, next).await;
        let response = response.unwrap_or_else(IntoResponse::into_response);
        let mut response = rendering.render(&app, response);
        headers.add_to(&app, &mut response);
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await
}

/// What the route answers, if the request is for this server, does not come too often, and the clock is
/// right.
async fn route_within_limits(app: &App, request: Request, next: Next) -> Result<Response, Problem> {
    check_host(&app.settings.hosts, &request)?;
    let class = class_of_request(&request);
    let allowed = count_by_address(app, class, &request).and_then(|()| check_clock(app, &request));
    let response = match allowed {
        Ok(()) => within_time(app, request, next).await,
        Err(problem) => problem.into_response(),
    };
    alarm_of_refusals(app, class, response.status()).await;
    Ok(response)
}

async fn within_time(app: &App, request: Request, next: Next) -> Response {
    let limit: Duration = app.settings.longest_answer;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            let detail = "Repeat the request with the same idempotency key; it counts once.";
            Problem::new(ProblemType::TimedOut, detail).into_response()
        }
    }
}

/// A node whose clock is off answers monitors alone, until it is set right.
fn check_clock(app: &App, request: &Request) -> Result<(), Problem> {
    let path = request.uri().path();
    let wrong = app.service.wrong_clock();
    match wrong.filter(|_| path != "/health" && !path.starts_with("/assets/")) {
        Some(fault) => Err(Problem::new(ProblemType::Unavailable, fault.to_string())),
        None => Ok(()),
    }
}

/// What an answer carries beside what the route says.
struct AddedHeaders {
    /// What a person chose on this page, to be remembered.
    language: Option<Language>,
}

impl AddedHeaders {
    fn of(request: &Request) -> Self {
        let is_page = !is_for_programs(request.uri().path());
        let asked = is_page.then(|| asked_for(request.uri().query())).flatten();
        Self {
            language: asked.and_then(|tag| Language::of(&tag)),
        }
    }

    fn add_to(&self, app: &App, response: &mut Response) {
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        // What says nothing of how long it may be kept may be about a person.
        let entry = headers.entry(header::CACHE_CONTROL);
        entry.or_insert(HeaderValue::from_static("no-store"));
        if app.settings.secure_cookies {
            let year = HeaderValue::from_static("max-age=31536000");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
        let chosen = self.language.and_then(|language| {
            cookie::set("lang", language.tag(), 365, app.settings.secure_cookies)
        });
        if let Some(chosen) = chosen {
            headers.append(header::SET_COOKIE, chosen);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::get;
    use serde_json::json;
    use tower::ServiceExt;

    use super::*;
    use crate::testing::City;

    #[tokio::test]
    async fn a_node_whose_clock_is_off_answers_monitors_alone() {
        let city = City::start().await;
        assert_eq!(city.get("/").await.status, 200);
        // The clock of the test is years behind the database's.
        city.service.watch_clock().await.unwrap();
        for address in ["/", "/api/v1/policies"] {
            let answer = city.get(address).await;
            assert_eq!(answer.status, 503, "{address}");
            assert!(
                answer.headers.contains_key(header::RETRY_AFTER),
                "{address}"
            );
        }
        assert_eq!(city.get("/health").await.status, 503);
        assert_eq!(city.get("/assets/site.css").await.status, 200);
    }

    #[tokio::test]
    async fn nothing_keeps_an_answer_of_the_api_that_may_be_about_a_person() {
        let city = City::start().await;
        for (address, kept) in [
            ("/api/v1/me/status", "no-store"),
            ("/api/v1/nothing", "no-store"),
            ("/api/v1/trust-list", "public, max-age=60"),
        ] {
            let answer = city.get(address).await;
            assert_eq!(answer.headers[header::CACHE_CONTROL], kept, "{address}");
        }
    }

    #[tokio::test]
    async fn every_answer_carries_the_headers_that_keep_other_sites_out() {
        let city = City::start().await;
        for address in [
            "/",
            "/health",
            "/assets/site.css",
            "/no-such-page",
            "/api/v1/nothing",
        ] {
            let answer = city.get(address).await;
            for (name, value) in HEADERS {
                assert_eq!(answer.headers[&name], value, "{address} {name}");
            }
            assert!(answer.headers.contains_key("strict-transport-security"));
        }
    }

    #[tokio::test]
    async fn a_program_is_refused_in_json_and_a_person_on_a_page() {
        let city = City::start().await;
        let program = city.get("/api/v1/nothing").await;
        assert_eq!(
            (program.status, &program.json["type"]),
            (404, &json!("/problems/not-found"))
        );
        let method = city.get("/api/v1/registrations").await;
        assert_eq!(
            method.json["type"], "/problems/method-not-allowed",
            "{method:?}"
        );
        assert_eq!(method.headers["allow"], "POST");
        let page = city.post("/me").form("").await;
        assert_eq!(
            (page.status, &page.headers["allow"]),
            (405, &"GET,HEAD".parse().unwrap())
        );
        let person = city.get("/nothing?lang=zh").await;
        assert!(
            person.status == 404 && person.text.contains("没有成功"),
            "{person:?}"
        );
    }

    #[tokio::test]
    async fn a_request_about_one_thing_is_short_and_a_list_may_be_longer() {
        let city = City::start().await;
        let padding = " ".repeat(LARGEST_BODY);
        let one = city
            .post("/api/v1/verifications")
            .text(&format!("{{\"code\":\"\"}}{padding}"));
        let one = one.header("content-type", "application/json").await;
        assert_eq!(one.json["type"], "/problems/too-large", "{one:?}");
        let list = city.post("/api/v1/evidence/batches").token(&city.health);
        let list = list.text(&format!("{{\"items\":[]}}{padding}"));
        let list = list.header("content-type", "application/json").await;
        assert_eq!(list.status, 200, "{list:?}");
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_given_up() {
        let city = City::start().await;
        let mut app = city.app();
        let settings = Arc::get_mut(&mut app.settings).unwrap();
        settings.longest_answer = Duration::from_millis(1);
        let stuck = || async { std::future::pending::<()>().await };
        let routes = Router::new()
            .route("/api/stuck", get(stuck))
            .route("/stuck", get(stuck));
        let router = around(routes, &app).with_state(app);
        for (address, media_type) in [
            ("/api/stuck", "application/problem+json"),
            ("/stuck", "text/html; charset=utf-8"),
        ] {
            let request = Request::get(address).header(header::HOST, "localhost");
            let request = request.body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 503);
            assert_eq!(answer.headers()[header::CONTENT_TYPE], media_type);
            assert_eq!(answer.headers()[header::RETRY_AFTER], "5");
        }
    }

    #[tokio::test]
    async fn the_language_switch_is_remembered() {
        let city = City::start().await;
        let switched = city.get("/?lang=zh").await;
        assert_eq!(switched.cookie("lang").as_deref(), Some("zh"));
        let later = city.get("/").cookie("lang", "zh").await;
        assert!(later.text.contains("健康码"));
        assert_eq!(city.get("/?lang=xx").await.cookie("lang"), None);
        let arabic = city.get("/?lang=ar").await;
        assert_eq!(arabic.cookie("lang").as_deref(), Some("ar"));
        assert!(arabic.text.contains("<html lang=\"ar\" dir=\"rtl\""));
        for (tag, words) in [
            ("ja", "健康コード"),
            ("ko", "건강 코드"),
            ("ar", "الرمز الصحي"),
        ] {
            let page = city.get("/").header("accept-language", tag).await;
            assert!(page.text.contains(words), "{tag}");
        }
    }
}
