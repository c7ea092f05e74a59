//! `GET /api/v1/proposals`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::WireProposal;

/// Proposals.
#[derive(Serialize, ToSchema)]
pub(crate) struct Proposals {
    /// The latest hundred, newest first.
    proposals: Vec<WireProposal>,
}

/// List the proposals
#[utoipa::path(
    get, path = "/api/v1/proposals", tag = "publishing", security(("staff" = [])),
    responses((status = 200, body = Proposals), Refusals),
)]
pub(crate) async fn proposals(
    State(app): State<App>,
    May(..): May<act::ReadProposals>,
) -> Result<axum::Json<Proposals>, Problem> {
    let proposals = app.service.publishing.proposals().await?;
    Ok(axum::Json(Proposals {
        proposals: proposals.into_iter().map(Into::into).collect(),
    }))
}
