//! `GET /api/v1/progress`

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;

/// How far deciding everybody is, after a change of policy or levels.
#[derive(Serialize, ToSchema)]
#[schema(as = Progress)]
pub(crate) struct ProgressBody {
    /// People decided so far.
    decided: u64,
    /// How many people there are, as counted when this began; 0 before.
    people: u64,
    /// Those whose status changed, rounded down to tens: who asks again must not learn how many more they
    /// are. Absent from 1 to 9, because small cells point at people.
    changed: Option<u64>,
    /// Whether everybody was decided under what is in force now.
    is_finished: bool,
}

/// Follow a change of policy or levels
#[utoipa::path(
    get, path = "/api/v1/progress", tag = "publishing", security(("staff" = [])),
    responses((status = 200, body = ProgressBody), Refusals),
)]
pub(crate) async fn progress(
    State(app): State<App>,
    May(..): May<act::ReadProposals>,
) -> Result<axum::Json<ProgressBody>, Problem> {
    let progress = app.service.reevaluation.progress().await?;
    Ok(axum::Json(ProgressBody {
        decided: progress.decided,
        people: progress.people,
        changed: service::rounded_unless_small(progress.changed),
        is_finished: progress.is_finished,
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::City;

    #[tokio::test]
    async fn deciding_everybody_can_be_followed() {
        let city = City::start().await;
        city.well_resident("Ming").await;
        city.service.reevaluation.decide_everybody().await.unwrap();
        let answer = city.get("/api/v1/progress").token(&city.health).await;
        assert_eq!(answer.json["is_finished"], true, "{answer:?}");
        assert_eq!(answer.json["people"], answer.json["decided"]);
    }
}
