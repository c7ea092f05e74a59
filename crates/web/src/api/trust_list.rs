//! `GET /api/v1/trust-list`

use axum::extract::State;
use axum::http::{HeaderName, header};

use super::Refusals;
use crate::App;

/// Fetch the trust list
///
/// The keys that sign codes, signed by a root key that checkpoints pin, with a statement of today that
/// this list is the newest: see `docs/credential-format.md`. It serves a checkpoint for 24 hours
/// without a network.
#[utoipa::path(
    get, path = "/api/v1/trust-list", tag = "codes",
    responses((status = 200, body = Vec<u8>, content_type = "application/healthcode-trust"), Refusals),
)]
pub(crate) async fn trust_list(
    State(app): State<App>,
) -> ([(HeaderName, &'static str); 2], Vec<u8>) {
    let headers = [
        (header::CONTENT_TYPE, "application/healthcode-trust"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    (headers, app.service.checks.trust_list())
}
