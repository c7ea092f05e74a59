//! `POST /api/v1/me/phones/{device}/assertion`

use axum::extract::State;

use super::Refusals;
use super::code::WireCode;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{DeviceText, InPath, WireText};

/// Fetch an assertion for a phone
///
/// The phone signs it again every 30 seconds and draws both as a live code, without asking here: see
/// `docs/credential-format.md`. It fetches the next one at `renew_at`, and one for tomorrow's key
/// besides, each in a request of its own. A key whose day is over, or more than a day away, gets
/// none: `not-found`. Without a valid declaration
/// there is nothing to sign: `conflict`.
#[utoipa::path(
    post, path = "/api/v1/me/phones/{device}/assertion", tag = "codes",
    security(("resident" = [])),
    params(("device" = DeviceText, Path, description = "The phone")),
    responses((status = 200, body = WireCode), Refusals),
)]
pub(crate) async fn live_code(
    State(app): State<App>,
    Resident(resident): Resident,
    InPath(WireText(device)): InPath<DeviceText>,
) -> Result<axum::Json<WireCode>, Problem> {
    Ok(axum::Json(
        app.service.codes.live_code(&resident, device).await?.into(),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_live_code_passes_and_a_screenshot_of_it_does_not() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let phone = city.phone(&ming, 7).await;
        let code = city.live_code(&ming, &phone).await;
        let check = async |code: String| {
            city.post("/api/v1/verifications")
                .json(&json!({ "code": code }))
                .await
        };
        let fresh = check(code.clone()).await;
        assert_eq!(
            (fresh.json["is_valid"].as_bool(), &fresh.json["colour"]),
            (Some(true), &json!("green"))
        );
        assert_eq!(fresh.json["form"], "live");
        assert_eq!(
            fresh.json["look_at_document"], true,
            "nobody has seen who it is"
        );
        assert_eq!(fresh.json["assurance"], "claimed");
        let again = check(code.clone()).await;
        assert_eq!(again.json["refusal"]["reason"], "replayed", "{again:?}");
        city.later(2);
        let stale = check(code).await;
        assert_eq!(
            stale.json["refusal"]["reason"], "shown-too-long-ago",
            "{stale:?}"
        );
        let redrawn = check(city.live_code(&ming, &phone).await).await;
        assert_eq!(redrawn.json["is_valid"], true, "{redrawn:?}");
    }

    #[tokio::test]
    async fn the_answer_is_under_a_kilobyte() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let phone = city.phone(&ming, 7).await;
        let address = format!("/api/v1/me/phones/{}/assertion", phone.device);
        let answer = city.post(&address).token(&ming.token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let head = answer.headers.iter();
        let head: usize = head
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        // The first line, and the date, which the listener adds.
        let whole = "HTTP/1.1 200 OK".len() + 4 + 37 + head + answer.text.len();
        assert!(whole < 1000, "{whole}: {answer:?}");
    }

    #[tokio::test]
    async fn another_persons_phone_does_not_exist_for_me() {
        let city = City::start().await;
        let (ming, lan) = (
            city.well_resident("Ming").await,
            city.well_resident("Lan").await,
        );
        let phone = city.phone(&ming, 7).await;
        let address = format!("/api/v1/me/phones/{}/assertion", phone.device);
        assert_eq!(city.post(&address).token(&lan.token).await.status, 404);
    }

    #[tokio::test]
    async fn nobody_is_given_a_code_before_the_first_declaration() {
        let city = City::start().await;
        let ming = city.resident("Ming").await;
        let answer = city.post("/api/v1/me/codes/plain").token(&ming.token).await;
        assert_eq!(answer.json["type"], "/problems/conflict", "{answer:?}");
    }
}
