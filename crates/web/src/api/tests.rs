//! The document of the interface is committed and true.

use std::path::Path;

use crate::testing::City;

const COMMITTED: &str = "../../docs/api/openapi.json";

#[test]
fn the_committed_document_is_the_one_that_the_routes_make() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(COMMITTED);
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == crate::openapi_json(),
        "docs/api/openapi.json is stale; run `cargo xtask generate`",
    );
}

#[tokio::test]
async fn the_document_is_served() {
    let city = City::start().await;
    let answer = city.get("/api/v1/openapi.json").await;
    assert_eq!(answer.json["info"]["title"], "healthcode");
}

#[test]
fn every_endpoint_says_what_it_does_what_it_answers_and_how_it_refuses() {
    let document: serde_json::Value = serde_json::from_str(&crate::openapi_json()).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, endpoint) in methods.as_object().unwrap() {
            assert!(endpoint["summary"].is_string(), "{method} {path}");
            assert!(endpoint["tags"].is_array(), "{method} {path}");
            let answers = endpoint["responses"].as_object().unwrap();
            assert!(
                answers.keys().any(|status| status.starts_with('2')),
                "{method} {path}"
            );
            let is_file = path.ends_with("openapi.json") || path.ends_with("trust-list");
            assert!(is_file || answers.contains_key("4XX"), "{method} {path}");
        }
    }
}
