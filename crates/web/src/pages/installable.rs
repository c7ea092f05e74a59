//! What makes the code page a program on the phone that works without a network: the manifest, the
//! worker that keeps the page, and what is shown where nothing is kept.

use askama::Template;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Frame, page};
use crate::problem::Problem;

/// The worker keeps the code page of this phone and nothing else that is about a person.
const WORKER: &str = include_str!("../../assets/worker.js");

#[derive(Template)]
#[template(path = "offline.html")]
struct OfflinePage {
    frame: Frame,
}

/// What the worker shows in place of a page that it does not keep.
pub(super) async fn offline(frame: Frame) -> Result<Response, Problem> {
    page(&OfflinePage { frame })
}

/// The worker. From the root, because a worker speaks for what lies below it alone.
pub(super) async fn worker() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, WORKER).into_response()
}

/// How the page looks among the programs of a phone.
pub(super) async fn manifest(frame: Frame) -> Response {
    let icon = |size: &str, media_type: &str, purpose: &str| {
        let name = match size {
            "any" => "icon.svg".to_owned(),
            size => format!("icon-{size}.png"),
        };
        let sizes = match size {
            "any" => "any".to_owned(),
            size => format!("{size}x{size}"),
        };
        json!({
            "src": format!("/assets/{name}"), "sizes": sizes, "type": media_type, "purpose": purpose,
        })
    };
    let manifest = json!({
        "id": "/me",
        "name": frame.t("site-name"),
        "short_name": frame.t("site-name"),
        "lang": frame.language.html(),
        "dir": frame.language.direction(),
        "start_url": "/me",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f1f3f5",
        "theme_color": "#0b4a8f",
        "icons": [
            icon("any", "image/svg+xml", "any"),
            icon("192", "image/png", "any"),
            icon("512", "image/png", "any"),
            icon("512", "image/png", "maskable"),
        ],
        "shortcuts": [
            { "name": frame.t("code-title"), "url": "/me" },
            { "name": frame.t("code-declare"), "url": "/declare" },
            { "name": frame.t("checkpoint-title"), "url": "/checkpoint" },
        ],
    });
    let headers = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, manifest.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::City;

    #[test]
    fn the_page_without_a_network_renders_in_every_language() {
        for frame in frames() {
            assert_sound(&frame.clone(), &OfflinePage { frame });
        }
    }

    #[tokio::test]
    async fn a_phone_can_install_the_code_page_in_its_language() {
        let city = City::start().await;
        for (language, name, direction) in
            [("en", "Health code", "ltr"), ("ar", "الرمز الصحي", "rtl")]
        {
            let asked = city.get("/manifest.webmanifest");
            let manifest = asked.header("accept-language", language).await;
            assert_eq!(
                manifest.headers["content-type"],
                "application/manifest+json"
            );
            let manifest: serde_json::Value = serde_json::from_slice(&manifest.bytes).unwrap();
            assert_eq!(manifest["name"], name);
            assert_eq!(manifest["dir"], direction);
            for icon in manifest["icons"].as_array().unwrap() {
                let address = icon["src"].as_str().unwrap();
                let found = city.get(address).await;
                assert_eq!(found.status, 200, "{address}");
                assert_eq!(
                    found.headers["content-type"],
                    icon["type"].as_str().unwrap()
                );
            }
        }
    }

    #[tokio::test]
    async fn the_worker_keeps_only_what_is_there() {
        let city = City::start().await;
        let worker = city.get("/worker.js").await;
        assert_eq!(worker.headers["cache-control"], "no-store");
        let kept = worker.text.split('"').filter(|word| word.starts_with('/'));
        let mut assets = 0;
        for address in kept.filter(|address| address.starts_with("/assets/")) {
            assert_eq!(city.get(address).await.status, 200, "{address}");
            assets += 1;
        }
        assert!(assets >= 5, "{}", worker.text);
        assert_eq!(city.get("/offline").await.status, 200);
    }
}
