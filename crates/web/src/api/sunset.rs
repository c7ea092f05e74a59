//! `POST /api/v1/sunset`, `GET /api/v1/sunset`, and approving and rejecting it.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use service::SunsetProposal;
use utoipa::ToSchema;

use super::approve::Reason;
use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{Body, InPath, ProposalText, TimeText, WireText};

/// The end of the emergency, to be approved by another staff member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSunset {
    /// The law that ends it, as the operator will give it to `healthcode sunset --law`.
    law: String,
}

/// The end of the emergency, as two staff members agreed on it, or did not yet.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sunset {
    /// Its identifier.
    id: ProposalText,
    /// `waiting`, `approved` or `rejected`.
    state: &'static str,
    /// The law that ends it.
    law: String,
    /// Who proposed it.
    proposed_by: String,
    /// When.
    proposed_at: TimeText,
    /// Who approved or rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<SunsetProposal> for Sunset {
    fn from(sunset: SunsetProposal) -> Self {
        let state = match &sunset.settled {
            None => "waiting",
            Some(end) if end.is_approved => "approved",
            Some(_) => "rejected",
        };
        let (settled_by, reason) = sunset.settled.map(|end| (end.by.name, end.reason)).unzip();
        Self {
            id: WireText(sunset.id),
            state,
            law: sunset.law,
            proposed_by: sunset.proposed.name,
            proposed_at: WireText(sunset.proposed.at),
            settled_by,
            reason,
        }
    }
}

/// Propose to end the emergency
///
/// Nothing ends before another staff member approved it and the operator carried it out.
#[utoipa::path(
    post, path = "/api/v1/sunset", tag = "sunset", security(("staff" = [])),
    request_body = NewSunset,
    responses((status = 201, body = Sunset), Refusals),
)]
pub(crate) async fn propose_sunset(
    State(app): State<App>,
    May(staff, _): May<act::ProposeSunset>,
    Body(body): Body<NewSunset>,
) -> Result<Created<Sunset>, Problem> {
    let proposed = app.service.sunset.propose(&staff, &body.law).await?;
    Ok((StatusCode::CREATED, axum::Json(proposed.into())))
}

/// List proposals to end the emergency
#[utoipa::path(
    get, path = "/api/v1/sunset", tag = "sunset", security(("staff" = [])),
    responses((status = 200, body = Vec<Sunset>), Refusals),
)]
pub(crate) async fn sunsets(
    State(app): State<App>,
    May(staff, _): May<act::ReadSunset>,
) -> Result<axum::Json<Vec<Sunset>>, Problem> {
    let found = app.service.sunset.list(&staff).await?;
    Ok(axum::Json(found.into_iter().map(Into::into).collect()))
}

/// Approve to end the emergency
///
/// Another staff member than the one who proposed it. The operator may carry it out within seven days.
#[utoipa::path(
    post, path = "/api/v1/sunset/{proposal}/approval", tag = "sunset", security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = Sunset), Refusals),
)]
pub(crate) async fn approve_sunset(
    State(app): State<App>,
    May(staff, _): May<act::ApproveSunset>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<Sunset>, Problem> {
    let approved = app.service.sunset.approve(&staff, id, &body.reason).await?;
    Ok(axum::Json(approved.into()))
}

/// Reject to end the emergency
///
/// The proposer may take back their own.
#[utoipa::path(
    post, path = "/api/v1/sunset/{proposal}/rejection", tag = "sunset", security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = Sunset), Refusals),
)]
pub(crate) async fn reject_sunset(
    State(app): State<App>,
    May(staff, _): May<act::ReadSunset>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<Sunset>, Problem> {
    let rejected = app.service.sunset.reject(&staff, id, &body.reason).await?;
    Ok(axum::Json(rejected.into()))
}
