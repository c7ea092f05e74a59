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
use crate::host::refuse_other_hosts;
use crate::language::{Language, asked_for};
use crate::overload::{Work, hold_back, shed};
use crate::problem::{Problem, ProblemType, Reader};
use crate::rates::{RateClass, limit_by_address, note_over_rate};
use crate::slow_body::timely;

/// The largest body of a request about one thing. Lists of evidence and policies may be larger:
/// see [`for_lists`].
pub(crate) const LARGEST_BODY: usize = 64 * 1024;
const LARGEST_LIST: usize = 8 * 1024 * 1024;
const LARGEST_DRAFT: usize = 256 * 1024;

/// Scripts, styles and pictures of our own only, and nobody may put our pages into a frame.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// The script that runs the scanner, apart from every page: what was compiled, as well as scripts.
const SCANNER: &str = "/assets/scanner-worker.js";
const SCANNER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Of every answer.
const NO_SNIFFING: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

/// Of answers to programs, which load nothing and are framed by nobody. A phone that renews its code pays for
/// each byte.
static PROGRAM_HEADERS: [(HeaderName, &str); 2] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    NO_SNIFFING,
];

/// Of pages and what they load.
static PAGE_HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    NO_SNIFFING,
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "geolocation=(), microphone=(), camera=(self)",
    ),
];

/// Puts the limits, the rendering of problems, the headers and the log line around all routes.
///
/// It is one layer. Each layer of a router is cloned and boxed for every request, with all that lie
/// inside it, so that seven of them cost a refusal more than everything else that is done for it.
pub(crate) fn around(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(app.clone(), every_request))
}

/// Counts each request, and answers it under one line of the log that has the pattern of the address,
/// never the address itself, and no header. What there is no room for is refused before anything else
/// is done for it.
async fn every_request(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let app = &app;
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map(MatchedPath::as_str);
    let work = route.and_then(|route| Work::of(request.method(), route));
    let answering = app.metrics.begin(work);
    let headers = AnswerHeaders::of(&request);
    let reader = Reader::of(app, &request);
    let mut response = match work.map_or(Ok(()), |work| app.overload.has_room(work)) {
        // The request is kept meanwhile: its body may still be on its way, and a connection of which
        // it was not read is closed.
        Err(problem) => {
            let refused = hold_back(app, problem).await;
            reader.read(app, refused)
        }
        Ok(()) => {
            if let Some(work) = work {
                request.extensions_mut().insert(work);
            }
            let route = route.unwrap_or("none");
            let span = tracing::info_span!("http.request", method = %request.method(), route);
            async move {
                let response = checked(app, request, next).await;
                let response = reader.read(app, response);
                tracing::debug!(status = response.status().as_u16(), "answered");
                response
            }
            .instrument(span)
            .await
        }
    };
    answering.answered(response.status());
    headers.add(app, &mut response);
    response
}

/// Answers a request that is for this site, comes no more often than it may, and finds the clock
/// right.
async fn checked(app: &App, request: Request, next: Next) -> Response {
    if let Err(problem) = refuse_other_hosts(app, &request) {
        return problem.into_response();
    }
    let class = RateClass::of(&request);
    let response = match limit_by_address(app, class, &request) {
        Err(problem) => problem.into_response(),
        Ok(()) => match refuse_with_a_wrong_clock(app, &request) {
            Err(problem) => problem.into_response(),
            Ok(()) => limit_time_and_load(app, request, next).await,
        },
    };
    note_over_rate(app, class, response.status()).await;
    response
}

/// The limit for endpoints that take lists.
pub(crate) fn for_lists() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_LIST)
}

/// The limit for a draft that is checked while it is being written: several times the largest policy, and little
/// enough that its worked cases are tried at once.
pub(crate) fn for_drafts() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_DRAFT)
}

/// Whether programs ask here, and are answered in JSON, or people.
pub(crate) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/health"
}

/// Gives up on what takes too long, and refuses what there is no room for.
async fn limit_time_and_load(app: &App, request: Request, next: Next) -> Response {
    let limit: Duration = app.settings.longest_answer;
    let (request, lateness) = timely(request, app.settings.connections.body);
    match tokio::time::timeout(limit, shed(app, request, next)).await {
        Ok(_) if lateness.is_late() => {
            let detail = "The body did not arrive in time. Send it again over a better connection, \
                          or in parts.";
            Problem::new(ProblemType::SlowRequest, detail).into_response()
        }
        Ok(answer) => answer,
        Err(_) => {
            let detail = "Repeat the request with the same idempotency key; it counts once.";
            Problem::new(ProblemType::TimedOut, detail).into_response()
        }
    }
}

/// A node whose clock is off answers monitors alone, until it is set right.
fn refuse_with_a_wrong_clock(app: &App, request: &Request) -> Result<(), Problem> {
    let path = request.uri().path();
    let wrong = app.service.wrong_clock();
    match wrong.filter(|_| path != "/health" && !path.starts_with("/assets/")) {
        Some(fault) => Err(Problem::new(ProblemType::Unavailable, fault.to_string())),
        None => Ok(()),
    }
}

/// The headers of an answer, as far as they follow from the request.
struct AnswerHeaders {
    /// The language that a page was switched to, to be remembered.
    chosen: Option<Language>,
    is_page: bool,
    is_scanner: bool,
}

impl AnswerHeaders {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let is_page = !is_for_programs(path);
        let asked = || asked_for(request.uri().query()).and_then(|tag| Language::of(&tag));
        Self {
            chosen: if is_page { asked() } else { None },
            is_page,
            is_scanner: path == SCANNER,
        }
    }

    fn add(self, app: &App, response: &mut Response) {
        let headers = response.headers_mut();
        for (name, value) in headers_for(self.is_page) {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
        if self.is_scanner {
            let policy = HeaderValue::from_static(SCANNER_POLICY);
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        // What says nothing of how long it may be kept may be about a person.
        let entry = headers.entry(header::CACHE_CONTROL);
        entry.or_insert(HeaderValue::from_static("no-store"));
        let secure = app.settings.secure_cookies;
        if secure {
            let year = HeaderValue::from_static("max-age=31536000");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
        let chosen = self.chosen;
        if let Some(chosen) = chosen.and_then(|one| cookie::set("lang", one.tag(), 365, secure)) {
            headers.append(header::SET_COOKIE, chosen);
        }
    }
}

fn headers_for(is_page: bool) -> &'static [(HeaderName, &'static str)] {
    match is_page {
        true => &PAGE_HEADERS,
        false => &PROGRAM_HEADERS,
    }
}

#[cfg(test)]
mod tests {
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
            for (name, value) in headers_for(!is_for_programs(address)) {
                assert_eq!(answer.headers[name], value, "{address} {name}");
            }
            let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str();
            let policy = policy.unwrap();
            assert!(policy.starts_with("default-src 'none';"), "{address}");
            assert!(policy.contains("frame-ancestors 'none'"), "{address}");
            assert!(answer.headers.contains_key("strict-transport-security"));
        }
    }

    #[tokio::test]
    async fn only_the_scanner_runs_what_was_compiled() {
        let city = City::start().await;
        for (address, runs) in [
            (SCANNER, true),
            ("/assets/scanner.js", false),
            ("/worker.js", false),
            ("/checkpoint", false),
        ] {
            let answer = city.get(address).await;
            let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str();
            let policy = policy.unwrap();
            assert!(policy.starts_with("default-src 'none';"), "{address}");
            assert_eq!(policy.contains("wasm-unsafe-eval"), runs, "{address}");
            assert!(!policy.contains("'unsafe-"), "{address}");
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
        let settings = app.settings_mut();
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
