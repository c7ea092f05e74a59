//! `GET /api/v1/stats/full`

use axum::extract::State;
use axum::http::{HeaderName, header};

use super::Refusals;
use crate::App;
use crate::principal::{May, act};
use crate::problem::Problem;
use crate::wire::{AskedDay, WireStatistics};

/// Read the statistics of a day as they are
///
/// For health authorities: exact, small figures too, and of the day that is still going on. Keep them
/// to yourself: a small figure points at people.
#[utoipa::path(
    get, path = "/api/v1/stats/full", tag = "statistics", security(("staff" = [])),
    params(("day" = Option<String>, Query, format = Date, description = "A local day; without it the one that is being counted, up to now")),
    responses((status = 200, body = WireStatistics), Refusals),
)]
pub(crate) async fn whole_statistics(
    State(app): State<App>,
    May(staff, _): May<act::ReadStatistics>,
    AskedDay(day): AskedDay,
) -> Result<([(HeaderName, &'static str); 1], axum::Json<WireStatistics>), Problem> {
    let statistics = app.service.statistics.statistics(&staff, day).await?;
    let body = axum::Json(WireStatistics::from(&statistics));
    Ok(([(header::CACHE_CONTROL, "no-store")], body))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_health_authority_sees_the_day_that_goes_on_as_it_is() {
        let city = City::start().await;
        city.service.statistics.count_people().await.unwrap();
        let ming = city.well_resident("Ming").await;
        city.well_resident("Lan").await;
        city.submit(&city.health, &city.close_contact(&ming)).await;
        let address = "/api/v1/stats/full";
        let answer = city.get(address).token(&city.health).await;
        assert_eq!(answer.json["is_closed"], false, "{answer:?}");
        assert_eq!(answer.json["rounded_down_to"], 1);
        let all = &answer.json["places"][0];
        assert_eq!((&all["green"], &all["red"]), (&json!(1), &json!(1)));
        assert_eq!(answer.json["rules"][0]["restrictions"], 1);
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(city.get(address).token(&city.laboratory).await.status, 401);
        assert_eq!(city.get(address).await.status, 401);
    }
}
