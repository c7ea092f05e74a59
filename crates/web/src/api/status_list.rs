//! `GET /api/v1/status-lists/{number}`

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Refusals;
use crate::App;
use crate::problem::Problem;
use crate::wire::InPath;

/// Fetch a status list
///
/// The signed bit string by which a checkpoint learns which codes no longer hold (IETF Token Status
/// List, as CWT). It serves a checkpoint for 24 hours without a network.
#[utoipa::path(
    get, path = "/api/v1/status-lists/{number}", tag = "codes",
    params(("number" = u32, Path, description = "The list that a code names")),
    responses((status = 200, body = Vec<u8>, content_type = "application/statuslist+cwt"), Refusals),
)]
pub(crate) async fn status_list(
    State(app): State<App>,
    InPath(number): InPath<u32>,
) -> Result<Response, Problem> {
    let list = app.service.codes.status_list(number)?;
    let fresh_for = list
        .fresh_until
        .duration_since(app.service.now())
        .as_secs()
        .max(0);
    let media_type = [(header::CONTENT_TYPE, "application/statuslist+cwt")];
    let lifetime = [(
        header::CACHE_CONTROL,
        format!("public, max-age={fresh_for}"),
    )];
    Ok((media_type, lifetime, list.token.clone()).into_response())
}

#[cfg(test)]
mod tests {
    use domain::Colour;
    use serde_json::json;
    use service::credential::{self, StatusLists};

    use crate::testing::City;

    #[tokio::test]
    async fn a_checkpoint_without_a_network_knows_from_the_list_which_codes_no_longer_hold() {
        let city = City::start().await;
        let (ming, lan) = (
            city.well_resident("Ming").await,
            city.well_resident("Lan").await,
        );
        let mut cards = Vec::new();
        for person in [&ming, &lan] {
            let address = "/api/v1/me/codes/card";
            let card = city
                .post(address)
                .token(&person.token)
                .json(&json!({}))
                .await;
            cards.push(card.json["text"].as_str().unwrap().to_owned());
        }
        let contact = city.close_contact(&ming);
        city.submit(&city.health, &contact).await;

        let trust = city.get("/api/v1/trust-list").await;
        let roots = [city.root()];
        let trust =
            credential::FreshTrustList::open(&trust.bytes, &roots, None, city.now()).unwrap();
        let fetched = city.get("/api/v1/status-lists/0").await;
        let mut lists = StatusLists::new();
        lists.add(&fetched.bytes, &trust).unwrap();
        city.later(20 * 60);
        let check = |card: &str| {
            let settings = credential::Settings::default();
            credential::verify(card, &trust, Some(&lists), city.now(), &settings)
        };
        assert_eq!(check(&cards[0]).unwrap_err().word(), "revoked");
        assert_eq!(check(&cards[1]).unwrap().colour, Colour::Green);
    }

    #[tokio::test]
    async fn a_list_that_no_code_names_is_not_there() {
        let city = City::start().await;
        assert_eq!(city.get("/api/v1/status-lists/4711").await.status, 404);
        assert_eq!(city.get("/api/v1/status-lists/-1").await.status, 404);
    }
}
