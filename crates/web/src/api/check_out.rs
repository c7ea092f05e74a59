//! `POST /api/v1/me/visits/{visit}/departure`

use axum::extract::State;

use super::Refusals;
use super::check_in::Visit;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{EvidenceText, InPath, WireText};

/// Leave a venue
///
/// Of several check-outs the first wins. Only a visit of one's own of the last 12 hours is found.
#[utoipa::path(
    post, path = "/api/v1/me/visits/{visit}/departure", tag = "venues",
    security(("resident" = [])),
    params(("visit" = EvidenceText, Path, description = "The visit")),
    responses((status = 200, body = Visit), Refusals),
)]
pub(crate) async fn check_out(
    State(app): State<App>,
    Resident(resident): Resident,
    InPath(WireText(visit)): InPath<EvidenceText>,
) -> Result<axum::Json<Visit>, Problem> {
    Ok(axum::Json(
        app.service.visits.check_out(&resident, visit).await?.into(),
    ))
}
