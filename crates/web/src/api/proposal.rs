//! `GET /api/v1/proposals/{proposal}`

use axum::extract::State;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{InPath, ProposalText, WireProposal, WireText};

/// Read a proposal, and whom it would change
///
/// Numbers of people from 1 to 9 are kept back, and others from which one could be computed.
#[utoipa::path(
    get, path = "/api/v1/proposals/{proposal}", tag = "publishing", security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    responses((status = 200, body = WireProposal), Refusals),
)]
pub(crate) async fn proposal(
    State(app): State<App>,
    May(..): May<act::ReadProposals>,
    InPath(WireText(id)): InPath<ProposalText>,
) -> Result<axum::Json<WireProposal>, Problem> {
    Ok(axum::Json(
        app.service.publishing.proposal(id).await?.into(),
    ))
}
