//! `POST /api/v1/me/holders/{account}/end`

use axum::extract::State;
use axum::http::StatusCode;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{AccountText, InPath, WireText};

/// End that another account shows one's code
#[utoipa::path(
    post, path = "/api/v1/me/holders/{account}/end", tag = "accounts", security(("resident" = [])),
    params(("account" = AccountText, Path, description = "The account")),
    responses((status = 204), Refusals),
)]
pub(crate) async fn end_consent(
    State(app): State<App>,
    Resident(resident): Resident,
    InPath(WireText(account)): InPath<AccountText>,
) -> Result<StatusCode, Problem> {
    app.service.accounts.end_consent(&resident, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
