//! `GET /api/v1/caps`

use axum::extract::State;
use serde::Serialize;
use service::Cap;
use utoipa::ToSchema;

use super::Refusals;
use crate::App;

/// What nobody can do alone.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublishedCaps {
    /// The caps, each under its name in the configuration.
    caps: Vec<PublishedCap>,
}

/// A cap.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublishedCap {
    /// `orders_a_day`, `foreign_verdicts_a_day`, `restricted_by_batch`, `household`, `building`,
    /// `vehicle`, `visits_a_day`, `phones`, `waiting_proposals` or `look_ups_a_day`.
    name: &'static str,
    /// The most that is taken; null where this installation sets no limit.
    most: Option<u32>,
}

/// List the caps
///
/// What one authority, one person or one group can do or be at most, the same for everybody. What goes
/// beyond is refused, or waits for a second staff member.
#[utoipa::path(
    get, path = "/api/v1/caps", tag = "public",
    responses((status = 200, body = PublishedCaps), Refusals),
)]
pub(crate) async fn caps(State(app): State<App>) -> axum::Json<PublishedCaps> {
    let caps = app.service.settings().caps;
    let published = Cap::ALL.map(|cap| PublishedCap {
        name: cap.name(),
        most: Some(caps.of(cap)).filter(|most| *most < u32::MAX),
    });
    let caps = published.into();
    axum::Json(PublishedCaps { caps })
}

#[cfg(test)]
mod tests {
    use service::Cap;

    use crate::testing::City;

    #[tokio::test]
    async fn anybody_may_read_the_caps() {
        let city = City::start().await;
        let answer = city.get("/api/v1/caps").await;
        let caps = answer.json["caps"].as_array().unwrap();
        assert_eq!(caps.len(), Cap::ALL.len());
        let orders = caps.iter().find(|cap| cap["name"] == "orders_a_day");
        assert_eq!(orders.unwrap()["most"], 50, "{answer:?}");
        let document = crate::openapi_json();
        for cap in Cap::ALL {
            let named = format!("`{}`", cap.name());
            assert!(document.contains(&named), "{named}");
        }
    }
}
