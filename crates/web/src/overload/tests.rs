//! Stories of more work than can be done.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;
use crate::host::HostNames;
use crate::testing::City;
use crate::{openapi_json, pages};

#[tokio::test]
async fn every_route_is_a_kind_of_work() {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "delete"] {
            if item.get(method).is_some() {
                routes.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    let city = City::start().await;
    let pages = pages::routes(&city.app()).list.into_iter();
    routes.extend(pages.map(|(method, path)| (method.to_owned(), path.to_owned())));
    assert!(routes.len() > 150);
    let unnamed: BTreeSet<_> = routes
        .iter()
        .filter(|(method, path)| {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            Work::of(&method, path).is_none()
        })
        .collect();
    assert!(
        unnamed.is_empty(),
        "name them in crates/web/src/overload/work.rs: {unnamed:?}"
    );
}

#[test]
fn what_can_wait_is_refused_in_order_and_codes_never_are() {
    let overload = Overload::new(Arc::new(Zeroes));
    let all = overload.limit.now();
    let mut taken = Vec::new();
    let mut order = Vec::new();
    // Registrations fill the room; each other kind is tried beside them.
    while let Ok(in_flight) = overload.admit(Work::Registrations, true) {
        taken.push(in_flight);
        for work in Work::ALL {
            if overload.has_room(work).is_err() && !order.contains(&work) {
                order.push(work);
            }
        }
    }
    assert_eq!(taken.len(), all);
    let last = [Work::Offices, Work::Registrations, Work::SignIns];
    assert_eq!(
        order,
        [
            &[Work::Statistics, Work::History, Work::Declarations],
            &last[..]
        ]
        .concat()
    );
    for never in [Work::Codes, Work::Showing, Work::Sending] {
        assert!(overload.admit(never, true).is_ok());
    }
    // Once they are answered there is room for everything.
    drop(taken);
    for work in Work::ALL {
        assert!(overload.admit(work, true).is_ok(), "{}", work.name());
    }
}

#[test]
fn what_waits_for_others_takes_no_place_from_what_does_not_and_is_not_measured() {
    let overload = Overload::new(Arc::new(Zeroes));
    let mut taken = Vec::new();
    while let Ok(in_flight) = overload.admit(Work::Sending, true) {
        taken.push(in_flight);
    }
    assert_eq!(taken.len(), SENT_AT_ONCE);
    let declared = overload.admit(Work::Declarations, true).unwrap().unwrap();
    let sent_slowly = overload.admit(Work::Declarations, false).unwrap().unwrap();
    assert!(declared.measured_since.is_some());
    assert!(sent_slowly.measured_since.is_none());
    assert!(
        taken
            .into_iter()
            .flatten()
            .all(|one| one.measured_since.is_none())
    );
}

#[tokio::test]
async fn what_is_refused_at_once_says_nothing_of_how_long_work_takes() {
    let overload = Overload::new(Arc::new(Zeroes));
    let admit = || overload.admit(Work::Declarations, true).unwrap().unwrap();
    drop(admit());
    assert_eq!(overload.limit.answers(), 0, "nobody proved who they are");
    let mut done = admit();
    done.is_done = true;
    drop(done);
    assert_eq!(overload.limit.answers(), 1);
    let slow = admit();
    tokio::time::sleep(limit::BEARABLE * 2).await;
    drop(slow);
    assert_eq!(overload.limit.answers(), 2, "whoever gave up waited");
}

struct Zeroes;

impl IdSource for Zeroes {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

async fn get(router: &Router, address: &str) -> Response {
    let request = Request::get(address).header(header::HOST, "localhost");
    let request = request.body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn while_there_is_too_much_to_do_codes_go_on_and_others_are_told_when_to_come_back() {
    let city = City::start().await;
    let app = city.app();
    let router = crate::routed(app.clone());
    let mut taken = Vec::new();
    while let Ok(in_flight) = app.overload.admit(Work::Registrations, true) {
        taken.push(in_flight);
    }
    let mut waits = BTreeSet::new();
    for (address, media_type) in [
        ("/api/v1/stats", "application/problem+json"),
        ("/stats", "text/html; charset=utf-8"),
    ] {
        for _ in 0..20 {
            let refused = get(&router, address).await;
            assert_eq!(refused.status(), 503, "{address}");
            assert_eq!(refused.headers()[header::CONTENT_TYPE], media_type);
            let wait = refused.headers()[header::RETRY_AFTER].to_str().unwrap();
            waits.insert(wait.parse::<u64>().unwrap());
        }
    }
    assert!(waits.len() > 1, "all come back at once: {waits:?}");
    let (first, last) = (BACK_AFTER, BACK_AFTER + BACK_SPREAD);
    assert!(waits.iter().all(|wait| (first..=last).contains(wait)));
    for address in ["/health", "/api/v1/trust-list", "/", "/assets/site.css"] {
        assert_eq!(get(&router, address).await.status(), 200, "{address}");
    }
    // Without a token, but it is let in to get that answer.
    assert_eq!(get(&router, "/api/v1/me/status").await.status(), 401);
    drop(taken);
    assert_eq!(get(&router, "/stats").await.status(), 200);
}

#[tokio::test]
async fn what_there_is_no_room_for_is_refused_before_anything_else_is_done() {
    let city = City::start().await;
    // The clock of the test is years behind the database's.
    city.service.watch_clock().await.unwrap();
    let app = city.app();
    let router = crate::routed(app.clone());
    let ask = async || {
        // For another site, with a body that never comes.
        let (sender, body) = tokio::io::duplex(64);
        let request = Request::post("/api/v1/registrations").header(header::HOST, "evil.example");
        let request = request.body(Body::new(Piped(body))).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        drop(sender);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let problem: Value = serde_json::from_slice(&body).unwrap();
        problem["type"].as_str().unwrap().to_owned()
    };
    assert_eq!(ask().await, "/problems/misdirected");
    let taken: Vec<_> = (0..app.overload.limit.now())
        .map(|_| app.overload.admit(Work::Registrations, true).unwrap())
        .collect();
    assert_eq!(ask().await, "/problems/overloaded");
    assert_eq!(app.overload.refused(Work::Registrations), 1);
    drop(taken);
    assert_eq!(ask().await, "/problems/misdirected");
}

#[tokio::test]
async fn monitors_are_answered_while_work_is_refused() {
    let city = City::start().await;
    let app = city.app();
    let router = crate::routed(app.clone());
    let taken: Vec<_> = (0..app.overload.limit.now())
        .map(|_| app.overload.admit(Work::Registrations, true).unwrap())
        .collect();
    assert_eq!(get(&router, "/stats").await.status(), 503);
    let answer = get(
        &crate::metrics::routes(app.clone(), HostNames::default()),
        "/metrics",
    )
    .await;
    assert_eq!(answer.status(), 200);
    let page = answer.into_body().collect().await.unwrap().to_bytes();
    let page = String::from_utf8(page.to_vec()).unwrap();
    for line in [
        "healthcode_shed_total{work=\"statistics\"} 1",
        "healthcode_answers_total{work=\"statistics\",status=\"5xx\"} 1",
        "healthcode_problems_total{problem=\"overloaded\"} 1",
        // A refusal is not timed.
        "healthcode_answer_seconds_count{work=\"statistics\"} 0",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    drop(taken);
}

#[tokio::test]
async fn who_asks_again_at_once_is_held_back() {
    let mut app = City::start().await.app();
    let settings = app.settings_mut();
    // For longer than any test lasts.
    settings.refusals_held_back = Duration::from_secs(3600);
    let router = crate::routed(app.clone());
    let _taken: Vec<_> = (0..app.overload.limit.now())
        .map(|_| app.overload.admit(Work::Registrations, true).unwrap())
        .collect();
    let refused = tokio::spawn(async move { get(&router, "/stats").await.status() });
    while app.overload.held_back.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!refused.is_finished());
    // A caller who leaves is not waited for.
    refused.abort();
    while app.overload.held_back.load(Ordering::Relaxed) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_takes_no_place() {
    let city = City::start().await;
    let app = city.app();
    let router = crate::routed(app.clone());
    let (sender, body) = tokio::io::duplex(64);
    let stuck = Request::post("/api/v1/registrations").header(header::HOST, "localhost");
    let stuck = stuck.body(Body::new(Piped(body))).unwrap();
    let asked = tokio::spawn(router.oneshot(stuck));
    tokio::task::yield_now().await;
    assert_eq!(app.overload.in_flight.load(Ordering::Relaxed), 0);
    drop(sender);
    let answer = asked.await.unwrap().unwrap();
    assert!(answer.status().is_client_error());
    assert_eq!(app.overload.in_flight.load(Ordering::Relaxed), 0);
}

/// A body that ends when the other end of the pipe does.
struct Piped(tokio::io::DuplexStream);

impl axum::body::HttpBody for Piped {
    type Data = axum::body::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, std::io::Error>>> {
        let mut bytes = [0; 1];
        let mut buffer = tokio::io::ReadBuf::new(&mut bytes);
        let pipe = std::pin::Pin::new(&mut self.0);
        let read = tokio::io::AsyncRead::poll_read(pipe, context, &mut buffer);
        read.map(|_| None)
    }
}
