//! `POST /api/v1/me/sign-out`

use axum::extract::State;
use axum::http::StatusCode;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;

/// Sign out
///
/// Ends the session that asks.
#[utoipa::path(
    post, path = "/api/v1/me/sign-out", tag = "accounts", security(("resident" = [])),
    responses((status = 204), Refusals),
)]
pub(crate) async fn sign_out(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<StatusCode, Problem> {
    app.service.accounts.sign_out(&resident).await?;
    Ok(StatusCode::NO_CONTENT)
}
