//! `POST /api/v1/me/consents`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;

/// A consent that another account may take up.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consent {
    /// Ten letters and digits, typed on the other account within ten minutes.
    #[schema(pattern = "^[A-Z2-9]{10}$")]
    pub(super) consent: String,
}

/// Let another account show one's code
///
/// For adults, on their own phone, whose number is proven. Either side ends it at any time.
#[utoipa::path(
    post, path = "/api/v1/me/consents", tag = "accounts", security(("resident" = [])),
    responses((status = 201, body = Consent), Refusals),
)]
pub(crate) async fn consent(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<Created<Consent>, Problem> {
    let consent = app.service.accounts.consent(&resident).await?;
    let consent = consent.expose().clone();
    Ok((StatusCode::CREATED, axum::Json(Consent { consent })))
}
