//! Style, scripts and the icon: part of the binary, from no other place.

use axum::Router;
use axum::http::{HeaderName, header};
use axum::routing::get;

use crate::App;

/// Name, media type, content.
const ASSETS: [(&str, &str, &str); 10] = [
    (
        "/assets/site.css",
        "text/css; charset=utf-8",
        include_str!("../assets/site.css"),
    ),
    (
        "/assets/renew.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/renew.js"),
    ),
    (
        "/assets/qr.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/qr.js"),
    ),
    (
        "/assets/live.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/live.js"),
    ),
    (
        "/assets/checkpoint.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/checkpoint.js"),
    ),
    (
        "/assets/progress.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/progress.js"),
    ),
    (
        "/assets/propose.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/propose.js"),
    ),
    (
        "/assets/passkey.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/passkey.js"),
    ),
    (
        "/assets/sign.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/sign.js"),
    ),
    (
        "/assets/icon.svg",
        "image/svg+xml",
        include_str!("../assets/icon.svg"),
    ),
];

type Headers = [(HeaderName, &'static str); 2];

/// Every asset at its address.
pub(crate) fn router() -> Router<App> {
    ASSETS
        .into_iter()
        .fold(Router::new(), |router, (path, media_type, content)| {
            let headers: Headers = [
                (header::CONTENT_TYPE, media_type),
                (header::CACHE_CONTROL, "public, max-age=300"),
            ];
            router.route(path, get(move || async move { (headers, content) }))
        })
}

/// The addresses of all assets.
#[cfg(test)]
pub(crate) fn addresses() -> impl Iterator<Item = &'static str> {
    ASSETS.into_iter().map(|(path, ..)| path)
}
