//! `POST /api/v1/me/codes/plain`

use axum::extract::State;

use super::Refusals;
use super::code::WireCode;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;

/// Fetch a plain code
///
/// For a phone that runs no script. Anybody can copy it, so it lives a few minutes only.
#[utoipa::path(
    post, path = "/api/v1/me/codes/plain", tag = "codes", security(("resident" = [])),
    responses((status = 200, body = WireCode), Refusals),
)]
pub(crate) async fn plain_code(
    State(app): State<App>,
    Resident(resident): Resident,
) -> Result<axum::Json<WireCode>, Problem> {
    Ok(axum::Json(
        app.service.codes.plain_code(&resident).await?.into(),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_plain_code_lives_a_quarter_of_an_hour() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let code = city.post("/api/v1/me/codes/plain").token(&ming.token).await;
        let body = json!({ "code": code.json["text"] });
        city.later(14);
        assert_eq!(
            city.post("/api/v1/verifications").json(&body).await.json["is_valid"],
            true
        );
        city.later(2);
        let late = city.post("/api/v1/verifications").json(&body).await;
        assert_eq!(late.json["refusal"]["reason"], "expired", "{late:?}");
    }
}
