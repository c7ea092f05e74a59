//! `POST /api/v1/me/phone-proofs`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{AssuranceText, Body, ChallengeText, WireText};

/// A one-time code as it arrived.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenCode {
    /// What asking for it returned.
    pub(super) challenge: ChallengeText,
    /// The six digits.
    #[schema(pattern = "^[0-9]{6}$")]
    pub(super) code: String,
}

/// An account that was proven.
#[derive(Serialize, ToSchema)]
pub(crate) struct Proven {
    /// How far.
    assurance: AssuranceText,
}

/// Prove one's phone
#[utoipa::path(
    post, path = "/api/v1/me/phone-proofs", tag = "accounts", security(("resident" = [])),
    request_body = GivenCode,
    responses((status = 200, body = Proven), Refusals),
)]
pub(crate) async fn prove_phone(
    State(app): State<App>,
    Resident(resident): Resident,
    Body(body): Body<GivenCode>,
) -> Result<axum::Json<Proven>, Problem> {
    let accounts = &app.service.accounts;
    let proven = accounts.prove_phone(&resident, body.challenge.0, &body.code);
    let assurance = WireText(proven.await?);
    Ok(axum::Json(Proven { assurance }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn a_phone_is_proven_by_the_code_that_it_was_sent() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let asked = city.post("/api/v1/me/phone-codes").token(&ming.token).await;
        assert_eq!(asked.status, 202, "{asked:?}");
        let code = city.last_code();
        let prove = |code: &str| {
            let body = json!({ "challenge": asked.json["challenge"], "code": code });
            let ask = city.post("/api/v1/me/phone-proofs");
            ask.token(&ming.token).json(&body)
        };
        let wrong = prove("no code").await;
        assert_eq!(
            (wrong.status, wrong.json["type"].as_str()),
            (422, Some("/problems/wrong-code"))
        );
        let proven = prove(&code).await;
        assert_eq!(proven.json["assurance"], "phone", "{proven:?}");
        let soon = city.post("/api/v1/me/phone-codes").token(&ming.token).await;
        assert_eq!(soon.status, 429, "{soon:?}");
    }
}
