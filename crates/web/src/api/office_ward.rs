//! `POST /api/v1/office/wards`

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

/// A child or ward whose guardian's right the worker saw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ward {
    /// The guardian's account.
    account: AccountText,
    /// The guardian's document.
    document: WireDocument,
    /// The child's or ward's document.
    ward: WireDocument,
    /// Why they have a guardian; needed if the number of their document is that of an adult. They read it.
    reason: Option<String>,
}

/// Put a child or ward on a guardian's account
///
/// The worker saw both documents and the right. The account must be bound. An adult, by the number of
/// their document, is put on it with a reason. It may take a second worker, as a binding does.
#[utoipa::path(
    post, path = "/api/v1/office/wards", tag = "office", security(("staff" = [])),
    request_body = Ward,
    responses((status = 204), (status = 202, description = "It waits for a second worker"), Refusals),
)]
pub(crate) async fn office_ward(
    State(app): State<App>,
    CommunityOfficial(by): CommunityOfficial,
    Body(body): Body<Ward>,
) -> Result<StatusCode, Problem> {
    let read = |document: WireDocument| document.into_document();
    let document = read(body.document).map_err(service::ServiceError::from)?;
    let ward = read(body.ward).map_err(service::ServiceError::from)?;
    let accounts = &app.service.accounts;
    let guardian = (body.account.0, &document);
    let reason = body.reason.as_deref();
    let added = accounts.add_ward(&by, guardian, &ward, reason).await?;
    Ok(status_of(added))
}
