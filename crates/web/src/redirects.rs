//! What is answered where no TLS is spoken, beside a server that speaks it: where to ask instead.
//!
//! A browser that only reads is sent on. Whatever else is sent here was sent in clear, a token or a
//! form: it is refused, so that its sender is mended, and not carried on as if nothing had been.

use std::future::pending;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use tokio::net::TcpListener;

use crate::connections::{self, ConnectionSettings, Door};
use crate::rates::Proxies;

/// So many are answered at once: each asks once, and is gone. They are among the files that are kept free
/// ([`crate::FILES_KEPT_FREE`]), so that they close no connection of the others.
const MOST: usize = 64;

/// Another `origin` must be followed at once, and nobody asks here twice.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONNECTION, "close"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// Where requests without TLS arrive, and where they are sent.
pub struct Redirects {
    /// Where they arrive; port 80 as a rule.
    pub listener: TcpListener,
    /// `https://` and the name under which people ask, without a path.
    pub to: String,
}

/// Answers there for ever.
///
/// # Errors
/// Those of the listener.
pub(crate) async fn answer(redirects: Redirects) -> std::io::Result<()> {
    let Redirects { listener, to } = redirects;
    let door = Door {
        limits: ConnectionSettings::with_most(MOST),
        proxies: Proxies::default(),
        tls: None,
    };
    connections::answer(listener, routes(to), door, &Arc::default(), pending()).await
}

fn routes(to: String) -> Router {
    Router::new().fallback(send_on).with_state(Arc::from(to))
}

async fn send_on(State(to): State<Arc<str>>, request: Request) -> Response {
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    match HeaderValue::try_from(format!("{to}{path}")) {
        Ok(address) if is_reading && path.starts_with('/') => (
            StatusCode::PERMANENT_REDIRECT,
            AppendHeaders(headers),
            [(header::LOCATION, address)],
        )
            .into_response(),
        _ => {
            let why = format!(
                "This is asked at {to} alone. What was sent here could be read on its way: change \
                 tokens and passwords that were in it.\n"
            );
            (StatusCode::FORBIDDEN, AppendHeaders(headers), why).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn who_reads_is_sent_to_our_own_name_and_who_writes_is_refused() {
        let routes = routes("https://code.example".to_owned());
        for (method, address, found) in [
            (Method::GET, "/", Some("https://code.example/")),
            (
                Method::GET,
                "/me?lang=zh",
                Some("https://code.example/me?lang=zh"),
            ),
            (Method::HEAD, "/check", Some("https://code.example/check")),
            // Another name stays a path of ours.
            (
                Method::GET,
                "//evil.example/x",
                Some("https://code.example//evil.example/x"),
            ),
            (
                Method::GET,
                "http://evil.example/x",
                Some("https://code.example/x"),
            ),
            (Method::POST, "/register", None),
            (Method::OPTIONS, "*", None),
        ] {
            let request = Request::builder().method(&method).uri(address);
            let request = request.header(header::HOST, "evil.example");
            let answer = routes.clone().oneshot(request.body(Body::empty()).unwrap());
            let answer = answer.await.unwrap();
            let location = answer.headers().get(header::LOCATION);
            let location = location.map(|location| location.to_str().unwrap());
            assert_eq!(location, found, "{method} {address}");
            let status = if found.is_some() { 308 } else { 403 };
            assert_eq!(answer.status(), status, "{method} {address}");
            for (name, value) in &HEADERS {
                assert_eq!(answer.headers()[name], value, "{method} {address}");
            }
        }
    }
}
