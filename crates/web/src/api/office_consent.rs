//! `POST /api/v1/office/consents`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refusals;
use super::office_see::status_of;
use crate::App;
use crate::principal::CommunityOfficial;
use crate::problem::Problem;
use crate::wire::{AccountText, Body, WireDocument};

/// An adult who stands in the office and lets somebody show their code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentInOffice {
    /// The account that may show the code.
    account: AccountText,
    /// The document of that account's holder.
    document: WireDocument,
    /// The document of the adult who consents.
    consenting: WireDocument,
}

/// Let an account show the code of an adult who consents in the office
///
/// The worker saw both documents. The account must be bound; the adult needs neither a phone nor an
/// account, and has it ended here or on a phone of their own.
#[utoipa::path(
    post, path = "/api/v1/office/consents", tag = "office", security(("staff" = [])),
    request_body = ConsentInOffice,
    responses((status = 204), (status = 202, description = "It waits for a second worker"), Refusals),
)]
pub(crate) async fn office_consent(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    Body(body): Body<ConsentInOffice>,
) -> Result<StatusCode, Problem> {
    let read = |document: WireDocument| document.into_document();
    let document = read(body.document).map_err(service::ServiceError::from)?;
    let consenting = read(body.consenting).map_err(service::ServiceError::from)?;
    let accounts = &app.service.accounts;
    let added = accounts.add_consenting(&by, (body.account.0, &document), &consenting);
    Ok(status_of(added.await?))
}
