//! `POST /api/v1/me/people/{person}/removal`

use axum::extract::State;
use axum::http::StatusCode;

use super::Refusals;
use crate::App;
use crate::principal::Resident;
use crate::problem::Problem;
use crate::wire::{InPath, PersonText, WireText};

/// Take a person off one's account
#[utoipa::path(
    post, path = "/api/v1/me/people/{person}/removal", tag = "accounts", security(("resident" = [])),
    params(("person" = PersonText, Path, description = "The person")),
    responses((status = 204), Refusals),
)]
pub(crate) async fn remove_person(
    State(app): State<App>,
    Resident(resident): Resident,
    InPath(WireText(person)): InPath<PersonText>,
) -> Result<StatusCode, Problem> {
    app.service
        .accounts
        .remove_person(&resident, person)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
