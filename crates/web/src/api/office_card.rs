//! `POST /api/v1/office/cards`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refusals;
use super::code::WireCode;
use crate::App;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{Body, WireDocument};

/// Somebody who needs a card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardFor {
    /// The document in hand.
    document: WireDocument,
}

/// Print a card for the holder of a document
///
/// They need no account. Who has one reads that a card was printed.
#[utoipa::path(
    post, path = "/api/v1/office/cards", tag = "office", security(("staff" = [])),
    request_body = CardFor,
    responses((status = 200, body = WireCode), Refusals),
)]
pub(crate) async fn office_card(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    Body(body): Body<CardFor>,
) -> Result<axum::Json<WireCode>, Problem> {
    let document = body.document.into_document();
    let document = document.map_err(service::ServiceError::from)?;
    let holder = app.service.accounts.card_holder(&by, &document).await?;
    let card = app.service.codes.card(&holder).await?;
    Ok(axum::Json(card.into()))
}
