//! `POST /api/v1/sign-ins`

use axum::extract::State;
use axum::http::StatusCode;
use domain::Pii;
use serde::Deserialize;
use utoipa::ToSchema;

use super::send_phone_code::Challenge;
use super::{Created, Refusals};
use crate::App;
use crate::language::Preferred;
use crate::problem::Problem;
use crate::rates::ClientKey;
use crate::wire::{Body, WireDocument, WireText};

/// Somebody who signs in on another phone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The document of the account.
    document: WireDocument,
    /// The number that was proven.
    #[schema(pattern = "^[-0-9 +()]{5,25}$")]
    phone: String,
}

/// Sign in on another phone
///
/// The answer is always the same. If an account has this document and a proven phone with this number,
/// a code is sent there.
#[utoipa::path(
    post, path = "/api/v1/sign-ins", tag = "accounts",
    request_body = SignIn,
    responses((status = 202, body = Challenge), Refusals),
)]
pub(crate) async fn ask_to_sign_in(
    State(app): State<App>,
    client: ClientKey,
    wanted: Preferred,
    Body(body): Body<SignIn>,
) -> Result<Created<Challenge>, Problem> {
    let document = body.document.into_document();
    let document = document.map_err(service::ServiceError::from)?;
    let (phone, language) = (Pii::new(body.phone), wanted.page().tag());
    let accounts = &app.service.accounts;
    let asked = accounts.ask_to_sign_in(phone, &document, client.asked_from(), language);
    let challenge = WireText(asked.await?);
    Ok((StatusCode::ACCEPTED, axum::Json(Challenge { challenge })))
}
