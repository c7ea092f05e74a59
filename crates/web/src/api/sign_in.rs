//! `POST /api/v1/sign-ins/confirmations`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use service::SessionKind;
use utoipa::ToSchema;

use super::prove_phone::GivenCode;
use super::{Created, Refusals};
use crate::App;
use crate::problem::Problem;
use crate::wire::Body;

/// A phone that is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct SessionToken {
    /// What the phone presents from now on, as `Authorization: Bearer …`.
    token: String,
}

/// Sign in with a code
#[utoipa::path(
    post, path = "/api/v1/sign-ins/confirmations", tag = "accounts",
    request_body = GivenCode,
    responses((status = 201, body = SessionToken), Refusals),
)]
pub(crate) async fn sign_in(
    State(app): State<App>,
    Body(body): Body<GivenCode>,
) -> Result<Created<SessionToken>, Problem> {
    let accounts = &app.service.accounts;
    let signed_in = accounts.sign_in(body.challenge.0, &body.code, SessionKind::Api, None);
    let token = signed_in.await?.expose();
    Ok((StatusCode::CREATED, axum::Json(SessionToken { token })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn another_phone_signs_in_and_a_stranger_gets_the_same_answer() {
        let city = City::start().await;
        let ming = city.proven_resident("Ming").await;
        let mut answers = Vec::new();
        for number in [ming.document.as_str(), "NOBODY01"] {
            city.later(60);
            let body = json!({
                "document": { "kind": "99", "number": number }, "phone": "13800000000",
            });
            let asked = city.post("/api/v1/sign-ins").json(&body).await;
            city.service.accounts.sign_ins_looked_up().await;
            let challenge = asked.json["challenge"].clone();
            let code = city.last_code();
            let body = json!({ "challenge": challenge, "code": code });
            let signed_in = city
                .post("/api/v1/sign-ins/confirmations")
                .json(&body)
                .await;
            answers.push((asked.status, asked.text.len(), signed_in));
        }
        assert_eq!(answers[0].0, answers[1].0);
        assert_eq!(answers[0].1, answers[1].1);
        assert_eq!((answers[0].2.status, answers[1].2.status), (201, 422));
        let token = answers[0].2.json["token"].as_str().unwrap();
        let status = city.get("/api/v1/me/status").token(token).await;
        assert_eq!(status.json["status"], "green");
    }
}
