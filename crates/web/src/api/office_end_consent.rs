//! `POST /api/v1/office/consents/end`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{AccountText, Body, WireDocument};

/// An account that is no longer to show somebody's code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndedConsent {
    /// The account that shows the code.
    account: AccountText,
    /// The document of the person whose code it is, in hand.
    document: WireDocument,
}

/// End that an account shows the code of the holder of a document
#[utoipa::path(
    post, path = "/api/v1/office/consents/end", tag = "office", security(("staff" = [])),
    request_body = EndedConsent,
    responses((status = 204), Refusals),
)]
pub(crate) async fn office_end_consent(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    Body(body): Body<EndedConsent>,
) -> Result<StatusCode, Problem> {
    let document = body.document.into_document();
    let document = document.map_err(service::ServiceError::from)?;
    let accounts = &app.service.accounts;
    let ended = accounts.end_holding_in_office(&by, body.account.0, &document);
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}
