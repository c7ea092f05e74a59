//! `POST /api/v1/me/phones/{device}/end`

use axum::extract::State;
use axum::http::StatusCode;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{DeviceText, InPath, WireText};

/// End a phone
///
/// Its key shows no code any more, and the codes that it has are revoked.
#[utoipa::path(
    post, path = "/api/v1/me/phones/{device}/end", tag = "accounts", security(("resident" = [])),
    params(("device" = DeviceText, Path, description = "The phone")),
    responses((status = 204), Refusals),
)]
pub(crate) async fn end_phone(
    State(app): State<App>,
    Resident(resident): Resident,
    InPath(WireText(device)): InPath<DeviceText>,
) -> Result<StatusCode, Problem> {
    app.service.accounts.end_phone(&resident, device).await?;
    Ok(StatusCode::NO_CONTENT)
}
