//! `GET /api/v1/stats`

use axum::extract::State;
use axum::http::{HeaderName, header};

use super::Refusals;
use crate::App;
use crate::problem::Problem;
use crate::wire::{AskedDay, WireStatistics};

/// A closed day never changes; which days there are does, once a day.
const ONE_DAY: &str = "public, max-age=3600";
const LAST_DAY: &str = "public, max-age=60";

/// Read the statistics of a day
///
/// How many people registered, who had which colour at the end of the day by region and by rule, and
/// what checks found. Only days that are over; figures from 1 to 9 are kept back with whatever would
/// tell them, and the others are rounded down to tens.
#[utoipa::path(
    get, path = "/api/v1/stats", tag = "statistics",
    params(("day" = Option<String>, Query, format = Date, description = "A local day; without it the last one")),
    responses((status = 200, body = WireStatistics), Refusals),
)]
pub(crate) async fn statistics(
    State(app): State<App>,
    AskedDay(day): AskedDay,
) -> Result<([(HeaderName, &'static str); 1], axum::Json<WireStatistics>), Problem> {
    let statistics = app.service.statistics.public_statistics(day).await?;
    let lifetime = if day.is_some() { ONE_DAY } else { LAST_DAY };
    let body = axum::Json(WireStatistics::from(&*statistics));
    Ok(([(header::CACHE_CONTROL, lifetime)], body))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::testing::City;

    #[tokio::test]
    async fn invariant_13_a_closed_day_shows_tens_and_nothing_small() {
        let city = City::start().await;
        city.service.statistics.count_people().await.unwrap();
        for number in 0..12 {
            city.well_resident(&format!("Person {number}")).await;
        }
        let ming = city.well_resident("Ming").await;
        city.submit(&city.health, &city.close_contact(&ming)).await;
        city.later(24 * 60);
        city.service.statistics.count_people().await.unwrap();
        let answer = city.get("/api/v1/stats").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json["day"], "2020-02-20");
        assert_eq!(answer.json["rounded_down_to"], 10);
        let all = &answer.json["places"][0];
        assert_eq!(all["people"], 10, "{answer:?}");
        assert_eq!(all["registered"], 10);
        for small in [&all["red"], &answer.json["rules"][0]["people"]] {
            assert_eq!(*small, Value::Null, "{answer:?}");
        }
        assert!(answer.json["rules"][0].get("restrictions").is_none());
        let same = city.get("/api/v1/stats?day=2020-02-20").await;
        assert_eq!(same.json, answer.json);
        assert_eq!(same.headers["cache-control"], super::ONE_DAY);
    }

    #[tokio::test]
    async fn a_day_that_is_not_over_is_not_there_and_what_is_no_day_is_refused() {
        let city = City::start().await;
        assert_eq!(city.get("/api/v1/stats").await.status, 404);
        city.service.statistics.count_people().await.unwrap();
        assert_eq!(city.get("/api/v1/stats?day=2020-02-20").await.status, 404);
        city.later(24 * 60);
        city.service.statistics.count_people().await.unwrap();
        let later = city.get("/api/v1/stats?day=2020-03-01").await;
        assert_eq!(later.status, 404);
        let detail = later.json["detail"].as_str().unwrap();
        assert!(detail.contains("from 2020-02-20 to 2020-02-20"), "{detail}");
        let wrong = city.get("/api/v1/stats?day=today").await;
        assert_eq!(wrong.json["errors"][0]["field"], "day", "{wrong:?}");
    }
}
