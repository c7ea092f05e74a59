//! `POST /api/v1/proposals/{proposal}/approval`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{Body, InPath, ProposalText, WireProposal, WireText};

/// Why somebody approves or rejects.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecisionReason)]
pub(crate) struct Reason {
    /// In words; stays in the record.
    pub(crate) reason: String,
}

/// Approve a proposal: publish it
///
/// Another staff member than the one that proposed it. Then everybody is decided again in the
/// background, and only changed verdicts are written: see `GET /api/v1/progress`. Approving again
/// changes nothing.
#[utoipa::path(
    post, path = "/api/v1/proposals/{proposal}/approval", tag = "publishing",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = WireProposal), Refusals),
)]
pub(crate) async fn approve(
    State(app): State<App>,
    May(staff, _): May<act::ApprovePolicy>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<WireProposal>, Problem> {
    let approver = app
        .service
        .publishing
        .proposal(id)
        .await?
        .approver(&staff, app.service.now())?;
    let approved = app
        .service
        .publishing
        .approve(approver, &body.reason)
        .await?;
    Ok(axum::Json(approved.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn the_proposer_may_not_approve_and_nobody_may_before_the_difference_is_there() {
        let city = City::start().await;
        let id = city.propose_next_policy().await;
        let address = format!("/api/v1/proposals/{}/approval", id.as_str().unwrap());
        let own = city
            .post(&address)
            .token(&city.health)
            .json(&json!({ "reason": "mine" }))
            .await;
        assert_eq!(own.status, 403, "{own:?}");
        let early = city.approve(&id).await;
        assert_eq!(early.status, 409, "{early:?}");
        city.service.publishing.compare_proposals().await.unwrap();
        let other = city.another_officer().await;
        let silent = city
            .post(&address)
            .token(&other)
            .json(&json!({ "reason": " " }))
            .await;
        assert_eq!(silent.json["errors"][0]["field"], "reason", "{silent:?}");
        let approved = city.approve(&id).await;
        assert_eq!(approved.json["state"], "approved", "{approved:?}");
    }
}
