//! `POST /api/v1/me/deletion-codes`, `POST /api/v1/me/deletion`

use axum::extract::State;
use axum::http::StatusCode;

use super::prove_phone::GivenCode;
use super::send_phone_code::Challenge;
use super::{Created, Refusals};
use crate::App;
use crate::language::Preferred;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::rates::ClientKey;
use crate::wire::{Body, WireText};

/// Send the code that deletes one's account
///
/// Six digits, good for ten minutes and five attempts, to the first number of the account. It counts
/// among the codes of the account and serves no other purpose.
#[utoipa::path(
    post, path = "/api/v1/me/deletion-codes", tag = "accounts", security(("resident" = [])),
    responses((status = 202, body = Challenge), Refusals),
)]
pub(crate) async fn send_deletion_code(
    State(app): State<App>,
    Resident(resident): Resident,
    client: ClientKey,
    wanted: Preferred,
) -> Result<Created<Challenge>, Problem> {
    let language = wanted.page().tag();
    let accounts = &app.service.accounts;
    let challenge = accounts
        .send_deletion_code(&resident, client.asked_from(), language)
        .await?;
    let challenge = WireText(challenge);
    Ok((StatusCode::ACCEPTED, axum::Json(Challenge { challenge })))
}

/// Delete one's account
///
/// Name, document, phones, sessions, keys and codes go at once; consents and guardianships end. What
/// was said of the person stays under a random identifier until its day. The token is refused from
/// then on.
#[utoipa::path(
    post, path = "/api/v1/me/deletion", tag = "accounts", security(("resident" = [])),
    request_body = GivenCode,
    responses((status = 204), Refusals),
)]
pub(crate) async fn delete_account(
    State(app): State<App>,
    Resident(resident): Resident,
    Body(body): Body<GivenCode>,
) -> Result<StatusCode, Problem> {
    let accounts = &app.service.accounts;
    accounts
        .delete(&resident, body.challenge.0, &body.code)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::City;

    #[tokio::test]
    async fn an_account_is_deleted_by_the_code_that_was_sent_for_it_and_by_no_other() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let send = async |address: &str| {
            let asked = city.post(address).token(&ming.token).await;
            assert_eq!(asked.status, 202, "{asked:?}");
            json!({ "challenge": asked.json["challenge"], "code": city.last_code() })
        };
        let delete = async |code: &serde_json::Value| {
            let ask = city.post("/api/v1/me/deletion").token(&ming.token);
            ask.json(code).await.status
        };
        let proof = send("/api/v1/me/phone-codes").await;
        assert_eq!(delete(&proof).await, 422, "sent for something else");
        city.later(1);
        let own = send("/api/v1/me/deletion-codes").await;
        assert_eq!(delete(&own).await, 204);
        assert_eq!(delete(&own).await, 401);
    }
}
