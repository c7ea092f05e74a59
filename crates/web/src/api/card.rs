//! `POST /api/v1/me/codes/card`

use axum::extract::State;

use super::Refusals;
use super::code::WireCode;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;

/// Fetch a card
///
/// For people without a phone: printed, good for a week, with the masked name in it, so that a guard
/// can compare it with a document. A checkpoint takes the present colour from
/// the status list, so a card stops working when the colour gets worse.
#[utoipa::path(
    post, path = "/api/v1/me/codes/card", tag = "codes", security(("resident" = [])),
    responses((status = 200, body = WireCode), Refusals),
)]
pub(crate) async fn card(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<axum::Json<WireCode>, Problem> {
    Ok(axum::Json(app.service.codes.card(&resident).await?.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_card_shows_the_masked_name_and_sends_the_guard_to_the_document() {
        let city = City::start().await;
        let ming = city.well_resident("Ming Li").await;
        let card = city.post("/api/v1/me/codes/card").token(&ming.token).await;
        assert_eq!(card.status, 200, "{card:?}");
        let check = json!({ "code": card.json["text"] });
        let checked = city.post("/api/v1/verifications").json(&check).await;
        assert_eq!(checked.json["form"], "card", "{checked:?}");
        assert_eq!(checked.json["look_at_document"], true);
        assert_eq!(checked.json["name"], "M. L.");
        assert!(!checked.text.contains("Ming Li"));
    }

    #[tokio::test]
    async fn a_card_stops_working_when_the_colour_gets_worse() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let card = city.post("/api/v1/me/codes/card").token(&ming.token).await;
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;
        let check = json!({ "code": card.json["text"] });
        let checked = city.post("/api/v1/verifications").json(&check).await;
        assert_eq!(checked.json["refusal"]["reason"], "revoked", "{checked:?}");
    }
}
