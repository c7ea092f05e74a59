//! `POST /api/v1/office/bindings`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::AtCounter;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{AccountText, Body, WireDocument};

/// What the answer to a worker's request is.
pub(super) const fn status_of(done: AtCounter) -> StatusCode {
    match done {
        AtCounter::Done => StatusCode::NO_CONTENT,
        AtCounter::WaitsForSecond => StatusCode::ACCEPTED,
    }
}

/// An account whose holder stands in front of the worker.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Binding {
    /// Which.
    account: AccountText,
    /// The document in hand.
    document: WireDocument,
    /// Whether the holder lost the phone of the account that is bound now: its sessions and phones end.
    #[serde(default)]
    is_lost: bool,
}

/// Bind an account to the holder of a document
///
/// The worker saw the document and the person. The account reads from now on what was said of the
/// document; what it said itself stays. If another account is bound it stays bound, unless its phone
/// is lost. Where that is so, or somebody else has said anything of the holder, a second worker of the
/// office looks at the document too and sends the same within an hour; until then the answer is 202.
#[utoipa::path(
    post, path = "/api/v1/office/bindings", tag = "office", security(("staff" = [])),
    request_body = Binding,
    responses((status = 204), (status = 202, description = "It waits for a second worker"), Refusals),
)]
pub(crate) async fn office_see(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    Body(body): Body<Binding>,
) -> Result<StatusCode, Problem> {
    let document = body.document.into_document();
    let document = document.map_err(service::ServiceError::from)?;
    let accounts = &app.service.accounts;
    let seen = accounts.see(&by, body.account.0, &document, body.is_lost);
    Ok(status_of(seen.await?))
}
