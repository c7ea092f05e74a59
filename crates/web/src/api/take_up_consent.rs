//! `POST /api/v1/me/people`

use axum::extract::State;
use axum::http::StatusCode;

use super::Refusals;
use super::consent::Consent;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::Body;

/// Take up somebody's consent
///
/// Their code can be shown by this account from now on: name them with `?person=` in any request
/// under `/api/v1/me`.
#[utoipa::path(
    post, path = "/api/v1/me/people", tag = "accounts", security(("resident" = [])),
    request_body = Consent,
    responses((status = 204), Refusals),
)]
pub(crate) async fn take_up_consent(
    State(app): State<App>,
    Resident(resident): Resident,
    Body(body): Body<Consent>,
) -> Result<StatusCode, Problem> {
    let accounts = &app.service.accounts;
    accounts.take_up_consent(&resident, &body.consent).await?;
    Ok(StatusCode::NO_CONTENT)
}
