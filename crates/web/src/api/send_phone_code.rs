//! `POST /api/v1/me/phone-codes`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Created, Refusals};
use crate::App;
use crate::language::Preferred;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::rates::ClientKey;
use crate::wire::{ChallengeText, WireText};

/// A one-time code that was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Challenge {
    /// Sent back with the code.
    pub(super) challenge: ChallengeText,
}

/// Send a code to one's phone
///
/// Six digits, good for ten minutes and five attempts, to the first number of the account. An account
/// may ask five times an hour. If others had several codes sent to this number within the hour, and it
/// is not proven yet, the answer is the same and no code comes.
#[utoipa::path(
    post, path = "/api/v1/me/phone-codes", tag = "accounts", security(("resident" = [])),
    responses((status = 202, body = Challenge), Refusals),
)]
pub(crate) async fn send_phone_code(
    State(app): State<App>,
    Resident(resident): Resident,
    client: ClientKey,
    wanted: Preferred,
) -> Result<Created<Challenge>, Problem> {
    let language = wanted.page().tag();
    let accounts = &app.service.accounts;
    let challenge = accounts
        .send_phone_code(&resident, client.asked_from(), language)
        .await?;
    let challenge = WireText(challenge);
    Ok((StatusCode::ACCEPTED, axum::Json(Challenge { challenge })))
}
