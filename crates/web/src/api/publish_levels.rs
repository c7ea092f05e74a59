//! `POST /api/v1/regions/levels`

use axum::extract::State;
use axum::http::StatusCode;
use domain::RegionLevel;
use serde::Deserialize;
use service::Publisher;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::HealthOfficial;
use crate::problem::Problem;
use crate::wire::{Body, LevelText, RegionText, TimeText};

/// Levels to publish.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Levels {
    /// All of them go in, or none.
    levels: Vec<WireLevel>,
}

/// One region's level for a time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RegionLevel)]
pub(crate) struct WireLevel {
    /// Where.
    region: RegionText,
    /// How dangerous.
    level: LevelText,
    /// The first moment.
    from: TimeText,
    /// The first moment after; absent until further notice.
    until: Option<TimeText>,
}

/// Publish region levels
///
/// Everybody is decided again in the background: see `GET /api/v1/progress`. A region without a
/// level restricts nobody.
#[utoipa::path(
    post, path = "/api/v1/regions/levels", tag = "publishing", security(("authority" = [])),
    request_body = Levels,
    responses((status = 202, description = "Published"), Refusals),
)]
pub(crate) async fn publish_levels(
    State(app): State<App>,
    HealthOfficial(official): HealthOfficial,
    Body(body): Body<Levels>,
) -> Result<StatusCode, Problem> {
    let levels: Vec<RegionLevel> = body.levels.into_iter().map(WireLevel::into_level).collect();
    app.service
        .publish_levels(&Publisher::from(&official), &levels)
        .await?;
    Ok(StatusCode::ACCEPTED)
}

impl WireLevel {
    fn into_level(self) -> RegionLevel {
        RegionLevel {
            region: self.region.0,
            level: self.level.0,
            from: self.from.0,
            until: self.until.map(|until| until.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_level_that_is_published_restricts_who_stayed_there() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let stay = json!({
            "declaration": { "contact": "none" },
            "stays": [{ "region": "420102", "arrived": city.hours_ago(72),
                        "left": city.hours_ago(24), "mode": "stay" }],
        });
        let sent = city
            .post("/api/v1/me/declarations")
            .token(&ming.token)
            .json(&stay)
            .await;
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
