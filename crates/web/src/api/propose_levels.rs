//! `POST /api/v1/regions/levels`

use axum::extract::State;
use axum::http::StatusCode;
use domain::RegionLevel;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{Body, WireLevel, WireProposal};

/// Levels to publish.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Levels {
    /// All of them go in, or none.
    levels: Vec<WireLevel>,
}

/// Propose region levels
///
/// Nothing changes yet: it is found out whom the levels would change, and another staff member
/// must approve: see `POST /api/v1/proposals/{proposal}/approval`. A region without a level restricts
/// nobody.
#[utoipa::path(
    post, path = "/api/v1/regions/levels", tag = "publishing", security(("staff" = [])),
    request_body = Levels,
    responses((status = 202, body = WireProposal), Refusals),
)]
pub(crate) async fn propose_levels(
    State(app): State<App>,
    May(staff, _): May<act::ProposePolicy>,
    Body(body): Body<Levels>,
) -> Result<Created<WireProposal>, Problem> {
    let levels: Vec<RegionLevel> = body.levels.into_iter().map(WireLevel::into_level).collect();
    let proposal = app
        .service
        .publishing
        .propose_levels(&staff, &levels)
        .await?;
    Ok((StatusCode::ACCEPTED, axum::Json(proposal.into())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_level_restricts_who_stayed_there_once_a_second_person_approved() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let stay = json!({
            "declaration": { "contact": "none" },
            "stays": [{ "region": "420102", "arrived": city.hours_ago(72),
                        "left": city.hours_ago(24), "mode": "stay" }],
        });
        let sent = city.declare(&ming, &stay).await;
        assert_eq!(
            sent.json["status"], "green",
            "no level is known yet: {sent:?}"
        );
        let levels = json!({ "levels": [
            { "region": "4201", "level": "high", "from": city.hours_ago(240) },
        ]});
        let answer = city
            .post("/api/v1/regions/levels")
            .token(&city.health)
            .json(&levels)
            .await;
        assert_eq!(answer.status, 202, "{answer:?}");
        assert_eq!(answer.json["levels"][0]["region"], "4201");
        city.service.publishing.compare_proposals().await.unwrap();
        assert_eq!(city.status(&ming).await, "green", "nobody approved yet");
        let approved = city.approve(&answer.json["id"]).await;
        assert_eq!(approved.json["state"], "approved", "{approved:?}");
        assert_eq!(city.status(&ming).await, "red");
    }

    #[tokio::test]
    async fn a_level_that_ends_before_it_begins_is_refused() {
        let city = City::start().await;
        let levels = json!({ "levels": [
            { "region": "4201", "level": "high", "from": city.hours_ago(1), "until": city.hours_ago(2) },
        ]});
        let answer = city
            .post("/api/v1/regions/levels")
            .token(&city.health)
            .json(&levels)
            .await;
        assert_eq!(answer.json["errors"][0]["field"], "until", "{answer:?}");
    }
}
