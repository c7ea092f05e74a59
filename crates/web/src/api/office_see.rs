//! `POST /api/v1/office/bindings`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{AccountText, Body, WireDocument};

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
/// is lost.
#[utoipa::path(
    post, path = "/api/v1/office/bindings", tag = "office", security(("authority" = [])),
    request_body = Binding,
    responses((status = 204), Refusals),
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
    seen.await?;
    Ok(StatusCode::NO_CONTENT)
}
