//! `POST /api/v1/office/releases`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{AccountText, Body, WireDocument};

/// An account that is bound by mistake.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {
    /// Which.
    account: AccountText,
    /// The document in hand.
    document: WireDocument,
}

/// Release an account from the holder of a document
///
/// Its sessions and phones end.
#[utoipa::path(
    post, path = "/api/v1/office/releases", tag = "office", security(("staff" = [])),
    request_body = Release,
    responses((status = 204), Refusals),
)]
pub(crate) async fn office_release(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    Body(body): Body<Release>,
) -> Result<StatusCode, Problem> {
    let document = body.document.into_document();
    let document = document.map_err(service::ServiceError::from)?;
    let accounts = &app.service.accounts;
    accounts.release(&by, body.account.0, &document).await?;
    Ok(StatusCode::NO_CONTENT)
}
