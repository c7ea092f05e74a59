//! `POST /api/v1/proposals/{proposal}/rejection`

use axum::extract::State;

use super::Refusals;
use super::approve::Reason;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{Body, InPath, ProposalText, WireProposal, WireText};

/// Reject a proposal: it is never published
///
/// The authority that proposed it may take it back so.
#[utoipa::path(
    post, path = "/api/v1/proposals/{proposal}/rejection", tag = "publishing",
    security(("staff" = [])),
    params(("proposal" = ProposalText, Path, description = "Which")),
    request_body = Reason,
    responses((status = 200, body = WireProposal), Refusals),
)]
pub(crate) async fn reject(
    State(app): State<App>,
    May(staff, _): May<act::RejectPolicy>,
    InPath(WireText(id)): InPath<ProposalText>,
    Body(body): Body<Reason>,
) -> Result<axum::Json<WireProposal>, Problem> {
    let rejected = app
        .service
        .publishing
        .reject(&staff, id, &body.reason)
        .await?;
    Ok(axum::Json(rejected.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn what_was_rejected_is_listed_with_its_reason_and_cannot_be_approved() {
        let city = City::start().await;
        let id = city.propose_next_policy().await;
        city.service.publishing.compare_proposals().await.unwrap();
        let address = format!("/api/v1/proposals/{}/rejection", id.as_str().unwrap());
        let rejected = city
            .post(&address)
            .token(&city.health)
            .json(&json!({ "reason": "a slip" }))
            .await;
        assert_eq!(rejected.json["state"], "rejected", "{rejected:?}");
        assert_eq!(city.approve(&id).await.status, 409);
        let list = city.get("/api/v1/proposals").token(&city.health).await;
        assert_eq!(list.json["proposals"][0]["reason"], "a slip", "{list:?}");
        let policies = city.get("/api/v1/policies").await;
        assert_eq!(policies.json["policies"].as_array().unwrap().len(), 1);
    }
}
